"""What goes along steps, step by step in float64: recurrent cells, both ways, the same layer at each.

Gates lie side by side in the matrices, in Keras's order: LSTM input, forget, candidate, output; GRU
update, reset, candidate. Sources: Hochreiter, Schmidhuber 1997 with the forget gate of Gers et al.
2000; Cho et al. 2014, and with reset_after Keras's variant for cuDNN; Shi et al. 2015.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from naive_functions import Array, activated
from naive_windows import convolved

Arrays = list[Array]
Judge = Callable[..., Array]
State = tuple[Array, ...]
Step = Callable[[Any, Arrays, Array, State], State]  # the first of a state is what comes out


def simple(layer: Any, weights: Arrays, x: Array, state: State) -> State:
    kernel, recurrent, *bias = weights
    return (activated(layer.activation, x @ kernel + state[0] @ recurrent + sum(bias)),)


def lstm(layer: Any, weights: Arrays, x: Array, state: State) -> State:
    kernel, recurrent, *bias = weights
    return _lstm(layer, x @ kernel + state[0] @ recurrent + sum(bias), state[1])


def _lstm(layer: Any, sums: Array, memory: Array) -> State:
    """c' = f·c + i·g; h = o·tanh(c')."""
    i, f, g, o = np.split(sums, 4, axis=-1)
    gate = layer.recurrent_activation
    memory = activated(gate, f) * memory + activated(gate, i) * activated(layer.activation, g)
    return activated(gate, o) * activated(layer.activation, memory), memory


def gru(layer: Any, weights: Arrays, x: Array, state: State) -> State:
    """h' = z·h + (1 − z)·candidate; the reset gate acts on h, or after the product with it."""
    kernel, recurrent, *bias = weights
    (h,), units = state, layer.units
    first, second = (bias[0], 0.0) if bias else (0.0, 0.0)
    if layer.reset_after and bias:
        first, second = bias[0]
    given = np.split(x @ kernel + first, 3)
    past = np.split(h @ recurrent + second, 3)
    z, r = (activated(layer.recurrent_activation, given[n] + past[n]) for n in (0, 1))
    own = r * past[2] if layer.reset_after else (r * h) @ recurrent[:, 2 * units :]
    return (z * h + (1 - z) * activated(layer.activation, given[2] + own),)


def conv_lstm(layer: Any, weights: Arrays, x: Array, state: State) -> State:
    """The products are convolutions; that of the state is 'same', without stride or dilation."""
    kernel, recurrent, *bias = weights
    ones = (1,) * (x.ndim - 1)
    sums = convolved(x, kernel, layer.strides, layer.dilation_rate, layer.padding)
    return _lstm(
        layer, sums + convolved(state[0], recurrent, ones, ones, "same") + sum(bias), state[1]
    )


def along(layer: Any, step: Callable[[Array, Any], tuple[Array, Any]], state: Any, x: Array) -> Any:
    """The last output, or that of each step in the order in which they are taken; then the state."""
    found = []
    for values in x[::-1] if layer.go_backwards else x:
        out, state = step(values, state)
        found.append(out)
    out = np.array(found) if layer.return_sequences else found[-1]
    return (out, *_flat(state)) if layer.return_state else out


def _flat(state: Any) -> list[Array]:
    """The tensors of a state, or of one state after the other."""
    parts = [part if isinstance(part, tuple) else (part,) for part in state]
    return [array for part in parts for array in part]


def one_cell(step: Step, memories: int = 1) -> Judge:
    """A layer of one cell, which begins with zeros or with what is given."""

    def judge(layer: Any, weights: Arrays, x: Array, *begin: Array) -> Any:
        def taken(values: Array, state: State) -> tuple[Array, State]:
            state = step(layer, weights, values, state)
            return state[0], state

        return along(layer, taken, begin or (np.zeros(layer.units),) * memories, x)

    return judge


def convolving(layer: Any, weights: Arrays, x: Array, *begin: Array) -> Any:
    """A ConvLSTM of any rank."""

    def taken(values: Array, state: State) -> tuple[Array, State]:
        state = conv_lstm(layer, weights, values, state)
        return state[0], state

    window = layer.strides, layer.dilation_rate, layer.padding
    grid = convolved(x[0], weights[0], *window).shape[:-1]
    return along(layer, taken, begin or (np.zeros((*grid, layer.filters)),) * 2, x)


