"""What a question that is solved gets for an answer, in the terminal and as a document."""

from __future__ import annotations

import sys
from typing import Any

from answers.derivation.derivation import Step, chain, unit_text
from answers.derivation.document import value_document as exact
from answers.errors import InputError
from answers.solving.compare import Measure
from answers.solving.smallest_input import SmallestInput
from answers.solving.solved import Near, Solved
from companion.options import Everywhere
from companion.views import compare_view, json_document
from companion.views.formula_text import FormulaText
from companion.views.paper import Paper
from companion.views.terminal import say


def document(question: str, found: Solved | SmallestInput) -> dict[str, Any]:
    """The result of `solve --json`."""
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


def draw(found: Solved | SmallestInput, everywhere: Everywhere) -> None:
    """How it was found, then the answer."""
    words, paper = FormulaText.of(sys.stdout), Paper.of(everywhere)
    for step in found.steps:
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


def show_crossing(measure: Measure, everywhere: Everywhere, *, as_json: bool) -> None:
    """Where two networks are equal.

    Raises: InputError `one-letter` where the numbers have not exactly one letter.
    """
    if measure.crossing is None:
        raise InputError(
            "one-letter",
            "Which size makes two networks equal can be said where exactly one letter is left in "
            "their numbers.",
            hint="Write the size as a letter: in {n}x{n}x3: …",
        )
    if as_json:
        result = {"question": "equal", **compare_view.measure_document(measure)}
        say(json_document.result("solve", result))
        return
    words, paper = FormulaText.of(sys.stdout), Paper.of(everywhere)
    paper.line(f"A: {words.value(measure.first)}")
    paper.line(f"B: {words.value(measure.second)}")
    paper.line(measure.crossing.sentence("A", "B"), bold=True)
