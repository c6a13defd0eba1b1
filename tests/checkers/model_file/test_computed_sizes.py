"""Sizes that a model of Keras 2 takes from its own tensors: worked out, or refused.

That TensorFlow computes the same is held by tests/checkers/engine/test_tensorflow_operations.py.
"""

from __future__ import annotations

import time
from typing import Any

import pytest

from answers.errors import ModelFileError, RefusedError
from answers.layers.base import Layer
from answers.layers.core import Reshape
from answers.layers.resampling import Resizing
from answers.layers.tensor_operations import Tile
from answers.layers.unknown import Unknown
from checkers.model_file.graph_config import read_model_config

Entry = dict[str, Any]
SHAPE = "compat.v1.shape"


def operation(name: str, function: str, first: Any, **arguments: Any) -> Entry:
    """first: the name of a tensor, several of them, or a number."""
    listed = isinstance(first, list)
    items = [
        [item, 0, 0, arguments]
        if isinstance(item, str)
        else ["_CONSTANT_VALUE", -1, item, arguments]
        for item in (first if listed else [first])
    ]
    return {
        "class_name": "TFOpLambda",
        "name": name,
        "config": {"name": name, "function": function, "trainable": True, "dtype": "float32"},
        "inbound_nodes": [items if listed else items[0]],
    }


def size(number: int, of: str = "shape") -> Entry:
    return operation(f"size_{number}", "__operators__.getitem", of, slice_spec=number)


def ref(name: str, output: int = 0) -> list[Any]:
    return [name, 0, output]


def model(*entries: Entry, sizes: tuple[int | None, ...] = (8, 6, 3)) -> Any:
    """A functional model of the operations; the last one is its output."""
    given = {
        "class_name": "InputLayer",
        "name": "x",
        "config": {"name": "x", "batch_input_shape": [None, *sizes]},
        "inbound_nodes": [],
    }
    ends = {"input_layers": [ref("x")], "output_layers": [ref(entries[-1]["name"])]}
    return {"class_name": "Functional", "config": {"layers": [given, *entries], **ends}}


BETWEEN = {"start": 1, "stop": 3, "step": None}
MODELS: list[tuple[str, list[Entry], Layer]] = [
    (
        "a picture's",
        [
            operation("shape", SHAPE, "x", out_type="int32"),
            operation("sizes", "__operators__.getitem", "shape", slice_spec=BETWEEN),
            operation("end", "image.resize", "x", size=ref("sizes")),
        ],
        Resizing(height=8, width=6),
    ),
    (
        "half of them",
        [
            operation("shape", SHAPE, "x"),
            size(1),
            operation("half", "math.floordiv", "size_1", y=2),
            operation("end", "image.resize", "x", size=[ref("half"), 3]),
        ],
        Resizing(height=4, width=3),
    ),
    (
        "in a list",
        [
            operation("shape", SHAPE, "x"),
            operation("each", "unstack", "shape"),
            operation("both", "stack", ["each", 5]),
            operation("end", "image.resize", "x", size=[ref("each", 2), 5]),
        ],
        Resizing(height=6, width=5),
    ),
    (
        "the batch in front",
        [
            operation("shape", SHAPE, "x"),
            size(0),
            size(-1),
            operation("end", "reshape", "x", shape=[ref("size_0"), -1, ref("size_-1")]),
        ],
        Reshape(target_shape=(-1, 3)),
    ),
    (
        "two multiplied",
        [
            operation("shape", SHAPE, "x"),
            size(1),
            size(2),
            operation("many", "math.multiply", "size_1", y=ref("size_2")),
            operation("end", "reshape", "x", shape=[-1, ref("many"), 3]),
        ],
        Reshape(target_shape=(48, 3)),
    ),
    (
        "as often as rows",
        [
            operation("shape", SHAPE, "x"),
            size(1),
            operation("end", "tile", "x", multiples=[1, ref("size_1"), 1, 1]),
        ],
        Tile(repeats=(8, 1, 1)),
    ),
]


