"""What a question that is solved gets for an answer, in the terminal and as a document."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any, Literal

from answers.derivation.derivation import Derivation, Step, chain, unit_text
from answers.derivation.document import value_document as exact
from answers.errors import InputError
from answers.expressions.symbolic import symbols_of
from answers.solving.compare import Measure
from answers.solving.crossing import Crossing
from answers.solving.smallest_input import SmallestInput
from answers.solving.solved import Near, Solved
from companion.options import Everywhere
from companion.views import compare_view
from companion.views.formula_text import FormulaText
from companion.views.paper import Paper


@dataclass(frozen=True)
class Equal:
    """Which size makes two networks equal in a measure.

    crossing: None where no letter is left in either number.
    """

    measure: Measure
    crossing: Crossing | None

    @property
    def answer(self) -> str:
        """In words."""
        if self.crossing is not None:
            return self.crossing.sentence("A", "B")
        first, second = self.measure.first, self.measure.second
        if first == second:
            return f"They are always equal: both have {first:,}, and no letter is left in it."
        return (
            f"They are never equal: A has {first:,}, B {second:,}, and no letter is left in them."
        )

    @property
    def steps(self) -> tuple[Step, ...]:
        """The two numbers."""
        return (
            Step(rule="The number of the first network.", about="A", value=self.measure.first),
            Step(rule="The number of the second network.", about="B", value=self.measure.second),
        )


Answer = Solved | SmallestInput | Equal


def document(question: str, found: Answer) -> dict[str, Any]:
    """The result of `solve --json`."""
    if isinstance(found, Equal):
        measure = compare_view.measure_document(found.measure)
        return {"question": question, **measure, "answer": found.answer}
    if isinstance(found, SmallestInput):
        sizes = None if found.sizes is None else list(found.sizes)
        own: dict[str, Any] = {
            "sizes": sizes,
            "output_shape": exact(found.output),
            "answer": found.answer,
        }
    else:
        own = {
            "unknown": found.unknown,
            "solutions": [{"first": span.first, "last": span.last} for span in found.solutions],
            "below": _near(found.below),
            "above": _near(found.above),
            "answer": found.answer,
        }
    return {"question": question, **own}


def _near(near: Near | None) -> dict[str, int] | None:
    return None if near is None else {"value": near.value, "gives": near.gives}


def draw(found: Answer, everywhere: Everywhere, *, steps: bool) -> None:
    """How it was found, then the answer."""
    words, paper = FormulaText.of(sys.stdout), Paper.of(everywhere)
    for step in found.steps if steps else ():
        _step(step, words, paper)
    paper.line(found.answer, bold=True)


def _step(step: Step, words: FormulaText, paper: Paper) -> None:
    paper.line(f"{step.about}: {step.rule}" if step.about else step.rule)
    lines = [words.formula(part) for part in chain(step)]
    if isinstance(step.value, tuple):
        lines.append(words.value(step.value))
    for number, line in enumerate(lines):
        last = number == len(lines) - 1
        sign = "= " if number else "  "
        unit = _unit(step) if last else ""
        paper.line(f"{sign}{line} {unit}".rstrip(), indent=2)


def _unit(step: Step) -> str:
    """1 position a step, 2 positions a step."""
    noun, space, rest = step.unit.partition(" ")
    return unit_text(step.value, noun) + space + rest


def crossing_of(measure: Measure) -> Equal:
    """The answer about two networks.

    Raises: InputError `one-letter` where the numbers have several letters, or a size is left open.
    """
    letters = sorted({*symbols_of(measure.first), *symbols_of(measure.second)})
    if measure.crossing is None and (letters or measure.at_least):
        raise InputError(
            "one-letter",
            "Which size makes two networks equal can be said where exactly one letter is left in "
            "their numbers.",
            hint=f"Write numbers in the places of all but one of {', '.join(letters)}."
            if len(letters) > 1
            else "Write the size as a letter: in {n}x{n}x3: …",
        )
    return Equal(measure, measure.crossing)


def as_text(
    question: str, found: Answer, form: Literal["latex", "markdown"], *, steps: bool
) -> str:
    """The steps and the answer in Markdown or LaTeX."""
    if form == "latex":
        from answers.derivation.latex import to_latex_lines as written
    else:
        from answers.derivation.markdown import to_markdown as written
    title = f"Solved for: {question}"
    derivation = Derivation(
        title=title, steps=found.steps, value=None, unit="", answer=found.answer
    )
    return written(derivation, steps=steps).rstrip("\n")
