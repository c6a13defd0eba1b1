r"""Formulas as LaTeX for a mathematics environment: 448 \cdot \left(n - 2\right)^{2}."""

from __future__ import annotations

import re
from typing import Any

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
from answers.expressions.symbolic import to_expression

_LETTER_WITH_INDEX = re.compile(r"([A-Za-z])_?([A-Za-z0-9]+)")
_LETTER_WITH_DIGITS = re.compile(r"([A-Za-z])_?([0-9]+)")
_TIMES = r" \cdot "


def to_latex(expression: Expression, *, thousands: bool = False) -> str:
    r"""A formula as LaTeX. thousands: 4{,}608 for 4608.

    >>> print(to_latex(Product((Name("k_h"), Name("c_in"), Name("filters")))))
    k_{h} \cdot c_{\mathrm{in}} \cdot \mathrm{filters}
    """
    return _Writer(thousands=thousands).line(expression)


def shape_latex(shape: tuple[Any, ...]) -> str:
    r"""A shape as LaTeX: 32 \times 32 \times 3; ? for a size left open.

    >>> print(shape_latex((32, None, 3)))
    32 \times ? \times 3
    """
    return r" \times ".join(map(_side, shape)) or r"\text{a single number}"


def _side(size: Any) -> str:
    if size is None:
        return "?"
    part = to_expression(size)
    return _bracketed(to_latex(part)) if isinstance(part, Sum | Negative) else to_latex(part)


class _Writer:
    def __init__(self, *, thousands: bool) -> None:
        self.thousands = thousands

    def line(self, part: Expression) -> str:
        match part:
            case Sum(terms):
                first, *rest = terms
                return self.line(first) + "".join(map(self._added, rest))
            case Negative(inner):
                return f"-{self._factor(inner)}"
            case Product(factors):
                return _TIMES.join(map(self._factor, factors))
        return self._atom(part)

    def _added(self, term: Expression) -> str:
        match term:
            case Negative(Sum() | Negative() as inner):
                return f" - {_bracketed(self.line(inner))}"
            case Negative(inner):
                return f" - {self.line(inner)}"
            case Number(value) if value < 0:
                return f" - {self._number(-value)}"
        return f" + {self.line(term)}"

    def _factor(self, part: Expression) -> str:
        match part:
            case Product(factors):
                return _TIMES.join(map(self._factor, factors))
            case Sum() | Negative():
                return _bracketed(self.line(part))
            case Number(value) if value < 0:
                return _bracketed(self.line(part))
        return self._atom(part)

    def _atom(self, part: Expression) -> str:
        match part:
            case Number(value):
                return self._number(value)
            case Name(text):
                return name_latex(text)
            case Power(base, exponent):
                return f"{self._base(base)}^{{{exponent}}}"
            case Quotient(top, bottom):
                return self._fraction(top, bottom)
            case Floor(top, bottom):
                return rf"\left\lfloor {self._fraction(top, bottom)} \right\rfloor"
            case Ceiling(top, bottom):
                return rf"\left\lceil {self._fraction(top, bottom)} \right\rceil"
            case Largest(items):
                return rf"\max\left({', '.join(map(self.line, items))}\right)"
        raise TypeError(f"no rule to write {type(part).__name__}")

    def _base(self, base: Expression) -> str:
        bare = isinstance(base, Name) or (isinstance(base, Number) and base.value >= 0)
        return self.line(base) if bare else _bracketed(self.line(base))

    def _fraction(self, top: Expression, bottom: Expression) -> str:
        return rf"\frac{{{self.line(top)}}}{{{self.line(bottom)}}}"

    def _number(self, value: int) -> str:
        return f"{value:,}".replace(",", "{,}") if self.thousands else str(value)


def _bracketed(inner: str) -> str:
    return rf"\left({inner}\right)"


def name_latex(name: str) -> str:
    """A name: one letter slanted, with its index below; a word upright."""
    indexed = _LETTER_WITH_DIGITS.fullmatch(name)
    if len(name) == 1:
        return name
    if indexed is None and "_" in name:
        indexed = _LETTER_WITH_INDEX.fullmatch(name)
    if indexed is None:
        words = name.replace("_", r"\_")
        return rf"\mathrm{{{words}}}"
    letter, index = indexed.groups()
    below = index if len(index) == 1 or index.isdigit() else rf"\mathrm{{{index}}}"
    return f"{letter}_{{{below}}}"


def prose_latex(text: str) -> str:
    """A sentence with every character that LaTeX reads as a command made harmless."""
    return "".join(_SPECIAL.get(sign, sign) for sign in text)


_SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "×": r"$\times$",
    "·": r"$\cdot$",
    "−": r"$-$",
    "→": r"$\to$",
    "≤": r"$\le$",
    "≥": r"$\ge$",
    "²": r"$^2$",
    "³": r"$^3$",
    "⌊": r"$\lfloor$",
    "⌋": r"$\rfloor$",
    "⌈": r"$\lceil$",
    "⌉": r"$\rceil$",
}
