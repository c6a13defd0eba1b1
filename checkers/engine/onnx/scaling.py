"""Pictures on 0–255 → the numbers that the model was trained on, as the first nodes of the graph.

The numbers of the scale are given at each run, so that one graph serves every scale.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from answers.data.input_contract import Steps
from checkers.engine.onnx.graph import Graph, Sizes, Value

PICTURES = "pictures"

_FLOAT = 1
_STEPS = {"divisor": "Div", "mean": "Sub", "std": "Div"}


def scaled(graph: Graph, shape: Sizes, dtype: str) -> Value:
    """An input of pictures, and its steps as `Scale.apply` takes them.

    shape: (height, width, channels). dtype: 'uint8' or 'float32'.
    """
    # Channels first from the beginning, while a number is a byte: the way back falls away before
    # a convolution.
    value = graph.channels_first(graph.input(shape, dtype, PICTURES))
    if dtype != "float32":
        value = graph.each("Cast", value, to=_FLOAT)
    for name, operator in _STEPS.items():
        value = graph.each(operator, value, graph.setting(name, (f"of {name}", 1, 1)))
    return graph.channels_last(value)


def settings(steps: Steps) -> dict[str, NDArray[np.float32]]:
    """What a graph of `scaled` is given beside the pictures."""
    return {name: np.reshape(np.float32(getattr(steps, name)), (-1, 1, 1)) for name in _STEPS}
