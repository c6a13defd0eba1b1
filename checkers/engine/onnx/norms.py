"""Normalisations, scales and offsets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from answers.layers import normalization, preprocessing, scaling
from answers.layers.base import axis_of
from checkers.engine.cudnn import as_plain
from checkers.engine.onnx.functions import of_length_one
from checkers.engine.onnx.graph import Arrays, Graph, NotCovered, Sizes, Value

_LEAST_DEVIATION = 1e-7  # Keras's epsilon, below which Normalization divides by it


def batch(
    layer: normalization.BatchNormalization, graph: Graph, value: Value, arrays: Arrays
) -> Value:
    """x·s + t with what training stored, folded in float64."""
    (place,) = _places(layer.axis, value)

    def spread(numbers: Callable[[Any, Arrays], NDArray[Any]]) -> str:
        plain = as_plain(layer, arrays)
        return graph.constant(lambda: _spread(numbers(layer, plain), [place], value))

    return graph.each("Add", graph.each("Mul", value, spread(_factor)), spread(_offset))


def _factor(layer: normalization.BatchNormalization, arrays: Arrays) -> NDArray[Any]:
    gamma = arrays[0] if layer.scale else np.float32(1)
    found: NDArray[Any] = gamma / np.sqrt(arrays[-1].astype(np.float64) + layer.epsilon)
    return found


def _offset(layer: normalization.BatchNormalization, arrays: Arrays) -> NDArray[Any]:
    beta = arrays[-3] if layer.center else np.float32(0)
    found: NDArray[Any] = beta - arrays[-2].astype(np.float64) * _factor(layer, arrays)
    return found


def layered(
    layer: normalization.LayerNormalization, graph: Graph, value: Value, arrays: Arrays
) -> Value:
    """Over some axes of each sample; over the last ones there is an operator."""
    axes = _places(layer.axis, value)
    if layer.rms_scaling or axes != list(range(axes[0], value.rank)):
        return _layered_by_hand(layer, graph, value, arrays, axes)
    given = _gamma_and_beta(layer, graph, arrays, value.shape[axes[0] - 1 :])
    return graph.each(
        "LayerNormalization", value, *given, axis=axes[0], epsilon=float(layer.epsilon)
    )


def _layered_by_hand(
    layer: normalization.LayerNormalization,
    graph: Graph,
    value: Value,
    arrays: Arrays,
    axes: list[int],
) -> Value:
    """(x - mean)/sqrt(variance + epsilon); with rms_scaling the mean isn't taken from x."""
    apart = graph.both("Sub", value, graph.over("ReduceMean", value, axes))
    spread = graph.over("ReduceMean", graph.both("Mul", apart, apart), axes)
    root = graph.each("Sqrt", graph.each("Add", spread, graph.number(layer.epsilon)))
    made = graph.both("Div", value if layer.rms_scaling else apart, root)
    operators = ["Mul"] if layer.scale or layer.rms_scaling else []
    operators += ["Add"] if layer.center and not layer.rms_scaling else []
    for operator, array in zip(operators, arrays, strict=True):
        made = graph.each(operator, made, graph.constant(_spread(array, axes, value)))
    return made


def _gamma_and_beta(layer: Any, graph: Graph, arrays: Arrays, sizes: Sizes) -> tuple[str, str]:
    """Names of both: the operators want them where Keras has none."""
    left = list(arrays)
    gamma = left.pop(0) if layer.scale else None
    beta = left.pop(0) if layer.center else None
    # Keras keeps the sizes in the order of its axes, and lays the numbers over them as they stand
    return (
        graph.constant(gamma.reshape(sizes) if gamma is not None else lambda: np.ones(sizes)),
        graph.constant(beta.reshape(sizes) if beta is not None else lambda: np.zeros(sizes)),
    )


def grouped(
    layer: normalization.GroupNormalization, graph: Graph, value: Value, arrays: Arrays
) -> Value:
    """Over the channels of a group and all positions."""
    (place,) = _places(layer.axis, value)
    order = (0, place, *(axis for axis in range(1, value.rank) if axis != place))
    turned = graph.transpose(value, order)
    channels = turned.shape[0]
    made = graph.each(
        "GroupNormalization",
        turned,
        *_gamma_and_beta(layer, graph, arrays, (channels,)),
        num_groups=int(channels if layer.groups == -1 else layer.groups),
        epsilon=float(layer.epsilon),
    )
    return graph.transpose(made, tuple(order.index(axis) for axis in range(value.rank)))


def root_mean_square(
    layer: normalization.RMSNormalization, graph: Graph, value: Value, arrays: Arrays
) -> Value:
    """x·scale / sqrt(mean(x²) + epsilon). Keras lays the scale along the last axes, whatever `axis`."""
    scale = arrays[0]
    lain = zip(scale.shape[::-1], value.shape[::-1], strict=False)
    if any(count not in (1, size) for count, size in lain):
        raise NotCovered("a scale of RMSNormalization that does not fit the last axes")
    axes = _places(layer.axis, value)
    square = graph.do("Mul", value, value, shape=value.shape)
    mean = graph.each("ReduceMean", square, graph.whole(*axes), keepdims=1)
    root = graph.each("Sqrt", graph.each("Add", mean, graph.number(layer.epsilon)))
    return graph.each("Mul", graph.do("Div", value, root, shape=value.shape), graph.constant(scale))


def unit(
    layer: normalization.UnitNormalization,
    graph: Graph,
    value: Value,
    arrays: Arrays,  # noqa: ARG001  # all alike
) -> Value:
    """Each vector by its length, or by `least` where that is smaller."""
    return of_length_one(graph, value, _places(layer.axis, value), layer.least)


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
    centre = graph.constant(mean)
    deviation = graph.constant(lambda: np.maximum(np.sqrt(variance), np.float32(_LEAST_DEVIATION)))
    if layer.invert:
        return graph.each("Add", graph.each("Mul", value, deviation), centre)
    return graph.each("Div", graph.each("Sub", value, centre), deviation)


def layer_scale(layer: scaling.LayerScale, graph: Graph, value: Value, arrays: Arrays) -> Value:  # noqa: ARG001  # all alike
    """x·gamma."""
    return graph.each("Mul", value, graph.constant(arrays[0]))


def _spread(array: NDArray[Any], axes: list[int], value: Value) -> NDArray[Any]:
    """Numbers of some axes in a shape that lies over a batch of the value."""
    sizes = [1] * value.rank
    for axis in axes:
        sizes[axis] = value.shape[axis - 1]
    return np.reshape(array, sizes)


def _places(axes: int | tuple[int, ...], value: Value) -> list[int]:
    given = axes if isinstance(axes, tuple) else (axes,)
    return sorted(axis_of(axis, value.shape) + 1 for axis in given)


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
