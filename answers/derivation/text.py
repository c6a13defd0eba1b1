"""A derivation as lines of plain text."""

from __future__ import annotations

from collections.abc import Iterator

from answers.derivation.derivation import Derivation, Step, Value, chain, result_value, unit_text
from answers.derivation.rules import shape_text
from answers.expressions.symbolic import to_expression
from answers.expressions.text import to_text

_INDENT = "    "


def to_lines(derivation: Derivation, *, ascii: bool = False, steps: bool = True) -> Iterator[str]:  # noqa: A002  # the word the terminal's option has
    """The title, the steps with their formulas below one another, the result, the notes.

    ascii: signs that every terminal has. steps: whether to show how it comes about.
    """
    yield _plain(derivation.title, ascii=ascii)
    if steps:
        last = len(derivation.steps) - 1
        for number, step in enumerate(derivation.steps):
            yield from _step(step, ascii=ascii, with_forms=number == last)
    yield f"Result: {result_text(derivation, ascii=ascii)}"
    for note in derivation.notes:
        yield _plain(f"Note: {note}", ascii=ascii)


def result_text(derivation: Derivation, *, ascii: bool = False) -> str:  # noqa: A002  # as above
    """The value with its unit, 'at least' before it where a part is not known."""
    value = result_value(derivation)
    at_least = "at least " if derivation.at_least else ""
    unit = unit_text(value, derivation.unit)
    return f"{at_least}{value_text(value, ascii=ascii)} {unit}".rstrip()


def value_text(value: Value, *, ascii: bool = False) -> str:  # noqa: A002  # as above
    """A value: 4,640, 448·(n − 2)², 30x30x16, or 'not known'."""
    if value is None:
        return "not known"
    if isinstance(value, tuple):
        return _plain(shape_text(value), ascii=ascii)
    return to_text(to_expression(value), ascii=ascii, thousands=True)


def _step(step: Step, *, ascii: bool, with_forms: bool) -> Iterator[str]:  # noqa: A002  # as above
    about = f"{step.about}: " if step.about else ""
    yield _plain(f"- {about}{step.rule}", ascii=ascii)
    if isinstance(step.value, tuple):
        yield f"{_INDENT}{value_text(step.value, ascii=ascii)}"
    formulas = chain(step, with_forms=with_forms)
    for number, formula in enumerate(formulas):
        sign = "= " if number else "  " if len(formulas) > 1 else ""
        unit = f" {unit_text(step.value, step.unit)}" if number == len(formulas) - 1 else ""
        yield f"{_INDENT}{sign}{to_text(formula, ascii=ascii, thousands=True)}{unit}".rstrip()
    if step.source:
        yield _plain(f"{_INDENT}({step.source})", ascii=ascii)


_ASCII = str.maketrans({"−": "-", "·": "*", "²": "^2", "³": "^3", "→": "->", "–": "-"})


def _plain(sentence: str, *, ascii: bool) -> str:  # noqa: A002  # as above
    """A sentence, in ASCII where asked; names of layers keep a mark for what can't be written."""
    if not ascii:
        return sentence
    return sentence.translate(_ASCII).encode("ascii", "replace").decode("ascii")
