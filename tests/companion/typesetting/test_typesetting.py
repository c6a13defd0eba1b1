"""Formulas in LaTeX as text: what a person sees, at the signs that textbooks use."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answers.errors import InputError
from companion.typesetting import draw, inline
from companion.typesetting.box import columns_of
from companion.typesetting.signs import COMMANDS

INLINE = [
    (r"r_l = r_{l-1} + (k_l - 1)\,j_{l-1}", "rₗ = rₗ₋₁ + (kₗ − 1) jₗ₋₁"),
    (r"D = \frac{2J}{1+J}", "D = 2J/(1 + J)"),
    (r"448\,(n-2)^2", "448 (n − 2)²"),
    (
        r"\operatorname{Var}(w) = \frac{2}{n_{\text{in}} + n_{\text{out}}}",
        "Var(w) = 2/(nᵢₙ + nₒᵤₜ)",
    ),
    (r"\left\lfloor \frac{n + 2p - k}{s} \right\rfloor + 1", "⌊(n + 2p − k)/s⌋ + 1"),
    (r"\varphi'(z_l) \le \frac{1}{4}", "φ′(zₗ) ≤ 1/4"),
    (r"\frac{1}{2}x", "(1/2)x"),
    (r"x \in \{-1, 1\}", "x ∈ {−1, 1}"),
    (r"a = -b", "a = −b"),
    (r"(-1) - 2", "(−1) − 2"),
    (r"\sum_{l=1}^{L} k_l", "∑_(l=1)^L kₗ"),
    (r"\max(0, x)", "max(0, x)"),
    (r"\log p_i + \log(1-p_i)", "log pᵢ + log(1 − pᵢ)"),
    (r"J_1^\top \cdots J_L^\top", "J₁ᵀ ⋯ J_Lᵀ"),
    (r"50{,}000 \cdot 224^2", "50,000 · 224²"),
    (r"50,000 + f(1, 2)", "50,000 + f(1, 2)"),
    (r"\sqrt{a^2+b^2}", "√(a² + b²)"),
    (r"\sqrt[3]{x}", "³√x"),
    (r"\text{the share that is right}", "the share that is right"),
    (r"0.5\%", "0.5%"),
    (r"{x}", "x"),
    ("", ""),
]
ASCII = [
    (r"\lambda x \le 2\,\sigma", "lambda x <= 2 sigma"),
    (r"\hat{p} \approx 0.5", "hat(p) ~= 0.5"),
    (r"\lfloor n / 2 \rfloor", "floor(n/2)"),
    (r"k^2 \cdot c_{\text{in}}", "k^2 * c_in"),
    (r"\varepsilon \to \infty", "epsilon -> inf"),
    ("α ≤ é", "alpha<=?"),
]
DRAWN = [
    (r"D = \frac{2J}{1+J}", ["     2J", "D = ─────", "    1 + J"]),
    (r"\sum_{i=1}^{n} x_i", [" n", " ∑  xᵢ", "i=1"]),
    (r"\arg\max_c p_c", ["arg max p_c", "     c"]),
    (r"-\frac{1}{N}", ["  1", "− ─", "  N"]),
    (r"f = \begin{cases} x & x > 0 \\ 0 & \text{otherwise} \end{cases}",
     ["f = ⎧x  x > 0", "    ⎩0  otherwise"]),
    (r"\left(\frac{a}{b}\right)^{2}", ["⎛a⎞2", "⎜─⎟", "⎝b⎠"]),
    (r"\begin{aligned} a &= b \\ &= c + d \end{aligned}", ["a = b", "  = c + d"]),
    (r"\sqrt{a+b}", [" _____", "√a + b"]),
    (r"\begin{pmatrix} 1 & 22 \\ 3 & 4 \end{pmatrix}", ["⎛1  22⎞", "⎝3  4 ⎠"]),
    (r"x^{n_{\text{in}}+1}", [" nᵢₙ+1", "x"]),
    (r"\overline{xy}", ["__", "xy"]),
]  # fmt: skip
REFUSED = [
    (r"\def\x{y}", r"The command \\def is not known"),
    (r"\input{secret}", r"The command \\input is not known"),
    (r"\frac{1}", "Something has to stand here"),
    (r"{a", "A '}' is missing"),
    (r"a}", "no beginning"),
    (r"\left( a", r"'\\\\right' is missing"),
    (r"\left a \right)", "bracket has to stand after"),
    (r"x_1_2", "Two '_' at one place"),
    (r"\begin{tikzpicture}\end{tikzpicture}", "environment 'tikzpicture' is not known"),
    (r"\begin{cases} a", r"end{cases} is missing"),
    (r"a & b", "A '&' can't stand here"),
    (r"\text a", "Words stand in braces"),
    (r"x^", "Something has to stand here"),
    ("{" * 50 + "}" * 50, "More than 40 groups"),
    ("x" * 4_001, "more than 4,000 characters"),
]
LONG = r"\text{sum} = 128 + 128 + 9{,}248 + 128 + 9{,}248 + 9{,}248 + 24{,}832 = 96 c + 52{,}672 = 52{,}960"


@pytest.mark.parametrize(("latex", "text"), INLINE, ids=[latex for latex, _ in INLINE])
def test_a_formula_in_a_sentence_is_one_readable_line(latex: str, text: str) -> None:
    assert inline(latex) == text


@pytest.mark.parametrize(("latex", "text"), ASCII, ids=[text for _, text in ASCII])
def test_without_unicode_signs_become_words_and_stay_apart(latex: str, text: str) -> None:
    assert inline(latex, ascii_only=True) == text


@pytest.mark.parametrize(("latex", "lines"), DRAWN, ids=[latex for latex, _ in DRAWN])
def test_a_formula_alone_has_bars_limits_and_tall_brackets(latex: str, lines: list[str]) -> None:
    assert draw(latex) == lines


@pytest.mark.parametrize(("latex", "words"), REFUSED, ids=[words for _, words in REFUSED])
def test_what_is_not_known_is_said_with_its_place(latex: str, words: str) -> None:
    with pytest.raises(InputError, match=words) as caught:
        inline(latex)
    assert caught.value.code == "latex-not-known"
    assert "column" in str(caught.value.where)


@pytest.mark.parametrize("width", [40, 60])
def test_a_wide_formula_is_cut_before_its_relations_and_sums(width: int) -> None:
    lines = draw(LONG, width=width)
    assert max(map(columns_of, lines)) <= width
    assert "".join("".join(lines).split()) == "".join(inline(LONG).split())


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_sign_of_the_table_can_be_drawn_in_ascii(command: str) -> None:
    text = inline(f"a \\{command} b", ascii_only=True)
    assert text.isascii()
    assert text.startswith("a")
    assert text.endswith("b")


@given(st.text(alphabet=r"\{}_^&ab12+-=(), fracsqrtleftrightbeginend.", max_size=60))
def test_any_text_is_drawn_or_refused(latex: str) -> None:
    try:
        lines = draw(latex, width=30)
    except InputError:
        return
    assert lines
    assert all(isinstance(line, str) for line in lines)
