"""Two networks side by side, in every medium."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterator
from fractions import Fraction
from typing import Any, Literal

from answers.derivation.derivation import Derivation
from answers.derivation.document import to_document
from answers.derivation.document import value_document as exact
from answers.derivation.latex import to_latex_lines
from answers.derivation.markdown import to_markdown
from answers.expressions.symbolic import exact_text
from answers.solving.compare import Comparison, Measure, Side
from answers.solving.crossing import Crossing
from companion.options import Everywhere
from companion.views import table_text
from companion.views.columns import Column, write
from companion.views.derivation_view import draw as draw_derivation
from companion.views.formula_text import FormulaText
from companion.views.numbers import decimal
from companion.views.paper import Paper

_COLUMNS = (
    Column(""),
    Column("A", right=True),
    Column("B", right=True),
    Column("A − B", right=True, spare=2),
    Column("A / B", right=True, spare=1),
)


def document(found: Comparison, derivations: tuple[Derivation, ...]) -> dict[str, Any]:
    """The result of `compare --json`."""
    steps = {"derivations": list(map(to_document, derivations))} if derivations else {}
    return {
        "a": _side(found.first),
        "b": _side(found.second),
        "same_output": found.same_output,
        "parameters": measure_document(found.parameters),
        "macs": measure_document(found.macs),
        **steps,
    }


def _side(side: Side) -> dict[str, Any]:
    return {
        "output_shapes": [exact(shape) for shape in side.outputs],
        "receptive_field": None if side.field is None else exact(side.field),
    }


def measure_document(measure: Measure) -> dict[str, Any]:
    """One measure of both networks."""
    ratio = measure.ratio
    return {
        "a": exact(measure.first),
        "b": exact(measure.second),
        "difference": exact(measure.difference),
        "ratio": None if ratio is None else _exact_ratio(ratio),
        "at_least": measure.at_least,
        "crossing": None if measure.crossing is None else _crossing(measure.crossing),
    }


def _exact_ratio(ratio: Any) -> str:
    return str(ratio) if isinstance(ratio, Fraction) else exact_text(ratio)


def _crossing(found: Crossing) -> dict[str, Any]:
    return {
        "letter": found.letter,
        "start": found.start,
        "equal_at": list(found.equal_at),
        "stretches": [
            {"first": part.first, "last": part.last, "smaller": _ab(part.smaller)}
            for part in found.stretches
        ],
        "searched_to": found.searched_to,
    }


def _ab(word: str) -> str:
    return {"first": "a", "second": "b"}.get(word, word)


def draw(found: Comparison, everywhere: Everywhere, derivations: tuple[Derivation, ...]) -> None:
    """How the numbers come about, where asked; the table; where the numbers cross."""
    paper, words = Paper.of(everywhere), FormulaText.of(sys.stdout)
    for derivation in derivations:
        paper.line(derivation.title, bold=True)
        draw_derivation(derivation, everywhere, steps=True)
        paper.line()
    shown = write(paper, _COLUMNS, _rows(found, words))
    below = [*_beside(found, words, shown), *_sentences(found)]
    for line in ["", *below] if below else []:
        paper.line(line)


def _beside(found: Comparison, words: FormulaText, shown: Collection[int]) -> Iterator[str]:
    """What the table had no room for. shown: the columns that it has."""
    for title, measure in _measures(found):
        if measure.crossing is not None and measure.crossing.always_equal:
            continue
        for number, value in ((3, _difference(measure, words)), (4, _ratio(measure, words))):
            if number not in shown and value:
                yield f"{title}: {_COLUMNS[number].title} is {value}."


def as_text(
    found: Comparison,
    form: Literal["latex", "markdown"],
    derivations: tuple[Derivation, ...],
) -> str:
    """Derivations where asked, the table in Markdown or LaTeX, then the sentences."""
    write_steps = to_latex_lines if form == "latex" else to_markdown
    table = table_text.as_text(form, _COLUMNS, _rows(found, FormulaText()))
    return "\n".join([*map(write_steps, derivations), table, "", *_sentences(found)])


def _rows(found: Comparison, words: FormulaText) -> list[tuple[str, ...]]:
    shapes = [", ".join(map(words.value, side.outputs)) for side in (found.first, found.second)]
    fields = [_field(side, words) for side in (found.first, found.second)]
    return [
        _row("parameters", found.parameters, words),
        _row("MACs", found.macs, words),
        ("output", *shapes, "", "equal" if found.same_output else ""),
        ("receptive field", *fields, "", ""),
    ]


def _row(title: str, measure: Measure, words: FormulaText) -> tuple[str, ...]:
    least = "≥ " if measure.at_least and not words.ascii else ">= " if measure.at_least else ""
    first, second = map(words.value, (measure.first, measure.second))
    difference = _difference(measure, words)
    return title, least + first, least + second, difference, _ratio(measure, words)


def _difference(measure: Measure, words: FormulaText) -> str:
    return "" if measure.difference is None else words.value(measure.difference)


def _ratio(measure: Measure, words: FormulaText) -> str:
    if measure.ratio is None:
        return ""
    if isinstance(measure.ratio, Fraction):
        whole = measure.ratio.denominator == 1
        return decimal(measure.ratio.numerator if whole else measure.ratio)
    return words.value(measure.ratio)


def _field(side: Side, words: FormulaText) -> str:
    return "" if side.field is None else words.shape(side.field)


def _measures(found: Comparison) -> tuple[tuple[str, Measure], ...]:
    return ("Parameters", found.parameters), ("MACs", found.macs)


def _sentences(found: Comparison) -> list[str]:
    said = []
    for title, measure in _measures(found):
        if measure.at_least:
            said.append(f"{title}: a size is left open, or a layer not known: no comparison.")
        if measure.crossing is not None:
            said.append(f"{title}: {measure.crossing.sentence('A', 'B')}")
        if isinstance(measure.ratio, Fraction) and measure.ratio.denominator != 1:
            said.append(f"{title}: A / B is {measure.ratio} exactly.")
    return said
