"""A number of the command line, exactly: 10, 0.5, 1/3; in Persian and Arabic digits, too."""

from __future__ import annotations

import re
from fractions import Fraction

from answers.errors import InputError

_NUMBER = re.compile(r"[+-]?\d{1,15}(\.\d{0,15})?|[+-]?\.\d{1,15}|[+-]?\d{1,15}/\d{1,15}")

_DECIMAL_SIGN = "\N{ARABIC DECIMAL SEPARATOR}"


def exact_number(word: str, option: str) -> Fraction:
    """The number as a fraction.

    Raises: InputError `option-value` for anything else, and for a division by zero.
    """
    tidy = word.strip().replace(_DECIMAL_SIGN, ".")
    if _NUMBER.fullmatch(tidy):
        try:
            return Fraction(tidy)
        except ZeroDivisionError:
            pass
    raise InputError(
        "option-value",
        f"{option} takes a number such as 10, 0.5 or 1/3, not {word!r:.40}.",
        where=option,
    )
