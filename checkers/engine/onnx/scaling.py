"""Pictures on 0–255 → the numbers that the model was trained on, as the first nodes of the graph.

The numbers of the scale are given at each run, so that one graph serves every scale of the same
steps.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from answers.data.input_contract import Step, Steps
from checkers.engine.onnx.graph import Graph, Sizes, Value

PICTURES = "pictures"

_FLOAT = 1
_OPERATORS: dict[Step, str] = {"divisor": "Div", "mean": "Sub", "std": "Div"}


@dataclass(frozen=True)
class Arriving:
    """How pictures come. dtype: 'uint8' or 'float32'; steps: those that a graph takes."""

    dtype: str
    steps: tuple[Step, ...]


def scaled(graph: Graph, shape: Sizes, pictures: Arriving) -> Value:
    """An input of pictures, and their steps as `Scale.apply` takes them.

    shape: (height, width, channels).
    """
    value = graph.input(shape, pictures.dtype, PICTURES)
    # A number for each of a row's, not of its channels: three at a time are slow to go through.
    value = graph.reshape(value, (*shape[:-2], math.prod(shape[-2:])))
    if pictures.dtype != "float32":
        value = graph.each("Cast", value, to=_FLOAT)
    for step in pictures.steps:
        value = graph.each(_OPERATORS[step], value, graph.setting(step, (f"of {step}",)))
    return graph.reshape(value, shape)


def settings(steps: Steps, taken: tuple[Step, ...], width: int) -> dict[str, NDArray[np.float32]]:
    """What a graph of `scaled` is given beside the pictures.

    width: how many pixels are a row of theirs; 1 where they have no rows.
    """
    given = {step: np.reshape(np.float32(getattr(steps, step)), -1) for step in taken}
    return {step: row if len(row) == 1 else np.tile(row, width) for step, row in given.items()}
