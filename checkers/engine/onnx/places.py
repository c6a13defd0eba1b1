"""What chooses, orders, counts and lays out numbers in other places."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from answers.layers import picture_operations, selection
from answers.layers.base import axis_of
from checkers.engine.onnx.graph import Arrays, Graph, NotCovered, Sizes, Value, known_sizes
from checkers.engine.onnx.joining import Joined

_FLOAT, _WHOLE, _TRUTH = 1, 7, 9
_LOGICAL = {"and": "And", "or": "Or", "xor": "Xor"}


def _of_truths(layer: selection.Logical, graph: Graph, values: list[Value]) -> Value:
    """Both, one or just one."""
    truths = (graph.each("Cast", value, to=_TRUTH) for value in values)
    return graph.each("Cast", graph.both(_LOGICAL[layer.operation], *truths), to=_FLOAT)


JOINED_TRUTHS: dict[type, Joined] = {selection.Logical: _of_truths}


def _extreme(layer: selection.Extreme, graph: Graph, value: Value, arrays: Arrays) -> Value:  # noqa: ARG001  # all alike
    place = axis_of(layer.axis, value.shape)
    shape = known_sizes(layer.output_shape(value.shape))
    operator = "ArgMax" if layer.operation == "argmax" else "ArgMin"
    found = graph.do(operator, value, shape=shape, axis=place + 1, keepdims=int(layer.keepdims))
    return graph.each("Cast", found, to=_FLOAT)


def _sorted(layer: selection.Sort, graph: Graph, value: Value, arrays: Arrays) -> Value:  # noqa: ARG001  # all alike
    place = axis_of(layer.axis, value.shape)
    many = graph.whole(value.shape[place])
    ways = {"axis": place + 1, "largest": int(layer.descending)}
    return graph.several("TopK", value, many, shapes=(value.shape,) * 2, **ways)[0]


def _so_far(layer: selection.Cumulative, graph: Graph, value: Value, arrays: Arrays) -> Value:  # noqa: ARG001  # all alike
    if layer.operation == "prod":
        raise NotCovered("products along an axis")
    axis = graph.whole(axis_of(layer.axis, value.shape) + 1)
    ways = {"exclusive": int(layer.exclusive), "reverse": int(layer.reverse)}
    return graph.do("CumSum", value, axis, shape=value.shape, **ways)


def _taken(
    graph: Graph, value: Value, place: int, many: int, places: Callable[[], NDArray[Any]]
) -> Value:
    """So many positions of an axis, at places that are worked out where a graph is written."""
    shape = (*value.shape[:place], many, *value.shape[place + 1 :])
    where = graph.constant(places, np.int64)
    return graph.do("Gather", value, where, shape=shape, axis=place + 1)


def _gathered(layer: selection.Gather, graph: Graph, value: Value, arrays: Arrays) -> Value:  # noqa: ARG001  # all alike
    known_sizes(layer.output_shape(value.shape))
    place = axis_of(layer.axis, value.shape)
    return _taken(graph, value, place, len(layer.places), lambda: np.asarray(layer.places))


def _rolled(layer: selection.Roll, graph: Graph, value: Value, arrays: Arrays) -> Value:  # noqa: ARG001  # all alike
    for axis, shift in zip(layer.axis, layer.shift, strict=True):
        place = axis_of(axis, value.shape)
        size = value.shape[place]
        value = _taken(graph, value, place, size, partial(_moved_on, size, shift))
    return value


def _moved_on(size: int, shift: int) -> NDArray[Any]:
    return (np.arange(size) - shift % size) % size


def _one_hot(layer: selection.OneHot, graph: Graph, value: Value, arrays: Arrays) -> Value:  # noqa: ARG001  # all alike
    """Equal to its own number: ONNX's OneHot would count negative ones from the end."""
    numbers = graph.each("Cast", graph.reshape(value, (*value.shape, 1)), to=_WHOLE)
    every = graph.constant(lambda: np.arange(layer.classes), np.int64)
    shape = (*value.shape, layer.classes)
    return graph.each("Cast", graph.do("Equal", numbers, every, shape=shape), to=_FLOAT)


def _whole(layer: selection.WholePart, graph: Graph, value: Value, arrays: Arrays) -> Value:  # noqa: ARG001  # all alike
    return graph.both(
        "Mul", graph.each("Sign", value), graph.each("Floor", graph.each("Abs", value))
    )


def _filled(layer: selection.Filled, graph: Graph, value: Value, arrays: Arrays) -> Value:  # noqa: ARG001  # all alike
    sizes = graph.do("Shape", value, shape=(len(value.shape) + 1,))
    return graph.do("Expand", graph.number(layer.value), sizes, shape=value.shape)


