"""What a formula is made of."""

from __future__ import annotations

from collections.abc import Iterator

from answers.expressions.expression import (
    Ceiling,
    Expression,
    Floor,
    Largest,
    Name,
    Negative,
    Power,
    Product,
    Quotient,
    Sum,
)


def parts_of(expression: Expression) -> tuple[Expression, ...]:
    """The formulas right inside a formula; none for a number or a name."""
    match expression:
        case Sum(parts) | Product(parts) | Largest(parts):
            return parts
        case Quotient(top, bottom) | Floor(top, bottom) | Ceiling(top, bottom):
            return top, bottom
        case Negative(inner):
            return (inner,)
        case Power(base, _):
            return (base,)
    return ()


def names_in(expression: Expression) -> Iterator[str]:
    """Every name in a formula, as often as it stands there."""
    if isinstance(expression, Name):
        yield expression.text
    for part in parts_of(expression):
        yield from names_in(part)