@pytest.mark.parametrize(("entries", "layer"), [r[1:] for r in MODELS], ids=[r[0] for r in MODELS])
def test_a_size_is_the_number_that_the_shapes_before_say(
    entries: list[Entry], layer: Layer
) -> None:
    network = read_model_config(model(*entries))
    assert network.by_name["end"].layer == layer
    assert [node.name for node in network.nodes] == ["x", "end"]


def test_an_open_size_may_be_the_one_that_follows_from_the_others() -> None:
    entries = MODELS[3][1]
    network = read_model_config(model(*entries, sizes=(None, None, 3)))
    assert network.by_name["end"].layer == Reshape(target_shape=(-1, 3))


HUGE = [
    operation("shape", SHAPE, "x"),
    size(1),
    *(
        operation(f"m{n}", "math.multiply", f"m{n - 1}" if n else "size_1", y=2**20)
        for n in range(4)
    ),
    operation("end", "tile", "x", multiples=[1, ref("m3"), 1, 1]),
]
DOUBLED = [
    operation("shape", SHAPE, "x"),
    operation("c0", "concat", ["shape", "shape"]),
    *(operation(f"c{n}", "concat", [f"c{n - 1}"] * 50) for n in range(1, 19)),
    operation("end", "reshape", "x", shape=ref("c18")),
]
ROUND = [
    operation("shape", SHAPE, "x"),
    operation("a", "math.multiply", "shape", y=ref("b")),
    operation("b", "math.multiply", "a", y=2),
    operation("end", "tile", "x", multiples=[1, ref("b"), 1, 1]),
]
REFUSED: list[tuple[str, Any]] = [
    ("an open size", model(*MODELS[0][1], sizes=(None, None, 3))),
    (
        "the batch repeated",
        model(
            operation("shape", SHAPE, "x"),
            size(0),
            operation("end", "tile", "x", multiples=[ref("size_0"), 1, 1, 1]),
        ),
    ),
    (
        "the batch doubled",
        model(
            operation("shape", SHAPE, "x"),
            size(0),
            operation("twice", "math.multiply", "size_0", y=2),
            operation("end", "reshape", "x", shape=[ref("twice"), -1]),
        ),
    ),
    ("no such size", model(*MODELS[0][1][:1], size(9), operation("end", "tile", "x", multiples=[1, ref("size_9"), 1, 1]))),
    ("a size too large", model(*HUGE)),
    ("lists of lists", model(*DOUBLED)),
    ("sizes of each other", model(*ROUND)),
    (
        "a size as a byte",
        model(
            operation("shape", SHAPE, "x"),
            size(1),
            operation("byte", "cast", "size_1", dtype="uint8"),
            operation("end", "tile", "x", multiples=[1, ref("byte"), 1, 1]),
            sizes=(300, 6, 3),
        ),
    ),
    ("a size computed with", model(*MODELS[0][1][:1], size(1), operation("end", "math.exp", "size_1"))),
]  # fmt: skip


@pytest.mark.parametrize("document", [r[1] for r in REFUSED], ids=[r[0] for r in REFUSED])
def test_a_size_that_nobody_knows_before_is_refused_at_once(document: Any) -> None:
    begin = time.perf_counter()
    with pytest.raises(RefusedError) as caught:
        read_model_config(document)
    assert caught.value.code == "call-argument"
    assert time.perf_counter() - begin < 2


def test_an_operation_without_calls_beside_sizes_is_refused_in_words() -> None:
    bare = operation("end", "math.exp", "x")
    del bare["inbound_nodes"]
    with pytest.raises(ModelFileError, match="no call"):
        read_model_config(model(operation("shape", SHAPE, "x"), bare))


def test_a_model_that_is_only_looked_at_keeps_what_is_not_known() -> None:
    network = read_model_config(REFUSED[0][1], keep_unknown=True)
    assert network.by_name["end"].layer == Unknown(class_name="TFOpLambda")
