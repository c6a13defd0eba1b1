"""Operations of `keras.ops` in a functional model: saved by Keras, read, rebuilt to the number.

All operations stand in one model, an output for each.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from written_by_keras import assert_opened_exactly, rebuilt, saved, with_noise

from answers.errors import InputError, ModelFileError, RefusedError
from answers.network.shapes import ShapeTable, output_shapes
from checkers.model_file.graph_config import read_model_config
from checkers.model_file.reader import open_model

Make = Callable[[Any, Any, Any], Any]  # of keras.ops, x and y of 4x6: a tensor
_ONE = """
    absolute arccos arcsin arcsinh arctan arctanh celu ceil cos cosh elu erf exp exp2 expm1
    floor gelu glu hard_shrink hard_sigmoid hard_silu hard_tanh leaky_relu log log10 log1p log2
    log_sigmoid log_softmax negative reciprocal relu relu6 round rsqrt
    selu sigmoid sign silu sin sinh soft_shrink softmax softplus softsign sparse_plus sparse_sigmoid
    sparsemax sqrt square squareplus stop_gradient tan tanh tanh_shrink trunc
""".split()  # noqa: SIM905  # seventy names read better as a text
_TWO = """
    add arctan2 divide divide_no_nan floor_divide greater greater_equal less less_equal logaddexp
    maximum minimum mod multiply not_equal power subtract true_divide
