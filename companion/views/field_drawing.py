"""The receptive field growing layer by layer, drawn with characters."""

from __future__ import annotations

import sys

from answers.network.graph import Network
from answers.receptive_field.growth import Grown, Sight, growth
from companion.options import Everywhere
from companion.views.formula_text import FormulaText
from companion.views.paper import Paper
from companion.views.printable import printable

_MOST_ROWS = 40
_AXES = {1: ("",), 2: ("height", "width"), 3: ("depth", "height", "width")}


def show(network: Network, source: str | None, everywhere: Everywhere) -> None:
    """A bar for each layer: what its middle unit sees of the input.

    █ is read, · is not. Where a bar is wider than the terminal, a character stands for several
    positions.
    """
    paper, plain = Paper.of(everywhere), FormulaText.of(sys.stdout).ascii
    rows = _thinned(growth(network, source=source))
    count = len(rows[-1].axes)
    alike = all(len(set(row.axes)) == 1 for row in rows)
    for axis in range(1 if alike else count):
        paper.line()
        if not alike:
            paper.line(_AXES.get(count, ())[axis] if count <= 3 else f"axis {axis + 1}", bold=True)
        _bars([(row.name, row.axes[axis]) for row in rows], paper, plain=plain)


def _thinned(rows: tuple[Grown, ...]) -> tuple[Grown, ...]:
    """Of very many layers every so manieth, the last among them."""
    step = -(-len(rows) // _MOST_ROWS)
    return rows if step == 1 else (*rows[:-1:step], rows[-1])


def _bars(rows: list[tuple[str, Sight]], paper: Paper, *, plain: bool) -> None:
    first = min(sight.first for _, sight in rows)
    last = max(sight.last for _, sight in rows)
    names = [_short(name) for name, _ in rows]
    width = max(map(len, names))
    digits = max(len(str(sight.size)) for _, sight in rows)
    room = max(8, paper.width - width - digits - 4)
    scale = -(-(last - first + 1) // room)
    for name, (_, sight) in zip(names, rows, strict=True):
        bar = _bar(sight, first, last, scale, ("#", ".") if plain else ("█", "·"))
        paper.as_it_is(f"{name.ljust(width)}  {str(sight.size).rjust(digits)}  {bar}")
    if scale > 1:
        paper.line(f"A character stands for {scale} positions.", dim=True)


def _bar(sight: Sight, first: int, last: int, scale: int, signs: tuple[str, str]) -> str:
    starts = range(first, last + 1, scale)
    seen, unseen = signs
    return "".join(
        seen if any(place in sight for place in range(start, start + scale)) else unseen
        for start in starts
    )


def _short(name: str) -> str:
    shown = printable(name)
    return shown if len(shown) <= 24 else f"{shown[:11]}…{shown[-12:]}"
