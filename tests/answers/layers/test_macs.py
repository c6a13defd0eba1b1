"""Multiply-accumulates against a loop that does the convolution and counts what it multiplies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from math import ceil, prod
from typing import Any, Literal

import numpy as np
import pytest

from answers.errors import InputError
from answers.layers.activation import Activation, ReLU, Softmax
from answers.layers.base import Layer, Shape
from answers.layers.catalogue import LAYERS
from answers.layers.convolution import Conv2D, Conv2DTranspose, DepthwiseConv2D, SeparableConv2D
from answers.layers.core import Dense, Flatten
from answers.layers.locally_connected import LocallyConnected1D, LocallyConnected2D
from answers.layers.merging import Add, Dot
from answers.layers.normalization import BatchNormalization
from answers.layers.pooling import AdaptiveMaxPooling2D, GlobalAveragePooling2D, MaxPooling2D
from answers.layers.resampling import UpSampling2D
from answers.layers.scaling import LayerScale

Pair = tuple[int, int]
Mode = Literal["valid", "same"]
KERNELS: list[Pair] = [(1, 1), (2, 3), (3, 3)]
SIZES: list[Pair] = [(7, 7), (6, 9)]
STEPS: list[tuple[Pair, Pair]] = [((1, 1), (1, 1)), ((2, 2), (1, 1)), ((1, 1), (2, 3))]
MODES: list[Mode] = ["valid", "same"]


@dataclass
class Counter:
    """A multiplier that counts how often it is used."""

    used: int = 0

    def __call__(self, a: float, b: float) -> float:
        self.used += 1
        return a * b


def starts(n: int, k: int, s: int, d: int, padding: Mode) -> Iterator[int]:
    """Where the window begins along one axis, walked until it leaves the padded axis."""
    reach = (k - 1) * d + 1
    total = max((ceil(n / s) - 1) * s + reach - n, 0) if padding == "same" else 0
    start = -(total // 2)
    while start + reach <= n + total - total // 2:
        yield start
        start += s


def windows(
    size: Pair, kernel: Pair, strides: Pair, dilation: Pair, padding: Mode
) -> list[list[Pair]]:
    """For each output position the input positions that the kernel's taps lie on."""
    axes = [
        list(starts(*axis, padding)) for axis in zip(size, kernel, strides, dilation, strict=True)
    ]
    taps = list(product(range(kernel[0]), range(kernel[1])))
    return [
        [(y + i * dilation[0], x + j * dilation[1]) for i, j in taps] for y, x in product(*axes)
    ]


def pixel(image: np.ndarray, place: Pair, channel: int) -> float:
    inside = all(0 <= at < n for at, n in zip(place, image.shape, strict=False))
    return float(image[(*place, channel)]) if inside else 0.0


def convolve(image: np.ndarray, layer: Conv2D, times: Counter) -> int:
    """The loop of a grouped convolution; returns how many positions came out."""
    per_group = image.shape[2] // layer.groups
    filters_per_group = layer.filters // layer.groups
    places = windows(
        image.shape[:2], layer.kernel_size, layer.strides, layer.dilation_rate, layer.padding
    )
    for taps, filter_ in product(places, range(layer.filters)):
        first = filter_ // filters_per_group * per_group
        for place, channel in product(taps, range(first, first + per_group)):
            times(pixel(image, place, channel), 1.0)
    return len(places)


