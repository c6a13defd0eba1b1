"""Locally connected layers: the homework's numbers, and the three forms that Keras 2 stores."""

from __future__ import annotations

from itertools import product
from math import prod
from typing import Any

import pytest
import sympy
from corpus import load_json

from answers.errors import InputError
from answers.expressions.expression import evaluate
from answers.layers.base import Layer, Shape
from answers.layers.locally_connected import LocallyConnected1D, LocallyConnected2D

FACTS: dict[str, Any] = (load_json("reference/homework-facts.json") or {}).get(
    "two_locally_connected", {"tf_keras_2_12_count_params": {}}
)
n = sympy.Symbol("n", integer=True, positive=True)
FIRST = LocallyConnected2D(filters=16, kernel_size=(3, 3))
SECOND = LocallyConnected2D(filters=32, kernel_size=(3, 3))


def counted(layer: Layer, shape: Shape) -> Any:
    return sum(weight.size for weight in layer.weights(shape))


@pytest.mark.corpus
@pytest.mark.parametrize(("size", "params"), FACTS["tf_keras_2_12_count_params"].items())
def test_the_homeworks_layers_have_the_parameters_that_keras_counts(
    size: str, params: list[int]
) -> None:
    shape: Shape = (int(size), int(size), 3)
    assert [counted(FIRST, shape), counted(SECOND, FIRST.output_shape(shape))] == params


@pytest.mark.corpus
@pytest.mark.parametrize(("layer", "key"), [(FIRST, "layer1"), (SECOND, "layer2")])
def test_the_homeworks_layers_have_the_formula_of_the_homework(layer: Layer, key: str) -> None:
    shape: Shape = (n, n, 3) if layer is FIRST else FIRST.output_shape((n, n, 3))
    formula = FACTS[f"params_{key}"].split(" = ")
    # a text of our own reference table, not of a person
    merged = sympy.sympify(formula[-1], locals={"n": n})
    assert sympy.expand(counted(layer, shape) - merged) == 0


def test_the_formula_of_each_weight_keeps_taps_filters_and_positions_apart() -> None:
    kernel, bias = FIRST.weights((n, n, 3))
    letters = FIRST.letters((n, n, 3))
    for weight, groups in ((kernel, [27, 16, (n - 2) ** 2]), (bias, [16, (n - 2) ** 2])):
        assert weight.count is not None
        factors: Any = weight.count.factors  # type: ignore[attr-defined]  # a product
        values = [evaluate(factor, letters) for factor in factors]
        assert [sympy.expand(a - b) for a, b in zip(values, groups, strict=True)] == [0] * len(
            groups
        )


def test_its_multiplications_are_those_of_the_convolution() -> None:
    assert sympy.expand(FIRST.macs((n, n, 3)) - 432 * (n - 2) ** 2) == 0


CASES = [
    (size, kernel, strides, padding)
    for size, kernel, strides, padding in product(
        [(5, 4), (7, 7)], [(1, 1), (2, 3), (3, 3), (4, 2)], [(1, 1), (2, 3)], ["valid", "same"]
    )
]


def windows(size: int, kernel: int, stride: int, padding: str) -> list[range]:
    """The input positions of each window, as tf.keras's conv_connected_inputs walks them."""
    out = -(-size // stride) if padding == "same" else (size - kernel) // stride + 1
    found = []
    for position in range(out):
        start = position * stride - (kernel // 2 if padding == "same" else 0)
        found.append(range(max(0, start), min(size, start + kernel)))
    return found


@pytest.mark.parametrize(("size", "kernel", "strides", "padding"), CASES)
def test_implementation_3_keeps_a_number_for_each_connected_pair(
    size: tuple[int, int], kernel: tuple[int, int], strides: tuple[int, int], padding: Any
) -> None:
    layer = LocallyConnected2D(
        filters=3, kernel_size=kernel, strides=strides, padding=padding, implementation=3
    )
    axes = [windows(*axis, padding) for axis in zip(size, kernel, strides, strict=True)]
    pairs = sum(len(rows) * len(columns) for rows, columns in product(*axes)) * 2 * 3
    kept, bias = layer.weights((*size, 2))
    assert kept.shape == (pairs,)
    assert bias.shape == (*(len(axis) for axis in axes), 3)
    assert layer.output_shape((*size, 2)) == bias.shape


def test_implementation_1_keeps_a_matrix_for_each_position() -> None:
    layer = LocallyConnected2D(filters=4, kernel_size=(3, 2), strides=(2, 1))
    assert [weight.shape for weight in layer.weights((7, 6, 5))] == [(15, 30, 4), (3, 5, 4)]
    along = LocallyConnected1D(filters=4, kernel_size=(3,), use_bias=False)
    assert [weight.shape for weight in along.weights((7, 5))] == [(5, 15, 4)]


def test_implementation_2_keeps_every_pair_used_or_not() -> None:
    layer = LocallyConnected2D(filters=4, kernel_size=(3, 3), padding="same", implementation=2)
    weights = layer.weights((7, 7, 4))
    assert [weight.shape for weight in weights] == [(7, 7, 4, 7, 7, 4), (7, 7, 4)]
    assert sum(prod(weight.shape) for weight in weights) == 38_612  # what Keras counts
    along = LocallyConnected1D(filters=2, kernel_size=(3,), implementation=2)
    assert along.weights((8, 3))[0].shape == (8, 3, 6, 2)


def test_an_absurd_size_is_counted_without_walking_along_it() -> None:
    layer = LocallyConnected1D(filters=1, kernel_size=(3,), padding="same", implementation=3)
    assert layer.weights((10**15, 1))[0].shape == (3 * 10**15 - 2,)


ERRORS: list[tuple[str, Any, str, str]] = [
    ("same", {"padding": "same"}, "config-value", "padding 'same' with implementation 1"),
    ("form", {"implementation": 4}, "config-value", "must be 1, 2 or 3, but it is 4"),
    ("kernel", {"kernel_size": 9}, "window-too-large", "reaches over 9 does not fit"),
]


@pytest.mark.parametrize(("name", "settings", "code", "words"), ERRORS, ids=[c[0] for c in ERRORS])
def test_what_keras_2_refuses_is_refused(name: str, settings: Any, code: str, words: str) -> None:
    with pytest.raises(InputError, match=words) as caught:
        LocallyConnected2D(**({"filters": 1, "kernel_size": 3} | settings)).weights((7, 7, 1))
    assert caught.value.code == code, name


def test_pairs_at_the_border_can_not_be_counted_with_symbols() -> None:
    layer = LocallyConnected1D(filters=1, kernel_size=(3,), padding="same", implementation=3)
    with pytest.raises(InputError, match="can't be said with symbols"):
        layer.weights((n, 1))
