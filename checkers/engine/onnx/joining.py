"""What takes several values, what rearranges one, and arithmetic that stands in a model."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, reduce
from math import log, prod
from typing import Any

import numpy as np

from answers.layers import arithmetic, core, embedding, merging, scaling
from answers.layers.base import axis_of
from checkers.engine.onnx.functions import (
    activated,
    exponential_minus_one,
    log_of_one_more,
    of_length_one,
)
from checkers.engine.onnx.graph import Arrays, Graph, NotCovered, Sizes, Value, known_sizes

Joined = Callable[[Any, Graph, list[Value]], Value]


def _pairwise(operator: str) -> Joined:
    def join(layer: Any, graph: Graph, values: list[Value]) -> Value:  # noqa: ARG001  # all alike
        """One after the other; what has fewer axes lacks the first ones behind the batch."""
        most = max(len(value.shape) for value in values)
        filled = (graph.reshape(v, (1,) * (most - len(v.shape)) + v.shape) for v in values)
        return reduce(partial(graph.both, operator), filled)

    return join


def _mean(layer: Any, graph: Graph, values: list[Value]) -> Value:
    total = _pairwise("Add")(layer, graph, values)
    return graph.each("Div", total, graph.number(len(values)))


def _beside(layer: merging.Concatenate, graph: Graph, values: list[Value]) -> Value:
    axis = axis_of(layer.axis, values[0].shape)
    shape = list(values[0].shape)
    shape[axis] = sum(value.shape[axis] for value in values)
    return graph.do("Concat", *values, shape=tuple(shape), axis=axis + 1)


def _scaled_sum(layer: scaling.CustomScaleLayer, graph: Graph, values: list[Value]) -> Value:
    if len(values[0].shape) != len(values[1].shape):
        raise NotCovered("values with different numbers of axes")
    more = graph.each("Mul", values[1], graph.number(layer.scale))
    return graph.both("Add", values[0], more)


def _dot(layer: merging.Dot, graph: Graph, values: list[Value]) -> Value:
    """Sums of products along an axis of each: rows by columns."""
    axes = layer.axes if isinstance(layer.axes, tuple) else (layer.axes, layer.axes)
    places = [axis_of(axis, v.shape) for axis, v in zip(axes, values, strict=True)]
    first, second = (
        _last_of(graph, of_length_one(graph, v, [place + 1], 1e-7) if layer.normalize else v, place)
        for v, place in zip(values, places, strict=True)
    )
    rows = graph.reshape(first, (prod(first.shape[:-1]), first.shape[-1]))
    columns = graph.reshape(second, (prod(second.shape[:-1]), second.shape[-1]))
    made = graph.matmul(rows, graph.transpose(columns, (0, 2, 1)))
    return graph.reshape(made, known_sizes(layer.output_shape(*(v.shape for v in values))))


def _last_of(graph: Graph, value: Value, place: int) -> Value:
    """The axis at a place behind all others."""
    others = (i + 1 for i in range(len(value.shape)) if i != place)
    return graph.transpose(value, (0, *others, place + 1))


_TWO = {
    "add": "Add", "subtract": "Sub", "multiply": "Mul", "divide": "Div", "power": "Pow",
    "maximum": "Max", "minimum": "Min",
}  # fmt: skip
Side = Value | str


def sides(layer: Any, graph: Graph, values: list[Value]) -> tuple[Side, Side, Sizes]:
    """Left and right of an operation on two values, or a value and numbers; and what comes out."""
    shape = known_sizes(layer.output_shape(*(value.shape for value in values)))
    if layer.number is None:
        return values[0], values[1], shape
    table = np.reshape(layer.number, layer.sizes) if layer.sizes else layer.number
    number, value = graph.constant(table), values[0]
    return (number, value, shape) if layer.number_first else (value, number, shape)


def _computed(layer: arithmetic.Arithmetic, graph: Graph, values: list[Value]) -> Value:
    first, second, shape = sides(layer, graph, values)
    if layer.operation in _TWO:
        return graph.do(_TWO[layer.operation], first, second, shape=shape)
    if layer.operation not in _OF_TWO:
        raise NotCovered(layer.operation)
    return _OF_TWO[layer.operation](graph, first, second, shape)


def _floor_divided(graph: Graph, a: Side, b: Side, shape: Sizes) -> Value:
    return graph.each("Floor", graph.do("Div", a, b, shape=shape))


def _remainder(graph: Graph, a: Side, b: Side, shape: Sizes) -> Value:
    """What is left of a division, with the sign of the divisor; ONNX's has that of the other."""
    left = graph.do("Mod", a, b, shape=shape, fmod=1)
    signs = graph.do("Mul", graph.each("Sign", left), _sign(graph, b, shape), shape=shape)
    other = graph.each("Less", signs, graph.number(0.0))
    return graph.do("Where", other, graph.do("Add", left, b, shape=shape), left, shape=shape)


