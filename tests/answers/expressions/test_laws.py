"""Laws of random formulas: they are read back, evaluated alike everywhere, and balanced."""

from __future__ import annotations

import math
import re
from fractions import Fraction
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from answers.errors import InputError
from answers.expressions.collected import collected
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
    substitute,
)
from answers.expressions.latex import to_latex
from answers.expressions.parse import parse_expression
from answers.expressions.size import ceiling_of, floor_of
from answers.expressions.symbolic import replaced, symbol, to_expression
from answers.expressions.text import to_text
from answers.expressions.value import exact_value

NAMES = ("n", "k_h", "c_in", "filters")
ATOMS = st.one_of(st.integers(0, 5000).map(Number), st.sampled_from(NAMES).map(Name))


def _sum(parts: list[Expression]) -> Expression:
    """As people write it: no sum stands in a sum without a sign."""
    terms = (part.terms if isinstance(part, Sum) else (part,) for part in parts)
    return Sum(tuple(term for group in terms for term in group))


def _product(parts: list[Expression]) -> Expression:
    factors = (part.factors if isinstance(part, Product) else (part,) for part in parts)
    return Product(tuple(factor for group in factors for factor in group))


def _larger(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    several = st.lists(inner, min_size=2, max_size=3)
    pairs = st.tuples(inner, inner)
    return st.one_of(
        several.map(_sum),
        several.map(_product),
        several.map(lambda items: Largest(tuple(items))),
        pairs.map(lambda p: Quotient(*p)),
        pairs.map(lambda p: Floor(*p)),
        pairs.map(lambda p: Ceiling(*p)),
        inner.map(Negative),
        st.tuples(inner, st.integers(0, 3)).map(lambda p: Power(*p)),
    )


FORMULAS = st.recursive(ATOMS, _larger, max_leaves=12)
VALUES = st.fixed_dictionaries({name: st.integers(1, 30) for name in NAMES})


def plain(formula: Expression, values: dict[str, int]) -> Fraction:  # noqa: C901  # a line a kind of formula
    """An evaluator of its own, in fractions."""
    match formula:
        case Number(value):
            return Fraction(value)
        case Name(text):
            return Fraction(values[text])
        case Negative(inner):
            return -plain(inner, values)
        case Sum(parts):
            return sum((plain(part, values) for part in parts), Fraction(0))
        case Product(parts):
            return math.prod((plain(part, values) for part in parts), start=Fraction(1))
        case Power(base, exponent):
            return plain(base, values) ** exponent
        case Largest(parts):
            return max(plain(part, values) for part in parts)
        case Quotient(top, bottom):
            return plain(top, values) / plain(bottom, values)
        case Floor(top, bottom):
            return Fraction(math.floor(plain(top, values) / plain(bottom, values)))
        case Ceiling(top, bottom):
            return Fraction(math.ceil(plain(top, values) / plain(bottom, values)))
    raise AssertionError


def value(formula: Expression, values: dict[str, int]) -> Fraction:
    try:
        return plain(formula, values)
    except ZeroDivisionError:
        assume(False)
        raise


@settings(deadline=None, max_examples=300)
@given(FORMULAS)
def test_what_is_written_is_read_back(formula: Expression) -> None:
    assert parse_expression(to_text(formula)) == formula
    assert parse_expression(to_text(formula, ascii=True)) == formula


@settings(deadline=None, max_examples=200)
@given(FORMULAS)
def test_ascii_text_is_ascii(formula: Expression) -> None:
    assert to_text(formula, ascii=True).isascii()


@settings(deadline=None, max_examples=200)
@given(FORMULAS)
def test_latex_is_balanced(formula: Expression) -> None:
    latex = to_latex(formula, thousands=True)
    depth = 0
    for sign in re.sub(r"\\[{}]", "", latex):
        depth += (sign == "{") - (sign == "}")
        assert depth >= 0
    assert depth == 0
    assert latex.count(r"\left") == latex.count(r"\right")


@settings(deadline=None, max_examples=200)
@given(FORMULAS, VALUES)
def test_collecting_changes_no_value(formula: Expression, values: dict[str, int]) -> None:
    expected = value(formula, values)
    assert value(collected(formula), values) == expected
    put_in = substitute(formula, {name: Number(number) for name, number in values.items()})
    assert value(collected(put_in), {}) == expected


@settings(deadline=None, max_examples=150)
@given(FORMULAS, VALUES)
def test_symbolic_then_substituted_is_numeric(formula: Expression, values: dict[str, int]) -> None:
    expected = value(formula, values)
    try:
        found = exact_value(formula)
    except InputError:
        assume(False)
        raise
    assert Fraction(str(replaced(_size(found), values))) == expected


@settings(deadline=None, max_examples=150)
@given(FORMULAS, VALUES)
def test_sympy_written_and_evaluated_is_sympy_substituted(
    formula: Expression, values: dict[str, int]
) -> None:
    expected = value(formula, values)
    try:
        found = exact_value(formula)
    except InputError:
        assume(False)
        raise
    if isinstance(found, Fraction):
        return
    assert value(to_expression(found), values) == expected


def _size(found: Any) -> Any:
    return found if not isinstance(found, Fraction) else _rational(found)


def _rational(found: Fraction) -> Any:
    import sympy

    return sympy.Rational(found.numerator, found.denominator)


@settings(deadline=None)  # the first time SymPy is loaded
@given(
    st.lists(st.tuples(st.integers(-9, 9), st.integers(1, 7)), min_size=1, max_size=5),
    st.booleans(),
    st.integers(1, 500),
)
def test_nested_roundings_become_one_and_keep_their_value(
    steps: list[tuple[int, int]], down: bool, at: int
) -> None:
    import sympy

    rounded = floor_of if down else ceiling_of
    by_letter, by_number = symbol("n"), at
    for more, bottom in steps:
        by_letter = rounded(by_letter + more, bottom)
        by_number = rounded(by_number + more, bottom)
    assert replaced(by_letter, {"n": at}) == by_number
    assert len(sympy.sympify(by_letter).atoms(sympy.floor, sympy.ceiling)) <= 1
