"""What is said of a claimed number: the homework's, right ones, symbolic ones, absurd ones."""

from __future__ import annotations

import time
from fractions import Fraction
from typing import Any

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from layer_chain import chain, conv, entry, graph, node

from answers.errors import InputError
from answers.layers.base import Layer
from answers.layers.convolution import Conv2DTranspose
from answers.layers.core import Dense, Flatten
from answers.layers.locally_connected import LocallyConnected2D
from answers.layers.merging import Add
from answers.layers.normalization import BatchNormalization
from answers.layers.pooling import GlobalAveragePooling2D, MaxPooling2D
from answers.misconceptions.recognise import Recognition, recognise
from answers.misconceptions.slip import QUANTITIES, Quantity
from answers.misconceptions.use import unfolded
from answers.network.cost import cost
from answers.network.graph import Network, Tensor
from answers.network.parameters import parameters
from answers.network.shapes import output_shapes

n = sympy.Symbol("n", integer=True, positive=True)


def same(filters: int) -> Layer:
    return conv(filters, padding="same", activation="relu")


CIFAR = chain(
    (32, 32, 3),
    *(same(16), MaxPooling2D(), same(32), MaxPooling2D(), same(64), MaxPooling2D()),
    *(Flatten(), Dense(units=128), Dense(units=10)),
)
SHARED = chain((n, n, 3), conv(16), conv(32))
LOCAL = chain(
    (n, n, 3),
    LocallyConnected2D(filters=16, kernel_size=(3, 3)),
    LocallyConnected2D(filters=32, kernel_size=(3, 3)),
)


def codes(found: Recognition) -> list[str]:
    return [slip.slip.code for slip in found.slips]


HOMEWORK: list[tuple[str, Quantity, Network, Any, str]] = [
    ("4,608 for 3x3 16 → 32", "parameters", chain((9, 9, 16), conv(32)), 4608, "bias-forgotten"),
    ("no biases in the network", "parameters", CIFAR, 156_074 - 250, "bias-forgotten"),
    ("global pooling for flatten", "parameters", CIFAR, 33_194, "flatten-channels-only"),
    ("5,868,032 MACs", "macs", CIFAR, 5_868_032, "flops-for-macs"),
    ("2,934,016 FLOPs", "flops", CIFAR, 2_934_016, "macs-for-flops"),
    ("bias additions", "macs", CIFAR, 2_934_016 + 28_810, "bias-added"),
    ("156,074 bytes", "memory", CIFAR, 156_074, "numbers-for-bytes"),
    ("3 + 3 for 5", "receptive-field", SHARED, 6, "field-sizes-added"),
    ("n − 1", "parameters", chain((n, n, 3), LOCAL.nodes[1].layer), 448 * (n - 1) ** 2, "border-one-side"),  # type: ignore[arg-type]  # a layer stands there
    ("(n − 1)² and (n − 2)²", "parameters", LOCAL, 448 * (n - 1) ** 2 + 4640 * (n - 2) ** 2, "border-one-side"),
    ("(n − 1)² and (n − 3)²", "parameters", LOCAL, 448 * (n - 1) ** 2 + 4640 * (n - 3) ** 2, "border-one-side"),
    ("(n − 2)² twice", "parameters", LOCAL, 5088 * (n - 2) ** 2, "positions-of-layer-before"),
    ("n² twice", "parameters", LOCAL, 5088 * n**2, "padding-assumed"),
    ("as shared", "parameters", LOCAL, 5088, "local-as-shared"),
    ("shared biases", "parameters", LOCAL, 432 * n**2 - 1728 * n + 1744 + 4608 * n**2 - 36864 * n + 73760, "bias-shared-over-positions"),
    ("no biases", "parameters", LOCAL, 432 * (n - 2) ** 2 + 4608 * (n - 4) ** 2, "bias-forgotten"),
    ("n − 2 for n − 4", "shape", SHARED, n - 2, "border-one-side"),
]  # fmt: skip


@pytest.mark.parametrize("case", HOMEWORK, ids=lambda case: case[0])
def test_slips_of_the_homework_are_recognised(case: Any) -> None:
    _, quantity, network, claimed, code = case
    assert codes(recognise(quantity, network, claimed))[:1] == [code]


