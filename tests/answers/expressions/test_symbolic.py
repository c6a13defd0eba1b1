"""The bridge to SymPy, and what a person's formula comes to."""

from __future__ import annotations

import time
from fractions import Fraction
from typing import Any

import pytest

from answers.errors import InputError
from answers.expressions.expression import Number
from answers.expressions.parse import parse_expression
from answers.expressions.size import Size, is_symbolic
from answers.expressions.symbolic import (
    exact_text,
    forms,
    replaced,
    settled,
    symbol,
    symbols_of,
    to_expression,
)
from answers.expressions.text import to_text
from answers.expressions.value import exact_value, value_of


def of(text: str) -> Size:
    return value_of(parse_expression(text))


WRITTEN = [
    ("5088*n^2 - 38912*n + 76032", "5088·n² − 38912·n + 76032"),
    ("1 - n", "1 − n"),
    ("n - 2", "n − 2"),
    ("2 + n^3 + n", "n³ + n + 2"),
    ("448*(n-2)^2", "448·(n − 2)²"),
    ("126280*n/159", "126280·n/159"),
    ("n/2 + 1/3", "n/2 + 1/3"),
    ("floor((n-3)/2) + 1", "⌊(n − 3)/2⌋ + 1"),
    ("ceil(n/s)", "⌈n/s⌉"),
    ("max(3, k, e)", "max(e, k, 3)"),
    ("-(n-1)^2", "−(n − 1)²"),
    ("a*b/c/d", "a·b/(c·d)"),
    ("7", "7"),
]


@pytest.mark.parametrize(("formula", "text"), WRITTEN, ids=[text for _, text in WRITTEN])
def test_sympy_is_written_as_a_person_would(formula: str, text: str) -> None:
    assert to_text(to_expression(of(formula))) == text


def test_a_smallest_and_a_rest_are_written_with_what_there_is() -> None:
    import sympy

    a: Any = symbol("a")
    b: Any = symbol("b")
    smallest, rest = to_expression(sympy.Min(a, b)), to_expression(sympy.Mod(a, b))
    for x, y in ((7, 3), (3, 7), (6, 3)):
        values = {"a": Number(x), "b": Number(y)}
        assert _number(smallest, values) == min(x, y)
        assert _number(rest, values) == x % y


def _number(formula: Any, values: dict[str, Number]) -> Size:
    from answers.expressions.expression import substitute

    return value_of(substitute(formula, values))


def test_a_function_that_no_size_is_made_of_is_refused() -> None:
    import sympy

    with pytest.raises(InputError, match="No formula is known for sin"):
        to_expression(sympy.sin(symbol("n")))
    with pytest.raises(InputError, match="no whole exponent"):
        to_expression(sympy.sqrt(symbol("n")))


def test_the_exact_text_is_read_back_by_sympy_and_by_us() -> None:
    import sympy

    value = of("448*(n-2)^2")
    assert exact_text(value) == "448*(n - 2)**2"
    assert sympy.sympify(exact_text(value), locals={"n": symbol("n")}) == value
    assert of(exact_text(value)) == value
    assert exact_text(4640) == "4640"


def test_the_three_forms_of_the_homework_sum() -> None:
    found = forms(of("448*(n-2)^2 + 4640*(n-4)^2"))
    assert exact_text(found.expanded) == "5088*n**2 - 38912*n + 76032"
    assert exact_text(found.factored) == "32*(159*n**2 - 1216*n + 2376)"
    assert found.simplified == found.expanded
    assert forms(448).simplified == forms(448).factored == 448


