"""Numbers for people: exact fractions cut to digits that never hide which side they are on."""

from __future__ import annotations

from fractions import Fraction

DIGITS = 4
_MOST_DIGITS = 12


def decimal(value: Fraction | int, digits: int = DIGITS) -> str:
    """A value with so many decimals, rounded half up; a whole number with its thousands marked."""
    if isinstance(value, int):
        return f"{value:,}"
    scaled = abs(value) * 10**digits
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    text = f"{whole:0{digits + 1}d}"
    sign = "-" if value < 0 and whole else ""
    return f"{sign}{int(text[:-digits]):,}.{text[-digits:]}"


def beside(value: Fraction | int, target: Fraction) -> tuple[str, str]:
    """A value and its target, with as many decimals as it takes to tell them apart.

    0.79996 beside 0.80 would read 0.8000 beside 0.8000: it gets the digits that show it is less.
    """
    if isinstance(value, int):
        return decimal(value), plain(target)
    digits = DIGITS
    while (
        value != target
        and digits < _MOST_DIGITS
        and decimal(value, digits) == decimal(target, digits)
    ):
        digits += 1
    return decimal(value, digits), plain(target)


def plain(value: Fraction | int) -> str:
    """A number as somebody wrote it: 0.65, 10,000,000, 1/3."""
    exact = Fraction(value)
    if exact.denominator == 1:
        return f"{exact.numerator:,}"
    for digits in range(1, _MOST_DIGITS + 1):
        if (exact * 10**digits).denominator == 1:
            return f"{float(exact):.{digits}f}"
    return f"{exact.numerator}/{exact.denominator}"


def points(value: Fraction) -> str:
    """Points with one decimal, or none where they are whole."""
    return str(value.numerator) if value.denominator == 1 else decimal(value, 1)
