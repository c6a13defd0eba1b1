"""Numbers drawn from a seed, the same on every machine and in every version of Python.

The i-th throw of a seed is SHA-256 of "SEED#i", read as a whole number, modulo the number of sides.
With 2^256 outcomes no side is likelier than another by more than 2^-200.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """Throws that follow from the words they are made of.

    >>> Dice("a question", 7).below(6) == Dice("a question", 7).below(6)
    True
    """

    def __init__(self, *seed: object) -> None:
        self._seed = "/".join(map(str, seed))
        self._thrown = 0

    def below(self, sides: int) -> int:
        """A whole number from 0 to sides − 1."""
        self._thrown += 1
        digest = sha256(f"{self._seed}#{self._thrown}".encode()).digest()
        return int.from_bytes(digest) % sides

    def one_of(self, items: Sequence[T]) -> T:
        """One of some items."""
        return items[self.below(len(items))]

    def shuffled(self, items: Sequence[T]) -> tuple[T, ...]:
        """The items in a new order (Fisher and Yates)."""
        waiting = list(items)
        return tuple(waiting.pop(self.below(len(waiting))) for _ in items)
