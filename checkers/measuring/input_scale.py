"""Whether a model is fed on the scale it was trained on, told without labels.

A batch normalisation keeps the mean and the variance of what reached it in training. With the
right scale the test pictures bring nearly the same ones; with a wrong one they are far off.
Measured on four U-Nets: 0.1 to 0.4 with the right scale, 1.3 to 150 with another.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from answers.data.input_contract import SCALE_WORDS, Scale
from checkers.engine.predicting import Predictor, Statistics
from checkers.measuring.rows import Fed
from checkers.model_file.record import Finding

PICTURES = 16
FAR = 1.0
_LAGS = 0.5  # what is left of the distance where lag explains it
_LEAST_LAG = 0.05
_ANY_NUMBERS = np.errstate(all="ignore")  # a model may answer and hold what it likes
_FLOOR = 1e-3  # a channel that never varied in training must not decide


@dataclass(frozen=True)
class ScaleDistance:
    """How far the statistics under a scale are from those of training; 0 is the same.

    lag: the part of what is stored that is still what a normalisation begins with (mean 0, variance
        1), where that explains the distance: it was trained for too few steps. 0 otherwise.
    """

    scale: Scale
    distance: float
    lag: float = 0.0


def some_pictures(rows: Iterable[Fed], at_once: int) -> tuple[NDArray[Any], ...]:
    """The first pictures of a split in batches, on the 0–255 scale."""
    chosen = [row.picture for row in islice(rows, PICTURES)]
    return tuple(np.stack(chosen[i : i + at_once]) for i in range(0, len(chosen), at_once))


@_ANY_NUMBERS
def distance(statistics: Statistics) -> float:
    """Medians over channels: |difference of means| in standard deviations + |log of variances|.

    Infinite where there are numbers that are none.
    """
    spread = np.sqrt(statistics.moving_variance + _FLOOR)
    shift = np.abs(statistics.mean - statistics.moving_mean) / spread
    ratio = np.log((statistics.variance + _FLOOR) / (statistics.moving_variance + _FLOOR))
    found = float(np.median(shift) + np.median(np.abs(ratio)))
    return found if math.isfinite(found) else math.inf


def distances(
    predictor: Predictor, batches: Sequence[NDArray[Any]], scale: Scale, *, every: bool
) -> tuple[ScaleDistance, ...]:
    """The distance under the scale in use and, where that is far or all are asked for, the others.

    Empty where the model has no trainable batch normalisation.
    """
    here = _measured(predictor, batches, scale)
    if here is None or (here.distance <= FAR and not every):
        return () if here is None else (here,)
    others = (_measured(predictor, batches, Scale(k)) for k in SCALE_WORDS if k != scale.kind)
    return (here, *(item for item in others if item is not None))


def _measured(
    predictor: Predictor, batches: Sequence[NDArray[Any]], scale: Scale
) -> ScaleDistance | None:
    found = [predictor.statistics(batch, scale) for batch in batches]
    if not all(found):
        return None
    weights = np.array([len(batch) for batch in batches], np.float64)
    together = merged([rows[0] for rows in found], weights)
    return ScaleDistance(scale, distance(together), lag(together))


@_ANY_NUMBERS
def lag(statistics: Statistics) -> float:
    """The part of the stored statistics that is still their beginning; 0 where that explains nothing.

    Keras stores m·stored + (1 − m)·measured after each step, from mean 0 and variance 1 on.
    """
    best, left = 0.0, distance(statistics)
    if left <= FAR:
        return 0.0
    for part in np.linspace(_LEAST_LAG, 1, 96):
        mean = (1 - part) * statistics.mean
        variance = part + (1 - part) * statistics.variance
        found = distance(replace(statistics, mean=mean, variance=variance))
        best, left = (float(part), found) if found < left else (best, left)
    return best if left <= _LAGS else 0.0


@_ANY_NUMBERS
def merged(parts: Sequence[Statistics], weights: NDArray[np.float64]) -> Statistics:
    """The statistics of several batches together, each weighted by its number of pictures."""
    means = np.stack([part.mean for part in parts]).astype(np.float64)
    squares = means**2 + np.stack([part.variance for part in parts])
    mean = np.average(means, axis=0, weights=weights)
    variance = np.average(squares, axis=0, weights=weights) - mean**2
    return replace(
        parts[0], mean=mean.astype(np.float32), variance=np.maximum(variance, 0).astype(np.float32)
    )


def closest(found: Sequence[ScaleDistance]) -> ScaleDistance | None:
    """The other scale that explains the model better, where the one in use is far off.

    Pictures of another kind than the training's are far off under every scale: None.
    """
    if not found or found[0].distance <= FAR:
        return None
    best = min(found, key=lambda item: item.distance)
    return None if best.distance > min(FAR, found[0].distance / 2) else best


def lag_finding(part: float) -> Finding:
    """That what is stored is not yet what the pictures bring."""
    return Finding(
        "statistics-lag",
        f"About {100 * part:.0f} % of what the first batch normalisation has stored is still what it "
        "began with: the training was too short for its momentum, and prediction uses what is stored.",
    )