RIGHT: list[tuple[Quantity, Network, Any]] = [
    ("parameters", CIFAR, 156_074),
    ("parameters", CIFAR, Fraction(156_074)),
    ("macs", CIFAR, 2_934_016),
    ("flops", CIFAR, 5_868_032),
    ("memory", CIFAR, 624_296),
    ("shape", CIFAR, 10),
    ("receptive-field", CIFAR, 22),
    ("receptive-field", CIFAR, 32),
    ("parameters", SHARED, 5088),
    ("parameters", LOCAL, 5088 * n**2 - 38912 * n + 76032),
    ("parameters", LOCAL, 27 * 16 * (n - 2) ** 2 + 16 * (n - 2) ** 2 + 4640 * (n - 4) ** 2),
    ("macs", SHARED, 432 * (n - 2) ** 2 + 4608 * (n - 4) ** 2),
    ("shape", SHARED, n - 4),
    ("shape", SHARED, (n - 4, n - 4)),
    ("shape", SHARED, (n - 4, n - 4, 32)),
    ("receptive-field", SHARED, (5, 5)),
]


@pytest.mark.parametrize("case", RIGHT, ids=str)
def test_a_right_number_is_called_right_in_whatever_form(case: Any) -> None:
    quantity, network, claimed = case
    found = recognise(quantity, network, claimed)
    assert found.is_right
    assert found.slips == ()


def test_a_sentence_names_the_layer_and_both_numbers() -> None:
    (found,) = recognise("parameters", chain((9, 9, 16), conv(32)), 4608).slips
    assert found.layers == ("conv2d_1",)
    assert found.sentence.endswith("In conv2d_1 that gives 4,608 instead of 4,640.")
    assert "The biases are forgotten" in found.sentence


def test_a_slip_in_one_layer_alone_says_what_it_did_there() -> None:
    found = recognise("parameters", CIFAR, 156_074 - 128).slips[0]
    assert not found.everywhere
    assert "Done in dense_8 alone (131,072 there instead of 131,200)" in found.sentence


def test_symbols_are_written_as_in_a_textbook() -> None:
    found = recognise("parameters", LOCAL, 5088 * (n - 2) ** 2).slips[0]
    assert "5,088·(n − 2)² instead of 4,640·(n − 4)² + 448·(n − 2)²" in found.sentence


def test_a_slip_made_everywhere_stands_before_one_made_in_a_single_layer() -> None:
    everywhere = [slip.everywhere for slip in recognise("shape", SHARED, n - 2).slips]
    assert everywhere == sorted(everywhere, reverse=True)
    assert len(everywhere) > 1


HINTS = [
    (2 * 4640 * 3, "It is 6 times the right number."),
    (2320, "It is half of the right number."),
    (4641, "It is 1 more than the right number."),
    (17, "It is 4,623 less than the right number."),
    (-4, ""),
    (n, ""),
    (Fraction(1, 3), "It is 1/13920 of the right number."),
]


@pytest.mark.parametrize(("claimed", "hint"), HINTS, ids=str)
def test_where_no_slip_fits_the_distance_is_said(claimed: Any, hint: str) -> None:
    found = recognise("parameters", chain((9, 9, 16), conv(32)), claimed)
    if claimed != Fraction(1, 3):
        assert found.hint == hint
    assert found.slips == ()
    assert not found.is_right


def test_at_most_three_slips_are_named() -> None:
    ones = chain((1, 1, 1), conv(1, 1), conv(1, 1), conv(1, 1))  # 2 + 2 + 2, all kinds of 3 and 5
    for claimed in range(12):
        assert len(recognise("parameters", ones, claimed).slips) <= 3


def test_a_network_that_enlarges_has_its_right_field_and_no_guesses() -> None:
    layer = Conv2DTranspose(filters=4, kernel_size=(3, 3), strides=(2, 2), padding="same")
    found = recognise("receptive-field", chain((8, 8, 3), conv(4), layer), 4)
    assert found.is_right
    assert recognise("receptive-field", chain((8, 8, 3), conv(4), layer), 6).slips == ()


def test_a_shared_layer_counts_its_weights_once_and_its_work_at_each_call() -> None:
    net = graph(entry(8, 8, 4), node("shared", conv(4, padding="same"), "in", "shared"))
    assert recognise("parameters", net, 148).is_right
    assert recognise("macs", net, 2 * 64 * 144).is_right