def depthwise(image: np.ndarray, layer: DepthwiseConv2D | SeparableConv2D, times: Counter) -> int:
    places = windows(
        image.shape[:2], layer.kernel_size, layer.strides, layer.dilation_rate, layer.padding
    )
    channels = range(image.shape[2] * layer.depth_multiplier)
    for taps, channel in product(places, channels):
        for place in taps:
            times(pixel(image, place, channel // layer.depth_multiplier), 1.0)
    return len(places)


def image(size: Pair, channels: int) -> np.ndarray:
    return np.ones((*size, channels))


CONVOLUTIONS = [
    (size, kernel, strides, dilation, padding, groups)
    for size, kernel, (strides, dilation), padding in product(SIZES, KERNELS, STEPS, MODES)
    for groups in (1, 2)
]


@pytest.mark.parametrize(
    ("size", "kernel", "strides", "dilation", "padding", "groups"), CONVOLUTIONS
)
def test_a_convolution_multiplies_as_often_as_its_loop(
    size: Pair, kernel: Pair, strides: Pair, dilation: Pair, padding: Mode, groups: int
) -> None:
    layer = Conv2D(
        filters=6,
        kernel_size=kernel,
        strides=strides,
        dilation_rate=dilation,
        padding=padding,
        groups=groups,
    )
    times = Counter()
    count = convolve(image(size, 4), layer, times)
    assert layer.macs((*size, 4)) == times.used
    assert count == prod(n or 0 for n in layer.output_shape((*size, 4))[:2])


@pytest.mark.parametrize(
    ("size", "kernel", "strides", "dilation", "padding", "groups"), CONVOLUTIONS
)
def test_depthwise_and_separable_convolutions_multiply_as_often_as_their_loops(
    size: Pair, kernel: Pair, strides: Pair, dilation: Pair, padding: Mode, groups: int
) -> None:
    window: Any = {"kernel_size": kernel, "strides": strides, "dilation_rate": dilation}
    one = DepthwiseConv2D(padding=padding, depth_multiplier=groups, **window)
    times = Counter()
    depthwise(image(size, 3), one, times)
    assert one.macs((*size, 3)) == times.used

    both = SeparableConv2D(filters=5, padding=padding, depth_multiplier=groups, **window)
    times = Counter()
    positions = depthwise(image(size, 3), both, times)
    for _ in range(positions * 3 * groups * 5):
        times(1.0, 1.0)
    assert both.macs((*size, 3)) == times.used


@pytest.mark.parametrize("padding", MODES)
@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("strides", [(1, 1), (2, 2), (3, 2)])
def test_a_transposed_convolution_multiplies_once_for_each_input_position_and_tap(
    kernel: Pair, strides: Pair, padding: Mode
) -> None:
    layer = Conv2DTranspose(filters=5, kernel_size=kernel, strides=strides, padding=padding)
    times = Counter()
    for _position in product(range(4), range(3)):
        for _tap in product(range(kernel[0]), range(kernel[1])):
            for _pair in product(range(2), range(5)):
                times(1.0, 1.0)
    assert layer.macs((4, 3, 2)) == times.used


@pytest.mark.parametrize("shape", [(7,), (3, 7), (2, 3, 7)])
def test_a_dense_layer_multiplies_a_matrix_at_each_position(shape: tuple[int, ...]) -> None:
    kernel, given = np.ones((7, 4)), np.ones(shape)
    times = Counter()
    for place in product(*(range(n) for n in shape[:-1])):
        for i, j in product(range(7), range(4)):
            times(given[(*place, i)], kernel[i, j])
    assert Dense(units=4).macs(shape) == times.used


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("strides", [(1, 1), (2, 3)])
def test_a_locally_connected_layer_multiplies_as_often_as_its_loop(
    kernel: Pair, strides: Pair
) -> None:
    layer = LocallyConnected2D(filters=3, kernel_size=kernel, strides=strides)
    given = np.ones((7, 6, 2))
    own: dict[Pair, np.ndarray] = {}  # a kernel for each window, by its first position
    times = Counter()
    for taps in windows((7, 6), kernel, strides, (1, 1), "valid"):
        weights = own.setdefault(taps[0], np.ones((len(taps), 2, 3)))
        for (tap, place), channel, filter_ in product(enumerate(taps), range(2), range(3)):
            times(pixel(given, place, channel), weights[tap, channel, filter_])
    assert layer.macs((7, 6, 2)) == times.used
    assert layer.weights((7, 6, 2))[0].size == sum(weights.size for weights in own.values())


@pytest.mark.parametrize("rank", [1, 3])
def test_a_convolution_of_another_rank_multiplies_as_often_as_its_loop(rank: int) -> None:
    size, kernel, strides = (7, 6, 5)[:rank], (3, 2, 2)[:rank], (2, 1, 3)[:rank]
    axes = [[*starts(*axis, 1, "same")] for axis in zip(size, kernel, strides, strict=True)]
    times = Counter()
    for _position in product(*axes):
        for _tap in product(*map(range, kernel)):
            for _pair in product(range(2), range(4)):
                times(1.0, 1.0)
    settings: Any = {"kernel_size": kernel, "strides": strides, "padding": "same"}
    assert LAYERS[f"Conv{rank}D"](**settings | {"filters": 4}).macs((*size, 2)) == times.used


@pytest.mark.parametrize(
    ("shapes", "axes"),
    [(((5,), (5,)), (0, 0)), (((3, 5), (4, 5)), (1, 1)), (((3, 5), (3, 4, 2)), (0, 0))],
)
def test_a_dot_product_multiplies_as_often_as_its_loop(
    shapes: tuple[tuple[int, ...], ...], axes: Pair
) -> None:
    times = Counter()
    for first, second in product(*(np.ndindex(*shape) for shape in shapes)):
        if first[axes[0]] == second[axes[1]]:
            times(1.0, 1.0)
    with_batch = (axes[0] + 1, axes[1] + 1)
    assert Dot(axes=with_batch).macs(*shapes) == times.used


FREE: list[tuple[Layer, tuple[Shape, ...]]] = [
    (BatchNormalization(), ((8, 8, 3),)),
    (ReLU(), ((8, 8, 3),)),
    (Softmax(), ((10,),)),
    (Activation(activation="gelu"), ((10,),)),
    (MaxPooling2D(), ((8, 8, 3),)),
    (GlobalAveragePooling2D(), ((8, 8, 3),)),
    (UpSampling2D(interpolation="bilinear"), ((8, 8, 3),)),
    (Flatten(), ((8, 8, 3),)),
    (Add(), ((8, 8, 3), (8, 8, 3))),
    *((LAYERS[kind](), ((4, 4, 3), (4, 4, 3))) for kind in ("Multiply", "Average", "Maximum")),
    *((LAYERS[kind](), ((4, 4, 3),)) for kind in ("PReLU", "Normalization", "Cropping2D", "ELU")),
    (LayerScale(init_values=0.1, projection_dim=3), ((4, 4, 3),)),
    (AdaptiveMaxPooling2D(output_size=(2, 2)), ((4, 4, 3),)),
]


@pytest.mark.parametrize(("layer", "inputs"), FREE, ids=lambda value: getattr(value, "kind", ""))
def test_what_our_convention_does_not_count_costs_nothing(
    layer: Layer, inputs: tuple[Shape, ...]
) -> None:
    assert layer.macs(*inputs) == 0


@pytest.mark.parametrize("bias", [True, False])
def test_a_bias_is_not_counted(*, bias: bool) -> None:
    assert Dense(units=10, use_bias=bias).macs((128,)) == 1_280
    assert Conv2D(filters=16, kernel_size=(3, 3), use_bias=bias).macs((5, 5, 3)) == 9 * 27 * 16


OPEN: list[tuple[Layer, Shape]] = [
    (Conv2D(filters=1, kernel_size=(3, 3)), (None, 8, 3)),
    (Conv2DTranspose(filters=1, kernel_size=(3, 3)), (8, None, 3)),
    (DepthwiseConv2D(kernel_size=(3, 3)), (None, None, 3)),
    (SeparableConv2D(filters=1, kernel_size=(3, 3)), (None, None, 3)),
    (Dense(units=1), (None, 8, 3)),
    (LocallyConnected1D(filters=1, kernel_size=(3,)), (None, 3)),
]


@pytest.mark.parametrize(("layer", "shape"), OPEN, ids=lambda value: getattr(value, "kind", ""))
def test_the_cost_of_an_open_size_is_not_known(layer: Layer, shape: Shape) -> None:
    with pytest.raises(InputError, match=r"[on](_\w)? is left open, but it is needed here"):
        layer.macs(shape)
