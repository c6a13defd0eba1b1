"""The pictures of a split with the lowest Dice, kept while the split goes by."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from typing import Any, Self

from numpy.typing import NDArray

from answers.data.split import Sample

WORST = 6


@dataclass(frozen=True, order=True)
class WorstPicture:
    """A picture with a low Dice, with both maps at the size they were compared in.

    truth, predicted: (height, width) class numbers; 0 background and 1 object for one object.
    """

    dice: float
    name: str
    image: NDArray[Any] = field(compare=False)
    truth: NDArray[Any] = field(compare=False)
    predicted: NDArray[Any] = field(compare=False)

    @classmethod
    def of(cls, sample: Sample, dice: float, truth: NDArray[Any], predicted: NDArray[Any]) -> Self:
        """The picture of a sample."""
        return cls(dice, sample.name, sample.image, truth, predicted)


class WorstPictures:
    """Keeps a fixed number of pictures; of equal ones the first."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, WorstPicture]] = []
        self._order = 0

    def add(self, picture: WorstPicture) -> None:
        """Take a picture in, and keep it where it is bad enough."""
        self._order += 1
        if len(self._heap) == WORST and -picture.dice <= self._heap[0][0]:
            return
        entry = (-picture.dice, -self._order, picture)
        (heapq.heappush if len(self._heap) < WORST else heapq.heapreplace)(self._heap, entry)

    def sorted(self) -> tuple[WorstPicture, ...]:
        """The worst first."""
        return tuple(entry[2] for entry in sorted(self._heap, key=lambda e: (-e[0], -e[1])))
