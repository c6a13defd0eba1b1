"""The derivations of the homework: every number and every line in between."""

from __future__ import annotations

from typing import Any

import pytest
from corpus import load_json

from answers.derivation import field, macs, memory, parameters, shapes
from answers.derivation.derivation import Derivation, Step, chain
from answers.derivation.text import to_lines
from answers.expressions.symbolic import exact_text, forms, symbol
from answers.expressions.text import to_text
from answers.layers.convolution import Conv2D, Conv2DTranspose
from answers.layers.locally_connected import LocallyConnected2D
from answers.layers.pooling import MaxPooling2D
from answers.notation.reading import parse

CONVOLUTIONS = "in {n}x{n}x3: conv3-16, conv3-32"
LOCAL = "in {n}x{n}x3: local3-16, local3-32"
BLOCK = (
    "in 14x14x3: [conv1-32 | conv1-32, conv3-32/same | conv1-32, conv3-32/same, conv3-32/same] "
    "concat, conv1-256"
)
CIFAR = (
    "in 32x32x3: conv3-16/same, relu, maxpool2, conv3-32/same, relu, maxpool2, conv3-64/same, "
    "relu, maxpool2, flatten, dense-128, relu, dense-10, softmax"
)


def lines(step: Step) -> list[str]:
    return [to_text(part, thousands=True) for part in chain(step)]


def test_one_convolution_from_its_formula_to_its_number() -> None:
    found = parameters.of_layer(Conv2D(filters=32, kernel_size=(3, 3)), (32, 32, 16))
    (step,) = found.steps
    assert lines(step) == [
        "k_h·k_w·c_in·filters + filters",
        "3·3·16·32 + 32",
        "4,608 + 32",
        "4,640",
    ]
    assert step.rule == (
        "Each of the 32 filters has a kernel of 3x3 over 16 channels, and one bias."
    )
    assert (found.value, found.unit) == (4640, "parameters")


def test_the_locally_connected_layers_show_their_sum_before_it_is_merged() -> None:
    first, second, total = parameters.of_network(parse(LOCAL)).steps
    assert lines(first) == [
        "k_h·k_w·c_in·filters·o_h·o_w + filters·o_h·o_w",
        "3·3·3·16·(n − 2)·(n − 2) + 16·(n − 2)·(n − 2)",
        "27·16·(n − 2)² + 16·(n − 2)²",
        "448·(n − 2)²",
    ]
    assert lines(second)[2:] == ["144·32·(n − 4)² + 32·(n − 4)²", "4,640·(n − 4)²"]
    assert lines(total)[0] == "448·(n − 2)² + 4,640·(n − 4)²"
    assert [to_text(part) for part in chain(total, with_forms=True)][1:] == [
        "32·(159·n² − 1216·n + 2376)",
        "5088·n² − 38912·n + 76032",
    ]


def test_a_local_layer_of_a_known_size_shows_plain_numbers() -> None:
    layer = LocallyConnected2D(filters=16, kernel_size=(3, 3))
    (step,) = parameters.of_layer(layer, (32, 32, 3)).steps
    assert lines(step)[1:] == ["3·3·3·16·30·30 + 16·30·30", "388,800 + 14,400", "403,200"]


def test_the_parts_of_the_block_are_those_of_the_homework() -> None:
    found = parameters.of_network(parse(BLOCK))
    *parts, total = [step.value for step in found.steps]
    assert parts == [128, 128, 9248, 128, 9248, 9248, 24832]
    assert total == found.value == 52960


def test_the_field_of_the_block_is_the_largest_of_its_paths() -> None:
    (found,) = field.of_network(parse(BLOCK))
    assert found.value == 5
    joined = next(step for step in found.steps if step.about == "concatenate")
    assert lines(joined) == ["max(1, 3, 5)", "5"]
    assert joined.rule == "Its inputs see 1 and 3 and 5: together they span 5."


