"""Random 64-bit words that are the same on every machine: splitmix64.

Source: Steele, Lea, Flood 2014, 'Fast splittable pseudorandom number generators', with the
constants of Java's SplittableRandom; the rule for indices is that of `metric_cases.json`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_STEP = 0x9E3779B97F4A7C15
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
_LOW = np.uint64(0xFFFFFFFF)
_WORD = 1 << 64


def words(seed: int, start: int, count: int) -> NDArray[np.uint64]:
    """The words number start … start + count − 1 (from 0) of splitmix64(seed)."""
    z = np.arange(1, count + 1, dtype=np.uint64)
    z *= np.uint64(_STEP)
    z += np.uint64((seed + start * _STEP) % _WORD)
    z ^= z >> np.uint64(30)
    z *= _FIRST
    z ^= z >> np.uint64(27)
    z *= _SECOND
    z ^= z >> np.uint64(31)
    return z


def indices(drawn: NDArray[np.uint64], below: int) -> NDArray[np.int64]:
    """(word × below) >> 64 of each word: 0 … below − 1, for below < 2^32."""
    # The product has up to 96 bits, so the halves of the word are multiplied apart.
    factor = np.uint64(below)
    low = drawn & _LOW
    low *= factor
    low >>= np.uint64(32)
    high = drawn >> np.uint64(32)
    high *= factor
    high += low
    high >>= np.uint64(32)
    return high.astype(np.int64)
