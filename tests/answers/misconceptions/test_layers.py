"""Whatever the layer: its right number is called right, and a wrong one is answered."""

from __future__ import annotations

from typing import Any

import pytest

from answers.misconceptions.recognise import recognise
from answers.misconceptions.slip import Quantity
from answers.misconceptions.use import unfolded
from answers.network.cost import cost
from answers.network.parameters import parameters
from answers.network.shapes import output_shapes
from answers.notation.reading import parse

INSIDE = (
    "Conv2D(filters=4,kernel_size=3)",
    "Conv2D(filters=4,kernel_size=3,strides=2,padding=same)",
    "DepthwiseConv2D(kernel_size=3)",
    "SeparableConv2D(filters=4,kernel_size=3)",
    "Conv2DTranspose(filters=4,kernel_size=3,strides=2)",
    "MaxPooling2D()",
    "Flatten()",
    "Dense(units=4)",
    "BatchNormalization()",
)
ROWS = (
    *(f"in 5x8x9x3: TimeDistributed/layer={layer}" for layer in INSIDE),
    *(
        f"in 2x5x8x9x3: TimeDistributed/layer=TimeDistributed(layer={inner})"
        for inner in INSIDE[:2]
    ),
    "in 5x9x3: TimeDistributed/layer=Conv1D(filters=4,kernel_size=3)",
    "in 5x6x8x9x3: TimeDistributed/layer=Conv3D(filters=4,kernel_size=3)",
    *(
        f"in {sizes}: ConvLSTM{rank}D/filters=4/kernel_size=3/return_sequences={flag}{more}"
        for rank, sizes in ((1, "5x8x3"), (2, "5x8x9x3"), (3, "5x6x8x9x3"))
        for flag in ("true", "false")
        for more in ("", "/strides=2", "/padding=same")
    ),
    *(
        f"in 5x8x9x3: Bidirectional/layer=ConvLSTM2D(filters=4,kernel_size=3,return_sequences={flag})"
        for flag in ("true", "false")
    ),
    "in 8x9x3: conv3-18/g3",
    "in 8x9x3: conv3x2-16/s2, bn, relu, maxpool2, flatten, dense-10",
    "in 8x9x6: conv3-18/g3, dw3, sep3-4",
    "in 8x9x3: deconv3-4/s2",
    "in 8x9x3: local3-4",
    "in 8x9x3: conv3-4/activation=glu",
    "in 8x8x8x3: conv3-4",
    "in 9x3: conv3-4, lstm-5, dense-4",
    "in 9x3: bilstm-5",
    "in 9x3: gru-5",
    "in 9x3: rnn-5",
    "in 9x6: ln, gn/groups=2",
    "in 9: embed100-4",
    "in 9x8: a=relu, mha2-4(a)",
)
QUANTITIES: tuple[Quantity, ...] = ("shape", "parameters", "macs", "flops", "memory")


@pytest.mark.parametrize("quantity", QUANTITIES)
@pytest.mark.parametrize("row", ROWS)
def test_the_right_number_of_any_layer_is_called_right(row: str, quantity: Quantity) -> None:
    network = parse(row)
    right: dict[Quantity, Any] = {
        "shape": output_shapes(network)[0],
        "parameters": parameters(network).total,
        "macs": cost(network).macs,
        "flops": 2 * cost(network).macs,
        "memory": 4 * parameters(network).total,
    }
    found = recognise(quantity, network, right[quantity])
    assert found.is_right
    assert found.right == (right[quantity] if quantity == "shape" else (right[quantity],))


@pytest.mark.parametrize("quantity", QUANTITIES)
@pytest.mark.parametrize("row", ROWS)
def test_a_wrong_number_of_any_layer_is_called_wrong(row: str, quantity: Quantity) -> None:
    for claimed in (997, 999_983):
        assert not recognise(quantity, parse(row), claimed).is_right


@pytest.mark.parametrize("row", ROWS)
def test_the_letters_of_a_layer_are_what_it_says_itself(row: str) -> None:
    for use in unfolded(parse(row)).uses:
        if use.before:
            assert use.letters == use.layer.letters(*use.inputs)


def test_a_slip_about_positions_leaves_the_time_steps_out() -> None:
    network = parse("in 5x8x9x3: TimeDistributed/layer=Conv2D(filters=4,kernel_size=3)")
    (found,) = recognise("macs", network, 5 * 8 * 9 * 27 * 4).slips
    assert found.slip.code == "positions-of-input"
