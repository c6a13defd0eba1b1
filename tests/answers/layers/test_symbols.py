"""Symbols in place of sizes: what comes out, with numbers put in, is what the numbers give."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from answers.errors import InputError
from answers.expressions.expression import evaluate
from answers.layers.base import Layer, Shape, possible
from answers.layers.catalogue import LAYERS
from answers.layers.merging import Add, Concatenate
from answers.layers.pooling import MaxPooling2D
from answers.layers.resampling import UpSampling2D

h, w, c, f = (sympy.Symbol(name, integer=True, positive=True) for name in "hwcf")
WINDOWS: dict[str, Any] = {"kernel_size": (3, 2), "strides": (2, 1)}


def make(kind: str, **settings: Any) -> Layer:
    return LAYERS[kind](**settings)


# A layer with symbols, and the symbolic shapes of its inputs.
CASES: list[tuple[Layer, tuple[Shape, ...]]] = [
    (make("Conv2D", filters=f, **WINDOWS), ((h, w, c),)),
    (make("Conv2D", filters=f, padding="same", **WINDOWS), ((h, w, c),)),
    (make("Conv3D", filters=f, kernel_size=2), ((h, w, h, c),)),
    (make("DepthwiseConv2D", kernel_size=3, depth_multiplier=2), ((h, w, c),)),
    (make("SeparableConv1D", filters=f, kernel_size=3), ((h, c),)),
    (make("Conv2DTranspose", filters=f, kernel_size=3, strides=2, padding="same"), ((h, w, c),)),
    (make("LocallyConnected1D", filters=f, kernel_size=3), ((h, c),)),
    (make("LocallyConnected2D", filters=f, **WINDOWS), ((h, w, c),)),
    (make("LocallyConnected2D", filters=f, implementation=2, **WINDOWS), ((h, w, c),)),
    (make("LocallyConnected2D", filters=f, implementation=3, **WINDOWS), ((h, w, c),)),
    (make("Dense", units=f), ((c,),)),
    (make("Dense", units=f), ((h, w, c),)),
    (make("Flatten"), ((h, w, c),)),
    (make("Reshape", target_shape=(-1, w)), ((h, w, c),)),
    (make("Reshape", target_shape=(w, h, c)), ((h, w, c),)),
    (make("Permute", dims=(3, 1, 2)), ((h, w, c),)),
    (make("RepeatVector", n=f), ((c,),)),
    (make("MaxPooling2D", pool_size=(2, 3), strides=(1, 2)), ((h, w, c),)),
    (make("AveragePooling1D", padding="same"), ((h, c),)),
    (make("GlobalAveragePooling3D"), ((h, w, h, c),)),
    (make("AdaptiveMaxPooling2D", output_size=f), ((h, w, c),)),
    (make("ZeroPadding2D", padding=((1, f), (0, 2))), ((h, w, c),)),
    (make("Cropping2D", cropping=((1, 0), (1, 1))), ((h, w, c),)),
    (make("UpSampling2D", size=f), ((h, w, c),)),
    (make("UpSampling1D", size=3), ((h, c),)),
    (make("Resizing", height=f, width=w), ((h, w, c),)),
    (make("PReLU"), ((h, w, c),)),
    (make("PReLU", shared_axes=(1, 2)), ((h, w, c),)),
    (make("Normalization"), ((h, w, c),)),
    (make("LayerScale", init_values=0.5, projection_dim=c), ((h, w, c),)),
    (make("Add"), ((h, w, c), (h, w, c), (1, 1, c))),
    (make("Concatenate"), ((h, w, c), (h, w, f))),
    (make("Concatenate", axis=1), ((h, w, c), (f, w, c))),
    (make("Dot", axes=2), ((h, c), (w, c))),
    (make("Softmax", axis=(1, 2)), ((h, w, c),)),
]


def put_in(value: Any, numbers: dict[Any, int]) -> Any:
    if isinstance(value, tuple):
        return tuple(put_in(item, numbers) for item in value)
    if isinstance(value, sympy.Expr):
        made = value.subs(numbers)
        assert made.is_Integer, made
        return int(made)
    return value


def with_numbers(layer: Layer, numbers: dict[Any, int]) -> Layer:
    values = {field.name: put_in(getattr(layer, field.name), numbers) for field in fields(layer)}
    return replace(layer, **values)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0].kind)
@given(sizes=st.tuples(*(st.integers(4, 20) for _ in range(4))))
def test_symbols_replaced_afterwards_give_what_the_numbers_give(
    case: tuple[Layer, tuple[Shape, ...]], sizes: tuple[int, ...]
) -> None:
    numbers = dict(zip((h, w, c, f), sizes, strict=True))
    layer, shapes = case
    known, given_shapes = with_numbers(layer, numbers), put_in(shapes, numbers)
    assert put_in(layer.output_shape(*shapes), numbers) == known.output_shape(*given_shapes)
    symbolic, numeric = layer.weights(*shapes), known.weights(*given_shapes)
    assert [put_in(weight.shape, numbers) for weight in symbolic] == [w.shape for w in numeric]
    assert put_in(layer.macs(*shapes), numbers) == known.macs(*given_shapes)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0].kind)
def test_the_formula_of_a_weight_counts_the_numbers_that_it_holds(
    case: tuple[Layer, tuple[Shape, ...]],
) -> None:
    layer, shapes = case
    letters = layer.letters(*shapes)
    for weight in layer.weights(*shapes):
        assert weight.count is not None, weight.name
        assert sympy.expand(evaluate(weight.count, letters) - weight.size) == 0


def test_a_sum_of_sizes_that_are_equal_for_some_numbers_only_is_refused() -> None:
    with pytest.raises(InputError, match="can't be joined") as caught:
        Add().output_shape((h, w, c), (h - 2, w - 2, c))
    assert "whatever the symbols stand for" in caught.value.hint


def test_sizes_that_are_written_in_two_ways_are_equal() -> None:
    assert Add().output_shape((h * (h + 1), c), (h**2 + h, c))[0] == h * (h + 1)


def test_a_skip_over_two_poolings_fits_where_the_size_is_a_multiple_of_four() -> None:
    shape: Shape = (4 * h, 4 * w, c)
    down = MaxPooling2D().output_shape(MaxPooling2D().output_shape(shape))
    up = UpSampling2D().output_shape(UpSampling2D().output_shape(down))
    assert Concatenate().output_shape(shape, up) == (4 * h, 4 * w, 2 * c)


def test_a_crop_of_more_than_the_size_is_refused_only_where_it_is_sure() -> None:
    layer = make("Cropping1D", cropping=(3, 3))
    assert layer.output_shape((h, c)) == (h - 6, c)
    with pytest.raises(InputError, match=r"takes 3 \+ 3 positions away from an axis of 6"):
        layer.output_shape((6, c))


def test_a_number_that_is_too_large_is_seen_beside_letters() -> None:
    with pytest.raises(InputError, match="The output is too large"):
        possible((h * 2**70, 3))
    assert possible((h, 2**20)) == (h, 2**20)
