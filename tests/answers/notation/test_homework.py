"""The homework's numbers, and the anchors of the reference, written in the notation."""

from __future__ import annotations

import json
from typing import Any

import pytest
from corpus import load_json

from answers.network.cost import cost
from answers.network.parameters import parameters
from answers.network.shapes import output_shapes
from answers.notation.printer import to_notation
from answers.notation.reading import parse
from answers.notation.unfolding import same_network

pytestmark = pytest.mark.corpus

FACTS: dict[str, Any] = load_json("reference/homework-facts.json") or {}
CIFAR = (
    "in 32x32x3: conv3-16/same, relu, maxpool2, conv3-32/same, relu, maxpool2, conv3-64/same, "
    "relu, maxpool2, flatten, dense-128/relu, dense-10/softmax"
)
BRANCHES = (
    "[conv1-32 | conv1-32, conv3-32/same | conv1-32, conv3-32/same, conv3-32/same] concat, "
    "conv1-256"
)


def total(text: str) -> Any:
    return parameters(parse(text)).total


def test_the_homework_in_one_line_each() -> None:
    block = FACTS["inception_residual"]
    plain = block["three_input_channels_without_shortcut"]["sum"]
    assert total(f"in 14x14x3: {BRANCHES}, relu") == plain
    projected = f"in 14x14x3: [{BRANCHES} | conv1-256] add, relu"
    assert total(projected) == block["with_projection_1x1_3_to_256"]["sum"]
    published = f"in 14x14x256: res({BRANCHES}), relu"
    assert total(published) == block["with_256_input_channels_no_projection"]["sum"]
    assert total("in 32x32x3: conv3-16, conv3-32") == FACTS["two_valid_convs"]["sum"]
    assert total(CIFAR) == FACTS["cifar_cnn"]["sum"]
    assert cost(parse(CIFAR)).macs == FACTS["cifar_cnn"]["macs_sum"]


def test_the_block_on_any_number_of_channels() -> None:
    import sympy

    c = sympy.Symbol("c", integer=True, positive=True)
    assert sympy.expand(total(f"in 14x14x{{c}}: {BRANCHES}") - (96 * c + 52672)) == 0


def test_locally_connected_layers_of_any_size() -> None:
    import sympy

    n = sympy.Symbol("n", integer=True, positive=True)
    expected = FACTS["two_locally_connected"]["sum_expanded"]
    assert sympy.expand(total("in {n}x{n}x3: local3-16, local3-32")) == sympy.sympify(
        expected, locals={"n": n}
    )


# --- anchors ---------------------------------------------------------------------------------

WORDS = {
    "conv": "conv",
    "conv_transpose": "convT",
    "depthwise": "dw",
    "separable": "sep",
    "locally_connected": "local",
    "max_pool": "maxpool",
    "upsample": "up",
    "global_avg_pool": "gap",
    "dense": "dense",
    "batch_norm": "bn",
    "flatten": "flatten",
    "add": "add",
    "concat": "concat",
    "multiply": "mul",
}
SIZES = ("kernel", "pool", "size")
COUNTS = ("filters", "units")
LETTERS = {"strides": "s", "dilation": "d", "groups": "g", "multiplier": "m"}
PLAIN = ("padding", "activation", "interpolation")


def joined(value: Any) -> str:
    return "x".join(map(str, value)) if isinstance(value, list) else str(value)


def layer_text(layer: dict[str, Any]) -> str:
    """One line of an anchor as a layer of the notation."""
    if layer["op"] == "activation":
        return str(layer["function"])
    parts = [WORDS[layer["op"]], *(joined(layer[key]) for key in SIZES if key in layer)]
    parts += [f"-{layer[key]}" for key in COUNTS if key in layer]
    parts += [f"/{letter}{joined(layer[key])}" for key, letter in LETTERS.items() if key in layer]
    parts += [f"/{layer[key]}" for key in PLAIN if key in layer]
    parts += ["/nobias"] if layer.get("use_bias") is False else []
    parts += ["/keepdims"] if layer.get("keepdims") else []
    return "".join(parts)


def anchor_text(network: dict[str, Any]) -> str:
    """Each layer by its name (in quotes: one is called 'again'), with from(…) before it."""
    items = []
    for layer in network["layers"]:
        first, *others = map(json.dumps, layer["from"])
        behind = f"({', '.join(others)})" if others else ""
        shared = f'again("{layer.get("of")}")'
        written = shared if layer["op"] == "shared" else layer_text(layer) + behind
        items += [f"from({first})", f'"{layer["id"]}"={written}']
    return f'in input={joined(network["input"])}: {", ".join(items)}, from("{network["output"]}")'


ANCHORS: list[dict[str, Any]] = (load_json("reference/anchor_cases.json") or {"cases": []})["cases"]


@pytest.mark.parametrize("case", ANCHORS, ids=lambda case: case["name"])
def test_an_anchor_written_in_the_notation_has_the_measured_numbers(case: dict[str, Any]) -> None:
    network = parse(anchor_text(case["network"]))
    truth = case["truth"]
    assert parameters(network).total == truth["params"]
    assert cost(network).macs == truth["macs"]
    assert list(output_shapes(network)[0]) == truth["output_shape"]
    assert same_network(parse(to_notation(network)), network)


UNET = next((case for case in ANCHORS if case["name"] == "small_unet"), None)


def test_a_small_u_net_is_written_with_its_skips_by_name() -> None:
    assert UNET is not None
    text = to_notation(parse(anchor_text(UNET["network"])))
    assert "from(" not in text
    assert text.count("concat(") == sum(x["op"] == "concat" for x in UNET["network"]["layers"])
