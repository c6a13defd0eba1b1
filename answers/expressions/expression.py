"""A formula as it is written: numbers, letters, and what is done with them.

Written once, a formula gives its value, its line with numbers put in, and its LaTeX. Unlike a
computer algebra it never merges by itself: 27·16·(n − 2)² + 16·(n − 2)² stays two terms until
somebody asks for the sum.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from operator import add, mul

from answers.errors import InputError
from answers.expressions.size import Size, ceiling_of, floor_of, largest_of, quotient_of
from answers.record import record

Values = Mapping[str, Size | None]


@record()
class Expression:
    """Any formula. Whole numbers may stand beside it in a sum or product."""

    def __add__(self, other: Expression | int) -> Expression:
        return Sum((*_terms(self), *_terms(written(other))))

    def __sub__(self, other: Expression | int) -> Expression:
        return Sum((*_terms(self), Negative(written(other))))

    def __mul__(self, other: Expression | int) -> Expression:
        return Product((self, written(other)))

    def __rmul__(self, other: int) -> Expression:
        return Product((written(other), self))

    def __truediv__(self, other: Expression | int) -> Expression:
        return Quotient(self, written(other))

    def __pow__(self, exponent: int) -> Expression:
        return Power(self, exponent)


@record()
class Number(Expression):
    """A whole number."""

    value: int


@record()
class Name(Expression):
    """A letter or word that stands for a number: n, k_h, c_in, filters."""

    text: str


@record()
class Negative(Expression):
    """What is taken away; it stands in a sum."""

    inner: Expression


@record()
class Sum(Expression):
    """Terms added up."""

    terms: tuple[Expression, ...]


@record()
class Product(Expression):
    """Factors multiplied. A product in a product is a group that belongs together: (k·k·c)·f."""

    factors: tuple[Expression, ...]


@record()
class Quotient(Expression):
    """A division that leaves nothing over."""

    top: Expression
    bottom: Expression


@record()
class Floor(Expression):
    """A quotient rounded down."""

    top: Expression
    bottom: Expression


@record()
class Ceiling(Expression):
    """A quotient rounded up."""

    top: Expression
    bottom: Expression


@record()
class Power(Expression):
    """A power with a whole exponent."""

    base: Expression
    exponent: int


@record()
class Largest(Expression):
    """The largest of some formulas."""

    items: tuple[Expression, ...]


def names(words: str) -> tuple[Name, ...]:
    """Names, written with spaces between them."""
    return tuple(map(Name, words.split()))


def written(value: Expression | int) -> Expression:
    """A whole number as a formula."""
    return value if isinstance(value, Expression) else Number(value)


def _terms(expression: Expression) -> tuple[Expression, ...]:
    return expression.terms if isinstance(expression, Sum) else (expression,)


def evaluate(expression: Expression, values: Values) -> Size:  # noqa: C901  # a line a kind of formula
    """What a formula comes to.

    Raises: InputError `size-unknown` where a name has no value, or stands for a size left open.
    """

    def of(part: Expression) -> Size:
        return evaluate(part, values)

    match expression:
        case Number(value):
            return value
        case Name(text):
            return _known(values.get(text), text)
        case Negative(inner):
            return -of(inner)
        case Sum(terms):
            return reduce(add, map(of, terms))
        case Product(factors):
            return reduce(mul, map(of, factors))
        case Power(base, exponent):
            power: Size = of(base) ** exponent
            return power
        case Quotient(top, bottom):
            return quotient_of(of(top), of(bottom))
        case Floor(top, bottom):
            return floor_of(of(top), of(bottom))
        case Ceiling(top, bottom):
            return ceiling_of(of(top), of(bottom))
        case Largest(items):
            return largest_of(*map(of, items))
    raise TypeError(f"no rule to evaluate {type(expression).__name__}")


def _known(value: Size | None, name: str) -> Size:
    if value is None:
        raise InputError("size-unknown", f"{name} is left open, but it is needed here.")
    return value


def substitute(expression: Expression, values: Mapping[str, Expression]) -> Expression:
    """The formula with other formulas (mostly numbers) in place of names."""

    def of(part: Expression) -> Expression:
        return substitute(part, values)

    match expression:
        case Name(text):
            return values.get(text, expression)
        case Negative(inner):
            return Negative(of(inner))
        case Sum(terms):
            return Sum(tuple(map(of, terms)))
        case Product(factors):
            return Product(tuple(map(of, factors)))
        case Power(base, exponent):
            return Power(of(base), exponent)
        case Quotient(top, bottom) | Floor(top, bottom) | Ceiling(top, bottom):
            return type(expression)(of(top), of(bottom))
        case Largest(items):
            return Largest(tuple(map(of, items)))
    return expression
