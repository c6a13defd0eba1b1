"""Every slip of the table, by an example worked out by hand from the textbook's formula."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from layer_chain import chain, conv, entry, graph, node

from answers.layers.convolution import Conv2DTranspose, DepthwiseConv2D, SeparableConv2D
from answers.layers.core import Dense, Flatten
from answers.layers.embedding import Embedding
from answers.layers.locally_connected import LocallyConnected2D
from answers.layers.merging import Add, Concatenate
from answers.layers.normalization import BatchNormalization
from answers.layers.pooling import MaxPooling2D
from answers.layers.recurrent import GRU, LSTM
from answers.layers.resampling import ZeroPadding2D
from answers.layers.wrappers import Bidirectional
from answers.misconceptions.recognise import recognise
from answers.misconceptions.rule import coded
from answers.misconceptions.slip import Quantity, slips
from answers.network.graph import Network


@dataclass(frozen=True)
class Example:
    """right, wrong: by hand. alone: only one of several layers is wrong."""

    slip: str
    quantity: Quantity
    network: Network
    right: Any
    wrong: Any
    alone: bool = False


def local(filters: int) -> LocallyConnected2D:
    return LocallyConnected2D(filters=filters, kernel_size=(3, 3))


def up(kernel: int, padding: Any) -> Conv2DTranspose:
    return Conv2DTranspose(filters=8, kernel_size=(kernel, kernel), strides=(2, 2), padding=padding)


CONV = chain((16, 16, 16), conv(32))  # (3·3·16 + 1)·32 = 4,640, output 14x14
TWO = chain((8, 8, 3), conv(16), conv(32))  # 448 + 4,640
GROUPED = chain((16, 16, 16), conv(32, groups=4))
HALVED = chain((16, 16, 16), conv(32, groups=2))
DEPTHWISE = chain((16, 16, 16), DepthwiseConv2D(kernel_size=(3, 3)))
SEPARABLE = chain((16, 16, 16), SeparableConv2D(filters=32, kernel_size=(3, 3)))
LOCAL = chain((7, 7, 3), local(16))  # 5x5 positions
TWO_LOCAL = chain((8, 8, 3), local(16), local(32))  # 6x6 and 4x4 positions
FLAT = chain((4, 4, 64), Flatten(), Dense(units=10))
NORM = chain((8, 8, 16), BatchNormalization())
PICTURE = chain((32, 32, 3), conv(16))
STRIDED = chain((32, 32, 3), conv(16, strides=2))
PADDED = chain((32, 32, 3), conv(16, padding="same"))
POOL = chain((32, 32, 3), MaxPooling2D())
LSTM_8 = chain((5, 3), LSTM(units=8))
GRU_8 = chain((5, 3), GRU(units=8))
SHARED = graph(
    entry(8, 8, 4),
    node("shared", conv(4, 3, padding="same"), "in", "shared"),  # (3·3·4 + 1)·4 = 148
)
SHARED_MACS = 8 * 8 * 9 * 4 * 4


def joined(layer: Add | Concatenate) -> Network:
    return graph(
        entry(4, 4, 3),
        node("a", conv(8, 1), "in"),
        node("b", conv(8, 1), "in"),
        node("join", layer, "a b"),
        node("last", conv(10, 1), "join"),
    )


BRANCHES = graph(
    entry(16, 16, 3),
    node("a", conv(4, padding="same"), "in"),
    node("b", conv(4, padding="same"), "in"),
    node("c", conv(4, padding="same"), "b"),
    node("join", Concatenate(), "a c"),
)


def field(*layers: Any) -> Network:
    return chain((64, 64, 3), *layers)


EXAMPLES = [
    # biases
    Example("bias-forgotten", "parameters", CONV, 4640, 3 * 3 * 16 * 32),
    Example("bias-forgotten", "parameters", FLAT, 1024 * 10 + 10, 1024 * 10),
    Example("bias-forgotten", "parameters", TWO, 5088, 448 + 4608, alone=True),
    Example("bias-per-input-channel", "parameters", CONV, 4640, 4608 + 16),
    Example("bias-per-input-channel", "parameters", chain((9, 9, 3), up(3, "same")), 224, 216 + 3),
    Example("bias-once", "parameters", CONV, 4640, 4608 + 1),
    Example("bias-per-slice", "parameters", CONV, 4640, (3 * 3 + 1) * 16 * 32),
    Example("bias-per-position", "parameters", CONV, 4640, 4608 + 14 * 14 * 32),
    Example("bias-shared-over-positions", "parameters", LOCAL, 448 * 25, 27 * 16 * 25 + 16),
    Example("bias-added", "macs", CONV, 14 * 14 * 4608, 14 * 14 * (4608 + 32)),
    # kernels and channels
    Example("kernel-not-squared", "parameters", CONV, 4640, 3 * 16 * 32 + 32),
    Example("kernel-not-squared", "macs", CONV, 14 * 14 * 4608, 14 * 14 * 3 * 16 * 32),
    Example("kernel-sides-added", "parameters", CONV, 4640, (3 + 3) * 16 * 32 + 32),
    Example("input-channels-ignored", "parameters", CONV, 4640, 9 * 32 + 32),
    Example("picture-channels", "parameters", TWO, 5088, 448 + (27 + 1) * 32),
    Example("filters-ignored", "parameters", CONV, 4640, 9 * 16 + 1),
    Example("groups-ignored", "parameters", GROUPED, 9 * 4 * 32 + 32, 9 * 16 * 32 + 32),
    Example("groups-twice", "parameters", HALVED, 9 * 8 * 32 + 32, 9 * 8 * 16 + 32),
    Example("depthwise-as-full", "parameters", DEPTHWISE, 160, 9 * 16 * 16 + 16),
    Example("depthwise-as-full", "macs", DEPTHWISE, 196 * 144, 196 * 144 * 16),
    Example("separable-as-full", "parameters", SEPARABLE, 144 + 512 + 32, 4640),
    Example("separable-two-biases", "parameters", SEPARABLE, 688, 144 + 16 + 512 + 32),
    Example("pointwise-forgotten", "parameters", SEPARABLE, 688, 144 + 32),
    Example("full-as-depthwise", "parameters", CONV, 4640, 9 * 16 + 16),
    Example("channels-swapped", "parameters", SEPARABLE, 688, 9 * 32 + 32 * 16 + 16),
    # sizes
    Example("stride-forgotten", "shape", STRIDED, 15, 30),
    Example("stride-forgotten", "macs", STRIDED, 225 * 432, 900 * 432),
    Example("padding-assumed", "shape", PICTURE, 30, 32),
    Example("padding-assumed", "parameters", TWO_LOCAL, 448 * 36 + 4640 * 16, 5088 * 64),
    Example("padding-forgotten", "shape", PADDED, 32, 30),
    Example("border-one-side", "shape", PICTURE, 30, 31),
    Example("border-one-side", "parameters", LOCAL, 448 * 25, 448 * 36),
    Example("border-one-side", "parameters", TWO_LOCAL, 90368, 448 * 49 + 4640 * 36),
    Example("border-one-side", "parameters", TWO_LOCAL, 90368, 448 * 49 + 4640 * 25),
    Example("border-one-side", "parameters", TWO_LOCAL, 90368, 448 * 49 + 4640 * 16, alone=True),
    Example("positions-of-layer-before", "parameters", TWO_LOCAL, 90368, 5088 * 36),
    Example("plus-one-forgotten", "shape", PICTURE, 30, 29),
    Example("border-doubled", "shape", PICTURE, 30, 28),
    Example("rounded-up", "shape", chain((33, 33, 3), conv(8, 4, strides=2)), 15, 16),
    Example(
        "rounded-down", "shape", chain((33, 33, 3), conv(8, 5, strides=2, padding="same")), 17, 16
    ),
    Example("dilation-forgotten", "shape", chain((32, 32, 3), conv(8, dilation_rate=2)), 28, 30),
    Example("pooling-forgotten", "shape", POOL, 16, 32),
    Example("pool-stride-one", "shape", POOL, 16, 31),
    Example("transposed-as-convolution", "shape", chain((16, 16, 3), up(2, "same")), 32, 8),
    Example("overlap-forgotten", "shape", chain((16, 16, 3), up(3, "valid")), 33, 32),
    Example("overlap-counted", "shape", chain((16, 16, 3), up(3, "same")), 32, 33),
    Example("padding-once", "shape", chain((32, 32, 3), ZeroPadding2D()), 34, 33),
    Example("channels-kept", "shape", PICTURE, (30, 30, 16), (30, 30, 3)),
    Example("channels-multiplied", "shape", PICTURE, (30, 30, 16), (30, 30, 48)),
    Example("concatenation-as-sum", "parameters", joined(Concatenate()), 64 + 170, 64 + 90),
    Example("sum-as-concatenation", "parameters", joined(Add()), 64 + 90, 64 + 170),
    # flatten, positions
    Example("flatten-channels-only", "parameters", FLAT, 10250, 64 * 10 + 10),
    Example("flatten-one-side", "parameters", FLAT, 10250, 4 * 64 * 10 + 10),
    Example("flatten-without-channels", "parameters", FLAT, 10250, 16 * 10 + 10),
    Example("local-as-shared", "parameters", LOCAL, 448 * 25, 448),
    Example("shared-as-local", "parameters", PICTURE, 448, 448 * 30 * 30),
    Example("positions-forgotten", "macs", CONV, 14 * 14 * 4608, 4608),
    Example("positions-forgotten", "flops", CONV, 2 * 14 * 14 * 4608, 2 * 4608),
    Example("positions-of-input", "macs", STRIDED, 225 * 432, 32 * 32 * 432),
    Example(
        "transposed-output-positions",
        "macs",
        chain((8, 8, 16), up(3, "same")),
        8 * 8 * 9 * 16 * 8,
        16 * 16 * 9 * 16 * 8,
    ),
    # normalisation, words, time
    Example("moving-statistics-forgotten", "parameters", NORM, 64, 32),
    Example("normalised-per-position", "parameters", NORM, 64, 64 * 8 * 8),
    Example("normalised-once", "parameters", NORM, 64, 4),
    Example("gates-forgotten", "parameters", LSTM_8, 384, 8 * (8 + 3) + 8),
    Example("gates-forgotten", "parameters", GRU_8, 312, 8 * (8 + 3) + 8),
    Example("reset-bias-forgotten", "parameters", GRU_8, 312, 3 * (8 * 11 + 8)),
    Example("two-recurrent-biases", "parameters", LSTM_8, 384, 4 * (8 * 11 + 16)),
    Example("recurrent-kernel-forgotten", "parameters", LSTM_8, 384, 4 * (3 * 8 + 8)),
    Example(
        "one-direction", "parameters", chain((5, 3), Bidirectional(layer=LSTM(units=8))), 768, 384
    ),
    Example("every-step-anew", "parameters", LSTM_8, 384, 5 * 384),
    Example(
        "every-step-anew",
        "parameters",
        chain((7,), Embedding(input_dim=100, output_dim=4)),
        400,
        2800,
    ),
    # whole layers
    Example("shared-layer-again", "parameters", SHARED, 148, 296),
    Example("shared-layer-once", "macs", SHARED, 2 * SHARED_MACS, SHARED_MACS),
    Example("layer-forgotten", "parameters", TWO, 5088, 4640, alone=True),
    Example("layer-twice", "parameters", TWO, 5088, 5088 + 448, alone=True),
    # another unit
    Example("flops-for-macs", "macs", CONV, 14 * 14 * 4608, 2 * 14 * 14 * 4608),
    Example("macs-for-flops", "flops", CONV, 2 * 14 * 14 * 4608, 14 * 14 * 4608),
    Example("parameters-for-macs", "macs", CONV, 14 * 14 * 4608, 4640),
    Example("numbers-for-bytes", "memory", CONV, 4 * 4640, 4640),
    Example("bits-for-bytes", "memory", CONV, 4 * 4640, 32 * 4640),
    Example("double-precision", "memory", CONV, 4 * 4640, 8 * 4640),
    Example("bias-forgotten", "memory", CONV, 4 * 4640, 4 * 4608),
    # receptive fields
    Example("field-sizes-added", "receptive-field", field(conv(8), conv(8)), 5, 3 + 3),
    Example("field-sizes-added", "receptive-field", field(conv(8), conv(8)), 5, 1 + 3 + 3),
    Example("strides-ignored", "receptive-field", field(conv(8, strides=2), conv(8)), 7, 5),
    Example("jump-after", "receptive-field", field(conv(8, 5, strides=2), conv(8)), 9, 13),
    Example("dilation-ignored", "receptive-field", field(conv(8, dilation_rate=2), conv(8)), 7, 5),
    Example(
        "dilation-multiplied",
        "receptive-field",
        field(conv(8, dilation_rate=3), conv(8, dilation_rate=3)),
        13,
        1 + 8 + 8,
    ),
    Example(
        "pooling-without-field", "receptive-field", field(conv(8), MaxPooling2D(), conv(8)), 8, 5
    ),
    Example(
        "pooling-without-field", "receptive-field", field(conv(8), MaxPooling2D(), conv(8)), 8, 7
    ),
    Example("branches-summed", "receptive-field", BRANCHES, 5, 3 + 5),
    Example("first-branch-only", "receptive-field", BRANCHES, 5, 3),
    Example("field-sizes-multiplied", "receptive-field", field(conv(8), conv(8)), 5, 9),
    Example("one-kernel-alone", "receptive-field", field(conv(8), conv(8)), 5, 3),
    Example("area-for-side", "receptive-field", field(conv(8), conv(8)), 5, 25),
    Example("one-side-of-field", "receptive-field", field(conv(8), conv(8)), 5, 2),
]


def named(example: Example) -> str:
    return f"{example.slip} {example.quantity} {example.wrong}"


@pytest.mark.parametrize("example", EXAMPLES, ids=named)
def test_a_slip_is_the_first_that_is_recognised_in_its_number(example: Example) -> None:
    found = recognise(example.quantity, example.network, example.wrong)
    assert not found.is_right
    assert [slip.slip.code for slip in found.slips][:1] == [example.slip]
    assert found.slips[0].everywhere is not example.alone


@pytest.mark.parametrize("example", EXAMPLES, ids=named)
def test_the_right_number_is_called_right_and_accuses_nobody(example: Example) -> None:
    found = recognise(example.quantity, example.network, example.right)
    assert found.is_right
    assert found.slips == ()
    assert found.hint == ""


def test_every_slip_of_the_table_has_a_rule_and_every_rule_is_in_the_table() -> None:
    assert {slip.code for slip in slips()} == coded()


def test_every_slip_of_the_table_has_an_example_and_every_example_a_slip() -> None:
    assert {slip.code for slip in slips()} == {example.slip for example in EXAMPLES}


@pytest.mark.parametrize("slip", slips(), ids=lambda slip: slip.code)
def test_a_slip_is_explained_in_whole_sentences(slip: Any) -> None:
    assert slip.sentence[0].isupper()
    assert slip.sentence.endswith(".")
    assert "{" not in slip.sentence
    assert 3 <= len(slip.name) <= 60
    assert slip.quantities
