"""Answers as formulas: exact numbers, sizes along axes, and what stands in a question's rules."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Literal, TypeAlias, get_args

from answers.errors import InputError
from answers.expressions.expression import Expression, Negative, Number, Quotient, substitute
from answers.expressions.identity import exact_number, letters_in
from answers.expressions.parse import parse_expression
from answers.expressions.text import to_text
from answers.record import record

Take: TypeAlias = Literal["parameters", "trainable", "macs", "flops", "memory", "field", "output"]
TAKES: tuple[Take, ...] = get_args(Take)
# one formula, or the sizes along the axes of a shape or a field
Value: TypeAlias = tuple[Expression, ...]
_BRACES = re.compile(r"\{([^{}]*)\}")


@record()
class Counted:
    """What the engine counts of a network. network: the notation, {k} for a letter."""

    network: str
    take: Take


Rule: TypeAlias = Expression | Counted


def number(value: Fraction) -> Expression:
    """An exact number as a formula."""
    top = Number(abs(value.numerator))
    size = top if value.denominator == 1 else Quotient(top, Number(value.denominator))
    return size if value >= 0 else Negative(size)


def put_in(formula: Expression, parts: Mapping[str, Expression]) -> Expression:
    """The formula with others in the places of letters."""
    return substitute(formula, parts)


def network_text(template: str, parts: Mapping[str, Expression]) -> str:
    """A notation with numbers in the places of letters; a letter that has none stays in braces.

    Raises: InputError `formula…`, and `question-size` for a size that is no whole number.
    """

    def size(found: re.Match[str]) -> str:
        formula = substitute(parse_expression(found[1]), parts)
        if letters_in(formula):
            return "{" + to_text(formula, ascii=True) + "}"
        value = exact_number(formula)
        if value.denominator != 1:
            raise InputError("question-size", f"The size {found[0]:.60} comes to {value}.")
        return str(value.numerator)

    return _BRACES.sub(size, template)


def network_letters(template: str) -> frozenset[str]:
    """The letters in the braces of a notation.

    Raises: InputError `formula…`.
    """
    formulas = (parse_expression(found) for found in _BRACES.findall(template))
    return frozenset(name for formula in formulas for name in letters_in(formula))


def value_words(value: Value) -> Fraction | str:
    """An answer for words: an exact number, or the text of a formula or of sizes."""
    if len(value) == 1 and not letters_in(value[0]):
        return exact_number(value[0])
    return value_text(value)


def value_text(value: Value) -> str:
    """An answer as a text that can be read back: 448·(n − 2)², 8/9, 16x16x32."""
    return to_text(value[0]) if len(value) == 1 else "x".join(map(_side, value))


def _side(part: Expression) -> str:
    text = to_text(part)
    return f"({text})" if " " in text else text
