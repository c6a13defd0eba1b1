"""What lines are written for: so many columns, with or without styles, in Unicode or ASCII."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace

from answers.expressions.expression import Expression
from companion.options import Everywhere
from companion.typesetting.box import columns_of
from companion.views.formula_text import FormulaText
from companion.views.paper import Paper
from companion.views.printable import printable
from companion.views.spans import BOLD, Span, Spans, wrapped
from companion.views.terminal import ascii_text

_GAP = 2
_STYLE = re.compile(r"\033\[[0-9;]*m")
_NARROWEST = 5
_TALLEST = 6  # a row of more lines is read more easily below its title
Cell = tuple[Span, ...]


@dataclass(frozen=True)
class Sheet:
    """width: of all lines, indentation included. styled: bold and colour. ascii_only: no Unicode."""

    width: int
    styled: bool = False
    ascii_only: bool = False

    @classmethod
    def of(cls, everywhere: Everywhere, width: int | None = None) -> Sheet:
        """stdout; width: instead of the terminal's."""
        paper = Paper.of(everywhere)
        return cls(width or paper.width, paper.styled, FormulaText.of(sys.stdout).ascii)

    def narrower(self, by: int) -> Sheet:
        """The same with fewer columns."""
        return replace(self, width=max(self.width - by, 16))

    def text(self, text: str) -> str:
        """A text from a file as this sheet can show it."""
        shown = text if text.isprintable() else printable(text)
        return ascii_text(shown) if self.ascii_only else shown

    def sign(self, sign: str, plain: str) -> str:
        """A sign, or what stands for it in ASCII."""
        return plain if self.ascii_only else sign

    def formula(self, expression: Expression) -> str:
        """A formula in one line, thousands marked."""
        return FormulaText(ascii=self.ascii_only).formula(expression)

    def paragraph(self, spans: Spans, *, first: str = "", rest: str = "") -> list[str]:
        """Lines; first, rest: what stands before the first and before the others."""
        return wrapped(spans, self.width, styled=self.styled, first=first, rest=rest)

    def words(self, text: str, *style: int, indent: int = 0) -> list[str]:
        """Lines of one style."""
        return self.paragraph(
            (Span(self.text(text), style),), first=" " * indent, rest=" " * indent
        )

    def table(
        self, titles: Sequence[Cell], rows: Sequence[Sequence[Cell]], right: Sequence[bool]
    ) -> list[str]:
        """A table as wide as the sheet; rows one below the other where none is so narrow."""
        widths = self._widths([titles, *rows], right)
        if sum(widths) + _GAP * (len(widths) - 1) > self.width:
            return self._below(titles, rows)
        bold = [tuple(Span(s.text, (BOLD, *s.style)) for s in cell) for cell in titles]
        rule = self.sign("─", "-")
        lines = self._row(bold, widths, right) if any(titles) else []
        lines += [(" " * _GAP).join(rule * width for width in widths)] if any(titles) else []
        drawn = [self._row(row, widths, right) for row in rows]
        if any(len(row) > _TALLEST for row in drawn):
            return self._below(titles, rows)
        return lines + [line for row in drawn for line in row]

    def _widths(self, rows: Sequence[Sequence[Cell]], right: Sequence[bool]) -> list[int]:
        """As wide as the longest cell; where that is too much, what is widest is folded."""
        natural = [max(map(_cell_columns, column)) for column in zip(*rows, strict=True)]
        least = [
            width if is_right else min(width, max(_longest_word(cell) for cell in column))
            for width, is_right, column in zip(natural, right, zip(*rows, strict=True), strict=True)
        ]
        room = self.width - _GAP * (len(natural) - 1)
        while sum(natural) > room:
            foldable = [n for n in range(len(natural)) if natural[n] > max(least[n], _NARROWEST)]
            if not foldable:
                break
            natural[max(foldable, key=lambda n: natural[n])] -= 1
        return natural

    def _row(self, row: Sequence[Cell], widths: list[int], right: Sequence[bool]) -> list[str]:
        folded = [
            wrapped(cell, width, styled=self.styled)
            for cell, width in zip(row, widths, strict=True)
        ]
        height = max(map(len, folded))
        lines = []
        for number in range(height):
            parts = [
                _placed(cell[number] if number < len(cell) else "", width, right=is_right)
                for cell, width, is_right in zip(folded, widths, right, strict=True)
            ]
            lines.append((" " * _GAP).join(parts).rstrip())
        return lines

    def _below(self, titles: Sequence[Cell], rows: Sequence[Sequence[Cell]]) -> list[str]:
        lines: list[str] = []
        for row in rows:
            first, *others = row
            lines += self.paragraph(Span(s.text, (BOLD, *s.style)) for s in first)
            for title, cell in zip(titles[1:], others, strict=True):
                if cell:
                    head = (*title, Span(": ")) if title else ()
                    lines += self.paragraph((*head, *cell), first="  ", rest="    ")
        return lines


def _cell_columns(cell: Cell) -> int:
    return sum(columns_of(span.text) for span in cell)


def _longest_word(cell: Cell) -> int:
    words = "".join(span.text for span in cell).split(" ")
    return max(map(columns_of, words), default=0)


def _placed(text: str, width: int, *, right: bool) -> str:
    """Filled up to a width; sequences of a style take no column."""
    missing = " " * (width - columns_of(_STYLE.sub("", text)))
    return missing + text if right else text + missing
