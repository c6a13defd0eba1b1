"""Exact quotients and means: a verdict compares fractions, only a view rounds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from fractions import Fraction

ZERO = Fraction(0)


def ratio(numerator: int | Fraction, denominator: int | Fraction) -> Fraction | None:
    """The exact quotient, or None for 0/0 (and for any other division by zero)."""
    return Fraction(numerator) / denominator if denominator else None


def ratio_or_zero(numerator: int, denominator: int) -> Fraction:
    """The exact quotient, and 0 for 0/0 (the default of scikit-learn's `zero_division`)."""
    return Fraction(numerator, denominator) if denominator else ZERO


def exact_sum(values: Iterable[Fraction]) -> Fraction:
    """The exact sum; 10,000 per-image scores take tens of milliseconds.

    The denominator of such a sum can have thousands of digits: compare it, show it as a float.
    """
    numerators: defaultdict[int, int] = defaultdict(int)
    for value in values:
        numerators[value.denominator] += value.numerator
    return _tree_sum([Fraction(top, bottom) for bottom, top in numerators.items()])


def mean(values: Iterable[Fraction]) -> Fraction | None:
    """The exact mean, or None where there is no value."""
    listed = list(values)
    return exact_sum(listed) / len(listed) if listed else None


def _tree_sum(terms: list[Fraction]) -> Fraction:
    # Neighbours first: the long denominators meet only in the last few additions.
    while len(terms) > 1:
        odd = terms[-1:] if len(terms) % 2 else []
        terms = [a + b for a, b in zip(terms[::2], terms[1::2], strict=False)] + odd
    return terms[0] if terms else ZERO
