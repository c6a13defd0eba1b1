"""A whole model inside a TimeDistributed: a network on every frame of a film. The oracle is Keras."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from one_layer import onnx_answers
from written_by_keras import assert_opened_exactly, saved, with_noise

from answers.errors import RefusedError
from answers.layers.arithmetic import Arithmetic
from answers.layers.core import InputLayer
from answers.layers.tensor_operations import Where
from answers.network.document import from_json, to_json
from answers.network.graph import Network, Node, Tensor
from checkers.model_file.each_step import at_each_step
from checkers.model_file.reader import open_model

FILM = (3, 8, 8, 2)


def sequential() -> Any:
    """Frames through a Sequential with a normalisation that no step shares with another."""
    from keras import Sequential, layers

    return Sequential(
        [
            layers.Input(FILM[1:]),
            layers.Conv2D(3, 3, activation="relu"),
            layers.BatchNormalization(),
            layers.MaxPooling2D(),
            layers.Dropout(0.5),
            layers.Flatten(),
        ],
        name="frames",
    )


def branched() -> Any:
    """Two branches that are added and put side by side, around a frozen model."""
    from keras import Model, layers

    given = layers.Input(FILM[1:])
    one = layers.Conv2D(2, 3, padding="same")(given)
    two = layers.Conv2D(2, 1)(given)
    both = layers.Concatenate(axis=3)([layers.Add()([one, two]), one])
    inner = sequential()
    inner.trainable = False
    return Model(given, layers.Dense(3)(inner(layers.Conv2D(2, 1)(both))), name="branched")


def film(frames: Any) -> Any:
    from keras import Sequential, layers

    steps = layers.TimeDistributed(frames, name="each_frame")
    return with_noise(Sequential([layers.Input(FILM), steps, layers.GRU(3), layers.Dense(2)]))


@pytest.mark.parametrize("ending", ["keras", "h5"])
@pytest.mark.parametrize("make", [sequential, branched])
def test_a_model_on_each_step_is_opened_exactly(make: Any, ending: str, tmp_path: Path) -> None:
    given = np.random.default_rng(3).random((2, *FILM), "float32")
    model, path = film(make()), tmp_path / f"film.{ending}"
    assert_opened_exactly(model, path, given)
    with path.open("rb") as file:
        opened = open_model(file)
        arrays = list(opened.weights())
    network = from_json(to_json(opened.model.network))
    answer = onnx_answers(network, arrays, [given])
    np.testing.assert_allclose(answer, model.predict(given, verbose=0), rtol=1e-4, atol=1e-5)


def two_ends() -> Any:
    from keras import Model, layers

    given = layers.Input((4,))
    return Model(given, [layers.Dense(2)(given), layers.Dense(2)(given)])


def a_product() -> Any:
    from keras import Model, layers

    given = layers.Input((4,))
    return Model(given, layers.Dot(1)([layers.Dense(2)(given), layers.Dense(2)(given)]))


def with_padding() -> Any:
    from keras import Sequential, layers

    return Sequential([layers.Input((4,)), layers.Embedding(9, 3, mask_zero=True), layers.LSTM(2)])


REFUSED = [
    (a_product, "a Dot of several tensors"),
    (with_padding, "a model that makes masks"),
]


@pytest.mark.parametrize(("make", "words"), REFUSED)
def test_what_cannot_be_distributed_is_refused_by_name(
    make: Any, words: str, tmp_path: Path
) -> None:
    from keras import Sequential, layers

    steps = layers.TimeDistributed(make(), name="each")
    path = saved(Sequential([layers.Input((3, 4)), steps]), tmp_path / "x.keras")
    with path.open("rb") as file, pytest.raises(RefusedError, match=words) as caught:
        open_model(file)
    assert str(caught.value.where).startswith("layer each")


def test_a_model_with_two_outputs_on_each_step_is_refused() -> None:
    from checkers.model_file.each_step import at_each_step
    from checkers.model_file.graph_config import read_model_config

    network = read_model_config(json.loads(two_ends().to_json()))
    with pytest.raises(RefusedError, match="several inputs or outputs"):
        at_each_step("each", network)


@pytest.mark.parametrize("number", [3.0, (1.0, 2.0), None])
def test_numbers_of_a_file_meet_each_step_without_a_wrapper(number: Any) -> None:
    """A layer of several tensors takes a list, and a TimeDistributed hands it a tensor."""
    layer = Where(yes=1.0, no=0.0) if number is None else Arithmetic(number=number)
    nodes = (
        Node("given", InputLayer(shape=(4, 2)), ((),)),
        Node("made", layer, ((Tensor("given"),),)),
    )
    ends = {"inputs": (Tensor("given"),), "outputs": (Tensor("made"),), "output_names": ("made",)}
    found = at_each_step("steps_of", Network(name="m", kind="Functional", nodes=nodes, **ends))  # type: ignore[arg-type]  # as named
    inner = found.by_name["m"].layer
    assert isinstance(inner, Network)
    assert inner.by_name["made"].layer == layer
