"""Data of the corpus, unpacked once for all tests that grade."""

from __future__ import annotations

import tarfile
from pathlib import Path

import numpy as np
import pytest


@pytest.fixture(scope="session")
def raw_sets(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `nuclei` and `tiles` in the homework's raw layout."""
    folder = tmp_path_factory.mktemp("raw")
    for name in ("nuclei", "tiles"):
        with tarfile.open(corpus / "data" / f"{name}_bmp.tar.xz") as archive:
            archive.extractall(folder, filter="data")
    return folder


@pytest.fixture(scope="session")
def cifar_npz(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The 10,000 test pictures of CIFAR-10 as one .npz, in the order of the manifest."""
    from PIL import Image

    folder = tmp_path_factory.mktemp("cifar")
    with tarfile.open(corpus / "data" / "cifar10_test_jpeg.tar.xz") as archive:
        archive.extractall(folder, filter="data")
    classes = sorted((folder / "test").iterdir())
    files = [(path, label) for label, c in enumerate(classes) for path in sorted(c.iterdir())]
    images = np.stack([np.asarray(Image.open(path).convert("RGB")) for path, _ in files])
    path = folder / "cifar10_test.npz"
    np.savez(path, x_test=images, y_test=np.array([label for _, label in files], np.uint8))
    return path
