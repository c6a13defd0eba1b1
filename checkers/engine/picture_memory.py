"""Memory in which pictures reach a child: the parent writes a batch, the child reads it.

The conversation itself carries a few words a batch. Each batch on its way has a place of its own,
which is written anew only when its answer has come.
"""

from __future__ import annotations

import math
import mmap
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from checkers.engine import sealed_memory

Batch = Sequence[NDArray[Any]] | NDArray[Any]  # pictures of one shape, one at least


@dataclass(frozen=True)
class Place:
    """Where a batch lies, and what it is.

    handed: in memory that was handed over just now, for it and the next.
    shape: (n, …). dtype: as NumPy writes it, with the order of the bytes.
    """

    at: int
    handed: bool
    shape: tuple[int, ...]
    dtype: str


class PictureMemory:
    """The parent's end.

    hand_over: gives the child a descriptor. places: how many batches are on their way at most.
    """

    def __init__(self, hand_over: Callable[[int], None], places: int) -> None:
        self._hand_over, self._places = hand_over, places
        self._memory: mmap.mmap | None = None
        self._size = self._next = 0

    def put(self, batch: Batch) -> Place:
        """Write a batch where the one before the last `places` lay."""
        shape = (len(batch), *batch[0].shape)
        kind = np.result_type(*{picture.dtype for picture in batch}).newbyteorder("<")
        size = kind.itemsize * math.prod(shape)
        memory, handed = self._memory, False
        if memory is None or size > self._size:
            memory, handed = self._begun(size), True
        at = self._next * self._size
        self._next = (self._next + 1) % self._places
        there = np.frombuffer(memory, kind, math.prod(shape), at).reshape(shape)
        np.concatenate([picture[np.newaxis] for picture in batch], out=there)
        return Place(at, handed, shape, kind.str)

    def close(self) -> None:
        """Let go of the memory; what the child was handed is its own."""
        if self._memory is not None:
            # an array of a `put` that failed still looks into it, and lets go of it
            with suppress(BufferError):
                self._memory.close()
        self._memory, self._size = None, 0

    def _begun(self, size: int) -> mmap.mmap:
        """Hand over new memory. What is still on its way lies in the old one, which the child has."""
        self.close()
        whole = self._places * size
        writing, reading = sealed_memory.written_and_read("pictures", whole)
        try:
            self._memory = memory = mmap.mmap(writing, whole)
            self._hand_over(reading)
        finally:
            os.close(writing)
            os.close(reading)
        self._size, self._next = size, 0
        return memory
