"""How a value is written: exact, rounded, as a percentage, a power of ten, bytes."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answers.errors import InputError
from answers.expressions.symbolic import symbol
from answers.worked.value import Figure
from answers.worked.writing import as_latex, as_text

CASES: list[tuple[Figure, str, str, str, str]] = [
    (4640, "", "4,640", "4,640", "4{,}640"),
    (-3, "", "−3", "-3", "-3"),
    (0, "", "0", "0", "0"),
    (Fraction(8, 9), "", "8/9", "8/9", r"\frac{8}{9}"),
    (Fraction(-1, 2), "", "−1/2", "-1/2", r"-\frac{1}{2}"),
    ((30, 30, 16), "", "30x30x16", "30x30x16", r"30 \times 30 \times 16"),
    (Fraction(8, 9), ".3f", "0.889", "0.889", "0.889"),
    (Fraction(8, 9), ".1%", "88.9%", "88.9%", r"88.9\%"),
    (Fraction(8, 9), "%", "89%", "89%", r"89\%"),
    (1, ".1%", "100.0%", "100.0%", r"100.0\%"),
    (Fraction(1, 8), ".2f", "0.13", "0.13", "0.13"),
    (Fraction(-1, 8), ".2f", "−0.13", "-0.13", "-0.13"),
    (Fraction(-1, 800), ".2f", "0.00", "0.00", "0.00"),
    (30_105_600_000, "GB", "30.1 GB", "30.1 GB", r"30.1\,\text{GB}"),
    (30_105_600_000, ".2GB", "30.11 GB", "30.11 GB", r"30.11\,\text{GB}"),
    (16_163_840, "MB", "16.2 MB", "16.2 MB", r"16.2\,\text{MB}"),
    (1_234_567_000, "kB", "1,234,567.0 kB", "1,234,567.0 kB", r"1{,}234{,}567.0\,\text{kB}"),
    (1.9e-32, ".1e", "1.9·10⁻³²", "1.9*10^-32", r"1.9 \cdot 10^{-32}"),
    (12345, ".2e", "1.23·10⁴", "1.23*10^4", r"1.23 \cdot 10^{4}"),
    (-12345, ".2e", "−1.23·10⁴", "-1.23*10^4", r"-1.23 \cdot 10^{4}"),
    (0, ".2e", "0.00·10⁰", "0.00*10^0", r"0.00 \cdot 10^{0}"),
    (0.25, ".3f", "0.250", "0.250", "0.250"),
]


@pytest.mark.parametrize(
    ("figure", "form", "text", "plain", "latex"), CASES, ids=[f"{c[0]}:{c[1]}" for c in CASES]
)
def test_a_value_is_written(figure: Figure, form: str, text: str, plain: str, latex: str) -> None:
    assert as_text(figure, form) == text
    assert as_text(figure, form, ascii_only=True) == plain
    assert as_latex(figure, form).replace(" ", "") == latex.replace(" ", "")


def test_a_formula_with_letters_is_written_in_its_shortest_form() -> None:
    n = symbol("n")
    assert as_text(448 * n**2 - 1792 * n + 1792) == "448·(n − 2)²"
    assert as_text(448 * (n - 2) ** 2, ascii_only=True) == "448*(n - 2)^2"


FAULTS: list[tuple[str, Figure, str, str]] = [
    ("a form of nobody", 3, "3f", "'3f' is no way to write"),
    ("a form of strings", 3, "x", "no way to write"),
    ("too many digits", 3, ".100f", "no way to write"),
    ("a measured number without a form", 0.1, "", "needs a form"),
    ("a shape that is rounded", (3, 3), ".1f", "can't be rounded"),
]


@pytest.mark.parametrize(
    ("figure", "form", "words"), [case[1:] for case in FAULTS], ids=[case[0] for case in FAULTS]
)
def test_what_can_t_be_written_is_said(figure: Figure, form: str, words: str) -> None:
    for write in (as_text, as_latex):
        with pytest.raises(InputError, match=words):
            write(figure, form)


def test_a_formula_with_letters_can_t_be_rounded() -> None:
    with pytest.raises(InputError, match="can't be rounded"):
        as_text(symbol("n"), ".1f")


@given(st.fractions(min_value=-(10**6), max_value=10**6, max_denominator=10**4), st.integers(0, 8))
def test_rounding_is_half_up_and_exact(value: Fraction, digits: int) -> None:
    """The oracle: the whole number of steps nearest to the value, halves away from zero."""
    steps = abs(value) * 10**digits
    whole = (2 * steps.numerator + steps.denominator) // (2 * steps.denominator)
    written = as_text(value, f".{digits}f", ascii_only=True).replace(",", "")
    assert abs(Fraction(written)) == Fraction(whole, 10**digits)
    assert (Fraction(written) < 0) == (value < 0 and whole > 0)


@given(st.floats(min_value=1e-300, max_value=1e300))
def test_a_power_of_ten_is_the_one_that_decimal_writes(value: float) -> None:
    exact = Decimal(value)
    power = exact.adjusted()
    digits = exact.scaleb(-power).quantize(Decimal("0.01"), ROUND_HALF_UP)
    if digits == 10:
        digits, power = Decimal("1.00"), power + 1
    assert as_text(value, ".2e", ascii_only=True) == f"{digits}*10^{power}"
