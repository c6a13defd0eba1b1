"""What files of older Keras hold that its versions' own words don't show: each form written by hand.

The files are written with h5py in the words of Keras 2.2.4, as files found in public repositories
have them; the oracle is today's Keras with the same arrays, or the definition in NumPy.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from one_layer import onnx_answers
from written_by_keras import rebuilt, saved, with_noise

from answers.errors import ModelFileError, RefusedError
from answers.layers.activation import ReLU
from answers.layers.core import InputLayer
from answers.layers.recurrent import GRU, RNN, StackedRNNCells
from answers.layers.resampling import UpSampling2D
from answers.network.graph import Network, Node, Tensor
from answers.network.parameters import parameters
from checkers.model_file.graph_config import read_model_config
from checkers.model_file.layer_config import read_layer
from checkers.model_file.own_functions import own_functions
from checkers.model_file.reader import open_model
from checkers.model_file.record import Expected

Rows = dict[str, list[tuple[str, Any]]]


def written(
    path: Path, config: Any, groups: Rows, version: str = "2.2.4", backend: str = "tensorflow"
) -> Path:
    """A legacy HDF5 file: groups of arrays by the names of their layers."""
    with h5py.File(path, "w") as file:
        file.attrs["keras_version"], file.attrs["backend"] = version, backend
        file.attrs["model_config"] = json.dumps(config)
        weights = file.create_group("model_weights")
        weights.attrs["layer_names"] = [name.encode() for name in groups]
        for name, arrays in groups.items():
            group = weights.create_group(name)
            group.attrs["weight_names"] = [array.encode() for array, _ in arrays]
            for array, values in arrays:
                group[array] = values
    return path


def entry(kind: str, name: str, **settings: Any) -> dict[str, Any]:
    return {"class_name": kind, "config": {"name": name, "trainable": True, **settings}}


def drawn(*shape: int) -> Any:
    return np.random.default_rng(shape).uniform(0.2, 0.9, shape).astype("float32")


# --- a model that was frozen as a whole ------------------------------------------------------

NORM = ("gamma", "beta", "moving_mean", "moving_variance")
CONV = [("conv/kernel:0", drawn(1, 1, 2, 2)), ("conv/bias:0", drawn(2) + 0.1)]
NORMED = [(f"norm/{part}:0", drawn(2) + n / 4) for n, part in enumerate(NORM)]
MIDDLE = [("middle/kernel:0", drawn(32, 3)), ("middle/bias:0", drawn(3))]
TOP = [("top/kernel:0", drawn(3, 2)), ("top/bias:0", drawn(2))]


def base() -> dict[str, Any]:
    """A Model of Keras 2.2.4: `base.trainable = False` stands nowhere in it."""
    layers: list[dict[str, Any]] = [
        entry("InputLayer", "given", batch_input_shape=[None, 4, 4, 2]),
        entry("Conv2D", "conv", filters=2, kernel_size=[1, 1]),
        entry("BatchNormalization", "norm", axis=-1),
    ]
    for before, layer in zip([None, *layers], layers, strict=False):
        layer["name"] = layer["config"]["name"]
        layer["inbound_nodes"] = [[[before["name"], 0, 0, {}]]] if before else []
    ends = {"input_layers": [["given", 0, 0]], "output_layers": [["norm", 0, 0]]}
    return {"class_name": "Model", "config": {"name": "base", "layers": layers, **ends}}


def transfer(path: Path, arrays: list[tuple[str, Any]]) -> Path:
    """A Sequential around a Sequential around the base, with these arrays in this order."""
    inner = [base(), entry("Flatten", "flat"), entry("Dense", "middle", units=3)]
    features = {"class_name": "Sequential", "config": {"name": "features", "layers": inner}}
    config = {"name": "transfer", "layers": [features, entry("Dense", "top", units=2)]}
    document = {"class_name": "Sequential", "config": config}
    return written(path, document, {"features": arrays, "top": TOP})


def answer(given: Any) -> Any:
    conv, bias, gamma, beta, mean, variance = (array for _, array in CONV + NORMED)
    normed = (given @ conv[0, 0] + bias - mean) / np.sqrt(variance + 1e-3) * gamma + beta
    middle = normed.reshape(len(given), -1) @ MIDDLE[0][1] + MIDDLE[1][1]
    return middle @ TOP[0][1] + TOP[1][1]


TRAINED, FROZEN = CONV + NORMED[:2] + MIDDLE + NORMED[2:], MIDDLE + CONV + NORMED
ORDERS = [
    pytest.param(FROZEN, True, (107, 14), id="frozen: the rest comes first"),
    pytest.param(TRAINED, False, (117, 4), id="trained: in the order of the layers"),
]


@pytest.mark.parametrize(("order", "frozen", "count"), ORDERS)
def test_the_order_of_the_arrays_shows_whether_a_model_was_frozen(
    order: list[tuple[str, Any]], frozen: bool, count: tuple[int, int], tmp_path: Path
) -> None:
    path = transfer(tmp_path / "old.h5", order)
    with path.open("rb") as file:
        model = open_model(file).model
    found = parameters(model.network)
    assert (found.trainable, found.non_trainable) == count
    assert [f.code for f in model.findings] == ["frozen-deduced"] * frozen
    given = drawn(3, 4, 4, 2)
    np.testing.assert_allclose(rebuilt(path, given), answer(given), rtol=1e-4, atol=1e-5)


def dense(name: str, values: Any) -> Rows:
    return {name: [(f"{name}/kernel:0", values), (f"{name}/bias:0", drawn(2))]}


@pytest.mark.parametrize("frozen", [False, True], ids=["trained", "the first is frozen"])
def test_arrays_of_one_shape_go_to_the_layers_whose_names_they_bear(
    frozen: bool, tmp_path: Path
) -> None:
    first, second = drawn(2, 2), drawn(2, 2) - 1
    inner = [step(f"step_{n}", entry("Dense", n, units=2)) for n in ("one", "two")]
    inner[0]["config"]["layers"][0]["config"]["batch_input_shape"] = [None, 2]
    document = step("all", step("both", *inner))
    parts = dense("one", first)["one"], dense("two", second)["two"]
    arrays = [*parts[1], *parts[0]] if frozen else [*parts[0], *parts[1]]
    path, given = written(tmp_path / "old.h5", document, {"both": arrays}), drawn(3, 2)
    wanted = (given @ first + drawn(2)) @ second + drawn(2)
    np.testing.assert_allclose(rebuilt(path, given), wanted, atol=1e-6)
    with path.open("rb") as file:
        model = open_model(file).model
    assert [f.code for f in model.findings] == ["frozen-deduced"] * frozen
    assert parameters(model.network).trainable == (6 if frozen else 12)


def test_an_array_under_the_name_of_another_part_is_refused(tmp_path: Path) -> None:
    swapped = [(name.replace("beta", "gamma_2/gamma"), values) for name, values in TRAINED]
    swapped = [(name.replace("norm/gamma:", "norm/beta:"), values) for name, values in swapped]
    path = transfer(tmp_path / "old.h5", swapped)
    with path.open("rb") as file, pytest.raises(ModelFileError, match="beta:0 stands where gamma"):
        list(open_model(file).weights())


# --- bilinear up-sampling without half pixels ------------------------------------------------


def from_corners(x: Any, factors: tuple[int, int]) -> Any:
    """TensorFlow 1's resize_bilinear: output i stands at i/factor, straight lines in between."""
    for axis, factor in enumerate(factors, start=1):
        places = np.arange(x.shape[axis] * factor) / factor
        low = np.floor(places).astype(int)
        high = np.minimum(low + 1, x.shape[axis] - 1)
        shape = [-1 if a == axis else 1 for a in range(x.ndim)]
        part = (places - low).reshape(shape)
        x = x.take(low, axis) * (1 - part) + x.take(high, axis) * part
    return x


