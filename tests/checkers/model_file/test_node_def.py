"""Operations of TensorFlow 1.15 to 2.3: what a NodeDef says, and what is refused of it.

Whole files of TensorFlow 2.1, with what it predicted, are in test_old_models.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from answers.errors import CompanionError, ModelFileError, RefusedError
from answers.layers.activation import Activation, Softmax
from answers.layers.arithmetic import Arithmetic, GetItem, MathFunction, Reduction
from answers.layers.base import Layer
from answers.layers.core import Identity, Permute, Reshape
from answers.layers.merging import Concatenate
from answers.layers.resampling import ZeroPadding2D
from answers.layers.tensor_operations import Comparison, Matmul, Stack, Tile
from checkers.model_file.operations import read_operation

A, B = ["a", 0, 0, {}], ["b", 0, 0, {}]


def entry(node: Any, constants: Any, *tensors: list[Any]) -> dict[str, Any]:
    config = {"name": "op", "trainable": True, "node_def": node, "constants": constants}
    return {"class_name": "TensorFlowOpLayer", "config": config, "inbound_nodes": [list(tensors)]}


def op(word: str, **attributes: Any) -> dict[str, Any]:
    return {"name": "x", "op": word, "attr": attributes}


CASES: list[tuple[str, dict[str, Any], Layer]] = [
    ("x / 2", entry(op("RealDiv"), {"1": 2.0}, A), Arithmetic(operation="divide", number=2.0)),
    (
        "1 - x",
        entry(op("Sub"), {"0": 1.0}, A),
        Arithmetic(operation="subtract", number=1.0, number_first=True),
    ),
    ("a + b", entry(op("AddV2"), {}, A, B), Arithmetic(operation="add")),
    (
        "x + (1, 2, 3)",
        entry(op("BiasAdd", data_format={"s": "TkhXQw=="}), {"1": [1, 2, 3]}, A),
        Arithmetic(operation="add", number=(1.0, 2.0, 3.0)),
    ),
    (
        "mean of maps",
        entry(op("Mean", keep_dims={"b": True}), {"1": [1, 2]}, A),
        Reduction(operation="mean", axis=(1, 2), keepdims=True),
    ),
    ("concat", entry(op("ConcatV2"), {"2": -1}, A, B), Concatenate(axis=-1)),
    ("relu6", entry(op("Relu6"), {}, A), Activation(activation="relu6")),
    ("softmax", entry(op("Softmax"), {}, A), Softmax(axis=-1)),
    ("abs", entry(op("Abs"), {}, A), MathFunction(function="absolute")),
    ("cast", entry(op("Cast", DstT={"type": "DT_HALF"}), {}, A), Identity()),
    ("reshape", entry(op("Reshape"), {"1": [-1, 3, 2]}, A), Reshape(target_shape=(3, 2))),
    ("transpose", entry(op("Transpose"), {"1": [0, 2, 1]}, A), Permute(dims=(2, 1))),
    (
        "pad",
        entry(op("Pad"), {"1": [[0, 0], [1, 2], [3, 4], [0, 0]]}, A),
        ZeroPadding2D(padding=((1, 2), (3, 4))),
    ),
    (
        "x[:, 1:-1, ::2, 0]",
        entry(
            op(
                "StridedSlice",
                begin_mask={"i": "5"},
                end_mask={"i": "5"},
                shrink_axis_mask={"i": "8"},
            ),
            {"1": [0, 1, 0, 0], "2": [0, -1, 0, 1], "3": [1, 1, 2, 1]},
            A,
        ),
        GetItem(parts=(":", "1:-1", "::2", "0")),
    ),
    (
        "x[..., newaxis]",
        entry(
            op("StridedSlice", ellipsis_mask={"i": "1"}, new_axis_mask={"i": "2"}),
            {"1": [0, 0], "2": [0, 0], "3": [1, 1]},
            A,
        ),
        GetItem(parts=("...", "new")),
    ),
    ("matmul", entry(op("BatchMatMulV2", adj_y={"b": True}), {}, A, B), Matmul(transpose_b=True)),
    ("stack", entry(op("Pack", axis={"i": "1"}, N={"i": "2"}), {}, A, B), Stack(axis=1)),
    ("tile", entry(op("Tile"), {"1": [1, 2, 1]}, A), Tile(repeats=(2, 1))),
    ("reverse", entry(op("ReverseV2"), {"1": [1]}, A), GetItem(parts=(":", "::-1", "..."))),
    ("greater", entry(op("Greater"), {"1": 0.5}, A), Comparison(number=0.5)),
    ("as a text", entry(json.dumps(op("Neg")), {}, A), MathFunction(function="negative")),
]


@pytest.mark.parametrize(("given", "layer"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_a_node_says_what_it_computes_and_on_what(given: dict[str, Any], layer: Layer) -> None:
    read, calls = read_operation(given)
    assert read == layer
    assert calls == (tuple((t[0], 0, 0) for t in given["inbound_nodes"][0]),)


@pytest.mark.parametrize(
    ("given", "kind", "says"),
    [
        (entry(op("PyFunc"), {}, A), RefusedError, "operation 'PyFunc' on tensors"),
        (
            entry(op("Sub", data_format={"s": "TkNIVw=="}), {"1": 1}, A),
            RefusedError,
            "channels first",
        ),
        (entry(op("Cast", DstT={"type": "DT_INT32"}), {}, A), RefusedError, "dtype = 'DT_INT32'"),
        (entry(op("Cast", DstT={"type": "DT_COMPLEX64"}), {}, A), RefusedError, "DT_COMPLEX64"),
        (entry(op("Sub"), {"5": 1.0}, A), ModelFileError, "have no place"),
        (entry(op("Sub"), {}, A, B, A), RefusedError, "called on 3 things"),
        (entry(op("Sub"), {"1": "x"}, A), RefusedError, "y = 'x'"),
        (entry(op("StridedSlice"), {"1": [0], "2": [1]}, A, B), RefusedError, "are computed"),
        (
            entry(op("StridedSlice"), {"1": [0], "2": [1], "3": [1]}, A),
            RefusedError,
            "the pictures",
        ),
        (entry(op("Pack"), {}, A, B), RefusedError, "would mix the pictures"),
        (entry("[1, 2", {}, A), ModelFileError, "JSON"),
        (entry(7, {}, A), ModelFileError, "no NodeDef"),
    ],
    ids=[
        "unknown",
        "rows",
        "whole",
        "complex",
        "place",
        "three",
        "text",
        "computed",
        "batch",
        "stack",
        "cut off",
        "number",
    ],
)
def test_what_has_no_meaning_here_is_refused(
    given: dict[str, Any], kind: type[CompanionError], says: str
) -> None:
    with pytest.raises(kind, match=says):
        read_operation(given)
