"""A table in plain lines: numbers are never cut, long words are folded, columns may be left out."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from companion.views.paper import Paper

_GAP = 2
_NARROWEST = 8
_WORD = 24  # longer words are broken


@dataclass(frozen=True)
class Column:
    """One column.

    right: numbers, which are never folded. spare: how readily it is left out on a narrow terminal;
    0: never, else the highest goes first. whole: names to be copied, whose words are never broken.
    """

    title: str
    right: bool = False
    spare: int = 0
    whole: bool = False


def write(paper: Paper, columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> list[int]:
    """Write a table as wide as the paper; where none is so narrow, its rows one below the other.

    Returns: the numbers of the columns that are shown.
    """
    rows = [list(map(paper.text, row)) for row in rows]
    kept = _kept(paper.columns, columns, rows)
    if _least(columns, rows, kept) > paper.columns:
        _below_one_another(paper, columns, rows)
        return list(range(len(columns)))
    titles = [columns[number].title for number in kept]
    cells = [[row[number] for number in kept] for row in rows]
    chosen = [columns[number] for number in kept]
    widths = _widths(paper.columns, chosen, [titles, *cells])
    for line in _lines(chosen, widths, titles):
        paper.as_it_is(line, bold=True)
    for row in cells:
        for line in _lines(chosen, widths, row):
            paper.as_it_is(line)
    return kept


def _below_one_another(
    paper: Paper, columns: Sequence[Column], rows: Sequence[Sequence[str]]
) -> None:
    """A row is its first cell, then a line for each of the others that is not empty."""
    for row in rows:
        first, *others = row
        paper.line(first, bold=True)
        for column, cell in zip(columns[1:], others, strict=True):
            if cell:
                paper.line(f"{column.title}: {cell}" if column.title else cell, indent=2)


def _kept(width: int, columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> list[int]:
    """The columns that fit, when those that may be folded are as narrow as they can be."""
    kept = list(range(len(columns)))
    while _least(columns, rows, kept) > width:
        spare = max(kept, key=lambda number: columns[number].spare)
        if not columns[spare].spare:
            break
        kept.remove(spare)
    return kept


def _least(columns: Sequence[Column], rows: Sequence[Sequence[str]], kept: list[int]) -> int:
    found = 0
    for number in kept:
        cells = [columns[number].title, *(row[number] for row in rows)]
        found += _narrowest(columns[number], cells)
    return found + _GAP * (len(kept) - 1)


def _narrowest(column: Column, cells: Sequence[str]) -> int:
    """The longest word, as long as it is a word: names of a file may be of any length."""
    if column.right:
        return max(map(len, cells))
    longest = max((len(word) for cell in cells for word in cell.split()), default=0)
    return longest if column.whole else min(longest, _WORD)


def _widths(width: int, columns: list[Column], rows: list[list[str]]) -> list[int]:
    """As wide as the longest cell; where that is too much, what can be folded shares the rest."""
    widths = [max(len(row[number]) for row in rows) for number in range(len(columns))]
    room = width - _GAP * (len(columns) - 1)
    while sum(widths) > room:
        foldable = [n for n, column in enumerate(columns) if not (column.right or column.whole)]
        widest = max(foldable, key=lambda n: widths[n], default=None)
        if widest is None or widths[widest] <= _NARROWEST:
            break
        widths[widest] -= 1
    return widths


def _lines(columns: list[Column], widths: list[int], cells: Sequence[str]) -> Iterator[str]:
    folded = [
        textwrap.wrap(cell, width, break_on_hyphens=False) or [""]
        for cell, width in zip(cells, widths, strict=True)
    ]
    for parts in zip_longest(*folded, fillvalue=""):
        yield (
            (" " * _GAP)
            .join(
                part.rjust(width) if column.right else part.ljust(width)
                for part, width, column in zip(parts, widths, columns, strict=True)
            )
            .rstrip()
        )
