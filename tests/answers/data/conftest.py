"""Small synthetic data sets, written by NumPy, Pillow and pickle: oracles apart from our readers."""

from __future__ import annotations

import hashlib
import io
import pickle
import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from answers.data.split import Split


@dataclass(frozen=True)
class Tiny:
    """Twenty pictures (20, 32, 32, 3) in the order of their labels, two of each class."""

    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]

    @property
    def rows(self) -> NDArray[np.uint8]:
        return np.ascontiguousarray(self.images.transpose(0, 3, 1, 2).reshape(len(self.images), -1))

    def pickled(self, protocol: int = 3) -> bytes:
        content = {
            "batch_label": "testing batch 1 of 1",
            "labels": [int(label) for label in self.labels],
            "data": self.rows,
            "filenames": [f"{number}.png" for number in range(len(self.labels))],
        }
        return pickle.dumps(content, protocol=protocol)

    def binary(self) -> bytes:
        return b"".join(
            bytes([label]) + row.tobytes()
            for label, row in zip(self.labels, self.rows, strict=True)
        )


@pytest.fixture(scope="session")
def tiny() -> Tiny:
    images = np.random.default_rng(3).integers(0, 256, (20, 32, 32, 3), np.uint8)
    return Tiny(images, np.repeat(np.arange(10, dtype=np.uint8), 2))


@pytest.fixture(scope="session")
def make_tar() -> Callable[[Path, dict[str, bytes]], Path]:
    def make(path: Path, files: dict[str, bytes]) -> Path:
        mode = "w:xz" if path.suffix == ".xz" else "w" if path.suffix == ".tar" else "w:gz"
        with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]  # a computed mode
            for name, data in files.items():
                member = tarfile.TarInfo(name)
                member.size = len(data)
                archive.addfile(member, io.BytesIO(data))
        return path

    return make


@pytest.fixture(scope="session")
def same_as() -> Callable[[Split, Tiny], None]:
    """Holds that a split has the pictures and labels of the tiny set, in two passes."""

    def check(split: Split, tiny: Tiny) -> None:
        for _ in range(2):
            samples = list(split.read())
            assert split.count == len(samples) == len(tiny.labels)
            assert [sample.label for sample in samples] == tiny.labels.tolist()
            pixels = b"".join(np.ascontiguousarray(sample.image).tobytes() for sample in samples)
            assert hashlib.sha256(pixels).digest() == hashlib.sha256(tiny.images.tobytes()).digest()

    return check
