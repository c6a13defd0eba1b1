"""Recurrent layers, and layers that act on each step of a sequence."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from answers.layers import recurrent
from checkers.engine.onnx.graph import Arrays, Graph, NotCovered, Value

_GATES = {recurrent.LSTM: ((0, 3, 1, 2), "LSTM"), recurrent.GRU: ((0, 1, 2), "GRU")}
_RECURRENT = {"sigmoid": "Sigmoid", "tanh": "Tanh", "relu": "Relu"}


def recur(layer: Any, graph: Graph, value: Value, arrays: Arrays) -> Value:
    """LSTM, GRU, SimpleRNN: kernels of Keras's gates in ONNX's order, one direction."""
    order, operator = _GATES.get(type(layer), ((0,), "RNN"))
    if layer.activation != "tanh" or getattr(layer, "recurrent_activation", "sigmoid") != "sigmoid":
        raise NotCovered(f"{layer.kind} with other activations")
    steps = graph.transpose_free(value, (1, 0, 2))
    if layer.go_backwards:
        steps = _reversed(graph, steps)
    given = [graph.constant(array) for array in _stored(layer, arrays, order)]
    extra = {"linear_before_reset": int(layer.reset_after)} if operator == "GRU" else {}
    settings: dict[str, Any] = {"hidden_size": layer.units, **extra}
    count = value.shape[0]
    if layer.return_sequences:
        made = graph.do(operator, steps, *given, shape=(1, count, layer.units), **settings)
        return graph.do(
            "Transpose",
            graph.do("Squeeze", made, graph.whole(1), shape=(count, layer.units)),
            shape=(count, layer.units),
            perm=(1, 0, 2),
        )
    last = graph.first_of(operator, 1, steps, *given, shape=(1, layer.units), **settings)
    return graph.do("Squeeze", last, graph.whole(0), shape=(layer.units,))


def _reversed(graph: Graph, steps: Value) -> Value:
    rows = (graph.whole(-1), graph.whole(-(2**31)), graph.whole(0), graph.whole(-1))
    return graph.do("Slice", steps, *rows, shape=steps.shape)


def _stored(layer: Any, arrays: Arrays, order: tuple[int, ...]) -> list[NDArray[Any]]:
    """W (1, gates·units, in), R (1, gates·units, units), B (1, 2·gates·units)."""
    units = layer.units
    kernel, recurrent_kernel = (_turned(array, order, units) for array in arrays[:2])
    width = len(order) * units
    bias = np.zeros((2, width), np.float32)
    if layer.use_bias:
        rows = arrays[2].reshape(-1, width)
        bias[: len(rows)] = rows
    ordered = np.concatenate([_in_order(row, order, units) for row in bias])
    return [kernel[None], recurrent_kernel[None], ordered[None]]


def _turned(kernel: NDArray[Any], order: tuple[int, ...], units: int) -> NDArray[Any]:
    return _in_order(kernel.T, order, units)


def _in_order(rows: NDArray[Any], order: tuple[int, ...], units: int) -> NDArray[Any]:
    return np.concatenate([rows[gate * units : (gate + 1) * units] for gate in order])


SEQUENCES: dict[type, Any] = {
    recurrent.LSTM: recur,
    recurrent.GRU: recur,
    recurrent.SimpleRNN: recur,
}
