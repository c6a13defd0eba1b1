"""A rebuilt network predicts what the writer's own Keras predicted, file by file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from corpus import load_json
from numpy.typing import NDArray

from answers.data.input_contract import Scale
from answers.layers.catalogue import LAYERS
from answers.network.shapes import input_shapes
from checkers.engine.predicting import Predictor, predicting
from checkers.engine.reading import reading
from checkers.engine.submission import submission

pytestmark = [pytest.mark.corpus, pytest.mark.slow]

_FILES = (load_json("models/dialects/manifest.json") or {"files": []})["files"]
_ARRAYS = load_json("models/dialects/weights.json") or {}
# Files of the scope whose layers without arrays are not in the catalogue yet, by what they lack.
_LACKING = {
    "acts", "convs", "gru", "lc1d", "lc2d", "lstm", "mha", "mnv2prep", "normalization", "norms",
    "resample", "tfop", "tfop2", "order", "shared",
}  # fmt: skip


def covered(item: dict[str, Any]) -> bool:
    """Whether a file holds one picture input and layers of the catalogue alone."""
    plain = item.get("expect") == "grade" and item.get("container", "odd") != "odd wrapping"
    layers = {row[1] for row in _ARRAYS.get(item["file"], [])}
    return (
        plain
        and item.get("architecture") not in _LACKING
        and item.get("probe", {}).get("inputs") == 1
        and layers <= set(LAYERS)
    )


FILES = {item["file"]: item for item in _FILES if covered(item)}


def probe(sizes: tuple[int | None, ...]) -> NDArray[np.uint8]:
    """The manifest's eight pictures of a size; None was 32."""
    height, width, channels = (32 if size is None else size for size in sizes)
    n, i, j, c = np.indices((8, height, width, channels))
    values = (31 * i * i + 17 * j * j * (n + 1) + 7 * i * j + 101 * c + 53 * n) % 256
    pixels: NDArray[np.uint8] = values.astype(np.uint8)
    return pixels


@pytest.fixture(scope="module")
def predictor() -> Iterator[Predictor]:
    """One engine for all files: a build replaces the one before."""
    with predicting(seconds=600, memory=8 << 30) as started:
        started.engine()
        yield started


@pytest.fixture(scope="module")
def outputs(corpus: Path) -> Any:
    return np.load(corpus / "models" / "dialects" / "outputs.npz", allow_pickle=False)


@pytest.mark.parametrize("name", FILES)
def test_the_probe_outputs_are_the_writers(
    corpus: Path, predictor: Predictor, outputs: Any, name: str
) -> None:
    wanted = FILES[name]["outputs"]
    scale = Scale.parse(FILES[name]["probe"]["scale"])
    with submission(corpus / "models" / "dialects" / name) as file, reading(file) as reader:
        model = reader.model()
        weights = reader.weights(model)
        pictures = probe(input_shapes(model.network)[0])
        for number, key in enumerate(wanted["keys"]):
            predictor.build(model.network, weights, number)
            said = np.concatenate(list(predictor.predict([pictures[:5], pictures[5:]], scale)))
            cut = tuple(slice(None, None, step) for step in wanted["stride"][number])
            assert float(np.abs(said[cut] - outputs[key]).max()) <= wanted["tolerance"]


def test_so_many_files_are_held_to_it() -> None:
    assert len(FILES) >= 40
