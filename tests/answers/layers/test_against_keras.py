"""Shapes and weights of hundreds of layers against real Keras, which builds each symbolically.

A record names its arguments as Keras does, so the Keras layer is made from the record's fields.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import fields
from itertools import product
from typing import Any

import pytest

from answers.errors import InputError
from answers.layers.activation import LeakyReLU, ReLU, Softmax
from answers.layers.base import Layer, Shape
from answers.layers.catalogue import LAYERS
from answers.layers.convolution import Conv2D, Conv2DTranspose, DepthwiseConv2D, SeparableConv2D
from answers.layers.core import Dense, Dropout, Flatten, Reshape
from answers.layers.merging import Add, Concatenate
from answers.layers.normalization import BatchNormalization
from answers.layers.pooling import (
    AveragePooling2D,
    GlobalAveragePooling2D,
    GlobalMaxPooling2D,
    MaxPooling2D,
)
from answers.layers.preprocessing import Rescaling
from answers.layers.resampling import Resizing, UpSampling2D, ZeroPadding2D

pytestmark = pytest.mark.slow

Made = tuple[type[Layer], dict[str, Any], tuple[Shape, ...]]
SIZES: list[Shape] = [(7, 9), (8, 5), (13, None)]
KERNELS = [(1, 1), (3, 3), (2, 5), (4, 3)]
STRIDES = [(1, 1), (2, 2), (3, 2)]
DILATIONS = [(1, 1), (2, 1), (2, 3)]
PADDINGS = ["valid", "same"]


def windows() -> Iterator[tuple[Shape, dict[str, Any]]]:
    for size, kernel, strides, dilation, padding in product(
        SIZES, KERNELS, STRIDES, DILATIONS, PADDINGS
    ):
        yield (
            size,
            {
                "kernel_size": kernel,
                "strides": strides,
                "dilation_rate": dilation,
                "padding": padding,
                "use_bias": kernel != (3, 3),
            },
        )


def convolutions() -> Iterator[Made]:
    for number, (size, window) in enumerate(windows()):
        shape = ((*size, 4),)
        groups = (1, 2, 4, 3)[number % 4]
        yield Conv2D, window | {"filters": 8, "groups": groups}, shape
        yield DepthwiseConv2D, window | {"depth_multiplier": 1 + number % 3}, shape
        many = {"filters": 5, "depth_multiplier": 1 + number % 2}
        yield SeparableConv2D, window | many, shape


def transposed() -> Iterator[Made]:
    for size, window in windows():
        for extra in (None, (0, 0), (1, 1), (2, 0)):
            yield Conv2DTranspose, window | {"filters": 3, "output_padding": extra}, ((*size, 2),)


def poolings() -> Iterator[Made]:
    choices = product(SIZES, [(2, 2), (3, 1), (2, 4)], [None, *STRIDES], PADDINGS)
    for size, pool, strides, padding in choices:
        settings = {"pool_size": pool, "strides": strides, "padding": padding}
        for kind in (MaxPooling2D, AveragePooling2D):
            yield kind, settings, ((*size, 3),)
    for whole, keep in product((GlobalAveragePooling2D, GlobalMaxPooling2D), (True, False)):
        yield whole, {"keepdims": keep}, ((7, 9, 3),)


def grids() -> Iterator[Made]:
    for size in SIZES:
        shape = ((*size, 3),)
        for sides in (((0, 0), (0, 0)), ((1, 2), (3, 0)), ((0, 1), (0, 1))):
            yield ZeroPadding2D, {"padding": sides}, shape
        for factor, way in product([(1, 1), (2, 3), (4, 2)], ["nearest", "bilinear", "bicubic"]):
            yield UpSampling2D, {"size": factor, "interpolation": way}, shape
        yield Resizing, {"height": 5, "width": 17}, shape


def reshapes() -> Iterator[Made]:
    targets = [(24,), (-1,), (2, 12), (2, -1, 3), (4, 3, 2), (-1, 7), (5, 5), (1, 24, 1), (-1, 24)]
    for shape, target in product([(4, 6), (24,), (2, 3, 4), (3, 3)], targets):
        yield Reshape, {"target_shape": target}, (shape,)
    flattened: list[Shape] = [(4, 6), (24,), (2, 3, 4), (None, 4), (1, 1, 1)]
    for given in flattened:
        yield Flatten, {}, (given,)


JOINED: list[tuple[Shape, ...]] = [
    ((4, 6, 2), (4, 6, 2)),
    ((4, 6, 2), (4, 6, 5)),
    ((4, 6, 2), (3, 6, 2)),
    ((4, 6, 2), (4, 5, 2), (4, 1, 2)),
    ((4, 6, 1), (4, 6, 2)),
    ((1, 6, 2), (4, 1, 2)),
    ((1, 1, 2), (4, 6, 2), (4, 1, 1)),
    ((2, 6, 2), (4, 6, 2)),
    ((5,), (5,)),
    ((5,), (1,)),
    ((5,), (3,)),
    ((4, 6), (4, 6, 2)),
]


def joins() -> Iterator[Made]:
    for shapes in JOINED:
        for axis in range(-3, 4):
            if axis not in (0, -len(shapes[0]) - 1):  # Keras joins batches; we refuse that
                yield Concatenate, {"axis": axis}, shapes
        if len({len(shape) for shape in shapes}) == 1:  # Keras adds other ranks; we refuse them
            yield Add, {}, shapes


def others() -> Iterator[Made]:
    shapes: list[Shape] = [(5,), (4, 5), (4, 6, 5), (None, 5)]
    for shape in shapes:
        yield Dense, {"units": 3}, (shape,)
        yield Dense, {"units": 3, "use_bias": False}, (shape,)
        for kind in (ReLU, LeakyReLU, Softmax):
            yield kind, {}, (shape,)
        yield Dropout, {"rate": 0.25}, (shape,)
    yield Rescaling, {"scale": 0.5, "offset": -1.0}, ((4, 6, 3),)
    for axis, center, scale in product((1, 2, 3, -1, -3), (True, False), (True, False)):
        settings = {"axis": axis, "center": center, "scale": scale}
        yield BatchNormalization, settings, ((4, 6, 3),)


GROUPS = [convolutions, transposed, poolings, grids, reshapes, joins, others]


def keras_facts(made: Made) -> tuple[Shape, list[tuple[str, Shape, bool]]] | None:
    """Output shape and weights as Keras says, None where Keras refuses."""
    import keras

    kind, settings, shapes = made
    try:
        layer = getattr(keras.layers, kind.__name__)(**settings)
        inputs = [keras.Input(shape) for shape in shapes]
        output = layer(inputs if len(inputs) > 1 else inputs[0])
    except (ValueError, TypeError, IndexError):
        return None
    weights = [(w.name, tuple(w.shape), w.trainable) for w in layer.weights]
    return tuple(output.shape[1:]), weights


def our_facts(made: Made) -> tuple[Shape, list[tuple[str, Shape, bool]]] | None:
    kind, settings, shapes = made
    try:
        layer = kind(**settings)
        shape, weights = layer.output_shape(*shapes), layer.weights(*shapes)
    except InputError:
        return None
    return shape, [(weight.name, weight.shape, weight.trainable) for weight in weights]


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.__name__)
def test_shapes_weights_and_refusals_are_those_of_keras(group: Any) -> None:
    wrong = [
        (made, ours, theirs)
        for made in group()
        if (ours := our_facts(made)) != (theirs := keras_facts(made))
    ]
    assert wrong == []


def test_the_grid_holds_many_layers_that_work_and_some_that_do_not() -> None:
    facts = [our_facts(made) for group in GROUPS for made in group()]
    assert len(facts) > 1_500
    assert facts.count(None) > 300
    assert {made[0].__name__ for group in GROUPS for made in group()} | {
        "Activation",
        "InputLayer",
        "RandomContrast",
        "RandomFlip",
        "RandomRotation",
        "RandomTranslation",
        "RandomZoom",
    } == set(LAYERS)


def test_the_fields_of_every_record_are_arguments_of_the_keras_layer() -> None:
    import keras

    for name, record in LAYERS.items():
        if name == "InputLayer":  # its shape has no batch axis in our house
            continue
        layer = getattr(keras.layers, name)
        makers = [
            base.__dict__["__init__"] for base in layer.__mro__ if "__init__" in base.__dict__
        ]
        known = {name for make in makers for name in inspect.signature(make).parameters}
        assert {field.name for field in fields(record)} <= known, name
