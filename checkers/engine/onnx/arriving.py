"""What comes in: float32 from the parent, and then the type that the network's input has."""

from __future__ import annotations

from answers.layers import core, embedding, preprocessing
from answers.layers.base import Layer
from answers.layers.catalogue import LAYERS, OPERATIONS
from answers.network.graph import Network, Tensor
from checkers.engine.onnx.graph import Graph, NotCovered, Value

# ONNX's numbers of the types; float64 holds every float32, so it changes none
_ROUNDED = {"float16": 10, "bfloat16": 16}
_CUT = {"int32": 6, "int64": 7}
_FLOATS = ("float32", "float64", *_ROUNDED)
_FLOAT = 1
# Keras turns every input of these into the type that they compute in, whole numbers too
_TAKES_WHOLE = (embedding.Embedding, preprocessing.Rescaling)
# and these leave the type as it is, so that what comes after would compute in it
_KEEPS_TYPE: tuple[type[Layer], ...] = (
    core.Identity,
    core.TrainingOnly,
    *(LAYERS[name] for name in OPERATIONS),
)


def arriving(graph: Graph, network: Network, given: list[Value]) -> list[Value]:
    """The inputs of a network as its layers see them, in float32.

    Raises: NotCovered where a layer would compute in another type.
    """
    return [
        _cast(graph, network, tensor, value)
        for tensor, value in zip(network.inputs, given, strict=True)
    ]


def _cast(graph: Graph, network: Network, tensor: Tensor, value: Value) -> Value:
    layer = network.by_name[tensor.node].layer
    kind = layer.cast if isinstance(layer, core.InputLayer) else "float32"
    if kind == "float32":
        return value
    readers = [c.node.layer for c in network.order if tensor in c.inputs]
    readers += [network] * (tensor in network.outputs)
    if not all(_may_read(reader, kind) for reader in readers):
        raise NotCovered(f"an input of {kind}")
    number = _ROUNDED.get(kind) or _CUT.get(kind)
    if number is None:
        return value
    return graph.each("Cast", graph.each("Cast", value, to=number), to=_FLOAT)


def _may_read(reader: Layer | Network, kind: str) -> bool:
    """Whether a layer makes float32 of that type before it computes."""
    if isinstance(reader, Network) or reader.dtype != "float32":
        return False
    if kind in _CUT:
        return isinstance(reader, _TAKES_WHOLE)
    return kind in _FLOATS and not isinstance(reader, _KEEPS_TYPE)
