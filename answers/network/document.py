"""A network as a JSON document, both ways. What is read is checked like any other input."""

from __future__ import annotations

from dataclasses import MISSING, fields
from typing import Any

from answers.errors import InputError
from answers.layers.base import Layer
from answers.layers.catalogue import LAYERS
from answers.layers.fields import checked, shown
from answers.network.graph import Network, NetworkKind, Node, Tensor

FORMAT = "companion/network"
VERSION = 1
DEEPEST = 8
MOST_CALLS = 100_000  # unfolded; a reader of files allows far fewer


def to_json(network: Network) -> dict[str, Any]:
    """The document: plain lists, texts and numbers."""
    return {"format": FORMAT, "version": VERSION, "network": _network(network)}


def from_json(document: Any) -> Network:
    """The network of a document.

    Raises: InputError `network-document` where the document is not one, and whatever a layer or
    a graph says of values that can't be.
    """
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise InputError("network-document", f"This is no document of the format {FORMAT}.")
    version = document.get("version")
    if type(version) is not int or version != VERSION:
        raise InputError(
            "network-document",
            f"The document has version {shown(version)}; this program reads {VERSION}.",
        )
    network = _read_network(document.get("network"), 1)
    if _unfolded(network) > MOST_CALLS:
        raise InputError("too-many-calls", f"The network runs over {MOST_CALLS:,} layers.")
    return network


def _unfolded(network: Network) -> int:
    """How many layers are run when every call of a nested network runs all of its own."""
    inner = (_unfolded(n.layer) if isinstance(n.layer, Network) else 1 for n in network.nodes)
    return sum(len(n.calls) * count for n, count in zip(network.nodes, inner, strict=True))


def _network(network: Network) -> dict[str, Any]:
    return {
        "name": network.name,
        "kind": network.kind,
        "trainable": network.trainable,
        "nodes": [_node(node) for node in network.nodes],
        "inputs": [_tensor(tensor) for tensor in network.inputs],
        "outputs": [_tensor(tensor) for tensor in network.outputs],
        "output_names": list(network.output_names),
    }


def _node(node: Node) -> dict[str, Any]:
    nested = isinstance(node.layer, Network)
    return {
        "name": node.name,
        "trainable": node.trainable,
        "calls": [[_tensor(tensor) for tensor in call] for call in node.calls],
        "network" if nested else "layer": _network(node.layer)
        if isinstance(node.layer, Network)
        else _layer(node.layer),
    }


def _tensor(tensor: Tensor) -> list[Any]:
    return [tensor.node, tensor.call, tensor.output]


def _layer(layer: Layer) -> dict[str, Any]:
    values = {field.name: _value(getattr(layer, field.name)) for field in fields(layer)}
    return {"class": layer.kind, **values}


def _value(value: Any) -> Any:
    if isinstance(value, Layer):
        return _layer(value)
    return [_value(item) for item in value] if isinstance(value, tuple) else value


def _read_network(value: Any, depth: int) -> Network:
    if depth > DEEPEST:
        raise InputError("model-too-deep", f"Networks lie more than {DEEPEST} levels deep.")
    data = _object(value, "a network")
    nodes = tuple(_read_node(item, depth) for item in _list(data.get("nodes")))
    return Network(
        name=checked(data.get("name"), str, "network.name"),
        kind=checked(data.get("kind"), NetworkKind, "network.kind"),
        nodes=nodes,
        inputs=_read_tensors(data.get("inputs")),
        outputs=_read_tensors(data.get("outputs")),
        output_names=checked(data.get("output_names"), tuple[str, ...], "network.output_names"),
        trainable=checked(data.get("trainable"), bool, "network.trainable"),
    )


def _read_node(value: Any, depth: int) -> Node:
    data = _object(value, "a node")
    inner = data.get("network")
    layer = _read_layer(data.get("layer"), 1) if inner is None else _read_network(inner, depth + 1)
    return Node(
        name=checked(data.get("name"), str, "node.name"),
        layer=layer,
        calls=tuple(_read_tensors(call) for call in _list(data.get("calls"))),
        trainable=checked(data.get("trainable"), bool, "node.trainable"),
    )


def _read_tensors(value: Any) -> tuple[Tensor, ...]:
    rows = (checked(item, tuple[str, int, int], "tensor") for item in _list(value))
    return tuple(Tensor(*row) for row in rows)


def _read_layer(value: Any, depth: int) -> Layer:
    if depth > DEEPEST:
        raise InputError("model-too-deep", f"Layers lie more than {DEEPEST} levels deep.")
    data = _object(value, "a layer")
    kind = data.pop("class", None)
    if not isinstance(kind, str) or kind not in LAYERS:
        raise InputError("network-document", f"The document names an unknown layer: {shown(kind)}.")
    record = LAYERS[kind]
    unknown = sorted(set(data) - {field.name for field in fields(record)})
    if unknown:
        raise InputError("network-document", f"A {kind} has no argument {shown(unknown[0])}.")
    required = (field.name for field in fields(record) if field.default is MISSING)
    missing = [name for name in required if name not in data]
    if missing:
        raise InputError("network-document", f"A {kind} needs the argument {missing[0]!r}.")

    def read(item: Any) -> Any:  # an activation may be a layer, and a wrapper holds one or some
        if isinstance(item, list):
            return [read(each) if isinstance(each, dict) else each for each in item]
        return _read_layer(item, depth + 1) if isinstance(item, dict) else item

    return record(**{name: read(item) for name, item in data.items()})


def _object(value: Any, what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise InputError("network-document", f"The document should hold {what} here.")
    return dict(value)


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise InputError("network-document", "The document should hold a list here.")
    return value
