"""A split out of an .npz file: images with labels, or images with masks, streamed row by row.

People save such files in many ways, so what is guessed (the order of the axes, the range of the
values) is said in a note.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from answers.data.cifar_counts import CIFAR_CLASSES, count_notes
from answers.data.masks import (
    NOTHING_SAID,
    ClassLabels,
    MaskCoding,
    MaskSurvey,
    RawMask,
    check_word,
    coding_notes,
    settle,
)
from answers.data.notes import graded_on_train, split_ignored
from answers.data.npz import NpzArray, member_names
from answers.data.split import Note, Sample, Split
from answers.errors import InputError

_IMAGES = ("x", "images", "image", "imgs", "data")
_LABELS = ("y", "labels", "label", "targets")
_MASKS = ("masks", "mask", *_LABELS)
_DEPTHS = frozenset({1, 3, 4})
_MAX_CLASSES = 10_000


def open_labelled_arrays(path: Path, split: str | None) -> Split:
    """The split of images and class labels in an .npz file.

    Images: (n, h, w), (n, h, w, c) or (n, c, h, w); integers 0–255, or floating-point numbers of
    0–1 or 0–255. Labels: (n,), (n, 1), or one-hot (n, classes).
    Raises InputError (npz-keys, npz-shape, npz-range, npz-labels, npz-lengths, cifar-counts, and
    those of `NpzArray`).
    """
    name, images, truth = _open_both(path, split, _LABELS)
    labels = _Labels.find(truth)
    counts = labels.count()
    classes, notes = _classes(images, counts, name)
    return Split(
        name=name,
        source=str(path),
        task="classification",
        count=len(images.array),
        classes=classes,
        read=lambda: _labelled(name, images, labels),
        notes=(*_name_notes(split, name), *images.notes, *notes),
    )


def open_masked_arrays(
    path: Path, split: str | None, masks: str, labels: ClassLabels = NOTHING_SAID
) -> Split:
    """The split of images and masks in an .npz file.

    Masks: (n, h, w) or (n, h, w, 1), of a size of their own; `masks` is the word of the coding,
    `labels` what is said of class numbers.
    Raises InputError as `open_labelled_arrays`, and those of `masks.settle`.
    """
    check_word(masks)
    name, images, truth = _open_both(path, split, _MASKS)
    values = _MaskValues.find(truth)
    survey = MaskSurvey()
    for number, mask in enumerate(values.rows()):
        survey.add(_sample_name(name, number), RawMask(values=mask))
    coding = settle(masks, survey, labels)
    return Split(
        name=name,
        source=str(path),
        task="segmentation",
        count=len(images.array),
        classes=coding.classes(survey),
        read=lambda: _masked(name, images, values, coding),
        notes=(*_name_notes(split, name), *images.notes, *coding_notes(coding, survey)),
    )


def _name_notes(asked: str | None, name: str) -> tuple[Note, ...]:
    return (*split_ignored(asked, name), *graded_on_train(name))


def _sample_name(split: str, number: int) -> str:
    return f"{split}_{number:05d}"


def _labelled(name: str, images: _Images, labels: _Labels) -> Iterator[Sample]:
    pairs = zip(images.rows(), labels.rows(), strict=True)
    for number, (image, label) in enumerate(pairs):
        yield Sample(name=_sample_name(name, number), image=image, label=label)


def _masked(name: str, images: _Images, masks: _MaskValues, coding: MaskCoding) -> Iterator[Sample]:
    pairs = zip(images.rows(), masks.rows(), strict=True)
    for number, (image, mask) in enumerate(pairs):
        yield Sample(name=_sample_name(name, number), image=image, mask=coding.apply(mask))


def _open_both(
    path: Path, split: str | None, truths: tuple[str, ...]
) -> tuple[str, _Images, NpzArray]:
    members = {name.lower(): name for name in member_names(path)}
    name, image_key, truth_key = _find_keys(path, members, split, truths)
    array = NpzArray.open(path, members[image_key])
    truth = NpzArray.open(path, members[truth_key])
    if len(array) != len(truth):
        raise InputError(
            "npz-lengths",
            f"'{path}' holds {len(array):,} images in '{array.name}', but {len(truth):,} truths "
            f"in '{truth.name}'.",
            hint="Each image needs one truth.",
        )
    return name, _Images.find(array), truth


def _find_keys(
    path: Path, members: dict[str, str], split: str | None, truths: tuple[str, ...]
) -> tuple[str, str, str]:
    """The name of the split, and the keys of images and truths."""
    wanted = split or "test"
    forms = [f"{{}}_{wanted.lower()}", f"{wanted.lower()}_{{}}", "{}"]
    for form in forms:
        image = next((form.format(k) for k in _IMAGES if form.format(k) in members), None)
        truth = next((form.format(k) for k in truths if form.format(k) in members), None)
        if image and truth:
            return (_split_of_file(path) if form == "{}" else wanted), image, truth
    raise InputError(
        "npz-keys",
        f"'{path}' holds {', '.join(members.values()) or 'no arrays'}, and no images with truths "
        f"of the split '{wanted}'.",
        hint=f"Name the arrays, for example, x_{wanted} and {truths[0]}_{wanted}, "
        f"or images and {truths[0] if truths is _MASKS else 'labels'}.",
    )


def _split_of_file(path: Path) -> str:
    words = path.stem.lower().replace("-", "_").split("_")
    return next((name for name in ("test", "train", "val") if name in words), "all")


@dataclass(frozen=True, kw_only=True)
class _Images:
    """Images of an array: which axis holds the channels, and how values come to 0–255."""

    array: NpzArray
    channels_first: bool
    factor: float
    whole: bool
    notes: tuple[Note, ...]

    @classmethod
    def find(cls, array: NpzArray) -> _Images:
        first = _is_channels_first(array)
        values = _Values.find(array)
        notes = (*_axes_note(array, channels_first=first), *values.notes(array))
        return cls(
            array=array,
            channels_first=first,
            factor=values.factor,
            whole=values.whole,
            notes=notes,
        )

    @property
    def picture_shape(self) -> tuple[int, ...]:
        shape = self.array.shape[1:]
        return (*shape[1:], shape[0]) if self.channels_first else shape

    def rows(self) -> Iterator[NDArray[Any]]:
        for row in self.array.rows():
            yield self._picture(np.moveaxis(row, 0, -1) if self.channels_first else row)

    def _picture(self, row: NDArray[Any]) -> NDArray[Any]:
        if row.dtype == np.uint8:
            return row
        values = row.astype(np.float32) * np.float32(self.factor)
        return np.rint(values).astype(np.uint8) if self.whole else values


def _is_channels_first(array: NpzArray) -> bool:
    shape = array.shape
    if len(shape) == 3 or (len(shape) == 4 and shape[3] in _DEPTHS):
        return False
    if len(shape) == 4 and shape[1] in _DEPTHS:
        return True
    raise InputError(
        "npz-shape",
        f"The array '{array.name}' of '{array.path}' has the shape {shape}, which is no series "
        "of pictures.",
        hint="Pictures are (n, height, width) or (n, height, width, 1, 3 or 4 channels).",
    )


def _axes_note(array: NpzArray, *, channels_first: bool) -> tuple[Note, ...]:
    if not channels_first:
        return ()
    message = (
        f"The shape {array.shape} of '{array.name}' is read as (n, channels, height, width), "
        "and the channels are moved to the end."
    )
    return (Note(code="channels-first", message=message),)


@dataclass(frozen=True)
class _Values:
    """What the numbers of an array are: the factor that brings them to 0–255; whole then?"""

    factor: float
    whole: bool

    @classmethod
    def find(cls, array: NpzArray) -> _Values:
        if array.dtype == np.uint8:
            return cls(1.0, whole=True)
        least, largest = _range(array)
        factor = 255.0 if array.dtype.kind in "bf" and largest <= 1 else 1.0
        if not (least >= 0 and largest <= 255):
            raise InputError(
                "npz-range",
                f"The values of '{array.name}' in '{array.path}' go from {least:g} to {largest:g}.",
                hint="Save images before any scaling: 0 to 255, or floating-point 0 to 1.",
            )
        return cls(factor, whole=_is_whole(array, factor))

    def notes(self, array: NpzArray) -> tuple[Note, ...]:
        if array.dtype.kind != "f":
            return ()
        scale = "0–1, and multiplied by 255" if self.factor == 255 else "0–255"
        message = f"The floating-point values of '{array.name}' are taken to be on {scale}."
        return (Note(code="floating-point-images", message=message),)


def _range(array: NpzArray) -> tuple[float, float]:
    """The least and the largest value; (nan, nan) where one is not a number."""
    if len(array) == 0:
        return 0.0, 0.0
    ends = [(float(block.min()), float(block.max())) for block in array.blocks()]
    lows, highs = zip(*ends, strict=True)
    return float(np.min(lows)), float(np.max(highs))


def _is_whole(array: NpzArray, factor: float) -> bool:
    """Whether the values are whole numbers of 0–255, up to the rounding of a division by 255."""
    if array.dtype.kind != "f":
        return True
    scaled = (block.astype(np.float64) * factor for block in array.blocks())
    return all(bool((np.abs(values - np.rint(values)) < 1e-3).all()) for values in scaled)


@dataclass(frozen=True)
class _Labels:
    """Class labels of an array: whole numbers (n,) or (n, 1), or one-hot (n, classes)."""

    array: NpzArray
    one_hot: bool

    @classmethod
    def find(cls, array: NpzArray) -> _Labels:
        shape = array.shape
        if len(shape) == 1 or (len(shape) == 2 and shape[1] == 1):
            return cls(array, one_hot=False)
        if len(shape) == 2 and shape[1] <= _MAX_CLASSES:
            return cls(array, one_hot=True)
        raise _wrong_labels(array, f"have the shape {shape}")

    def blocks(self) -> Iterator[NDArray[np.int64]]:
        for block in self.array.blocks():
            yield self._one_hot(block) if self.one_hot else self._numbers(block.reshape(-1))

    def rows(self) -> Iterator[int]:
        for block in self.blocks():
            yield from map(int, block)

    def _one_hot(self, block: NDArray[Any]) -> NDArray[np.int64]:
        ones = block == 1
        if not (((block == 0) | ones).all() and (ones.sum(axis=1) == 1).all()):
            raise _wrong_labels(self.array, "are not one-hot (a single 1 in each row)")
        return np.asarray(ones.argmax(axis=1), np.int64)

    def _numbers(self, block: NDArray[Any]) -> NDArray[np.int64]:
        if not ((block >= 0) & (block < _MAX_CLASSES) & (block == np.floor(block))).all():
            raise _wrong_labels(self.array, f"are not whole numbers from 0 to {_MAX_CLASSES - 1:,}")
        return block.astype(np.int64)

    def count(self) -> list[int]:
        """How many samples each class has, from 0 up to the largest label."""
        classes = self.array.shape[1] if self.one_hot else 1
        counts = np.zeros(_MAX_CLASSES, np.int64)
        for block in self.blocks():
            counts += np.bincount(block, minlength=_MAX_CLASSES)
        held = np.flatnonzero(counts)
        return [int(n) for n in counts[: max(classes, int(held[-1]) + 1 if len(held) else 0)]]


def _wrong_labels(array: NpzArray, fact: str) -> InputError:
    return InputError(
        "npz-labels",
        f"The labels '{array.name}' of '{array.path}' {fact}.",
        hint="Labels are whole numbers (n,) or (n, 1), or one-hot (n, classes).",
    )


def _classes(
    images: _Images, counts: list[int], split: str
) -> tuple[tuple[str, ...], tuple[Note, ...]]:
    """CIFAR-10's names where the pictures are 32 × 32 × 3 with ten classes, else numbers."""
    if images.picture_shape == (32, 32, 3) and len(counts) <= len(CIFAR_CLASSES):
        padded = counts + [0] * (len(CIFAR_CLASSES) - len(counts))
        return CIFAR_CLASSES, count_notes(padded, split)
    return tuple(map(str, range(len(counts)))), ()


