"""Equations of plain numbers in a text: 27·16 = 432 holds, 27·16 = 423 is found."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction

from answers.errors import InputError
from answers.expressions.expression import Expression
from answers.expressions.identity import exact_number, letters_in
from answers.expressions.parse import parse_expression

_SIDE = r"[0-9(⌊⌈√][0-9.,()⌊⌋⌈⌉+\-−·×*/^²³⁴% ]*"
_EQUATION = re.compile(rf"(?<![A-Za-z0-9_.·*/^+−-])(?<![·*/^+−-] )({_SIDE})=\s*(?=({_SIDE}))")
_DECIMALS = re.compile(r"[0-9]*\.([0-9]+)\s*(%?)")


def wrong_equations(text: str) -> Iterator[str]:
    """The equations that don't hold; a decimal on the right may be rounded."""
    for line in text.replace("`", " ").split("\n"):
        for found in _EQUATION.finditer(line):
            left, right = (_trimmed(side) for side in found.groups())
            one, other = _formula(left), _formula(right)
            if one is not None and other is not None and not _equal(one, other, right):
                yield f"{left} = {right}"


def _trimmed(side: str) -> str:
    """Without the end of a sentence: '432.' is 432."""
    return side.strip().rstrip(".,;(·*/^+-− ")


def _formula(text: str) -> Expression | None:
    try:
        found = parse_expression(text, decimals=True)
    except InputError:
        return None
    return None if letters_in(found) else found


def _equal(one: Expression, other: Expression, written: str) -> bool:
    try:
        difference = abs(exact_number(one) - exact_number(other))
    except InputError:
        return False
    rounded = _DECIMALS.fullmatch(written)
    if rounded is None:
        return difference == 0
    places = len(rounded[1]) + (2 if rounded[2] else 0)
    return difference <= Fraction(1, 2 * 10**places)
