"""The shapes that Keras 3 wrote beside the tensors of a graph, compared with our own.

Keras 3.0 to 3.10 does not write a Conv2DTranspose's `output_padding` at all: its settings alone
give another network than the one that was trained. The recorded shapes show it, and what it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from answers.errors import RefusedError
from answers.layers.base import Shape, text
from answers.layers.convolution import Conv1DTranspose, Conv2DTranspose, Conv3DTranspose
from answers.network.graph import Network, Tensor
from answers.network.shapes import ShapeTable, fits

_Transposed = Conv1DTranspose | Conv2DTranspose | Conv3DTranspose


def read_shape(value: Any) -> Shape | None:
    """A recorded shape without its batch axis; None where nothing usable is recorded."""
    if not isinstance(value, list) or not all(v is None or type(v) is int for v in value):
        return None
    return tuple(value[1:])


def with_lost_sizes(
    entries: Iterable[tuple[str, dict[str, Any]]], recorded: Iterable[tuple[Tensor, Shape]]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """The entries of a graph; a Resize of Keras 3.6 gets the size that the file lost."""
    shapes = {tensor.node: shape for tensor, shape in recorded}
    for name, entry in entries:
        config, shape = entry["config"], shapes.get(name)
        lost = entry.get("class_name") == "Resize" and isinstance(config, dict)
        if lost and "size" not in config and shape is not None and len(shape) == 3:
            yield name, entry | {"config": config | {"size": list(shape[:2])}}
        else:
            yield name, entry


def check_recorded(network: Network, recorded: Iterable[tuple[Tensor, Shape]]) -> Network:
    """The network with the output paddings that the file lost, if its tensors had these shapes.

    Raises: RefusedError shape-differs where they had other ones; InputError of the layer that does
    not fit.
    """
    rows = tuple(recorded)
    for _ in rows:  # a padding that is found changes the shapes behind it
        wrong = _first_wrong(network, rows)
        if wrong is None:
            return network
        network = _padded(network, *wrong)
    return network


def _first_wrong(
    network: Network, rows: tuple[tuple[Tensor, Shape], ...]
) -> tuple[Tensor, Shape, Shape, Shape] | None:
    """A tensor that had another shape, what it was and what it is now, and what its layer takes."""
    table = ShapeTable().calls(network)
    order = {call.key: number for number, call in enumerate(network.order)}
    for tensor, shape in sorted(rows, key=lambda row: order.get((row[0].node, row[0].call), 0)):
        made = table.get((tensor.node, tensor.call), ())
        if not 0 <= tensor.output < len(made):
            continue  # of another network than this one: a Sequential takes layers from anywhere
        ours = made[tensor.output]
        if not fits(shape, ours):
            taken = network.by_name[tensor.node].calls[tensor.call]
            given = table[taken[0].node, taken[0].call][taken[0].output] if taken else ()
            return tensor, shape, ours, given
    return None


def _padded(network: Network, tensor: Tensor, shape: Shape, ours: Shape, given: Shape) -> Network:
    """The network with the output padding that explains a recorded shape.

    Raises: RefusedError shape-differs where none does.
    """
    layer = network.by_name[tensor.node].layer
    if isinstance(layer, _Transposed) and layer.output_padding is None:
        found = _padding(layer, shape, given)
        if found is not None:
            better = replace(layer, output_padding=found)
            nodes = [
                replace(node, layer=better) if node.name == tensor.node else node
                for node in network.nodes
            ]
            return replace(network, nodes=tuple(nodes))
    raise RefusedError(
        "shape-differs",
        f"The output of this layer was {text(shape)} when the model was saved, but its "
        f"settings give {text(ours)}: the file lacks a setting.",
        hint="Keras 3.0 to 3.10 loses the output_padding of a Conv2DTranspose: leave it "
        "away, or save the model with a newer Keras.",
        where=f"layer {tensor.node}",
    )


def _padding(layer: _Transposed, shape: Shape, given: Shape) -> Any:
    """The output padding with which the layer makes the shape; smaller than its strides."""
    zeros: Any = (0,) * len(layer.strides)
    none = replace(layer, output_padding=zeros).output_shape(given)
    if len(shape) != len(none):
        return None
    extra = []
    for wanted, least, stride in zip(shape[:-1], none[:-1], layer.strides, strict=True):
        if not isinstance(wanted, int) or not isinstance(least, int):
            return None
        if not 0 <= wanted - least < stride:
            return None
        extra.append(wanted - least)
    return tuple(extra)
