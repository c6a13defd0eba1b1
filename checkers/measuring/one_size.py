"""A model's answer and the true mask brought to one size, before anything is counted."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from answers.data.resize import resize_bilinear, resize_nearest
from answers.data.split import Sample
from checkers.assignment.assignment import Resolution


def at_one_size(
    chances: NDArray[Any], sample: Sample, resolution: Resolution
) -> tuple[NDArray[Any], NDArray[np.uint8]]:
    """Probabilities (height, width) or (height, width, classes), and the truth (height, width).

    'model': the mask comes to the answer's size (nearest). 'native': the probabilities come to
    the mask's size (bilinear), before they are cut or compared.
    """
    mask = sample.mask
    if mask is None:
        raise TypeError(f"the sample {sample.name} has no mask")
    if chances.shape[:2] == mask.shape:
        return chances, mask
    if resolution == "native":
        return resize_bilinear(chances, (mask.shape[0], mask.shape[1])), mask
    return chances, resize_nearest(mask, (chances.shape[0], chances.shape[1]))
