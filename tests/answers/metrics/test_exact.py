"""Exact sums and means."""

from __future__ import annotations

from fractions import Fraction
from math import fsum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answers.metrics.exact import exact_sum, mean, ratio, ratio_or_zero

FRACTIONS = st.lists(st.fractions(min_value=0, max_value=1, max_denominator=500), max_size=30)


@given(FRACTIONS)
def test_the_sum_is_the_plain_sum(values: list[Fraction]) -> None:
    assert exact_sum(values) == sum(values, Fraction(0))


@given(FRACTIONS)
def test_the_mean_of_nothing_is_none(values: list[Fraction]) -> None:
    expected = sum(values, Fraction(0)) / len(values) if values else None
    assert mean(values) == expected


@pytest.mark.parametrize(
    ("top", "bottom", "quotient", "or_zero"),
    [(1, 2, Fraction(1, 2), Fraction(1, 2)), (0, 3, 0, 0), (0, 0, None, 0)],
)
def test_0_by_0_is_none_or_0(
    top: int, bottom: int, quotient: Fraction | None, or_zero: Fraction
) -> None:
    assert ratio(top, bottom) == quotient
    assert ratio_or_zero(top, bottom) == or_zero


def test_a_mean_with_thousands_of_digits_still_compares_and_converts() -> None:
    values = [Fraction(1, k) for k in range(1, 10_001)]
    found = mean(values)
    assert found is not None
    assert found.denominator > 10**4000
    assert float(found) == pytest.approx(fsum(map(float, values)) / 10_000, rel=1e-15)
