"""Whether formulas are equal as functions: SymPy's expansion is the oracle."""

from __future__ import annotations

from fractions import Fraction
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from answers.errors import InputError
from answers.expressions.dice import Dice
from answers.expressions.identity import exact_number, identical
from answers.expressions.parse import parse_expression

RANGES = {"n": range(1, 300), "k": range(1, 20)}
EQUAL = [
    ("(n+k)^2", "n^2 + 2n*k + k^2"),
    ("n(n-1)/2", "n^2/2 - n/2"),
    ("(n^3 - k^3)/(n - k)", "n^2 + n*k + k^2"),
    ("1/(1/n)", "n"),
    ("max(n, n)", "n"),
    ("floor((2n + 1)/2)", "n"),
    ("ceil(n/2) + floor(n/2)", "n"),
    ("n - n", "0"),
    ("(n+1)^64", "(1+n)^64"),
    ("max(n,k) + max(-n,-k)", "max(n - k, k - n)"),
]
DIFFERENT = [
    ("(n+k)^2", "n^2 + k^2"),
    ("n", "n + 1/1000000"),
    ("(n-1)(n-2)(n-3)(n-4)(n-5)*k", "0"),
    ("max(n, 2)", "n"),
    ("floor(n/2)", "n/2"),
    ("ceil(n/3)", "floor(n/3) + 1"),
    ("n^64", "n^63"),
]


@pytest.mark.parametrize(("a", "b"), EQUAL)
def test_equal_formulas_are_identical(a: str, b: str) -> None:
    assert identical(parse_expression(a), parse_expression(b), RANGES)


@pytest.mark.parametrize(("a", "b"), DIFFERENT)
def test_formulas_that_differ_somewhere_are_not(a: str, b: str) -> None:
    assert not identical(parse_expression(a), parse_expression(b), RANGES)


def test_formulas_without_letters_are_compared_as_numbers() -> None:
    assert identical(parse_expression("3·3·16·32 + 32"), parse_expression("4640"), {})
    assert not identical(parse_expression("7/2"), parse_expression("3"), {})


POLYNOMIALS = st.recursive(
    st.sampled_from(["n", "k", "2", "3", "(n-1)"]),
    lambda part: st.one_of(
        st.tuples(part, st.sampled_from("+-*"), part).map(lambda t: f"({t[0]}{t[1]}{t[2]})"),
        st.tuples(part, st.integers(0, 4)).map(lambda t: f"({t[0]})^{t[1]}"),
    ),
    max_leaves=8,
)


@settings(max_examples=60)
@given(POLYNOMIALS, POLYNOMIALS)
def test_sympy_finds_the_same_of_polynomials(a: str, b: str) -> None:
    import sympy

    one, other = (sympy.sympify(text.replace("^", "**")) for text in (a, b))
    formulas = parse_expression(a), parse_expression(b)
    assert identical(*formulas, RANGES) == (sympy.expand(one - other) == 0)
    expanded = parse_expression(str(sympy.expand(one)).replace("**", "^"))
    assert identical(formulas[0], expanded, RANGES)


REFUSED = [
    ("((n^64)^64)^2", "formula-too-large", "degree above 4,096"),
    ("(9^64)^64", "formula-too-large", "exceeds"),
    ("1/(n-n)", "formula-divides-by-zero", "everywhere"),
    ("m", "formula-symbol", "m can't stand here"),
]


@pytest.mark.parametrize(("text", "code", "words"), REFUSED, ids=[r[0] for r in REFUSED])
def test_what_cannot_be_compared_is_an_error(text: str, code: str, words: str) -> None:
    with pytest.raises(InputError, match=words) as caught:
        identical(parse_expression(text), parse_expression("n"), RANGES)
    assert caught.value.code == code


DECIMALS = [
    ("0.5", Fraction(1, 2)),
    (".25", Fraction(1, 4)),
    ("12.50", Fraction(25, 2)),
    ("50%", Fraction(1, 2)),
    ("2*50%", Fraction(1)),
    ("5²%", Fraction(1, 4)),
    ("(1+1)%", Fraction(1, 50)),
    ("-0.5", Fraction(-1, 2)),
]


@pytest.mark.parametrize(("text", "value"), DECIMALS, ids=[d[0] for d in DECIMALS])
def test_decimals_and_percent_are_exact_where_they_are_asked_for(
    text: str, value: Fraction
) -> None:
    assert exact_number(parse_expression(text, decimals=True)) == value
    with pytest.raises(InputError, match="can't stand"):
        parse_expression(text)


def test_a_throw_is_the_hash_of_the_seed_and_its_number() -> None:
    dice = Dice("a/question", 7, 0)
    for throw in (1, 2, 3):
        digest = sha256(f"a/question/7/0#{throw}".encode()).hexdigest()
        assert dice.below(1000) == int(digest, 16) % 1000


def test_a_shuffle_keeps_the_items_and_is_the_same_again() -> None:
    items = tuple("abcdef")
    assert sorted(Dice("x").shuffled(items)) == list(items)
    assert Dice("x").shuffled(items) == Dice("x").shuffled(items)
    assert len({Dice(seed).shuffled(items) for seed in range(50)}) > 30