def _padded(layer: picture_operations.Pad, graph: Graph, value: Value, arrays: Arrays) -> Value:  # noqa: ARG001  # all alike
    shape = known_sizes(layer.output_shape(value.shape))
    if layer.mode == "constant":
        before, after = zip(*layer.sides, strict=True)
        sides = graph.whole(0, *before, 0, *after)
        return graph.do("Pad", value, sides, graph.number(layer.value), shape=shape)
    for place, margins in enumerate(layer.sides):
        if any(margins):
            where = partial(_mirrored, value.shape[place], margins, layer.mode)
            value = _taken(graph, value, place, value.shape[place] + sum(margins), where)
    return value


def _mirrored(size: int, sides: tuple[int, int], mode: Any) -> NDArray[Any]:
    return np.pad(np.arange(size), sides, mode=mode)


def _laid_out(
    layer: picture_operations.DepthToSpace,
    graph: Graph,
    value: Value,
    arrays: Arrays,  # noqa: ARG001  # all alike
) -> Value:
    height, width, depth = known_sizes(layer.output_shape(value.shape))
    cells = (height // layer.block, width // layer.block, layer.block, layer.block, depth)
    return _turned(graph, value, cells, (height, width, depth))


def _laid_behind(
    layer: picture_operations.SpaceToDepth,
    graph: Graph,
    value: Value,
    arrays: Arrays,  # noqa: ARG001  # all alike
) -> Value:
    height, width, depth = known_sizes(layer.output_shape(value.shape))
    cells = (height, layer.block, width, layer.block, value.shape[-1])
    return _turned(graph, value, cells, (height, width, depth))


def _turned(graph: Graph, value: Value, cells: Sizes, shape: Sizes) -> Value:
    """A picture in blocks: the second and the third of its axes change places."""
    laid = graph.transpose(graph.reshape(value, cells), (0, 1, 3, 2, 4, 5))
    return graph.reshape(laid, shape)


def _patches(
    layer: picture_operations.Patches,
    graph: Graph,
    value: Value,
    arrays: Arrays,  # noqa: ARG001  # all alike
) -> Value:
    """Rows, then columns, of each window; zeros around the picture where it is padded."""
    *windows, numbers = known_sizes(layer.output_shape(value.shape))
    channels = value.shape[-1]
    for place, many in enumerate(windows):
        value = _windows(layer, graph, value, place, many)
    high, wide = layer.size
    apart = graph.reshape(value, (windows[0], high, windows[1], wide, channels))
    laid = graph.transpose(apart, (0, 1, 3, 2, 4, 5))
    return graph.reshape(laid, (*windows, numbers))


def _windows(
    layer: picture_operations.Patches, graph: Graph, value: Value, place: int, many: int
) -> Value:
    """The positions of an axis, window by window."""
    kernel, step, apart = layer.size[place], layer.strides[place], layer.dilation_rate[place]
    size = value.shape[place]
    reach = (many - 1) * step + (kernel - 1) * apart + 1
    before = max(reach - size, 0) // 2 if layer.padding == "same" else 0
    if layer.padding == "same":
        sides: list[Sizes] = [(0, 0)] * len(value.shape)
        sides[place] = (before, max(reach - size, 0) - before)
        value = _padded(picture_operations.Pad(sides=tuple(sides)), graph, value, [])  # type: ignore[arg-type]  # pairs
    where = partial(_seen, many, step, kernel, apart)
    return _taken(graph, value, place, many * kernel, where)


def _seen(many: int, step: int, kernel: int, apart: int) -> NDArray[Any]:
    """The positions of each window."""
    return (np.arange(many)[:, None] * step + np.arange(kernel) * apart).reshape(-1)


def _standard(
    layer: picture_operations.PictureStandardization,
    graph: Graph,
    value: Value,
    arrays: Arrays,  # noqa: ARG001  # all alike
) -> Value:
    known_sizes(layer.output_shape(value.shape))
    places = (1, 2, 3)
    apart = graph.both("Sub", value, graph.over("ReduceMean", value, places))
    spread = graph.each("Sqrt", graph.over("ReduceMean", graph.both("Mul", apart, apart), places))
    least = graph.number(prod(value.shape) ** -0.5)
    return graph.both("Div", apart, graph.each("Max", spread, least))


def _grey(layer: picture_operations.Grey, graph: Graph, value: Value, arrays: Arrays) -> Value:  # noqa: ARG001  # all alike
    known_sizes(layer.output_shape(value.shape))
    return graph.linear(value, np.asarray(picture_operations.GREY)[:, None], 1)


PLACES: dict[type, Any] = {
    selection.Cumulative: _so_far,
    selection.Extreme: _extreme,
    selection.Filled: _filled,
    selection.Gather: _gathered,
    selection.OneHot: _one_hot,
    selection.Roll: _rolled,
    selection.Sort: _sorted,
    selection.WholePart: _whole,
    picture_operations.DepthToSpace: _laid_out,
    picture_operations.Grey: _grey,
    picture_operations.Pad: _padded,
    picture_operations.Patches: _patches,
    picture_operations.PictureStandardization: _standard,
    picture_operations.SpaceToDepth: _laid_behind,
}
