"""A network as JSON: what a document that is none is told, and that nothing else can happen."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from answers.errors import InputError
from answers.layers.activation import Activation, LeakyReLU, Softmax
from answers.layers.convolution import Conv2D, Conv2DTranspose
from answers.layers.core import Dense, Flatten, InputLayer, Reshape
from answers.layers.merging import Concatenate
from answers.layers.resampling import ZeroPadding2D
from answers.network.cost import cost
from answers.network.document import DEEPEST, from_json, to_json
from answers.network.graph import Network, Node, Tensor
from answers.network.head import final_activation
from answers.network.parameters import parameters
from answers.network.shapes import output_shapes

Document = dict[str, Any]


def node(name: str, layer: Any, *inputs: Tensor) -> Node:
    return Node(name, layer, (inputs,))


def wrap(inner: Network, calls: int = 1) -> Network:
    """A network that calls another one, several times over."""
    made = (Tensor("in"), *(Tensor("n", number) for number in range(calls)))
    nodes = (
        node("in", InputLayer(shape=(8, 8, 3))),
        Node("n", inner, tuple((tensor,) for tensor in made[:-1])),
    )
    return Network("wrap", "Functional", nodes, (Tensor("in"),), (made[-1],), ("out",))


def sample() -> Network:
    """One of everything: nested, shared, two outputs, lists in lists, an activation layer."""
    inner = Network(
        name="inner",
        kind="Sequential",
        nodes=(
            node("in", InputLayer(shape=(None, None, 3))),
            node("pad", ZeroPadding2D(padding=((0, 1), (0, 1))), Tensor("in")),
            node(
                "conv",
                Conv2D(filters=3, kernel_size=(2, 2), activation=LeakyReLU()),
                Tensor("pad"),
            ),
        ),
        inputs=(Tensor("in"),),
        outputs=(Tensor("conv"),),
        output_names=("conv",),
        trainable=False,
    )
    up = Conv2DTranspose(filters=3, kernel_size=(3, 3), output_padding=(0, 0))
    return Network(
        name="net",
        kind="Functional",
        nodes=(
            node("in", InputLayer(shape=(8, 8, 3))),
            Node("inner", inner, ((Tensor("in"),), (Tensor("inner"),)), trainable=False),
            node("up", up, Tensor("inner", 1)),
            node("join", Concatenate(axis=1), Tensor("inner"), Tensor("inner", 1)),
            node("flat", Flatten(), Tensor("join")),
            node("dense", Dense(units=2), Tensor("flat")),
            node("soft", Activation(activation=Softmax()), Tensor("dense")),
            node("shaped", Reshape(target_shape=(-1, 1)), Tensor("soft")),
        ),
        inputs=(Tensor("in"),),
        outputs=(Tensor("shaped"), Tensor("up")),
        output_names=("answer", "map"),
    )


def document() -> Document:
    return json.loads(json.dumps(to_json(sample())))  # type: ignore[no-any-return]  # our own JSON


def test_the_sample_comes_back_whole() -> None:
    assert from_json(document()) == sample()


def test_a_document_is_plain_json_with_its_format_and_version() -> None:
    text = json.dumps(to_json(sample()), allow_nan=False)
    assert json.loads(text)["format"] == "companion/network"
    assert json.loads(text)["version"] == 1


def test_reading_leaves_the_document_as_it_was() -> None:
    given = document()
    from_json(given)
    assert given == document()


@dataclass(frozen=True)
class Fault:
    """Something that is put in the place of a part of the sample's document."""

    name: str
    path: tuple[str | int, ...]
    value: Any
    words: str
    code: str = "network-document"


