"""Whether two formulas are equal for all whole numbers that their letters can be.

Both are worked out at points, exactly, as fractions. Formulas without roundings and without max()
are quotients of polynomials, so their difference is p/q with a polynomial p of a degree d that can
be read off. If p is not zero everywhere, a point drawn from S values of each letter hits one of its
zeros with a chance of at most d/S (Schwartz 1980, 'Fast probabilistic algorithms', lemma 1; Zippel
1979). Here d is at most 2·4,096 and S = 2^20, so eight points leave at most 2^-56; an ordinary
formula, with d below 16, leaves 2^-128. The points come from a hash of both formulas: nobody can
write a formula for points that depend on it.

Roundings and max() are compared at those points, and at every point of the ranges where these are
few, else at many of them: a test, no proof.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import product
from math import prod

from answers.errors import InputError
from answers.expressions.dice import Dice
from answers.expressions.expression import (
    Ceiling,
    Expression,
    Floor,
    Largest,
    Name,
    Number,
    Power,
    Product,
    Quotient,
    Sum,
    substitute,
)
from answers.expressions.parts import names_in, parts_of
from answers.expressions.text import to_text
from answers.expressions.value import exact_value

MOST_DEGREE = 4096
Ranges = Mapping[str, range]

_SIDES = 1 << 20
_LARGE_POINTS = 8
_SMALL_POINTS = 6
_MOST_POINTS = 256
_TRIES = 4  # how often as many points are taken where denominators vanish


def identical(a: Expression, b: Expression, ranges: Ranges) -> bool:
    """Whether two formulas are equal whatever their letters stand for.

    ranges: the whole numbers that each letter can be; a formula has no other letters.
    Raises: InputError `formula-symbol` for another letter, `formula-too-large` where numbers or
    degrees become absurd, `formula-divides-by-zero` where one is nowhere defined.
    """
    for formula in (a, b):
        check_degree(formula)
    if not ranges:
        return exact_number(a) == exact_number(b)
    wanted = compared = 0
    for point, wanted in _points(a, b, ranges):
        pair = _defined(a, point), _defined(b, point)
        if None in pair:
            continue
        if pair[0] != pair[1]:
            return False
        compared += 1
        if compared == wanted:
            return True
    if not compared:
        raise InputError("formula-divides-by-zero", "The formula divides by zero everywhere.")
    return compared * 2 >= wanted


def exact_number(formula: Expression) -> Fraction:
    """The value of a formula without letters.

    Raises: InputError `formula-symbol`, `formula-too-large`, `formula-divides-by-zero`.
    """
    return Fraction(exact_value(formula, symbols=False))


def at_point(formula: Expression, point: Mapping[str, int]) -> Fraction:
    """The value with numbers in the places of letters; errors as `exact_number`."""
    numbers = {name: Number(value) for name, value in point.items()}
    return exact_number(substitute(formula, numbers))


def check_degree(formula: Expression) -> None:
    """Raises: InputError `formula-too-large` above MOST_DEGREE."""
    if max(_degrees(formula)) > MOST_DEGREE:
        raise InputError(
            "formula-too-large",
            f"The powers in the formula multiply to a degree above {MOST_DEGREE:,}.",
            hint="Use smaller exponents.",
        )


def _defined(formula: Expression, point: Mapping[str, int]) -> Fraction | None:
    try:
        return at_point(formula, point)
    except InputError as error:
        if error.code == "formula-divides-by-zero":
            return None
        raise


def _points(a: Expression, b: Expression, ranges: Ranges) -> Iterator[tuple[dict[str, int], int]]:
    """Points with how many of them are to agree: small ones of the ranges, then large ones."""
    dice = Dice(to_text(a), to_text(b))
    rounded = _rounds(a) or _rounds(b)
    for _ in range(_TRIES):
        small = _within(ranges, dice) if rounded else _thrown(ranges, dice, _SMALL_POINTS)
        wanted = len(small) + _LARGE_POINTS
        large = _thrown(dict.fromkeys(ranges, range(_SIDES, 2 * _SIDES)), dice, _LARGE_POINTS)
        for point in (*small, *large):
            yield point, wanted


def _thrown(ranges: Ranges, dice: Dice, count: int) -> list[dict[str, int]]:
    return [{name: dice.one_of(sides) for name, sides in ranges.items()} for _ in range(count)]


def _within(ranges: Ranges, dice: Dice) -> list[dict[str, int]]:
    """Every point of the ranges where they are few; else the lowest and some others."""
    if prod(map(len, ranges.values())) <= _MOST_POINTS:
        return [dict(zip(ranges, point, strict=True)) for point in product(*ranges.values())]
    lowest = {name: sides[0] for name, sides in ranges.items()}
    return [lowest, *_thrown(ranges, dice, _MOST_POINTS // 2)]


def _rounds(formula: Expression) -> bool:
    if isinstance(formula, Floor | Ceiling | Largest):
        return True
    return any(map(_rounds, parts_of(formula)))


def _degrees(formula: Expression) -> tuple[int, int]:
    """Upper bounds of the degrees above and below the line, when all is over one denominator."""
    inner = [_degrees(part) for part in parts_of(formula)]
    match formula:
        case Name():
            return 1, 0
        case Power(_, exponent):
            ((top, bottom),) = inner
            return top * exponent, bottom * exponent
        case Quotient() | Floor() | Ceiling():
            (top, below), (other, other_below) = inner
            return top + other_below, below + other
        case Product():
            return sum(top for top, _ in inner), sum(bottom for _, bottom in inner)
        case Sum() | Largest():
            below = sum(bottom for _, bottom in inner)
            return max(top + below - bottom for top, bottom in inner), below
    return inner[0] if inner else (0, 0)


def letters_in(formula: Expression) -> tuple[str, ...]:
    """The names in a formula, each once, sorted."""
    return tuple(sorted(set(names_in(formula))))
