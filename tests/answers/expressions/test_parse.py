"""Reading a person's formula: what is understood, and where an error points."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from answers.errors import InputError
from answers.expressions.expression import (
    Ceiling,
    Expression,
    Floor,
    Largest,
    Name,
    Negative,
    Number,
    Power,
    Product,
    Quotient,
    Sum,
)
from answers.expressions.parse import MOST_CHARACTERS, parse_expression
from answers.expressions.text_error import TextError

n, s = Name("n"), Name("s")
TWO_N = Product((Number(2), n))
READ: list[tuple[str, Expression]] = [
    ("448", Number(448)),
    ("4,608", Number(4608)),
    ("4_608", Number(4608)),
    ("2n", TWO_N),
    ("2*n", TWO_N),
    ("2·n", TWO_N),
    ("2 × n", TWO_N),
    ("2(n-2)", Product((Number(2), n - 2))),
    ("n(n-1)", Product((n, n - 1))),
    ("(n-1)(n-2)", Product((n - 1, n - 2))),
    ("n²", Power(n, 2)),
    ("n^2", Power(n, 2)),
    ("n**2", Power(n, 2)),
    ("n^(2)", Power(n, 2)),
    ("-n^2", Negative(Power(n, 2))),
    ("2 − n", Sum((Number(2), Negative(n)))),
    ("a-(b-c)", Sum((Name("a"), Negative(Sum((Name("b"), Negative(Name("c")))))))),
    ("a/b/c", Quotient(Quotient(Name("a"), Name("b")), Name("c"))),
    ("floor((n-3)/s)", Floor(Sum((n, Negative(Number(3)))), s)),
    ("(n-3)//s", Floor(Sum((n, Negative(Number(3)))), s)),
    ("⌈n/s⌉", Ceiling(n, s)),
    ("ceiling(n/s)", Ceiling(n, s)),
    ("Max(2, n)", Largest((Number(2), n))),
    ("max(1,000)", Largest((Number(1), Number(0)))),
    ("c_in", Name("c_in")),
]


@pytest.mark.parametrize(("text", "formula"), READ, ids=[text for text, _ in READ])
def test_a_formula_is_understood(text: str, formula: Expression) -> None:
    assert parse_expression(text) == formula


WRONG = [
    ("", 0, 0, "is empty"),
    ("2 +", 3, 3, "ends where a number, a name or a bracket is expected"),
    ("(n", 2, 2, r"ends where '\)' is expected"),
    ("n)", 1, 2, r"'\)' stands where an operation"),
    ("2 ** x", 5, 6, "'x' stands where a whole number as the exponent"),
    ("n^65", 2, 4, "exponent 65 is too large; the limit is 64"),
    ("2^3^2", 3, 4, "brackets around the power"),
    ("3.5", 1, 2, r"'\.' can't stand in a formula"),
    ("n m", 2, 3, "'m' stands where an operation"),
    ("5 5", 2, 3, "'5' stands where an operation"),
    ("1/2n", 3, 4, "read in two ways"),
    ("flor(n/2)", 0, 4, "'flor' is no function; floor, ceil and max are"),
    ("floor(n, 2)", 0, 11, "takes one formula, but it gets 2"),
    ("n + $", 4, 5, r"'\$' can't stand"),
    ("۲n", 0, 1, "can't stand in a formula"),
    ("__import__('os')", 0, 1, "can't stand in a formula"),
    ("x" * 41, 0, 41, "at most 40 letters"),
]


@pytest.mark.parametrize(("text", "start", "end", "words"), WRONG, ids=[w[0][:20] for w in WRONG])
def test_an_error_points_at_its_place(text: str, start: int, end: int, words: str) -> None:
    with pytest.raises(TextError, match=words) as caught:
        parse_expression(text)
    assert (caught.value.text, caught.value.start, caught.value.end) == (text, start, end)


def test_a_misspelt_function_gets_the_nearest_one() -> None:
    with pytest.raises(TextError) as caught:
        parse_expression("flor(n/2)")
    assert caught.value.hint == "Did you mean floor(…)?"


@pytest.mark.parametrize(
    "text",
    ["9" * 10**6, "(" * 1000 + "n" + ")" * 1000, "-" * 1900 + "1", "n^" * 900, "⌊" * 1000],
    ids=["a million digits", "brackets", "signs", "powers", "floors"],
)
def test_absurd_texts_are_refused_at_once(text: str) -> None:
    begin = time.monotonic()
    with pytest.raises(TextError):
        parse_expression(text)
    assert time.monotonic() - begin < 1


def test_the_longest_text_is_read() -> None:
    text = "+".join(["1"] * (MOST_CHARACTERS // 2))
    assert isinstance(parse_expression(text), Sum)


@settings(deadline=None, max_examples=300)
@given(st.text(alphabet="0123456789nk_+-*/^()²⌊⌋⌈⌉,· maxfloreci.$", max_size=40))
@example("max(")
@example("max(1,")
def test_any_text_is_a_formula_or_an_error_with_a_place(text: str) -> None:
    error = _error(text)
    if error is not None:
        assert 0 <= error.start <= error.end <= len(text)


def _error(text: str) -> TextError | None:
    try:
        parse_expression(text)
    except TextError as error:
        return error
    return None


def test_a_text_error_is_an_error_of_the_persons_text() -> None:
    assert issubclass(TextError, InputError)