CELLS: dict[str, tuple[Step, int, int]] = {
    "SimpleRNN": (simple, 1, 1),
    "LSTM": (lstm, 2, 4),
    "GRU": (gru, 1, 3),
}


def stacked(layer: Any, weights: Arrays, x: Array, *begin: Array) -> Any:
    """Cells one on the other: each takes, at a step, what the one below gives."""
    cells = layer.cell.cells if layer.cell.kind == "StackedRNNCells" else (layer.cell,)
    left, own = list(weights), []
    for cell in cells:
        count = 3 if cell.use_bias else 2
        own.append(left[:count])
        left = left[count:]

    def taken(values: Array, states: list[State]) -> tuple[Array, list[State]]:
        made = []
        for cell, mine, state in zip(cells, own, states, strict=True):
            made.append(CELLS[cell.kind][0](cell, mine, values, state))
            values = made[-1][0]
        return values, made

    first = [(np.zeros(cell.units),) * CELLS[cell.kind][1] for cell in cells]
    given = iter(begin)
    if begin:
        first = [tuple(next(given) for _ in state) for state in first]
    return along(layer, taken, first, x)


def of_cudnn(judge: Judge) -> Judge:
    """A layer of cuDNN: each gate's matrix is kept as cuDNN reads it, row by row and turned.

    cuDNN computes W·x, and its W (units, c_in) lies in memory row after row; Keras 2 calls the same
    numbers a (c_in, units) array. There is a bias for each product; an LSTM adds both.
    """

    def turned(layer: Any, weights: Arrays, x: Array, *begin: Array) -> Any:
        kernel, recurrent, bias = weights
        gates = kernel.shape[1] // layer.units
        plain = [
            np.concatenate(
                [gate.reshape(layer.units, -1).T for gate in np.split(matrix, gates, axis=1)],
                axis=1,
            )
            for matrix in (kernel, recurrent)
        ]
        both = bias.reshape(2, -1)
        return judge(layer, [*plain, both[0] + both[1] if gates == 4 else both], x, *begin)

    return turned


MERGES: dict[str, Callable[[Array, Array], Array]] = {
    "concat": lambda a, b: np.concatenate([a, b], axis=-1),
    "sum": lambda a, b: a + b,
    "mul": lambda a, b: a * b,
    "ave": lambda a, b: (a + b) / 2,
}


def both_ways(judged: Judge) -> Judge:
    """A layer in each direction; the sequence of the second is turned round: Schuster, Paliwal 1997."""

    def judge(layer: Any, weights: Arrays, x: Array, *begin: Array) -> Any:
        cut, half = len(layer.layer.weights(x.shape)), len(begin) // 2
        back, states = _other_way(layer), layer.layer.return_state
        first = judged(layer.layer, weights[:cut], x, *begin[:half])
        second = judged(back, weights[cut:], x, *begin[half:])
        (first, *held), (second, *more) = (made if states else (made,) for made in (first, second))
        turned = second[::-1] if back.return_sequences else second
        if layer.merge_mode is None:
            return (first, turned, *held, *more)
        made = MERGES[layer.merge_mode](first, turned)
        return (made, *held, *more) if states else made

    return judge


def _other_way(layer: Any) -> Any:
    if layer.backward_layer is not None:
        return layer.backward_layer
    settings = {**vars(layer.layer), "go_backwards": not layer.layer.go_backwards}
    return type(layer.layer)(**settings)


def at_each_step(judged: Judge) -> Judge:
    """The same layer on each step."""

    def judge(layer: Any, weights: Arrays, x: Array) -> Array:
        return np.array([judged(layer.layer, weights, step) for step in x])

    return judge


def masked(layer: Any, weights: Arrays, x: Array) -> Array:  # noqa: ARG001  # all alike
    """Steps whose numbers all are the mask's become zeros."""
    return np.array([step * (not (step == layer.mask_value).all()) for step in x])


def embedded(layer: Any, weights: Arrays, x: Array) -> Array:  # noqa: ARG001  # all alike
    """The row of the table that a number names."""
    rows = [weights[0][int(word)] for word in x.ravel()]
    return np.array(rows).reshape(*x.shape, -1)
