"""Formulas as people write them: text, ASCII, LaTeX."""

from __future__ import annotations

import pytest

from answers.expressions.expression import (
    Ceiling,
    Expression,
    Floor,
    Largest,
    Negative,
    Number,
    Power,
    Product,
    Quotient,
    Sum,
    names,
    written,
)
from answers.expressions.latex import name_latex, prose_latex, to_latex
from answers.expressions.text import number_text, to_text

n, e, s, k_h, k_w, c_in, filters = names("n e s k_h k_w c_in filters")
HOMEWORK = Sum(
    (
        Product((Number(27), Number(16), Power(n - 2, 2))),
        Product((Number(16), Power(n - 2, 2))),
    )
)
CASES: list[tuple[Expression, str, str, str]] = [
    (
        HOMEWORK,
        "27·16·(n − 2)² + 16·(n − 2)²",
        "27*16*(n - 2)^2 + 16*(n - 2)^2",
        r"27 \cdot 16 \cdot \left(n - 2\right)^{2} + 16 \cdot \left(n - 2\right)^{2}",
    ),
    (
        Floor(n - e, s) + 1,
        "⌊(n − e)/s⌋ + 1",
        "floor((n - e)/s) + 1",
        r"\left\lfloor \frac{n - e}{s} \right\rfloor + 1",
    ),
    (Ceiling(n, s), "⌈n/s⌉", "ceil(n/s)", r"\left\lceil \frac{n}{s} \right\rceil"),
    (Largest((e, s)), "max(e, s)", "max(e, s)", r"\max\left(e, s\right)"),
    (
        Product((Product((k_h, k_w, c_in)), filters)),
        "k_h·k_w·c_in·filters",
        "k_h*k_w*c_in*filters",
        r"k_{h} \cdot k_{w} \cdot c_{\mathrm{in}} \cdot \mathrm{filters}",
    ),
    (
        Product((k_h, c_in / s, filters)),
        "k_h·(c_in/s)·filters",
        "k_h*(c_in/s)*filters",
        r"k_{h} \cdot \frac{c_{\mathrm{in}}}{s} \cdot \mathrm{filters}",
    ),
    (Quotient(Product((written(3), n)), Product((s, e))), "3·n/(s·e)", "3*n/(s*e)",
     r"\frac{3 \cdot n}{s \cdot e}"),
    (n - (e + s), "n − (e + s)", "n - (e + s)", r"n - \left(e + s\right)"),
    (Negative(n) + 1, "−n + 1", "-n + 1", "-n + 1"),
    (Product((n, Negative(s))), "n·(−s)", "n*(-s)", r"n \cdot \left(-s\right)"),
    (Power(Power(n, 2), 3), "(n²)³", "(n^2)^3", r"\left(n^{2}\right)^{3}"),
    (Sum((n, Number(-2))), "n − 2", "n - 2", "n - 2"),
    (Number(4608), "4608", "4608", "4608"),
]  # fmt: skip
IDS = [text for _, text, _, _ in CASES]


@pytest.mark.parametrize(("formula", "text", "plain", "latex"), CASES, ids=IDS)
def test_a_formula_is_written_as_a_textbook_prints_it(
    formula: Expression, text: str, plain: str, latex: str
) -> None:
    assert to_text(formula) == text
    assert to_text(formula, ascii=True) == plain
    assert to_latex(formula) == latex


@pytest.mark.parametrize(
    ("formula", "text", "latex"),
    [
        (Number(4608), "4,608", "4{,}608"),
        (Number(-1234567), "−1,234,567", "-1{,}234{,}567"),
        (Product((Number(4640), n)), "4,640·n", r"4{,}640 \cdot n"),
        (Largest((Number(1000), n)), "max(1000, n)", r"\max\left(1{,}000, n\right)"),
        (Number(999), "999", "999"),
    ],
)
def test_thousands_are_separated_where_no_comma_lists(
    formula: Expression, text: str, latex: str
) -> None:
    assert to_text(formula, thousands=True) == text
    assert to_latex(formula, thousands=True) == latex


def test_a_number_alone_has_its_thousands_separated() -> None:
    assert number_text(52960) == "52,960"


@pytest.mark.parametrize(
    ("name", "latex"),
    [
        ("n", "n"),
        ("k_h", "k_{h}"),
        ("c_in", r"c_{\mathrm{in}}"),
        ("n_12", "n_{12}"),
        ("n1", "n_{1}"),
        ("filters", r"\mathrm{filters}"),
        ("depth_multiplier", r"\mathrm{depth\_multiplier}"),
    ],
)
def test_a_letter_is_slanted_with_its_index_below_and_a_word_upright(name: str, latex: str) -> None:
    assert name_latex(name) == latex


def test_prose_gives_latex_no_command() -> None:
    assert prose_latex(r"100 % of a_b {x} $1 \input") == (
        r"100 \% of a\_b \{x\} \$1 \textbackslash{}input"
    )
