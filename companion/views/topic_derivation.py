"""The derivation of a value inside a text: a few steps in words, many as a table."""

from __future__ import annotations

from collections.abc import Iterator

from answers.derivation.derivation import Derivation, Step, chain, unit_text
from answers.expressions.expression import Expression
from answers.expressions.size import is_symbolic
from answers.worked.value import Worked
from answers.worked.writing import as_text
from companion.views.formula_text import FormulaText
from companion.views.sheet import Sheet
from companion.views.spans import BOLD, DIM, Span

MOST_IN_WORDS = 6


def lines(worked: Worked, sheet: Sheet) -> Iterator[str]:
    """How a value comes about; the value alone where that is not known."""
    for derivation in worked.derivations:
        if len(derivation.steps) > MOST_IN_WORDS:
            yield from _table(derivation, sheet)
        else:
            yield from _in_words(derivation, sheet)
    if _needs_result(worked):
        text = as_text(worked.figure, ascii_only=sheet.ascii_only)
        yield from sheet.words(f"{text} {unit_text_of(worked)}".strip(), BOLD, indent=2)


def how(step: Step) -> Expression | None:
    """The one formula that a table shows: with letters multiplied out, else with numbers put in."""
    symbolic = not isinstance(step.value, tuple) and is_symbolic(step.value)
    part = step.collected if symbolic and step.collected else step.substitution
    part = part or step.collected
    return step.formula if part is None and not symbolic else part


def unit_text_of(worked: Worked) -> str:
    """The unit of a value, in the singular for 1."""
    figure = worked.figure
    return unit_text(figure if isinstance(figure, int) else None, worked.unit)


def _needs_result(worked: Worked) -> bool:
    """Whether no step says the value: a table ends without it, and some have no derivation."""
    if not worked.derivations:
        return True
    return any(len(item.steps) > MOST_IN_WORDS for item in worked.derivations)


def _in_words(derivation: Derivation, sheet: Sheet) -> Iterator[str]:
    """The steps with an empty line between them; a source that stays the same is said once."""
    said = ""
    for number, step in enumerate(derivation.steps):
        if number:
            yield ""
        yield from _step(step, derivation, sheet)
        if step.source and step.source != said:
            yield from sheet.words(f"({step.source})", DIM)
        said = step.source or said


def _step(step: Step, derivation: Derivation, sheet: Sheet) -> Iterator[str]:
    about = f"{step.about}: " if step.about else ""
    if step.rule:
        yield from sheet.words(about + step.rule)
    shown = _chain(step, sheet)
    for number, line in enumerate(shown):
        last = number == len(shown) - 1
        unit = f" {unit_text(step.value, step.unit or derivation.unit)}".rstrip() if last else ""
        span = Span(line + unit, (BOLD,) if last else ())
        yield from sheet.paragraph((span,), first="  = " if number else "    ", rest="      ")


def _chain(step: Step, sheet: Sheet) -> list[str]:
    if isinstance(step.value, tuple):
        words = FormulaText(ascii=sheet.ascii_only)
        return [*map(sheet.formula, chain(step)), words.value(step.value)]
    return [sheet.formula(part) for part in chain(step, with_forms=True)]


def _table(derivation: Derivation, sheet: Sheet) -> Iterator[str]:
    words = FormulaText(ascii=sheet.ascii_only)
    rows = []
    for step in derivation.steps:
        if step.about:
            part = how(step)
            formula = sheet.formula(part) if part is not None else ""
            rows.append(
                [
                    (Span(sheet.text(step.about)),),
                    (Span(formula),),
                    (Span(words.value(step.value)),),
                ]
            )
    titles = [(Span("layer"),), (Span("how"),), (Span(derivation.unit or "output"),)]
    yield from sheet.table(titles, rows, (False, False, True))