def test_the_field_grows_by_the_reach_times_the_jump() -> None:
    (found,) = field.of_network(parse("in 64x64x3: conv3-8, maxpool2, conv3-8, conv3-8/s2"))
    assert [step.value for step in found.steps] == [1, 3, 4, 8, 12]
    assert lines(found.steps[3]) == ["r + (e − 1)·j", "4 + (3 − 1)·2", "8"]
    assert found.title.endswith("height and width")


def test_different_axes_have_fields_of_their_own() -> None:
    found = field.of_network(parse("in 64x64x3: conv1x7-8"))
    assert [(each.title.split(", ")[1], each.value) for each in found] == [
        ("height", 1),
        ("width", 7),
    ]


def test_a_dense_layer_sees_the_whole_picture_and_the_local_field_is_said() -> None:
    (found,) = field.of_network(parse(CIFAR))
    assert found.value == 32
    whole = found.steps[-1]
    assert "whole axis" in whole.rule
    assert "it would be 22" in whole.rule


READ = [
    ("in 8x8x3: crop2, gap", 4, "4 positions from 2 to 5"),
    ("in 9x9x3: maxpool2, gap", 8, "8 positions from 0 to 7"),
    ("in 8x8x3: conv3-4/same, gap", 8, "the whole axis"),
    ("in {n}x{n}x3: maxpool2, gap", None, "all that is read of the axis"),
]


@pytest.mark.parametrize(("text", "value", "words"), READ, ids=[text for text, *_ in READ])
def test_what_all_units_see_is_no_more_than_what_is_read(
    text: str, value: int | None, words: str
) -> None:
    (found,) = field.of_network(parse(text))
    assert found.value == value
    assert words in found.steps[-1].rule


def test_a_crop_only_moves_the_field() -> None:
    (found,) = field.of_network(parse("in 9x9x3: conv3-4/s2, crop1, conv1-4/s2"))
    crop, strided = found.steps[2], found.steps[3]
    assert "keeps its size" in crop.rule
    assert "the jump stays 2; the first unit starts at 2 now" in crop.rule
    assert (crop.value, crop.formula) == (3, None)
    assert "the jump is 4 now" in strided.rule


def test_a_first_unit_that_reads_nothing_is_said() -> None:
    # the odd units between those of the transposed convolution, of which each is a zero
    (found,) = field.of_network(parse("in 8x8x3: convT1-3/s2, crop1, maxpool1/s2"))
    assert found.value == 0
    assert "the first unit reads nothing" in found.steps[-1].rule


def test_a_symbolic_field_is_a_formula() -> None:
    (found,) = field.of_network(parse("in ?x?x3: conv{k}-8, conv{k}-8"))
    assert forms(found.value).expanded == 2 * symbol("k") - 1  # type: ignore[arg-type]  # one axis


