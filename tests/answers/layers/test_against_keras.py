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
from keras_oracle import needs_keras_of_today

from answers.errors import InputError
from answers.layers import (
    activation,
    convolution,
    core,
    locally_connected,
    merging,
    pooling,
    preprocessing,
    resampling,
    scaling,
    unknown,
)
from answers.layers.activation import ELU, Activation, LeakyReLU, PReLU, ReLU, Softmax
from answers.layers.base import Layer, Shape
from answers.layers.catalogue import LAYERS
from answers.layers.convolution import (
    Conv1D,
    Conv1DTranspose,
    Conv2D,
    Conv2DTranspose,
    Conv3D,
    Conv3DTranspose,
    DepthwiseConv1D,
    DepthwiseConv2D,
    SeparableConv1D,
    SeparableConv2D,
)
from answers.layers.core import (
    Dense,
    Flatten,
    Identity,
    Masking,
    Permute,
    RepeatVector,
    Reshape,
    SpatialDropout1D,
    SpatialDropout2D,
    SpatialDropout3D,
    TrainingOnly,
)
from answers.layers.fields import schema
from answers.layers.merging import Concatenate, Dot, Elementwise
from answers.layers.normalization import BatchNormalization
from answers.layers.preprocessing import Normalization, RandomCrop, Rescaling
from answers.layers.resampling import (
    CenterCrop,
    Resizing,
    UpSampling1D,
    UpSampling2D,
    UpSampling3D,
)

pytestmark = pytest.mark.slow

Made = tuple[type[Layer], dict[str, Any], tuple[Shape, ...]]
SIZES: list[Shape] = [(7, 9), (8, 5), (13, None)]
KERNELS = [(1, 1), (3, 3), (2, 5), (4, 3)]
STRIDES = [(1, 1), (2, 2), (3, 2)]
DILATIONS = [(1, 1), (2, 1), (2, 3)]
PADDINGS = ["valid", "same"]
LONG: Shape = (13, 7, 8)  # its first sizes serve for one, two and three axes
ROOMS = (activation, convolution, core, locally_connected, merging, pooling, preprocessing)
OURS = sorted(
    {
        record
        for room in (*ROOMS, resampling, scaling, unknown)
        for record in LAYERS.values()
        if record.__module__ == room.__name__
    },
    key=lambda kind: kind.__name__,
)
# What Keras 3 keeps elsewhere, or has no more, or what takes another form in our house.
NOT_IN_KERAS = {
    "CustomScaleLayer",
    "InputLayer",
    "LayerScale",
    "LocallyConnected1D",
    "LocallyConnected2D",
    "ThresholdedReLU",
    "Unknown",
}


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


def other_ranks() -> Iterator[Made]:
    steps = [(1, 1), (2, 1), (1, 2), (2, 2)]
    for kernel, (stride, dilation), padding in product((1, 2, 3), steps, (*PADDINGS, "causal")):
        window: dict[str, Any] = {
            "kernel_size": kernel,
            "strides": stride,
            "dilation_rate": dilation,
        }
        window |= {"padding": padding}
        if padding != "causal":
            yield DepthwiseConv1D, window, ((13, 4),)
            yield Conv3D, window | {"filters": 4}, ((*LONG, 2),)
            for extra in (None, 0, 1):
                grown = window | {"filters": 3, "output_padding": extra}
                yield Conv1DTranspose, grown, ((7, 2),)
                yield Conv3DTranspose, grown, ((4, 5, 3, 2),)
            # Keras 2 has a causal one, Keras 3 refuses it
            yield SeparableConv1D, window | {"filters": 3}, ((13, 4),)
        yield Conv1D, window | {"filters": 4, "groups": 2}, ((13, 4),)
        yield Conv1D, window | {"filters": 4, "groups": 2}, ((None, 4),)


def pool(kind: str, rank: int) -> type[Layer]:
    return LAYERS[f"{kind}{rank}D"]


