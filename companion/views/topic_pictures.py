"""The pictures of a topic, drawn with characters."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from answers.errors import InputError
from answers.expressions.size import is_symbolic
from answers.record import record
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
from answers.worked.curves import points, precision_recall
from answers.worked.lesson import Lesson
from answers.worked.value import Figure
from answers.worked.writing import as_text
from companion.typesetting.box import columns_of
from companion.views.plot import Series, plotted
from companion.views.sheet import Sheet

_SHADES = ("··", "░░", "▒▒", "▓▓", "██")
_SHADES_ASCII = ("..", "--", "++", "xx", "##")
_MOST_NUMBERS = 8


def drawn(picture: Picture, lesson: Lesson, sheet: Sheet) -> list[str]:
    """The lines of a picture, without its caption.

    Raises: InputError of what can't be drawn.
    """
    return _DRAWERS[type(picture)](picture, lesson, sheet)


@record()
class FieldRow:
    """A layer: its name, the size of its field, and which positions of the input it sees."""

    name: str
    size: int
    seen: tuple[bool, ...]


def field_rows(picture: FieldPicture, lesson: Lesson) -> list[FieldRow]:
    """How the field grows, the input first; all rows are as long as the last field.

    Raises: InputError `no-drawing`, and of the network.
    """
    from answers.receptive_field.growth import growth
    from answers.worked.networks import read

    rows = growth(read(picture.network, lesson.textbook.folder / "networks"))
    sights = [row.axes[0] for row in rows]
    places = range(min(s.first for s in sights), max(s.last for s in sights) + 1)
    return [
        FieldRow(row.name, sight.size, tuple(place in sight for place in places))
        for row, sight in zip(rows, sights, strict=True)
    ]


def _field(picture: FieldPicture, lesson: Lesson, sheet: Sheet) -> list[str]:
    """A bar for each layer; a character stands for several positions where it must."""
    rows = field_rows(picture, lesson)
    names = max(len(sheet.text(row.name)) for row in rows)
    digits = max(len(str(row.size)) for row in rows)
    scale = -(-len(rows[0].seen) // max(8, sheet.width - names - digits - 4))
    signs = (sheet.sign("·", "."), sheet.sign("█", "#"))
    return [
        f"{sheet.text(row.name).ljust(names)}  {str(row.size).rjust(digits)}  "
        + "".join(signs[any(row.seen[n : n + scale])] for n in range(0, len(row.seen), scale))
        for row in rows
    ]


@record()
class BarRow:
    """A bar: its words, its number as text, and how long it is beside the longest."""

    words: str
    text: str
    share: Fraction


def bar_rows(picture: BarsPicture, lesson: Lesson, sheet: Sheet) -> list[BarRow]:
    """The bars of a picture.

    Raises: InputError `no-drawing` for a value that is no number.
    """
    figures = [(words, lesson.values.of(name).figure) for words, name in picture.bars]
    numbers = [_number(figure) for _, figure in figures]
    most = max(map(abs, numbers)) or Fraction(1)
    return [
        BarRow(sheet.text(words), _written(figure, sheet), abs(number) / most)
        for (words, figure), number in zip(figures, numbers, strict=True)
    ]


def _bars(picture: BarsPicture, lesson: Lesson, sheet: Sheet) -> list[str]:
    rows = bar_rows(picture, lesson, sheet)
    names = max(columns_of(row.words) for row in rows)
    room = max(columns_of(row.text) for row in rows)
    full = max(8, sheet.width - names - room - 4)
    block = sheet.sign("█", "#")
    return [
        f"{row.words.ljust(names)}  {row.text.rjust(room)}  {block * round(full * row.share)}".rstrip()
        for row in rows
    ]


def _written(figure: Figure, sheet: Sheet) -> str:
    form = "" if isinstance(figure, int) else ".3f"
    return as_text(figure, form, ascii_only=sheet.ascii_only)


def _number(figure: Figure) -> Fraction:
    if isinstance(figure, tuple) or is_symbolic(figure):
        raise InputError("no-drawing", "A bar needs a number, not a shape or a formula.")
    return Fraction(figure)


def _mask(picture: MaskPicture, lesson: Lesson, sheet: Sheet) -> list[str]:
    """The mask beside the probabilities: shades, and numbers where there are few."""
    shades = _SHADES_ASCII if sheet.ascii_only else _SHADES
    mask = ["".join(_shade(v, shades) for v in row) for row in picture.mask]
    chances = ["".join(_shade(v, shades) for v in row) for row in picture.probabilities]
    blocks = [(lesson.wording.mask, mask), (lesson.wording.probabilities, chances)]
    if len(picture.mask[0]) <= _MOST_NUMBERS:
        numbers = [" ".join(f"{float(v):.2f}" for v in row) for row in picture.probabilities]
        blocks.append(("", numbers))
    return _side_by_side(blocks, sheet)


def _shade(value: Fraction, shades: tuple[str, ...]) -> str:
    return shades[min(int(value * len(shades)), len(shades) - 1)]


def _side_by_side(blocks: list[tuple[str, list[str]]], sheet: Sheet) -> list[str]:
    """Blocks of equal height in a row; below one another where the sheet is too narrow."""
    widths = [max(map(len, (sheet.text(title), *lines))) for title, lines in blocks]
    if sum(widths) + 3 * (len(blocks) - 1) > sheet.width:
        return [line for title, lines in blocks for line in (sheet.text(title), *lines, "")][:-1]
    columns = [[sheet.text(title), *lines] for title, lines in blocks]
    return [
        "   ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in zip(*columns, strict=True)
    ]


@record()
class Curves:
    """Curves over one axis. across: what it shows. low, high: its ends upwards, else the curves'."""

    series: tuple[Series, ...]
    across: str = "x"
    low: float | None = None
    high: float | None = None


def series_of(picture: CurvePicture | PrCurvePicture | GradientPicture, lesson: Lesson) -> Curves:
    """The curves of a picture.

    Raises: InputError of a network that can't be measured.
    """
    words = lesson.wording
    match picture:
        case CurvePicture():
            ends = float(picture.start), float(picture.end)
            return Curves(tuple(Series(name, points(name, *ends)) for name in picture.functions))
        case PrCurvePicture():
            found = precision_recall(picture)
            return Curves((Series(words.precision, found),), words.recall, 0.0, 1.0)
        case GradientPicture():
            from answers.worked.gradients import powers

            norms = [(float(n), power) for n, power in enumerate(powers(picture.gradients), 1)]
            return Curves((Series(f"log10 {words.gradient}", norms),), words.layer)


def _plot(picture: Any, lesson: Lesson, sheet: Sheet) -> list[str]:
    found = series_of(picture, lesson)
    return plotted(found.series, sheet, across=found.across, low=found.low, high=found.high)


def _text(picture: TextPicture, _: Lesson, sheet: Sheet) -> list[str]:
    return [sheet.text(line) for line in picture.lines]


_DRAWERS: dict[type, Callable[[Any, Lesson, Sheet], list[str]]] = {
    FieldPicture: _field,
    CurvePicture: _plot,
    BarsPicture: _bars,
    MaskPicture: _mask,
    PrCurvePicture: _plot,
    GradientPicture: _plot,
    TextPicture: _text,
}