def _sign(graph: Graph, side: Side, shape: Sizes) -> Value:
    return graph.do("Sign", side, shape=side.shape if isinstance(side, Value) else shape)


def _log_of_sum(graph: Graph, a: Side, b: Side, shape: Sizes) -> Value:
    """log(exp(a) + exp(b)): the larger one, and softplus of minus the distance."""
    apart = graph.each("Abs", graph.do("Sub", a, b, shape=shape))
    more = graph.each("Softplus", graph.each("Neg", apart))
    return graph.both("Add", graph.do("Max", a, b, shape=shape), more)


def _divided_or_nothing(graph: Graph, a: Side, b: Side, shape: Sizes) -> Value:
    """0 where the divisor is."""
    quotient = graph.do("Div", a, b, shape=shape)
    nothing = graph.do("Equal", b, graph.number(0.0), shape=shape)
    return graph.do("Where", nothing, graph.number(0.0), quotient, shape=shape)


def _squared_difference(graph: Graph, a: Side, b: Side, shape: Sizes) -> Value:
    apart = graph.do("Sub", a, b, shape=shape)
    return graph.both("Mul", apart, apart)


_OF_TWO: dict[str, Callable[[Graph, Side, Side, Sizes], Value]] = {
    "floor_divide": _floor_divided,
    "mod": _remainder,
    "logaddexp": _log_of_sum,
    "divide_no_nan": _divided_or_nothing,
    "squared_difference": _squared_difference,
}


JOINED: dict[type, Joined] = {
    merging.Add: _pairwise("Add"),
    merging.Subtract: _pairwise("Sub"),
    merging.Multiply: _pairwise("Mul"),
    merging.Maximum: _pairwise("Max"),
    merging.Minimum: _pairwise("Min"),
    merging.Average: _mean,
    merging.Concatenate: _beside,
    merging.Dot: _dot,
    scaling.CustomScaleLayer: _scaled_sum,
    arithmetic.Arithmetic: _computed,
}


def dense(layer: core.Dense, graph: Graph, value: Value, arrays: Arrays) -> Value:
    """x·W + b on the last axis."""
    made = graph.linear(value, arrays[0], layer.units)
    if layer.use_bias:
        made = graph.each("Add", made, graph.constant(arrays[1]))
    return activated(graph, made, layer.activation)


def reshaped(layer: Any, graph: Graph, value: Value, arrays: Arrays) -> Value:  # noqa: ARG001  # all alike
    """Flatten, Reshape: Keras's order of numbers is ours, since all is channels last."""
    return graph.reshape(value, known_sizes(layer.output_shape(value.shape)))


def permuted(layer: core.Permute, graph: Graph, value: Value, arrays: Arrays) -> Value:  # noqa: ARG001  # all alike
    """The axes in another order."""
    return graph.transpose(value, (0, *layer.dims))


def repeated(layer: core.RepeatVector, graph: Graph, value: Value, arrays: Arrays) -> Value:  # noqa: ARG001  # all alike
    """A vector several times, one under the other."""
    row = graph.reshape(value, (1, *value.shape))
    return graph.do("Tile", row, graph.whole(1, layer.n, 1), shape=(layer.n, *value.shape))


def embedded(layer: embedding.Embedding, graph: Graph, value: Value, arrays: Arrays) -> Value:
    """The row of each number."""
    if layer.mask_zero:
        raise NotCovered("a mask")
    places = graph.each("Cast", value, to=7)
    shape = (*value.shape, layer.output_dim)
    return graph.do("Gather", graph.constant(arrays[0]), places, shape=shape, axis=0)


_FUNCTIONS = {
    "absolute": "Abs", "sqrt": "Sqrt", "exp": "Exp", "log": "Log", "negative": "Neg",
    "sign": "Sign", "sin": "Sin", "cos": "Cos", "tan": "Tan", "sinh": "Sinh", "cosh": "Cosh",
    "floor": "Floor", "ceil": "Ceil", "round": "Round", "reciprocal": "Reciprocal", "erf": "Erf",
    "arcsin": "Asin", "arccos": "Acos", "arctan": "Atan", "arcsinh": "Asinh", "arccosh": "Acosh",
    "arctanh": "Atanh",
}  # fmt: skip

