"""Claimed numbers: whether they can be tried, how they are printed, how far off they are."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import Any

from answers.errors import InputError
from answers.expressions.size import Size, is_symbolic
from answers.expressions.symbolic import to_expression
from answers.expressions.text import to_text

Claim = Size | Fraction | tuple[Size, ...]
MOST_BITS = 4096
_TIMES = {2: "twice", 3: "three times", 4: "four times"}
_PARTS = {2: "half of", 3: "a third of", 4: "a quarter of"}


def checked_claim(claim: Claim) -> None:
    """Raises: InputError `number-too-large` for a number that nobody means."""
    parts = claim if isinstance(claim, tuple) else (claim,)
    if any(type(part) is int and part.bit_length() > MOST_BITS for part in parts):
        raise InputError("number-too-large", f"The number is larger than 2^{MOST_BITS}.")


def number_text(claim: Claim) -> str:
    """4,608; 448·(n − 2)²; 30x30x32."""
    if isinstance(claim, tuple):
        return "x".join(_bracketed(part) for part in claim)
    if isinstance(claim, Fraction):
        return (
            f"{claim.numerator:,}/{claim.denominator:,}" if claim.denominator != 1 else _int(claim)
        )
    return to_text(to_expression(claim), thousands=True) if is_symbolic(claim) else f"{claim:,}"


def _int(claim: Fraction) -> str:
    return f"{claim.numerator:,}"


def _bracketed(part: Size) -> str:
    text = number_text(part).replace(",", "")
    return f"({text})" if " " in text else text


def nearness(claim: Claim, right: tuple[Size, ...]) -> str:
    """How far off a number is, in a sentence; empty where nothing simple can be said."""
    if isinstance(claim, tuple) or is_symbolic(claim) or any(map(is_symbolic, right)):
        return ""
    target = right[0]
    if target <= 0 or claim <= 0:
        return ""
    ratio = Fraction(claim) / target
    if ratio.denominator == 1 and ratio <= 100:
        return f"It is {_TIMES.get(int(ratio), f'{ratio} times')} the right number."
    if ratio.numerator == 1 and ratio.denominator <= 100:
        part = _PARTS.get(ratio.denominator, f"1/{ratio.denominator} of")
        return f"It is {part} the right number."
    difference = Fraction(claim) - target
    side = "more" if difference > 0 else "less"
    return f"It is {number_text(abs(difference))} {side} than the right number."


def probe(value: Any) -> Any:
    """A number that equal expressions share: their value at one point."""
    return _probed(value) if is_symbolic(value) else value


@lru_cache(maxsize=4096)
def _probed(value: Any) -> Any:
    letters = sorted(value.free_symbols, key=lambda item: str(item.name))
    # far from where small sizes cut formulas short, and no two letters alike
    return value.subs({letter: 1009 + 210 * place for place, letter in enumerate(letters)})
