"""What is printed gives back what was printed: for texts, for graphs, and for any characters."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from layer_chain import entry, graph, node

from answers.errors import InputError
from answers.layers.activation import Activation, LeakyReLU, ReLU
from answers.layers.base import Layer
from answers.layers.catalogue import LAYERS
from answers.layers.convolution import Conv2D, Conv2DTranspose, DepthwiseConv2D
from answers.layers.core import Dense, Dropout, InputLayer, Reshape
from answers.layers.merging import Add, Concatenate, Multiply
from answers.layers.normalization import BatchNormalization
from answers.layers.pooling import MaxPooling2D
from answers.layers.preprocessing import Rescaling
from answers.layers.recurrent import LSTM
from answers.layers.resampling import UpSampling2D, ZeroPadding2D
from answers.layers.unknown import Unknown
from answers.layers.wrappers import Bidirectional, TimeDistributed
from answers.network.graph import Network, Node, Tensor
from answers.network.parameters import parameters
from answers.notation.printer import to_notation
from answers.notation.reading import parse
from answers.notation.unfolding import same_network, unfolded
from answers.notation.written_layer import name_text

# --- texts -----------------------------------------------------------------------------------

PLAIN = [
    "conv3-4",
    "conv1x7-8/s2x1/same",
    "conv{k}-{c + 1}/s{s}",
    "dw3/m2/nobias",
    "sep3-4/d2",
    "convT3-4/s2/same/op1",
    "local3-2",
    "maxpool2",
    "maxpool3/s1/same",
    "gap/keepdims",
    "bn/noscale",
    "bn/epsilon=1e-05",
    "gn2",
    "relu",
    "relu6",
    "tanh",
    "softmax/axis=1",
    "leakyrelu0.2",
    "dropout0.25",
    "rescale1/255",
    "up2/bilinear",
    "pad1x2",
    "pad/padding=((0, 1), (2, 3))",
    "dense-5/relu",
    "conv3-4/frozen",
    "conv3-4/mixed_float16",
    "RandomFlip",
    "activation/activation=LeakyReLU(negative_slope=0.5)",
]


@st.composite
def items(draw: st.DrawFn, depth: int) -> str:
    kind = draw(st.sampled_from(("layer",) * 4 + ("join", "res", "repeat") * (depth > 0)))
    if kind == "layer":
        return draw(st.sampled_from(PLAIN))
    if kind == "repeat":
        return f"{draw(st.integers(1, 4))}*({draw(rows(depth - 1, least=1))})"
    if kind == "res":
        return f"res({draw(rows(depth - 1))})"
    branches = draw(st.lists(rows(depth - 1), min_size=2, max_size=3))
    joiner = draw(st.sampled_from(("add", "concat", "concat/axis=1", "mul", "max")))
    return f"[{' | '.join(branches)}] {joiner}"


def rows(depth: int, least: int = 0) -> st.SearchStrategy[str]:
    return st.lists(items(depth), min_size=least, max_size=4).map(", ".join)


@st.composite
def texts(draw: st.DrawFn) -> str:
    """Rows with names, uses of names, layers used again, and jumps."""
    parts, names = [], ["in"]
    for number in range(draw(st.integers(1, 5))):
        part = draw(items(2))
        if not part[0].isdigit() and draw(st.booleans()):
            part = f"n{number}={part}"
        name = draw(st.sampled_from(names))
        extra = [f"concat({name})", f"add({name}, {name})", f"from({name})"]
        extra += [f"again({name})"] if name != "in" else []
        parts += [part, *draw(st.lists(st.sampled_from(extra), max_size=2))]
        names += [f"n{number}"] if part.startswith("n") else []
    sizes = draw(st.sampled_from(("in 32x32x4: ", "in {n}x{n + 1}x3: ", "in ?x?x3: ", "")))
    outputs = draw(st.lists(st.sampled_from(names), min_size=2, max_size=3))
    ending = f", out({', '.join(outputs)})" if draw(st.booleans()) else ""
    return sizes + ", ".join(parts) + ending


@settings(deadline=None, max_examples=60)
@given(texts())
def test_a_printed_text_gives_back_its_network(text: str) -> None:
    network = parse(text)
    printed = to_notation(network)
    again = parse(printed)
    assert same_network(again, network)
    assert to_notation(again) == printed
    short = to_notation(network, keep_names=False)
    assert len(parse(short).nodes) == len(network.nodes)
    assert to_notation(parse(short), keep_names=False) == short


@settings(deadline=None, max_examples=40)
@given(rows(2, least=1))
def test_rows_without_names_are_printed_without_names(row: str) -> None:
    assert "=" not in to_notation(parse(f"in 32x32x3: {row}")).replace("axis=", "").replace(
        "epsilon=", ""
    ).replace("padding=", "").replace("activation=", "").replace("slope=", "")


# --- graphs ----------------------------------------------------------------------------------

LAYERS_OF_ONE: list[Callable[[], Layer]] = [
    lambda: Conv2D(filters=4, kernel_size=(3, 3), padding="same"),
    lambda: Conv2DTranspose(filters=2, kernel_size=(3, 2), strides=(2, 2), output_padding=(1, 0)),
    lambda: DepthwiseConv2D(kernel_size=(1, 3), use_bias=False),
    lambda: MaxPooling2D(pool_size=(2, 2), strides=(2, 2)),
    lambda: BatchNormalization(axis=3),
    lambda: ReLU(max_value=6.0),
    lambda: Activation(activation="relu"),
    lambda: Dropout(rate=0.1),
]
NAMES = st.one_of(
    st.sampled_from(
        ("conv2d", "conv2d_1", "add", "re_lu", "in", "res", "again", "out", "a", "a_1")
    ),
    # what can be printed; nothing else can be a name
    st.text(
        st.characters(exclude_categories=("C", "Z"), include_characters=" "), min_size=1, max_size=4
    ),
)


@st.composite
def graphs(draw: st.DrawFn, depth: int = 1) -> Network:
    """Any graph: layers of one or more inputs, called once or more, networks among them."""
    count = draw(st.integers(1, 2)) if depth else 1
    names = draw(st.lists(NAMES, min_size=count + 7, max_size=count + 7, unique=True))
    nodes = [Node(name, InputLayer(shape=(8, None, 3)), ((),)) for name in names[:count]]
    made = [Tensor(name) for name in names[:count]]
    for name in names[count : count + draw(st.integers(1, 7))]:
        node = draw(grown(name, made, depth))
        nodes.append(node)
        outputs = len(node.layer.outputs) if isinstance(node.layer, Network) else 1
        made += [Tensor(name, c, o) for c in range(len(node.calls)) for o in range(outputs)]
    ends = draw(st.lists(st.sampled_from(made), min_size=1, max_size=3))
    return Network(
        name="any",
        kind="Functional",
        nodes=tuple(draw(st.permutations(nodes))),
        inputs=tuple(Tensor(name) for name in names[:count]),
        outputs=tuple(ends),
        output_names=tuple(f"out{number}" for number in range(len(ends))),
        trainable=draw(st.booleans()),
    )


@st.composite
def grown(draw: st.DrawFn, name: str, made: list[Tensor], depth: int) -> Node:
    flag, calls = draw(st.booleans()), draw(st.integers(1, 2))
    kind = draw(st.sampled_from(("one", "one", "join", "nest" if depth else "one")))
    layer: Layer | Network
    if kind == "nest":
        layer = draw(graphs(depth=0))
        size = 1
    elif kind == "one":
        layer, size = draw(st.sampled_from(LAYERS_OF_ONE))(), 1
    else:
        layer = draw(st.sampled_from((Add(), Concatenate(axis=1), Multiply())))
        size = draw(st.integers(2, 3))
    taken = st.lists(st.sampled_from(made), min_size=size, max_size=size).map(tuple)
    return Node(name, layer, tuple(draw(taken) for _ in range(calls)), flag)


@settings(deadline=None, max_examples=80)
@given(graphs())
def test_any_graph_can_be_written_and_read_back(network: Network) -> None:
    try:
        text = to_notation(network)
    except InputError as error:
        assert error.code == "no-notation"  # noqa: PT017  # two ways are right
        assert "wait for one another" in error.message or "told apart" in error.message  # noqa: PT017
        return
    again = parse(text)
    assert same_network(again, network)
    assert to_notation(again) == text


@pytest.mark.parametrize("name", ["\x1b[31mX", "a\u202eb", "\x07", "\ud800"], ids=ascii)
def test_a_name_that_can_not_be_printed_is_never_written_as_it_is(name: str) -> None:
    network = graph(entry(8, 8, 3), node(name, ReLU(), "in"))
    with pytest.raises(InputError, match="can't be printed") as caught:
        to_notation(network)
    assert caught.value.message.isprintable()
    assert name_text(name).isascii()
    assert name_text(name).isprintable()
    assert to_notation(network, keep_names=False) == "in 8x8x3: relu"


def test_a_dash_in_a_quoted_name_stays_what_it_is() -> None:
    network = graph(entry(8, 8, 3), node("a\u2010b\u2212c", ReLU(), "in"))
    text = to_notation(network)
    assert parse(text).nodes[-1].name == "a\u2010b\u2212c"
    assert parse('in 8x8x3: "x"=conv3\u201116').nodes[-1].layer == Conv2D(
        filters=16, kernel_size=(3, 3)
    )


# --- single layers ---------------------------------------------------------------------------

ODD: list[Layer] = [
    Rescaling(scale=(0.5, 0.25), offset=-1.0),
    Reshape(target_shape=(-1, 4)),
    Reshape(target_shape=(8,)),
    ZeroPadding2D(padding=((0, 1), (2, 2))),
    Dense(units=3, activation=LeakyReLU(negative_slope=1e-7)),
    UpSampling2D(size=(2, 3), interpolation="bicubic", dtype="mixed_bfloat16"),
    LSTM(units=3, recurrent_activation="tanh", return_sequences=True),
    Bidirectional(layer=LSTM(units=3), merge_mode="sum"),
    Bidirectional(layer=LSTM(units=3), dtype="float16"),
    Bidirectional(
        layer=LSTM(units=3, use_bias=False), backward_layer=LSTM(units=3, go_backwards=True)
    ),
    TimeDistributed(layer=Dense(units=2)),
    TimeDistributed(layer=TimeDistributed(layer=ReLU(max_value=6.0))),
    Unknown(class_name='My "own" layer,\n{odd}'),
    ReLU(max_value=0.1, negative_slope=1e22),
    Dropout(rate=1 / 3),
]


@pytest.mark.parametrize("layer", ODD, ids=repr)
def test_a_layer_with_odd_arguments_can_be_written(layer: Layer) -> None:
    network = sequence(InputLayer(shape=(4, 4, 2)), layer)
    assert parse(to_notation(network)).nodes[1].layer == layer


@pytest.mark.parametrize("kind", sorted(set(LAYERS) - {"InputLayer"}))
def test_every_layer_of_the_house_can_be_written(kind: str) -> None:
    from dataclasses import MISSING, fields

    guesses = {"layer": LSTM(units=2), "class_name": "Mine", "scale": 0.5, "init_values": 0.1}
    guesses |= {"dims": (2, 1), "target_shape": (2, 2), "subscripts": "ba->ba"}
    guesses |= {"equation": "ab,bc->ac", "cell": LSTM(units=2), "cells": (LSTM(units=2),)}
    guesses |= {"layer": Dense(units=2)} if kind == "SpectralNormalization" else {}
    guesses |= {"repeats": (2, 2)} if kind == "Tile" else {}
    guesses |= {"places": (0, 2), "shift": (1, -2), "sides": ((0, 1),) * 4}
    guesses |= {"axis": (1, 2)} if kind == "Roll" else {}
    needed = [item.name for item in fields(LAYERS[kind]) if item.default is MISSING]
    layer = LAYERS[kind](**{name: guesses.get(name, 2) for name in needed})  # type: ignore[arg-type]  # guesses
    network = sequence(InputLayer(shape=(4,) * 4), layer)
    ranked = kind[-2:] in ("1D", "2D", "3D") or kind.endswith("DTranspose")
    if ranked:
        rank = int(kind.removesuffix("DTranspose").removesuffix("D")[-1])
        network = sequence(InputLayer(shape=(4,) * (rank + 1)), layer)
    (node,) = parse(to_notation(network)).nodes[1:]
    assert node.layer == layer


def sequence(*layers: Layer) -> Network:
    nodes: list[Node] = []
    before: tuple[Tensor, ...] = ()
    for number, layer in enumerate(layers):
        nodes.append(Node(f"layer{number}", layer, (before,)))
        before = (Tensor(f"layer{number}"),)
    return Network(
        name="row",
        kind="Sequential",
        nodes=tuple(nodes),
        inputs=(Tensor("layer0"),),
        outputs=before,
        output_names=("end",),
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["VGG16", "ResNet50", "MobileNetV2", "DenseNet121", "InceptionV3", "NASNetMobile"]
)
def test_a_published_network_can_be_written_and_counted_again(name: str) -> None:
    import keras

    from checkers.model_file.graph_config import read_model_config

    model = getattr(keras.applications, name)(weights=None)
    network = read_model_config(json.loads(model.to_json()))
    for keep_names in (True, False):
        again = parse(to_notation(network, keep_names=keep_names))
        assert parameters(again).total == model.count_params()
    assert same_network(parse(to_notation(network)), network)


# --- nested and shared networks --------------------------------------------------------------


def test_a_network_in_a_network_is_unfolded_and_keeps_its_numbers() -> None:
    inner = parse("in 8x8x3: enc=conv3-3/same, bn")
    outer = Network(
        name="outer",
        kind="Functional",
        nodes=(
            Node("x", InputLayer(shape=(8, 8, 3)), ((),)),
            Node("enc", inner, ((Tensor("x"),), (Tensor("enc"),)), trainable=False),
            Node("bn", BatchNormalization(), ((Tensor("enc", 1),),)),
        ),
        inputs=(Tensor("x"),),
        outputs=(Tensor("bn"),),
        output_names=("bn",),
    )
    text = to_notation(outer)
    assert text == (
        "in x=8x8x3: enc=conv3-3/same/frozen, batch_normalization=bn/frozen, again(enc), "
        "again(batch_normalization), bn=bn"
    )
    assert parameters(parse(text)) == parameters(outer)
    assert parameters(unfolded(outer)) == parameters(outer)


def test_layers_of_one_name_in_two_networks_get_their_path() -> None:
    def inner() -> Network:
        return parse("in 8x8x3: c=conv3-3/same")

    nodes = (
        Node("x", InputLayer(shape=(8, 8, 3)), ((),)),
        Node("left", inner(), ((Tensor("x"),),)),
        Node("right", inner(), ((Tensor("left"),),)),
    )
    outer = replace(
        inner(),
        nodes=nodes,
        inputs=(Tensor("x"),),
        outputs=(Tensor("right"),),
        output_names=("y",),
    )
    assert to_notation(outer) == 'in x=8x8x3: "left/c"=conv3-3/same, "right/c"=conv3-3/same'


def test_a_network_that_unfolds_to_very_many_layers_is_refused() -> None:
    network = parse("in 8: relu")
    for level in range(20):
        tensors = (Tensor("x"), Tensor("n"))
        network = Network(
            name=f"level{level}",
            kind="Functional",
            nodes=(
                Node("x", InputLayer(shape=(8,)), ((),)),
                Node("n", network, tuple((tensor,) for tensor in tensors)),
            ),
            inputs=(Tensor("x"),),
            outputs=(Tensor("n", 1),),
            output_names=("y",),
        )
    with pytest.raises(InputError, match="more than 20,000 layers") as caught:
        to_notation(network)
    assert caught.value.code == "no-notation"


def test_an_input_of_a_single_number_is_refused_with_its_name() -> None:
    network = sequence(InputLayer(shape=()), ReLU())
    with pytest.raises(InputError, match="single number") as caught:
        to_notation(network)
    assert caught.value.code == "no-notation"


def test_a_text_that_would_be_too_long_is_refused() -> None:
    network = parse("in 3x3x3: 9000*(a=relu, bn)")
    with pytest.raises(InputError, match="more than 100,000 characters"):
        to_notation(network)


# --- any characters --------------------------------------------------------------------------

PIECES = (
    *'[](){}|,/-*=:#?"\\ \n',
    *("in ", "32x32x3:", "conv3-16", "relu", "{n}", "res(", "3*(", "a=", "concat(a)", "again("),
    *("from(", "out(", "/same", "/s2", "1e5", "99999999999999999999", "é", "x", "^", "𝟛", "٣"),
)


@settings(deadline=None, max_examples=200)
@given(st.one_of(st.lists(st.sampled_from(PIECES), max_size=30).map("".join), st.text()))
def test_any_characters_give_a_network_or_an_error_with_a_place(text: str) -> None:
    try:
        network = parse(text)
    except InputError as error:
        start, end = getattr(error, "start", 0), getattr(error, "end", 0)  # either is right
        assert 0 <= start <= end <= len(text)
        return
    assert same_network(parse(to_notation(network)), network)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("AveragePooling1D", "in ?x?: avgpool2"),
        ("UpSampling1D, conv3-8", "in ?x?: up2, conv3-8"),
        ("ZeroPadding3D", "in ?x?x?x?: pad1"),
        ("GlobalMaxPooling2D", "gmp"),
    ],
)
def test_a_class_that_says_its_axes_gets_an_input_of_as_many(text: str, written: str) -> None:
    assert to_notation(parse(text)) == written
