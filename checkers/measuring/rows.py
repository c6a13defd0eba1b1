"""The rows of a split: each sample with the picture that a model is given of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from answers.data.input_contract import InputContract
from answers.data.split import ContentHash, Sample, Split


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

    def __iter__(self) -> Iterator[Fed]:
        return iter(self._kept) if self._whole else self._read()

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