def enlarging(path: Path, version: str, backend: str = "tensorflow") -> Path:
    up = entry("UpSampling2D", "up", size=[2, 3], interpolation="bilinear")
    up["config"]["batch_input_shape"] = [None, 4, 5, 2]
    config = {"class_name": "Sequential", "config": {"name": "s", "layers": [up]}}
    return written(path, config, {"up": []}, version, backend)


@pytest.mark.parametrize("version", ["2.2.4", "2.3.1"])
def test_bilinear_up_sampling_of_keras_alone_has_no_half_pixels(
    version: str, tmp_path: Path
) -> None:
    path, given = enlarging(tmp_path / "up.h5", version), drawn(2, 4, 5, 2)
    wanted = from_corners(given, (2, 3))
    np.testing.assert_allclose(rebuilt(path, given), wanted, atol=1e-6)
    with path.open("rb") as file:
        network = open_model(file).model.network
    np.testing.assert_allclose(onnx_answers(network, [], [given]), wanted, atol=1e-6)


@pytest.mark.parametrize("version", ["2.2.4-tf", "2.4.0", "2.12.0"])
def test_bilinear_up_sampling_of_tensorflows_keras_is_todays(version: str, tmp_path: Path) -> None:
    from keras import layers

    path, given = enlarging(tmp_path / "up.h5", version), drawn(2, 4, 5, 2)
    wanted = layers.UpSampling2D((2, 3), interpolation="bilinear")(given)
    np.testing.assert_allclose(rebuilt(path, given), np.asarray(wanted), atol=1e-6)