def test_nested_networks_are_unfolded_with_their_names() -> None:
    inner = chain((9, 9, 3), conv(16))
    outer = graph(entry(9, 9, 3), node("inner", inner, "in"), node("last", conv(32), "inner"))
    assert recognise("parameters", outer, 5088).is_right
    assert recognise("parameters", outer, 5088 - 16).slips[0].layers == ("inner/conv2d_1",)


ABSURD = [10**30, -(10**30), 10**1200, Fraction(10**30, 7), n ** (60), 10**30 * n**3]


@pytest.mark.parametrize("quantity", QUANTITIES)
@pytest.mark.parametrize("claimed", ABSURD, ids=[str(i) for i in range(len(ABSURD))])
def test_absurd_numbers_are_answered_at_once(quantity: Quantity, claimed: Any) -> None:
    before = time.process_time()
    assert not recognise(quantity, CIFAR, claimed).is_right
    assert time.process_time() - before < 5


def test_a_number_of_thousands_of_digits_is_refused() -> None:
    with pytest.raises(InputError, match="larger than 2\\^4096"):
        recognise("parameters", CIFAR, 10**5000)


def test_an_open_size_is_asked_for() -> None:
    with pytest.raises(InputError, match="left open"):
        recognise("macs", chain((None, None, 3), conv(16)), 5)
    assert recognise("parameters", chain((None, None, 3), conv(16)), 432).slips


def test_given_inputs_take_the_place_of_open_sizes() -> None:
    net = chain((None, None, 3), conv(16))
    assert recognise("macs", net, 30 * 30 * 432, ((32, 32, 3),)).is_right


# --- properties

LAYERS = st.one_of(
    st.builds(
        conv,
        st.integers(1, 6),
        st.integers(1, 3),
        strides=st.integers(1, 2),
        padding=st.sampled_from(["same", "valid"]),
        use_bias=st.booleans(),
    ),
    st.builds(BatchNormalization),
    st.builds(MaxPooling2D, padding=st.sampled_from(["same", "valid"])),
)
ENDS = st.sampled_from([(), (Flatten(), Dense(units=3)), (GlobalAveragePooling2D(),)])


@st.composite
def networks(draw: Any) -> Network:
    layers = draw(st.lists(LAYERS, min_size=1, max_size=3))
    return chain((24, 24, draw(st.integers(1, 4))), *layers, *draw(ENDS))


def right(quantity: Quantity, network: Network) -> Any:
    if quantity == "shape":
        return output_shapes(network)[0]
    numbers = {
        "parameters": parameters(network).total,
        "memory": 4 * parameters(network).total,
        "macs": cost(network).macs,
        "flops": 2 * cost(network).macs,
    }
    return numbers[quantity]


@settings(max_examples=60, deadline=None)
@given(networks(), st.sampled_from([q for q in QUANTITIES if q != "receptive-field"]))
def test_a_right_number_is_never_accused(network: Network, quantity: Quantity) -> None:
    found = recognise(quantity, network, right(quantity, network))
    assert found.is_right
    assert found.slips == ()


@settings(max_examples=60, deadline=None)
@given(networks(), st.integers(0, 3000))
def test_a_wrong_number_is_never_called_right(network: Network, claimed: int) -> None:
    found = recognise("parameters", network, claimed)
    assert found.is_right == (claimed == parameters(network).total)
    assert all(f"{claimed:,}" in slip.sentence for slip in found.slips)


@settings(max_examples=40, deadline=None)
@given(networks())
def test_unfolding_gives_the_shapes_of_the_network(network: Network) -> None:
    assert unfolded(network).outputs[0].output == output_shapes(network)[0]


def test_a_residual_block_of_different_channels_raises_the_layers_own_error() -> None:
    net = graph(
        entry(9, 9, 3), node("a", conv(8, padding="same"), "in"), node("add", Add(), "a in")
    )
    with pytest.raises(InputError, match=r"channels|shapes"):
        recognise("parameters", net, 224)


def test_the_walk_is_bounded() -> None:
    inner = chain((4, 4, 1), *(conv(1, padding="same") for _ in range(50)))
    net = graph(
        entry(4, 4, 1),
        node("inner", inner, "in", *(f"inner/{number}" for number in range(60))),
    )
    assert net.outputs == (Tensor("inner", 60),)
    with pytest.raises(InputError, match="2,000 layers"):
        recognise("parameters", net, 5)
