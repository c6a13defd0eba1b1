"""Segmentation into several classes in words: the lines and the rows that all views show."""

from __future__ import annotations

from fractions import Fraction

from answers.metrics.class_overlap import ClassMean
from checkers.measuring.class_maps import ClassMapped
from checkers.report import Score
from companion.views.numbers import decimal

TITLES = ("class", "IoU", "Dice", "true pixels", "answered")
_WITH = {True: "with background", False: "without background"}


def mean_over(result: ClassMapped) -> str:
    """Which mean over classes the checks use."""
    return f"mean over classes {_WITH[result.background]}"


def group_title(score: Score) -> str:
    """The title that a score stands under."""
    if score.background is None:
        return "Over all pixels"
    return f"Mean over classes {_WITH[score.background]}"


def class_rows(result: ClassMapped) -> list[tuple[str, str, str, str, str]]:
    """Per class: name, IoU, Dice, pixels in truth and in answer."""
    confusion = result.overlaps.confusion
    rows = []
    for score, name in zip(confusion.per_class, result.classes, strict=True):
        union = score.predicted + score.support - score.hits
        iou = decimal(Fraction(score.hits, union)) if score.is_seen else "–"
        dice = decimal(score.f1) if score.is_seen else "–"
        rows.append((name, iou, dice, f"{score.support:,}", f"{score.predicted:,}"))
    return rows


def conventions(result: ClassMapped) -> list[str]:
    """How the numbers were counted, in whole sentences."""
    overlaps = result.overlaps
    where = {
        "model": "masks come to the size of the model's answer (nearest)",
        "native": "probabilities come to the mask's size (bilinear) before they are compared",
    }[result.resolution]
    near, pixels = result.near_ties, overlaps.confusion.total
    ignored = f" {result.ignored:,} more hold the label that does not count." * bool(result.ignored)
    answer = (
        "The answer of a pixel is the class with the largest value, the first one where several "
        f"are equal; {where}. {near:,} of {pixels:,} pixels have two best values within 1e-5."
        f"{ignored}"
    )
    means = (
        "A mean over classes is over those in truth or answer: 'pooled' of the pixels of all "
        "pictures together, 'per picture' of each picture first, and then over pictures. "
        f"Background is class {result.classes[0]!r}."
    )
    empty = (
        f"{overlaps.count - overlaps.with_object:,} of {overlaps.count:,} pictures are background "
        f"alone; {overlaps.all_background:,} of them are answered so (without background each "
        "counts 1 in the mean over all)."
    )
    objects = overlaps.value(ClassMean("dice", background=False), "per-image-not-both-empty")
    if overlaps.all_background and objects is not None:
        empty += f" Mean Dice without background, and without these: {decimal(objects)}."
    interval = (
        "The interval is a percentile bootstrap over pictures, 95 %, 10,000 resamples; the "
        "constant answer is the best single class at every pixel."
    )
    return [answer, means, empty, interval]


def counts_line(result: ClassMapped) -> str:
    """The integers behind the scores."""
    confusion = result.overlaps.confusion
    return f"{confusion.correct:,} of {confusion.total:,} pixels are right."
