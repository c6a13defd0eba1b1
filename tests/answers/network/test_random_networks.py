"""Laws that hold for any network, on small random ones: nested, shared, with several outputs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from math import prod

from hypothesis import given, settings
from hypothesis import strategies as st

from answers.layers.activation import Activation, LeakyReLU, ReLU, Softmax
from answers.layers.base import Layer
from answers.layers.convolution import Conv2D, Conv2DTranspose, DepthwiseConv2D, SeparableConv2D
from answers.layers.core import Dense, Dropout, InputLayer
from answers.layers.merging import Add, Concatenate
from answers.layers.normalization import BatchNormalization
from answers.layers.preprocessing import RandomFlip, Rescaling
from answers.layers.resampling import Resizing
from answers.network.cost import cost
from answers.network.document import from_json, to_json
from answers.network.graph import Network, Node, Tensor
from answers.network.parameters import leaves, parameters
from answers.network.shapes import ShapeTable, output_shapes

SIDE = 4  # every picture in these networks is 4 x 4, so that any two can be joined
Made = list[tuple[Tensor, int]]  # tensors, and how many channels they have

KEEPING: list[Layer] = [
    ReLU(max_value=6.0),
    LeakyReLU(),
    Softmax(axis=-1),
    Activation(activation="gelu"),
    Activation(activation=LeakyReLU(negative_slope=0.5)),
    BatchNormalization(epsilon=1e-5, scale=False),
    Dropout(rate=0.25),
    RandomFlip(),
    Rescaling(scale=(0.5,), offset=-1.0),
    Resizing(height=SIDE, width=SIDE, interpolation="nearest"),
    DepthwiseConv2D(kernel_size=(3, 2), padding="same", use_bias=False),
]


def mixing(filters: int) -> list[Layer]:
    return [
        Conv2D(filters=filters, kernel_size=(3, 3), padding="same", activation=Softmax()),
        Conv2D(filters=filters, kernel_size=(1, 1), dtype="mixed_float16"),
        Conv2DTranspose(filters=filters, kernel_size=(2, 2), padding="same"),
        SeparableConv2D(filters=filters, kernel_size=(3, 3), padding="same", depth_multiplier=2),
        Dense(units=filters, activation="relu"),
    ]


@st.composite
def networks(draw: st.DrawFn, depth: int = 2, channels: int = 3) -> Network:
    """A network on one picture of 4x4 and some channels."""
    nodes = [Node("in", InputLayer(shape=(SIDE, SIDE, channels)), ((),))]
    made: Made = [(Tensor("in"), channels)]
    for number in range(draw(st.integers(1, 5))):
        node, outputs = draw(grown(f"n{number}", tuple(made), depth))
        nodes.append(node)
        made += outputs
    ends = draw(st.lists(st.sampled_from(made), min_size=1, max_size=3))
    return Network(
        name=draw(st.text(max_size=4)),
        kind=draw(st.sampled_from(("Sequential", "Functional"))),
        nodes=tuple(draw(st.permutations(nodes))),
        inputs=(Tensor("in"),),
        outputs=tuple(tensor for tensor, _ in ends),
        output_names=tuple(f"out{number}" for number in range(len(ends))),
        trainable=draw(st.booleans()),
    )


@st.composite
def grown(
    draw: st.DrawFn, name: str, made: tuple[tuple[Tensor, int], ...], depth: int
) -> tuple[Node, Made]:
    """One more node on what is there, and the tensors that it makes."""
    first, channels = draw(st.sampled_from(made))
    alike = [tensor for tensor, count in made if count == channels]
    calls = tuple((t,) for t in draw(st.lists(st.sampled_from(alike), min_size=1, max_size=3)))
    filters = draw(st.integers(1, 4))
    flag = draw(st.booleans())
    kind = draw(st.sampled_from(("keep", "mix", "add", "join", "nest" if depth else "keep")))
    if kind == "nest":
        inner = draw(networks(depth=depth - 1, channels=channels))
        sizes = [shape[-1] or 0 for shape in output_shapes(inner)]
        outputs = [
            (Tensor(name, call, number), size)
            for call in range(len(calls))
            for number, size in enumerate(sizes)
        ]
        return Node(name, inner, calls, flag), outputs
    if kind == "add":
        return Node(name, Add(), ((first, draw(st.sampled_from(alike))),)), [
            (Tensor(name), channels)
        ]
    if kind == "join":
        other, more = draw(st.sampled_from(made))
        joined = Node(name, Concatenate(), ((first, other),))
        return joined, [(Tensor(name), channels + more)]
    layer = draw(st.sampled_from(KEEPING if kind == "keep" else mixing(filters)))
    size = channels if kind == "keep" else filters
    return Node(name, layer, calls, flag), [(Tensor(name, c), size) for c in range(len(calls))]


@settings(deadline=None, max_examples=50)
@given(networks())
def test_a_document_gives_back_the_network_that_it_was_made_from(network: Network) -> None:
    text = json.dumps(to_json(network), allow_nan=False)
    assert from_json(json.loads(text)) == network


@settings(deadline=None, max_examples=50)
@given(networks())
def test_each_call_stands_behind_its_inputs_and_makes_one_picture_an_output(
    network: Network,
) -> None:
    table = ShapeTable().calls(network)
    seen: set[Tensor] = set()
    for call in network.order:
        assert set(call.inputs) <= seen
        seen |= {Tensor(*call.key, number) for number in range(len(table[call.key]))}
        assert {shape[:2] for shape in table[call.key]} == {(SIDE, SIDE)}
    assert set(network.outputs) <= seen


def unfolded(network: Network) -> Iterator[tuple[Layer, tuple[tuple[int, int, int], ...]]]:
    """Every layer that is run, with the shapes that it takes: nested networks in full."""
    table = ShapeTable().calls(network)
    for node in network.nodes:
        for call in node.calls:
            if isinstance(node.layer, Network):
                yield from unfolded(node.layer)
            else:
                widths = (table[t.node, t.call][t.output][-1] or 0 for t in call)
                yield node.layer, tuple((SIDE, SIDE, width) for width in widths)


@settings(deadline=None, max_examples=50)
@given(networks())
def test_every_run_of_a_layer_costs_its_own_multiplications(network: Network) -> None:
    runs = list(unfolded(network))
    found = cost(network)
    assert found.macs == sum(layer.macs(*shapes) for layer, shapes in runs)
    assert found.calls == len(runs)


@settings(deadline=None, max_examples=50)
@given(networks())
def test_every_layer_has_its_weights_once_however_often_it_is_called(network: Network) -> None:
    def stored(part: Network) -> Iterator[Layer]:
        for node in part.nodes:
            yield from stored(node.layer) if isinstance(node.layer, Network) else [node.layer]

    assert [leaf.layer for leaf in leaves(network)] == list(stored(network))
    held = sum(weight.size for leaf in leaves(network) for weight in leaf.weights)
    assert parameters(network).total == held
    assert network.trainable or parameters(network).trainable == 0


@settings(deadline=None, max_examples=50)
@given(networks(depth=0))
def test_the_numbers_held_at_once_are_those_of_a_step_by_step_account(network: Network) -> None:
    """After each step only what a later step or the output needs is kept."""
    table = ShapeTable().calls(network)
    size = {Tensor(*key): prod(n or 0 for n in shapes[0]) for key, shapes in table.items()}
    order = network.order
    most = 0
    for step in range(len(order)):
        made = {Tensor(*call.key) for call in order[: step + 1]}
        needed = {tensor for call in order[step:] for tensor in call.inputs}
        alive = made & (needed | set(network.outputs) | {Tensor(*order[step].key)})
        most = max(most, sum(size[tensor] for tensor in alive))
    assert cost(network).live == most
