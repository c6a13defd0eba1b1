"""Whole models on both engines: the same decision for every picture and pixel, and the same counts."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from corpus import load_json
from numpy.typing import NDArray
from one_layer import Array, run

from answers.network.graph import Network
from answers.network.shapes import input_shapes
from answers.samples.pictures import PICTURES as PICTURES_OF_TEN
from answers.samples.shipped import shipped_models
from answers.samples.surfaces import SURFACES
from checkers.engine.onnx.building import build
from checkers.engine.onnx.coverage import uncovered
from checkers.model_file.reader import open_model

pytest.importorskip("onnxruntime")
pytestmark = pytest.mark.slow

FILES: list[dict[str, Any]] = (load_json("models/dialects/manifest.json") or {"files": []})["files"]
HONEST = [row["file"] for row in FILES if row["expect"] == "grade"]
DRAWN = 16
# an answer so near to a tie may fall on either side: float32 sums in another order
NEAR = 1e-4


def opened(path: Path) -> tuple[Network, list[Array]]:
    with path.open("rb") as file:
        found = open_model(file)
        return found.model.network, list(found.weights())


def pictures(network: Network) -> list[Array]:
    """Drawn pictures for each input, between 0 and 1; open sizes are 32."""
    random = np.random.default_rng(3)
    sizes = [tuple(size or 32 for size in shape) for shape in input_shapes(network)]
    return [(random.integers(256, size=(DRAWN, *s)) / 255).astype("f4") for s in sizes]


def keras_outputs(network: Network, arrays: list[Array], inputs: list[Array]) -> list[Array]:
    import keras

    from checkers.engine import keras_builder

    made = keras_builder.build(network)
    keras_builder.put_weights(made, network, iter(arrays))
    model = keras.Model(made.inputs, made.outputs)
    found = model(inputs, training=False)
    return [np.asarray(item) for item in (found if isinstance(found, list) else [found])]


def onnx_outputs(network: Network, arrays: list[Array], inputs: list[Array]) -> list[Array]:
    built = build(network, iter(arrays), [values.shape[1:] for values in inputs])
    return [run(built.graph.to_bytes([output]), inputs) for output in built.outputs]


def undecided(first: Array, second: Array) -> NDArray[np.bool_]:
    """Where two answers decide differently: the largest channel, or the side of the cut."""
    if first.shape[-1] > 1:
        return np.asarray(first.argmax(-1) != second.argmax(-1))
    cut = 0.0 if min(first.min(), second.min()) < 0 else 0.5  # what is below 0 is no probability
    return np.asarray((first > cut) != (second > cut))[..., 0]


@pytest.mark.corpus
@pytest.mark.parametrize("name", HONEST)
def test_every_honest_file_is_decided_alike_by_both_engines(corpus: Path, name: str) -> None:
    network, arrays = opened(corpus / "models" / "dialects" / name)
    given = pictures(network)
    reason = uncovered(network, [values.shape[1:] for values in given])
    if reason:
        assert "float16" in reason or "float64" in reason
        return
    wanted = keras_outputs(network, arrays, given)
    found = onnx_outputs(network, arrays, given)
    for said, kept in zip(found, wanted, strict=True):
        assert said.shape == kept.shape
        np.testing.assert_allclose(said, kept, rtol=2e-5, atol=2e-5)
        assert not undecided(said, kept).any()


# --- trained models, on the pictures that they were made for -----------------------------------


def counts(answers: Array, truth: NDArray[Any]) -> list[list[int]]:
    """Labels by answers; or of each channel the pixels in both, in the answer, in the truth."""
    if truth.ndim == 1:
        table = np.zeros((10, 10), int)
        np.add.at(table, (truth, answers.argmax(-1)), 1)
        return table.tolist()
    said, there = answers > 0.5, truth[..., None] > 0
    return [[int(n) for n in ((said & there)[..., c].sum(), said[..., c].sum(), there.sum())]
            for c in range(said.shape[-1])]  # fmt: skip


def unit(images: NDArray[np.uint8]) -> Array:
    """Between 0 and 1."""
    return np.divide(images, 255, dtype=np.float32)


def distance(answers: Array) -> Array:
    """How far each answer is from deciding otherwise."""
    if answers.shape[-1] > 1:
        top = np.sort(answers, axis=-1)
        return np.asarray(top[..., -1] - top[..., -2])
    return np.asarray(np.abs(answers - np.float32(0.5))[..., 0])


def assert_same_counts(path: Path, images: Array, truth: NDArray[Any]) -> None:
    """The same counts; where some answers are decided otherwise, all of these are near a tie."""
    network, arrays = opened(path)
    assert not uncovered(network, [images.shape[1:]])
    (fast,) = onnx_outputs(network, arrays, [images])
    (kept,) = keras_outputs(network, arrays, [images])
    first, second = (x if truth.ndim == 1 else x[..., None] for x in (fast, kept))
    turned = undecided(first, second)
    assert float(distance(second)[turned].max(initial=0)) < NEAR
    differ = np.abs(np.subtract(counts(fast, truth), counts(kept, truth)))
    assert differ.max() <= turned.sum() <= turned.size * 1e-5


@pytest.mark.parametrize("collection", [PICTURES_OF_TEN, SURFACES], ids=lambda item: item.name)
def test_a_shipped_model_gets_the_same_counts_from_both_engines(collection: Any) -> None:
    model = next(m for m in shipped_models() if (collection is SURFACES) == ("unet" in m.name))
    drawn = list(islice(collection.split("test").read(), 100))
    images = unit(np.stack([sample.image for sample in drawn]))
    truth = [sample.label if sample.mask is None else sample.mask for sample in drawn]
    assert_same_counts(model.path, images, np.array(truth))


@pytest.mark.corpus
@pytest.mark.parametrize("name", ["cnn_aug.h5", "cnn_base.h5", "cnn_base.keras", "cnn_base_k3.h5"])
def test_a_trained_cnn_gets_the_same_counts_from_both_engines(
    corpus: Path, cifar_npz: Path, name: str
) -> None:
    with np.load(cifar_npz) as data:
        images, labels = data["x_test"][::5], data["y_test"][::5]
    assert_same_counts(corpus / "models" / "trained" / name, unit(images), labels)


@pytest.mark.corpus
@pytest.mark.parametrize(
    "name",
    ["unet_mnv2_1ch.h5", "unet_small_3ch.h5", "unet_small_custom_loss.h5", "unet_small_tiles.h5"],
)
def test_a_trained_unet_gets_the_same_counts_from_both_engines(corpus: Path, name: str) -> None:
    with np.load(corpus / "data" / "membrane_test.npz") as data:
        images, masks = data["images"][::3], data["masks"][::3]
    colour = unit(np.repeat(images[..., None], 3, axis=-1))
    assert_same_counts(corpus / "models" / "trained" / name, colour, masks)
