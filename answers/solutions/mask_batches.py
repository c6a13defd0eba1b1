"""Batches of pictures and masks: shuffled, flipped with the same coins, anew in each epoch.

Twice: `MaskBatches` serves arrays on every backend of Keras; `textbook_pipeline` is the tf.data
pipeline that the homework asks for. The tests hold them equal.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import Any

import numpy as np
from keras.utils import PyDataset
from numpy.typing import NDArray

from answers.data.pairs import Pair
from answers.solutions.flips import Flips, flip_batch, shuffled, throw_coins
from answers.solutions.mask_pairs import MaskPairs

Batch = tuple[NDArray[np.float32], NDArray[np.uint8]]


class MaskBatches(PyDataset):  # type: ignore[misc]  # Keras has no types
    """The pairs in batches; an epoch has ceil(n / batch) steps, a whole number."""

    def __init__(self, pairs: MaskPairs, *, batch: int, flips: Flips, seed: int) -> None:
        super().__init__()
        self._pairs, self._batch, self._flips, self._seed = pairs, batch, flips, seed
        self.start_epoch(1)

    def start_epoch(self, epoch: int) -> None:
        """Shuffle, and throw the coins, of an epoch counted from 1."""
        self._order = shuffled(len(self._pairs), self._seed, epoch)
        self._coins = throw_coins(self._flips, len(self._pairs), self._seed, epoch)

    def __len__(self) -> int:
        """How many batches an epoch has."""
        return ceil(len(self._pairs) / self._batch)

    def __getitem__(self, number: int) -> Batch:
        """A batch: (n, side, side, 3) pictures, and (n, side, side, 1) masks."""
        places = self._order[number * self._batch : (number + 1) * self._batch]
        coins = self._coins[places]
        pictures, masks = self._pairs.pictures[places], self._pairs.masks[places]
        return flip_batch(pictures, coins), flip_batch(masks, coins)


def textbook_pipeline(
    files: Sequence[Pair], side: int, *, batch: int, flips: Flips, seed: int
) -> Any:
    """The same as a tf.data pipeline over PNG files, masks of 0 and 255.

    read → cache → shuffle → flip → batch → prefetch. The cache stands before the coins (else every
    epoch would see the flips of the first), the shuffle before the batch (else batches would
    always hold the same pictures), and prefetch last. It can be gone through any number of times.
    """
    import tensorflow as tf

    paths = [str(pair.image) for pair in files], [str(pair.mask) for pair in files]
    pairs = tf.data.Dataset.from_tensor_slices(paths)
    cached = pairs.map(lambda image, mask: read_pair(image, mask, side), tf.data.AUTOTUNE).cache()
    mixed = cached.shuffle(len(files), seed=seed, reshuffle_each_iteration=True)
    coins = tf.data.Dataset.random(seed=seed, rerandomize_each_iteration=True).batch(3)
    turned = tf.data.Dataset.zip((mixed, coins)).map(
        lambda pair, numbers: flip_together(pair[0], pair[1], _as_coins(numbers, flips))
    )
    return turned.batch(batch).prefetch(tf.data.AUTOTUNE)


def read_pair(image_path: Any, mask_path: Any, side: int) -> tuple[Any, Any]:
    """Decode, resize and scale one pair, to the bit as `read_mask_pairs` does."""
    import tensorflow as tf

    size = (side, side)
    image = tf.io.decode_png(tf.io.read_file(image_path), channels=3)
    mask = tf.io.decode_png(tf.io.read_file(mask_path), channels=1)  # one channel, not three
    image = tf.image.resize(image, size, method="bilinear") / 255
    mask = tf.image.resize(mask, size, method="nearest")
    return image, tf.cast(mask > 127, tf.uint8)


def _as_coins(numbers: Any, flips: Flips) -> Any:
    """Three whole random numbers as three coins; those that `flips` leaves out stay down."""
    import tensorflow as tf

    return (numbers % 2 == 1) & tf.constant([flips != "none", flips == "all", flips == "all"])


def flip_together(image: Any, mask: Any, coins: Any) -> tuple[Any, Any]:
    """Turn picture and mask by the same three coins, as `flips.flipped` does."""
    import tensorflow as tf

    def turned(values: Any) -> Any:
        values = tf.where(coins[0], tf.reverse(values, [1]), values)
        values = tf.where(coins[1], tf.reverse(values, [0]), values)
        return tf.where(coins[2], tf.transpose(values, (1, 0, 2)), values)

    return turned(image), turned(mask)
