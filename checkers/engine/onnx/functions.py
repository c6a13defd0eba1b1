"""Functions of single numbers, and of the channels of a position: activations."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import Any

from answers.layers import activation
from answers.layers.base import axis_of
from checkers.engine.onnx.graph import Arrays, Graph, NotCovered, Value

_ONE_OPERATOR = {
    "relu": "Relu",
    "sigmoid": "Sigmoid",
    "tanh": "Tanh",
    "softplus": "Softplus",
    "softsign": "Softsign",
    "exponential": "Exp",
    "mish": "Mish",
    "selu": "Selu",
    "elu": "Elu",
}


def activated(graph: Graph, value: Value, function: Any) -> Value:
    """What an activation makes of a value: by its name, or a layer that is one.

    Raises: NotCovered.
    """
    if not isinstance(function, str):
        make = ACTIVATIONS.get(type(function))
        if make is None or type(function) is activation.PReLU:
            raise NotCovered(type(function).__name__)
        return make(function, graph, value, [])  # type: ignore[no-any-return]  # a table
    if function == "linear":
        return value
    if function in _ONE_OPERATOR:
        return graph.each(_ONE_OPERATOR[function], value)
    if function not in _COMPOSED:
        raise NotCovered(function)
    return _COMPOSED[function](graph, value)


def _clipped(graph: Graph, value: Value, low: float, high: float) -> Value:
    return graph.each("Clip", value, graph.number(low), graph.number(high))


def _silu(graph: Graph, value: Value) -> Value:
    return graph.do("Mul", value, graph.each("Sigmoid", value), shape=value.shape)


def _hard_silu(graph: Graph, value: Value) -> Value:
    gate = graph.each("HardSigmoid", value, alpha=1 / 6, beta=0.5)
    return graph.do("Mul", value, gate, shape=value.shape)


def _log_sigmoid(graph: Graph, value: Value) -> Value:
    """−softplus(−x)."""
    return graph.each("Neg", graph.each("Softplus", graph.each("Neg", value)))


def _glu(graph: Graph, value: Value) -> Value:
    """The first half of the channels by the sigmoid of the second."""
    shape = (*value.shape[:-1], value.shape[-1] // 2)
    axis = (graph.whole(value.rank - 1),)
    ends = (0, shape[-1], 2 * shape[-1])
    first, second = (
        graph.do("Slice", value, graph.whole(a), graph.whole(b), *axis, shape=shape)
        for a, b in pairwise(ends)
    )
    return graph.both("Mul", first, graph.each("Sigmoid", second))


def _sparse_sigmoid(graph: Graph, value: Value) -> Value:
    """(x + 1)/2 between 0 and 1."""
    half = graph.each("Mul", graph.each("Add", value, graph.number(1.0)), graph.number(0.5))
    return _clipped(graph, half, 0.0, 1.0)


def _sparse_plus(graph: Graph, value: Value) -> Value:
    """(x + 1)²/4 between -1 and 1, 0 below, x above."""
    part = graph.each("Add", _clipped(graph, value, -1.0, 1.0), graph.number(1.0))
    bent = graph.each("Mul", graph.both("Mul", part, part), graph.number(0.25))
    above = graph.each("GreaterOrEqual", value, graph.number(1.0))
    return graph.do("Where", above, value, bent, shape=value.shape)


def _squareplus(graph: Graph, value: Value) -> Value:
    """(x + sqrt(x² + 4))/2."""
    square = graph.each("Add", graph.both("Mul", value, value), graph.number(4.0))
    total = graph.both("Add", value, graph.each("Sqrt", square))
    return graph.each("Mul", total, graph.number(0.5))


def _tanh_shrink(graph: Graph, value: Value) -> Value:
    return graph.both("Sub", value, graph.each("Tanh", value))


def exponential_minus_one(graph: Graph, value: Value) -> Value:
    """exp(x) - 1 as tanh(x/2)·(exp(x) + 1), which keeps its digits near 0."""
    half = graph.each("Tanh", graph.each("Mul", value, graph.number(0.5)))
    more = graph.each("Add", graph.each("Exp", value), graph.number(1.0))
    return graph.both("Mul", half, more)


def log_of_one_more(graph: Graph, value: Value) -> Value:
    """log(1 + x). What rounding made of u = 1 + x is mended by x/(u - 1) (Kahan).

    Where u - 1 is x, log(u) is right; where u is 1, x is.
    """
    more = graph.each("Add", value, graph.number(1.0))
    less = graph.each("Sub", more, graph.number(1.0))
    log = graph.each("Log", more)
    mended = graph.both("Mul", log, graph.both("Div", value, less))
    nothing = graph.each("Equal", less, graph.number(0.0))
    small = graph.do("Where", nothing, value, mended, shape=value.shape)
    return graph.do("Where", graph.both("Equal", less, value), log, small, shape=value.shape)


def of_length_one(graph: Graph, value: Value, places: Iterable[int], least: float) -> Value:
    """Vectors along some axes by their length, or by `least` where that is smaller; 0 is the batch."""
    total = graph.over("ReduceSum", graph.both("Mul", value, value), places)
    inverse = graph.each("Reciprocal", graph.each("Sqrt", total))
    return graph.both("Mul", value, graph.each("Min", inverse, graph.number(1 / least)))


_COMPOSED: dict[str, Callable[[Graph, Value], Value]] = {
    "relu6": lambda g, x: _clipped(g, x, 0.0, 6.0),
    "hard_tanh": lambda g, x: _clipped(g, x, -1.0, 1.0),
    "leaky_relu": lambda g, x: g.each("LeakyRelu", x, alpha=0.2),
    "gelu": lambda g, x: g.each("Gelu", x, approximate="none"),
    "silu": _silu,
    "hard_silu": _hard_silu,
    "log_sigmoid": _log_sigmoid,
    "hard_sigmoid": lambda g, x: g.each("HardSigmoid", x, alpha=1 / 6, beta=0.5),
    "hard_sigmoid_keras2": lambda g, x: g.each("HardSigmoid", x, alpha=0.2, beta=0.5),
    "softmax": lambda g, x: g.each("Softmax", x, axis=-1),
    "celu": lambda g, x: g.each("Celu", x, alpha=1.0),
    "glu": _glu,
    "hard_shrink": lambda g, x: g.each("Shrink", x, lambd=0.5),
    "soft_shrink": lambda g, x: g.each("Shrink", x, lambd=0.5, bias=0.5),
    "tanh_shrink": _tanh_shrink,
    "sparse_sigmoid": _sparse_sigmoid,
    "sparse_plus": _sparse_plus,
    "squareplus": _squareplus,
    "log_softmax": lambda g, x: g.each("LogSoftmax", x, axis=-1),
}


def _relu(layer: activation.ReLU, graph: Graph, value: Value, arrays: Arrays) -> Value:  # noqa: ARG001  # all alike
    found = value
    if layer.threshold:
        below = graph.each("Sub", value, graph.number(layer.threshold))
        below = graph.each("Mul", below, graph.number(layer.negative_slope))
        above = graph.each("GreaterOrEqual", value, graph.number(layer.threshold))
        found = graph.do("Where", above, value, below, shape=value.shape)
    elif layer.negative_slope:
        found = graph.each("LeakyRelu", value, alpha=float(layer.negative_slope))
    else:
        found = graph.each("Relu", value)
    if layer.max_value is not None:
        found = graph.each("Min", found, graph.number(layer.max_value))
    return found


def _prelu(layer: activation.PReLU, graph: Graph, value: Value, arrays: Arrays) -> Value:  # noqa: ARG001  # all alike
    return graph.each("PRelu", value, graph.constant(arrays[0]))


def _softmax(layer: activation.Softmax, graph: Graph, value: Value, arrays: Arrays) -> Value:  # noqa: ARG001  # all alike
    axes = layer.axis if isinstance(layer.axis, tuple) else (layer.axis,)
    places = {axis_of(axis, value.shape) + 1 for axis in axes}
    if len(places) == 1:
        return graph.each("Softmax", value, axis=min(places))
    largest = graph.over("ReduceMax", value, places)
    powers = graph.each("Exp", graph.both("Sub", value, largest))
    return graph.both("Div", powers, graph.over("ReduceSum", powers, places))


ACTIVATIONS: dict[type, Any] = {
    activation.Activation: lambda x, g, v, a: activated(g, v, x.activation),  # noqa: ARG005  # all alike
    activation.ReLU: _relu,
    activation.LeakyReLU: lambda x, g, v, a: g.each("LeakyRelu", v, alpha=float(x.negative_slope)),  # noqa: ARG005  # all alike
    activation.ELU: lambda x, g, v, a: g.each("Elu", v, alpha=float(x.alpha)),  # noqa: ARG005  # all alike
    activation.ThresholdedReLU: lambda x, g, v, a: g.each(  # noqa: ARG005  # all alike
        "ThresholdedRelu", v, alpha=float(x.theta)
    ),
    activation.PReLU: _prelu,
    activation.Softmax: _softmax,
}