def poolings() -> Iterator[Made]:
    choices = product(SIZES, [(2, 2), (3, 1), (2, 4)], [None, *STRIDES], PADDINGS)
    for size, window, strides, padding in choices:
        settings = {"pool_size": window, "strides": strides, "padding": padding}
        for name in ("MaxPooling", "AveragePooling"):
            yield pool(name, 2), settings, ((*size, 3),)
    for rank, width, stride, padding in product((1, 3), (1, 2, 5), (None, 1, 3), PADDINGS):
        wide: dict[str, Any] = {"pool_size": width, "strides": stride, "padding": padding}
        for name in ("MaxPooling", "AveragePooling"):
            yield pool(name, rank), wide, ((*LONG[:rank], 3),)
            yield pool(name, rank), wide, ((4, *LONG[1:rank], 3),)
    for rank, given in product((1, 2, 3), range(4)):
        shape = (*LONG[:given], 3)
        for name, keep in product(("GlobalAveragePooling", "GlobalMaxPooling"), (True, False)):
            yield pool(name, rank), {"keepdims": keep}, (shape,)
            if rank == given == 1:
                first = {"keepdims": keep, "data_format": "channels_first"}
                yield pool(name, rank), first, (shape,)
        for name, cells in product(("AdaptiveAveragePooling", "AdaptiveMaxPooling"), (1, 3, 9)):
            if rank == given:  # Keras looks at the rank only when it computes
                yield pool(name, rank), {"output_size": cells}, (shape,)


def grids() -> Iterator[Made]:
    for size in SIZES:
        shape = ((*size, 3),)
        for factor, way in product([(1, 1), (2, 3), (4, 2)], ["nearest", "bilinear", "bicubic"]):
            yield UpSampling2D, {"size": factor, "interpolation": way}, shape
        yield Resizing, {"height": 5, "width": 17}, shape
        yield CenterCrop, {"height": 5, "width": 17}, shape
        yield RandomCrop, {"height": 5, "width": 17}, shape
    for times in (1, 2, 3):
        yield UpSampling1D, {"size": times}, ((5, 3),)
        yield UpSampling3D, {"size": times}, ((5, 4, None, 3),)
        yield UpSampling3D, {"size": (times, 1, 2)}, ((5, 4, 2, 3),)
    every: list[tuple[int, Any]] = [(1, (2, 1)), (1, 0), (1, 4)]
    every += [(2, ((0, 0), (0, 0))), (2, ((1, 2), (3, 0))), (2, (1, 3)), (2, 4), (2, ((5, 3), 1))]
    every += [(3, 1), (3, (1, 2, 3)), (3, ((1, 0), (2, 2), (0, 7)))]
    for rank, sides in every:
        for shapes in (((*LONG[:rank], 3),), ((*(8, 5, None)[:rank], 3),), ((4, 4),)):
            if rank != 2 or sides != ((5, 3), 1):  # Keras writes both numbers of each side
                yield LAYERS[f"ZeroPadding{rank}D"], {"padding": sides}, shapes
                yield LAYERS[f"Cropping{rank}D"], {"cropping": sides}, shapes


def reshapes() -> Iterator[Made]:
    targets = [(24,), (-1,), (2, 12), (2, -1, 3), (4, 3, 2), (-1, 7), (5, 5), (1, 24, 1), (-1, 24)]
    for shape, target in product([(4, 6), (24,), (2, 3, 4), (3, 3)], targets):
        yield Reshape, {"target_shape": target}, (shape,)
    flattened: list[Shape] = [(4, 6), (24,), (2, 3, 4), (None, 4), (1, 1, 1)]
    for given in flattened:
        yield Flatten, {}, (given,)
        yield RepeatVector, {"n": 3}, (given,)
        for dims in [(1,), (2, 1), (1, 2, 3), (3, 1, 2), (1, 3, 2), (1, 1), (0, 1), (2, 3)]:
            yield Permute, {"dims": dims}, (given,)


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
    ((4, 6, 2), (6, 2)),
    ((2,), (4, 6, 2)),
    ((4, 6, 2), (1,), (6, 1)),
]
DOTTED: list[tuple[Shape, ...]] = [
    ((5,), (5,)),
    ((5,), (6,)),
    ((3, 5), (5,)),
    ((5,), (3, 5)),
    ((3, 5), (4, 5)),
    ((3, 5), (5, 3)),
    ((2, 3, 5), (4, 5)),
    ((2, 5, 3), (4, 5, 2)),
]
ELEMENTWISE = [
    kind for kind in OURS if issubclass(kind, Elementwise) and kind.__name__ not in NOT_IN_KERAS
]


