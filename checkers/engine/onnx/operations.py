"""Operations on tensors that stand in a model, and the dense layer that is an equation."""

from __future__ import annotations

from math import prod
from typing import Any

from answers.layers import einsum, tensor_operations
from answers.layers.base import axis_of
from answers.layers.einsum import equation_of
from checkers.engine.onnx.functions import activated, of_length_one
from checkers.engine.onnx.graph import Arrays, Graph, Value, known_sizes
from checkers.engine.onnx.grid import repeated_positions
from checkers.engine.onnx.joining import Joined, sides

_FLOAT = 1
_COMPARED = {
    "greater": "Greater", "greater_equal": "GreaterOrEqual", "less": "Less",
    "less_equal": "LessOrEqual", "equal": "Equal", "not_equal": "Equal",
}  # fmt: skip


def _compared(layer: tensor_operations.Comparison, graph: Graph, values: list[Value]) -> Value:
    """1 where it holds, 0 elsewhere."""
    first, second, shape = sides(layer, graph, values)
    truths = graph.do(_COMPARED[layer.operation], first, second, shape=shape)
    if layer.operation == "not_equal":
        truths = graph.each("Not", truths)
    return graph.each("Cast", truths, to=_FLOAT)


def _chosen(layer: tensor_operations.Where, graph: Graph, values: list[Value]) -> Value:
    """One value where the condition is not 0, another elsewhere."""
    condition, *left = values
    nothing = graph.each("Equal", condition, graph.number(0.0))
    yes, no = (
        left.pop(0) if number is None else graph.number(number) for number in (layer.yes, layer.no)
    )
    shape = known_sizes(layer.output_shape(*(value.shape for value in values)))
    return graph.do("Where", nothing, no, yes, shape=shape)


def _stacked(layer: tensor_operations.Stack, graph: Graph, values: list[Value]) -> Value:
    """Inputs along a new axis."""
    shape = known_sizes(layer.output_shape(*(value.shape for value in values)))
    place = axis_of(layer.axis, shape)
    one = (*shape[:place], 1, *shape[place + 1 :])
    rows = [graph.reshape(value, one) for value in values]
    return graph.do("Concat", *rows, shape=shape, axis=place + 1)


def _multiplied(layer: tensor_operations.Matmul, graph: Graph, values: list[Value]) -> Value:
    """Products of matrices, which may be turned first."""
    turned = (layer.transpose_a, layer.transpose_b)
    first, second = (
        graph.transpose(value, (*range(value.rank - 2), value.rank - 1, value.rank - 2))
        if turn
        else value
        for value, turn in zip(values, turned, strict=True)
    )
    return graph.matmul(first, second)


def _summed(layer: tensor_operations.Einsum, graph: Graph, values: list[Value]) -> Value:
    """Sums of products by an equation.

    The runtime multiplies the first two of three inputs first: the pair comes first that makes the
    fewest numbers, of which the limits of a network know nothing.
    """
    shape = known_sizes(layer.output_shape(*(value.shape for value in values)))
    equation = equation_of(layer.subscripts)
    sizes = equation.without_batch().sizes(*(value.shape for value in values))

    def between(rows: tuple[tuple[str, Value], ...]) -> int:
        made = {*rows[0][0], *rows[1][0]} & {*equation.output, *rows[-1][0]}
        return prod(known_sizes(sizes[letter] for letter in made if letter in sizes))

    rows = tuple(zip(equation.inputs, values, strict=True))
    if len(rows) == 3:
        rows = min((rows, (rows[0], rows[2], rows[1]), (rows[1], rows[2], rows[0])), key=between)
    ordered = f"{','.join(term for term, _ in rows)}->{equation.output}"
    return graph.do("Einsum", *(value for _, value in rows), shape=shape, equation=ordered)


OPERATIONS: dict[type, Joined] = {
    tensor_operations.Comparison: _compared,
    tensor_operations.Where: _chosen,
    tensor_operations.Stack: _stacked,
    tensor_operations.Matmul: _multiplied,
    tensor_operations.Einsum: _summed,
}


def _clipped(layer: tensor_operations.Clip, graph: Graph, value: Value, arrays: Arrays) -> Value:  # noqa: ARG001  # all alike
    return graph.each("Clip", value, graph.number(layer.low), graph.number(layer.high))


def _of_length_one(
    layer: tensor_operations.UnitLength,
    graph: Graph,
    value: Value,
    arrays: Arrays,  # noqa: ARG001  # all alike
) -> Value:
    """Vectors by their length, or by epsilon where it is smaller."""
    places = {axis_of(axis, value.shape) + 1 for axis in layer.axis}
    return of_length_one(graph, value, places, layer.epsilon)


def _part(layer: tensor_operations.Part, graph: Graph, value: Value, arrays: Arrays) -> Value:  # noqa: ARG001  # all alike
    """A part along an axis, which may go."""
    place = axis_of(layer.axis, value.shape)
    start, stop = layer.bounds(value.shape)
    cut = (*value.shape[:place], stop - start, *value.shape[place + 1 :])
    rows = (graph.whole(start), graph.whole(stop), graph.whole(place + 1))
    made = graph.do("Slice", value, *rows, shape=cut)
    return graph.reshape(made, known_sizes(layer.output_shape(value.shape)))


def _tiled(layer: tensor_operations.Tile, graph: Graph, value: Value, arrays: Arrays) -> Value:  # noqa: ARG001  # all alike
    shape = known_sizes(layer.output_shape(value.shape))
    return graph.do("Tile", value, graph.whole(1, *layer.repeats), shape=shape)


def _repeated(layer: tensor_operations.Repeat, graph: Graph, value: Value, arrays: Arrays) -> Value:  # noqa: ARG001  # all alike
    place = axis_of(layer.axis, value.shape)
    return repeated_positions(graph, value, place + 1, value.shape[place] * layer.repeats)


def _moved(layer: tensor_operations.MoveAxis, graph: Graph, value: Value, arrays: Arrays) -> Value:  # noqa: ARG001  # all alike
    return graph.transpose(value, (0, *(place + 1 for place in layer.order(value.shape))))


def einsum_dense(layer: einsum.EinsumDense, graph: Graph, value: Value, arrays: Arrays) -> Value:
    """A dense layer on any axes."""
    shape = known_sizes(layer.output_shape(value.shape))
    equation = equation_of(layer.equation).text
    made = graph.do("Einsum", value, graph.constant(arrays[0]), shape=shape, equation=equation)
    if layer.bias_axes is not None:
        made = graph.each("Add", made, graph.constant(arrays[1]))
    return activated(graph, made, layer.activation)


ON_TENSORS: dict[type, Any] = {
    tensor_operations.Clip: _clipped,
    tensor_operations.UnitLength: _of_length_one,
    tensor_operations.Part: _part,
    tensor_operations.Tile: _tiled,
    tensor_operations.Repeat: _repeated,
    tensor_operations.MoveAxis: _moved,
    einsum.EinsumDense: einsum_dense,
}
