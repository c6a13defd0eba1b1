"""Ten classes of drawn pictures, 32x32, that a network learns in a few steps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from answers.solutions.cifar_pictures import Pictures


def toy_pictures(count: int, seed: int = 1) -> Pictures:
    """The class is the place of a bright patch; pictures lie sorted by class."""
    generator = np.random.default_rng(seed)
    labels = np.sort(np.arange(count) % 10).astype(np.int64)
    images = generator.integers(0, 60, (count, 32, 32, 3)).astype(np.uint8)
    for image, label in zip(images, labels.tolist(), strict=True):
        top, left = 16 * (label // 5), 6 * (label % 5)
        image[top : top + 16, left : left + 6, label % 3] += 150
    return Pictures(images=images, labels=labels)


def save_toy(path: Path, *, train: int = 300, test: int = 100) -> Path:
    """A train and a test split as .npz."""
    first, second = toy_pictures(train), toy_pictures(test, seed=2)
    arrays: dict[str, Any] = {"x_train": first.images, "y_train": first.labels}
    if test:
        arrays |= {"x_test": second.images, "y_test": second.labels}
    np.savez(path, **arrays)
    return path
