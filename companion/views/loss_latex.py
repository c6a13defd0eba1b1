"""The losses of a small mask in LaTeX: each with its formula and the numbers put in."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

from companion.views.loss_view import added, short
from companion.views.numbers import decimal, plain

if TYPE_CHECKING:
    from answers.metrics.pixel_losses import PixelLosses
    from companion.views.loss_view import Loss

_BCE = r"-\frac{1}{n} \sum \bigl(t \log p + (1 - t) \log(1 - p)\bigr)"
_LONGEST = 10**9  # a fraction with longer parts says less than its decimals


def as_latex(found: Loss) -> str:
    """BCE, soft Dice and IoU, hard Dice and IoU, aligned; a block for each picture."""
    return "\n".join(
        "\n".join((r"\begin{align*}", " \\\\\n".join(_lines(picture)), r"\end{align*}"))
        for picture in found.pictures
    )


def _lines(picture: PixelLosses) -> Iterator[str]:
    total, sums = sum(picture.bce_pixels), picture.sums
    bce = rf"\frac{{{total:.4f}}}{{{picture.size}}} = {picture.bce:.4f}"
    yield rf"  L_{{\text{{BCE}}}} &= {_BCE} = {bce}"
    above, below = added(picture.smoothing, tiny="10^{-7}")
    i, p, t = (short(v) for v in (sums.intersection, sums.predicted, sums.truth))
    for name, formula, numbers, value in (
        (
            "Dice",
            _fraction(rf"2 \sum p t{above}", rf"\sum p + \sum t{below}"),
            _fraction(rf"2 \cdot {i}{above}", f"{p} + {t}{below}"),
            picture.dice_loss,
        ),
        (
            "IoU",
            _fraction(rf"\sum p t{above}", rf"\sum p + \sum t - \sum p t{below}"),
            _fraction(f"{i}{above}", f"{p} + {t} - {i}{below}"),
            picture.iou_loss,
        ),
    ):
        yield rf"  L_{{\text{{{name}}}}} &= 1 - {formula} = 1 - {numbers} = {_value(value)}"
    yield from _hard(picture)


def _hard(picture: PixelLosses) -> Iterator[str]:
    """The scores after the cut at p > 0.5; two empty masks agree by convention."""
    hard = picture.hard
    if hard.is_both_empty:
        yield r"  D_{p > 0.5} &= J_{p > 0.5} = 1 \quad \text{(both masks are empty)}"
        return
    dice = _fraction(rf"2 \cdot {hard.intersection}", f"{hard.predicted} + {hard.truth}")
    iou = _fraction(f"{hard.intersection}", f"{hard.union}")
    yield rf"  D_{{p > 0.5}} &= {dice} = {_value(hard.dice)}"
    yield rf"  J_{{p > 0.5}} &= {iou} = {_value(hard.iou)}"


def _fraction(top: str, bottom: str) -> str:
    return rf"\frac{{{top}}}{{{bottom}}}"


def _value(value: Fraction | None) -> str:
    if value is None:
        return r"\text{undefined}"
    if value.denominator == 1:
        return plain(value)
    if value.denominator >= _LONGEST:
        return decimal(value)
    return rf"{_fraction(str(value.numerator), str(value.denominator))} = {decimal(value)}"
