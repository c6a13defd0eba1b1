"""CIFAR-10's own batches: pickles or binary records, in a folder or still in the archive.

One batch (30 MB) is held at a time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Self

import numpy as np

from answers.data.cifar_counts import CIFAR_CLASSES, count_notes
from answers.data.cifar_pickle import MAX_BYTES, PIXELS, CifarBatch, as_picture, read_cifar_batch
from answers.data.notes import graded_on_train
from answers.data.split import Note, Sample, Split
from answers.data.tar_stream import member_paths, read_member
from answers.errors import CompanionError, InputError, RefusedError

STEMS: dict[str, tuple[str, ...]] = {
    "test": ("test_batch",),
    "train": tuple(f"data_batch_{number}" for number in range(1, 6)),
}
# As torchvision lists them.
_MD5 = {
    "data_batch_1": "c99cafc152244af753f735de768cd75f",
    "data_batch_2": "d4bba439e000b95fd0a9bffe97cbabec",
    "data_batch_3": "54ebc095f3ab1f0389bbae665268c751",
    "data_batch_4": "634d18415352ddfa80567beed471001a",
    "data_batch_5": "482c414d41f54cd18b22e5b47cb7c3cb",
    "test_batch": "40351d587109b95175f43aff81a1287e",
}
_RECORD = 1 + PIXELS
_WHOLE_BATCH = 10_000


@dataclass(frozen=True, kw_only=True)
class BatchFile:
    """One batch: its stem ('test_batch'), where it is for people, and how its bytes are got."""

    stem: str
    place: str
    binary: bool
    read_bytes: Callable[[], bytes]

    def load(self) -> CifarBatch:
        """Read the batch. Raises the errors of its kind, with the file as their place."""
        return self._parse(self.read_bytes())

    def _parse(self, data: bytes) -> CifarBatch:
        try:
            return read_binary_batch(data) if self.binary else read_cifar_batch(data)
        except CompanionError as error:
            raise error.at(self.place) from error.__cause__

    def survey(self) -> tuple[CifarBatch, bool]:
        """The batch, and whether a batch of full size has other bytes than the original."""
        data = self.read_bytes()
        batch = self._parse(data)
        if self.binary or len(batch.labels) != _WHOLE_BATCH:
            return batch, False
        return batch, hashlib.md5(data, usedforsecurity=False).hexdigest() != _MD5[self.stem]


def read_binary_batch(data: bytes) -> CifarBatch:
    """Read a batch of the binary version: records of a label and 3,072 values.

    Raises InputError (cifar-batch-damaged).
    """
    if not data or len(data) % _RECORD:
        raise InputError(
            "cifar-batch-damaged",
            f"The binary batch has {len(data):,} bytes, which is no number of records of {_RECORD}.",
            hint="Take the file from cifar-10-binary.tar.gz again.",
        )
    records = np.frombuffer(data, np.uint8).reshape(-1, _RECORD)
    labels = records[:, 0]
    if labels.max() >= len(CIFAR_CLASSES):
        raise InputError(
            "cifar-batch-damaged",
            f"A record of the binary batch has the label {labels.max()}, not 0 to 9.",
            hint="Take the file from cifar-10-binary.tar.gz again.",
        )
    return CifarBatch(records[:, 1:], labels)


def find_in_folder(folder: Path, split: str) -> tuple[BatchFile, ...]:
    """The batches of the split that lie in the folder itself, or an empty tuple.

    Raises InputError (cifar-batch-missing) where only some of them are there.
    """
    for suffix in ("", ".bin"):
        paths = [folder / f"{stem}{suffix}" for stem in STEMS.get(split, ())]
        there = [path for path in paths if path.is_file()]
        if there:
            _check_all([path.name for path in paths], [path.name for path in there], folder)
            return tuple(_plain(path) for path in paths)
    return ()


def single_file(path: Path) -> BatchFile | None:
    """The batch that the path itself is, by its name, or None."""
    known = path.name.removesuffix(".bin") in _MD5
    return _plain(path) if known else None


def _plain(path: Path) -> BatchFile:
    return BatchFile(
        stem=path.name.removesuffix(".bin"),
        place=str(path),
        binary=path.suffix == ".bin",
        read_bytes=lambda: _bounded(path),
    )


def _bounded(path: Path) -> bytes:
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise RefusedError(
            "cifar-batch-limit",
            f"'{path}' has {size:,} bytes, and a batch has at most {MAX_BYTES:,}.",
            hint="A batch of CIFAR-10 has 31 MB: is it the right file?",
            where=str(path),
        )
    return path.read_bytes()


def find_in_archive(path: Path, split: str) -> tuple[BatchFile, ...]:
    """The batches of the split inside a tar archive, or an empty tuple. Nothing is extracted."""
    members = {PurePosixPath(name).name: name for name in member_paths(path)}
    for suffix in ("", ".bin"):
        wanted = [f"{stem}{suffix}" for stem in STEMS.get(split, ())]
        there = [name for name in wanted if name in members]
        if there:
            _check_all(wanted, there, path)
            return tuple(_packed(path, members[name]) for name in wanted)
    return ()


def _packed(path: Path, member: str) -> BatchFile:
    name = PurePosixPath(member).name
    return BatchFile(
        stem=name.removesuffix(".bin"),
        place=f"{path}: {member}",
        binary=name.endswith(".bin"),
        read_bytes=lambda: read_member(path, member, MAX_BYTES),
    )


def _check_all(wanted: list[str], there: list[str], place: Path) -> None:
    missing = [name for name in wanted if name not in there]
    if missing:
        raise InputError(
            "cifar-batch-missing",
            f"'{place}' holds {len(there)} of {len(wanted)} batches; missing: {', '.join(missing)}.",
            hint="The download or the copy broke off: unpack the archive again.",
            where=str(place),
        )


@dataclass(frozen=True)
class _Facts:
    """What a first pass over the batches found."""

    counts: tuple[int, ...]
    changed: tuple[str, ...]

    @classmethod
    def of(cls, files: tuple[BatchFile, ...]) -> Self:
        counts = np.zeros(len(CIFAR_CLASSES), np.int64)
        changed = []
        for file in files:
            batch, differs = file.survey()
            counts += np.bincount(batch.labels, minlength=len(CIFAR_CLASSES))
            if differs:
                changed.append(file.stem)
        return cls(tuple(map(int, counts)), tuple(changed))


def open_batches(files: tuple[BatchFile, ...], split: str, source: Path) -> Split:
    """The split that the batches make; each is read once now, to check it.

    Raises InputError (cifar-batch-damaged, cifar-counts) and RefusedError (cifar-batch-foreign).
    """
    facts = _Facts.of(files)
    notes = (*count_notes(facts.counts, split), *_changed_note(facts.changed))
    return Split(
        name=split,
        source=str(source),
        task="classification",
        count=sum(facts.counts),
        classes=CIFAR_CLASSES,
        read=lambda: _samples(files, split),
        notes=(*graded_on_train(split), *notes),
    )


def _changed_note(changed: tuple[str, ...]) -> tuple[Note, ...]:
    if not changed:
        return ()
    message = (
        f"{', '.join(changed)} does not have the bytes of the original CIFAR-10 "
        "(another MD5), so scores may differ from published ones."
    )
    return (Note(code="not-the-original-batch", message=message),)


def _samples(files: tuple[BatchFile, ...], split: str) -> Iterator[Sample]:
    number = 0
    for file in files:
        batch = file.load()
        for row, label in zip(batch.rows, batch.labels, strict=True):
            yield Sample(name=f"{split}_{number:05d}", image=as_picture(row), label=int(label))
            number += 1
