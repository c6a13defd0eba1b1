"""What a student may write as an answer, and what is invalid; an error points at its place."""

from __future__ import annotations

import time
from fractions import Fraction

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from answers.errors import InputError
from answers.expressions.identity import exact_number
from answers.expressions.text_error import TextError
from answers.textbook.asked import Asked
from answers.textbook.question_book import QuestionBook
from checkers.formula.judge import judge
from checkers.formula.reading import read_answer

NUMBERS = [
    ("4640", Fraction(4640), None),
    ("4,640", Fraction(4640), None),
    ("4_640", Fraction(4640), None),
    ("۴۶۴۰", Fraction(4640), None),
    ("٤٦٤٠", Fraction(4640), None),
    ("۴٬۶۴۰", Fraction(4640), None),
    ("4 640", Fraction(4640), None),
    ("4\u00a0640", Fraction(4640), None),
    ("4\u2009640", Fraction(4640), None),
    ("4\u202f640", Fraction(4640), None),
    ("4'640", Fraction(4640), None),
    ("4’640", Fraction(4640), None),
    ("۴ ۶۴۰", Fraction(4640), None),
    ("1 048 576 + 2 424", Fraction(1_051_000), None),
    ("(2 424 - 424)/2", Fraction(1000), None),
    ("12 345%", Fraction(12_345, 100), 2),
    ("3·3·16·32 + 32", Fraction(4640), None),
    ("8/9", Fraction(8, 9), None),
    ("0.889", Fraction(889, 1000), 3),
    (".5", Fraction(1, 2), 1),
    ("۰٫۸۸۹", Fraction(889, 1000), 3),
    ("88.9%", Fraction(889, 1000), 3),
    ("89 %", Fraction(89, 100), 2),
    ("۸۹٪", Fraction(89, 100), 2),
    ("-3", Fraction(-3), None),
    ("−3", Fraction(-3), None),
    ("2^10", Fraction(1024), None),
    ("2**10", Fraction(1024), None),
    ("2¹⁰", Fraction(1024), None),
    ("0.5*3", Fraction(3, 2), None),
    ("\u200e12", Fraction(12), None),
    ("floor(7/2)", Fraction(3), None),
]


@pytest.mark.parametrize(("text", "value", "places"), NUMBERS, ids=[n[0] for n in NUMBERS])
def test_a_number_is_understood(text: str, value: Fraction, places: int | None) -> None:
    found = read_answer(text, ())
    assert (exact_number(found.parts[0]), found.places) == (value, places)


ECHOES = [
    ("448*(n-2)**2", "448·(n − 2)²"),
    ("۴۴۸(n-۲)^2", "448·(n − 2)²"),
    ("1/2*n", "(1/2)·n"),
    ("0.889", "0.889"),
    ("88.9 %", "88.9 %"),
    ("4608", "4,608"),
]


@pytest.mark.parametrize(("text", "echo"), ECHOES)
def test_it_is_said_what_was_read(text: str, echo: str) -> None:
    assert read_answer(text, ("n",)).echo == echo


INVALID = [
    ("", "answer-empty", "is empty"),
    ("   ", "answer-empty", "is empty"),
    ("9**9**9", "formula-unreadable", "brackets around the power"),
    ("(" * 300 + "n" + ")" * 190, "formula-too-deep", "More than 50 brackets"),
    ("(" * 1000, "formula-too-long", "the limit is 500"),
    ("1" * 501, "formula-too-long", "501 characters"),
    ("(9^64)^64", "formula-too-large", "exceeds"),
    ("((n^64)^64)^64", "formula-too-large", "degree above"),
    ("1/0", "formula-divides-by-zero", "divides by zero"),
    ("1/(2-2)", "formula-divides-by-zero", "divides by zero"),
    ("0,889", "formula-unreadable", "comma"),
    ("12,5", "formula-unreadable", "comma"),
    # no whole groups of three, or more than one way to see them
    ("2 42", "formula-unreadable", "stands where"),
    ("1234 567", "formula-unreadable", "stands where"),
    ("1 234 56", "formula-unreadable", "stands where"),
    ("2 424 7", "formula-unreadable", "stands where"),
    ("2 424'000", "formula-unreadable", "can't stand"),
    ("1  000", "formula-unreadable", "stands where"),
    ("448 parameters", "unknown-letter", "'parameters' is no letter"),
    ("7x7", "unknown-letter", "'x7' is no letter"),
    ("n*m", "unknown-letter", "'m' is no letter of this question: it has n"),
    ("nn", "unknown-letter", "'nn' is no letter"),
    ("__import__('os')", "formula-unreadable", "can't stand"),
    ("os.system('x')", "formula-unreadable", "can't stand"),
    ("lambda: 1", "formula-unreadable", "can't stand"),
    ("n if n else 1", "formula-unreadable", "stands where"),
    ("448(n-2", "formula-unreadable", "ends where"),
    ("𝟜𝟜𝟠", "formula-unreadable", "can't stand"),
    ("1e9", "unknown-letter", "'e9'"),
    ("n!", "formula-unreadable", "can't stand"),
]


