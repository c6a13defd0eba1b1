"""A split: named samples, streamed one at a time, with what the report should say about them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Task = Literal["classification", "segmentation"]


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One picture with its truth.

    image: (height, width) or (height, width, channels); uint8 0–255, or float32 on the same
        0–255 scale where the source holds floating-point numbers.
    label: class index, for classification.
    mask: (height, width) uint8 class index per pixel (0 background, 1 object), for segmentation;
        its size may differ from the image's only where the source says so itself (.npz).
    """

    name: str
    image: NDArray[Any]
    label: int | None = None
    mask: NDArray[np.uint8] | None = None


@dataclass(frozen=True, kw_only=True)
class Note:
    """A fact about the data that the report says: a stable code, and a whole sentence."""

    code: str
    message: str


@dataclass(frozen=True, kw_only=True)
class Split:
    """A set of samples that can be read any number of times, always in the same order.

    name: 'test', 'train', … as the source names it.
    source: where it comes from, for people (a path, or 'drawn by companion').
    count: how many samples `read` yields.
    classes: class names in the order of their index.
    read: starts a new pass; holds one sample at a time, whatever the size of the split.
    """

    name: str
    source: str
    task: Task
    count: int
    classes: tuple[str, ...]
    read: Callable[[], Iterator[Sample]]
    notes: tuple[Note, ...] = ()


@dataclass
class ContentHash:
    """The hash of a split, made while it is read: decoded pixels and truths in order.

    `pixels` covers the image bytes alone (C order), so that it can be compared with a published
    hash of the same pictures; `hexdigest` covers shapes, pixels and truths.
    """

    _all: Any = field(default_factory=hashlib.sha256)
    _pixels: Any = field(default_factory=hashlib.sha256)
    _heads: dict[tuple[Any, ...], bytes] = field(default_factory=dict)

    def update(self, sample: Sample) -> None:
        """Take one sample in."""
        pixels = np.ascontiguousarray(sample.image)
        shape, truth = _truth(sample)
        key = (pixels.dtype, pixels.shape, shape)
        if key not in self._heads:  # a dtype's name costs more than the pixels of a small picture
            self._heads[key] = "".join(map(str, key)).encode()
        self._pixels.update(pixels.data)
        self._all.update(self._heads[key])
        self._all.update(pixels.data)
        self._all.update(truth)

    @property
    def pixels(self) -> str:
        """SHA-256 of the image bytes alone."""
        return str(self._pixels.hexdigest())

    def hexdigest(self) -> str:
        """SHA-256 of shapes, pixels and truths."""
        return str(self._all.hexdigest())


def _truth(sample: Sample) -> tuple[tuple[int, ...], bytes]:
    """The shape and the bytes of a label or a mask."""
    if sample.label is not None:
        return (), int(sample.label).to_bytes(8, "little", signed=True)
    mask = np.asarray(sample.mask)
    return mask.shape, mask.astype("u1").tobytes()
