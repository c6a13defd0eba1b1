"""Functions of single numbers, and of the channels of a position: activations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from answers.layers import activation
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
    axis = layer.axis[0] if isinstance(layer.axis, tuple) and len(layer.axis) == 1 else layer.axis
    if isinstance(axis, tuple):
        raise NotCovered("Softmax over several axes")
    return graph.each("Softmax", value, axis=axis)


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
