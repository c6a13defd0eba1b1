"""The receptive field growing layer by layer, as a picture for slides (SVG)."""

from __future__ import annotations

from html import escape

from answers.network.graph import Network
from answers.receptive_field.growth import Grown, Sight, growth
from answers.receptive_field.walk import receptive_field
from companion.views.field_view import joint
from companion.views.printable import printable

_MOST_LAYERS = 60
_CELLS = 64  # up to so many positions a cell is drawn for each; beyond, plain bars
_WIDTH, _ROW, _LEFT, _TOP = 640, 26, 190, 40
_INK, _PAPER, _FAINT = "#1b2a41", "#ffffff", "#e6eaf0"
# from light to dark, also told apart without colour: the field grows from dark to light
_SHADES = ("#0b3c5d", "#13678a", "#1f8a9e", "#3aa99f", "#6cc5a1", "#a3dba5", "#d4eeb0")


def as_svg(network: Network, source: str | None) -> str:
    """The picture: a row for each layer, and for two axes the nested areas below it.

    A field that is no rectangle is shown axis by axis alone.

    Raises: InputError `no-drawing` where a field can't be drawn.
    """
    rows = _thinned(growth(network, source=source))
    axes = [[(row.name, row.axes[n]) for row in rows] for n in range(len(rows[-1].axes))]
    alike = all(axis_rows == axes[0] for axis_rows in axes)
    shown = axes[:1] if alike else axes
    parts, top = list[str](), _TOP
    for number, axis_rows in enumerate(shown):
        title = "every axis" if alike and len(axes) > 1 else f"axis {number + 1} of the input"
        parts += _bars(axis_rows, top, title if len(axes) > 1 else "")
        top += _ROW * (len(axis_rows) + 2)
    found = joint(network, source, receptive_field(network, source=source))
    if len(axes) == 2 and found is not None and found.is_product_of_axes:
        parts += _nested(axes[0], axes[1], top)
        top += _WIDTH // 2 + _ROW
    return _document(parts, top)


def _thinned(rows: tuple[Grown, ...]) -> tuple[Grown, ...]:
    step = -(-len(rows) // _MOST_LAYERS)
    return rows if step == 1 else (*rows[:-1:step], rows[-1])


def _document(parts: list[str], height: int) -> str:
    width = _LEFT + _WIDTH + 80
    return "\n".join(
        [
            (
                f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
                f'width="{width}" height="{height}" font-family="sans-serif" font-size="13">'
            ),
            "<title>Receptive field, layer by layer</title>",
            f'<rect width="{width}" height="{height}" fill="{_PAPER}"/>',
            *parts,
            "</svg>\n",
        ]
    )


def _ends(rows: list[tuple[str, Sight]]) -> tuple[int, int]:
    return min(sight.first for _, sight in rows), max(sight.last for _, sight in rows)


def _shade(number: int, count: int) -> str:
    return _SHADES[number * (len(_SHADES) - 1) // max(count - 1, 1)]


def _bars(rows: list[tuple[str, Sight]], top: int, title: str) -> list[str]:
    first, last = _ends(rows)
    unit = _WIDTH / (last - first + 1)
    parts = [_text(_LEFT, top - 12, title, weight="bold")] if title else []
    for number, (name, sight) in enumerate(rows):
        y = top + number * _ROW
        parts.append(_text(_LEFT - 10, y + 14, name, anchor="end"))
        parts.append(_rect(_LEFT, y, _WIDTH, _ROW - 8, _FAINT))
        for start, end in _runs(sight, last - first + 1):
            x = _LEFT + (start - first) * unit
            parts.append(_rect(x, y, (end - start + 1) * unit, _ROW - 8, _shade(number, len(rows))))
        parts.append(_text(_LEFT + _WIDTH + 10, y + 14, str(sight.size)))
    return parts


def _runs(sight: Sight, span: int) -> list[tuple[int, int]]:
    """Neighbouring positions that are read; beyond _CELLS the ends alone."""
    if span > _CELLS:
        return [(sight.first, sight.last)]
    runs: list[tuple[int, int]] = []
    for place in range(sight.first, sight.last + 1):
        if place not in sight:
            continue
        if runs and runs[-1][1] == place - 1:
            runs[-1] = (runs[-1][0], place)
        else:
            runs.append((place, place))
    return runs


def _nested(rows: list[tuple[str, Sight]], columns: list[tuple[str, Sight]], top: int) -> list[str]:
    """The areas over one another, the largest below: what the units see of the picture."""
    high, wide = _ends(rows), _ends(columns)
    span = max(high[1] - high[0], wide[1] - wide[0]) + 1
    unit = (_WIDTH / 2) / span
    parts = []
    pairs = list(zip(rows, columns, strict=True))
    for number in range(len(pairs) - 1, -1, -1):
        (_, row), (_, column) = pairs[number]
        x = _LEFT + (column.first - wide[0]) * unit
        y = top + (row.first - high[0]) * unit
        shade = _shade(number, len(pairs))
        parts.append(_rect(x, y, column.size * unit, row.size * unit, shade, stroke=_PAPER))
    return parts


def _rect(x: float, y: float, width: float, height: float, fill: str, stroke: str = "") -> str:
    line = f' stroke="{stroke}" stroke-width="1"' if stroke else ""
    return (
        f'<rect x="{x:.2f}" y="{y:.2f}" width="{width:.2f}" height="{height:.2f}" '
        f'fill="{fill}"{line}/>'
    )


def _text(x: float, y: float, text: str, *, anchor: str = "start", weight: str = "normal") -> str:
    shown = printable(text)
    shown = shown if len(shown) <= 26 else f"{shown[:12]}…{shown[-13:]}"
    return (
        f'<text x="{x:.0f}" y="{y:.0f}" fill="{_INK}" text-anchor="{anchor}" '
        f'font-weight="{weight}">{escape(shown)}</text>'
    )
