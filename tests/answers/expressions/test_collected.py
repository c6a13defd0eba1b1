"""The line in between: groups multiplied, sums left alone."""

from __future__ import annotations

import pytest

from answers.expressions.collected import collected
from answers.expressions.expression import (
    Expression,
    Floor,
    Negative,
    Number,
    Power,
    Product,
    Quotient,
    Sum,
    names,
)
from answers.expressions.text import to_text

n, k = names("n k")
THREE, SIXTEEN = Number(3), Number(16)
TAPS = Product((THREE, THREE, THREE))
PLACES = Product((n - 2, n - 2))
CASES: list[tuple[str, Expression, str]] = [
    (
        "homework 2b",
        Sum((Product((TAPS, SIXTEEN, PLACES)), Product((SIXTEEN, PLACES)))),
        "27·16·(n − 2)² + 16·(n − 2)²",
    ),
    ("numbers alone", Sum((Product((TAPS, SIXTEEN)), SIXTEEN)), "432 + 16"),
    ("a group in a group", Product((Product((TAPS, SIXTEEN)), PLACES)), "432·(n − 2)²"),
    ("equal letters", Product((k, n, k, Power(k, 2))), "k⁴·n"),
    ("a quotient that divides", Product((THREE, Quotient(SIXTEEN, Number(4)), n)), "3·4·n"),
    ("a quotient that does not", Product((Quotient(THREE, SIXTEEN), n)), "(3/16)·n"),
    ("a factor of 1", Product((n, Number(1), k)), "n·k"),
    ("only ones", Product((Number(1), Number(1))), "1"),
    ("sums stay", (n - 2) + 1, "n − 2 + 1"),
    ("inside a floor", Floor(Product((THREE, SIXTEEN)), k), "⌊48/k⌋"),
    ("inside a minus", n - Product((THREE, SIXTEEN)), "n − 48"),
    ("a power of a number", Power(Number(2), 10), "1024"),
    ("a huge power stays", Power(Number(10), 5000), "10⁵⁰⁰⁰"),
    ("a negative factor", Product((Negative(THREE), n)), "(−3)·n"),
]


@pytest.mark.parametrize(("formula", "text"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_groups_are_multiplied_and_no_sum_is_merged(formula: Expression, text: str) -> None:
    assert to_text(collected(formula)) == text
