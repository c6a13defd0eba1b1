"""Formulas as text, as a textbook prints them: 27·16·(n − 2)² + 16·(n − 2)², ⌊(n − e)/s⌋ + 1.

Products are flat: a group that belongs together is not put in brackets, since brackets that change
nothing only make a reader look for a reason. `parse_expression` reads both forms back.
"""

from __future__ import annotations

from dataclasses import dataclass

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

_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class _Signs:
    """What an operation looks like in one kind of text."""

    minus: str
    times: str
    floor: tuple[str, str]
    ceiling: tuple[str, str]
    raised: bool


_TEXTBOOK = _Signs("−", "·", ("⌊", "⌋"), ("⌈", "⌉"), raised=True)
_ASCII = _Signs("-", "*", ("floor(", ")"), ("ceil(", ")"), raised=False)


def to_text(expression: Expression, *, ascii: bool = False, thousands: bool = False) -> str:  # noqa: A002  # the word the terminal's option has
    """A formula in one line.

    ascii: *, ^2, floor() and ceil() instead of ·, ², ⌊⌋ and ⌈⌉. thousands: 4,608 for 4608 (never
    inside max(…), where a comma stands between its items).

    >>> n = Name("n")
    >>> to_text(Product((Number(448), Power(n - 2, 2))))
    '448·(n − 2)²'
    """
    return _Writer(_ASCII if ascii else _TEXTBOOK, thousands).line(expression)


def number_text(value: int, *, ascii: bool = False, thousands: bool = True) -> str:  # noqa: A002  # as above
    """A whole number, 4,608."""
    return to_text(Number(value), ascii=ascii, thousands=thousands)


@dataclass(frozen=True)
class _Writer:
    signs: _Signs
    thousands: bool

    def line(self, part: Expression) -> str:
        match part:
            case Sum(terms):
                return self._sum(terms)
            case Negative(inner):
                return self.signs.minus + self._factor(inner)
            case Product(factors):
                return self.signs.times.join(map(self._factor, _flat(factors)))
            case Quotient(top, bottom):
                return self._over(top, bottom)
        return self._atom(part)

    def _sum(self, terms: tuple[Expression, ...]) -> str:
        first, *rest = _flat_terms(terms)
        return self.line(first) + "".join(map(self._added, rest))

    def _added(self, term: Expression) -> str:
        match term:
            case Negative(inner):
                return f" {self.signs.minus} {self._taken(inner)}"
            case Number(value) if value < 0:
                return f" {self.signs.minus} {self._number(-value)}"
        return f" + {self.line(term)}"

    def _taken(self, inner: Expression) -> str:
        return self._bracketed(inner) if isinstance(inner, Sum | Negative) else self.line(inner)

    def _over(self, top: Expression, bottom: Expression) -> str:
        upper = self.line(top) if isinstance(top, Product | Quotient) else self._factor(top)
        return f"{upper}/{self._factor(bottom, alone=True)}"

    def _factor(self, part: Expression, *, alone: bool = False) -> str:
        """A part that a product sign stands beside; `alone`: a product needs brackets too."""
        match part:
            case Product(factors) if not alone:
                return self.signs.times.join(map(self._factor, _flat(factors)))
            case Sum() | Negative() | Quotient() | Product():
                return self._bracketed(part)
            case Number(value) if value < 0:
                return self._bracketed(part)
        return self._atom(part)

    def _bracketed(self, part: Expression) -> str:
        return f"({self.line(part)})"

    def _atom(self, part: Expression) -> str:
        match part:
            case Number(value):
                return self._number(value)
            case Name(text):
                return text
            case Power(base, exponent):
                return self._power(base, exponent)
            case Floor(top, bottom):
                return self._over(top, bottom).join(self.signs.floor)
            case Ceiling(top, bottom):
                return self._over(top, bottom).join(self.signs.ceiling)
            case Largest(items):
                plain = _Writer(self.signs, thousands=False)
                return f"max({', '.join(map(plain.line, items))})"
        raise TypeError(f"no rule to write {type(part).__name__}")

    def _power(self, base: Expression, exponent: int) -> str:
        below = self._bracketed(base) if isinstance(base, Power) else self._factor(base, alone=True)
        if self.signs.raised and exponent >= 0:
            return below + str(exponent).translate(_RAISED)
        return f"{below}^{exponent}" if exponent >= 0 else f"{below}^({exponent})"

    def _number(self, value: int) -> str:
        digits = f"{abs(value):,}" if self.thousands else str(abs(value))
        return digits if value >= 0 else self.signs.minus + digits


def _flat(factors: tuple[Expression, ...]) -> tuple[Expression, ...]:
    """The factors, those of groups among them."""
    found: list[Expression] = []
    for factor in factors:
        found += _flat(factor.factors) if isinstance(factor, Product) else [factor]
    return tuple(found)


def _flat_terms(terms: tuple[Expression, ...]) -> tuple[Expression, ...]:
    found: list[Expression] = []
    for term in terms:
        found += _flat_terms(term.terms) if isinstance(term, Sum) else [term]
    return tuple(found)
