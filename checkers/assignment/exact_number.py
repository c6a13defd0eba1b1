"""Numbers of a TOML file as exact fractions; huge ones are refused before they are expanded."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from fractions import Fraction

from checkers.assignment.fault import WrongValueError, shown

# 1e999999999 is nine characters of text and, as a whole number, 400 MB.
_MAX_EXPONENT = 30
_MAX_DIGITS = 40
_MAX_WHOLE = 10**15


def decimal_of(text: str) -> Decimal:
    """A TOML float without rounding; an exponent that Decimal cannot hold becomes NaN."""
    try:
        return Decimal(text)
    except InvalidOperation:
        return Decimal("NaN")


def exact(value: object) -> Fraction:
    """A whole number or a decimal as a fraction. Raises WrongValueError with a whole sentence."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise WrongValueError(f"It must be a number, not {shown(value)}.")
    if isinstance(value, int):
        if abs(value) > _MAX_WHOLE:
            raise WrongValueError(f"{shown(value)} is out of any range.")
        return Fraction(value)
    if not value.is_finite():
        raise WrongValueError(f"It must be a finite number, not {shown(value)}.")
    if len(value.as_tuple().digits) > _MAX_DIGITS or abs(value.adjusted()) > _MAX_EXPONENT:
        raise WrongValueError(f"{shown(value)} has too many digits.")
    return Fraction(value)


def whole(value: object, least: int, most: int) -> int:
    """A whole number from `least` to `most`. Raises WrongValueError with a whole sentence."""
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise WrongValueError(
            f"It must be a whole number from {least:,} to {most:,}, not {shown(value)}."
        )
    return value