""".split()  # noqa: SIM905  # as above


_REDUCED = ("max", "mean", "min", "prod", "std", "sum", "var")


def of_one(name: str) -> Make:
    return lambda ops, x, _: getattr(ops, name)(x)


def along_rows(name: str) -> Make:
    return lambda ops, x, _: getattr(ops, name)(x, axis=1, keepdims=True)


def of_two(name: str) -> Make:
    return lambda ops, x, y: getattr(ops, name)(x, y)


def of_a_number(name: str) -> Make:
    return lambda ops, x, _: getattr(ops, name)(x, 0.5)


OPERATIONS: dict[str, Make] = {
    **{name: of_one(name) for name in _ONE},
    **{name: along_rows(name) for name in _REDUCED},
    **{name: of_two(name) for name in _TWO},
    **{f"{name} a number": of_a_number(name) for name in _TWO},
    "a number first": lambda ops, x, y: ops.add(ops.subtract(1.0, x), ops.divide(2.0, y)),
    "arccosh": lambda ops, x, _: ops.arccosh(x + 1.0),
    "average": lambda ops, x, _: ops.average(x, axis=1),
    "clip": lambda ops, x, y: ops.clip(x - y, -0.2, 0.3),
    "clip from 0": lambda ops, x, y: ops.clip(x - y, 0, 0.3),
    "comparison cast": lambda ops, x, y: ops.cast(x > 0.5, "float32") + ops.cast(y > x, "float32"),
    "comparison as a factor": lambda ops, x, y: (x > y) * x,  # noqa: ARG005  # all alike
    "concatenate": lambda ops, x, y: ops.concatenate([x, y, x], axis=1),
    "einsum": lambda ops, x, y: ops.einsum("bij,bkj->bik", x, y),
    "einsum of one": lambda ops, x, _: ops.einsum("bij->bji", x),
    "einsum to numbers": lambda ops, x, y: ops.einsum("bij,bij->bi", x, y),
    "expand": lambda ops, x, _: ops.expand_dims(x, -1),
    "flip": lambda ops, x, _: ops.flip(x, axis=1),
    "flip channels": lambda ops, x, _: ops.flip(x, axis=-1),
    "gelu, exact": lambda ops, x, _: ops.gelu(x, approximate=False),
    "indices": lambda _, x, __: x[:, -1, 1::2],
    "largest": lambda ops, x, _: ops.amax(x, axis=1),
    "logsumexp": lambda ops, x, _: ops.logsumexp(x, axis=-1),
    "matmul": lambda ops, x, y: ops.matmul(x, ops.transpose(y, (0, 2, 1))),
    "matmul of stacks": lambda ops, x, y: ops.matmul(
        ops.stack([x, y], 1), ops.expand_dims(ops.transpose(y, (0, 2, 1)), 1)
    ),
    "attention by hand": lambda ops, x, y: ops.softmax(x @ ops.swapaxes(y, 1, 2) / 2.0) @ y,
    "moveaxis": lambda ops, x, y: ops.moveaxis(ops.stack([x, y, x], 3), 3, 1),
    "norm": lambda ops, x, _: ops.norm(x, axis=-1),
    "norm of matrices": lambda ops, x, _: ops.norm(x, axis=(1, 2), keepdims=True),
    "normalize": lambda ops, x, _: ops.normalize(x, axis=1),
    "repeat": lambda ops, x, _: ops.repeat(x, 3, axis=1),
    "smallest": lambda ops, x, _: ops.amin(x, axis=(1, 2)),
    "split": lambda ops, x, _: ops.add(*ops.split(x, 3, axis=2)[::2]),
    "split at places": lambda ops, x, _: ops.split(x, [1, 3], axis=1)[1],
    "split, all parts": lambda ops, x, _: ops.concatenate(ops.split(x, 2, axis=-1)[::-1], -1),
    "squeeze": lambda ops, x, _: ops.squeeze(x[:, :1], 1),
    "stack": lambda ops, x, y: ops.stack([x, y, x], axis=1),
    "stack last": lambda ops, x, y: ops.stack([x, y], axis=-1),
    "swapaxes": lambda ops, x, _: ops.swapaxes(x, -1, 1),
    "tile": lambda ops, x, _: ops.tile(x, [1, 2, 3]),
    "transpose": lambda ops, x, _: ops.transpose(x, (0, 2, 1)),
    "unstack": lambda ops, x, _: ops.subtract(*ops.unstack(x, axis=1)[1:3]),
    "argmax": lambda ops, x, _: ops.cast(ops.argmax(x, axis=-1), "float32"),
    "argmin as an output": lambda ops, x, _: ops.argmin(x, axis=1, keepdims=True),
    "average pool": lambda ops, x, _: ops.average_pool(x[..., None], (2, 3), padding="same"),
    "cast to truths": lambda ops, x, _: ops.cast(ops.cast(ops.relu(x - 0.5), "bool"), "float32"),
    "cast to whole numbers": lambda ops, x, _: ops.cast(ops.cast(x * 9 - 5, "int32"), "float32"),
    "cumprod": lambda ops, x, _: ops.cumprod(x, axis=-1),
    "cumsum": lambda ops, x, _: ops.cumsum(x, axis=1),
    "depth to space": lambda ops, x, _: ops.depth_to_space(ops.reshape(x, (-1, 2, 1, 12)), 2),
    "filled": lambda ops, x, y: ops.concatenate([x, ops.zeros_like(y), ops.ones_like(y)], 1),
    "filled with a number": lambda ops, x, _: ops.full_like(x, 0.3),
    "grey": lambda ops, x, _: ops.image.rgb_to_grayscale(ops.reshape(x, (-1, 2, 4, 3))),
    "half of a place": lambda ops, x, _: ops.argmax(x, axis=-1) / 2,
    "laid out truths": lambda ops, x, y: ops.where((x > y)[:, :, None], 1.0, 0.0),
    "logical and": lambda ops, x, y: ops.cast(ops.logical_and(x > 0.2, y < 0.8), "float32"),
    "logical or, not": lambda ops, x, y: ops.where(
        ops.logical_or(x > 0.8, ops.logical_not(y > 0.3)), x, y
    ),
    "logical xor": lambda ops, x, y: ops.where(ops.logical_xor(x > 0.5, y > 0.5), x, 0.0),
    "max pool": lambda ops, x, _: ops.max_pool(x[..., None], 2, 1),
    "normalize tiny": lambda ops, x, _: ops.normalize(x * 1e-7, axis=-1),
    "normalize tinier": lambda ops, x, _: ops.normalize(x * 1e-9, axis=-1),
    "normalize, bound": lambda ops, x, _: ops.normalize(x * 0.1, axis=-1, epsilon=0.1),
    "one hot": lambda ops, x, _: ops.one_hot(ops.argmax(x, axis=-1), 6),
    "padded by a number": lambda ops, x, _: ops.pad(
        x, ((0, 0), (1, 2), (0, 3)), constant_values=0.5
    ),
    "padded channels": lambda ops, x, _: ops.pad(x, ((0, 0), (0, 0), (2, 1))),
    "padded, reflected": lambda ops, x, _: ops.pad(x, ((0, 0), (1, 2), (3, 0)), mode="reflect"),
    "padded, symmetric": lambda ops, x, _: ops.pad(x, ((0, 0), (4, 2), (6, 0)), mode="symmetric"),
    "patches": lambda ops, x, _: ops.image.extract_patches(ops.reshape(x, (-1, 4, 3, 2)), 2),
    "patches, overlapping": lambda ops, x, _: ops.image.extract_patches(
        x[..., None], (3, 2), strides=(1, 2), padding="same"
    ),
    "roll": lambda ops, x, _: ops.roll(x, 2, axis=1),
    "sort": lambda ops, x, _: ops.sort(x, axis=1),
    "space to depth": lambda ops, x, _: ops.space_to_depth(ops.reshape(x, (-1, 4, 2, 3)), 2),
    "table": lambda ops, x, _: ops.add(x, np.arange(24, dtype="float32").reshape(4, 6)),
    "table of a column": lambda ops, x, _: ops.multiply(
        np.arange(4, dtype="float32").reshape(1, 4, 1), x
    ),
    "take": lambda ops, x, _: ops.take(x, [5, 0, 0], axis=2),
    "take one": lambda ops, x, _: ops.take(x, 2, axis=1),
    "where": lambda ops, x, y: ops.where(x > y, x, y * 2.0),
    "where, numbers": lambda ops, x, _: ops.where(x > 0.5, 1.0, -1.0),
    "where, a number": lambda ops, x, y: ops.where(x <= y, x, 0.0),
}


def model_of(operations: dict[str, Make]) -> Any:
    import keras

    x, y = keras.Input((4, 6), name="x"), keras.Input((4, 6), name="y")
    flat = [make(keras.ops, x, y) for make in operations.values()]
    return keras.Model([x, y], flat)


@pytest.mark.slow
@pytest.mark.parametrize("ending", ["keras", "h5"])
def test_every_operation_is_read_and_computes_what_keras_does(ending: str, tmp_path: Path) -> None:
    import keras

    from checkers.engine.keras_builder import build

    model = model_of(OPERATIONS)
    with saved(model, tmp_path / f"model.{ending}").open("rb") as file:
        network = open_model(file).model.network
    built = build(network)
    random = np.random.default_rng(2)
    given = [random.uniform(0.1, 0.9, (3, 4, 6)).astype("float32") for _ in range(2)]
    wanted = model.predict(given, verbose=0)
    found = keras.Model(built.inputs, built.outputs).predict(given, verbose=0)
    rows = zip(OPERATIONS, found, wanted, output_shapes(network), strict=True)
    for name, ours, theirs, shape in rows:
        assert theirs.shape[1:] == shape, name
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6, err_msg=name)


REFUSED: list[tuple[str, Make, str]] = [
    ("sums of truths", lambda ops, x, y: ops.sum(x > y, axis=1), "comparison of tensors"),
    ("a choice of truths", lambda ops, x, y: ops.where(x > y, x > 0.5, x > 0.7), "comparison"),
    ("a row of the batch", lambda ops, x, _: ops.flip(x, axis=0), "axis = 0"),
    ("a stacked batch", lambda ops, x, y: ops.stack([x, y]), "would mix the pictures"),
    ("a tiled batch", lambda ops, x, _: ops.tile(x, [2, 1, 1]), "repeats = "),
    ("a repeated batch", lambda ops, x, _: ops.repeat(x, 2, axis=0), "is the batch"),
    ("the batch moved", lambda ops, x, _: ops.swapaxes(x, 0, 1), "is the batch"),
    ("all of the batch", lambda ops, x, _: ops.norm(x, axis=0), "is the batch"),
    ("everything", lambda ops, x, _: ops.mean(x), "axis = None"),
    ("samples multiplied", lambda ops, x, y: ops.einsum("bij,cij->bc", x, y), "mixes the pictures"),
    ("samples summed", lambda ops, x, y: ops.einsum("bij,bij->ij", x, y), "mixes the pictures"),
    ("samples as rows", lambda ops, x, y: ops.matmul(x[:, :4, :4], y[0]), "cuts the pictures"),
    ("numbers", lambda ops, x, _: ops.matmul(x, ops.ones((6, 2))), "y = "),
    ("a largest above 0", lambda ops, x, _: ops.max(x, axis=1, initial=0), "initial = 0"),
    ("a sum of nothing", lambda ops, x, _: ops.sum(x, axis=()), r"axis = \[\]"),
    ("another length", lambda ops, x, _: ops.normalize(x, axis=-1, order=1), "order"),
    ("a spectral norm", lambda ops, x, _: ops.norm(x, ord=2, axis=(1, 2)), "ord = 2"),
    ("the batch cut", lambda ops, x, _: ops.split(x, [1], axis=0)[0], "the pictures apart"),
    ("sums of places", lambda ops, x, _: ops.sum(ops.argmax(x, axis=-1), axis=-1), "whole numbers"),
    ("a place doubled", lambda ops, x, _: ops.argmax(x, axis=-1) * 2, "whole numbers"),
    ("a place of the batch", lambda ops, x, _: ops.argmax(x, axis=0), "is the batch"),
    ("a place of everything", lambda ops, x, _: ops.argmax(x), "axis = None"),
    ("the batch rolled", lambda ops, x, _: ops.roll(x, 1, axis=0), "is the batch"),
    ("everything rolled", lambda ops, x, _: ops.roll(x, 1), "axis = None"),
    ("the batch summed up", lambda ops, x, _: ops.cumsum(x, axis=0), "is the batch"),
    ("the batch sorted", lambda ops, x, _: ops.sort(x, axis=0), "is the batch"),
    ("pictures taken", lambda ops, x, _: ops.take(x, [0], axis=0), "indices = "),
    ("a place from the end", lambda ops, x, _: ops.take(x, [-1], axis=1), "indices = "),
    ("the batch padded", lambda ops, x, _: ops.pad(x, ((1, 0), (0, 0), (0, 0))), "pad_width"),
    ("the batch mirrored", lambda ops, x, _: ops.pad(x, 1, mode="reflect"), "pad_width"),
    ("a table of pictures", lambda ops, x, _: ops.add(x, np.ones((3, 4, 6), "f4")), "doesn't fit"),
    ("truths summed", lambda ops, x, y: ops.sum(ops.logical_and(x > 0, y > 0), -1), "comparison"),
    ("a one-hot row first", lambda ops, x, _: ops.one_hot(ops.argmax(x, -1), 6, axis=1), "axis"),
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("make", "said"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED])
def test_an_operation_with_another_meaning_is_refused(make: Make, said: str) -> None:
    document = json.loads(model_of({"it": make}).to_json())
    with pytest.raises(RefusedError, match=said):
        ShapeTable().calls(read_model_config(document))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda x: x / 127.5 - 1.0, ""),
        (lambda x: x * 0.5, ""),
        (lambda x: x / 255, ""),
        (lambda x: x * 2, "whole numbers goes into a Arithmetic"),
        (lambda x: x - 100, "whole numbers goes into a Arithmetic"),
        (lambda x: x + x, "whole numbers goes into a Arithmetic"),
    ],
    ids=["to -1 … 1", "half", "to 0 … 1", "doubled", "below 0", "over 255"],
)
def test_whole_numbers_of_an_input_are_computed_with_as_keras_does(
    make: Any, said: str, tmp_path: Path
) -> None:
    import keras

    x = keras.Input((3,), dtype="uint8")
    numbers = np.array([[0, 100, 255]], "uint8")
    model = keras.Model(x, keras.ops.cast(make(x), "float32"))
    path = saved(model, tmp_path / "model.keras")
    if said:
        with path.open("rb") as file, pytest.raises(RefusedError, match=said):
            open_model(file)
        return
    found = rebuilt(path, numbers.astype("float32"))
    assert np.array_equal(found, model.predict(numbers, verbose=0))


@pytest.mark.parametrize("front", ["a cast", "an inner model", "an augmentation"])
@pytest.mark.parametrize("kind", ["Conv2D", "AveragePooling2D", "Dense"])
def test_whole_numbers_become_floats_in_front_of_a_layer_that_takes_no_others(
    front: str, kind: str, tmp_path: Path
) -> None:
    import keras

    layers: Any = keras.layers
    last = {
        "Conv2D": lambda: layers.Conv2D(2, 2),
        "AveragePooling2D": lambda: layers.AveragePooling2D(2),
        "Dense": lambda: layers.Dense(2),
    }[kind]()
    x = keras.Input((4, 4, 3), dtype="uint8")
    if front == "a cast":
        y = last(keras.ops.cast(x, "float32"))
    elif front == "an inner model":
        y = keras.Sequential([keras.Input((4, 4, 3)), last])(x)
    else:
        y = last(keras.Sequential([layers.RandomFlip()])(x))
    model = keras.Model(x, y)
    numbers = np.random.default_rng(0).integers(0, 256, (2, 4, 4, 3), "uint8")
    found = rebuilt(saved(model, tmp_path / "model.keras"), numbers.astype("float32"))
    assert found == pytest.approx(model.predict(numbers, verbose=0), rel=1e-6)


ON_WHOLE: list[tuple[str, Any, str]] = [
    ("cut", lambda layers, x: layers.Cropping1D(1)(x) * 2, "Arithmetic"),
    ("with margins", lambda layers, x: layers.ZeroPadding1D(1)(x) * 2, "Arithmetic"),
    ("flat", lambda layers, x: layers.Flatten()(x) * 2, "Arithmetic"),
    ("as it is", lambda layers, x: layers.Identity()(x) * 2, "Arithmetic"),
    ("without a gradient", lambda _, x: keras_ops().stop_gradient(x) * 2, "Arithmetic"),
    ("joined", lambda layers, x: layers.Concatenate()([x, x]) * 2, "Arithmetic"),
    ("dropped out", lambda layers, x: layers.Dropout(0.5)(x) * 2, "Arithmetic"),
    ("the largest", lambda layers, x: layers.MaxPooling1D(2)(x) * 2, "Arithmetic"),
    ("of two the larger", lambda layers, x: layers.Maximum()([x, x]) * 2, "Arithmetic"),
    ("a sum", lambda layers, x: layers.Add()([x, x]), "Add"),
    ("a mean", lambda layers, x: layers.Average()([x, x]), "Average"),
    ("cut and cast", lambda layers, x: keras_ops().cast(layers.Cropping1D(1)(x), "float32") * 2, ""),
    ("flat and scaled", lambda layers, x: layers.Rescaling(0.5)(layers.Flatten()(x)) * 3, ""),
    ("joined, over 255", lambda layers, x: layers.Concatenate()([x, x]) / 255, ""),
]  # fmt: skip


def keras_ops() -> Any:
    import keras

    return keras.ops


@pytest.mark.slow
@pytest.mark.parametrize(("make", "said"), [r[1:] for r in ON_WHOLE], ids=[r[0] for r in ON_WHOLE])
def test_whole_numbers_stay_whole_through_layers_that_do_not_compute(
    make: Any, said: str, tmp_path: Path
) -> None:
    """In Keras 200 + 200 is 144 there, and we compute with floats."""
    import keras

    x = keras.Input((4, 3), dtype="uint8")
    numbers = np.array([[[0, 100, 255]] * 4], "uint8")
    model = keras.Model(x, keras.ops.cast(make(keras.layers, x), "float32"))
    path = saved(model, tmp_path / "model.keras")
    if said:
        with path.open("rb") as file, pytest.raises(RefusedError, match=f"goes into a {said}"):
            open_model(file)
        return
    found = rebuilt(path, numbers.astype("float32"))
    assert np.array_equal(found, model.predict(numbers, verbose=0))


@pytest.mark.slow
@pytest.mark.parametrize("ending", ["keras", "h5"])
def test_states_and_scores_that_nothing_takes_change_nothing(ending: str, tmp_path: Path) -> None:
    import keras

    layers = keras.layers
    x = keras.Input((5, 4))
    y, _ = layers.MultiHeadAttention(2, 3)(x, x, return_attention_scores=True)
    z, *_ = layers.Bidirectional(layers.GRU(3, return_state=True))(y)
    model = with_noise(keras.Model(x, layers.Dense(2)(inputs=z)))
    given = np.random.default_rng(1).uniform(0, 1, (2, 5, 4)).astype("float32")
    assert_opened_exactly(model, tmp_path / f"model.{ending}", given)


@pytest.mark.slow
def test_an_output_that_a_layer_does_not_give_is_refused_by_its_name() -> None:
    import keras

    x = keras.Input((5, 4))
    y, state, _ = keras.layers.LSTM(3, return_state=True, name="memory")(x)
    document = json.loads(keras.Model(x, keras.layers.Add()([y, state])).to_json())
    entry = next(e for e in document["config"]["layers"] if e["config"]["name"] == "memory")
    entry["config"]["return_state"] = False
    with pytest.raises(RefusedError, match="takes output 1 of a layer that gives 1") as caught:
        read_model_config(document)
    assert "layer memory" in str(caught.value.where)


@pytest.mark.slow
@pytest.mark.parametrize("ending", ["keras", "h5"])
def test_tensors_with_names_go_to_the_inputs_and_outputs_of_these_names(
    ending: str, tmp_path: Path
) -> None:
    import keras

    layers = keras.layers
    b, a = keras.Input((4,), name="b"), keras.Input((4,), name="a")
    parts = {"sum": layers.Subtract()([a, b]), "kept": layers.Dense(4)(a)}
    inner = keras.Model({"b": b, "a": a}, parts, name="inner")
    x = keras.Input((4,))
    made = inner({"b": x, "a": layers.Dense(4)(x)})
    model = with_noise(keras.Model(x, made["sum"] * 2.0 - made["kept"]))
    given = np.random.default_rng(1).uniform(0, 1, (2, 4)).astype("float32")
    assert_opened_exactly(model, tmp_path / f"model.{ending}", given)


@pytest.mark.slow
@pytest.mark.parametrize("ending", ["keras", "h5"])
def test_a_layer_that_is_unfrozen_in_a_frozen_model_is_trained(ending: str, tmp_path: Path) -> None:
    import keras

    layers = keras.layers
    base = keras.Sequential(
        [keras.Input((4,)), layers.BatchNormalization(), layers.Dense(3), layers.Dense(3)]
    )
    x = keras.Input((4,))
    middle = keras.Model(x, layers.Dense(3)(base(x)))
    y = keras.Input((4,))
    model = keras.Model(y, layers.Dense(2)(middle(y)))
    middle.trainable = False
    base.layers[-1].trainable = True
    given = np.random.default_rng(1).uniform(0, 1, (2, 4)).astype("float32")
    assert_opened_exactly(with_noise(model), tmp_path / f"model.{ending}", given)


@pytest.mark.slow
def test_numbers_of_numpy_in_a_setting_are_read(tmp_path: Path) -> None:
    import keras

    scale = keras.layers.Rescaling(scale=np.array([1.0, 2.0, 3.0]), offset=np.float32(0.5))
    model = keras.Sequential([keras.Input((4, 4, 3)), scale, keras.layers.Flatten()])
    given = np.random.default_rng(1).uniform(0, 1, (2, 4, 4, 3)).astype("float32")
    assert_opened_exactly(model, tmp_path / "model.keras", given)


def changed(make: Make, kind: str, **settings: Any) -> Any:
    document = json.loads(model_of({"it": make}).to_json())
    entries = document["config"]["layers"]
    next(e for e in entries if e["class_name"] == kind)["config"].update(settings)
    for entry in entries:
        for node in entry["inbound_nodes"]:
            for tensor in node["args"]:
                if isinstance(tensor, dict):
                    tensor["config"].pop("shape")  # so that the settings alone speak
    return document


LARGE = 2**62
HOSTILE: list[tuple[str, str, dict[str, Any], str]] = [
    ("tile", "Tile", {"repeats": [1, LARGE, LARGE]}, "too large"),
    ("tile", "Tile", {"repeats": [1] * 999}, "takes 998 axes"),
    ("tile", "Tile", {"repeats": [1, -1, 2]}, "must be"),
    ("repeat", "Repeat", {"repeats": LARGE}, "too large"),
    ("repeat", "Repeat", {"repeats": [1, 2, 3, 4]}, "must be a whole number"),
    ("split", "Split", {"indices_or_sections": LARGE}, "can't be cut into"),
    ("split", "Split", {"indices_or_sections": 0}, "must be"),
    ("split at places", "Split", {"indices_or_sections": [3, 1]}, "has no part"),
    ("split at places", "Split", {"indices_or_sections": [1, LARGE]}, "has no part"),
    ("unstack", "Unstack", {"axis": 99}, "has no axis 99"),
    ("einsum", "Einsum", {"subscripts": "b" + "i" * 1000 + ",bkj->bik"}, "can't be read"),
    ("einsum", "Einsum", {"subscripts": "bij,bkj->bxk"}, "can't be read"),
    ("einsum", "Einsum", {"subscripts": "bij,bkj->bik; import os"}, "can't be read"),
    ("einsum", "Einsum", {"subscripts": "bijk,bkj->bik"}, "does not fit an input"),
    ("einsum", "Einsum", {"subscripts": ["bij"]}, "must be a text"),
    ("norm", "Norm", {"ord": "nuc"}, "ord = "),
    ("stack", "Stack", {"axis": 40}, "has no axis 40"),
    ("moveaxis", "Moveaxis", {"source": [1, 2], "destination": [2, 1]}, "must be a whole number"),
    ("clip", "Clip", {"x_min": "rm"}, "x_min = "),
    ("normalize", "Normalize", {"epsilon": "1"}, "must be a finite number"),
]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "kind", "settings", "said"),
    HOSTILE,
    ids=[f"{row[1]} {str(row[2])[:40]}" for row in HOSTILE],
)
def test_impossible_settings_of_an_operation_are_refused(
    name: str, kind: str, settings: dict[str, Any], said: str
) -> None:
    document = changed(OPERATIONS[name], kind, **settings)
    with pytest.raises((InputError, ModelFileError, RefusedError), match=said):
        ShapeTable().calls(read_model_config(document))
