"""Curves over one axis, drawn with characters: dots of Braille characters, or stars in ASCII."""

from __future__ import annotations

from collections.abc import Sequence

from answers.record import record
from companion.views.sheet import Sheet

_HEIGHT = 14
_WIDEST = 68
_BLANK = "\u2800"


@record()
class Series:
    """A curve with its name; points: x and y, x growing."""

    name: str
    points: Sequence[tuple[float, float]]


def plotted(
    series: Sequence[Series],
    sheet: Sheet,
    *,
    across: str = "x",
    low: float | None = None,
    high: float | None = None,
) -> list[str]:
    """The lines of a plot. across: what the axis shows. low, high: its ends upwards."""
    xs = [x for item in series for x, _ in item.points]
    ys = [y for item in series for _, y in item.points]
    bottom, top = min(ys) if low is None else low, max(ys) if high is None else high
    top = top if top > bottom else bottom + 1
    labels = [_label(top), _label(bottom)]
    margin = max(map(len, labels)) + 2
    width = max(16, min(sheet.width, _WIDEST) - margin)
    rows = _rows(series, (min(xs), max(xs)), (bottom, top), width, ascii_only=sheet.ascii_only)
    bar, corner, line = sheet.sign("│", "|"), sheet.sign("└", "+"), sheet.sign("─", "-")
    named = [labels[0], *[""] * (len(rows) - 2), labels[1]]
    drawn = [f"{name.rjust(margin - 2)} {bar}{row}" for name, row in zip(named, rows, strict=True)]
    ends = _ends(_label(min(xs)), sheet.text(across), _label(max(xs)), width)
    title = ", ".join(sheet.text(item.name) for item in series)
    return [
        title,
        *(row.rstrip() for row in drawn),
        " " * (margin - 1) + corner + line * width,
        " " * margin + ends,
    ]


def _rows(
    series: Sequence[Series],
    across: tuple[float, float],
    up: tuple[float, float],
    width: int,
    *,
    ascii_only: bool,
) -> list[str]:
    import plotille

    canvas = plotille.Canvas(
        width,
        _HEIGHT,
        xmin=across[0],
        xmax=_beyond(*across, 2 * width),
        ymin=up[0],
        ymax=_beyond(*up, 4 * _HEIGHT),
    )
    for item in series:
        points = list(item.points)
        for (x, y), (next_x, next_y) in zip(points, points[1:] or points, strict=False):
            canvas.line(x, y, next_x, next_y)
    if len(series) > 1:
        _name(canvas, series, across)
    rows: list[str] = canvas.plot().split("\n")
    return [_shown(row, ascii_only=ascii_only) for row in rows]


def _name(canvas: object, series: Sequence[Series], across: tuple[float, float]) -> None:
    """Each curve's name where it is farthest from the others."""
    for item in series:
        place = max(range(len(item.points)), key=lambda n: _clear(item, series, n, across))
        x, y = item.points[place]
        canvas.text(x, y, item.name)  # type: ignore[attr-defined]  # plotille's canvas


def _clear(item: Series, series: Sequence[Series], n: int, across: tuple[float, float]) -> float:
    x, y = item.points[n]
    if x > across[0] + 0.7 * (across[1] - across[0]):
        return -1  # the name would leave the plot
    others = [other.points[n][1] for other in series if other is not item]
    return min((abs(y - value) for value in others), default=0)


def _shown(row: str, *, ascii_only: bool) -> str:
    if not ascii_only:
        return row.replace(_BLANK, " ")
    dots = range(0x2801, 0x2900)
    return "".join(" " if c == _BLANK else "*" if ord(c) in dots else c for c in row)


def _ends(left: str, middle: str, right: str, width: int) -> str:
    return left + middle.center(max(width - len(left) - len(right), 0)) + right


def _label(value: float) -> str:
    return f"{value:.3g}"


def _beyond(low: float, high: float, dots: int) -> float:
    """An end of a canvas at which the last of its dots is `high`; what lies beyond is left out."""
    return high + (high - low) / (dots - 1) + 1e-12
