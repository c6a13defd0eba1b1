"""The same pictures through both engines: how far the answers lie apart, and which of them turn."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from checkers.measuring.answer import Answer
from checkers.measuring.stream import Predicted
from checkers.model_file.record import Finding

_LISTED = 1_000


@dataclass(frozen=True)
class Flip:
    """A picture that the engines answer otherwise.

    places: how many of its decisions turn (1 for a class, else pixels).
    margin: the most that one of them lies from its tie, in either engine's numbers.
    """

    name: str
    places: int
    margin: float


@dataclass(frozen=True, kw_only=True)
class Verification:
    """What the second engine said. decisions: classes or pixels that were compared.

    largest: the largest difference of two numbers. flips: the pictures with decisions that turn, the
    first thousand; pictures: all of them.
    """

    engine: str
    decisions: int
    largest: float
    flips: tuple[Flip, ...]
    pictures: int

    @property
    def findings(self) -> tuple[Finding, ...]:
        """A remark where an answer depends on the engine."""
        if not self.flips:
            return ()
        widest = max(flip.margin for flip in self.flips)
        pictures = "picture is" if self.pictures == 1 else "pictures are"
        return (
            Finding(
                "engines-differ",
                f"{self.pictures:,} {pictures} answered otherwise by {self.engine}, by decisions "
                f"that lie up to {widest:.1e} from a tie.",
            ),
        )


class Verifying:
    """Compares blocks of predictions as they pass."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._largest, self._decisions, self._pictures = 0.0, 0, 0
        self._flips: list[Flip] = []

    def beside(
        self, batches: Iterator[list[Predicted]], others: Iterator[list[Predicted]]
    ) -> Iterator[list[Predicted]]:
        """The first engine's blocks, each compared with the second's on its way."""
        for batch, other in zip(batches, others, strict=True):
            for one, two in zip(batch, other, strict=True):
                self._compare(one.sample.name, one.values, two.values)
            yield batch

    def found(self, engine: str) -> Verification:
        """What was found. engine: the name of the second one."""
        return Verification(
            engine=engine,
            decisions=self._decisions,
            largest=self._largest,
            flips=tuple(self._flips),
            pictures=self._pictures,
        )

    def _compare(self, name: str, one: NDArray[np.float32], two: NDArray[np.float32]) -> None:
        both = one.astype(np.float64) - two
        self._largest = max(self._largest, float(np.nan_to_num(np.abs(both)).max(initial=0.0)))
        (first, margin), (second, other) = self._decided(one), self._decided(two)
        turned = first != second
        self._decisions += turned.size
        if turned.any():
            self._pictures += 1
            widest = float(np.maximum(margin, other)[turned].max())
            self._flips += [Flip(name, int(turned.sum()), widest)] if self._room else []

    @property
    def _room(self) -> bool:
        return len(self._flips) < _LISTED

    def _decided(self, values: NDArray[np.float32]) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        """Each decision, and how far it lies from its tie."""
        if values.ndim == 1 or self._answer.by_class:
            scores = np.asarray(
                values if values.ndim == 1 else self._answer.class_chances(values), np.float64
            )
            ranked = np.sort(scores, axis=-1)
            return np.asarray(scores.argmax(-1)), np.asarray(ranked[..., -1] - ranked[..., -2])
        chances = np.asarray(self._answer.chances(values), np.float64)
        return np.asarray(chances > 0.5, np.intp), np.abs(chances - 0.5)
