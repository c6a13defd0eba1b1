"""Locally connected layers: a matrix of its own for each position."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from answers.layers import locally_connected
from checkers.engine import local_kernel
from checkers.engine.onnx.functions import activated
from checkers.engine.onnx.graph import Arrays, Graph, NotCovered, Sizes, Value, known_sizes

# With padding 'same' a window may lie mostly outside a small input: its matrices would then hold
# far more numbers than the file does.
_MOST_OUTSIDE = 4 << 20


def local(layer: Any, graph: Graph, value: Value, arrays: Arrays) -> Value:
    """LocallyConnected1D and 2D: the windows are gathered, and multiplied position by position."""
    out = known_sizes(layer.output_shape(value.shape)[:-1])
    window, channels = prod(layer.kernel_size), value.shape[-1]
    if prod(out) * window * channels * layer.filters > arrays[0].size + _MOST_OUTSIDE:
        raise NotCovered("windows that lie mostly outside the input")
    patches = _patches(layer, graph, value, out)
    kernel = graph.constant(lambda: _matrices(layer, arrays[0], value.shape, out))
    made = graph.do("MatMul", patches, kernel, shape=(prod(out), layer.filters))
    turned = graph.transpose_free(made, (1, 0, 2))
    found = graph.do(
        "Reshape", turned, graph.whole(-1, *out, layer.filters), shape=(*out, layer.filters)
    )
    if layer.use_bias:
        found = graph.each("Add", found, graph.constant(arrays[1]))
    return activated(graph, found, layer.activation)


def _patches(layer: Any, graph: Graph, value: Value, out: Sizes) -> Value:
    """(positions, batch, window·channels): what each output position reads."""
    *sizes, channels = value.shape
    count, window = prod(out), prod(layer.kernel_size)
    flat = graph.reshape(value, (prod(sizes), channels))
    if layer.padding == "same":
        # a row of zeros behind the positions: what a window reads outside the input
        rows = (prod(sizes) + 1, channels)
        flat = graph.do("Pad", flat, graph.whole(0, 0, 0, 0, 1, 0), shape=rows)
    where = graph.constant(lambda: _read(layer, tuple(sizes), out), np.int64)
    shape = (count, window, channels)
    taken = graph.do("Gather", flat, where, shape=shape, axis=1)
    rows_of_numbers = graph.reshape(taken, (count, window * channels))
    return graph.transpose_free(rows_of_numbers, (1, 0, 2))


def _read(layer: Any, sizes: Sizes, out: Sizes) -> NDArray[np.int64]:
    """(positions, window): the place that is read, that of the zeros where it lies outside."""
    place, inside = local_kernel.places(layer, sizes, out)
    return np.where(inside, place, prod(sizes))


def _matrices(
    layer: Any, stored: NDArray[np.float32], shape: Sizes, out: Sizes
) -> NDArray[np.float32]:
    """(positions, window·channels, filters)."""
    if layer.implementation == 1:
        return stored
    index, mask = local_kernel.index(layer, shape[:-1], shape[-1], out)
    return stored.reshape(-1)[index] * mask


LOCAL: dict[type, Any] = {
    locally_connected.LocallyConnected1D: local,
    locally_connected.LocallyConnected2D: local,
}
