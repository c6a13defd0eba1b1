"""Whether the second engine can say all of a network, found out without a single weight."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from answers.layers.core import InputLayer
from answers.network.graph import Network
from answers.network.parameters import leaves
from checkers.engine.onnx.building import build
from checkers.engine.onnx.graph import Graph, NotCovered, Sizes


@dataclass
class _Sketch(Graph):
    """A graph whose numbers are thrown away."""

    def constant(self, numbers: ArrayLike, dtype: Any = np.float32) -> str:  # noqa: ARG002  # not kept
        """A name for nothing."""
        return self._name("c")


def uncovered(network: Network, sizes: list[Sizes]) -> str:
    """What keeps a network from the second engine, in a few words; empty where nothing does.

    sizes: the shape of one sample of each input, all known.
    """
    for tensor in network.inputs:
        layer = network.by_name[tensor.node].layer
        if isinstance(layer, InputLayer) and layer.cast != "float32":
            return f"an input of {layer.cast}"
    try:
        build(network, _nothing(network), sizes, _Sketch())
    except NotCovered as reason:
        return str(reason)
    return ""


def _nothing(network: Network) -> Iterator[NDArray[np.float32]]:
    """Zeros in the shapes of the weights; they take no memory."""
    for leaf in leaves(network):
        for weight in leaf.weights:
            yield np.broadcast_to(np.float32(0), tuple(map(int, weight.shape)))
