"""Small networks for tests: layers in a row, and graphs from a few lines."""

from __future__ import annotations

from typing import Any

from answers.layers.base import Layer
from answers.layers.convolution import Conv2D
from answers.layers.core import InputLayer
from answers.network.graph import Network, Node, Tensor


def chain(shape: tuple[Any, ...], *layers: Layer) -> Network:
    """Layers one after another, named by Keras's class in small letters and a number."""
    nodes = [Node("in", InputLayer(shape=shape), ((),))]
    for number, layer in enumerate(layers, start=1):
        name = f"{layer.kind.lower()}_{number}"
        nodes.append(Node(name, layer, ((Tensor(nodes[-1].name),),)))
    return graph(*nodes)


def graph(*nodes: Node) -> Network:
    """A network from 'in' to the last call of the last node."""
    last = Tensor(nodes[-1].name, len(nodes[-1].calls) - 1)
    return Network("net", "Functional", nodes, (Tensor("in"),), (last,), ("out",))


def entry(*shape: Any) -> Node:
    """The input."""
    return Node("in", InputLayer(shape=shape), ((),))


def node(name: str, layer: Layer | Network, *calls: str) -> Node:
    """Each call takes the tensors named in one text: 'a b', or 'a/1' for call number 1 of a."""
    return Node(name, layer, tuple(tuple(map(_tensor, call.split())) for call in calls))


def _tensor(text: str) -> Tensor:
    name, _, call = text.partition("/")
    return Tensor(name, int(call or 0))


def conv(filters: int, kernel: Any = 3, **settings: Any) -> Conv2D:
    """A convolution over a picture."""
    return Conv2D(filters=filters, kernel_size=kernel, **settings)