def joins() -> Iterator[Made]:
    for shapes in JOINED:
        for axis in range(-3, 4):
            if axis not in (0, -len(shapes[0]) - 1):  # Keras joins batches; we refuse that
                yield Concatenate, {"axis": axis}, shapes
        for kind in ELEMENTWISE:
            yield kind, {}, shapes
    for shapes, axes in product(DOTTED, [1, 2, -1, (1, 2), (2, 1), (1, 1), (-1, 1), (3, 2)]):
        yield Dot, {"axes": axes}, shapes


def others() -> Iterator[Made]:
    shapes: list[Shape] = [(5,), (4, 5), (4, 6, 5), (3, 4, 6, 5), (None, 5)]
    for shape in shapes:
        yield Dense, {"units": 3}, (shape,)
        yield Dense, {"units": 3, "use_bias": False}, (shape,)
        for kind in (ReLU, LeakyReLU, Softmax, ELU, PReLU, Identity, Masking):
            yield kind, {}, (shape,)
        for axes in ([1], [2], [1, 2], [2, 3], [1, 2, 3]):
            if max(axes) <= len(shape):
                yield PReLU, {"shared_axes": axes}, (shape,)
                yield PReLU, {"shared_axes": axes[0]}, (shape,)
        for dropout in (SpatialDropout1D, SpatialDropout2D, SpatialDropout3D):
            yield dropout, {"rate": 0.25}, (shape,)
        for name in FUNCTIONS:
            yield Activation, {"activation": name}, (shape,)
    yield Rescaling, {"scale": 0.5, "offset": -1.0}, ((4, 6, 3),)
    for axis, center, scale in product((1, 2, 3, -1, -3), (True, False), (True, False)):
        settings = {"axis": axis, "center": center, "scale": scale}
        yield BatchNormalization, settings, ((4, 6, 3),)


FUNCTIONS = [
    name
    for name in schema(Activation)["activation"].__args__[0].__args__
    # of glu Keras says another shape than it computes; the other one is Keras 2's
    if name not in ("glu", "hard_sigmoid_keras2")
]


def normalisations() -> Iterator[Made]:
    for axes in (-1, 1, 3, (1, 2), (-1, 1), (), (1, 2, 3), 4):
        yield Normalization, {"axis": axes}, ((4, 6, 3),)
        yield Normalization, {"axis": axes}, ((4, None, 3),)
    for given in (0.5, (0.5,), (0.5, 0.25, 0.125), (0.5, 0.25)):
        yield Normalization, {"mean": given, "variance": given}, ((4, 6, 3),)
    yield Normalization, {"mean": 0.5}, ((4, 6, 3),)
    yield Normalization, {"mean": (0.5,), "variance": 1.0}, ((4, 6, 3),)


def training_only() -> Iterator[Made]:
    for kind in OURS:
        if issubclass(kind, TrainingOnly) and "SpatialDropout" not in kind.__name__:
            yield kind, {}, ((6, 6, 3),)


GROUPS = [
    convolutions,
    transposed,
    other_ranks,
    poolings,
    grids,
    reshapes,
    joins,
    others,
    normalisations,
    training_only,
]


def keras_facts(made: Made) -> tuple[Shape, list[tuple[str, Shape, bool]]] | None:
    """Output shape and weights as Keras says, None where Keras refuses."""
    import keras
    import tensorflow as tf

    kind, settings, shapes = made
    if issubclass(kind, TrainingOnly) and not settings:
        settings = needed(getattr(keras.layers, kind.__name__))
    try:
        layer = getattr(keras.layers, kind.__name__)(**settings)
        inputs = [keras.Input(shape) for shape in shapes]
        output = layer(inputs if len(inputs) > 1 else inputs[0])
    except (ValueError, TypeError, IndexError, tf.errors.InvalidArgumentError):
        return None
    weights = [(w.name, tuple(w.shape), w.trainable) for w in layer.weights]
    return tuple(output.shape[1:]), weights


def needed(layer: Any) -> dict[str, Any]:
    """A value for each argument without a default: a rate, or the amount of a random change."""
    arguments = inspect.signature(layer.__init__).parameters.values()
    names = [
        p.name for p in arguments if p.default is p.empty and p.kind is p.POSITIONAL_OR_KEYWORD
    ]
    return dict.fromkeys(names[1:], 1 if layer.__name__ == "RandomPosterization" else 0.25)


