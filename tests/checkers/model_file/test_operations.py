"""Arithmetic on tensors, as Keras 2 and Keras 3 write it into a graph."""

from __future__ import annotations

from typing import Any

import pytest

from answers.errors import CompanionError, InputError, ModelFileError, RefusedError
from answers.layers.activation import Activation, ReLU, Softmax
from answers.layers.arithmetic import Arithmetic, GetItem, MathFunction, Reduction
from answers.layers.base import Layer, Shape
from answers.layers.core import Identity, Permute, Reshape
from answers.layers.merging import Concatenate
from answers.layers.resampling import Resizing, ZeroPadding2D
from answers.layers.tensor_operations import (
    Clip,
    Comparison,
    Einsum,
    Matmul,
    MoveAxis,
    Part,
    Repeat,
    Stack,
    Tile,
    UnitLength,
    Where,
)
from answers.layers.unknown import Unknown
from checkers.model_file.graph_config import read_model_config
from checkers.model_file.operations import is_operation, read_operation

X = {"class_name": "__keras_tensor__", "config": {"keras_history": ["x", 0, 0]}}
Y = {"class_name": "__keras_tensor__", "config": {"keras_history": ["y", 0, 0]}}
ELLIPSIS = {"class_name": "__ellipsis__", "config": {}}
VECTOR = {"class_name": "__tensor__", "config": {"value": [1.0, 2.0], "dtype": "float32"}}


def cut(start: Any, stop: Any, step: Any = None) -> dict[str, Any]:
    return {"class_name": "__slice__", "config": {"start": start, "stop": stop, "step": step}}


def keras3(kind: str, *args: Any, config: Any = None, **kwargs: Any) -> dict[str, Any]:
    return {
        "module": "keras.src.ops.numpy",
        "class_name": kind,
        "config": config or {},
        "inbound_nodes": [{"args": list(args), "kwargs": kwargs}],
    }


def keras2(function: str, first: Any = ("x", 0, 0), **arguments: Any) -> dict[str, Any]:
    call = [*first, arguments] if isinstance(first, tuple) else [[*f, arguments] for f in first]
    return {
        "class_name": "TFOpLambda",
        "config": {"name": function, "function": function, "trainable": True, "dtype": "float32"},
        "inbound_nodes": [call],
    }


