"""What one mask holds, and what looks odd about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

_HALF = 127
_SMALL = 32
_FULL = 255
_MOSTLY = 0.9


@dataclass(frozen=True, kw_only=True)
class MaskFacts:
    """Facts of one mask.

    values: the values it holds, in order, the first nine at most. largest: of all of them.
    object: pixels above half of the largest value; where it holds 0 alone, none.
    pixels: all pixels. border: the share of object among the pixels of the border.
    """

    values: tuple[int, ...]
    largest: int
    object: int
    pixels: int
    border: float

    @classmethod
    def of(cls, values: NDArray[Any]) -> MaskFacts:
        """The facts of a mask (height, width), uint8 or uint16."""
        held = np.unique(values)
        largest = int(held[-1])
        marks = values > largest // 2 if largest else np.zeros(values.shape, bool)
        edge = np.concatenate([marks[0], marks[-1], marks[:, 0], marks[:, -1]])
        return cls(
            values=tuple(map(int, held[:9])),
            largest=largest,
            object=int(np.count_nonzero(marks)),
            pixels=values.size,
            border=float(edge.mean()),
        )

    @property
    def is_empty(self) -> bool:
        """Whether no pixel is object."""
        return self.object == 0

    @property
    def is_full(self) -> bool:
        """Whether every pixel is object."""
        return self.object == self.pixels

    @property
    def vanishes(self) -> bool:
        """Whether a cut at 0.5 after dividing by 255 leaves nothing: the 123 trap."""
        return 0 < self.largest <= _HALF

    @property
    def is_grey(self) -> bool:
        """Whether it holds values between the smallest and the largest: resized with a filter."""
        return len(self.values) > 2 and self.largest >= _SMALL

    @property
    def is_class_numbers(self) -> bool:
        """Whether it seems to hold numbers of classes."""
        return len(self.values) > 2 and self.largest < _SMALL

    @property
    def seems_inverted(self) -> bool:
        """Whether most of it and nearly all of its border are object, but not all of it."""
        return not self.is_full and 2 * self.object > self.pixels and self.border > _MOSTLY
