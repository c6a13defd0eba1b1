"""The homework's layers, number by number: the first table that must hold."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from answers.layers.base import Layer, Shape
from answers.layers.convolution import Conv2D, Conv2DTranspose
from answers.layers.core import Dense, Flatten
from answers.layers.normalization import BatchNormalization
from answers.layers.pooling import MaxPooling2D


@dataclass(frozen=True)
class Case:
    name: str
    layer: Layer
    input: Shape
    output: Shape
    parameters: int
    macs: int


def conv(filters: int) -> Conv2D:
    return Conv2D(filters=filters, kernel_size=(3, 3), padding="same", activation="relu")


def up(filters: int, *, bias: bool = False) -> Conv2DTranspose:
    return Conv2DTranspose(
        filters=filters, kernel_size=(3, 3), strides=(2, 2), padding="same", use_bias=bias
    )


POOL = MaxPooling2D()
NORM = BatchNormalization()
CASES = [
    Case("conv 3 → 16", conv(16), (32, 32, 3), (32, 32, 16), 448, 442_368),
    Case("pool 1", POOL, (32, 32, 16), (16, 16, 16), 0, 0),
    Case("conv 16 → 32", conv(32), (16, 16, 16), (16, 16, 32), 4_640, 1_179_648),
    Case("pool 2", POOL, (16, 16, 32), (8, 8, 32), 0, 0),
    Case("conv 32 → 64", conv(64), (8, 8, 32), (8, 8, 64), 18_496, 1_179_648),
    Case("pool 3", POOL, (8, 8, 64), (4, 4, 64), 0, 0),
    Case("flatten", Flatten(), (4, 4, 64), (1024,), 0, 0),
    Case("dense 128", Dense(units=128, activation="relu"), (1024,), (128,), 131_200, 131_072),
    Case("dense 10", Dense(units=10), (128,), (10,), 1_290, 1_280),
    Case("up 320 → 512", up(512), (4, 4, 320), (8, 8, 512), 1_474_560, 23_592_960),
    Case("norm 512", NORM, (8, 8, 512), (8, 8, 512), 2_048, 0),
    Case("up 1088 → 256", up(256), (8, 8, 1088), (16, 16, 256), 2_506_752, 160_432_128),
    Case("norm 256", NORM, (16, 16, 256), (16, 16, 256), 1_024, 0),
    Case("up 448 → 128", up(128), (16, 16, 448), (32, 32, 128), 516_096, 132_120_576),
    Case("norm 128", NORM, (32, 32, 128), (32, 32, 128), 512, 0),
    Case("up 272 → 64", up(64), (32, 32, 272), (64, 64, 64), 156_672, 160_432_128),
    Case("norm 64", NORM, (64, 64, 64), (64, 64, 64), 256, 0),
    Case("head", up(1, bias=True), (64, 64, 160), (128, 128, 1), 1_441, 5_898_240),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_layer_of_the_homework_has_its_known_numbers(case: Case) -> None:
    assert case.layer.output_shape(case.input) == case.output
    assert sum(weight.size for weight in case.layer.weights(case.input)) == case.parameters
    assert case.layer.macs(case.input) == case.macs


def test_the_cnn_has_156_074_parameters_and_2_934_016_multiply_accumulates() -> None:
    assert sum(case.parameters for case in CASES[:9]) == 156_074
    assert sum(case.macs for case in CASES[:9]) == 2_934_016


def test_the_decoder_costs_482_476_032_multiply_accumulates() -> None:
    assert sum(case.macs for case in CASES[9:]) == 482_476_032


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_the_head_has_1_440_weights_and_a_bias_for_each_channel(channels: int) -> None:
    weights = up(channels, bias=True).weights((64, 64, 160))
    assert sum(weight.size for weight in weights) == 9 * 160 * channels + channels


@pytest.mark.parametrize("n", [5, 6, 8, 12, 32])
def test_two_valid_convolutions_have_5_088_parameters_at_every_size(n: int) -> None:
    first, second = (Conv2D(filters=f, kernel_size=(3, 3)) for f in (16, 32))
    middle = first.output_shape((n, n, 3))
    weights = (*first.weights((n, n, 3)), *second.weights(middle))
    assert sum(weight.size for weight in weights) == 5_088
    assert second.output_shape(middle) == (n - 4, n - 4, 32)
    macs = first.macs((n, n, 3)) + second.macs(middle)
    assert macs == 432 * (n - 2) ** 2 + 4_608 * (n - 4) ** 2
