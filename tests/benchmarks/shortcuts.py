"""What half precision and XLA would save in the engine keras, and what they would change.

    python tests/benchmarks/shortcuts.py [--rounds 3] [--save]

Needs the corpus (COMPANION_CORPUS or ../shared). The trained CNNs and the U-Net are rebuilt as the
engine keras rebuilds them, and predict their whole split in float32, in mixed_float16 (the last
layer in float32), and compiled by XLA: the time as a ratio to float32 (medians of interleaved
rounds, with what is compiled first), and which decisions turn. Runs where TensorFlow runs: on a GPU,
if it sees one. --save keeps it in the file beside this one, from which ARCHITECTURE.md's table is made.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tarfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

FOUND = Path(__file__).with_suffix(".json")
CLASSIFIERS = ("cnn_base.h5", "cnn_aug.h5")
U_NET = "unet_mnv2_1ch.h5"
HALF, XLA = "mixed_float16", "XLA"


@dataclass(frozen=True)
class Row:
    """decisions: classes or pixels; turned: those that are otherwise than in float32.

    right: how many are as the truth is, in float32 and with the shortcut. wall: a ratio.
    """

    model: str
    shortcut: str
    wall: tuple[float, float, float]
    decisions: int
    turned: int
    right: tuple[int, int]


def main() -> None:
    """Measure, and print a line for each model and shortcut."""
    from corpus import corpus_path

    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--save", action="store_true", help="keep what was found")
    options = parser.parse_args()
    corpus = corpus_path()
    if corpus is None:
        raise SystemExit("no reference corpus here: set COMPANION_CORPUS")
    rows = []
    for row in compared(corpus, options.rounds):
        rows.append(row)
        print(row, flush=True)  # noqa: T201  # a program that prints its table
    if options.save:
        FOUND.write_text(json.dumps(document(rows, options.rounds), indent=1) + "\n", "utf-8")


def document(rows: list[Row], rounds: int) -> dict[str, Any]:
    """What is kept."""
    import tensorflow as tf

    device = "GPU" if tf.config.list_physical_devices("GPU") else "CPU"
    versions = {name: version(name) for name in ("tensorflow", "keras")}
    return {
        "rounds": rounds,
        "device": device,
        "versions": versions,
        "rows": [asdict(row) for row in rows],
    }


def compared(corpus: Path, rounds: int) -> Iterator[Row]:
    """Each model with each shortcut."""
    pictures, labels = cifar(corpus)
    for name in CLASSIFIERS:
        yield from of_model(corpus, name, pictures, labels, rounds)
    with np.load(corpus / "data" / "membrane_test.npz") as data:
        grey, masks = data["images"], data["masks"] > 127
    patches = np.repeat(grey[..., np.newaxis], 3, -1)
    yield from of_model(corpus, U_NET, patches, masks, rounds)


def cifar(corpus: Path) -> tuple[NDArray[np.uint8], NDArray[np.intp]]:
    """The 10,000 test pictures and their classes."""
    from PIL import Image

    found: list[tuple[str, NDArray[np.uint8]]] = []
    with tarfile.open(corpus / "data" / "cifar10_test_jpeg.tar.xz") as archive:
        for member in archive:
            file = archive.extractfile(member)
            if file is not None:
                found.append(
                    (member.name.split("/")[-2], np.asarray(Image.open(file).convert("RGB")))
                )
    names = sorted({name for name, _ in found})
    labels = np.array([names.index(name) for name, _ in found])
    return np.stack([picture for _, picture in found]), labels


def of_model(
    corpus: Path, name: str, pictures: NDArray[np.uint8], truth: NDArray[Any], rounds: int
) -> Iterator[Row]:
    """A row for each shortcut, all ways in turns."""
    scaled = pictures.astype(np.float32) / np.float32(255)
    at_once = 64 if truth.ndim == 1 else 8
    ways: dict[str, Callable[[Any], None]] = {"float32": plain, HALF: halved, XLA: compiled}
    seconds: dict[str, list[float]] = {way: [] for way in ways}
    said: dict[str, NDArray[Any]] = {}
    for _ in range(rounds):
        for way, make in ways.items():
            model = rebuilt(corpus / "models" / "trained" / name)
            make(model)
            start = time.perf_counter()
            said[way] = decided(model, scaled, at_once, truth)
            seconds[way].append(time.perf_counter() - start)
    for way in (HALF, XLA):
        ratios = [a / b for a, b in zip(seconds[way], seconds["float32"], strict=True)]
        yield Row(
            model=name,
            shortcut=way,
            wall=(statistics.median(ratios), min(ratios), max(ratios)),
            decisions=truth.size,
            turned=int((said[way] != said["float32"]).sum()),
            right=(int((said["float32"] == truth).sum()), int((said[way] == truth).sum())),
        )


def rebuilt(path: Path) -> Any:
    """A fresh model, as the engine keras makes it."""
    import keras

    from checkers.engine.keras_builder import build, put_weights
    from checkers.model_file.reader import open_model

    with path.open("rb") as file:
        opened = open_model(file)
        built = build(opened.model.network)
        put_weights(built, opened.model.network, opened.weights())
    return keras.Model(built.inputs, built.outputs[0])


def plain(model: Any) -> None:
    """As the engine has it."""
    model.compile(jit_compile=False)


def halved(model: Any) -> None:
    """Every layer but the last in mixed_float16, as Keras advises."""
    import keras

    for layer in model.layers[:-1]:
        layer.dtype_policy = keras.DTypePolicy("mixed_float16")
    model.compile(jit_compile=False)


def compiled(model: Any) -> None:
    """One function for XLA."""
    model.compile(jit_compile=True)


def decided(model: Any, scaled: NDArray[np.float32], at_once: int, truth: NDArray[Any]) -> Any:
    """Classes, or which pixels are object."""
    begins = range(0, len(scaled) - len(scaled) % at_once, at_once)
    parts = [model.predict_on_batch(scaled[i : i + at_once]) for i in begins]
    rest = len(scaled) % at_once
    if rest:  # filled up: another shape would be compiled once more
        filled = np.resize(scaled[-rest:], (at_once, *scaled.shape[1:]))
        parts.append(model.predict_on_batch(filled)[:rest])
    answers = np.concatenate(parts).astype(np.float32)
    return answers.argmax(-1) if truth.ndim == 1 else answers[..., 0] > 0.5


if __name__ == "__main__":
    main()
