"""What a formula that a person wrote comes to: a whole number, or an expression of symbols.

Bounded: numbers stay below 2^4096, exponents at 64, and a formula with letters is refused when its
expanded form could have more than 10,000 terms, or when more than 4 divisions by letters, or max(),
stand inside one another.
"""

from __future__ import annotations

from fractions import Fraction
from math import ceil, comb, floor, prod
from typing import Any

from answers.errors import InputError
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
from answers.expressions.parts import names_in, parts_of
from answers.expressions.size import Size, is_symbolic, largest_of
from answers.expressions.symbolic import settled, symbol

MOST_BITS = 4096
MOST_EXPONENT = 64
MOST_TERMS = 10_000
# SymPy takes four times as long for each further one: hours for 20
MOST_NESTED = 4


def value_of(expression: Expression, *, symbols: bool = True) -> Size:
    """The value of a formula: an int, or a SymPy expression where names stand in it.

    symbols: whether names may stand in it at all; each is a whole number of at least 1.
    Raises: InputError `formula-symbol` for a name without `symbols`, `formula-too-large`,
    `formula-divides-by-zero`, `formula-not-whole` where a plain number is no whole one.
    """
    found = exact_value(expression, symbols=symbols)
    if not isinstance(found, Fraction):
        return found
    if found.denominator != 1:
        raise InputError("formula-not-whole", f"{found} is not a whole number.")
    return found.numerator


def exact_value(expression: Expression, *, symbols: bool = True) -> Size | Fraction:
    """As `value_of`, but a plain number may be a fraction: 7/2."""
    letters = sorted(set(names_in(expression)))
    if letters and not symbols:
        raise InputError(
            "formula-symbol",
            f"{', '.join(letters)} can't stand here: a number is needed.",
            hint="Give every letter a number.",
        )
    _check_growth(expression, len(letters))
    _check_nesting(expression)
    found = _Values().of(expression)
    return found if isinstance(found, Fraction) else settled(found)


def _check_growth(expression: Expression, letters: int) -> None:
    degree, terms = _growth(expression)
    # as many terms as there are monomials of that degree, at the most
    if letters and min(terms, comb(min(degree, MOST_TERMS) + letters, letters)) > MOST_TERMS:
        raise InputError(
            "formula-too-large",
            f"The formula could have more than {MOST_TERMS:,} terms when its brackets are opened.",
            hint="Use smaller exponents, or fewer letters.",
        )


def _check_nesting(expression: Expression) -> None:
    if _nested(expression)[0] > MOST_NESTED:
        raise InputError(
            "formula-too-large",
            f"More than {MOST_NESTED} divisions by letters, or max(), stand inside one another.",
            hint="Bring the formula over one denominator.",
        )


def _nested(expression: Expression) -> tuple[int, bool]:
    """How many divisions by letters and max() stand inside one another; whether letters are there."""
    inner = list(map(_nested, parts_of(expression)))
    deepest = max((depth for depth, _ in inner), default=0)
    has_letters = isinstance(expression, Name) or any(letters for _, letters in inner)
    match expression:
        case Quotient() | Floor() | Ceiling():
            (above, _), (below, divides_by_letters) = inner
            deepest = max(above, below + divides_by_letters)
        case Largest():
            deepest += has_letters
    return deepest, has_letters


def _growth(expression: Expression) -> tuple[int, int]:
    """Upper bounds of the degree and of how many terms there are without brackets."""
    inner = [_growth(part) for part in parts_of(expression)]
    match expression:
        case Name():
            return 1, 1
        case Power(_, exponent):
            ((degree, terms),) = inner
            return degree * abs(exponent), min(terms, MOST_TERMS + 1) ** min(abs(exponent), 64)
        case Product() | Quotient() | Floor() | Ceiling():
            return sum(degree for degree, _ in inner), prod(terms for _, terms in inner)
    return max((degree for degree, _ in inner), default=0), sum(t for _, t in inner) or 1


class _Values:
    """Fractions while numbers meet numbers, SymPy as soon as a letter is there."""

    def of(self, part: Expression) -> Any:
        found = self.rule(part)
        if isinstance(found, Fraction):
            _check_size(found)
        return found

    def rule(self, part: Expression) -> Any:  # noqa: C901  # a line a kind of formula
        match part:
            case Number(value):
                return Fraction(value)
            case Name(text):
                return symbol(text)
            case Negative(inner):
                return -self.of(inner)
            case Sum(terms):
                return self.total(terms)
            case Product(factors):
                return self.product(factors)
            case Power(base, exponent):
                return self.power(self.of(base), exponent)
            case Quotient(top, bottom):
                return self.quotient(top, bottom)
            case Floor(top, bottom):
                return self.rounded(self.quotient(top, bottom), down=True)
            case Ceiling(top, bottom):
                return self.rounded(self.quotient(top, bottom), down=False)
            case Largest(items):
                return self.largest(items)
        raise TypeError(f"no rule for the value of {type(part).__name__}")

    def total(self, terms: tuple[Expression, ...]) -> Any:
        found: Any = Fraction(0)
        for term in terms:
            found = _joined(found, self.of(term), lambda a, b: a + b)
        return found

    def product(self, factors: tuple[Expression, ...]) -> Any:
        found: Any = Fraction(1)
        for factor in factors:
            found = _joined(found, self.of(factor), lambda a, b: a * b)
        return found

    def quotient(self, top: Expression, bottom: Expression) -> Any:
        below = self.of(bottom)
        if below == 0:
            raise InputError("formula-divides-by-zero", "The formula divides by zero.")
        return _joined(self.of(top), below, lambda a, b: a / b)

    def power(self, base: Any, exponent: int) -> Any:
        if not 0 <= exponent <= MOST_EXPONENT:
            raise InputError(
                "formula-too-large", f"The exponent {exponent} is not from 0 to {MOST_EXPONENT}."
            )
        if isinstance(base, Fraction) and exponent * _bits(base) > MOST_BITS + MOST_EXPONENT:
            raise _too_large()
        return base**exponent

    def rounded(self, value: Any, *, down: bool) -> Any:
        if isinstance(value, Fraction):
            return Fraction(floor(value) if down else ceil(value))
        import sympy

        return sympy.floor(value) if down else sympy.ceiling(value)

    def largest(self, items: tuple[Expression, ...]) -> Any:
        found = list(map(self.of, items))
        if all(isinstance(item, Fraction) for item in found):
            return max(found)
        return largest_of(*map(_for_sympy, found))


def _joined(a: Any, b: Any, rule: Any) -> Any:
    found = rule(a, b) if type(a) is type(b) else rule(_for_sympy(a), _for_sympy(b))
    if isinstance(found, Fraction):
        _check_size(found)
    return found


def _for_sympy(value: Any) -> Any:
    if is_symbolic(value):
        return value
    import sympy

    return sympy.Rational(value.numerator, value.denominator)


def _bits(value: Fraction) -> int:
    return max(value.numerator.bit_length(), value.denominator.bit_length())


def _check_size(value: Fraction) -> None:
    if _bits(value) > MOST_BITS:
        raise _too_large()


def _too_large() -> InputError:
    return InputError("formula-too-large", f"A number in the formula exceeds 2^{MOST_BITS}.")