def test_bilinear_up_sampling_of_theano_is_refused(tmp_path: Path) -> None:
    path = enlarging(tmp_path / "up.h5", "2.2.4", "theano")
    with path.open("rb") as file, pytest.raises(RefusedError, match="backend 'theano'"):
        open_model(file)


@pytest.mark.parametrize(("version", "way"), [("2.3.1", "bilinear_keras2"), ("2.4.0", "bilinear")])
def test_a_file_of_weights_alone_enlarges_as_its_writer_did(
    version: str, way: str, tmp_path: Path
) -> None:
    up = entry("UpSampling2D", "up", size=[2, 2], interpolation="bilinear")
    layers = [entry("Conv2D", "conv", filters=2, kernel_size=[1, 1]), up]
    layers[0]["config"]["batch_input_shape"] = [None, 4, 4, 2]
    expected = read_model_config(step("s", *layers))
    path = tmp_path / "weights.h5"
    source = written(tmp_path / "m.h5", {}, {"conv": CONV}, version)
    with h5py.File(source) as whole, h5py.File(path, "w") as file:
        file.attrs["keras_version"], file.attrs["layer_names"] = version, [b"conv"]
        whole.copy("model_weights/conv", file, "conv")
    with path.open("rb") as file:
        network = open_model(file, Expected(network=expected)).model.network
    assert network.by_name["up"].layer == UpSampling2D(size=(2, 2), interpolation=way)  # type: ignore[arg-type]  # a word


def test_no_file_may_ask_for_our_own_word() -> None:
    with pytest.raises(RefusedError, match="bilinear_keras2"):
        read_layer("UpSampling2D", {"interpolation": "bilinear_keras2"})


# --- a Sequential in a model that does not say its input --------------------------------------


def step(name: str, *layers: dict[str, Any]) -> dict[str, Any]:
    """A Sequential as TensorFlow 1.13 to 2.1 writes one that was only called."""
    return {"class_name": "Sequential", "config": {"name": name, "layers": list(layers)}}


def called(item: dict[str, Any], *taken: str) -> dict[str, Any]:
    nodes = [
        [[name, call, 0, {}] for name, call in ((t, int(t.startswith("step"))) for t in taken)]
    ]
    return item | {"name": item["config"]["name"], "inbound_nodes": nodes if taken else []}


def in_steps(path: Path, order: Any = list) -> Path:
    """Two of them, one on the other, and their outputs side by side."""
    given = entry("InputLayer", "given", batch_input_shape=[None, 4, 4, 2])
    conv = entry("Conv2D", "conv", filters=3, kernel_size=[1, 1])
    deep = step("deep", entry("Conv2D", "third", filters=2, kernel_size=[1, 1]))
    layers = [
        called(given),
        called(step("step_a", conv, entry("BatchNormalization", "norm", axis=[3])), "given"),
        called(step("step_b", entry("Activation", "relu", activation="relu"), deep), "step_a"),
        called(entry("Concatenate", "both", axis=-1), "step_b", "given"),
    ]
    config = {"name": "m", "layers": order(layers), "input_layers": [["given", 0, 0]]}
    document = {"class_name": "Model", "config": config | {"output_layers": [["both", 0, 0]]}}
    a = [("conv/kernel:0", drawn(1, 1, 2, 3)), ("conv/bias:0", drawn(3))]
    norm = [(f"norm/{part}:0", drawn(3)) for part in NORM]
    b = [("third/kernel:0", drawn(1, 1, 3, 2)), ("third/bias:0", drawn(2))]
    groups: Rows = {"given": [], "step_a": a + norm, "step_b": b, "both": []}
    return written(path, document, groups, "2.2.4-tf")


def test_a_sequential_in_a_model_takes_the_shape_that_it_is_called_with(tmp_path: Path) -> None:
    given = drawn(2, 4, 4, 2)
    hidden = given @ drawn(1, 1, 2, 3)[0, 0] + drawn(3)
    normed = (hidden - drawn(3)) / np.sqrt(drawn(3) + 1e-3) * drawn(3) + drawn(3)
    deep = np.maximum(normed, 0) @ drawn(1, 1, 3, 2)[0, 0] + drawn(2)
    wanted = np.concatenate([deep, given], axis=-1)
    np.testing.assert_allclose(rebuilt(in_steps(tmp_path / "m.h5"), given), wanted, atol=1e-5)


