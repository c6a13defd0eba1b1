"""Masks in functional models: what Keras 3 writes of them is read, and made again by the engine."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from written_by_keras import assert_opened_exactly, with_noise

from answers.errors import RefusedError
from answers.layers.catalogue import LAYERS
from answers.layers.core import TrainingOnly
from answers.layers.preprocessing import RandomLayer
from checkers.model_file.graph_config import read_model_config
from checkers.model_file.masks import EITHER, OF_THE_FIRST, PASSING

Make = Callable[[Any, Any, Any], Any]  # of keras, its layers and an input: the output
WORDS = np.array([[1, 2, 3, 0, 0, 0], [4, 0, 5, 6, 0, 0], [0, 0, 0, 0, 0, 1], [7, 8, 1, 2, 3, 4]])


@pytest.fixture(autouse=True)
def _masks_may_end() -> Iterator[None]:
    with warnings.catch_warnings():  # Keras warns where a layer lets a mask end
        warnings.filterwarnings("ignore", "Layer '.*' \\(of type .*\\) was passed an input with a")
        yield


def words(layers: Any, x: Any) -> Any:
    return layers.Embedding(9, 4, mask_zero=True)(x)


def plain(_: Any, layers: Any, x: Any) -> Any:
    y = layers.Dropout(0.5)(layers.LSTM(3, return_sequences=True)(words(layers, x)))
    return layers.GRU(2)(layers.Dense(5, activation="relu")(y))


def both_ways(_: Any, layers: Any, x: Any) -> Any:
    y = layers.Bidirectional(layers.LSTM(3, return_sequences=True))(words(layers, x))
    return layers.Bidirectional(layers.SimpleRNN(3), merge_mode="sum")(y)


def mean(_: Any, layers: Any, x: Any) -> Any:
    y = layers.LayerNormalization()(layers.BatchNormalization()(words(layers, x)))
    return layers.GlobalAveragePooling1D()(layers.Activation("tanh")(y))


def mean_of_each_step(_: Any, layers: Any, x: Any) -> Any:
    y = layers.Dense(6)(words(layers, x))  # as many numbers as words: else no mask has a place
    return layers.GlobalAveragePooling1D("channels_first")(y)


def soft(_: Any, layers: Any, x: Any) -> Any:
    y = layers.LSTM(6, return_sequences=True)(words(layers, x))
    return layers.GRU(2)(layers.Softmax()(layers.Permute((2, 1))(y)))


def largest(_: Any, layers: Any, x: Any) -> Any:
    y = layers.GlobalMaxPooling1D()(words(layers, x))
    return layers.Concatenate()([y, layers.Flatten()(words(layers, x))])


def convolved(_: Any, layers: Any, x: Any) -> Any:
    return layers.GRU(2)(layers.Conv1D(3, 2)(words(layers, x)))


def added(_: Any, layers: Any, x: Any) -> Any:
    y = words(layers, x)
    z = layers.LSTM(4, return_sequences=True)(y)
    return layers.LSTM(2)(layers.Add()([y, z, words(layers, x)]))


def of_two_inputs(_: Any, layers: Any, x: Any) -> Any:
    back = layers.Reshape((6,))(layers.Cropping1D((0, 0))(layers.Reshape((6, 1))(x)))
    y, z = words(layers, x), words(layers, layers.Maximum()([back, layers.Rescaling(0.5)(back)]))
    return layers.LSTM(2)(layers.Average()([y, z]))


def in_a_row(_: Any, layers: Any, x: Any) -> Any:
    y, z = words(layers, x), words(layers, x)
    return layers.LSTM(2)(layers.Concatenate(axis=1)([y, z]))


def beside_one_without(_: Any, layers: Any, x: Any) -> Any:
    y = words(layers, x)
    z = layers.RepeatVector(6)(layers.Dense(3)(layers.Flatten()(y)))
    return layers.LSTM(2)(layers.Concatenate()([y, z]))


def beside_one_with(_: Any, layers: Any, x: Any) -> Any:
    y = words(layers, x)
    return layers.LSTM(2)(layers.Concatenate()([y, layers.Dense(3)(y)]))


def distributed(_: Any, layers: Any, x: Any) -> Any:
    y = layers.TimeDistributed(layers.Dense(3))(words(layers, x))
    return layers.GRU(2, return_sequences=True, go_backwards=True)(y)


def heads(_: Any, layers: Any, x: Any) -> Any:
    y = words(layers, x)
    y = layers.MultiHeadAttention(2, 2)(y, y)
    y = layers.Add()([y, layers.MultiHeadAttention(2, 2)(query=y, value=y, key=y)])
    return layers.GlobalAveragePooling1D()(y)


def attention(_: Any, layers: Any, x: Any) -> Any:
    y = words(layers, x)
    z = layers.Attention(use_scale=True)([y, layers.LSTM(4, return_sequences=True)(y)])
    return layers.LSTM(2)(layers.AdditiveAttention()([z, y]))


def without_arithmetic(_: Any, layers: Any, x: Any) -> Any:
    return layers.GRU(2)(words(layers, x) * 2.0)


def inside_a_model(keras: Any, layers: Any, x: Any) -> Any:
    given = keras.Input((6, 4))
    inner = keras.Model(given, layers.LSTM(3, return_sequences=True)(given))
    return layers.GRU(2)(inner(words(layers, x)))


def made_inside_a_model(keras: Any, layers: Any, x: Any) -> Any:
    given = keras.Input((6,))
    inner = keras.Model(given, layers.LSTM(3, return_sequences=True)(words(layers, given)))
    return layers.Add()([layers.GRU(2)(inner(x)), layers.SimpleRNN(2)(inner(x))])


def inside_a_sequential(keras: Any, layers: Any, x: Any) -> Any:
    given = [layers.Embedding(9, 4, mask_zero=True), layers.LSTM(3, return_sequences=True)]
    y = keras.Sequential(given)(x)
    return keras.Sequential([layers.GRU(4, return_sequences=True), layers.GRU(2)])(y)


def shared(_: Any, layers: Any, x: Any) -> Any:
    embedded, steps = layers.Embedding(9, 4, mask_zero=True), layers.LSTM(3)
    other = layers.Minimum()([x, layers.Rescaling(0.5)(x)])
    return layers.Add()([steps(embedded(x)), steps(embedded(other))])


def augmented(_: Any, layers: Any, x: Any) -> Any:
    y = layers.RandomFlip()(layers.LSTM(3, return_sequences=True)(words(layers, x)))
    return layers.GRU(2)(layers.Dropout(0.5)(layers.RandomBrightness(0.1)(y)))


def told(_: Any, layers: Any, x: Any) -> Any:
    embedded = layers.Embedding(9, 4, mask_zero=True)
    return layers.LSTM(3)(embedded(x), mask=embedded.compute_mask(x))


MODELS: list[Make] = [
    mean_of_each_step,
    *(plain, both_ways, mean, soft, largest, convolved, added, of_two_inputs, in_a_row),
    *(beside_one_without, beside_one_with, distributed, heads, attention, without_arithmetic),
    *(inside_a_model, made_inside_a_model, inside_a_sequential, shared, told),
    augmented,
]


# an HDF5 file does not say where the class of an operation comes from
IN_HDF5 = (plain, added, beside_one_without, made_inside_a_model)
FILES = [(make, "keras") for make in MODELS] + [(make, "h5") for make in IN_HDF5]


@pytest.mark.slow
@pytest.mark.parametrize(("make", "ending"), FILES, ids=[f"{m.__name__}-{e}" for m, e in FILES])
def test_padding_is_left_out_as_keras_does(make: Make, ending: str, tmp_path: Path) -> None:
    import keras

    x = keras.Input((6,))
    model = with_noise(keras.Model(x, make(keras, keras.layers, x)))
    assert_opened_exactly(model, tmp_path / f"model.{ending}", WORDS.astype("float32"))


@pytest.mark.slow
@pytest.mark.parametrize(("ending", "value"), [("keras", 0.0), ("keras", -1.0), ("h5", -1.0)])
def test_steps_of_one_value_are_left_out(ending: str, value: float, tmp_path: Path) -> None:
    import keras

    layers = keras.layers
    x = keras.Input((None, 3))
    y = layers.LSTM(4, return_sequences=True)(layers.Masking(value)(x))
    y = layers.Dense(3)(y)
    model = with_noise(keras.Model(x, layers.GlobalAveragePooling1D()(y)))
    given = np.random.default_rng(1).uniform(-1, 1, (3, 5, 3)).astype("float32")
    given[0, 3:], given[1, 0], given[2, 2, 1] = value, value, value
    assert_opened_exactly(model, tmp_path / f"model.{ending}", given)


def configuration(make: Make) -> Any:
    import keras

    x = keras.Input((6,))
    return json.loads(keras.Model(x, make(keras, keras.layers, x)).to_json())


def node_of(document: Any, name: str) -> Any:
    entries = document["config"]["layers"]
    return next(e for e in entries if e["config"]["name"].startswith(name))


def another_number(document: Any) -> None:
    node_of(document, "not_equal")["inbound_nodes"][0]["args"][1] = 1


def a_mask_taken_away(document: Any) -> None:
    node_of(document, "gru")["inbound_nodes"][0]["kwargs"]["mask"] = None


def the_numbers_for_a_mask(document: Any) -> None:
    node = node_of(document, "gru")["inbound_nodes"][0]
    node["kwargs"]["mask"] = node["args"][0]


def a_mask_of_nothing(document: Any) -> None:
    node = node_of(document, "gru")["inbound_nodes"][0]
    node["kwargs"]["mask"]["config"]["keras_history"][0] = "nobody"


def a_ring(document: Any) -> None:
    node = node_of(document, "not_equal")
    node["class_name"], node["config"]["axis"] = "ConvertToTensor", -1
    tensor = node_of(document, "gru")["inbound_nodes"][0]["kwargs"]["mask"]
    node["inbound_nodes"][0] = {"args": [tensor], "kwargs": {}}


def text_for_a_mask(document: Any) -> None:
    node_of(document, "gru")["inbound_nodes"][0]["kwargs"]["mask"] = ["rm", "-r"]


def too_many_masks(document: Any) -> None:
    node = node_of(document, "gru")["inbound_nodes"][0]
    node["kwargs"]["mask"] = [node["kwargs"]["mask"]] * 2


def a_mask_for_numbers(document: Any) -> None:
    node_of(document, "dense")["inbound_nodes"][0]["args"] = [
        node_of(document, "gru")["inbound_nodes"][0]["kwargs"]["mask"]
    ]


def doubled_sixty_times(document: Any) -> None:
    """A mask that is 2^60 masks joined: nobody may count them."""
    tensor = node_of(document, "gru")["inbound_nodes"][0]["kwargs"]["mask"]
    history = tensor["config"]["keras_history"]
    for number in range(60):
        before = json.loads(json.dumps(tensor))
        name = f"or_{number}"
        document["config"]["layers"].append(
            {
                "class_name": "LogicalOr",
                "module": "keras.src.ops.numpy",
                "name": name,
                "config": {"name": name},
                "inbound_nodes": [{"args": [before, before], "kwargs": {}}],
            }
        )
        history[0] = name


def the_writers_rule_of_another_time(document: Any) -> None:
    """A Dense that lets the mask end, as no Keras writes it."""
    node_of(document, "dense")["class_name"] = "Conv1D"
    node_of(document, "dense")["config"]["filters"] = 5
    node_of(document, "dense")["config"]["kernel_size"] = 1
    node_of(document, "dense")["config"].pop("units")
    node_of(document, "dense")["config"].pop("quantization_config", None)


CHANGES: list[tuple[Callable[[Any], None], str]] = [
    (another_number, "a mask that Keras does not make by itself"),
    (a_mask_taken_away, "a mask that Keras does not make by itself"),
    (the_numbers_for_a_mask, "a mask that Keras does not make by itself"),
    (a_mask_of_nothing, "a mask that Keras does not make by itself"),
    (a_ring, "a mask that Keras does not make by itself"),
    (text_for_a_mask, "called with 'mask' = "),
    (too_many_masks, "a mask that Keras does not make by itself"),
    (a_mask_for_numbers, "uses 'not_equal"),
    (doubled_sixty_times, "a mask that Keras does not make by itself"),
    (the_writers_rule_of_another_time, "a mask that Keras does not make by itself"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("change", "words"), CHANGES, ids=[row[0].__name__ for row in CHANGES])
def test_a_mask_that_keras_would_not_make_is_refused(
    change: Callable[[Any], None], words: str
) -> None:
    document = configuration(plain)
    read_model_config(document)
    change(document)
    with pytest.raises(RefusedError, match=words):
        read_model_config(document)


@pytest.mark.slow
def test_a_model_with_masks_of_its_own_on_a_masked_tensor_is_refused() -> None:
    def make(keras: Any, layers: Any, x: Any) -> Any:
        given = keras.Input((6, 4))
        y = layers.Add()([layers.Masking()(given), given])
        inner = keras.Model(given, layers.LSTM(3, return_sequences=True)(y))
        return layers.GRU(2)(inner(words(layers, x)))

    with pytest.raises(RefusedError, match="a mask that Keras does not make by itself"):
        read_model_config(configuration(make))


ENDING: dict[str, Callable[[Any, Any], Any]] = {
    "relu": lambda ops, y: ops.relu(y),
    "softmax": lambda ops, y: ops.softmax(y),
    "concatenate": lambda ops, y: ops.concatenate([y, y], -1),
    "stop_gradient": lambda ops, y: ops.stop_gradient(y),
    "clip": lambda ops, y: ops.clip(y, 0.0, 1.0),
}


@pytest.mark.slow
@pytest.mark.parametrize("inside", [False, True])
@pytest.mark.parametrize("name", ENDING)
def test_an_operation_at_which_a_mask_ends_is_refused(name: str, inside: bool) -> None:
    """Keras's own operation gives no mask on; the layer that stands for it would."""

    def make(keras: Any, layers: Any, x: Any) -> Any:
        given = keras.Input((6, 4))
        inner = keras.Model(given, layers.LSTM(3)(ENDING[name](keras.ops, given)))
        y = words(layers, x)
        return inner(y) if inside else layers.LSTM(3)(ENDING[name](keras.ops, y))

    with pytest.raises(RefusedError, match="a tensor with a mask, which ends there"):
        read_model_config(configuration(make))


