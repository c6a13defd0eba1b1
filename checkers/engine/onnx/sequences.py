"""Recurrent layers: one direction, or both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from answers.layers import recurrent, wrappers
from checkers.engine.cudnn import as_plain
from checkers.engine.onnx.graph import Arrays, Graph, NotCovered, Sizes, Value
from checkers.engine.onnx.protobuf import Attribute

# the gates of Keras in ONNX's order, and the operator
_GATES: dict[type, tuple[Sizes, str]] = {
    recurrent.LSTM: ((0, 3, 1, 2), "LSTM"),
    recurrent.GRU: ((0, 1, 2), "GRU"),
    recurrent.SimpleRNN: ((0,), "RNN"),
}
_CELLS = (recurrent.LSTM, recurrent.GRU, recurrent.SimpleRNN)
# Keras's functions as ONNX's cells know them, with alpha and beta where they have them
_FUNCTIONS: dict[str, tuple[str, tuple[float, ...], tuple[float, ...]]] = {
    "linear": ("Affine", (1.0,), (0.0,)),
    "sigmoid": ("Sigmoid", (), ()),
    "tanh": ("Tanh", (), ()),
    "relu": ("Relu", (), ()),
    "softsign": ("Softsign", (), ()),
    "softplus": ("Softplus", (), ()),
    "elu": ("Elu", (1.0,), ()),
    "leaky_relu": ("LeakyRelu", (0.2,), ()),
    "hard_sigmoid": ("HardSigmoid", (1 / 6,), (0.5,)),
    "hard_sigmoid_keras2": ("HardSigmoid", (0.2,), (0.5,)),
}


Values = list[Value]
Cell = Callable[[Any, Graph, Values, Arrays], Values]


def recur(layer: Any, graph: Graph, values: Values, arrays: Arrays) -> Values:
    """LSTM, GRU, SimpleRNN: kernels of Keras's gates in ONNX's order, one direction.

    values: the steps, and perhaps the state to begin with. Gives what is put out, then the state.
    """
    value, *begin = values
    order, operator = next(found for kind, found in _GATES.items() if isinstance(layer, kind))
    settings = {"hidden_size": layer.units, **_activations(layer)}
    if operator == "GRU":
        settings["linear_before_reset"] = int(layer.reset_after)
    steps = graph.transpose_free(value, (1, 0, 2))
    if layer.go_backwards:
        steps = _reversed(graph, steps, axis=0)
    given: list[Value | str] = [graph.constant(make) for make in _stored(layer, arrays, order)]
    if begin:
        given += ["", *(_unsqueezed(graph, state) for state in begin)]  # "": all steps of each row
    every = (1, value.shape[0], layer.units) if layer.return_sequences else None
    states = [(1, layer.units)] * layer.state_count if layer.return_state else [(1, layer.units)]
    shapes = [every, *(() if every and not layer.return_state else states)]
    made = graph.several(operator, steps, *given, shapes=shapes, **settings)
    rows = [_in_rows(graph, made.pop(0))] if every else []
    held = [graph.do("Squeeze", state, graph.whole(0), shape=(layer.units,)) for state in made]
    return [*(rows or held[:1]), *(held if layer.return_state else ())]


def _in_rows(graph: Graph, value: Value) -> Value:
    """(steps, 1, batch, units) → (batch, steps, units)."""
    flat = graph.do("Squeeze", value, graph.whole(1), shape=value.shape[1:])
    return graph.transpose_free(flat, (1, 0, 2))


def _unsqueezed(graph: Graph, state: Value) -> Value:
    """A state for the only direction."""
    return graph.do("Unsqueeze", state, graph.whole(0), shape=(1, *state.shape))


def _activations(layer: Any) -> dict[str, Attribute]:
    """The functions of the gates, then those of the cell; each with its numbers, in that order."""
    gates = [] if isinstance(layer, recurrent.SimpleRNN) else [layer.recurrent_activation]
    cell = [layer.activation] * (2 if isinstance(layer, recurrent.LSTM) else 1)
    named = [*gates, *cell]
    for function in named:
        if not isinstance(function, str) or function not in _FUNCTIONS:
            name = getattr(function, "kind", function)
            raise NotCovered(f"{layer.kind} with the activation {name}")
    words, alphas, betas = zip(*(_FUNCTIONS[function] for function in named), strict=True)
    found: dict[str, Attribute] = {"activations": words}
    numbers = {"activation_alpha": sum(alphas, ()), "activation_beta": sum(betas, ())}
    return found | {name: row for name, row in numbers.items() if row}


def _reversed(graph: Graph, value: Value, axis: int) -> Value:
    rows = (graph.whole(-1), graph.whole(-(2**31)), graph.whole(axis), graph.whole(-1))
    return graph.do("Slice", value, *rows, shape=value.shape)


def _stored(layer: Any, arrays: Arrays, order: Sizes) -> list[Callable[[], NDArray[Any]]]:
    """W (1, gates·units, in), R (1, gates·units, units), B (1, 2·gates·units), when asked for."""

    @cache
    def plain() -> Arrays:
        return as_plain(layer, arrays)

    return [
        lambda: _in_order(plain()[0].T, order, layer.units)[None],
        lambda: _in_order(plain()[1].T, order, layer.units)[None],
        lambda: _bias(layer, plain()[2:], order),
    ]


def _bias(layer: Any, given: Arrays, order: Sizes) -> NDArray[Any]:
    """A row for each of the two products; one of them where Keras has one for both, or none."""
    width = len(order) * layer.units
    bias = np.zeros((2, width), np.float32)
    for rows in given:
        bias[: rows.size // width] = rows.reshape(-1, width)
    return np.concatenate([_in_order(row, order, layer.units) for row in bias])[None]


def _in_order(rows: NDArray[Any], order: Sizes, units: int) -> NDArray[Any]:
    return np.concatenate([rows[gate * units : (gate + 1) * units] for gate in order])


def both_ways(
    layer: wrappers.Bidirectional, graph: Graph, values: Values, arrays: Arrays
) -> Values:
    """A layer forwards and one backwards, whose steps are turned round before they are joined."""
    first, second = layer.layer, layer.backward
    count = len(first.weights(values[0].shape))
    onward, backward = layer.each_way(values)
    forth, *held = _one_way(first, graph, list(onward), arrays[:count])
    back, *held_too = _one_way(second, graph, list(backward), arrays[count:])
    if first.return_sequences:
        back = _reversed(graph, back, axis=1)
    return [*_merged(layer, graph, forth, back), *held, *held_too]


def _merged(layer: wrappers.Bidirectional, graph: Graph, forth: Value, back: Value) -> Values:
    if layer.merge_mode is None:
        return [forth, back]
    if layer.merge_mode == "concat":
        shape = (*forth.shape[:-1], 2 * forth.shape[-1])
        return [graph.do("Concat", forth, back, shape=shape, axis=-1)]
    made = graph.both("Mul" if layer.merge_mode == "mul" else "Add", forth, back)
    return [graph.each("Mul", made, graph.number(0.5)) if layer.merge_mode == "ave" else made]


def _one_way(layer: recurrent.Recurrent, graph: Graph, values: Values, arrays: Arrays) -> Values:
    if not isinstance(layer, (*_CELLS, recurrent.RNN)):
        raise NotCovered(layer.kind)
    if layer.dtype != "float32":
        raise NotCovered(f"{layer.kind} in {layer.dtype}")
    if isinstance(layer, recurrent.RNN):
        return cells(layer, graph, values, arrays)
    return recur(layer, graph, values, arrays)


def cells(layer: recurrent.RNN, graph: Graph, values: Values, arrays: Arrays) -> Values:
    """RNN: cells one on the other are layers one after the other, the lowest of which turns round."""
    if layer.cell.dtype != "float32":
        raise NotCovered(f"{layer.cell.kind} in {layer.cell.dtype}")
    left, (value, *begin), held = list(arrays), values, Values()
    for number, cell in enumerate(layer.cells, start=1):
        last = number == len(layer.cells)
        one = replace(
            cell,
            return_sequences=layer.return_sequences or not last,
            return_state=layer.return_state,
            go_backwards=layer.go_backwards and number == 1,
        )
        count, own = len(one.weights(value.shape)), begin[: one.state_count]
        value, *states = _one_way(one, graph, [value, *own], left[:count])
        left, begin, held = left[count:], begin[one.state_count :], held + states
    return [value, *held]


SEQUENCES: dict[type, Cell] = {
    recurrent.LSTM: recur,
    recurrent.GRU: recur,
    recurrent.SimpleRNN: recur,
    recurrent.CuDNNLSTM: recur,
    recurrent.CuDNNGRU: recur,
    wrappers.Bidirectional: both_ways,
    recurrent.RNN: cells,
}
