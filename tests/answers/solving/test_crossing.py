"""Where two expressions cross, against trying every number."""

from __future__ import annotations

import time
from typing import Any

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from answers.errors import InputError
from answers.solving.crossing import Crossing, crossing

n = sympy.Symbol("n", integer=True, positive=True)
m = sympy.Symbol("m", integer=True, positive=True)


def smaller_at(found: Crossing, value: int) -> str:
    (turn,) = [
        turn
        for turn in found.stretches
        if turn.first <= value and (turn.last is None or value <= turn.last)
    ]
    return turn.smaller


def by_trying(first: Any, second: Any, value: int) -> str:
    difference = sympy.sympify(first - second).subs(n, value)
    if difference == 0:
        return "neither"
    return "first" if difference < 0 else "second"


def agrees(first: Any, second: Any, start: int = 1, last: int = 60) -> Crossing:
    found = crossing(first, second, start=start)
    for value in range(start, last):
        assert smaller_at(found, value) == by_trying(first, second, value)
        if not found.always_equal:
            assert (value in found.equal_at) == (by_trying(first, second, value) == "neither")
    return found


COEFFICIENTS = st.lists(st.integers(-20, 20), min_size=1, max_size=4)


@settings(max_examples=40, deadline=None)
@given(COEFFICIENTS, COEFFICIENTS, st.integers(1, 5))
def test_polynomials_cross_where_trying_says(a: list[int], b: list[int], start: int) -> None:
    first = sum(c * n**power for power, c in enumerate(a))
    second = sum((c * n**power for power, c in enumerate(b)), n) - n
    if (sympy.sympify(first) - second).expand().free_symbols:
        found = agrees(first, second, start)
        assert found.searched_to is None


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 30), min_size=1, max_size=4))
def test_every_whole_root_is_found(roots: list[int]) -> None:
    found = crossing(sympy.expand(sympy.prod([n - root for root in roots])), 0 * n)
    assert found.equal_at == tuple(sorted(set(roots)))


ROUNDED = [
    (sympy.floor((n - 3) / 2) + 1, n - 7),
    (sympy.ceiling(n / 2) ** 2, 5 * n),
    (sympy.floor((sympy.floor((n - 3) / 2) - 2) / 2), n / 4 - 1),
    (2 * sympy.floor(n / 2), n - 0 * n),
    (sympy.Mod(n, 3) * n, n + 4),
]


@pytest.mark.parametrize("pair", ROUNDED, ids=str)
def test_roundings_of_strides_are_solved_class_by_class(pair: Any) -> None:
    agrees(*pair)


def test_roundings_that_settle_are_solved_for_all_sizes() -> None:
    assert crossing(sympy.ceiling(n / 2) ** 2, 5 * n).searched_to is None


def test_what_never_settles_says_how_far_it_was_tried() -> None:
    found = crossing(2 * sympy.floor(n / 2), n)  # equal at every even number
    assert found.searched_to is not None
    assert "tried up to n =" in found.sentence()


def test_no_polynomial_is_tried_number_by_number() -> None:
    found = agrees(sympy.Max(n, 7), 2 * n - 5)
    assert found.searched_to is not None
    assert found.equal_at == (6,) or found.stretches


SENTENCES = [
    (n**2, 11 * n, "They are equal at n = 11. From n = 12 on B is smaller."),
    (
        n**2,
        132 + 0 * n,
        "They are equal for no whole n; they cross between 11 and 12. From n = 12 on B is smaller.",
    ),
    ((n + 1) ** 2, n**2 + 2 * n + 1, "They are equal for every n."),
    (n + 1, n + 3, "They are never equal: A is smaller from n = 1 on."),
    (n**2 + 4, n, "They are never equal: B is smaller from n = 1 on."),
]


@pytest.mark.parametrize(("a", "b", "sentence"), SENTENCES, ids=str)
def test_a_crossing_is_said_in_a_sentence(a: Any, b: Any, sentence: str) -> None:
    if sentence.endswith("every n."):
        found = crossing(a, sympy.expand(a) + 0 * n) if False else crossing(a, b)
        assert found.always_equal
    assert crossing(a, b).sentence("A", "B") == sentence


def test_one_letter_is_needed() -> None:
    with pytest.raises(InputError, match="there are m, n"):
        crossing(n**2, m)
    with pytest.raises(InputError, match="there is none"):
        crossing(5, 7)


@pytest.mark.parametrize("number", [10**30, 7**300])
def test_absurd_numbers_are_answered_at_once(number: int) -> None:
    before = time.process_time()
    found = crossing(n**2, number**2 + 0 * n)
    assert found.equal_at == (number,)
    assert crossing(sympy.floor(n / 2), number + 0 * n).stretches
    assert time.process_time() - before < 20
