"""Random whole numbers that are the same on every machine: a counter, mixed by splitmix64.

NumPy's own generators may draw other numbers in another version; a few additions, products and
shifts modulo 2^64 may not. Every number depends on three things alone: the key of the stream,
the purpose it is drawn for, and its position. So the order of drawing does not matter, and a
number that is drawn additionally changes no other.

Source: Steele, Lea, Flood 2014, 'Fast splittable pseudorandom number generators' (the finaliser
with Stafford's constants, as in Java's SplittableRandom).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import prod

import numpy as np
from numpy.typing import NDArray

GOLDEN = 0x9E3779B97F4A7C15
_FIRST = 0xBF58476D1CE4E5B9
_SECOND = 0x94D049BB133111EB


def mix(words: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Scatter 64-bit words of any shape: splitmix64's finaliser, modulo 2^64."""
    words = (words ^ (words >> np.uint64(30))) * np.uint64(_FIRST)
    words = (words ^ (words >> np.uint64(27))) * np.uint64(_SECOND)
    return words ^ (words >> np.uint64(31))


def outputs(seeds: NDArray[np.uint64], count: int) -> NDArray[np.uint64]:
    """The first `count` outputs of splitmix64 for each seed: (n,) gives (n, count)."""
    positions = np.arange(1, count + 1, dtype=np.uint64)
    return mix(seeds[:, None] + positions[None, :] * np.uint64(GOLDEN))


@lru_cache(maxsize=256)
def salt_of(purpose: str) -> int:
    """A fixed 64-bit number for a purpose in words."""
    return int.from_bytes(hashlib.sha256(purpose.encode()).digest()[:8], "little")


@dataclass(frozen=True, eq=False)
class Streams:
    """One stream of random numbers for each of n things that are drawn together.

    keys: (n,) uint64, one for each thing.
    """

    keys: NDArray[np.uint64]

    @classmethod
    def named(cls, name: str, indices: Sequence[int]) -> Streams:
        """The streams of the things number `indices` (each from 0) of a named collection."""
        counters = np.array(indices, np.uint64) * np.uint64(GOLDEN)
        return cls(mix(counters + np.uint64(salt_of(name))))

    def integers(
        self, purpose: str, low: int, high: int, shape: tuple[int, ...] = ()
    ) -> NDArray[np.int64]:
        """Numbers from low to high, both included: (n, *shape) int64.

        The range may hold at most 2^32 numbers. High bits are scaled down, so a number is more
        likely than another by at most (high − low + 1) / 2^32: far below what a picture shows.
        """
        seeds = mix(self.keys ^ np.uint64(salt_of(purpose)))
        words = outputs(seeds, prod(shape)) >> np.uint64(32)
        scaled = (words * np.uint64(high - low + 1)) >> np.uint64(32)
        return scaled.astype(np.int64).reshape(len(self.keys), *shape) + low
