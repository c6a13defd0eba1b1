"""The pictures of a topic for a page: SVG in the colours of its text, so that it works in the dark."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from html import escape
from typing import Any

from answers.textbook.pictures import (
    BarsPicture,
    CurvePicture,
    FieldPicture,
    GradientPicture,
    MaskPicture,
    Picture,
    PrCurvePicture,
    TextPicture,
)
from answers.worked.lesson import Lesson
from companion.views.plot import Series
from companion.views.printable import printable
from companion.views.sheet import Sheet
from companion.views.topic_pictures import bar_rows, field_rows, series_of
from companion.views.topic_pictures import drawn as drawn_text

_WIDTH = 640
_COLOURS = ("var(--mark)", "var(--second)", "var(--third)", "var(--fourth)")
_ROW, _FONT = 26, 14


def drawn(picture: Picture, lesson: Lesson) -> str:
    """An <svg>, or a <pre> for a drawing of the author's own.

    Raises: InputError of what can't be drawn.
    """
    return _DRAWERS[type(picture)](picture, lesson)


def _svg(height: float, parts: list[str], title: str) -> str:
    return (
        f'<svg viewBox="0 0 {_WIDTH} {height:.0f}" width="{_WIDTH}" height="{height:.0f}" role="img" '
        f'font-size="{_FONT}" fill="currentColor"><title>{_shown(title)}</title>{"".join(parts)}</svg>'
    )


def _shown(text: str) -> str:
    return escape(printable(text))


def _text(x: float, y: float, text: str, *, anchor: str = "start", fill: str = "") -> str:
    colour = f' fill="{fill}"' if fill else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{colour}>{_shown(text)}</text>'


def _rect(x: float, y: float, width: float, height: float, fill: str, opacity: float = 1) -> str:
    seen = f' fill-opacity="{opacity:.2f}"' if opacity < 1 else ""
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{fill}"{seen}/>'


def _field(picture: FieldPicture, lesson: Lesson) -> str:
    """A row for each layer, a cell for each position of the input."""
    rows = field_rows(picture, lesson)
    left = 12 + 8 * max(len(row.name) for row in rows)
    count = len(rows[0].seen)
    unit = (_WIDTH - left - 40) / count
    parts: list[str] = []
    for number, row in enumerate(rows):
        y = number * _ROW
        parts.append(_text(left - 8, y + 17, row.name, anchor="end"))
        for place, seen in enumerate(row.seen):
            gap = 1 if unit > 4 else 0
            parts.append(
                _rect(
                    left + place * unit,
                    y + 4,
                    unit - gap,
                    _ROW - 8,
                    "var(--mark)" if seen else "currentColor",
                    1 if seen else 0.12,
                )
            )
        parts.append(_text(_WIDTH, y + 17, str(row.size), anchor="end"))
    return _svg(len(rows) * _ROW, parts, picture.caption or "Receptive field")


def _bars(picture: BarsPicture, lesson: Lesson) -> str:
    rows = bar_rows(picture, lesson, Sheet(80))
    left = 12 + 8 * max(len(row.words) for row in rows)
    room = _WIDTH - left - 16 - 9 * max(len(row.text) for row in rows)
    parts: list[str] = []
    for number, row in enumerate(rows):
        y = number * _ROW
        long = max(1.0, room * float(row.share))
        parts += [
            _text(left - 8, y + 17, row.words, anchor="end"),
            _rect(left, y + 4, long, _ROW - 8, "var(--mark)"),
            _text(left + long + 8, y + 17, row.text),
        ]
    return _svg(len(rows) * _ROW, parts, picture.caption or "Bars")


def _mask(picture: MaskPicture, lesson: Lesson) -> str:
    """The mask, and beside it the probabilities, with their numbers where they fit."""
    columns = len(picture.mask[0])
    side = min(44.0, (_WIDTH / 2 - 20) / columns)
    blocks = (
        (0.0, lesson.wording.mask, picture.mask),
        (_WIDTH / 2, lesson.wording.probabilities, picture.probabilities),
    )
    parts: list[str] = []
    for left, title, rows in blocks:
        parts.append(_text(left, 16, title))
        for y, row in enumerate(rows):
            for x, value in enumerate(row):
                place = (left + x * side, 26 + y * side)
                parts += _pixel(*place, side, value, numbers=rows is picture.probabilities)
    return _svg(30 + side * len(picture.mask), parts, picture.caption or "Mask and probabilities")


def _pixel(x: float, y: float, side: float, value: Fraction, *, numbers: bool) -> list[str]:
    parts = [
        _rect(x, y, side - 1, side - 1, "currentColor", 0.08),
        _rect(x, y, side - 1, side - 1, "var(--mark)", 0.75 * float(value)),
    ]
    if numbers and side >= 34:
        parts.append(_text(x + side / 2, y + side / 2 + 5, f"{float(value):.2f}", anchor="middle"))
    return parts


def _plot(picture: CurvePicture | PrCurvePicture | GradientPicture, lesson: Lesson) -> str:
    found = series_of(picture, lesson)
    top, bottom, height = 14, 34, 280
    xs = [x for item in found.series for x, _ in item.points]
    ys = [y for item in found.series for _, y in item.points]
    low = min(ys) if found.low is None else found.low
    high = max(ys) if found.high is None else found.high
    high = high if high > low else low + 1
    labels = f"{high:.3g}", f"{low:.3g}"
    left = 16 + 8 * max(map(len, labels))

    def place(x: float, y: float) -> tuple[float, float]:
        across = (x - min(xs)) / ((max(xs) - min(xs)) or 1)
        up = (y - low) / (high - low)
        return left + across * (_WIDTH - left - 8), top + (1 - up) * (height - top - bottom)

    base = height - bottom
    parts = [
        f'<path d="M{left} {top}V{base}H{_WIDTH - 8}" fill="none" stroke="currentColor" stroke-opacity=".5"/>',
        _text(left - 8, top + 5, labels[0], anchor="end"),
        _text(left - 8, base, labels[1], anchor="end"),
        _text(left, base + 20, f"{min(xs):.3g}"),
        _text(_WIDTH - 8, base + 20, f"{max(xs):.3g}", anchor="end"),
        _text((left + _WIDTH) / 2, base + 20, found.across, anchor="middle"),
    ]
    for number, item in enumerate(found.series):
        colour = _COLOURS[number % len(_COLOURS)]
        parts += [
            _line(item, place, colour),
            _text(left + 14, top + 16 + 19 * number, item.name, fill=colour),
        ]
    return _svg(height, parts, picture.caption or ", ".join(item.name for item in found.series))


def _line(item: Series, place: Callable[[float, float], tuple[float, float]], colour: str) -> str:
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in (place(*point) for point in item.points))
    return f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>'


def _own(picture: TextPicture, lesson: Lesson) -> str:
    lines = "\n".join(drawn_text(picture, lesson, Sheet(200)))
    return f"<pre>{escape(lines, quote=False)}</pre>"


_DRAWERS: dict[type, Callable[[Any, Lesson], str]] = {
    FieldPicture: _field,
    BarsPicture: _bars,
    MaskPicture: _mask,
    CurvePicture: _plot,
    PrCurvePicture: _plot,
    GradientPicture: _plot,
    TextPicture: _own,
}