GONE = object()
NET = ("network",)
DENSE = (*NET, "nodes", 5)
INNER = (*NET, "nodes", 1, "network")
FAULTS = [
    Fault("another format", ("format",), "keras", "This is no document of the format companion/n"),
    Fault("no format", ("format",), GONE, "This is no document of the format companion/network"),
    Fault("a later version", ("version",), 2, "has version 2; this program reads 1"),
    Fault("true for a version", ("version",), True, "has version True; this program reads 1"),
    Fault("no version", ("version",), GONE, "has version None; this program reads 1"),
    Fault("no network", NET, GONE, "should hold a network here"),
    Fault("a list for a network", NET, [], "should hold a network here"),
    Fault("no nodes", (*NET, "nodes"), GONE, "should hold a list here"),
    Fault("an object for nodes", (*NET, "nodes"), {}, "should hold a list here"),
    Fault("a text for a node", DENSE, "dense", "should hold a node here"),
    Fault("no layer in a node", (*DENSE, "layer"), GONE, "should hold a layer here"),
    Fault("no network in a node", INNER, GONE, "should hold a layer here"),
    Fault("a text for a network in a node", INNER, "inner", "should hold a network here"),
    Fault("no class", (*DENSE, "layer", "class"), GONE, "names an unknown layer: None"),
    Fault("unknown class", (*DENSE, "layer", "class"), "Lambda", "unknown layer: 'Lambda'"),
    Fault("a list for a class", (*DENSE, "layer", "class"), ["Dense"], "unknown layer"),
    Fault("unknown argument", (*DENSE, "layer", "unit"), 2, "A Dense has no argument 'unit'"),
    Fault("missing argument", (*DENSE, "layer", "units"), GONE, "A Dense needs the arg.* 'units'"),
    Fault(
        "an activation in an activation",
        (*NET, "nodes", 6, "layer", "activation", "axis"),
        {"class": "Softmax"},
        "Softmax.axis must be a whole number",
        "config-value",
    ),
    Fault(
        "a convolution as an activation",
        (*DENSE, "layer", "activation"),
        {"class": "Flatten"},
        "Dense.activation must be one of .*, but it is Flatten",
        "config-value",
    ),
    Fault(
        "a size of zero",
        (*DENSE, "layer", "units"),
        0,
        "Dense.units must be a whole number of at least 1, but it is 0",
        "config-value",
    ),
    Fault("kind", (*NET, "kind"), "Model", "network.kind must be one of", "config-value"),
    Fault("no kind", (*NET, "kind"), GONE, "network.kind must be one of", "config-value"),
    Fault("name", (*NET, "name"), 7, "network.name must be a text", "config-value"),
    Fault("node name", (*DENSE, "name"), None, "node.name must be a text", "config-value"),
    Fault("flag", (*NET, "trainable"), 1, "network.trainable must be true or", "config-value"),
    Fault("node flag", (*DENSE, "trainable"), "no", "node.trainable must be true", "config-value"),
    Fault(
        "output names",
        (*NET, "output_names"),
        ["answer", 2],
        "network.output_names must be a list, each a text",
        "config-value",
    ),
    Fault("too few names", (*NET, "output_names"), ["answer"], "2 outputs and 1", "graph-ends"),
    Fault("calls", (*DENSE, "calls"), None, "should hold a list here"),
    Fault("a call", (*DENSE, "calls", 0), "flat", "should hold a list here"),
    Fault(
        "a tensor",
        (*DENSE, "calls", 0, 0),
        ["flat", 0],
        "tensor must be a list of a text, a whole number, a whole number, but it is",
        "config-value",
    ),
    Fault("a call that is not there", (*DENSE, "calls", 0, 0, 1), 5, "call 5", "graph-missing-tensor"),
    Fault("a layer that is not there", (*DENSE, "calls", 0, 0, 0), "x", "'x'", "graph-missing-layer"),
    Fault("a name twice", (*DENSE, "name"), "flat", "have the same name", "graph-names"),
    Fault("a cycle", (*DENSE, "calls", 0, 0, 0), "soft", "wait for one another", "graph-cycle"),
    Fault("no inputs", (*NET, "inputs"), [], "has no input or no output", "graph-ends"),
]  # fmt: skip


def put(given: Any, path: tuple[str | int, ...], value: Any) -> None:
    """Replace, add or (GONE) remove what lies at a path."""
    for step in path[:-1]:
        given = given[step]
    if value is GONE:
        del given[path[-1]]
    else:
        given[path[-1]] = value


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_broken_document_is_told_what_is_broken(fault: Fault) -> None:
    broken = document()
    put(broken, fault.path, fault.value)
    with pytest.raises(InputError, match=fault.words) as caught:
        from_json(broken)
    assert caught.value.code == fault.code


@pytest.mark.parametrize("value", [None, [], "text", 3, {}], ids=repr)
def test_what_is_no_document_at_all_is_told_so(value: Any) -> None:
    with pytest.raises(InputError, match="This is no document of the format companion/network"):
        from_json(value)


def test_networks_nest_to_a_depth_and_no_deeper() -> None:
    net = sample()
    for _ in range(DEEPEST - 2):  # the sample holds one of its own
        net = wrap(net)
    assert from_json(to_json(net)) == net
    with pytest.raises(InputError, match=f"Networks lie more than {DEEPEST} levels deep") as caught:
        from_json(to_json(wrap(net)))
    assert caught.value.code == "model-too-deep"


