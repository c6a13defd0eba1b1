"""The weights of a network, leaf by leaf, and how many numbers they hold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from answers.errors import InputError
from answers.layers.base import Layer, Weight, text
from answers.network.graph import Call, Network
from answers.network.shapes import Shapes, ShapeTable, fits


@dataclass(frozen=True)
class Leaf:
    """A layer at the end of a path of nested networks, with its arrays.

    path: node names from the outermost network to the layer.
    frozen: its own flag, or one of a network around it, says that training leaves it alone.
    """

    path: tuple[str, ...]
    layer: Layer
    frozen: bool
    weights: tuple[Weight, ...]


@dataclass(frozen=True)
class Parameters:
    """How many numbers training may change, and how many it may not."""

    trainable: int
    non_trainable: int

    @property
    def total(self) -> int:
        """All of them."""
        return self.trainable + self.non_trainable


def leaves(network: Network) -> Iterator[Leaf]:
    """Every layer, depth first in the order of the nodes; a shared layer or network once.

    Raises: InputError `shapes-differ` where the calls of one layer need other weights.
    """
    yield from _leaves(network, (), ShapeTable(), frozen=not network.trainable)


def parameters(network: Network) -> Parameters:
    """The parameters of a network; what is shared is counted once."""
    trainable = total = 0
    for leaf in leaves(network):
        for weight in leaf.weights:
            total += weight.size
            trainable += weight.size if weight.trainable and not leaf.frozen else 0
    return Parameters(trainable, total - trainable)


def _leaves(
    network: Network, path: tuple[str, ...], shapes: ShapeTable, *, frozen: bool
) -> Iterator[Leaf]:
    for node in network.nodes:
        held = frozen or not node.trainable
        here = (*path, node.name)
        if isinstance(node.layer, Network):
            inner = held or not node.layer.trainable
            yield from _leaves(node.layer, here, shapes, frozen=inner)
            continue
        calls = [Call(node, number, taken) for number, taken in enumerate(node.calls)]
        taken = [shapes.taken(network, call) for call in calls]
        yield Leaf(here, node.layer, held, _weights(node.layer, taken, node.name))


def _weights(layer: Layer, taken: list[Shapes], name: str) -> tuple[Weight, ...]:
    """The arrays of a layer that is called with these shapes."""
    if not taken:
        return ()
    first = layer.weights(*taken[0])
    for other in taken[1:]:
        pairs = zip(first, layer.weights(*other), strict=False)
        if other != taken[0] and not all(fits(one.shape, two.shape) for one, two in pairs):
            raise InputError(
                "shapes-differ",
                f"The layer is shared by calls with {_said(taken[0])} and with {_said(other)}, "
                "for which it would need other weights.",
            ).at(name)
    return first


def _said(shapes: Shapes) -> str:
    return " and ".join(map(text, shapes))
