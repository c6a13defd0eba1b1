"""CIFAR-10 as arrays: read once, counted, and a tenth held out for validation.

A split that is sorted by class must not be cut at its end: the last tenth would hold trucks only.
The tenth is taken from each class, the same pictures in every run, so that runs can be compared.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from answers.data.cifar_counts import CIFAR_CLASSES
from answers.data.input_contract import InputContract
from answers.data.notes import counted
from answers.data.open import open_split
from answers.data.split import ContentHash, Split
from answers.errors import InputError, RefusedError
from answers.solutions.events import Preparing, Tell, nobody

SIDE = 32
_HELD_OUT = 10  # one of so many pictures of each class
_CHOICE = 10  # the seed of that choice
_FEWEST = 2 * _HELD_OUT
_MOST = 200_000
_TELL_EVERY = 500


@dataclass(frozen=True, kw_only=True)
class Pictures:
    """images: (n, 32, 32, 3) uint8, RGB. labels: (n,) int64, the index of the class."""

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]

    def __len__(self) -> int:
        """How many there are."""
        return len(self.labels)

    def at(self, places: NDArray[Any]) -> Pictures:
        """The pictures at these places (indices, or a mask)."""
        return Pictures(images=self.images[places], labels=self.labels[places])


@dataclass(frozen=True, kw_only=True)
class CifarPictures:
    """The train split in two parts, and the hash of all of it."""

    training: Pictures
    validation: Pictures
    source: str
    sha256: str


def read_cifar(path: Path, tell: Tell = nobody) -> CifarPictures:
    """Read the train split at a path, in any form that `answers.data` knows.

    Raises: InputError classes-differ, class-missing, too-few-pictures, and those of the data;
    RefusedError too-many-pictures.
    """
    split = open_split(path, task="classification", split="train")
    _check_split(split)
    pictures, sha256 = _read(split, tell)
    _check_counts(np.bincount(pictures.labels, minlength=len(CIFAR_CLASSES)), split)
    chosen = held_out(pictures.labels)
    return CifarPictures(
        training=pictures.at(~chosen),
        validation=pictures.at(chosen),
        source=split.source,
        sha256=sha256,
    )


def _read(split: Split, tell: Tell) -> tuple[Pictures, str]:
    contract, content = InputContract(size=(SIDE, SIDE)), ContentHash()
    images = np.empty((split.count, SIDE, SIDE, 3), np.uint8)
    labels = np.empty(split.count, np.int64)
    for number, sample in enumerate(split.read()):
        content.update(sample)
        images[number] = contract.prepare(sample.image).round()
        labels[number] = -1 if sample.label is None else sample.label
        if number % _TELL_EVERY == 0:
            tell(Preparing(stage="reading the pictures", done=number, total=split.count))
    return Pictures(images=images, labels=labels), content.hexdigest()


def held_out(labels: NDArray[np.int64]) -> NDArray[np.bool_]:
    """True for the pictures of validation: a tenth of each class, drawn once and for all."""
    chosen, generator = np.zeros(len(labels), bool), np.random.default_rng(_CHOICE)
    for label in np.unique(labels):
        places = generator.permutation(np.flatnonzero(labels == label))
        chosen[places[: len(places) // _HELD_OUT]] = True
    return chosen


def some_of(pictures: Pictures, count: int) -> Pictures:
    """A fixed choice of so many pictures: of all classes, whatever the order."""
    places = np.random.default_rng(_CHOICE).permutation(len(pictures))[:count]
    return pictures.at(np.sort(places))


def _check_split(split: Split) -> None:
    if len(split.classes) != len(CIFAR_CLASSES):
        raise InputError(
            "classes-differ",
            f"'{split.source}' has {len(split.classes)} classes, and the network tells "
            f"{len(CIFAR_CLASSES)} apart.",
            hint="Give CIFAR-10, or another set of ten classes.",
            where=split.source,
        )
    if split.count > _MOST:
        raise RefusedError(
            "too-many-pictures",
            f"'{split.source}' holds {split.count:,} pictures, and at most {_MOST:,} are kept in "
            "memory.",
            hint="Train on a part of them.",
            where=split.source,
        )


def _check_counts(counts: NDArray[Any], split: Split) -> None:
    missing = [name for name, n in zip(split.classes, counts.tolist(), strict=True) if not n]
    if missing:
        raise InputError(
            "class-missing",
            f"No training picture of '{split.source}' is of the class {', '.join(missing)}.",
            hint="A network can't learn a class it never sees: add pictures of it.",
            where=split.source,
        )
    fewest = int(np.argmin(counts))
    if counts[fewest] < _FEWEST:
        raise InputError(
            "too-few-pictures",
            f"'{split.source}' has {counted(int(counts[fewest]), 'training picture')} of the class "
            f"{split.classes[fewest]}, and at least {_FEWEST} of each are needed: a tenth is held "
            "out for validation.",
            hint="Add pictures, or give the whole set.",
            where=split.source,
        )
