"""A Sequential without its input shape, as Keras 2.2.4 to 2.3.1 writes one behind an InputLayer.

The truth is the file of Keras 2.2.4 from which the shape was taken away.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from answers.errors import RefusedError
from answers.network.parameters import parameters
from answers.network.shapes import input_shapes, output_shapes
from checkers.model_file.reader import open_model, read_network
from checkers.model_file.record import NOTHING, Expected, ModelFile

FOLDER = Path(__file__).resolve().parents[2] / "fixtures" / "old_models"
Change = Callable[[list[dict[str, Any]]], None]


def opened(path: Path, expected: Expected = NOTHING) -> tuple[ModelFile, list[Any]]:
    with path.open("rb") as file:
        result = open_model(file, expected)
        return result.model, list(result.weights())


def without_input(name: str, tmp_path: Path, change: Change | None = None) -> Path:
    target = tmp_path / name
    target.write_bytes((FOLDER / name).read_bytes())
    with h5py.File(target, "r+") as file:
        document = json.loads(file.attrs["model_config"])
        layers = document["config"]["layers"]
        del layers[0]["config"]["batch_input_shape"]
        if change is not None:
            change(layers)
        file.attrs["model_config"] = json.dumps(document)
    return target


@pytest.mark.parametrize("name", ["cnn-2.2.4.h5", "cnn-2.2.4-tf.h5"])
def test_sizes_that_the_kernel_behind_the_flatten_needs_are_found(
    name: str, tmp_path: Path
) -> None:
    path = without_input(name, tmp_path)
    (truth, theirs), (found, ours) = opened(FOLDER / name), opened(path)
    assert input_shapes(found.network) == input_shapes(truth.network) == ((8, 8, 3),)
    assert parameters(found.network) == parameters(truth.network)
    finding = found.findings[0]
    assert finding.code == "input-deduced"
    assert "the stored arrays take 8x8x3. The sizes 8 to 9 have the same arrays" in finding.message
    for mine, other in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(mine, other)


def test_the_size_that_the_assignment_feeds_is_taken_where_it_fits(tmp_path: Path) -> None:
    path = without_input("cnn-2.2.4.h5", tmp_path)
    assert input_shapes(opened(path, Expected(size=(9, 8)))[0].network) == ((9, 8, 3),)
    assert input_shapes(opened(path, Expected(size=(10, 8)))[0].network) == ((8, 8, 3),)


def test_steps_of_a_sequence_stay_open(tmp_path: Path) -> None:
    found = opened(without_input("steps-2.2.4.h5", tmp_path))[0]
    truth = opened(FOLDER / "steps-2.2.4.h5")[0]
    assert input_shapes(found.network) == ((None, 4),)
    assert parameters(found.network) == parameters(truth.network)
    assert "Its size stays open" in found.findings[0].message


def test_pictures_of_any_size_stay_open_where_no_flatten_is(tmp_path: Path) -> None:
    def pooled(layers: list[dict[str, Any]]) -> None:
        number = next(i for i, layer in enumerate(layers) if layer["class_name"] == "Flatten")
        layers[number:] = []

    path = without_input("cnn-2.2.4.h5", tmp_path, pooled)
    with h5py.File(path, "r+") as file:
        group = file["model_weights"]
        last = group.attrs["layer_names"][-1]
        del group[last]
        group.attrs["layer_names"] = group.attrs["layer_names"][:-1]
    network = opened(path)[0].network
    assert input_shapes(network) == ((None, None, 3),)
    assert output_shapes(network)[0][:2] == (None, None)


def test_the_network_alone_is_shown_with_the_input_that_was_found(tmp_path: Path) -> None:
    with without_input("cnn-2.2.4.h5", tmp_path).open("rb") as file:
        assert input_shapes(read_network(file)) == ((8, 8, 3),)


def flat(layers: list[dict[str, Any]]) -> None:
    """A Flatten in front: the picture could have any sides."""
    layers.insert(0, {"class_name": "Flatten", "config": {"name": "flat", "trainable": True}})


def strided(layers: list[dict[str, Any]]) -> None:
    """An up-sampling in front of the Flatten: no size gives the Dense what it takes."""
    number = next(i for i, layer in enumerate(layers) if layer["class_name"] == "Flatten")
    config = {"name": "up", "size": [5, 5], "data_format": "channels_last"}
    layers.insert(number, {"class_name": "UpSampling2D", "config": config})


@pytest.mark.parametrize("change", [flat, strided])
def test_an_input_that_nothing_tells_is_refused(change: Change, tmp_path: Path) -> None:
    path = without_input("cnn-2.2.4.h5", tmp_path, change)
    with path.open("rb") as file, pytest.raises(RefusedError, match="does not say the shape"):
        open_model(file)