@dataclass(frozen=True)
class _MaskValues:
    """Raw values of masks in an array, as uint8 or uint16."""

    array: NpzArray
    factor: float

    @classmethod
    def find(cls, array: NpzArray) -> _MaskValues:
        shape = array.shape
        if len(shape) != 3 and not (len(shape) == 4 and 1 in {shape[1], shape[3]}):
            raise InputError(
                "npz-shape",
                f"The masks '{array.name}' of '{array.path}' have the shape {shape}.",
                hint="Masks are (n, height, width) or (n, height, width, 1).",
            )
        if array.dtype.kind == "b":
            return cls(array, 1)
        least, largest = _range(array)
        if not (least >= 0 and largest <= 65_535):
            raise InputError(
                "npz-range",
                f"The masks '{array.name}' of '{array.path}' hold values from {least:g} to "
                f"{largest:g}.",
                hint="Masks hold whole numbers from 0 to 65,535, or numbers from 0 to 1.",
            )
        # A soft mask of 0–1 is brought to 0–255, as if it had been saved as a picture.
        return cls(array, 255 if largest <= 1 and not _is_whole(array, 1) else 1)

    def rows(self) -> Iterator[NDArray[Any]]:
        axis = 1 if len(self.array.shape) == 4 and self.array.shape[3] != 1 else 3
        for row in self.array.rows():
            values = row if row.ndim == 2 else row.squeeze(axis=axis - 1)
            yield values if values.dtype == np.uint8 else self._levels(values)

    def _levels(self, values: NDArray[Any]) -> NDArray[np.uint16]:
        if values.dtype.kind == "f":
            return np.rint(values * self.factor).astype(np.uint16)
        return values.astype(np.uint16)