def test_a_small_document_that_unfolds_to_millions_of_layers_is_refused() -> None:
    net = Network(
        "one",
        "Functional",
        (node("in", InputLayer(shape=(8, 8, 3))), node("f", Dense(units=3), Tensor("in"))),
        (Tensor("in"),),
        (Tensor("f"),),
        ("f",),
    )
    for _ in range(DEEPEST - 1):
        net = wrap(net, calls=10)
    with pytest.raises(InputError, match="The network runs over 100,000 layers") as caught:
        from_json(to_json(net))
    assert caught.value.code == "too-many-calls"


def test_activations_that_nest_by_the_thousand_are_refused_without_recursion() -> None:
    layer: Document = {"class": "Softmax"}
    for _ in range(5_000):
        layer = {"class": "Activation", "activation": layer}
    broken = document()
    put(broken, (*DENSE, "layer"), layer)
    with pytest.raises(InputError, match="Layers lie more than 8 levels deep"):
        from_json(broken)
    while layer := layer.get("activation", {}):  # freed link by link
        pass


# --- whatever happens to a document ---------------------------------------------------------


def paths(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every place of a document, but not the document itself."""
    if path:
        yield path
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from paths(inner, (*path, key))


PATHS = list(paths(document()))
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-2, 9)
    | st.integers()
    | st.floats()
    | st.sampled_from(["", "in", "inner", "dense", "Dense", "Softmax", "relu", "same", "class"])
    | st.text(max_size=3)
)
KEYS = st.sampled_from(["class", "activation", "units", "nodes", "network", "layer"]) | st.text()
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=6,
)
CHANGES = (
    st.tuples(st.just("put"), st.sampled_from(PATHS), VALUES)
    | st.tuples(st.just("drop"), st.sampled_from(PATHS), st.none())
    | st.tuples(st.just("copy"), st.sampled_from(PATHS), st.sampled_from(PATHS))
)


def at(given: Any, path: tuple[str | int, ...]) -> Any:
    for step in path:
        given = given[step]
    return given


def change(given: Document, how: str, path: tuple[str | int, ...], value: Any) -> None:
    """One change; nothing where an earlier one took the place away."""
    try:
        found = copy.deepcopy(at(given, value)) if how == "copy" else value
        put(given, path, GONE if how == "drop" else found)
    except (KeyError, IndexError, TypeError):
        return


def use(network: Network) -> None:
    """Everything that is asked of a network which a document made."""
    output_shapes(network)
    parameters(network)
    cost(network)
    to_json(network)
    for number in range(len(network.outputs)):
        final_activation(network, number)


@settings(deadline=None, max_examples=300)
@given(st.lists(CHANGES, min_size=1, max_size=3))
@example([("put", (*DENSE, "layer", "units"), 10**5000)])
@example([("put", (*DENSE, "layer", "units"), 10**400)])
@example([("put", (*NET, "nodes", 0, "layer", "shape"), [1] * 1_000)])
@example([("put", (*NET, "nodes", 0, "layer", "shape"), [2**62, 2**62, 3])])
@example([("put", (*NET, "nodes", 7, "layer", "target_shape"), [2**62] * 400)])
@example([("put", (*INNER, "nodes", 1, "layer", "padding"), [[2**62, 2**62], [0, 0]])])
@example([("copy", INNER, NET)])
@example([("copy", (*NET, "outputs"), (*NET, "inputs"))])
def test_a_document_that_was_changed_anywhere_gives_a_network_or_an_input_error(
    changes: list[tuple[str, tuple[str | int, ...], Any]],
) -> None:
    given = document()
    for how, path, value in changes:
        change(given, how, path, value)
    try:
        network = from_json(given)
    except InputError:
        return
    assert from_json(to_json(network)) == network
    try:
        use(network)
    except InputError:
        return


CALLS: list[Callable[[Network], object]] = [output_shapes, parameters, cost]


@pytest.mark.parametrize("ask", CALLS, ids=lambda ask: ask.__name__)
def test_sizes_that_no_machine_has_are_an_input_error_wherever_they_are_met(
    ask: Callable[[Network], object],
) -> None:
    given = document()
    put(given, (*NET, "nodes", 0, "layer", "shape"), [2**62, 2**62, 3])
    with pytest.raises(InputError, match="The output is too large: 46116860184"):
        ask(from_json(given))
