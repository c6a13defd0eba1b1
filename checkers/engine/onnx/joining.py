"""What takes several values, what rearranges one, and arithmetic that stands in a model."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any

import numpy as np

from answers.layers import arithmetic, core, embedding, merging, scaling
from answers.layers.base import axis_of
from checkers.engine.onnx.functions import activated
from checkers.engine.onnx.graph import Arrays, Graph, NotCovered, Sizes, Value, known_sizes

Joined = Callable[[Any, Graph, list[Value]], Value]


def _over(shapes: list[Sizes]) -> Sizes:
    if len({len(shape) for shape in shapes}) > 1:
        raise NotCovered("values with different numbers of axes")
    return tuple(int(size) for size in np.broadcast_shapes(*shapes))


def _pairwise(operator: str) -> Joined:
    def join(layer: Any, graph: Graph, values: list[Value]) -> Value:  # noqa: ARG001  # all alike
        def two(a: Value, b: Value) -> Value:
            return graph.do(operator, a, b, shape=_over([a.shape, b.shape]))

        return reduce(two, values)

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
    more = graph.each("Mul", values[1], graph.number(layer.scale))
    return graph.do("Add", values[0], more, shape=_over([values[0].shape, more.shape]))


_TWO = {
    "add": "Add", "subtract": "Sub", "multiply": "Mul", "divide": "Div", "power": "Pow",
    "maximum": "Max", "minimum": "Min",
}  # fmt: skip


def _computed(layer: arithmetic.Arithmetic, graph: Graph, values: list[Value]) -> Value:
    if layer.operation not in _TWO:
        raise NotCovered(layer.operation)
    operator = _TWO[layer.operation]
    if layer.number is None:
        return _pairwise(operator)(layer, graph, values)
    number, value = graph.constant(layer.number), values[0]
    given: tuple[Value | str, ...] = (number, value) if layer.number_first else (value, number)
    return graph.do(operator, *given, shape=value.shape)


JOINED: dict[type, Joined] = {
    merging.Add: _pairwise("Add"),
    merging.Subtract: _pairwise("Sub"),
    merging.Multiply: _pairwise("Mul"),
    merging.Maximum: _pairwise("Max"),
    merging.Minimum: _pairwise("Min"),
    merging.Average: _mean,
    merging.Concatenate: _beside,
    scaling.CustomScaleLayer: _scaled_sum,
    arithmetic.Arithmetic: _computed,
}


def dense(layer: core.Dense, graph: Graph, value: Value, arrays: Arrays) -> Value:
    """x·W + b on the last axis."""
    shape = (*value.shape[:-1], layer.units)
    made = graph.do("MatMul", value, graph.constant(arrays[0]), shape=shape)
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
    "floor": "Floor", "ceil": "Ceil", "round": "Round", "reciprocal": "Reciprocal",
}  # fmt: skip


def function(layer: arithmetic.MathFunction, graph: Graph, value: Value, arrays: Arrays) -> Value:  # noqa: ARG001  # all alike
    """A function of each number."""
    if layer.function == "square":
        return graph.do("Mul", value, value, shape=value.shape)
    if layer.function == "rsqrt":
        return graph.each("Reciprocal", graph.each("Sqrt", value))
    if layer.function not in _FUNCTIONS:
        raise NotCovered(layer.function)
    return graph.each(_FUNCTIONS[layer.function], value)


_REDUCED = {
    "mean": "ReduceMean", "sum": "ReduceSum", "prod": "ReduceProd", "max": "ReduceMax",
    "min": "ReduceMin",
}  # fmt: skip


def reduced(layer: arithmetic.Reduction, graph: Graph, value: Value, arrays: Arrays) -> Value:  # noqa: ARG001  # all alike
    """What is left of some axes."""
    if layer.operation not in _REDUCED:
        raise NotCovered(layer.operation)
    axes = (
        range(value.rank - 1)
        if layer.axis is None
        else (axis_of(axis, value.shape) for axis in layer.axis)
    )
    shape = known_sizes(layer.output_shape(value.shape))
    places = graph.whole(*sorted(axis + 1 for axis in axes))
    return graph.do(
        _REDUCED[layer.operation], value, places, shape=shape, keepdims=int(layer.keepdims)
    )


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
