"""What the second engine can say: of each layer class, and of a network, found without a weight."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from answers.network.graph import Network
from answers.network.parameters import leaves
from checkers.engine.onnx.building import build
from checkers.engine.onnx.graph import Graph, NotCovered, Numbers, Sizes

# class → what of it goes to Keras; all the rest of it has an exact form
_OTHER_FUNCTION = "functions that ONNX's cells lack (gelu, selu, silu, softmax, …)"
_INNER = "around a layer that goes to Keras"
_MASK = "a mask would have to travel beside the numbers"
SETTINGS_LEFT: Mapping[str, str] = {
    "Activation": "sparsemax, which sorts (in every layer that carries it)",
    "Arithmetic": "arctan2",
    "Bidirectional": _INNER,
    "CenterCrop": "a smaller picture, which Keras resizes",
    "Cumulative": "products",
    "CustomScaleLayer": "inputs with different numbers of axes",
    "Embedding": f"mask_zero: {_MASK}",
    "GRU": _OTHER_FUNCTION,
    "InputLayer": "a type other than float32 that the first layer would compute in",
    "LSTM": _OTHER_FUNCTION,
    "LocallyConnected1D": "windows that lie mostly outside the input",
    "LocallyConnected2D": "windows that lie mostly outside the input",
    "MultiHeadAttention": "query and value with different axes",
    "RNN": _OTHER_FUNCTION,
    "Resizing": "crop_to_aspect_ratio and pad_to_aspect_ratio; very long axes",
    "SimpleRNN": _OTHER_FUNCTION,
    "SpectralNormalization": _INNER,
    "TimeDistributed": _INNER,
}
# class → why all of it goes to Keras
_CONVOLVED = "ONNX has no cell whose products are convolutions"
KERAS_ONLY: Mapping[str, str] = {
    "ConvLSTM1D": _CONVOLVED,
    "ConvLSTM2D": _CONVOLVED,
    "ConvLSTM3D": _CONVOLVED,
    "Masking": _MASK,
}
# class → why no engine runs it by itself: a model with such a layer is refused when it is read
NO_ENGINE: Mapping[str, str] = {
    "RandomCrop": "Keras's versions differ in what it does at prediction",
    "StackedRNNCells": "it stands in an `RNN` alone",
    "Unknown": "nobody knows what it computes",
}


@dataclass
class _Sketch(Graph):
    """A graph whose numbers are never made."""

    def constant(self, numbers: Numbers, dtype: Any = np.float32) -> str:  # noqa: ARG002  # not kept
        """A name for nothing."""
        return self._name("c")


def uncovered(network: Network, sizes: list[Sizes]) -> str:
    """What keeps a network from the second engine, in a few words; empty where nothing does.

    sizes: the shape of one sample of each input, all known.
    """
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