@pytest.mark.slow
def test_an_operation_beside_a_mask_is_read(tmp_path: Path) -> None:
    def make(keras: Any, layers: Any, x: Any) -> Any:
        y = layers.LSTM(3)(words(layers, x) * 2.0)
        return layers.Dense(2)(keras.ops.relu(y))

    import keras

    x = keras.Input((6,))
    model = with_noise(keras.Model(x, make(keras, keras.layers, x)))
    assert_opened_exactly(model, tmp_path / "model.keras", WORDS)


@pytest.mark.slow
def test_the_layers_that_give_a_mask_on_are_those_of_keras() -> None:
    import keras

    needs: dict[str, dict[str, Any]] = {
        "Dense": {"units": 2},
        "GroupQueryAttention": {"head_dim": 2, "num_query_heads": 2, "num_key_value_heads": 1},
        "MultiHeadAttention": {"num_heads": 1, "key_dim": 2},
        "Activation": {"activation": "relu"},
        "Rescaling": {"scale": 2.0},
        "TimeDistributed": {"layer": keras.layers.Flatten()},
    }
    for name in PASSING | EITHER | OF_THE_FIRST:
        layer = getattr(keras.layers, name)(**needs.get(name, {}))
        assert layer.supports_masking, name
    for name, record in LAYERS.items():
        if issubclass(record, TrainingOnly) and not issubclass(record, RandomLayer):
            rate = {} if name == "ActivityRegularization" else {"rate": 0.5}
            rate = {"stddev": 0.5} if name == "GaussianNoise" else rate
            assert getattr(keras.layers, name)(**rate).supports_masking, name
