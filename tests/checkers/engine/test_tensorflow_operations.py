"""Functions of TensorFlow in a functional model: written by TensorFlow 2.15, read, computed anew.

All functions stand in one file (tests/fixtures/make_operations.py), an output for each; beside it
lies what TensorFlow itself computed.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from one_layer import run

from answers.network.graph import Network
from answers.network.shapes import output_shapes
from checkers.model_file.reader import open_model

FILE = Path(__file__).parents[2] / "fixtures" / "operations" / "tensorflow-2.15.h5"
NAMES = [name for name in np.load(FILE.with_suffix(".npz")).files if name not in ("x", "y")]


@cache
def written() -> tuple[Network, list[NDArray[Any]], dict[str, NDArray[Any]]]:
    with FILE.open("rb") as file:
        network = open_model(file).model.network
    stored = np.load(FILE.with_suffix(".npz"))
    return network, [stored["x"], stored["y"]], {name: stored[name] for name in NAMES}


def alone(network: Network, place: int) -> Network:
    """The network with one of its outputs, and what that needs."""
    wanted, left = {tensor.node for tensor in network.inputs}, [network.outputs[place].node]
    while left:
        name = left.pop()
        wanted.add(name)
        left += [t.node for call in network.by_name[name].calls for t in call]
    return replace(
        network,
        nodes=tuple(node for node in network.nodes if node.name in wanted),
        outputs=(network.outputs[place],),
        output_names=(network.output_names[place],),
    )


def assert_alike(found: Any, wanted: NDArray[Any], name: str) -> None:
    assert np.asarray(found).shape == wanted.shape, name
    np.testing.assert_allclose(found, wanted, rtol=2e-5, atol=1e-6, err_msg=name)


@pytest.mark.parametrize("name", NAMES)
def test_a_function_of_tensorflow_has_the_shape_that_tensorflow_made(name: str) -> None:
    network, _, wanted = written()
    shape = output_shapes(network)[NAMES.index(name)]
    assert shape == wanted[name].shape[1:]


@pytest.mark.parametrize("name", [name for name in NAMES if name != "cumprod"])
def test_a_function_of_tensorflow_computes_the_same_in_onnx_runtime(name: str) -> None:
    pytest.importorskip("onnxruntime")
    from checkers.engine.onnx.building import build

    network, given, wanted = written()
    built = build(alone(network, NAMES.index(name)), iter(()), [(4, 6)] * 2)
    assert_alike(run(built.graph.to_bytes(built.outputs), given), wanted[name], name)


def test_products_along_an_axis_go_to_keras() -> None:
    from checkers.engine.onnx.coverage import uncovered

    network = alone(written()[0], NAMES.index("cumprod"))
    assert "products along an axis" in uncovered(network, [(4, 6)] * 2)


@pytest.mark.slow
def test_every_function_of_tensorflow_computes_the_same_in_keras() -> None:
    import keras

    from checkers.engine.keras_builder import build

    network, given, wanted = written()
    built = build(network)
    found = keras.Model(built.inputs, built.outputs).predict(given, verbose=0)
    for name, ours in zip(NAMES, found, strict=True):
        assert_alike(ours, wanted[name], name)