def test_steps_that_wait_for_one_another_are_refused(tmp_path: Path) -> None:
    def in_a_circle(layers: list[dict[str, Any]]) -> list[dict[str, Any]]:
        first = layers[1] | {"inbound_nodes": [[["step_b", 1, 0, {}]]]}
        return [layers[0], first, *layers[2:]]

    path = in_steps(tmp_path / "m.h5", in_a_circle)
    with path.open("rb") as file, pytest.raises(RefusedError, match="does not say the shape"):
        open_model(file)


def nested_steps(depth: int, many: int) -> dict[str, Any]:
    """Models inside each other, in each of which many Sequentials wait for the one within."""
    given = called(entry("InputLayer", "given", batch_input_shape=[None, 2]))
    layers, source = [given], "given"
    if depth:
        inner = nested_steps(depth - 1, many)
        layers.append(called(inner, "given"))
        source = inner["config"]["name"]
    for number in range(many):
        item = step(f"step_{depth}_{number}", entry("Activation", "a", activation="relu"))
        layers.append(
            called(item, "given") | {"inbound_nodes": [[[source, int(depth > 0), 0, {}]]]}
        )
    end = [[layers[-1]["name"], 1, 0]]
    config = {"name": f"m{depth}", "layers": layers, "input_layers": [["given", 0, 0]]}
    return {"class_name": "Model", "config": config | {"output_layers": end}}


def test_sequentials_that_are_worked_out_again_and_again_are_refused_at_once() -> None:
    read_model_config(nested_steps(1, 8))
    begin = time.perf_counter()
    with pytest.raises(RefusedError, match="too many Sequentials"):
        read_model_config(nested_steps(5, 30))
    assert time.perf_counter() - begin < 20


# --- single settings -------------------------------------------------------------------------


def numpy_number(value: Any) -> dict[str, Any]:
    return {"class_name": "__numpy__", "config": {"value": value, "dtype": "float32"}}


def test_a_number_of_numpy_is_a_number() -> None:
    config = {"name": "r", "max_value": numpy_number(6.0), "threshold": numpy_number(0.0)}
    assert read_layer("ReLU", config) == ReLU(max_value=6.0)


@pytest.mark.parametrize("value", ["6", None, True, {"class_name": "Lambda"}])
def test_what_else_is_said_to_be_of_numpy_is_refused(value: Any) -> None:
    with pytest.raises(RefusedError) as caught:
        read_layer("ReLU", {"max_value": numpy_number(value)})
    assert caught.value.code in ("config-object", "code-lambda")


@pytest.mark.parametrize("frozen", [(), ("forward_layer",), ("forward_layer", "backward_layer")])
def test_a_bidirectional_of_which_one_direction_is_frozen_is_refused(
    frozen: tuple[str, ...], tmp_path: Path
) -> None:
    """Its arrays lie in another order, and have the same shapes."""
    from keras import Sequential, layers

    both = layers.Bidirectional(layers.LSTM(3))
    model = with_noise(Sequential([layers.Input((5, 4)), both]))
    for name in frozen:
        getattr(both, name).trainable = False
    path, given = saved(model, tmp_path / "m.h5"), drawn(2, 5, 4)
    if len(frozen) == 1:
        with path.open("rb") as file, pytest.raises(RefusedError, match="one direction alone"):
            open_model(file)
        return
    wanted = model.predict(given, verbose=0)
    np.testing.assert_allclose(rebuilt(path, given), wanted, atol=1e-6)


@pytest.mark.parametrize("kind", ["BatchNormalizationV1", "BatchNormalizationV2"])
def test_a_normalisation_with_a_number_is_that_without(kind: str, tmp_path: Path) -> None:
    stack = [
        entry(kind, "norm", axis=[3], epsilon=1e-3, batch_input_shape=[None, 4, 4, 2]),
        entry("Flatten", "flat"),
        entry("Dense", "middle", units=3),
    ]
    config = {"class_name": "Sequential", "config": {"name": "s", "layers": stack}}
    groups = {"norm": NORMED, "flat": [], "middle": MIDDLE}
    path, given = written(tmp_path / "m.h5", config, groups, "2.2.4-tf"), drawn(3, 4, 4, 2)
    gamma, beta, mean, variance = (array for _, array in NORMED)
    normed = (given - mean) / np.sqrt(variance + 1e-3) * gamma + beta
    wanted = normed.reshape(3, -1) @ MIDDLE[0][1] + MIDDLE[1][1]
    np.testing.assert_allclose(rebuilt(path, given), wanted, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("version", "said"),
    [("2.2.4", True), ("2.3.1", True), ("2.2.4-tf", True), ("2.3.0-tf", False), ("2.10.0", False)],
)
def test_a_function_that_keras_did_not_have_yet_is_taken_for_todays_and_said(
    version: str, said: bool, tmp_path: Path
) -> None:
    dense = entry("Dense", "top", units=2, activation="swish", batch_input_shape=[None, 3])
    config = {"class_name": "Sequential", "config": {"name": "s", "layers": [dense]}}
    path, given = written(tmp_path / "m.h5", config, {"top": TOP}, version), drawn(4, 3) - 0.5
    sums = given @ TOP[0][1] + TOP[1][1]
    np.testing.assert_allclose(rebuilt(path, given), sums / (1 + np.exp(-sums)), rtol=1e-4)
    with path.open("rb") as file:
        found = open_model(file).model.findings
    assert [finding.code for finding in found] == ["function-of-the-writer"] * said
    assert all("no activation 'swish'" in finding.message for finding in found)