def our_facts(made: Made) -> tuple[Shape, list[tuple[str, Shape, bool]]] | None:
    kind, settings, shapes = made
    try:
        layer = kind(**settings)
        shape, weights = layer.output_shape(*shapes), layer.weights(*shapes)
    except InputError:
        return None
    return shape, [(weight.name, weight.shape, weight.trainable) for weight in weights]


@needs_keras_of_today
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
    assert len(facts) > 2_800
    assert facts.count(None) > 600
    made = {made[0] for group in GROUPS for made in group()}
    assert {kind.__name__ for kind in set(OURS) - made} == NOT_IN_KERAS


def arguments(layer: Any) -> set[str]:
    makers = [base.__dict__["__init__"] for base in layer.__mro__ if "__init__" in base.__dict__]
    return {name for make in makers for name in inspect.signature(make).parameters}


@pytest.mark.parametrize(
    "record",
    [kind for kind in OURS if kind.__name__ not in NOT_IN_KERAS],
    ids=lambda k: k.__name__,
)
def test_the_fields_of_every_record_are_arguments_of_the_keras_layer(record: type[Layer]) -> None:
    import keras

    known = arguments(getattr(keras.layers, record.__name__))
    assert {field.name for field in fields(record)} <= known


@pytest.mark.parametrize(
    "record",
    [kind for kind in OURS if issubclass(kind, TrainingOnly)],
    ids=lambda kind: kind.__name__,
)
def test_what_acts_in_training_only_changes_nothing_at_prediction(record: type[Layer]) -> None:
    import keras
    import numpy as np

    rank = int(record.__name__[-2]) if record.__name__.startswith("Spatial") else 2
    pictures = np.random.default_rng(1).random((2, *(6,) * rank, 3), "float32")
    made = getattr(keras.layers, record.__name__)
    layer = made(**needed(made))
    assert np.array_equal(np.asarray(layer(pictures, training=False)), pictures)


def test_glu_halves_the_channels_whatever_keras_says_of_its_shape() -> None:
    import keras
    import numpy as np

    pictures = np.ones((2, 4, 6), "float32")
    for ours, theirs in (
        (Activation(activation="glu"), keras.layers.Activation("glu")),
        (Dense(units=6, activation="glu"), keras.layers.Dense(6, activation="glu")),
        (
            Conv1D(filters=6, kernel_size=(1,), activation="glu"),
            keras.layers.Conv1D(6, 1, activation="glu"),
        ),
        (
            DepthwiseConv1D(kernel_size=(1,), activation="glu"),
            keras.layers.DepthwiseConv1D(1, activation="glu"),
        ),
        (
            SeparableConv1D(filters=6, kernel_size=(1,), activation="glu"),
            keras.layers.SeparableConv1D(6, 1, activation="glu"),
        ),
        (
            Conv1DTranspose(filters=6, kernel_size=(1,), activation="glu"),
            keras.layers.Conv1DTranspose(6, 1, activation="glu"),
        ),
    ):
        assert ours.output_shape((4, 6)) == tuple(theirs(pictures).shape[1:]) == (4, 3)


@pytest.mark.parametrize("shape", [(3,), (4, 3), (4, 6, 3)])
def test_the_layers_of_ready_made_networks_have_the_weights_that_they_have_there(
    shape: Shape,
) -> None:
    import keras
    from keras.src.applications.convnext import LayerScale as TheirScale
    from keras.src.applications.inception_resnet_v2 import CustomScaleLayer as TheirSum

    theirs = TheirScale(init_values=1e-6, projection_dim=3)
    out = theirs(keras.Input(shape))
    ours = scaling.LayerScale(init_values=1e-6, projection_dim=3)
    assert ours.output_shape(shape) == tuple(out.shape[1:])
    assert [w.shape for w in ours.weights(shape)] == [tuple(w.shape) for w in theirs.weights]
    both = TheirSum(0.5)([keras.Input(shape), keras.Input(shape)])
    assert scaling.CustomScaleLayer(scale=0.5).output_shape(shape, shape) == tuple(both.shape[1:])
