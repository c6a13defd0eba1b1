"""Dice and IoU as the grader counts them: hard masks (p > 0.5), whole numbers, all pictures.

The loss is soft, and an average that Keras prints in training depends on the batches; what decides
which epoch was the best is measured here.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from answers.metrics.segmentation import Average, Measure, Overlap, Overlaps
from answers.solutions.events import Measured
from answers.solutions.mask_losses import Loss
from answers.solutions.mask_pairs import MaskPairs

SCORES: dict[str, tuple[Measure, Average]] = {
    "dice_pooled": ("dice", "pooled"),
    "iou_pooled": ("iou", "pooled"),
    "dice_per_image": ("dice", "per-image-all"),
    "iou_per_image": ("iou", "per-image-all"),
}
"""Pooled: all pixels added first. Per image: the mean over all pictures, both masks empty = 1."""


def measured(model: Any, pairs: MaskPairs, loss: Loss, batch: int) -> Measured:
    """The loss, and the `SCORES` in their order, of pairs that hold an object somewhere.

    A network that answers NaN has the loss NaN, and scores nothing.
    """
    said = predicted_masks(model, pairs, batch)
    if not np.isfinite(said).all():
        return Measured(loss=math.nan, scores=(0.0,) * len(SCORES))
    found = overlaps(said, pairs)
    scores = (found.value(measure, average) or 0 for measure, average in SCORES.values())
    return Measured(loss=_mean_loss(said, pairs, loss, batch), scores=tuple(map(float, scores)))


def _mean_loss(said: NDArray[np.float32], pairs: MaskPairs, loss: Loss, batch: int) -> float:
    """The mean over pictures, a batch at a time."""
    from keras import ops

    parts = [
        ops.convert_to_numpy(loss(pairs.masks[start : start + batch], said[start : start + batch]))
        for start in range(0, len(pairs), batch)
    ]
    return float(np.concatenate(parts).mean(dtype=np.float64))


def predicted_masks(model: Any, pairs: MaskPairs, batch: int) -> NDArray[np.float32]:
    """The probabilities (n, side, side, 1) that the network gives."""
    return np.asarray(model.predict(pairs.pictures, batch_size=batch, verbose=0), np.float32)


def overlaps(said: NDArray[np.float32], pairs: MaskPairs) -> Overlaps:
    """The counts of each picture."""
    each = zip(said[..., 0], pairs.masks[..., 0], strict=True)
    return Overlaps.of(Overlap.of(chances, mask) for chances, mask in each)