def test_functions_inside_a_cell_are_said_as_well() -> None:
    cells = StackedRNNCells(cells=(GRU(units=2, recurrent_activation="gelu"), GRU(units=2)))
    nodes = (
        Node("x", InputLayer(shape=(3, 2)), ((),)),
        Node("r", RNN(cell=cells), ((Tensor("x"),),)),
    )
    network = Network("m", "Functional", nodes, (Tensor("x"),), (Tensor("r"),), ("r",))
    (found,) = own_functions(network, "2.2.4")
    assert "no activation 'gelu'" in found.message


@pytest.mark.parametrize(("kind", "today"), [("UnifiedLSTM", "LSTM"), ("UnifiedGRU", "GRU")])
def test_a_unified_layer_is_the_one_that_kept_its_place(
    kind: str, today: str, tmp_path: Path
) -> None:
    from keras import Sequential, layers

    layer = getattr(layers, today)(4, name="steps")
    model, given = with_noise(Sequential([layers.Input((5, 3)), layer])), drawn(2, 5, 3)
    kept = ("units", "activation", "recurrent_activation", "use_bias", "reset_after")
    settings = {key: value for key, value in layer.get_config().items() if key in kept}
    steps = entry(kind, "steps", batch_input_shape=[None, 5, 3], **settings)
    arrays = zip(("kernel", "recurrent_kernel", "bias"), layer.get_weights(), strict=True)
    groups = {"steps": [(f"steps/{name}:0", array) for name, array in arrays]}
    config = {"class_name": "Sequential", "config": {"name": "s", "layers": [steps]}}
    path = written(tmp_path / "m.h5", config, groups, "2.2.4-tf")
    wanted = model.predict(given, verbose=0)
    np.testing.assert_allclose(rebuilt(path, given), wanted, rtol=1e-5)


@pytest.mark.parametrize("ending", ["keras", "h5"])
@pytest.mark.parametrize("kind", ["GlobalAveragePooling1D", "GlobalMaxPooling1D"])
def test_a_pooling_of_channels_first_pools_each_step(
    kind: str, ending: str, tmp_path: Path
) -> None:
    from keras import Sequential, layers

    pool = getattr(layers, kind)("channels_first")
    stack = [layers.Input((7, 3)), layers.Conv1D(4, 3, padding="same"), pool, layers.Dense(2)]
    model, given = with_noise(Sequential(stack)), drawn(3, 7, 3)
    wanted = model.predict(given, verbose=0)
    path = saved(model, tmp_path / f"m.{ending}")
    np.testing.assert_allclose(rebuilt(path, given), wanted, rtol=1e-5)
    with path.open("rb") as file:
        opened = open_model(file)
        arrays = list(opened.weights())
    found = onnx_answers(opened.model.network, arrays, [given])
    np.testing.assert_allclose(found, wanted, rtol=1e-5)


@pytest.mark.parametrize("ending", ["keras", "h5"])
def test_a_layer_that_goes_on_between_batches_is_opened_and_said(
    ending: str, tmp_path: Path
) -> None:
    from keras import Sequential, layers

    given = drawn(3, 5, 2)
    model = with_noise(
        Sequential([layers.Input(batch_shape=(3, 5, 2)), layers.LSTM(4, stateful=True)])
    )
    wanted = model.predict(given, batch_size=3, verbose=0)
    path = saved(model, tmp_path / f"m.{ending}")
    np.testing.assert_allclose(rebuilt(path, given), wanted, atol=1e-5)
    with path.open("rb") as file:
        (finding,) = open_model(file).model.findings
    assert finding.code == "stateful"
    assert "begins each sample from zeros" in finding.message
