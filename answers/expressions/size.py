"""A whole number that may not be known yet.

A size is an int, or a SymPy expression of symbols that stand for whole positive numbers. To the
type checker it is an int: what layers do with sizes is arithmetic, which both can do. What needs a
decision, or a rounding, goes through this module, so that nothing else asks which one it has.
SymPy is imported only where a symbol is met.
"""

from __future__ import annotations

import sys
from typing import Any

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
    return top // bottom


def ceiling_of(top: Size, bottom: Size) -> Size:
    """The quotient, rounded up."""
    if is_symbolic(top) or is_symbolic(bottom):
        rounded: int = _sympy().ceiling(_sympy().sympify(top) / bottom)
        return rounded
    return -(-top // bottom)


def quotient_of(top: Size, bottom: Size) -> Size:
    """The quotient of numbers that divide."""
    if is_symbolic(top) or is_symbolic(bottom):
        exact: int = _sympy().sympify(top) / bottom
        return exact
    return top // bottom


def largest_of(*sizes: Size) -> Size:
    """The largest of some sizes."""
    if any(map(is_symbolic, sizes)):
        largest: int = _sympy().Max(*sizes)
        return largest
    return max(sizes)


def same(a: Size, b: Size) -> bool:
    """Whether two sizes are equal whatever the symbols stand for."""
    if is_symbolic(a) or is_symbolic(b):
        return bool(_sympy().expand(a - b) == 0)
    return a == b
