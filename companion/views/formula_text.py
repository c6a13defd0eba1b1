"""Formulas and sizes as this terminal can show them."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TextIO

from answers.derivation.derivation import Shape, Value
from answers.expressions.expression import Expression
from answers.expressions.symbolic import to_expression
from answers.expressions.text import to_text
from companion.views.terminal import can_show_signs


@dataclass(frozen=True)
class FormulaText:
    """Writes formulas with the signs of a textbook, or with ASCII where those can't be shown."""

    ascii: bool = False

    @classmethod
    def of(cls, stream: TextIO | None = None) -> FormulaText:
        """For a stream (stdout unless another is given), by what its encoding can hold."""
        return cls(ascii=not can_show_signs(stream or sys.stdout))

    def formula(self, expression: Expression) -> str:
        """One line, thousands marked."""
        return to_text(expression, ascii=self.ascii, thousands=True)

    def value(self, value: Value) -> str:
        """A size, a shape, or ? for what is not known."""
        if value is None:
            return "?"
        if isinstance(value, tuple):
            return self.shape(value)
        return self.formula(to_expression(value))

    def shape(self, shape: Shape) -> str:
        """32x32x3, (n − 2)x(n − 2)x16, ?x?x3."""
        return "x".join(map(self._side, shape)) or "a single number"

    def _side(self, size: object) -> str:
        if size is None or type(size) is int:
            return "?" if size is None else str(size)
        text = to_text(to_expression(size), ascii=self.ascii)  # type: ignore[arg-type]  # a size
        return text if getattr(size, "is_Symbol", False) else f"({text})"
