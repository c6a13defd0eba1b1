"""The line between numbers put in and the result: groups multiplied, sums left as they stand.

A computer algebra merges 27·16·(n − 2)² + 16·(n − 2)² at once; a person first wants to see it.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import prod

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
)

_MOST_BITS = 4096  # a larger power stays as it is written


def collected(expression: Expression) -> Expression:
    """The formula with numbers multiplied inside each group, and equal factors as powers.

    What holds numbers alone becomes one number; a product with letters keeps one number for each
    group in it. No sum is added up.

    (3·3·3)·16·((n − 2)·(n − 2)) becomes 27·16·(n − 2)², and 3·3·16·32 + 32 becomes 4608 + 32.
    """
    match expression:
        case Product(factors):
            return _product(factors)
        case Sum(terms):
            return Sum(tuple(map(collected, terms)))
        case Negative(inner):
            return Negative(collected(inner))
        case Power(base, exponent):
            return _power(collected(base), exponent)
        case Quotient(top, bottom):
            return _quotient(collected(top), collected(bottom))
        case Floor(top, bottom) | Ceiling(top, bottom):
            return type(expression)(collected(top), collected(bottom))
        case Largest(items):
            return Largest(tuple(map(collected, items)))
    return expression


def _product(factors: tuple[Expression, ...]) -> Expression:
    """A product that is no group: its own numbers stay apart unless there is nothing else."""
    found = [part for factor in factors for part in _parts(_grouped(factor))]
    others = _powers(part for part in found if not isinstance(part, Number))
    if not others:
        return Number(prod(part.value for part in found if isinstance(part, Number)))
    return _of(_in_order(found, others))


def _in_order(found: list[Expression], powers: list[Expression]) -> list[Expression]:
    """The powers in the places of their first factors, the numbers where they stood; no 1."""
    waiting = {_base(power)[0]: power for power in powers}
    placed = [
        part if isinstance(part, Number) else waiting.pop(_base(part)[0], Number(1))
        for part in found
    ]
    return [part for part in placed if part != Number(1)]


def _grouped(factor: Expression) -> Expression:
    """A factor of a product; a group becomes one number times powers."""
    if not isinstance(factor, Product):
        return collected(factor)
    found = [part for inner in factor.factors for part in _parts(_grouped(inner))]
    number = prod(part.value for part in found if isinstance(part, Number))
    others = _powers(part for part in found if not isinstance(part, Number))
    return _of([*([Number(number)] if number != 1 or not others else []), *others])


def _parts(part: Expression) -> tuple[Expression, ...]:
    return part.factors if isinstance(part, Product) else (part,)


def _of(factors: list[Expression]) -> Expression:
    return factors[0] if len(factors) == 1 else Product(tuple(factors))


def _powers(factors: Iterable[Expression]) -> list[Expression]:
    """Equal factors joined, in the order of their first appearance."""
    exponents: dict[Expression, int] = {}
    for factor in factors:
        base, times = _base(factor)
        exponents[base] = exponents.get(base, 0) + times
    return [base if times == 1 else Power(base, times) for base, times in exponents.items()]


def _base(factor: Expression) -> tuple[Expression, int]:
    match factor:
        case Power(base, exponent):
            return base, exponent
    return factor, 1


def _power(base: Expression, exponent: int) -> Expression:
    match base:
        case Number(value) if 0 <= exponent * value.bit_length() <= _MOST_BITS:
            return Number(value**exponent)
    return Power(base, exponent)


def _quotient(top: Expression, bottom: Expression) -> Expression:
    match top, bottom:
        case Number(a), Number(b) if b and a % b == 0:
            return Number(a // b)
        case _, Number(1):
            return top
    return Quotient(top, bottom)
