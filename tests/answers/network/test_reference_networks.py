"""Whole networks of the reference: the anchors, the homework's trained models, published ones."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from corpus import corpus_path, load_json

from answers.layers.activation import Activation
from answers.layers.base import Layer
from answers.layers.convolution import Conv2D, Conv2DTranspose, DepthwiseConv2D, SeparableConv2D
from answers.layers.core import Dense, Flatten, InputLayer
from answers.layers.merging import Add, Concatenate
from answers.layers.normalization import BatchNormalization
from answers.layers.pooling import GlobalAveragePooling2D, MaxPooling2D
from answers.layers.resampling import UpSampling2D
from answers.network.cost import cost
from answers.network.graph import Network, Node, Tensor
from answers.network.head import final_activation
from answers.network.parameters import leaves, parameters
from answers.network.shapes import ShapeTable, output_shapes
from checkers.model_file.graph_config import read_model_config
from checkers.model_file.reader import open_model

pytestmark = pytest.mark.corpus

# --- anchors --------------------------------------------------------------------------------

Entry = dict[str, Any]
NAMES = {
    "kernel": "kernel_size",
    "dilation": "dilation_rate",
    "multiplier": "depth_multiplier",
    "pool": "pool_size",
    "function": "activation",
}
KINDS: dict[str, type[Layer]] = {
    "activation": Activation,
    "add": Add,
    "batch_norm": BatchNormalization,
    "concat": Concatenate,
    "conv": Conv2D,
    "conv_transpose": Conv2DTranspose,
    "dense": Dense,
    "depthwise": DepthwiseConv2D,
    "flatten": Flatten,
    "global_avg_pool": GlobalAveragePooling2D,
    "max_pool": MaxPooling2D,
    "separable": SeparableConv2D,
    "upsample": UpSampling2D,
}
ANCHORS: list[Entry] = [
    case
    for case in (load_json("reference/anchor_cases.json") or {"cases": []})["cases"]
    if {layer["op"] for layer in case["network"]["layers"]} <= {*KINDS, "shared"}
]


def anchor(case: Entry) -> Network:
    """The network of an anchor; a shared layer is one more call of the layer it repeats."""
    drawn = case["network"]
    made = {"input": Tensor("input")}
    calls: dict[str, list[tuple[Tensor, ...]]] = {}
    layers: dict[str, Layer] = {}
    for layer in drawn["layers"]:
        name = layer.get("of", layer["id"])
        if layer["op"] != "shared":
            settings = {
                NAMES.get(k, k): v for k, v in layer.items() if k not in ("id", "op", "from")
            }
            layers[name] = KINDS[layer["op"]](**settings)
        made[layer["id"]] = Tensor(name, len(calls.setdefault(name, [])))
        calls[name].append(tuple(made[source] for source in layer["from"]))
    nodes = [Node(name, layer, tuple(calls[name])) for name, layer in layers.items()]
    return Network(
        name=case["name"],
        kind="Functional",
        nodes=(Node("input", InputLayer(shape=tuple(drawn["input"])), ((),)), *nodes),
        inputs=(Tensor("input"),),
        outputs=(made[drawn["output"]],),
        output_names=("output",),
    )


def test_all_anchors_but_two_can_be_expressed() -> None:
    if corpus_path() is not None:  # a gate that multiplies and locally connected layers wait
        assert len(ANCHORS) == 26


@pytest.mark.parametrize("case", ANCHORS, ids=lambda case: case["name"])
def test_an_anchor_has_the_measured_shape_parameters_and_cost(case: Entry) -> None:
    network, truth = anchor(case), case["truth"]
    assert [list(shape) for shape in output_shapes(network)] == [truth["output_shape"]]
    assert parameters(network).total == truth["params"]
    assert parameters(network).trainable == truth["trainable"]
    assert cost(network).macs == truth["macs"]


@pytest.mark.parametrize("case", ANCHORS, ids=lambda case: case["name"])
def test_each_layer_of_an_anchor_costs_what_was_measured(case: Entry) -> None:
    network, table = anchor(case), ShapeTable()
    spent: dict[str, int] = {}
    for call in network.order:
        assert isinstance(call.node.layer, Layer)
        if not isinstance(call.node.layer, InputLayer):
            macs = call.node.layer.macs(*table.taken(network, call))
            spent[call.node.name] = spent.get(call.node.name, 0) + macs
    measured: dict[str, int] = {}
    shared = {layer["id"]: layer.get("of", layer["id"]) for layer in case["network"]["layers"]}
    for name, macs in case["truth"]["macs_per_layer"].items():
        measured[shared[name]] = measured.get(shared[name], 0) + macs
    assert {name: macs for name, macs in spent.items() if macs} == measured


# --- the homework's models --------------------------------------------------------------------


def read(corpus: Path, name: str) -> Network:
    with (corpus / "models" / "trained" / name).open("rb") as file:
        return open_model(file).model.network


@pytest.fixture(scope="module")
def facts() -> Entry:
    found: Entry = load_json("reference/homework-facts.json")
    return found


@pytest.fixture(scope="module")
def unet(corpus: Path) -> Network:
    return read(corpus, "unet_mnv2_1ch.h5")


@pytest.mark.parametrize("name", ["cnn_base.h5", "cnn_base.keras", "cnn_base_k3.h5", "cnn_aug.h5"])
def test_the_trained_cnn_has_the_homeworks_numbers(corpus: Path, facts: Entry, name: str) -> None:
    network, known = read(corpus, name), facts["cifar_cnn"]
    sizes = [sum(weight.size for weight in leaf.weights) for leaf in leaves(network)]
    assert [size for size in sizes if size] == list(known["params"].values())
    assert parameters(network).trainable == parameters(network).total == 156_074
    assert cost(network).macs == known["macs_sum"] == 2_934_016
    assert output_shapes(network) == ((10,),)
    assert final_activation(network) == "softmax"


def test_the_mobilenet_unet_has_the_homeworks_parameters(unet: Network, facts: Entry) -> None:
    count, known = parameters(unet), facts["mobilenetv2_unet"]["by_output_channels"]["1"]
    assert (count.total, count.trainable) == (6_501_345, 4_657_441)
    assert count.non_trainable == known["non_trainable"]
    assert output_shapes(unet) == (tuple(known["output"]),)
    assert final_activation(unet) == "sigmoid"


def nested(network: Network) -> Node:
    """The encoder inside the U-Net; the up-sampling blocks are networks with one output."""
    inside = {node: node.layer for node in network.nodes if isinstance(node.layer, Network)}
    (found,) = (node for node, inner in inside.items() if len(inner.outputs) == 5)
    return found


def test_the_mobilenet_unet_has_the_homeworks_encoder(unet: Network, facts: Entry) -> None:
    known, encoder = facts["mobilenetv2_unet"], nested(unet).layer
    assert isinstance(encoder, Network)
    assert [list(shape) for shape in output_shapes(encoder)] == known["encoder_outputs"]
    assert len(encoder.nodes) == known["encoder_layers"]
    assert parameters(encoder).total == known["encoder_params"]
    assert cost(encoder).macs == known["macs"]["encoder"]
    assert cost(unet).macs == known["macs"]["encoder"] + known["macs"]["decoder"]


def test_the_mobilenet_unet_has_the_homeworks_decoder(unet: Network, facts: Entry) -> None:
    encoder = nested(unet).name
    found = [
        [leaf.layer.kind, sum(weight.size for weight in leaf.weights)]
        for leaf in leaves(unet)
        if leaf.weights and leaf.path[0] != encoder
    ]
    assert found == [row[:2] for row in facts["mobilenetv2_unet"]["decoder_layers"]]


def flagged(network: Network, **flags: bool) -> Network:
    """The network with flags changed: `whole`, `encoder` (its own), `node`, `layers` (each)."""
    encoder = nested(network)
    assert isinstance(encoder.layer, Network)
    layers = tuple(
        Node(n.name, n.layer, n.calls, trainable=flags["layers"]) for n in encoder.layer.nodes
    )
    inner = replace(encoder.layer, nodes=layers, trainable=flags["encoder"])
    changed = Node(encoder.name, inner, encoder.calls, trainable=flags["node"])
    nodes = tuple(changed if n is encoder else n for n in network.nodes)
    return replace(network, nodes=nodes, trainable=flags["whole"])


FREE = {"whole": True, "encoder": True, "node": True, "layers": True}
WAYS: list[tuple[str, dict[str, bool], Callable[[Entry], int]]] = [
    (
        "the encoder's flag and every layer's",
        {"encoder": False, "node": False, "layers": False},
        lambda ways: int(ways["encoder.trainable=False before"]),
    ),
    (
        "the encoder's flag alone",
        {"encoder": False},
        lambda ways: int(ways["encoder.trainable=False after the outer model exists"]),
    ),
    (
        "every layer of the encoder, its own flag stays true",
        {"layers": False},
        lambda ways: int(
            ways["every layer of the encoder frozen (encoder.trainable flag stays True)"]
        ),
    ),
    ("nothing frozen", {}, lambda ways: int(ways["nothing frozen"]["trainable"])),
    ("the whole model", {"whole": False}, lambda _ways: 0),
]


@pytest.mark.parametrize(("way", "flags", "known"), WAYS, ids=[way[0] for way in WAYS])
def test_each_way_of_freezing_leaves_the_known_number(
    unet: Network, facts: Entry, way: str, flags: dict[str, bool], known: Callable[[Entry], int]
) -> None:
    count = parameters(flagged(unet, **(FREE | flags)))
    assert count.trainable == known(facts["mobilenetv2_unet"]["ways_of_freezing"]), way
    assert count.total == 6_501_345


# --- published networks -----------------------------------------------------------------------

PUBLISHED = [
    "DenseNet121",
    "InceptionV3",
    "MobileNet",
    "MobileNetV2",
    "ResNet50",
    "ResNet50V2",
    "VGG16",
    "Xception",
]


@pytest.mark.slow
@pytest.mark.parametrize("name", PUBLISHED)
def test_a_published_network_has_the_numbers_that_keras_counts(name: str) -> None:
    import keras

    table = load_json("reference/params_table.json")["applications"]
    known = next(row for row in table if row["name"] == name)
    model = getattr(keras.applications, name)(weights=None)
    network = read_model_config(json.loads(model.to_json()))
    assert parameters(network).total == known["total"]
    assert parameters(network).trainable == known["trainable"]
    assert cost(network).macs == known["macs_total"]
    assert [list(shape) for shape in output_shapes(network)] == [known["output"]]
    assert len(network.nodes) == known["layers"]
