"""What Keras 1 and 2 meant by a word that means something else since Keras 3."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any, TypeVar

from answers.layers.base import Layer
from answers.network.graph import Network

# The hard_sigmoid of Keras 1 and 2 is 0.2·x + 0.5, that of Keras 3 x/6 + 0.5, between 0 and 1.
_THEN = {"hard_sigmoid": "hard_sigmoid_keras2"}
_FUNCTIONS = ("activation", "recurrent_activation")
L = TypeVar("L", bound=Layer)


def as_keras2_meant(network: Network) -> Network:
    """The network of a file of Keras 1 or 2, with the functions that it computed with."""
    nodes = tuple(
        replace(
            node,
            layer=as_keras2_meant(node.layer)
            if isinstance(node.layer, Network)
            else _meant(node.layer),
        )
        for node in network.nodes
    )
    return replace(network, nodes=nodes) if nodes != network.nodes else network


def _meant(layer: L) -> L:
    found: dict[str, Any] = {}
    for item in fields(layer):
        value = getattr(layer, item.name)
        if isinstance(value, Layer):  # what a wrapper holds
            found[item.name] = _meant(value)
        elif isinstance(value, tuple) and value and all(isinstance(v, Layer) for v in value):
            found[item.name] = tuple(map(_meant, value))  # cells
        elif item.name in _FUNCTIONS and isinstance(value, str):
            found[item.name] = _THEN.get(value, value)
    return replace(layer, **found) if found else layer
