"""Which positions lie in each cell of an adaptive pooling; both engines gather them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def starts(size: int, wanted: int) -> NDArray[np.int64]:
    """The first position of each of `wanted` cells over `size` positions."""
    return np.arange(wanted) * size // wanted


def ends(size: int, wanted: int) -> NDArray[np.int64]:
    """The position behind the last one of each cell."""
    return -(-(np.arange(wanted) + 1) * size // wanted)


def longest(size: int, wanted: int) -> int:
    """How many positions the largest cell has."""
    return -(-size // wanted) + (size % wanted > 0)


def members(size: int, wanted: int) -> NDArray[np.int64]:
    """The positions of each cell, (wanted, longest); a short one names its last one again."""
    row = starts(size, wanted)[:, None] + np.arange(longest(size, wanted))
    return np.asarray(np.minimum(row, ends(size, wanted)[:, None] - 1), np.int64)
