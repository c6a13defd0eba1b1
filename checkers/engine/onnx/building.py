"""A network and its weights → an ONNX model; and which of its layers ONNX can't express."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from answers.layers import core, normalization, wrappers
from answers.layers.base import Layer
from answers.layers.catalogue import LAYERS
from answers.network.graph import Network, Tensor
from answers.network.parameters import leaves
from checkers.engine.onnx.arriving import arriving
from checkers.engine.onnx.attention import ATTENTION
from checkers.engine.onnx.functions import ACTIVATIONS
from checkers.engine.onnx.graph import Arrays, Graph, NotCovered, Sizes, Value
from checkers.engine.onnx.grid import GRID
from checkers.engine.onnx.joining import JOINED, SHAPED
from checkers.engine.onnx.local import LOCAL
from checkers.engine.onnx.norms import NORMS
from checkers.engine.onnx.operations import ON_TENSORS, OPERATIONS
from checkers.engine.onnx.places import JOINED_TRUTHS, PLACES
from checkers.engine.onnx.scaling import Arriving, scaled
from checkers.engine.onnx.sequences import SEQUENCES
from checkers.engine.onnx.windows import WINDOWS

Path = tuple[str, ...]

_IDENTITY = (core.Identity, core.TrainingOnly)


@dataclass
class Built:
    """A graph with the values that can be asked for.

    outputs: those of the network. normalised: what goes into each batch normalisation, by path.
    """

    graph: Graph = field(default_factory=Graph)
    outputs: list[Value] = field(default_factory=list)
    normalised: dict[Path, Value] = field(default_factory=dict)


def build(
    network: Network,
    arrays: Iterator[NDArray[np.float32]],
    sizes: list[Sizes],
    graph: Graph | None = None,
    pictures: Arriving | None = None,
) -> Built:
    """Write every call of a network as nodes.

    arrays: in the order of the leaves. sizes: the shape of one sample of each input, all known.
    graph: where to; a new one unless said.
    pictures: how they come on 0–255, where the graph is to scale its only input.
    Raises: NotCovered, with the name of the layer, where ONNX can't say what Keras means.
    """
    built = Built(graph or Graph())
    held = {leaf.path: [next(arrays) for _ in leaf.weights] for leaf in leaves(network)}
    if pictures is None:
        given = [built.graph.input(shape) for shape in sizes]
    else:
        given = [scaled(built.graph, shape, pictures) for shape in sizes]
    cast = arriving(built.graph, network, given)
    made = _connect(built, held, network, (), cast)
    # an output has to come out of a node, even where nothing was done
    built.outputs = [built.graph.each("Identity", v) if v in given else v for v in made]
    return built


def _connect(
    built: Built, held: dict[Path, Arrays], network: Network, path: Path, given: list[Value]
) -> list[Value]:
    made: dict[Tensor, Value] = {
        Tensor(tensor.node): value for tensor, value in zip(network.inputs, given, strict=True)
    }
    for call in network.order:
        layer, here = call.node.layer, (*path, call.node.name)
        if isinstance(layer, core.InputLayer):
            continue
        taken = [made[tensor] for tensor in call.inputs]
        if isinstance(layer, Network):
            results = _connect(built, held, layer, here, taken)
        else:
            results = _call(built, held.get(here, []), layer, here, taken)
        made |= {Tensor(*call.key, number): value for number, value in enumerate(results)}
    return [made[tensor] for tensor in network.outputs]


def _call(
    built: Built, arrays: Arrays, layer: Layer, path: Path, taken: list[Value]
) -> list[Value]:
    if isinstance(layer, normalization.BatchNormalization):
        built.normalised.setdefault(path, taken[0])
    try:
        return _made(layer, built.graph, taken, arrays)
    except NotCovered as reason:
        raise NotCovered(f"{'/'.join(path)}: {reason}") from None


def _made(layer: Layer, graph: Graph, taken: list[Value], arrays: Arrays) -> list[Value]:
    """What a layer makes of its inputs. Raises: NotCovered."""
    kind = type(layer)
    if kind.__name__ not in COVERED:
        raise NotCovered(layer.kind)
    if layer.dtype != "float32":
        raise NotCovered(f"{layer.kind} in {layer.dtype}")
    if isinstance(layer, _IDENTITY):
        return [taken[0]]
    if kind in _OF_SEVERAL:
        return [_OF_SEVERAL[kind](layer, graph, taken)]
    if kind in ATTENTION:
        return ATTENTION[kind](layer, graph, taken, arrays)
    if kind in SEQUENCES:
        return SEQUENCES[kind](layer, graph, taken, arrays)
    return [_OF_ONE[kind](layer, graph, taken[0], arrays)]


def _at_each_step(
    layer: wrappers.TimeDistributed, graph: Graph, value: Value, arrays: Arrays
) -> Value:
    """TimeDistributed: the steps become samples of their own, and steps again."""
    steps, *step = value.shape
    apart = graph.reshape(value, tuple(step))
    (made,) = _made(layer.layer, graph, [apart], arrays)
    return graph.reshape(made, (steps, *made.shape))


def _with_its_kernel(
    layer: normalization.SpectralNormalization, graph: Graph, value: Value, arrays: Arrays
) -> Value:
    """SpectralNormalization: the layer, whose second array belongs to training alone."""
    (made,) = _made(layer.layer, graph, [value], [arrays[0], *arrays[2:]])
    return made


_OF_SEVERAL = {**JOINED, **OPERATIONS, **JOINED_TRUTHS}
_OF_ONE: dict[type, Any] = {
    **WINDOWS,
    **GRID,
    **NORMS,
    **SHAPED,
    **ACTIVATIONS,
    **LOCAL,
    **ON_TENSORS,
    **PLACES,
    normalization.SpectralNormalization: _with_its_kernel,
    wrappers.TimeDistributed: _at_each_step,
}
COVERED = (
    frozenset(kind.__name__ for kind in (*_OF_ONE, *_OF_SEVERAL, *ATTENTION, *SEQUENCES))
    | {name for name, kind in LAYERS.items() if issubclass(kind, _IDENTITY)}
    | {"InputLayer"}
)
