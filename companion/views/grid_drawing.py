"""Small grids of numbers in the terminal: digits where they fit, shades where they don't."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass

from companion.views.formula_text import FormulaText
from companion.views.paper import Paper

_MOST_ROWS = 12
_GAP = 3
_WIDEST_SHADES = 36
_SHADES, _ASCII_SHADES = " ░▒▓█", " .:*#"


@dataclass(frozen=True)
class Drawn:
    """A grid: its title, its numbers row after row, and with how many decimals."""

    title: str
    values: Sequence[float]
    columns: int
    decimals: int

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(self.values) // self.columns


def draw(paper: Paper, grids: Sequence[Drawn]) -> None:
    """Draw grids of one size, as many beside one another as fit."""
    blocks = [_block(grid, paper) for grid in grids]
    line: list[list[str]] = []
    for block in blocks:
        if line and sum(len(b[0]) + _GAP for b in line) + len(block[0]) > paper.columns:
            _write(paper, line)
            line = []
        line.append(block)
    _write(paper, line)


def _write(paper: Paper, blocks: list[list[str]]) -> None:
    for number, parts in enumerate(zip(*blocks, strict=True)):
        paper.as_it_is((" " * _GAP).join(parts).rstrip(), bold=number == 0)
    paper.line()


def _block(grid: Drawn, paper: Paper) -> list[str]:
    """The title and the rows, all of one width."""
    lines = _digits(grid)
    if grid.rows > _MOST_ROWS or len(lines[0]) > paper.columns:
        lines = _shades(grid, paper)
    width = max(map(len, (grid.title, *lines)))
    return [text.ljust(width) for text in (grid.title, *lines)]


def _digits(grid: Drawn) -> list[str]:
    cells = [f"{value:.{grid.decimals}f}".replace("-", "−") for value in grid.values]
    # −0.0000 is a number below half a digit, not a sign of anything
    cells = [cell.lstrip("−") if not cell.strip("−0.") else cell for cell in cells]
    width = max(map(len, cells))
    rows = range(0, len(cells), grid.columns)
    return [" ".join(c.rjust(width) for c in cells[i : i + grid.columns]) for i in rows]


def _shades(grid: Drawn, paper: Paper) -> list[str]:
    """A character a block of pixels: how large the largest of them is, whatever its sign."""
    signs = _ASCII_SHADES if FormulaText.of(sys.stdout).ascii else _SHADES
    step = -(-grid.columns // min(_WIDEST_SHADES, paper.columns))
    most = max(map(abs, grid.values)) or 1.0
    rows = range(0, grid.rows, 2 * step)  # a character is twice as high as it is wide
    return ["".join(_row(grid, top, step, most, signs)) for top in rows]


def _row(grid: Drawn, top: int, step: int, most: float, signs: str) -> list[str]:
    bottom = min(top + 2 * step, grid.rows)
    found = []
    for left in range(0, grid.columns, step):
        right = min(left + step, grid.columns)
        largest = max(
            abs(value)
            for row in range(top, bottom)
            for value in grid.values[row * grid.columns + left : row * grid.columns + right]
        )
        found.append(signs[round(largest / most * (len(signs) - 1))])
    return found
