"""A curve in the terminal: dots of a Braille character, or stars where there is no Unicode."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass

from companion.views.formula_text import FormulaText
from companion.views.paper import Paper

_WIDEST = 76
_NARROWEST = 20
_BLANK = "\u2800"


@dataclass(frozen=True)
class Axis:
    """An axis: what it shows, from where to where, and what is written at its two ends."""

    title: str
    low: float
    high: float
    low_text: str
    high_text: str


@dataclass(frozen=True)
class Mark:
    """A sign at a point of the plot."""

    x: float
    y: float
    sign: str


def draw(
    paper: Paper,
    points: Sequence[tuple[float, float]],
    across: Axis,
    up: Axis,
    *,
    marks: Sequence[Mark] = (),
    height: int = 10,
) -> None:
    """Draw a line through the points, with its axes, as wide as the paper allows."""
    margin = max(len(up.low_text), len(up.high_text)) + 2
    width = max(_NARROWEST, min(paper.columns, _WIDEST) - margin)
    rows = _rows(points, across, up, marks, width, height)
    plain = FormulaText.of(sys.stdout).ascii
    bar, corner, line = ("|", "+", "-") if plain else ("│", "└", "─")
    paper.as_it_is(up.title)
    for number, row in enumerate(rows):
        text = up.high_text if number == 0 else up.low_text if number == height - 1 else ""
        paper.as_it_is(f"{text.rjust(margin - 2)} {bar}{_shown(row, plain=plain)}".rstrip())
    paper.as_it_is(" " * (margin - 1) + corner + line * width)
    fits = len(across.low_text + across.title + across.high_text) + 2 <= width
    paper.as_it_is(" " * margin + _ends(across, across.title if fits else "", width))
    if not fits:
        paper.line(across.title)


def _rows(
    points: Sequence[tuple[float, float]],
    across: Axis,
    up: Axis,
    marks: Sequence[Mark],
    width: int,
    height: int,
) -> list[str]:
    import plotille

    canvas = plotille.Canvas(
        width,
        height,
        xmin=across.low,
        xmax=_beyond(across, 2 * width),
        ymin=up.low,
        ymax=_beyond(up, 4 * height),
    )
    for (x, y), (x2, y2) in zip(points, points[1:] or points, strict=False):
        canvas.line(x, y, x2, y2)
    for mark in marks:
        canvas.point(mark.x, mark.y, marker=mark.sign)
    rows: list[str] = canvas.plot().split("\n")
    return rows


def _shown(row: str, *, plain: bool) -> str:
    if not plain:
        return row.replace(_BLANK, " ").rstrip()
    dots = range(0x2801, 0x2900)
    return "".join(" " if c == _BLANK else "*" if ord(c) in dots else c for c in row)


def _ends(across: Axis, title: str, width: int) -> str:
    room = width - len(across.low_text) - len(across.high_text)
    return across.low_text + title.center(room) + across.high_text


def _beyond(axis: Axis, dots: int) -> float:
    """An end of a canvas at which the last of its dots is the axis's; what lies beyond is left out."""
    return axis.high + (axis.high - axis.low) / (dots - 1)
