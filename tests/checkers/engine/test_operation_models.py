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
from written_by_keras import saved

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
    ("places", lambda ops, x, _: ops.cast(ops.argmax(x, axis=-1), "float32"), "'Argmax'"),
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("make", "said"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED])
def test_an_operation_with_another_meaning_is_refused(make: Make, said: str) -> None:
    document = json.loads(model_of({"it": make}).to_json())
    with pytest.raises(RefusedError, match=said):
        ShapeTable().calls(read_model_config(document))


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