CASES: list[tuple[dict[str, Any], Layer, int]] = [
    (keras3("TrueDivide", X, 255.0), Arithmetic(operation="divide", number=255.0), 1),
    (keras3("Add", X, 3), Arithmetic(operation="add", number=3.0), 1),
    (
        keras3("Subtract", 1.0, X),
        Arithmetic(operation="subtract", number=1.0, number_first=True),
        1,
    ),
    (keras3("Multiply", X, Y), Arithmetic(operation="multiply"), 2),
    (keras3("Subtract", X, VECTOR), Arithmetic(operation="subtract", number=(1.0, 2.0)), 1),
    (keras3("Power", x1=X, x2=2), Arithmetic(operation="power", number=2.0), 1),
    (keras3("Absolute", X), MathFunction(function="absolute"), 1),
    (keras3("Relu", X), Activation(activation="relu"), 1),
    (keras3("Softmax", X, config={"axis": -1}), Softmax(axis=-1), 1),
    (keras3("Concatenate", [X, Y], config={"axis": 1}), Concatenate(axis=1), 2),
    (keras3("GetItem", X, [ELLIPSIS, cut(None, 2)]), GetItem(parts=("...", ":2")), 1),
    (
        keras3("GetItem", X, [cut(None, None), 0, None, cut(4, 1, -1)]),
        GetItem(parts=(":", "0", "new", "4:1:-1")),
        1,
    ),
    (
        keras3("Mean", X, config={"axis": [1, 2], "keepdims": False}),
        Reduction(operation="mean", axis=(1, 2)),
        1,
    ),
    (keras3("Cast", X, config={"dtype": "float16"}), Identity(), 1),
    (
        keras3("Resize", X, config={"size": [8, 6], "interpolation": "nearest"}),
        Resizing(height=8, width=6, interpolation="nearest"),
        1,
    ),
    (keras2("math.truediv", y=127.5, name=None), Arithmetic(operation="divide", number=127.5), 1),
    (
        keras2("math.subtract", ("_CONSTANT_VALUE", -1, 1.0), y=["x", 0, 0]),
        Arithmetic(operation="subtract", number=1.0, number_first=True),
        1,
    ),
    (keras2("__operators__.add", y=["y", 0, 0]), Arithmetic(operation="add"), 2),
    (
        keras2("nn.bias_add", bias=[-1.0, -2.0], data_format="channels_last"),
        Arithmetic(operation="add", number=(-1.0, -2.0)),
        1,
    ),
    (keras2("concat", [("x", 0, 0), ("y", 0, 0)], axis=-1), Concatenate(axis=-1), 2),
    (keras2("math.reduce_mean", axis=[1, 2]), Reduction(operation="mean", axis=(1, 2)), 1),
    (keras2("clip_by_value", clip_value_min=0, clip_value_max=6.0), ReLU(max_value=6.0), 1),
    (keras2("reshape", shape=[-1, 4, 2]), Reshape(target_shape=(4, 2)), 1),
    (keras2("compat.v1.transpose", perm=[0, 2, 1]), Permute(dims=(2, 1)), 1),
    (
        keras2("pad", paddings=[[0, 0], [1, 2], [3, 4], [0, 0]]),
        ZeroPadding2D(padding=((1, 2), (3, 4))),
        1,
    ),
    (keras2("cast", dtype="float32"), Identity(), 1),
    (keras2("expand_dims", axis=-1), GetItem(parts=("...", "new")), 1),
    (keras3("Squeeze", X, config={"axis": -1}), GetItem(parts=("...", "0")), 1),
    (keras3("Squeeze", X, config={"axis": [2]}), GetItem(parts=(":", ":", "0", "...")), 1),
    (keras2("squeeze", axis=[1]), GetItem(parts=(":", "0", "...")), 1),
    (keras3("Log1p", X), MathFunction(function="log1p"), 1),
    (keras3("Floor", X), MathFunction(function="floor"), 1),
    (keras3("Var", X, config={"axis": [1], "keepdims": True}),
     Reduction(operation="var", axis=(1,), keepdims=True), 1),
    (keras2("math.reduce_std", axis=[1]), Reduction(operation="std", axis=(1,)), 1),
    (keras2("split", num_or_size_splits=3, axis=-1), Part(axis=-1, sections=3), 1),
    (keras2("split", num_or_size_splits=[1, 4, 2], axis=1), Part(axis=1, sections=(1, 5)), 1),
    (keras2("unstack", num=4, axis=1), Part(axis=1, sections=None, keepdims=False), 1),
    (keras2("stack", [("x", 0, 0), ("y", 0, 0)], axis=1), Stack(axis=1), 2),
    (keras2("linalg.matmul", b=["y", 0, 0], transpose_b=True), Matmul(transpose_b=True), 2),
    (keras2("tile", multiples=[1, 2, 3]), Tile(repeats=(2, 3)), 1),
    (keras2("repeat", repeats=2, axis=1), Repeat(repeats=2, axis=1), 1),
    (keras2("reverse", axis=[1]), GetItem(parts=(":", "::-1", "...")), 1),
    (keras2("math.greater", y=0.5), Comparison(operation="greater", number=0.5), 1),
    (keras2("math.floormod", y=2), Arithmetic(operation="mod", number=2.0), 1),
    (keras2("clip_by_value", clip_value_min=-1.0, clip_value_max=1.0), Clip(low=-1, high=1), 1),
    (keras2("math.reduce_logsumexp", axis=-1), Reduction(operation="logsumexp", axis=(-1,)), 1),
]  # fmt: skip