SHAPES: list[tuple[str, Any, tuple[int, ...], list[str]]] = [
    ("valid", Conv2D(filters=8, kernel_size=(3, 3)), (32, 32, 3),
     ["⌊(n − e)/s⌋ + 1", "⌊(32 − 3)/1⌋ + 1", "30"]),
    ("same", Conv2D(filters=8, kernel_size=(3, 3), strides=(2, 2), padding="same"), (33, 33, 3),
     ["⌈n/s⌉", "⌈33/2⌉", "17"]),
    ("pool", MaxPooling2D(), (33, 33, 3), ["⌊(n − e)/s⌋ + 1", "⌊(33 − 2)/2⌋ + 1", "16"]),
    ("transposed", Conv2DTranspose(filters=8, kernel_size=(2, 2), strides=(3, 3)), (5, 5, 3),
     ["(n − 1)·s + max(e, s)", "(5 − 1)·3 + max(2, 3)", "15"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("layer", "given", "expected"), [c[1:] for c in SHAPES], ids=[c[0] for c in SHAPES]
)
def test_an_axis_shows_its_rule_with_the_numbers(
    layer: Any, given: tuple[int, ...], expected: list[str]
) -> None:
    axis, channels = shapes.of_layer(layer, given).steps
    assert axis.about == "height and width"
    assert lines(axis) == expected
    assert channels.about == "channels"


def test_a_dilated_kernel_says_how_far_it_reaches() -> None:
    layer = Conv2D(filters=8, kernel_size=(3, 3), dilation_rate=(2, 2))
    reach, axis, _ = shapes.of_layer(layer, (32, 32, 3)).steps
    assert lines(reach) == ["(k − 1)·d + 1", "(3 − 1)·2 + 1", "5"]
    assert lines(axis)[1:] == ["⌊(32 − 5)/1⌋ + 1", "28"]


def test_a_batch_and_the_types_count_in_the_memory() -> None:
    network = parse("in 32x32x3: conv3-16, relu")
    one = memory.activations(network)
    assert one.value == (32 * 32 * 3 + 2 * 30 * 30 * 16) * 4
    assert memory.activations(network, batch=64).value == 64 * one.value
    assert memory.weights(network).value == 448 * 4
    assert memory.live(network).value == 2 * 30 * 30 * 16 * 4


def test_flops_are_twice_the_macs() -> None:
    multiplications = macs.of_network(parse(CIFAR))
    operations = macs.flops(multiplications)
    assert lines(operations.steps[-1]) == ["2·MACs", "2·2,934,016", "5,868,032"]


def test_the_text_of_a_layer_reads_from_the_rule_to_the_number() -> None:
    found = parameters.of_layer(Conv2D(filters=32, kernel_size=(3, 3)), (32, 32, 16))
    (step,) = found.steps
    assert list(to_lines(found)) == [
        "Parameters of Conv2D",
        "- Each of the 32 filters has a kernel of 3x3 over 16 channels, and one bias.",
        "      k_h·k_w·c_in·filters + filters",
        "    = 3·3·16·32 + 32",
        "    = 4,608 + 32",
        "    = 4,640 parameters",
        f"    ({step.source})",
        "Result: 4,640 parameters",
    ]


@pytest.fixture
def facts() -> dict[str, Any]:
    found = load_json("reference/homework-facts.json")
    if found is None:
        pytest.skip("the reference material is not here")
    return dict(found)


def _exact(derivation: Derivation) -> str:
    return exact_text(forms(derivation.value).expanded)  # type: ignore[arg-type]  # a number


@pytest.mark.corpus
def test_every_number_of_the_reference_is_derived(facts: dict[str, Any]) -> None:
    shared, local = facts["two_valid_convs"], facts["two_locally_connected"]
    found = parameters.of_network(parse(CONVOLUTIONS))
    assert [step.value for step in found.steps] == [*shared["params"], shared["sum"]]
    assert _exact(parameters.of_network(parse(LOCAL))) == local["sum_expanded"]
    first = parameters.of_network(parse(LOCAL)).steps[0]
    texts = [to_text(part, ascii=True).replace("^", "**") for part in chain(first)]
    assert " = ".join(texts[2:]).replace(" - ", "-") == local["params_layer1"]
    block = facts["inception_residual"]["three_input_channels_without_shortcut"]
    assert parameters.of_network(parse(BLOCK)).value == block["sum"]


@pytest.mark.corpus
def test_the_picture_network_of_question_3_is_derived(facts: dict[str, Any]) -> None:
    cifar = facts["cifar_cnn"]
    network = parse(CIFAR)
    *parts, total = [step.value for step in parameters.of_network(network).steps]
    assert parts == list(cifar["params"].values())
    assert total == cifar["sum"]
    *costs, cost = [step.value for step in macs.of_network(network).steps]
    assert costs == list(cifar["macs"].values())
    assert cost == cifar["macs_sum"]
    assert macs.flops(macs.of_network(network)).value == cifar["flops_2_per_mac"]
    assert memory.weights(network).value == cifar["weight_memory_float32_bytes"]
