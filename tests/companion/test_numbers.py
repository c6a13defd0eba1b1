"""Numbers never hide on which side of a target they stand."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.views.numbers import beside, decimal, plain, points

FRACTIONS = st.fractions(min_value=-2, max_value=2, max_denominator=10**6)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Fraction(2, 3), "0.6667"),
        (Fraction(1, 8), "0.1250"),
        (Fraction(-1, 3), "-0.3333"),
        (Fraction(0), "0.0000"),
        (Fraction(-1, 10**6), "0.0000"),
        (6501345, "6,501,345"),
    ],
)
def test_decimals_are_rounded_half_up(value: Fraction | int, text: str) -> None:
    assert decimal(value) == text


def test_a_value_just_below_its_target_gets_the_digits_that_show_it() -> None:
    assert beside(Fraction(79996, 10**5), Fraction(4, 5)) == ("0.79996", "0.8")
    assert beside(Fraction(67, 100), Fraction(67, 100)) == ("0.6700", "0.67")


@given(FRACTIONS)
def test_four_decimals_are_within_half_a_digit(value: Fraction) -> None:
    assert abs(Fraction(decimal(value)) - value) <= Fraction(1, 20000)


@given(FRACTIONS, FRACTIONS)
def test_different_numbers_never_read_the_same(value: Fraction, target: Fraction) -> None:
    shown, _ = beside(value, target)
    if value != target and abs(value - target) > Fraction(1, 10**11):
        assert Fraction(shown) != Fraction(decimal(target, len(shown.split(".")[1])))


@pytest.mark.parametrize(
    ("value", "text"),
    [(Fraction(13, 20), "0.65"), (Fraction(10**7), "10,000,000"), (Fraction(1, 3), "1/3")],
)
def test_a_target_reads_as_it_was_written(value: Fraction, text: str) -> None:
    assert plain(value) == text


def test_points_are_whole_where_they_can_be() -> None:
    assert [points(Fraction(20)), points(Fraction(77, 3))] == ["20", "25.7"]


def test_a_mean_over_thousands_of_pictures_can_be_written() -> None:
    from companion.views.grade_json import _exact

    terms = (Fraction(1, 2 * n + 1) for n in range(6000))
    long = sum(terms, Fraction(0)) / 6000
    written = _exact(long)
    assert isinstance(written, str)
    assert abs(Fraction(written) - long) < Fraction(1, 10**20)
    assert _exact(Fraction(1741, 2500)) == "1741/2500"
    assert _exact(450) == 450