@pytest.mark.parametrize(
    ("entry", "layer", "taken"), CASES, ids=[f"{n} {c[1].kind}" for n, c in enumerate(CASES)]
)
def test_an_operation_is_read_as_what_it_computes(
    entry: dict[str, Any], layer: Layer, taken: int
) -> None:
    assert is_operation(entry)
    found, calls = read_operation(entry)
    assert found == layer
    assert calls == ((("x", 0, 0), ("y", 0, 0))[:taken],)


REFUSED: list[tuple[str, dict[str, Any], type[CompanionError], str, str]] = [
    ("a function of Python", keras2("py_function", func="x"), RefusedError, "layer-not-allowed", "py_function"),
    ("a file", keras2("io.read_file"), RefusedError, "layer-not-allowed", "io.read_file"),
    ("another class", keras3("Custom", X), RefusedError, "layer-not-allowed", "'Custom'"),
    ("text for a number", keras3("Add", X, "os.system"), RefusedError, "call-argument", "os.system"),
    ("an unknown argument", keras2("nn.relu", run="ls"), RefusedError, "call-argument", "run"),
    ("no tensor", keras3("Relu", 3.0), RefusedError, "call-argument", "x = 3.0"),
    ("a cast to bytes", keras2("cast", dtype="uint8"), RefusedError, "call-argument", "uint8"),
    ("channels first", keras2("nn.bias_add", bias=1.0, data_format="NCHW"), RefusedError, "channels-first", "channels first"),
    ("the batch cut", keras3("GetItem", X, [0]), RefusedError, "batch-axis", "cuts the pictures"),
    ("the batch reduced", keras3("Transpose", X, config={"axes": [1, 0]}), RefusedError, "call-argument", "axes"),
    ("no call", {**keras3("Relu", X), "inbound_nodes": []}, ModelFileError, "json-structure", "no call"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("entry", "kind", "code", "words"),
    [row[1:] for row in REFUSED],
    ids=[row[0] for row in REFUSED],
)
def test_what_has_no_meaning_here_is_refused(
    entry: dict[str, Any], kind: type[CompanionError], code: str, words: str
) -> None:
    with pytest.raises(kind, match=words) as caught:
        read_operation(entry)
    assert caught.value.code == code


UNREAD: list[tuple[dict[str, Any], str]] = [
    (keras2("nn.relu", axis=0), "axis = 0"),
    (keras2("math.exp", axis=False), "axis = False"),
    (keras2("identity", mode="constant"), "mode = 'constant'"),
    (keras2("math.square", keepdims=False), "keepdims = False"),
    (keras2("compat.v1.gather", indices=[0], axis=1, batch_dims=1), "batch_dims = 1"),
    (keras3("Round", X, config={"decimals": 2}), "decimals = 2"),
    (keras3("Cumsum", X, config={"axis": 1, "dtype": "int32"}), "dtype = 'int32'"),
    (keras3("Prod", X, config={"axis": [1], "dtype": "int32"}), "dtype = 'int32'"),
    (keras2("one_hot", depth=3, dtype="uint8"), "dtype = 'uint8'"),
    (keras2("linalg.matmul", b=["y", 0, 0], a_is_sparse=True), "a_is_sparse = True"),
]


@pytest.mark.parametrize(("entry", "words"), UNREAD, ids=[row[1] for row in UNREAD])
def test_an_argument_that_no_reader_asks_for_is_refused_even_where_it_is_nothing(
    entry: dict[str, Any], words: str
) -> None:
    with pytest.raises(RefusedError, match=words):
        read_operation(entry)


NEUTRAL: list[dict[str, Any]] = [
    keras2("compat.v1.gather", indices=[0], axis=1, batch_dims=0),
    keras2("linalg.matmul", b=["y", 0, 0], a_is_sparse=False, b_is_sparse=False),
    keras2("compat.v1.transpose", perm=[0, 2, 1], conjugate=False),
    keras2("math.argmax", axis=-1, output_type="int64"),
    keras3("Round", X, config={"decimals": 0}),
    keras3("Cumsum", X, config={"axis": 1, "dtype": "float32"}),
    keras2("one_hot", depth=3, dtype="int32"),
]


@pytest.mark.parametrize("entry", NEUTRAL, ids=lambda entry: str(entry["class_name"]))
def test_an_argument_that_changes_nothing_may_stand_there(entry: dict[str, Any]) -> None:
    read_operation(entry)


@pytest.mark.parametrize("axis", [{}, {"axis": None}])
def test_a_length_of_all_numbers_of_a_batch_is_refused(axis: dict[str, Any]) -> None:
    """TensorFlow's l2_normalize takes no axis for all of them, Keras's normalize for the last."""
    with pytest.raises(RefusedError, match="axis = None"):
        read_operation(keras2("math.l2_normalize", **axis))
    assert read_operation(keras3("Normalize", X))[0] == UnitLength(epsilon=1e-7)


@pytest.mark.parametrize(("parts", "calls"), [(100, 100), (5_000, 1)])
def test_a_split_of_many_parts_counts_each_of_them_at_each_call(parts: int, calls: int) -> None:
    def taken(name: str, output: int) -> dict[str, Any]:
        return {"class_name": "__keras_tensor__", "config": {"keras_history": [name, 0, output]}}

    split = keras3("Split", config={"indices_or_sections": parts, "axis": -1})
    split |= {"name": "split", "inbound_nodes": [{"args": [taken("x", 0)], "kwargs": {}}] * calls}
    joined = keras3("Concatenate", [taken("split", n) for n in range(parts)], config={"axis": -1})
    given = {"class_name": "InputLayer", "config": {"batch_shape": [None, parts]}, "name": "x"}
    document = {
        "class_name": "Functional",
        "config": {
            "layers": [given, split, joined | {"name": "joined"}],
            "input_layers": [["x", 0, 0]],
            "output_layers": [["joined", 0, 0]],
        },
    }
    with pytest.raises(RefusedError, match=r"runs [0-9,]+ layers; the limit is"):
        read_model_config(document)


def test_a_layer_of_the_same_name_is_no_operation() -> None:
    settings = {"name": "add", "trainable": True, "dtype": "float32"}
    nodes = [{"args": [[X, Y]], "kwargs": {}}]
    entry = {"class_name": "Add", "config": settings, "inbound_nodes": nodes}
    assert not is_operation(entry)
    assert is_operation({**entry, "config": {"name": "add"}})


@pytest.mark.parametrize(
    "kind", ["Arithmetic", "GetItem", "MathFunction", "Part", "Reduction", "Where"]
)
def test_our_own_names_of_operations_are_no_layers_of_keras(kind: str) -> None:
    model = {
        "class_name": "Sequential",
        "config": [
            {"class_name": "InputLayer", "config": {"name": "x", "batch_shape": [None, 4]}},
            {"class_name": kind, "module": "keras.layers", "config": {"name": "own"}},
        ],
    }
    with pytest.raises(RefusedError, match=f"'{kind}' can't be graded"):
        read_model_config(model)


def test_an_operation_that_is_not_known_stays_in_a_network_that_is_looked_at() -> None:
    given = {"class_name": "InputLayer", "name": "x", "inbound_nodes": []}
    entry = {**keras2("image.sobel_edges"), "name": "edges"}
    model = {
        "class_name": "Functional",
        "config": {
            "layers": [{**given, "config": {"name": "x", "batch_shape": [None, 4]}}, entry],
            "input_layers": [["x", 0, 0]],
            "output_layers": [["edges", 0, 0]],
        },
    }
    network = read_model_config(model, keep_unknown=True)
    assert network.by_name["edges"].layer == Unknown(class_name="TFOpLambda")
    with pytest.raises(RefusedError, match=r"image\.sobel_edges"):
        read_model_config(model)


def resized(*, used: bool) -> dict[str, Any]:
    """A Resize of Keras 3.6, which does not write its size; its use may show it."""
    shape = [None, 6, 5, 3]
    t = {"class_name": "__keras_tensor__", "config": {"shape": shape, "keras_history": ["r", 0, 0]}}
    first = {"class_name": "InputLayer", "name": "x", "config": {"batch_shape": [None, 9, 9, 3]}}
    after = {"class_name": "Flatten", "name": "f", "config": {"trainable": True}}
    layers = [
        first | {"inbound_nodes": []},
        keras3("Resize", X) | {"name": "r"},
        after | {"inbound_nodes": [{"args": [t], "kwargs": {}}]},
    ]
    config = {"layers": layers[: 3 if used else 2], "input_layers": ["x", 0, 0]}
    end = ["f" if used else "r", 0, 0]
    return {"class_name": "Functional", "config": config | {"output_layers": end}}


def test_a_resize_without_a_size_has_that_of_the_tensor_it_made() -> None:
    network = read_model_config(resized(used=True))
    assert network.by_name["r"].layer == Resizing(height=6, width=5)


def test_a_resize_without_a_size_that_nothing_shows_is_refused() -> None:
    with pytest.raises(RefusedError, match="size = None, which can't be graded"):
        read_model_config(resized(used=False))


def test_the_mask_of_a_keras_model_is_refused_with_what_to_do() -> None:
    with pytest.raises(RefusedError, match="'Any' on tensors") as caught:
        read_operation(keras3("Any", X))
    assert "mask_zero" in caught.value.hint


SHAPES: list[tuple[Layer, tuple[Shape, ...], Shape]] = [
    (Arithmetic(number=1.0), ((4, 4, 3),), (4, 4, 3)),
    (Arithmetic(number=(1.0, 2.0, 3.0)), ((4, None, 3),), (4, None, 3)),
    (Arithmetic(), ((4, 4, 3), (1, 1, 3)), (4, 4, 3)),
    (GetItem(parts=("...", ":2")), ((4, 4, 3),), (4, 4, 2)),
    (GetItem(parts=("...", "::-1")), ((4, 4, 3),), (4, 4, 3)),
    (GetItem(parts=(":", "0")), ((4, 3),), (3,)),
    (GetItem(parts=(":", "new", "1:")), ((4, 3),), (1, 3, 3)),
    (Reduction(axis=(1, 2)), ((4, 4, 3),), (3,)),
    (Reduction(axis=(-1,), keepdims=True), ((4, 4, 3),), (4, 4, 1)),
    (Reduction(), ((4, 3),), ()),
    (Clip(low=-1, high=1), ((4, None),), (4, None)),
    (Comparison(number=0.5), ((4, 3),), (4, 3)),
    (Comparison(), ((4, 3), (1, 3)), (4, 3)),
    (Where(), ((4, 3), (4, 1), (1, 3)), (4, 3)),
    (Where(yes=1.0, no=0.0), ((4, 3),), (4, 3)),
    (UnitLength(axis=(1, 2)), ((4, 3),), (4, 3)),
    (Stack(axis=1), ((4, 3), (4, 3)), (2, 4, 3)),
    (Stack(axis=-2), ((4, 3), (4, 3), (4, 3)), (4, 3, 3)),
    (Part(axis=-1, sections=3, place=2), ((4, 6),), (4, 2)),
    (Part(axis=1, sections=(1, 3), place=2), ((4, 6),), (1, 6)),
    (Part(axis=1, sections=None, keepdims=False, place=3), ((4, 6),), (6,)),
    (Tile(repeats=(2, 3)), ((4, None),), (8, None)),
    (Repeat(repeats=3, axis=1), ((4, 6),), (12, 6)),
    (MoveAxis(source=-1, destination=1), ((4, 5, 6),), (6, 4, 5)),
    (MoveAxis(source=-1, destination=1, swap=True), ((4, 5, 6),), (6, 5, 4)),
    (Matmul(), ((4, 3), (3, 5)), (4, 5)),
    (Matmul(transpose_a=True, transpose_b=True), ((3, 4), (5, 3)), (4, 5)),
    (Matmul(), ((2, 4, None), (1, 3, 5)), (2, 4, 5)),
    (Einsum(subscripts="bij,bkj->bik"), ((4, 3), (5, 3)), (4, 5)),
]


@pytest.mark.parametrize(
    ("layer", "inputs", "shape"), SHAPES, ids=[repr(row[0])[:60] for row in SHAPES]
)
def test_the_shape_of_an_operation(layer: Layer, inputs: tuple[Shape, ...], shape: Shape) -> None:
    assert layer.output_shape(*inputs) == shape
    assert layer.weights(*inputs) == ()


MISFITS: list[tuple[Layer, tuple[Shape, ...], str]] = [
    (Arithmetic(), ((4, 4, 3), (3,)), "not as many axes"),
    (Arithmetic(number=(1.0, 2.0)), ((4, 4, 3),), "2 numbers, one a channel"),
    (GetItem(parts=("...", "5")), ((4, 3),), "no place 5"),
    (GetItem(parts=("...", "3:")), ((4, 3),), "Nothing of an axis of 3"),
    (GetItem(parts=(":", ":", ":", ":")), ((4, 3),), "more axes than 4x3"),
    (Reduction(axis=(0,)), ((4, 3),), "is the batch"),
    (Where(), ((4, 3), (4, 3)), "takes 3 inputs, not 2"),
    (Where(yes=0.0), ((4, 3), (3,)), "not as many axes"),
    (Stack(axis=1), ((4, 3), (4, 2)), "one shape, not 4x3, 4x2"),
    (Part(axis=1, sections=3), ((4, 3),), "can't be cut into 3 equal parts"),
    (Part(axis=1, sections=2, place=2), ((4, 3),), "has no part 2"),
    (Part(axis=1, sections=2), ((None, 3),), "axis that is cut is left open"),
    (Tile(repeats=(2,)), ((4, 3),), "takes 1 axes"),
    (Matmul(), ((4, 3), (4, 3)), "sums over 3 numbers of 4x3 and 4 of 4x3"),
    (Matmul(), ((4,), (4,)), "two at least"),
    (Einsum(subscripts="bij,bkj->bik"), ((4, 3), (5, 2)), "the axis j is 3 and 2"),
]


MACS: list[tuple[Layer, tuple[Shape, ...], int]] = [
    (Matmul(), ((4, 3), (3, 5)), 4 * 3 * 5),
    (Matmul(transpose_b=True), ((2, 4, 3), (1, 5, 3)), 2 * 4 * 3 * 5),
    (Einsum(subscripts="bij,bkj->bik"), ((4, 3), (5, 3)), 4 * 5 * 3),
    (Einsum(subscripts="bij->bji"), ((4, 3),), 0),
    (Einsum(subscripts="bi,bi,bi->b"), ((4,), (4,), (4,)), 2 * 4),
    (Stack(axis=1), ((4, 3), (4, 3)), 0),
]


@pytest.mark.parametrize(("layer", "inputs", "macs"), MACS, ids=[repr(r[0])[:60] for r in MACS])
def test_products_of_tensors_count_as_multiply_accumulates(
    layer: Layer, inputs: tuple[Shape, ...], macs: int
) -> None:
    assert layer.macs(*inputs) == macs


@pytest.mark.parametrize(("layer", "inputs", "words"), MISFITS, ids=[row[2] for row in MISFITS])
def test_an_operation_that_does_not_fit_says_so(
    layer: Layer, inputs: tuple[Shape, ...], words: str
) -> None:
    with pytest.raises(InputError, match=words):
        layer.output_shape(*inputs)
