"""Intervals of means over classes: the percentile bootstrap over pictures, as for one object class.

The same pictures are drawn for every mean, so that they are drawn once for all of them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from answers.metrics.class_overlap import BACKGROUND, ClassMean, ClassOverlaps, SeenClasses
from answers.metrics.intervals import (
    RESAMPLES,
    SEED,
    Floats,
    Interval,
    bootstrap_ratio,
    percentile_interval,
    require_enough_pictures,
    resampled_sums,
)
from answers.metrics.segmentation import Average


def class_intervals(
    overlaps: ClassOverlaps,
    means: Sequence[ClassMean],
    average: Average,
    *,
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> tuple[Interval | None, ...]:
    """The interval of each `overlaps.value(mean, average)`; None where that is undefined.

    Raises InputError `too-few-pictures` below 10 pictures that count, `too-many-pictures`.
    """
    pictures = overlaps.counted(average)
    require_enough_pictures(len(pictures))
    if average != "pooled":
        columns = np.array([[float(p.score(wanted)) for wanted in means] for p in pictures])
        drawn = resampled_sums(columns, resamples=resamples, seed=seed) / len(pictures)
        return tuple(percentile_interval(column) for column in drawn.T)
    indices = np.array([score.index for score in overlaps.pooled.scores], np.intp)
    counts = resampled_sums(_counts(pictures, indices), resamples=resamples, seed=seed)
    hits, predicted, support = np.split(counts, 3, axis=1)
    return tuple(_pooled(hits, predicted + support, indices, wanted) for wanted in means)


def accuracy_interval(
    overlaps: ClassOverlaps, *, resamples: int = RESAMPLES, seed: int = SEED
) -> Interval:
    """The interval of the pixel accuracy: pictures are resampled, not pixels.

    Raises InputError as `bootstrap_ratio` does.
    """
    correct = [picture.correct for picture in overlaps.pictures]
    pixels = [picture.pixels for picture in overlaps.pictures]
    return bootstrap_ratio(correct, pixels, resamples=resamples, seed=seed)


def _counts(pictures: Sequence[SeenClasses], indices: NDArray[np.intp]) -> Floats:
    """Hits, predicted and support of each class seen, side by side: (pictures, 3 classes)."""
    place = {int(index): number for number, index in enumerate(indices)}
    counts = np.zeros((len(pictures), 3, len(indices)))
    for row, picture in zip(counts, pictures, strict=True):
        for score in picture.scores:
            row[:, place[score.index]] = score.hits, score.predicted, score.support
    return counts.reshape(len(pictures), -1)


def _pooled(
    hits: Floats, both: Floats, indices: NDArray[np.intp], wanted: ClassMean
) -> Interval | None:
    """Of sums (resamples, classes): a resample in which no class is counted has no score."""
    kept = indices >= (BACKGROUND if wanted.background else BACKGROUND + 1)
    hits, both = hits[:, kept], both[:, kept]
    top, bottom = (2 * hits, both) if wanted.measure == "dice" else (hits, both - hits)
    seen = both > 0
    scores = np.divide(top, bottom, out=np.zeros_like(top), where=seen).sum(axis=1)
    number = seen.sum(axis=1)
    defined = number > 0
    if not defined.any():
        return None
    return percentile_interval(scores[defined] / number[defined])