def test_letters_are_replaced_all_at_once_and_numbers_become_ints() -> None:
    value = of("n*m + 1")
    assert replaced(value, {"n": symbol("m"), "m": symbol("n")}) == value
    number = replaced(value, {"n": 3, "m": 4, "other": 9})
    assert number == 13
    assert type(number) is int
    assert replaced(13, {"n": 3}) == 13
    assert symbols_of(value) == ("m", "n")
    assert symbols_of(3) == ()
    assert not is_symbolic(settled(of("n") - of("n") + 2))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("7/2", "formula-not-whole"),
        ("1/0", "formula-divides-by-zero"),
        ("n/(2-2)", "formula-divides-by-zero"),
        ("n/(n-n)", "formula-divides-by-zero"),
        ("10^64^1", "formula-unreadable"),
        ("(10^64)^64", "formula-too-large"),
        ("((2^64)^64)*2", "formula-too-large"),
        ("(a+b+c+d)^64", "formula-too-large"),
        ("((n+m+1)^64)^64", "formula-too-large"),
        ("*".join(["(a+b+c+d+f+g)"] * 12), "formula-too-large"),
        ("1/(n+" * 20 + "1" + ")" * 20, "formula-too-large"),
        ("1/(n+" * 5 + "1" + ")^2" * 5, "formula-too-large"),
        ("max(n, 3*" * 20 + "m" + ")" * 20, "formula-too-large"),
        ("max(n, 1/(2+" * 3 + "m" + "))" * 3, "formula-too-large"),
    ],
)
def test_what_has_no_value_or_too_large_a_one_is_refused_at_once(text: str, code: str) -> None:
    begin = time.monotonic()
    with pytest.raises(InputError) as caught:
        of(text)
    assert caught.value.code == code
    assert time.monotonic() - begin < 5


@pytest.mark.parametrize(
    "text",
    [
        "1/(n+" * 4 + "1" + ")" * 4,
        "max(n, 3*" * 4 + "m" + ")" * 4,
        "((n/2 + 1)/3 + 1)/4 + n/5/6/7/8/9",
        "floor((" * 9 + "n" + "+ 1)/2)" * 9,
        "1/(2+" * 20 + "1" + ")" * 20,
    ],
)
def test_what_a_person_may_write_has_a_value_soon(text: str) -> None:
    begin = time.monotonic()
    exact_value(parse_expression(text))
    assert time.monotonic() - begin < 5


@pytest.mark.parametrize(
    ("text", "value"),
    [("7/2*2", 7), ("10^30", 10**30), ("floor(7/2)", 3), ("ceil(7/2)", 4), ("-7//2", -3),
     ("(-7)//2", -4), ("max(1, 5/2)*2", 5), ("2^0", 1)],
)  # fmt: skip
def test_numbers_alone_are_exact_and_need_no_sympy(text: str, value: int) -> None:
    assert value_of(parse_expression(text), symbols=False) == value


def test_a_fraction_is_a_value_where_asked_for() -> None:
    assert exact_value(parse_expression("7/2")) == Fraction(7, 2)


def test_letters_can_be_forbidden() -> None:
    with pytest.raises(InputError, match="k, n can't stand here"):
        value_of(parse_expression("n*k + 1"), symbols=False)


def test_a_letter_is_a_whole_number_of_at_least_1() -> None:
    letter: Any = symbol("n")
    assert letter.is_integer
    assert letter.is_positive


LONG = [
    ("nine letters", "(a+1)*(b+1)*(c+1)*(d+1)*(e+1)*(f+1)*(g+1)*(h+1)+i"),
    ("terms of a product", "*".join(f"(n^{power} + {power}*m)" for power in range(1, 12))),
    ("terms of a power", "(a+b+c+d+1)^12"),
]


@pytest.mark.parametrize("formula", [text for _, text in LONG], ids=[name for name, _ in LONG])
def test_a_formula_that_algebra_takes_long_for_is_shown_as_it_stands(formula: str) -> None:
    value = of(formula)
    found = forms(value)
    assert found.simplified == found.factored == found.expanded == value


def test_the_largest_of_sixteen_formulas_is_found_of_seventeen_refused() -> None:
    items = [f"n^{power} + {power}*m" for power in range(1, 18)]
    assert is_symbolic(of(f"max({', '.join(items[:16])}, 3)"))
    with pytest.raises(InputError, match="more than 16 formulas with letters") as caught:
        of(f"max({', '.join(items)})")
    assert caught.value.code == "formula-too-large"
