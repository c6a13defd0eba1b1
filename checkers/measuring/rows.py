"""The rows of a split: each sample with the picture that a model is given of it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from answers.data.input_contract import InputContract
from answers.data.split import ContentHash, Sample, Split

_AHEAD_BYTES = 64 << 20  # of rows that nobody has asked for yet


@dataclass(frozen=True)
class Fed:
    """A sample, and the picture that the model is given of it, on 0–255."""

    sample: Sample
    picture: NDArray[Any]

    @property
    def bytes(self) -> int:
        """What the sample and the picture hold, at most."""
        truth = 0 if self.sample.mask is None else self.sample.mask.nbytes
        return int(self.sample.image.nbytes + self.picture.nbytes + truth)


class Rows:
    """A split's rows, to be gone through any number of times.

    keep: how many bytes may stay in memory for the next pass; a larger split is read again.
    sha256: of the split, known after the first whole pass.
    """

    def __init__(self, split: Split, contract: InputContract, keep: int = 0) -> None:
        self.split, self.contract, self.sha256 = split, contract, ""
        self._room = keep
        self._kept: list[Fed] = []
        self._whole = False
        self._ahead: deque[Fed] = deque()
        self._reading: Iterator[Fed] | None = None

    @property
    def as_floats(self) -> bool:
        """Whether pictures come as float32, by the first of those that are here already."""
        first = next(iter(self._ahead or self._kept), None)
        return first is not None and first.picture.dtype != np.uint8

    def __iter__(self) -> Iterator[Fed]:
        if self._whole and not self._ahead:
            return iter(self._kept)
        begun, ahead = self._reading, self._ahead
        self._reading, self._ahead = None, deque()
        return self._read() if begun is None else _first(ahead, begun)

    def read_ahead(self, enough: Callable[[], bool]) -> None:
        """Read rows before anybody asks for them, until it is enough, or the room for it is full.

        Raises: as the reading of the split does. It begins anew then for whoever asks next: a broken
        reading has no more rows, and would pass for a whole one.
        """
        if self._whole or self._reading is not None:
            return
        reading, ahead, room = self._read(), deque[Fed](), _AHEAD_BYTES
        while room > 0 and not enough():
            fed = next(reading, None)
            if fed is None:
                break
            ahead.append(fed)
            room -= fed.bytes
        self._reading, self._ahead = reading, ahead

    def _read(self) -> Iterator[Fed]:
        content, kept, room = ContentHash(), list[Fed](), self._room
        for sample in self.split.read():
            content.update(sample)
            fed = Fed(sample, self.contract.prepare(sample.image))
            room -= fed.bytes
            if room >= 0:
                kept.append(fed)
            else:
                kept.clear()
            yield fed
        self.sha256 = content.hexdigest()
        if room >= 0:
            self._kept, self._whole = kept, True


def _first(ahead: deque[Fed], rest: Iterator[Fed]) -> Iterator[Fed]:
    """What was read ahead, which is let go of on the way, and then the rest."""
    while ahead:
        yield ahead.popleft()
    yield from rest
