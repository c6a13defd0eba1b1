"""What a segmentation network minimises: cross-entropy, soft Dice, soft IoU, and their sums.

truth and predicted: (pictures, height, width, 1) with values in [0, 1]. Each function gives one
number a picture; Keras takes their mean. So a loss does not depend on how pictures fall into batches.

Cross-entropy judges every pixel by itself; a small object hardly counts in it. Soft Dice and IoU
judge the whole object, and have poor gradients where a mask is empty. A sum has both.
They are made of probabilities: a hard mask (p > 0.5) has no gradient. `answers.metrics` has the same
numbers exactly (`SoftOverlap`, `losses.binary_cross_entropy_float32`), and the tests hold both.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable
from typing import Any

from answers.errors import InputError

Loss = Callable[[Any, Any], Any]

SMOOTH = 1.0
"""Added above and below: with both masks empty the score is 1 and the loss 0, never 0/0."""

_PIXELS = (1, 2, 3)


def cross_entropy(truth: Any, predicted: Any) -> Any:
    """The mean over pixels of −(y log p + (1 − y) log(1 − p)), p clipped to [1e-7, 1 − 1e-7]."""
    from keras import losses, ops

    return ops.mean(losses.binary_crossentropy(truth, predicted), axis=(1, 2))


def soft_dice(truth: Any, predicted: Any, smooth: float = SMOOTH) -> Any:
    """1 − (2 Σpt + s) / (Σp + Σt + s)."""
    from keras import ops

    both, either = _sums(truth, predicted)
    return 1 - ops.divide(2 * both + smooth, either + smooth)


def soft_iou(truth: Any, predicted: Any, smooth: float = SMOOTH) -> Any:
    """1 − (Σpt + s) / (Σp + Σt − Σpt + s)."""
    from keras import ops

    both, either = _sums(truth, predicted)
    return 1 - ops.divide(both + smooth, either - both + smooth)


def _sums(truth: Any, predicted: Any) -> tuple[Any, Any]:
    """Σpt and Σp + Σt of each picture, in float32: float16 ends at 65,504, a mask has more pixels."""
    from keras import ops

    t, p = ops.cast(truth, "float32"), ops.cast(predicted, "float32")
    return ops.sum(t * p, axis=_PIXELS), ops.sum(t, axis=_PIXELS) + ops.sum(p, axis=_PIXELS)


def sum_of(*losses: Loss) -> Loss:
    """The loss that adds others, each with the weight 1."""

    def total(truth: Any, predicted: Any) -> Any:
        return sum(loss(truth, predicted) for loss in losses)

    return total


LOSSES: dict[str, Loss] = {
    "bce": cross_entropy,
    "dice": soft_dice,
    "iou": soft_iou,
    "bce+dice": sum_of(cross_entropy, soft_dice),
    "bce+iou": sum_of(cross_entropy, soft_iou),
    "dice+iou": sum_of(soft_dice, soft_iou),
}


def named_loss(name: str) -> Loss:
    """The loss of a name. Raises InputError (loss-unknown) with the nearest one."""
    if name in LOSSES:
        return LOSSES[name]
    near = difflib.get_close_matches(name.lower(), LOSSES, n=1)
    meant = f"Did you mean '{near[0]}'? " if near else ""
    raise InputError(
        "loss-unknown",
        f"There is no loss {name!r:.40}.",
        hint=f"{meant}Known are: {', '.join(LOSSES)}.",
        where="--loss",
    )