@pytest.mark.parametrize(("text", "code", "words"), INVALID, ids=[i[0][:20] for i in INVALID])
def test_what_is_invalid_is_said_and_costs_nothing(text: str, code: str, words: str) -> None:
    begin = time.process_time()
    with pytest.raises(InputError, match=words) as caught:
        read_answer(text, ("n",))
    assert caught.value.code == code
    assert time.process_time() - begin < 1


PLACES = [("۴۴۸(n−۲", 7, 7), ("448 + $n", 6, 7), ("۲×m", 2, 3), ("  12,5", 3, 6)]


@pytest.mark.parametrize(("text", "start", "end"), PLACES, ids=[p[0] for p in PLACES])
def test_an_error_points_into_the_text_as_it_was_written(text: str, start: int, end: int) -> None:
    with pytest.raises(TextError) as caught:
        read_answer(text, ("n",))
    error = caught.value
    assert (error.text, error.start, error.end) == (text, start, end)


HINTS = [("nk", "n*k"), ("m", ""), ("7x7", "to multiply"), ("words", "units")]


@pytest.mark.parametrize(("text", "words"), HINTS)
def test_an_unknown_letter_has_a_way_out(text: str, words: str) -> None:
    with pytest.raises(TextError) as caught:
        read_answer(text, ("n", "k"))
    assert words in caught.value.hint


SIZES = [
    ("16x16x32", ["16", "16", "32"]),
    ("16×16×32", ["16", "16", "32"]),
    ("16, 16, 32", ["16", "16", "32"]),
    ("(n-2)x(n-2)x16", ["n - 2", "n - 2", "16"]),
    ("16 X 16 X 2*16", ["16", "16", "2*16"]),
]


@pytest.mark.parametrize(("text", "sizes"), SIZES, ids=[s[0] for s in SIZES])
def test_sizes_stand_between_signs(text: str, sizes: list[str]) -> None:
    expected = [read_answer(size, ("n",)).parts[0] for size in sizes]
    assert list(read_answer(text, ("n",), sizes=3).parts) == expected


def test_another_number_of_sizes_is_invalid() -> None:
    with pytest.raises(InputError, match="has 2 sizes; 3 are asked for") as caught:
        read_answer("16x16", (), sizes=3)
    assert "32x32x16" in caught.value.hint


BOOK = QuestionBook()
FORMULA = BOOK.ask(BOOK.question("locally-connected/first-layer"), 1)
NUMBER = BOOK.ask(BOOK.question("conv-parameters/one-layer"), 1)


def refusal(asked: Asked, text: str) -> InputError | None:
    """The error of an answer that can't be read; no other error leaves the judge."""
    try:
        judge(asked, text, BOOK.catalogue)
    except InputError as error:
        return error
    return None


ALPHABET = "0123456789nNkmx_+-*/^()²³⌊⌋⌈⌉,.%·×÷−۴٤٫ maxfloreci$'\"[]{}\\\n"


@settings(deadline=None, max_examples=150)
@given(st.text(alphabet=ALPHABET, max_size=60))
@example("max(")
@example("%")
@example("5%%%")
@example("(n^64)^3")
@example("1/(n-n)")
@example("n^64*n^64*n^64*n^64")
def test_any_text_is_judged_or_an_error_of_the_input(text: str) -> None:
    for asked in (FORMULA, NUMBER):
        begin = time.process_time()
        error = refusal(asked, text)
        assert time.process_time() - begin < 2
        if isinstance(error, TextError):
            assert 0 <= error.start <= error.end <= len(text)


ATOMS = st.sampled_from(["n", "N", "2", "16", "0.5", "3%", "(n-2)", "max(n,3)", "⌊n/2⌋", "0"])
FORMULAS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*", "/", "·"]), inner).map(
            lambda part: f"({part[0]}{part[1]}{part[2]})"
        ),
        st.tuples(inner, st.integers(0, 64)).map(lambda part: f"({part[0]})^{part[1]}"),
        inner.map(lambda part: f"-({part})"),
    ),
    max_leaves=30,
)


@settings(deadline=None, max_examples=60)
@given(FORMULAS)
def test_any_formula_is_judged_in_time(text: str) -> None:
    begin = time.process_time()
    refusal(FORMULA, text)
    assert time.process_time() - begin < 2


@pytest.mark.parametrize(
    "text",
    [
        "(n+1)^64*(n+2)^64",
        "((n+1)^32+(n+3)^32)^2",
        "+".join(["n"] * 240),
        "*".join(["n"] * 240),
        "-" * 49 + "n",
        "n/" * 249 + "n",
        "max(" + ",".join(f"n-{i}" for i in range(80)) + ")",
        "(n+1)(n+2)" * 45,
        "1/(n+" * 40 + "1" + ")" * 40,
        "1/(n-1/(n+" * 20 + "1" + "))" * 20,
        "⌊n/2⌋" * 60,
    ],
    ids=[
        "powers",
        "a power of powers",
        "sum",
        "product",
        "signs",
        "quotients",
        "max",
        "brackets",
        "fractions",
        "fractions of differences",
        "roundings",
    ],
)
def test_large_formulas_are_judged_or_refused_within_two_seconds(text: str) -> None:
    begin = time.process_time()
    error = refusal(FORMULA, text[:500])
    assert error is None or error.code.startswith("formula-")
    assert time.process_time() - begin < 2
