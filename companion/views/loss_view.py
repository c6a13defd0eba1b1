"""What a mask and its probabilities cost, pixel by pixel: in the terminal and as a document."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from answers.metrics.pixel_losses import PixelLosses, Relation, relations
from answers.metrics.soft_overlap import EPSILON_BELOW, NO_SMOOTHING, Smoothing
from companion.options import Everywhere
from companion.views.formula_text import FormulaText
from companion.views.grid_drawing import Drawn
from companion.views.grid_drawing import draw as draw_grids
from companion.views.numbers import decimal, plain
from companion.views.paper import Paper

_LONGEST = 10**9  # a fraction with longer parts says less than its decimals
_SHORT = 1_000
_NAMES = {
    "hard": "hard (after the cut at p > 0.5)",
    "soft": "soft sums, nothing added",
    "soft-smoothed": "soft, with the smoothing",
    "soft-squared": "soft, the Dice of V-Net (squares below)",
    "pooled": "hard, all pictures pooled",
    "mean": "hard, means over the pictures",
}
_WHY = {
    "soft-smoothed": "the same constant is added to both, but 2J/(1 + J) would need twice as much "
    "in the Dice score",
    "soft-squared": "its denominator is another one",
    "mean": "2J/(1 + J) is curved, so that the mean of it is not it of the mean",
}


@dataclass(frozen=True)
class Loss:
    """The pictures whose losses are shown, one or several."""

    pictures: tuple[PixelLosses, ...]


def draw(found: Loss, everywhere: Everywhere, *, steps: bool) -> None:
    """Each picture with its gradients (if `steps`), then what holds between Dice and IoU."""
    paper, words = Paper.of(everywhere), FormulaText.of(sys.stdout)
    for number, picture in enumerate(found.pictures):
        if len(found.pictures) > 1:
            paper.line(f"Picture {number + 1}", bold=True)
        _picture(picture, paper, words, steps=steps)
    for line in (*relation_lines(found), *_hints(found)):
        paper.line(line)


def _picture(picture: PixelLosses, paper: Paper, words: FormulaText, *, steps: bool) -> None:
    draw_grids(paper, _inputs(picture))
    for title, lines in _losses(picture, words):
        paper.line(title, bold=True)
        for line in lines:
            paper.line(line, indent=2)
    if steps:
        paper.line()
        paper.line("Gradient by each probability (a step goes against it):")
        draw_grids(paper, _gradients(picture))
        for line in gradient_lines(picture):
            paper.line(line)
    paper.line()


def _inputs(picture: PixelLosses) -> list[Drawn]:
    columns = picture.mask.columns
    return [
        Drawn("mask", _floats(picture.mask.values), columns, 0),
        Drawn("probabilities", _floats(picture.probabilities.values), columns, 2),
        Drawn("BCE of each", picture.bce_pixels, columns, 3),
    ]


def _gradients(picture: PixelLosses) -> list[Drawn]:
    named = (
        ("of BCE", picture.bce_gradient),
        ("of the Dice loss", picture.dice_gradient),
        ("of the IoU loss", picture.iou_gradient),
    )
    columns = picture.mask.columns
    return [
        Drawn(name, _floats(values), columns, 4) for name, values in named if values is not None
    ]


def _floats(values: Sequence[Fraction]) -> list[float]:
    return [float(value) for value in values]


def _losses(picture: PixelLosses, words: FormulaText) -> Iterator[tuple[str, list[str]]]:
    """Each loss: its name, its formula with the numbers put in."""
    total, dot = sum(picture.bce_pixels), "·"
    yield (
        "BCE: −(t log p + (1 − t) log(1 − p)), the mean over the pixels",
        [f"{total:,.4f}/{picture.size:,} = {picture.bce:.4f}"],
    )
    sums, smoothing = picture.sums, picture.smoothing
    top, bottom = added(smoothing)
    sign = "Sum " if words.ascii else "Σ"
    i, p, t = (short(v) for v in (sums.intersection, sums.predicted, sums.truth))
    yield (
        f"Soft Dice loss: 1 − (2 {sign}pt{top})/({sign}p + {sign}t{bottom})",
        [f"1 − (2{dot}{i}{top})/({p} + {t}{bottom}) = {_value(picture.dice_loss)}"],
    )
    yield (
        f"Soft IoU loss: 1 − ({sign}pt{top})/({sign}p + {sign}t − {sign}pt{bottom})",
        [f"1 − ({i}{top})/({p} + {t} − {i}{bottom}) = {_value(picture.iou_loss)}"],
    )
    yield "Hard scores: object where p > 0.5", _hard(picture, dot)


def _hard(picture: PixelLosses, dot: str) -> list[str]:
    hard = picture.hard
    if hard.is_both_empty:
        return ["Both masks are empty, 0/0: Dice and IoU are 1 by convention."]
    dice = f"2{dot}{hard.intersection:,}/({hard.predicted:,} + {hard.truth:,})"
    iou = f"{hard.intersection:,}/{hard.union:,}"
    return [f"Dice {dice} = {_value(hard.dice)}, IoU {iou} = {_value(hard.iou)}"]


def added(smoothing: Smoothing, *, tiny: str = "1e-7") -> tuple[str, str]:
    """What stands after numerator and denominator: ' + 1', or nothing. tiny: how 10⁻⁷ is written."""
    if smoothing == EPSILON_BELOW:
        return "", f" + {tiny}"
    parts = smoothing.numerator, smoothing.denominator
    above, below = (f" + {plain(part)}" if part else "" for part in parts)
    return above, below


def short(value: Fraction) -> str:
    """A number as it was written, 2.4, or with four decimals."""
    text = plain(value)
    return text if value.denominator <= _SHORT and "/" not in text else decimal(value)


def _value(value: Fraction | None) -> str:
    """4/13 = 0.3077; 0/0 in words."""
    if value is None:
        return "0/0, undefined: nothing is object and nothing is added"
    if value.denominator == 1:
        return plain(value)
    return f"{value} = {decimal(value)}" if value.denominator < _LONGEST else decimal(value)


def gradient_lines(picture: PixelLosses) -> Iterator[str]:
    """What the gradients of this picture show, with its numbers."""
    yield _hardest(picture)
    if picture.dice_gradient is None:
        yield "Dice and IoU are 0/0 here and have no gradient: a smoothing is needed."
        return
    parts = [
        text
        for name, slopes in (("Dice", picture.dice_gradient), ("IoU", picture.iou_gradient))
        if slopes is not None and (text := _two_values(picture, name, slopes))
    ]
    yield (
        "Of a score N/D the Dice loss has the slope (N − 2tD)/D², the IoU loss ((1 − t)N − tD)/D². "
        f"{' '.join(parts)} The overlap is judged as a whole: how wrong a pixel itself is plays no "
        "part."
    )


def _hardest(picture: PixelLosses) -> str:
    slopes = picture.bce_gradient
    place = max(range(picture.size), key=lambda i: abs(slopes[i]))
    if not slopes[place]:
        return "BCE pushes no pixel: each probability is exactly 0 or 1, where Keras clips."
    row, column = divmod(place, picture.mask.columns)
    kind = "object" if picture.mask.values[place] else "background"
    return (
        f"BCE judges each pixel by itself, (p − t)/(p(1 − p))/{picture.size:,}: it pushes hardest in "
        f"row {row + 1}, column {column + 1} ({kind}, p = {short(picture.probabilities.values[place])}), "
        f"with {_signed(slopes[place])}."
    )


def _two_values(picture: PixelLosses, name: str, slopes: Sequence[Fraction]) -> str:
    by_kind = dict(zip(picture.mask.values, slopes, strict=True))
    said = [
        f"{text} {_signed(by_kind[kind])}"
        for kind, text in (
            (Fraction(1), "every object pixel"),
            (Fraction(0), "every background pixel"),
        )
        if kind in by_kind
    ]
    return f"{name} gives {' and '.join(said)}."


def _signed(value: Fraction) -> str:
    if not value:
        return "0"
    size = abs(value)
    text = decimal(size) if size >= Fraction(1, 1000) else f"{float(size):.2e}"
    return f"{'−' if value < 0 else ''}{text}"


def relation_lines(found: Loss) -> Iterator[str]:
    """Whether D = 2J/(1 + J), for each kind of score."""
    yield "Does D = 2J/(1 + J) hold?"
    for relation in relations(found.pictures):
        yield f"- {_NAMES[relation.of]}: {_relation(relation)}"


def _relation(relation: Relation) -> str:
    numbers = f"J = {decimal(relation.iou)}, 2J/(1 + J) = {_shown(relation.from_iou, relation)}"
    if relation.holds:
        alike = " All J are equal." if relation.of == "mean" else ""
        return f"yes. {numbers} = D.{alike}"
    why = _WHY.get(relation.of, "")
    because = f": {why}" if why else ""
    return f"no. {numbers}, but D = {_shown(relation.dice, relation)}{because}."


def _shown(value: Fraction, relation: Relation) -> str:
    """With as many decimals as it takes to see that two numbers differ."""
    digits = 4
    while (
        not relation.holds
        and digits < 12
        and decimal(relation.dice, digits) == decimal(relation.from_iou, digits)
    ):
        digits += 1
    return decimal(value, digits)


def _hints(found: Loss) -> Iterator[str]:
    yield smoothing_line(found.pictures[0].smoothing)
    if len(found.pictures) == 1:
        yield (
            "Of means over pictures it holds only where all J are equal: give --mask and "
            "--probabilities once more for a second picture."
        )


def smoothing_line(smoothing: Smoothing) -> str:
    """What is added, and why."""
    if smoothing == NO_SMOOTHING:
        return "Nothing is added to the soft losses (no smoothing): with empty masks they are 0/0."
    if smoothing == EPSILON_BELOW:
        return (
            "1e-7 is added to the denominator alone, as keras.losses.Dice does: two empty masks "
            "then cost 1."
        )
    return (
        f"Smoothing: {plain(smoothing.numerator)} is added above and below, so that two empty "
        "masks cost 0 instead of 0/0; it makes the loss smaller where the object is small."
    )


def document(found: Loss) -> dict[str, Any]:
    """The result of `loss --json`: exact fractions are strings, grids are lists row after row."""
    smoothing = found.pictures[0].smoothing
    return {
        "smoothing": {
            "numerator": str(smoothing.numerator),
            "denominator": str(smoothing.denominator),
        },
        "pictures": list(map(_picture_document, found.pictures)),
        "relations": [
            {
                "of": relation.of,
                "dice": str(relation.dice),
                "iou": str(relation.iou),
                "from_iou": str(relation.from_iou),
                "holds": relation.holds,
            }
            for relation in relations(found.pictures)
        ],
    }


def _picture_document(picture: PixelLosses) -> dict[str, Any]:
    return {
        "rows": picture.mask.rows,
        "columns": picture.mask.columns,
        "bce": {
            "loss": picture.bce,
            "pixels": list(picture.bce_pixels),
            "gradient": list(map(str, picture.bce_gradient)),
        },
        "dice": _soft_document(picture.dice_loss, picture.dice_gradient),
        "iou": _soft_document(picture.iou_loss, picture.iou_gradient),
        "hard": {
            "intersection": picture.hard.intersection,
            "predicted": picture.hard.predicted,
            "truth": picture.hard.truth,
            "dice": str(picture.hard.dice),
            "iou": str(picture.hard.iou),
        },
    }


def _soft_document(loss: Fraction | None, gradient: tuple[Fraction, ...] | None) -> dict[str, Any]:
    return {
        "exact": None if loss is None else str(loss),
        "loss": None if loss is None else float(loss),
        "gradient": None if gradient is None else list(map(str, gradient)),
    }


def as_markdown(found: Loss, *, steps: bool) -> str:
    """The losses, the gradients (if `steps`) and the relation as lists."""
    lines: list[str] = []
    for number, picture in enumerate(found.pictures):
        lines += [f"**Picture {number + 1}**", ""] if len(found.pictures) > 1 else []
        for title, values in _losses(picture, FormulaText()):
            lines += [f"- {title}: {' '.join(values)}"]
        lines += ["", *gradient_lines(picture), ""] if steps else [""]
    first, *rest = relation_lines(found)
    return "\n".join([*lines, first, "", *rest, "", *_hints(found)])
