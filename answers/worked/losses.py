"""Losses of a small mask and its probabilities."""

from __future__ import annotations

from fractions import Fraction

from answers.errors import InputError
from answers.metrics.exact import exact_sum
from answers.metrics.losses import binary_cross_entropy
from answers.metrics.soft_overlap import SoftOverlap
from answers.textbook.requests import Loss
from answers.worked.formulas import settled
from answers.worked.value import Figure

_CUT = Fraction(1, 2)


def work_out(request: Loss) -> Figure:
    """The mean cross-entropy (measured), or an overlap, exactly: the loss, or the score itself.

    dice, iou: after the cut at p > 1/2; soft-dice, soft-iou: of the probabilities, no smoothing.
    Raises: InputError `loss-undefined` where both masks are empty.
    """
    truth = [item for row in request.mask for item in row]
    chances = [item for row in request.probabilities for item in row]
    if request.loss == "bce":
        return float(
            binary_cross_entropy(list(map(float, chances)), list(map(float, truth))).mean()
        )
    if not request.loss.startswith("soft-"):
        chances = [Fraction(item > _CUT) for item in chances]
    overlap = _overlap(chances, truth)
    score = overlap.dice() if request.loss.endswith("dice") else overlap.iou()
    if score is None:
        raise InputError("loss-undefined", "The overlap is 0/0: both masks are empty.")
    return settled(score if request.score else 1 - score)


def _overlap(chances: list[Fraction], truth: list[Fraction]) -> SoftOverlap:
    """`SoftOverlap.of` takes floats; these numbers stay as exact as they were written."""
    return SoftOverlap(
        intersection=exact_sum(p * t for p, t in zip(chances, truth, strict=True)),
        predicted=exact_sum(chances),
        truth=exact_sum(truth),
        predicted_squares=exact_sum(p * p for p in chances),
        truth_squares=exact_sum(t * t for t in truth),
    )