_COMPOSED: dict[str, Callable[[Graph, Value], Value]] = {
    "square": lambda g, x: g.both("Mul", x, x),
    "rsqrt": lambda g, x: g.each("Reciprocal", g.each("Sqrt", x)),
    "trunc": lambda g, x: g.both("Mul", g.each("Sign", x), g.each("Floor", g.each("Abs", x))),
    "exp2": lambda g, x: g.do("Pow", g.number(2.0), x, shape=x.shape),
    "log2": lambda g, x: g.each("Div", g.each("Log", x), g.number(log(2))),
    "log10": lambda g, x: g.each("Div", g.each("Log", x), g.number(log(10))),
    "gelu_tanh": lambda g, x: g.each("Gelu", x, approximate="tanh"),
    "expm1": exponential_minus_one,
    "log1p": log_of_one_more,
}


def function(layer: arithmetic.MathFunction, graph: Graph, value: Value, arrays: Arrays) -> Value:  # noqa: ARG001  # all alike
    """A function of each number."""
    if layer.function in _COMPOSED:
        return _COMPOSED[layer.function](graph, value)
    if layer.function not in _FUNCTIONS:
        raise NotCovered(layer.function)
    return graph.each(_FUNCTIONS[layer.function], value)


_REDUCED = {
    "mean": "ReduceMean", "sum": "ReduceSum", "prod": "ReduceProd", "max": "ReduceMax",
    "min": "ReduceMin", "logsumexp": "ReduceLogSumExp", "norm": "ReduceL2",
}  # fmt: skip


def reduced(layer: arithmetic.Reduction, graph: Graph, value: Value, arrays: Arrays) -> Value:  # noqa: ARG001  # all alike
    """What is left of some axes."""
    axes = range(1, value.rank) if layer.axis is None else layer.axis
    places = {axis_of(axis, value.shape) + 1 for axis in axes}
    shape = known_sizes(layer.output_shape(value.shape))
    if layer.operation in _REDUCED:
        return graph.reshape(graph.over(_REDUCED[layer.operation], value, places), shape)
    if layer.operation not in ("std", "var"):
        raise NotCovered(layer.operation)
    spread = graph.reshape(_variance(graph, value, places), shape)
    return graph.each("Sqrt", spread) if layer.operation == "std" else spread


def _variance(graph: Graph, value: Value, places: set[int]) -> Value:
    """The mean square of what is left when the mean is taken away."""
    apart = graph.both("Sub", value, graph.over("ReduceMean", value, places))
    return graph.over("ReduceMean", graph.both("Mul", apart, apart), places)


def item(layer: arithmetic.GetItem, graph: Graph, value: Value, arrays: Arrays) -> Value:  # noqa: ARG001  # all alike
    """A part of each sample: cut, then axes that came or went by another shape."""
    cuts: list[tuple[int, int, int, int]] = []
    left, axis = list(value.shape), 0
    for part, _ in layer.pairs(value.shape):
        if part == "new":
            continue
        if part != ":":
            start, end, step = _range(part, left[axis])
            left[axis] = len(range(start, end, step))
            # an end of -1 would be 'before the last one' in ONNX; this one is far before the first
            cuts.append((axis + 1, start, end if end >= 0 else -(2**31), step))
        axis += 1
    shape = known_sizes(layer.output_shape(value.shape))
    if not cuts:
        return graph.reshape(value, shape)
    axes, starts, ends, steps = (graph.whole(*row) for row in zip(*cuts, strict=True))
    made = graph.do("Slice", value, starts, ends, axes, steps, shape=tuple(left))
    return graph.reshape(made, shape)


def _range(part: str, size: int) -> tuple[int, int, int]:
    if ":" not in part:
        place = int(part) % size
        return place, place + 1, 1
    return arithmetic.slice_of(part).indices(size)


SHAPED: dict[type, Any] = {
    core.Dense: dense,
    core.Flatten: reshaped,
    core.Reshape: reshaped,
    core.Permute: permuted,
    core.RepeatVector: repeated,
    embedding.Embedding: embedded,
    arithmetic.MathFunction: function,
    arithmetic.Reduction: reduced,
    arithmetic.GetItem: item,
}
