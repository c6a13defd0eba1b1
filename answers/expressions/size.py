"""A whole number that may not be known yet.

A size is an int, or a SymPy expression of symbols that stand for whole positive numbers. To the
type checker it is an int: what layers do with sizes is arithmetic, which both can do. What needs a
decision, or a rounding, goes through this module, so that nothing else asks which one it has.
SymPy is imported only where a symbol is met.
"""

from __future__ import annotations

import sys
from typing import Any

from answers.errors import InputError

_MOST_COMPARED = 16  # SymPy compares each with each

Size = int  # or a SymPy expression, see above


def is_symbolic(value: Any) -> bool:
    """Whether a value is a SymPy expression. Nobody has one before SymPy is imported."""
    sympy = sys.modules.get("sympy.core.expr")
    return sympy is not None and isinstance(value, sympy.Expr)


def _sympy() -> Any:
    import sympy

    return sympy


def surely(claim: Any) -> bool:
    """Whether a comparison holds whatever the symbols stand for."""
    # SymPy's true and false are no bool; a comparison that it can't decide is neither of them
    return claim if type(claim) is bool else claim is _sympy().true


def floor_of(top: Size, bottom: Size) -> Size:
    """The quotient, rounded down."""
    if is_symbolic(top) or is_symbolic(bottom):
        return _rounded(_sympy().floor, top, bottom)
    return top // bottom


def ceiling_of(top: Size, bottom: Size) -> Size:
    """The quotient, rounded up."""
    if is_symbolic(top) or is_symbolic(bottom):
        return _rounded(_sympy().ceiling, top, bottom)
    return -(-top // bottom)


def _rounded(rule: Any, top: Any, bottom: Any) -> Size:
    """A quotient, rounded; one of the same kind within it becomes part of it.

    ⌊(⌊a/b⌋ + c)/d⌋ = ⌊(a + b·c)/(b·d)⌋ for a whole c and whole positive b and d, and so for
    ceilings (Graham, Knuth, Patashnik, 'Concrete Mathematics', 3.11). Floors of floors are what
    makes SymPy slow, the deeper the slower.
    """
    number, rest = _sympy().sympify(top).as_coeff_Add()
    if not (isinstance(rest, rule) and number.is_Integer and _is_whole_positive(bottom)):
        return _settled(rule(_sympy().sympify(top) / bottom))
    a, b = rest.args[0].as_numer_denom()
    if not (a.is_integer and _is_whole_positive(b)):
        return _settled(rule(_sympy().sympify(top) / bottom))
    return _settled(rule(_sympy().expand((a + b * number) / (b * bottom))))


def _is_whole_positive(value: Any) -> bool:
    return value > 0 if type(value) is int else bool(value.is_Integer and value > 0)


def _settled(value: Any) -> Size:
    return int(value) if value.is_Integer else value


def quotient_of(top: Size, bottom: Size) -> Size:
    """The quotient of numbers that divide."""
    if is_symbolic(top) or is_symbolic(bottom):
        exact: int = _sympy().sympify(top) / bottom
        return exact
    return top // bottom


def largest_of(*sizes: Size) -> Size:
    """The largest of some sizes.

    Raises: InputError `formula-too-large` for more than 16 different ones with letters.
    """
    if any(map(is_symbolic, sizes)):
        if len({size for size in sizes if getattr(size, "free_symbols", ())}) > _MOST_COMPARED:
            raise InputError(
                "formula-too-large",
                f"The largest of more than {_MOST_COMPARED} formulas with letters is too much.",
                hint="Give the letters numbers.",
            )
        largest: int = _sympy().Max(*sizes)
        return largest
    return max(sizes)


def same(a: Size, b: Size) -> bool:
    """Whether two sizes are equal whatever the symbols stand for."""
    if is_symbolic(a) or is_symbolic(b):
        return bool(_sympy().expand(a - b) == 0)
    return a == b
