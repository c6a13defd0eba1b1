"""Pictures whose colours say what a model answers, and small Keras models that read them so.

A pixel that is black is answered with class 0, red with 1, green with 2, blue with 3; the masks say
something else, so that every count can be made by a loop over the two.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

COLOURS = np.array([[0, 0, 0], [255, 0, 0], [0, 255, 0], [0, 0, 255]], np.uint8)
NAMES = ("sky", "road", "car", "tree")
SIDE = 16

ASSIGNMENT = """
format_version = 1
name = "scenes"
title = "Scenes in four classes"
task = "segmentation"

[data]
path = "scenes"

[masks]
coding = "class-ids"
ignore = 255
classes = ["sky", "road", "car", "tree"]

[[check]]
measure = "iou"
average = "pooled"
at_least = 0.30
points = 50

[[check]]
measure = "dice"
average = "per-image"
at_least = 0.30
points = 30

[[check]]
measure = "gain"
at_least = 0.10

[[check]]
measure = "accuracy"
at_least = 0.60
points = 20
"""


@dataclass(frozen=True)
class Scenes:
    """said, true: (n, height, width) classes; 255 in the truth does not count."""

    said: NDArray[np.uint8]
    true: NDArray[np.uint8]

    def save(self, folder: Path) -> Path:
        """Write pictures and masks as a folder of PNG files."""
        from PIL import Image

        for name in ("images", "masks"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        for number, (said, true) in enumerate(zip(self.said, self.true, strict=True)):
            Image.fromarray(COLOURS[said]).save(folder / "images" / f"s{number:02}.png")
            Image.fromarray(true).save(folder / "masks" / f"s{number:02}.png")
        return folder

    def counts(self, classes: int = 4, ignore: int = 255) -> list[list[int]]:
        """The confusion matrix, a pixel at a time."""
        table = [[0] * classes for _ in range(classes)]
        for said, true in zip(self.said.ravel(), self.true.ravel(), strict=True):
            if true != ignore:
                table[int(true)][int(said)] += 1
        return table


def scenes(count: int = 12, classes: int = 4, *, ignored: bool = True) -> Scenes:
    """Random truths in blocks, of which seven pixels of ten are answered rightly."""
    random = np.random.default_rng(11)
    blocks = random.integers(0, classes, (count, SIDE // 4, SIDE // 4))
    true = blocks.repeat(4, 1).repeat(4, 2)
    other = random.integers(0, classes, true.shape)
    said = np.where(random.random(true.shape) < 0.7, true, other)
    if ignored:
        true[:, :2] = 255
    return Scenes(said.astype(np.uint8), true.astype(np.uint8))


def model(
    path: Path,
    channels: int = 4,
    activation: str = "softmax",
    *,
    bias: Sequence[float] = (2.5, 0.0, 0.0, 0.0),
    compiled: bool = False,
) -> Path:
    """Save a Keras model that answers each pixel with the class that its colour says."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of Keras and NumPy about each other
        return _saved(path, channels, activation, bias, compiled=compiled)


def _saved(
    path: Path, channels: int, activation: str, bias: Sequence[float], *, compiled: bool
) -> Path:
    import keras

    inputs = keras.Input((SIDE, SIDE, 3))
    layer = keras.layers.Conv2D(channels, 1, activation=activation)
    network = keras.Model(inputs, layer(inputs))
    kernel = np.zeros((1, 1, 3, channels), np.float32)
    for colour in range(min(3, channels - 1)):
        kernel[0, 0, colour, colour + 1] = 5
    layer.set_weights([kernel, np.resize(np.array(bias, np.float32), channels)])
    if compiled:
        loss: Any = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        network.compile(loss=loss)
    network.save(path)
    return path
