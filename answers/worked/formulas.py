"""Formulas of whole numbers and other values; exact."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from fractions import Fraction

from answers.derivation.derivation import Derivation, Step
from answers.errors import InputError
from answers.expressions.expression import Expression, Negative, Number, Quotient, substitute
from answers.expressions.parse import parse_expression
from answers.expressions.parts import names_in
from answers.expressions.size import is_symbolic
from answers.expressions.symbolic import to_expression
from answers.expressions.value import exact_value
from answers.textbook.requests import FromFormula
from answers.worked.value import Figure, Worked


def work_out(
    request: FromFormula, known: tuple[str, ...], value: Callable[[str], Worked]
) -> tuple[Figure, Derivation]:
    """What a formula comes to, and the line with its numbers put in.

    known: the names of all values; value: one of them, worked out. A single letter that is no
    value stays a letter, unless `at` gives it a number.
    Raises: InputError `formula-name` for a word that is no value, `formula-measured` for one that
    is not exact, and of the formula.
    """
    formula = parse_expression(request.formula)
    numbers: dict[str, Expression] = {name: Number(number) for name, number in request.at}
    for name in sorted(set(names_in(formula)) - set(numbers)):
        if name in known:
            numbers[name] = as_expression(value(name))
        elif len(name) > 1:
            raise _no_value(name, known)
    put_in = substitute(formula, numbers)
    figure = settled(exact_value(put_in))
    return figure, chain_to(figure, formula, put_in, request.unit)


def chain_to(figure: Figure, formula: Expression, put_in: Expression, unit: str = "") -> Derivation:
    """A derivation of one step without words: the formula, with numbers put in, and its value."""
    whole = not isinstance(figure, Fraction)
    last = None if whole else _quotient(Fraction(figure))  # type: ignore[arg-type]  # it is one here
    step = Step(
        rule="",
        formula=formula if formula != put_in else None,
        substitution=put_in if put_in != last else None,
        collected=last,
        value=figure if whole else None,  # type: ignore[arg-type]  # a size then
        unit=unit,
    )
    return Derivation(title="", steps=(step,), value=step.value, unit=unit)


def as_expression(worked: Worked) -> Expression:
    """A value as a part of a formula.

    Raises: InputError `formula-measured` for what is no exact number.
    """
    figure = worked.figure
    if isinstance(figure, Fraction):
        return _quotient(figure)
    if isinstance(figure, int) or is_symbolic(figure):
        return to_expression(figure)  # type: ignore[arg-type]  # a size
    kind = "a shape" if isinstance(figure, tuple) else "measured, not exact"
    raise InputError("formula-measured", f"{worked.name} can't stand in a formula: it is {kind}.")


def _quotient(value: Fraction) -> Expression:
    top = Number(abs(value.numerator))
    found: Expression = top if value.denominator == 1 else Quotient(top, Number(value.denominator))
    return Negative(found) if value < 0 else found


def settled(value: Figure) -> Figure:
    """A fraction that is whole as a whole number."""
    if isinstance(value, Fraction) and value.denominator == 1:
        return value.numerator
    return value


def _no_value(name: str, known: tuple[str, ...] | Mapping[str, object]) -> InputError:
    near = get_close_matches(name, known, 1)
    return InputError(
        "formula-name",
        f"The formula names {name!r:.40}, which is no value.",
        hint=f"Did you mean {near[0]!r}?" if near else "Letters that stay are single ones, as n.",
    )
