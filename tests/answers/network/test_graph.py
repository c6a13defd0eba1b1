"""The graph: what it refuses, its order, the shapes that go through it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from answers.errors import InputError
from answers.expressions.symbolic import symbol
from answers.layers.activation import ReLU
from answers.layers.base import Layer, Shape
from answers.layers.convolution import Conv2D, Conv2DTranspose
from answers.layers.core import Dense, Flatten, InputLayer
from answers.layers.merging import Add, Concatenate
from answers.layers.pooling import MaxPooling2D
from answers.layers.resampling import UpSampling2D, ZeroPadding2D
from answers.network.graph import Network, Node, Tensor
from answers.network.parameters import parameters
from answers.network.shapes import ShapeTable, fits, input_shapes, output_shapes
from answers.network.summary import summary

Source = str | Tensor


def tensor(source: Source) -> Tensor:
    return Tensor(source) if isinstance(source, str) else source


def node(name: str, layer: Layer | Network, *calls: tuple[Source, ...] | Source) -> Node:
    """A node whose calls take tensors, named by who made them."""
    taken = (call if isinstance(call, tuple) else (call,) for call in calls)
    return Node(name, layer, tuple(tuple(map(tensor, call)) for call in taken))


def entry(*shape: int | None, name: str = "in") -> Node:
    return Node(name, InputLayer(shape=shape), ((),))


def network(*nodes: Node, out: tuple[Source, ...] | None = None, name: str = "net") -> Network:
    """A network whose inputs are its input layers and whose output is its last node."""
    outputs = tuple(map(tensor, out or (nodes[-1].name,)))
    return Network(
        name=name,
        kind="Functional",
        nodes=nodes,
        inputs=tuple(Tensor(n.name) for n in nodes if isinstance(n.layer, InputLayer)),
        outputs=outputs,
        output_names=tuple(out.node for out in outputs),
    )


def conv(filters: int = 4, kernel: int = 3) -> Conv2D:
    return Conv2D(filters=filters, kernel_size=(kernel, kernel))


INNER = network(
    entry(8, name="a"), entry(8, name="b"), node("sum", Add(), ("a", "b")), name="inner"
)


def plain(**changes: Any) -> Network:
    """A sound network with something changed."""
    settings: dict[str, Any] = {
        "name": "net",
        "kind": "Functional",
        "nodes": (entry(8), node("d", Dense(units=2), "in")),
        "inputs": (Tensor("in"),),
        "outputs": (Tensor("d"),),
        "output_names": ("d",),
    }
    return Network(**(settings | changes))


@dataclass(frozen=True)
class Fault:
    name: str
    make: Callable[[], object]
    code: str
    words: str


FAULTS = [
    Fault(
        "two layers of one name",
        lambda: network(entry(8), node("d", ReLU(), "in"), node("d", ReLU(), "in")),
        "graph-names",
        "Two layers of 'net' have the same name",
    ),
    Fault(
        "a layer that is not there",
        lambda: network(entry(8), node("d", ReLU(), "ghost")),
        "graph-missing-layer",
        "'net' uses 'ghost', which it doesn't hold",
    ),
    Fault(
        "an output that is not there",
        lambda: plain(outputs=(Tensor("ghost"),)),
        "graph-missing-layer",
        "uses 'ghost'",
    ),
    Fault(
        "an input that is not there",
        lambda: plain(inputs=(Tensor("ghost"),)),
        "graph-missing-layer",
        "uses 'ghost'",
    ),
    Fault(
        "a call that is not there",
        lambda: network(entry(8), node("d", ReLU(), Tensor("in", 1))),
        "graph-missing-tensor",
        "'net' uses output 0 of call 1 of 'in', which does not exist",
    ),
    Fault(
        "a second output of a layer",
        lambda: network(entry(8), node("d", ReLU(), Tensor("in", 0, 1))),
        "graph-missing-tensor",
        "output 1 of call 0 of 'in'",
    ),
    Fault(
        "a second output of a network with one",
        lambda: network(
            entry(8), node("n", INNER, ("in", "in")), node("r", ReLU(), Tensor("n", 0, 1))
        ),
        "graph-missing-tensor",
        "output 1 of call 0 of 'n'",
    ),
    Fault(
        "a negative call",
        lambda: plain(outputs=(Tensor("d", -1),)),
        "graph-missing-tensor",
        "call -1 of 'd'",
    ),
    Fault(
        "a negative output",
        lambda: plain(outputs=(Tensor("d", 0, -1),)),
        "graph-missing-tensor",
        "output -1",
    ),
    Fault(
        "a layer that waits for itself",
        lambda: network(entry(8), node("d", Add(), ("in", "d"))),
        "graph-cycle",
        "The layers d of 'net' wait for one another",
    ),
    Fault(
        "layers that wait for one another",
        lambda: network(entry(8), node("x", Add(), ("in", "y")), node("y", ReLU(), "x")),
        "graph-cycle",
        "The layers (x, y|y, x) of 'net' wait",
    ),
    Fault("no input", lambda: plain(inputs=()), "graph-ends", "'net' has no input or no output"),
    Fault(
        "no output",
        lambda: plain(outputs=(), output_names=()),
        "graph-ends",
        "'net' has no input or no output",
    ),
    Fault(
        "an input that is no InputLayer",
        lambda: plain(inputs=(Tensor("in"), Tensor("d"))),
        "graph-ends",
        "'d' is an input, but no InputLayer",
    ),
    Fault(
        "the same input twice",
        lambda: plain(inputs=(Tensor("in"), Tensor("in"))),
        "graph-ends",
        "'net' has the same input twice",
    ),
    Fault(
        "an InputLayer that is no input",
        lambda: plain(nodes=(entry(8), entry(8, name="stray"), node("d", ReLU(), "in"))),
        "graph-ends",
        "'stray' is an InputLayer, but no input of 'net'",
    ),
    Fault(
        "an InputLayer that takes something",
        lambda: network(node("in", InputLayer(shape=(8,)), "d"), node("d", ReLU(), "in")),
        "graph-ends",
        "'in' is an InputLayer",
    ),
    Fault(
        "an InputLayer without a call",
        lambda: plain(nodes=(Node("in", InputLayer(shape=(8,)), ()), node("d", ReLU(), "in"))),
        "graph-missing-tensor",
        "call 0 of 'in'",
    ),
    Fault(
        "too few names for the outputs",
        lambda: plain(output_names=()),
        "graph-ends",
        "'net' has 1 outputs and 0 names",
    ),
    Fault(
        "a layer that takes nothing",
        lambda: network(entry(8), Node("d", ReLU(), ((),))),
        "input-count",
        "The layer gets no input",
    ),
    Fault(
        "a network that gets too little",
        lambda: network(entry(8), node("n", INNER, "in")),
        "input-count",
        "'inner' takes 2 inputs, but it gets 1",
    ),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_graph_that_can_not_be_is_refused_when_it_is_made(fault: Fault) -> None:
    with pytest.raises(InputError, match=fault.words) as caught:
        fault.make()
    assert caught.value.code == fault.code


def test_every_call_comes_after_those_that_make_its_inputs() -> None:
    net = network(
        node("last", Add(), ("twice", Tensor("twice", 1))),
        node("twice", ReLU(), "first", "last of the file"),
        node("last of the file", ReLU(), "first"),
        node("first", ReLU(), "in"),
        entry(8),
        out=("last",),
    )
    seen: set[Tensor] = set()
    for call in net.order:
        assert set(call.inputs) <= seen
        seen.add(Tensor(*call.key))
    assert len(net.order) == sum(len(n.calls) for n in net.nodes) == 6


def test_a_layer_without_a_call_is_held_but_never_run() -> None:
    net = network(entry(8), node("d", ReLU(), "in"), Node("idle", ReLU(), ()), out=("d",))
    assert [call.node.name for call in net.order] == ["in", "d"]


def test_a_chain_of_thousands_of_layers_is_walked_without_recursion() -> None:
    nodes = [entry(8), *(node(f"r{i}", ReLU(), f"r{i - 1}" if i else "in") for i in range(3_000))]
    assert output_shapes(network(*nodes)) == ((8,),)


# --- shapes -----------------------------------------------------------------------------------


def test_shapes_flow_through_a_network_with_several_inputs_and_outputs() -> None:
    net = network(
        entry(16, 16, 3, name="picture"),
        entry(5, name="facts"),
        node("conv", conv(8), "picture"),
        node("flat", Flatten(), "conv"),
        node("both", Concatenate(), ("flat", "facts")),
        node("answer", Dense(units=2), "both"),
        out=("answer", "conv"),
    )
    assert input_shapes(net) == ((16, 16, 3), (5,))
    assert output_shapes(net) == ((2,), (14, 14, 8))
    assert ShapeTable().calls(net)["both", 0] == ((14 * 14 * 8 + 5,),)


def test_inputs_are_taken_in_the_order_of_the_network_not_of_the_file() -> None:
    net = Network(
        name="net",
        kind="Functional",
        nodes=(entry(3, name="a"), entry(4, name="b"), node("c", Concatenate(), ("b", "a"))),
        inputs=(Tensor("b"), Tensor("a")),
        outputs=(Tensor("c"), Tensor("a")),
        output_names=("c", "a"),
    )
    assert input_shapes(net) == ((4,), (3,))
    assert output_shapes(net, ((4,), (3,))) == ((7,), (3,))


def twice(inner: Network, name: str = "twice") -> Network:
    """A network that calls another one twice, one after the other."""
    return network(
        Node("in", InputLayer(shape=input_shapes(inner)[0]), ((),)),
        node("n", inner, "in", "n"),
        out=(Tensor("n", 1),),
        name=name,
    )


def test_a_nested_network_called_twice_has_a_shape_for_each_call() -> None:
    inner = network(entry(None, None, 3), node("c", conv(3), "in"), name="inner")
    net = twice(inner)
    table = ShapeTable().calls(net, ((9, 12, 3),))
    assert table["n", 0] == ((7, 10, 3),)
    assert table["n", 1] == ((5, 8, 3),)


def test_a_nested_network_may_have_several_outputs() -> None:
    inner = network(
        entry(8, 8, 3), node("c", conv(4), "in"), node("p", MaxPooling2D(), "c"), out=("p", "c")
    )
    net = network(
        entry(8, 8, 3),
        node("encoder", inner, "in"),
        node("up", UpSampling2D(), "encoder"),
        node("join", Concatenate(), ("up", Tensor("encoder", 0, 1))),
    )
    assert output_shapes(net) == ((6, 6, 8),)


@pytest.mark.parametrize(
    ("given", "out"),
    [
        (((None, None, 3),), ((None, None, 2),)),
        (((8, None, 3),), ((16, None, 2),)),
        (((8, 12, 3),), ((16, 24, 2),)),
    ],
    ids=["open", "height known", "known"],
)
def test_an_open_size_flows_to_the_output(given: tuple[Shape, ...], out: tuple[Shape, ...]) -> None:
    net = network(
        entry(None, None, 3),
        node("pad", ZeroPadding2D(), "in"),
        node("conv", conv(2), "pad"),
        node("up", UpSampling2D(), "conv"),
        node("skip", Conv2DTranspose(filters=2, kernel_size=(2, 2), strides=(2, 2)), "in"),
        node("sum", Add(), ("up", "skip")),
    )
    assert output_shapes(net, given) == out
    assert parameters(net).total == (27 + 1) * 2 + (12 + 1) * 2


def test_a_size_that_the_outer_network_leaves_open_is_settled_by_the_inner_one() -> None:
    inner = network(entry(8, 8, 3), node("f", Flatten(), "in"), node("d", Dense(units=5), "f"))
    outer = network(entry(None, None, 3), node("n", inner, "in"))
    assert output_shapes(outer) == ((5,),)


def test_an_error_names_the_layers_from_the_outside_in() -> None:
    inner = network(entry(None, None, 3), node("big", conv(2, kernel=9), "in"), name="inner")
    outer = network(entry(8, 8, 3), node("encoder", inner, "in"))
    with pytest.raises(InputError, match="A window that reaches over 9") as caught:
        output_shapes(outer)
    assert caught.value.where == "encoder: big"


def test_a_skip_that_does_not_fit_is_named_with_both_shapes() -> None:
    net = network(
        entry(17, 17, 3),
        node("pool", MaxPooling2D(), "in"),
        node("up", UpSampling2D(), "pool"),
        node("join", Concatenate(), ("up", "in")),
    )
    with pytest.raises(InputError, match="their shapes are 16x16x3, 17x17x3") as caught:
        output_shapes(net)
    assert caught.value.where == "join"


@pytest.mark.parametrize(
    ("inputs", "code", "words"),
    [
        (((8, 8, 4),), "input-shape", r"'net' takes \?x8x3, but it gets 8x8x4"),
        (((8, 3),), "input-shape", r"'net' takes \?x8x3, but it gets 8x3"),
        (((8, 8, 3), (8, 8, 3)), "input-count", "'net' takes 1 inputs, but it gets 2"),
        (((2**61, 8, 3),), "tensor-too-large", "The output is too large: 2305843009213693952x8x3"),
    ],
    ids=["channels", "rank", "count", "too large"],
)
def test_what_is_given_must_fit_what_the_network_takes(
    inputs: tuple[Shape, ...], code: str, words: str
) -> None:
    net = network(entry(None, 8, 3), node("c", conv(), "in"))
    with pytest.raises(InputError, match=words) as caught:
        output_shapes(net, inputs)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("wanted", "given", "answer"),
    [
        ((8, 3), (8, 3), True),
        ((None, 3), (8, 3), True),
        ((8, 3), (None, 3), True),
        ((8, 3), (9, 3), False),
        ((8, 3), (8, 3, 1), False),
        ((), (), True),
    ],
)
def test_an_open_size_fits_any(wanted: Shape, given: Shape, answer: object) -> None:
    assert fits(wanted, given) is answer


def test_thirty_nested_doublings_are_worked_out_at_once() -> None:
    net = network(entry(4, 4, 2), node("r", conv(2, kernel=1), "in"))
    for _ in range(30):
        net = twice(net)
    table = ShapeTable()
    assert table.of(net) == ((4, 4, 2),)
    assert len(table._known) == 31
    assert parameters(net).total == 6


def test_doublings_that_grow_at_every_call_end_with_an_error() -> None:
    net = network(entry(None, None, 2), node("pad", ZeroPadding2D(), "in"))
    for _ in range(30):
        net = twice(net)
    with pytest.raises(InputError, match="The network runs layers at more than 100,000 sizes"):
        output_shapes(net, ((4, 4, 2),))


def test_sizes_that_double_at_every_call_end_with_an_error() -> None:
    net = network(entry(None, None, 2), node("up", UpSampling2D(), "in"))
    for _ in range(30):
        net = twice(net)
    with pytest.raises(InputError, match="The output is too large"):
        output_shapes(net, ((4, 4, 2),))


@pytest.mark.parametrize("asked", [output_shapes, summary])
def test_more_than_three_hundred_layers_with_letters_are_refused(
    asked: Callable[[Network], Any],
) -> None:
    def relus(count: int, size: int) -> Network:
        names = [f"relu{number}" for number in range(count)]
        pairs = zip(names, ["in", *names], strict=False)
        return network(
            Node("in", InputLayer(shape=(size, size, 3)), ((),)),
            *(node(name, ReLU(), before) for name, before in pairs),
        )

    asked(relus(299, symbol("n")))
    asked(relus(300, 32))
    with pytest.raises(InputError, match="More than 300 layers have letters") as caught:
        asked(relus(300, symbol("n")))
    assert caught.value.code == "formula-too-large"


@pytest.mark.parametrize("asked", [output_shapes, summary])
def test_a_nested_network_refuses_a_shape_that_it_does_not_ask_for(
    asked: Callable[[Network], Any],
) -> None:
    inner = network(entry(32, 32, 3, name="a"), node("conv", conv(), "a"), name="inner")
    outer = network(entry(28, 28, 3), node("inner", inner, "in"))
    with pytest.raises(InputError, match="'inner' takes 32x32x3, but it gets 28x28x3") as caught:
        asked(outer)
    assert caught.value.code == "input-shape"
    assert caught.value.where == "inner"


def test_a_summary_settles_open_sizes_by_what_a_nested_network_asks_for() -> None:
    inner = network(
        entry(32, 32, 3, name="a"),
        node("flat", Flatten(), "a"),
        node("dense", Dense(units=2), "flat"),
        name="inner",
    )
    outer = network(entry(None, None, 3), node("inner", inner, "in"))
    found = summary(outer).parameters
    assert (found.value, found.at_least) == (6146, False)
    assert parameters(outer).total == 6146
