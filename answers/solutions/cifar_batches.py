"""The batches of CIFAR-10: shuffled anew in each epoch, scaled to 0…1 on their way.

Twice: `CifarBatches` serves arrays on every backend of Keras; `textbook_pipeline` is the tf.data
pipeline of the textbook. The tests hold them equal. Augmentation is in neither: it is layers of the
model, and so comes after every cache, on whatever device the model runs.
"""

from __future__ import annotations

from math import ceil
from typing import Any

import numpy as np
from keras.utils import PyDataset
from numpy.typing import NDArray

from answers.data.input_contract import Scale
from answers.solutions.cifar_pictures import Pictures

Batch = tuple[NDArray[np.float32], NDArray[np.int64]]

UNIT = Scale("unit")
"""Pictures are divided by 255: the grader feeds them in the same way."""


class CifarBatches(PyDataset):  # type: ignore[misc]  # keras has no types
    """The pictures in batches; the last one of an epoch may be smaller.

    Pictures stay uint8, a quarter of the memory; a batch is scaled when it is asked for. The order
    depends on seed and epoch alone, so that a run that goes on sees what it would have seen.
    """

    def __init__(self, pictures: Pictures, *, batch: int, seed: int) -> None:
        super().__init__()
        self._pictures, self._batch, self._seed = pictures, batch, seed
        self.start_epoch(1)

    def start_epoch(self, epoch: int) -> None:
        """Shuffle all pictures, not batches of neighbours; epochs are counted from 1."""
        self._order = np.random.default_rng((self._seed, epoch)).permutation(len(self._pictures))

    def __len__(self) -> int:
        """How many batches an epoch has."""
        return ceil(len(self._pictures) / self._batch)

    def __getitem__(self, number: int) -> Batch:
        """Pictures (n, 32, 32, 3) in 0…1, and labels (n,)."""
        places = self._order[number * self._batch : (number + 1) * self._batch]
        return UNIT.apply(self._pictures.images[places]), self._pictures.labels[places]


def textbook_pipeline(pictures: Pictures, *, batch: int, seed: int, shuffle: bool = True) -> Any:
    """The same as a tf.data pipeline; it can be gone through any number of times.

    cache → shuffle → batch → scale → prefetch. What is dear and the same in each epoch (decoding)
    stands before the cache, what is random behind it. The shuffle stands before the batch, else
    batches would always hold the same pictures; its buffer is the whole set, because the pictures
    may lie sorted by class. prefetch is last: it makes the next batch while this one is learnt.
    """
    import tensorflow as tf

    pairs = tf.data.Dataset.from_tensor_slices((pictures.images, pictures.labels)).cache()
    mixed = pairs.shuffle(len(pictures), seed=seed) if shuffle else pairs
    scaled = mixed.batch(batch).map(_unit, num_parallel_calls=tf.data.AUTOTUNE)
    return scaled.prefetch(tf.data.AUTOTUNE)


def _unit(images: Any, labels: Any) -> tuple[Any, Any]:
    import tensorflow as tf

    return tf.cast(images, tf.float32) / 255, labels
