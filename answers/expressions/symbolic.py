"""Between our formulas and SymPy's: the only module that asks for its algebra.

SymPy is imported when a symbol is there, never before: it takes longer to load than most answers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from math import comb, prod
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
from answers.expressions.size import Size, is_symbolic

# a formula beyond one of these is shown as it stands: algebra would take too long
_MOST_DEGREE = 200
_MOST_LETTERS = 8
_MOST_TERMS = 300  # of its expanded form, at the most


@dataclass(frozen=True)
class Forms:
    """One value in three forms. Of a plain number all are the number.

    simplified: the shortest of what we know; factored: a product; expanded: a sum of powers.
    """

    simplified: Size
    factored: Size
    expanded: Size


def symbol(name: str) -> Size:
    """The letter `name`, standing for a whole number of at least 1."""
    import sympy

    found: Size = sympy.Symbol(name, integer=True, positive=True)
    return found


def replaced(value: Size, values: Mapping[str, Size]) -> Size:
    """A size with numbers (or other sizes) in place of some of its symbols, all at once."""
    if not is_symbolic(value):
        return value
    found: Any = value
    pairs = [(item, values[item.name]) for item in found.free_symbols if item.name in values]
    return settled(found.subs(pairs, simultaneous=True))


def settled(value: Any) -> Size:
    """A size whose symbols may be gone: then it is a plain int."""
    return int(value) if is_symbolic(value) and value.is_Integer else value


def symbols_of(value: Size) -> tuple[str, ...]:
    """The names of the symbols in a size, sorted."""
    if not is_symbolic(value):
        return ()
    found: Any = value
    return tuple(sorted(item.name for item in found.free_symbols))


def exact_text(value: Size) -> str:
    """A size as a text that SymPy and `parse_expression` read back: '448*(n - 2)**2'."""
    return str(value)


def forms(value: Size) -> Forms:
    """A size simplified, factored and expanded; as it stands where that would take too long."""
    if not is_symbolic(value) or _is_too_large(value):
        return Forms(value, value, value)
    import sympy

    expanded, factored = sympy.expand(value), sympy.factor(value)
    choices = (factored, value, sympy.cancel(value), expanded)
    simplified = min(choices, key=sympy.count_ops)
    return Forms(*map(settled, (simplified, factored, expanded)))


def _is_too_large(value: Any) -> bool:
    letters, degree = len(value.free_symbols), _degree(value)
    if letters > _MOST_LETTERS or degree > _MOST_DEGREE:
        return True
    return _terms(value) > _MOST_TERMS


def _terms(value: Any) -> int:
    """An upper bound of how many terms there are without brackets; no more than is refused."""
    if value.is_Pow and value.exp.is_Integer:
        inner, exponent = _terms(value.base), abs(int(value.exp))
        # as many terms as ways to take `exponent` times one of `inner`
        return min(comb(inner + exponent - 1, exponent), _MOST_TERMS + 1)
    counts = [_terms(part) for part in value.args] if value.is_Add or value.is_Mul else []
    found = prod(counts) if value.is_Mul else sum(counts) or 1
    return min(found, _MOST_TERMS + 1)


def _degree(value: Any) -> int:
    """An upper bound of the degree: powers within a power multiply."""
    if value.is_Pow and value.exp.is_Integer:
        return _degree(value.base) * abs(int(value.exp))
    degrees = list(map(_degree, value.args))
    if value.is_Mul:
        return sum(degrees)
    return max(degrees, default=int(value.is_Symbol))


def to_expression(value: Size) -> Expression:
    """A size as a formula, its terms in the order in which people write polynomials.

    Raises: InputError `formula-not-writable` for a function that no size is made of.
    """
    return Number(value) if type(value) is int else _Reader().of(value)


class _Reader:
    """SymPy's tree, kind by kind."""

    def of(self, value: Any) -> Expression:
        rule = _rules().get(value.func)
        if value.is_Integer:
            return _number(int(value))
        if value.is_Rational:
            return _quotient(_number(value.p), Number(value.q))
        if rule is None:
            raise InputError("formula-not-writable", f"No formula is known for {value}.")
        found: Expression = getattr(self, rule)(value)
        return found

    def name(self, value: Any) -> Expression:
        return Name(value.name)

    def add(self, value: Any) -> Expression:
        terms = [self.of(term) for term in value.as_ordered_terms()]
        if len(terms) == 2 and isinstance(terms[0], Negative):
            terms.reverse()  # 1 − n, not −n + 1
        return Sum(tuple(terms))

    def mul(self, value: Any) -> Expression:
        number, rest = value.as_coeff_Mul()
        if number.is_Rational and number < 0:
            return Negative(self.of(-value))
        top, bottom = value.as_numer_denom()
        if bottom != 1:
            return Quotient(self.of(top), self.of(bottom))
        if number.is_Rational and number != 1 and rest.is_Add:
            return Product((self.of(number), self.of(rest)))
        return Product(tuple(self.of(factor) for factor in value.as_ordered_factors()))

    def pow(self, value: Any) -> Expression:
        if not value.exp.is_Integer:
            raise InputError("formula-not-writable", f"{value} has no whole exponent.")
        exponent = int(value.exp)
        if exponent < 0:
            return Quotient(Number(1), self.of(1 / value))
        return Power(self.of(value.base), exponent)

    def floor(self, value: Any) -> Expression:
        return Floor(*self.fraction(value.args[0]))

    def ceiling(self, value: Any) -> Expression:
        return Ceiling(*self.fraction(value.args[0]))

    def fraction(self, value: Any) -> tuple[Expression, Expression]:
        top, bottom = _together(value).as_numer_denom()
        return self.of(top), self.of(bottom)

    def largest(self, value: Any) -> Expression:
        return Largest(tuple(map(self.of, self.ordered(value))))

    def smallest(self, value: Any) -> Expression:
        """The smallest is the largest with all signs turned."""
        return Negative(Largest(tuple(self.of(-item) for item in self.ordered(value))))

    def rest(self, value: Any) -> Expression:
        """What a division leaves over: a − b·⌊a/b⌋."""
        top, bottom = map(self.of, value.args)
        return Sum((top, Negative(Product((bottom, Floor(top, bottom))))))

    def ordered(self, value: Any) -> list[Any]:
        import sympy

        # letters before numbers, as in max(k, 3)
        return sorted(value.args, key=lambda item: (item.is_number, sympy.default_sort_key(item)))


def _number(value: int) -> Expression:
    return Number(value) if value >= 0 else Negative(Number(-value))


def _quotient(top: Expression, bottom: Expression) -> Expression:
    match top:
        case Negative(inner):
            return Negative(Quotient(inner, bottom))
    return Quotient(top, bottom)


def _together(value: Any) -> Any:
    import sympy

    return sympy.together(value)


@cache
def _rules() -> dict[Any, str]:
    """Which method of `_Reader` reads which of SymPy's classes."""
    import sympy

    return {
        sympy.Symbol: "name",
        sympy.Add: "add",
        sympy.Mul: "mul",
        sympy.Pow: "pow",
        sympy.floor: "floor",
        sympy.ceiling: "ceiling",
        sympy.Max: "largest",
        sympy.Min: "smallest",
        sympy.Mod: "rest",
    }
