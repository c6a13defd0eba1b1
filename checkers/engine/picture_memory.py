"""Memory in which pictures reach a child: the parent writes a batch, the child reads it.

The conversation itself carries a few words a batch. Each batch on its way has a place of its own,
which is written anew only when its answer has come.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from checkers.engine import sealed_memory

_NONE = -1


@dataclass(frozen=True)
class Place:
    """Where a batch lies. handed: in memory that was handed over just now, for it and the next."""

    at: int
    handed: bool


class PictureMemory:
    """The parent's end.

    hand_over: gives the child a descriptor. places: how many batches are on their way at most.
    """

    def __init__(self, hand_over: Callable[[int], None], places: int) -> None:
        self._hand_over, self._places = hand_over, places
        self._descriptor = _NONE
        self._size = self._next = 0

    def put(self, batch: NDArray[Any]) -> Place:
        """Write a batch where the one before the last `places` lay."""
        numbers = np.ascontiguousarray(batch).reshape(-1).view(np.uint8).data
        handed = self._descriptor == _NONE or len(numbers) > self._size
        if handed:
            self._begin(len(numbers))
        at = self._next * self._size
        self._next = (self._next + 1) % self._places
        sealed_memory.write_at(self._descriptor, at, numbers)
        return Place(at, handed)

    def close(self) -> None:
        """Let go of the memory; what the child was handed is its own."""
        if self._descriptor != _NONE:
            os.close(self._descriptor)
        self._descriptor, self._size = _NONE, 0

    def _begin(self, size: int) -> None:
        """Hand over new memory. What is still on its way lies in the old one, which the child has."""
        self.close()
        whole = self._places * size
        self._descriptor, reading = sealed_memory.written_and_read("pictures", whole)
        try:
            self._hand_over(reading)
        finally:
            os.close(reading)
        self._size, self._next = size, 0
