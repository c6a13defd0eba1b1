"""Normalisations, scales and offsets."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from answers.layers import normalization, preprocessing, scaling
from answers.layers.base import axis_of
from checkers.engine.onnx.graph import Arrays, Graph, NotCovered, Value

_LEAST_DEVIATION = 1e-7  # Keras's epsilon, below which Normalization divides by it


def batch(
    layer: normalization.BatchNormalization, graph: Graph, value: Value, arrays: Arrays
) -> Value:
    """x·s + t with what training stored, folded in float64."""
    left = list(arrays)
    gamma = left.pop(0) if layer.scale else np.float32(1)
    beta = left.pop(0) if layer.center else np.float32(0)
    mean, variance = (array.astype(np.float64) for array in left)
    factor = gamma / np.sqrt(variance + layer.epsilon)
    return _scaled(graph, value, factor, beta - mean * factor, _place(layer.axis, value))


def layered(
    layer: normalization.LayerNormalization, graph: Graph, value: Value, arrays: Arrays
) -> Value:
    """Over the last axes of each sample."""
    axes = _places(layer.axis, value)
    if layer.rms_scaling or axes != list(range(axes[0], value.rank)):
        raise NotCovered("LayerNormalization over other axes than the last")
    sizes = value.shape[axes[0] - 1 :]
    left = list(arrays)
    gamma = left.pop(0) if layer.scale else np.ones(sizes)
    beta = left.pop(0) if layer.center else np.zeros(sizes)
    given = (graph.constant(gamma), graph.constant(beta))
    return graph.each(
        "LayerNormalization", value, *given, axis=axes[0], epsilon=float(layer.epsilon)
    )


def grouped(
    layer: normalization.GroupNormalization, graph: Graph, value: Value, arrays: Arrays
) -> Value:
    """Over the channels of a group and all positions."""
    if _place(layer.axis, value) != value.rank - 1:
        raise NotCovered("GroupNormalization over another axis than the last")
    channels = value.shape[-1]
    left = list(arrays)
    gamma = left.pop(0) if layer.scale else np.ones(channels)
    beta = left.pop(0) if layer.center else np.zeros(channels)
    groups = channels if layer.groups == -1 else layer.groups
    turned = graph.channels_first(value)
    made = graph.each(
        "GroupNormalization",
        turned,
        graph.constant(gamma),
        graph.constant(beta),
        num_groups=int(groups),
        epsilon=float(layer.epsilon),
    )
    return graph.channels_last(made)


def root_mean_square(
    layer: normalization.RMSNormalization, graph: Graph, value: Value, arrays: Arrays
) -> Value:
    """x·scale / sqrt(mean(x²) + epsilon)."""
    axes = _places(layer.axis, value)
    square = graph.do("Mul", value, value, shape=value.shape)
    mean = graph.each("ReduceMean", square, graph.whole(*axes), keepdims=1)
    root = graph.each("Sqrt", graph.each("Add", mean, graph.number(layer.epsilon)))
    scale = _spread(arrays[0], axes, value)
    return graph.each("Mul", graph.do("Div", value, root, shape=value.shape), graph.constant(scale))


def unit(
    layer: normalization.UnitNormalization,
    graph: Graph,
    value: Value,
    arrays: Arrays,  # noqa: ARG001  # all alike
) -> Value:
    """Each vector by its length, which is at least 1e-6."""
    square = graph.do("Mul", value, value, shape=value.shape)
    axes = graph.whole(*_places(layer.axis, value))
    total = graph.each("ReduceSum", square, axes, keepdims=1)
    root = graph.each("Sqrt", graph.each("Max", total, graph.number(1e-12)))
    return graph.do("Div", value, root, shape=value.shape)


def rescaled(
    layer: preprocessing.Rescaling,
    graph: Graph,
    value: Value,
    arrays: Arrays,  # noqa: ARG001  # all alike
) -> Value:
    """x·scale + offset."""
    made = graph.each("Mul", value, graph.constant(layer.scale))
    return graph.each("Add", made, graph.constant(layer.offset))


def standardised(
    layer: preprocessing.Normalization, graph: Graph, value: Value, arrays: Arrays
) -> Value:
    """(x − mean)/deviation, with measured or given numbers; or back."""
    axes = _places(layer.axis, value) if layer.axis is not None else []
    if layer.mean is None:
        mean, variance = (_spread(array, axes, value) for array in arrays[:2])
    else:
        mean, variance = (np.asarray(n, np.float32) for n in (layer.mean, layer.variance))
    deviation = np.maximum(np.sqrt(variance), np.float32(_LEAST_DEVIATION))
    if layer.invert:
        wide = graph.each("Mul", value, graph.constant(deviation))
        return graph.each("Add", wide, graph.constant(mean))
    apart = graph.each("Sub", value, graph.constant(mean))
    return graph.each("Div", apart, graph.constant(deviation))


def layer_scale(layer: scaling.LayerScale, graph: Graph, value: Value, arrays: Arrays) -> Value:  # noqa: ARG001  # all alike
    """x·gamma."""
    return graph.each("Mul", value, graph.constant(arrays[0]))


def _scaled(graph: Graph, value: Value, factor: Any, offset: Any, axis: int) -> Value:
    wide = graph.each("Mul", value, graph.constant(_spread(factor, [axis], value)))
    return graph.each("Add", wide, graph.constant(_spread(offset, [axis], value)))


def _spread(array: NDArray[Any], axes: list[int], value: Value) -> NDArray[Any]:
    """Numbers of some axes in a shape that lies over a batch of the value."""
    sizes = [1] * value.rank
    for axis, size in zip(axes, np.shape(array), strict=True):
        sizes[axis] = size
    return np.reshape(array, sizes)


def _places(axes: int | tuple[int, ...], value: Value) -> list[int]:
    given = axes if isinstance(axes, tuple) else (axes,)
    return sorted(axis_of(axis, value.shape) + 1 for axis in given)


def _place(axes: int | tuple[int, ...], value: Value) -> int:
    (place,) = _places(axes, value)
    return place


NORMS: dict[type, Any] = {
    normalization.BatchNormalization: batch,
    normalization.LayerNormalization: layered,
    normalization.GroupNormalization: grouped,
    normalization.RMSNormalization: root_mean_square,
    normalization.UnitNormalization: unit,
    preprocessing.Rescaling: rescaled,
    preprocessing.Normalization: standardised,
    scaling.LayerScale: layer_scale,
}
