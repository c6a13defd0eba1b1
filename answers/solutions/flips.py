"""Augmentation for pictures with masks: what happens to a picture happens to its mask.

The coins are thrown by a generator that the seed and the epoch begin, and outside of whatever reads
the pictures: so they are new in each epoch, the same in a second run, and the same for both.
"""

from __future__ import annotations

from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

Flips = Literal["none", "sideways", "all"]
FLIPS: tuple[Flips, ...] = get_args(Flips)

Coins = NDArray[np.bool_]


def throw_coins(flips: Flips, count: int, seed: int, epoch: int) -> Coins:
    """For each of `count` pairs: mirrored left-right, upside down, mirrored along the diagonal.

    flips: 'sideways' where up is up (a street), 'all' where it is not (a slide under a
        microscope): the three together are the eight positions of a square.

    Returns (count, 3) booleans.
    """
    coins = np.random.default_rng([seed, epoch, 1]).random((count, 3)) < 0.5
    coins[:, {"none": 0, "sideways": 1, "all": 3}[flips] :] = False
    return coins


def shuffled(count: int, seed: int, epoch: int) -> NDArray[np.int64]:
    """The order in which an epoch takes its pairs."""
    return np.random.default_rng([seed, epoch, 0]).permutation(count)


def flipped(values: NDArray[Any], coins: Coins) -> NDArray[Any]:
    """A picture or a mask (side, side, channels), turned as its three coins say."""
    sideways, upside_down, diagonal = coins
    turned = values[:, ::-1] if sideways else values
    turned = turned[::-1] if upside_down else turned
    return turned.swapaxes(0, 1) if diagonal else turned


def flip_batch(values: NDArray[Any], coins: Coins) -> NDArray[Any]:
    """A batch (n, side, side, channels), each by its own three coins (n, 3)."""
    return np.stack([flipped(each, its) for each, its in zip(values, coins, strict=True)])
