"""Parameters with their flags, multiply-accumulates, and numbers held, on small graphs by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from answers.errors import InputError
from answers.layers.activation import ReLU
from answers.layers.base import Layer
from answers.layers.convolution import Conv2D
from answers.layers.core import Dense, Dropout, Flatten, InputLayer
from answers.layers.merging import Add
from answers.layers.normalization import BatchNormalization
from answers.layers.pooling import MaxPooling2D
from answers.network.cost import Cost, cost
from answers.network.graph import Network, Node, Tensor
from answers.network.parameters import Parameters, leaves, parameters


def network(*nodes: Node, out: tuple[Tensor, ...] = (), trainable: bool = True) -> Network:
    outputs = out or (Tensor(nodes[-1].name, len(nodes[-1].calls) - 1),)
    return Network(
        name="net",
        kind="Functional",
        nodes=nodes,
        inputs=(Tensor("in"),),
        outputs=outputs,
        output_names=tuple(f"out{number}" for number in range(len(outputs))),
        trainable=trainable,
    )


def entry(*shape: int | None) -> Node:
    return Node("in", InputLayer(shape=shape), ((),))


def node(name: str, layer: Layer | Network, *calls: str, trainable: bool = True) -> Node:
    """Each call takes the tensors named in one text: 'a b', or 'a/1' for call number 1 of a."""
    return Node(name, layer, tuple(tuple(map(_tensor, call.split())) for call in calls), trainable)


def _tensor(text: str) -> Tensor:
    name, _, call = text.partition("/")
    return Tensor(name, int(call or 0))


def conv(filters: int) -> Conv2D:
    return Conv2D(filters=filters, kernel_size=(3, 3), padding="same")


CNN = network(
    entry(32, 32, 3),
    node("conv2d", conv(16), "in"),
    node("pool", MaxPooling2D(), "conv2d"),
    node("conv2d_1", conv(32), "pool"),
    node("pool_1", MaxPooling2D(), "conv2d_1"),
    node("conv2d_2", conv(64), "pool_1"),
    node("pool_2", MaxPooling2D(), "conv2d_2"),
    node("flatten", Flatten(), "pool_2"),
    node("dense", Dense(units=128, activation="relu"), "flatten"),
    node("dense_1", Dense(units=10), "dense"),
)


def test_the_homeworks_cnn_has_its_known_parameters_and_cost() -> None:
    sizes = {leaf.path: sum(w.size for w in leaf.weights) for leaf in leaves(CNN) if leaf.weights}
    assert sizes == {
        ("conv2d",): 448,
        ("conv2d_1",): 4_640,
        ("conv2d_2",): 18_496,
        ("dense",): 131_200,
        ("dense_1",): 1_290,
    }
    assert parameters(CNN) == Parameters(trainable=156_074, non_trainable=0)
    # the first convolution: 32·32·16 numbers come out while 32·32·3 lie there
    assert cost(CNN) == Cost(macs=2_934_016, calls=10, live=32 * 32 * 16 + 16 * 16 * 16)


def test_the_most_numbers_are_held_where_the_first_pooling_reads_the_first_convolution() -> None:
    first = network(*CNN.nodes[:2])
    assert cost(first).live == 32 * 32 * (3 + 16)
    assert cost(network(*CNN.nodes[:3])).live == 32 * 32 * (16 + 4)


# --- flags ----------------------------------------------------------------------------------


def encoder(*, trainable: bool = True, layers: bool = True) -> Network:
    """A convolution and a normalisation: 112 + 8 numbers that train, 8 that never do."""
    return network(
        entry(None, None, 3),
        node("conv", conv(4), "in", trainable=layers),
        node("norm", BatchNormalization(), "conv", trainable=layers),
        trainable=trainable,
    )


def unet(inner: Network, *, trainable: bool = True, flag: bool = True) -> Network:
    """The encoder, and a head of 40 numbers beside a normalisation of 16."""
    return network(
        entry(8, 8, 3),
        node("encoder", inner, "in", trainable=flag),
        node("norm", BatchNormalization(), "encoder"),
        node("head", Conv2D(filters=8, kernel_size=(1, 1)), "norm"),
        trainable=trainable,
    )


FLAGS = [
    ("nothing frozen", unet(encoder()), Parameters(168, 16)),
    ("the encoder's own flag", unet(encoder(trainable=False)), Parameters(48, 136)),
    ("the flag of its node", unet(encoder(), flag=False), Parameters(48, 136)),
    ("both flags", unet(encoder(trainable=False), flag=False), Parameters(48, 136)),
    ("every layer of it", unet(encoder(layers=False)), Parameters(48, 136)),
    ("the whole model", unet(encoder(), trainable=False), Parameters(0, 184)),
]


@pytest.mark.parametrize(("name", "net", "count"), FLAGS, ids=[case[0] for case in FLAGS])
def test_a_flag_freezes_what_lies_inside(name: str, net: Network, count: Parameters) -> None:
    assert parameters(net) == count, name
    assert count.total == 184


def test_a_leaf_says_its_path_and_whether_it_is_frozen() -> None:
    frozen = {leaf.path: leaf.frozen for leaf in leaves(unet(encoder(trainable=False)))}
    assert frozen == {
        ("in",): False,
        ("encoder", "in"): True,
        ("encoder", "conv"): True,
        ("encoder", "norm"): True,
        ("norm",): False,
        ("head",): False,
    }


def test_a_frozen_normalisation_keeps_four_numbers_a_channel() -> None:
    net = network(entry(5), node("norm", BatchNormalization(), "in", trainable=False))
    assert parameters(net) == Parameters(0, 20)


# --- sharing --------------------------------------------------------------------------------


def test_a_shared_layer_has_its_parameters_once_and_costs_at_every_call() -> None:
    net = network(entry(8), node("dense", Dense(units=8), "in", "dense", "dense/1"))
    assert parameters(net).total == 72
    assert cost(net) == Cost(macs=3 * 64, calls=4, live=16)


def test_a_shared_layer_costs_what_each_of_its_pictures_asks_for() -> None:
    net = network(
        entry(8, 8, 3),
        node("pool", MaxPooling2D(), "in"),
        node("conv", conv(2), "in", "pool"),
        out=(Tensor("conv", 0), Tensor("conv", 1)),
    )
    assert parameters(net).total == 56
    assert cost(net).macs == 54 * (64 + 16)


def test_a_shared_layer_whose_calls_need_other_weights_is_refused() -> None:
    net = network(
        entry(8), node("other", Dense(units=5), "in"), node("dense", Dense(units=8), "in", "other")
    )
    with pytest.raises(
        InputError, match="shared by calls with 8 and with 5, for which it"
    ) as caught:
        parameters(net)
    assert (caught.value.code, caught.value.where) == ("shapes-differ", "dense")


def test_a_nested_network_called_twice_has_its_parameters_once_and_costs_twice() -> None:
    inner = network(entry(8), node("dense", Dense(units=8), "in"))
    net = network(entry(8), node("inner", inner, "in", "inner"))
    assert parameters(net).total == 72
    assert [leaf.path for leaf in leaves(net)] == [("in",), ("inner", "in"), ("inner", "dense")]
    assert cost(net).macs == 128
    assert cost(net).calls == 1 + 2 * 2


def test_a_layer_that_is_never_called_has_no_weights() -> None:
    net = network(entry(8), Node("idle", Dense(units=8), ()), node("drop", Dropout(), "in"))
    assert parameters(net).total == 0


# --- numbers held ---------------------------------------------------------------------------


def test_a_skip_is_held_until_it_is_used() -> None:
    net = network(
        entry(8),
        node("a", Dense(units=100), "in"),
        node("b", Dense(units=50), "a"),
        node("c", Dense(units=8), "b"),
        node("sum", Add(), "in c"),
    )
    assert cost(net).live == 8 + 100 + 50


def test_what_nobody_uses_is_dropped_at_once() -> None:
    net = network(
        entry(1),
        node("waste", Dense(units=100), "in"),
        node("a", Dense(units=1), "in"),
        node("b", Dense(units=60), "a"),
        out=(Tensor("b"),),
    )
    assert cost(net).live == 1 + 100


def test_a_nested_network_holds_its_own_numbers_on_top_of_what_waits_outside() -> None:
    inner = network(entry(8), node("a", Dense(units=100), "in"), node("b", Dense(units=2), "a"))
    net = network(entry(8), node("n", inner, "in"), node("r", ReLU(), "n"))
    exact = 8 + 100 + 2  # its input is the one outside
    assert cost(net).live == exact
    wide = network(*net.nodes, node("sum", Dense(units=1), "r"), out=(Tensor("sum"), Tensor("in")))
    assert cost(wide).live == exact


def test_thirty_nested_doublings_cost_two_to_the_thirtieth() -> None:
    net = network(entry(4), node("dense", Dense(units=4), "in"))
    for _ in range(30):
        net = network(entry(4), node("n", net, "in", "n"))
    assert cost(net).macs == 16 * 2**30
    assert parameters(net).total == 20


def test_an_open_size_has_no_cost_until_it_is_given() -> None:
    net = network(entry(None, None, 3), node("conv", conv(2), "in"))
    with pytest.raises(InputError, match=r"size is left open, but") as caught:
        cost(net)
    assert caught.value.code == "size-unknown"
    assert cost(net, ((8, 8, 3),)) == Cost(macs=64 * 54, calls=2, live=64 * 5)
    assert parameters(net).total == 56


def test_a_network_is_not_changed_by_being_counted() -> None:
    before = replace(CNN)
    cost(CNN)
    parameters(CNN)
    assert before == CNN
