"""Normalisations and scales of one sample, by their published formulas in float64.

Axes are counted with the batch axis, which is not there: axis 1 is the first of the sample.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from naive_functions import Array

Arrays = list[Array]


def places(axis: Any, x: Array) -> tuple[int, ...]:
    """Axes of a sample, in order."""
    said = axis if isinstance(axis, tuple) else (axis,)
    return tuple(sorted(item - 1 if item > 0 else item + x.ndim for item in said))


def stretched(weight: Array, axes: tuple[int, ...], x: Array) -> Array:
    """A weight of some axes, with sizes of 1 along the others.

    Its numbers are taken in the order of the sample's axes, whatever the order in the file: what
    Keras does with axis (-1, 2), where the file has the channels first.
    """
    return weight.reshape([size if axis in axes else 1 for axis, size in enumerate(x.shape)])


def scaled(layer: Any, weights: Arrays, axes: tuple[int, ...], x: Array) -> Array:
    """·gamma + beta, as far as the layer has them."""
    left = list(weights)
    if layer.scale:
        x = x * stretched(left.pop(0), axes, x)
    return x + stretched(left.pop(0), axes, x) if layer.center else x


def batch(layer: Any, weights: Arrays, x: Array) -> Array:
    """(x − moving mean) / √(moving variance + ε)·gamma + beta: Ioffe, Szegedy 2015."""
    *own, mean, variance = weights[:-3] if layer.renorm else weights
    axes = places(layer.axis, x)
    spread = np.sqrt(stretched(variance, axes, x) + layer.epsilon)
    return scaled(layer, own, axes, (x - stretched(mean, axes, x)) / spread)


def _variance(x: Array, axes: tuple[int, ...]) -> Array:
    return np.asarray(((x - x.mean(axes, keepdims=True)) ** 2).mean(axes, keepdims=True))


def layer_norm(layer: Any, weights: Arrays, x: Array) -> Array:
    """(x − mean) / √(variance + ε)·gamma + beta over axes: Ba, Kiros, Hinton 2016.

    With rms_scaling older Keras 3 has x / √(variance + ε)·gamma.
    """
    axes = places(layer.axis, x)
    spread = np.sqrt(_variance(x, axes) + layer.epsilon)
    if layer.rms_scaling:
        return np.asarray(x / spread * stretched(weights[0], axes, x))
    return scaled(layer, weights, axes, (x - x.mean(axes, keepdims=True)) / spread)


def rms(layer: Any, weights: Arrays, x: Array) -> Array:
    """x / √(mean of x² + ε)·scale: Zhang, Sennrich 2019.

    Keras's `rms_normalization` multiplies by the scale as it stands: along the last axes, even where
    `axis` names others (a model can then only be built where their sizes agree).
    """
    root = np.sqrt((x**2).mean(places(layer.axis, x), keepdims=True) + layer.epsilon)
    return np.asarray(x / root * weights[0])


def group(layer: Any, weights: Arrays, x: Array) -> Array:
    """Mean and variance of each group of channels, over all places: Wu, He 2018."""
    (axis,) = places(layer.axis, x)
    count = x.shape[axis] if layer.groups == -1 else layer.groups
    parts = np.split(x, count, axis=axis)
    normal = [(p - p.mean()) / np.sqrt(((p - p.mean()) ** 2).mean() + layer.epsilon) for p in parts]
    return scaled(layer, weights, (axis,), np.concatenate(normal, axis=axis))


def lengths(x: Array, axes: tuple[int, ...]) -> Array:
    return np.asarray(np.sqrt((x**2).sum(axes, keepdims=True)))


def unit(layer: Any, weights: Arrays, x: Array) -> Array:  # noqa: ARG001  # all alike
    """Vectors of length 1."""
    return np.asarray(x / np.maximum(lengths(x, places(layer.axis, x)), layer.least))


def unit_length(layer: Any, weights: Arrays, x: Array) -> Array:  # noqa: ARG001  # all alike
    """Vectors of length 1, shorter ones by epsilon."""
    return np.asarray(x / np.maximum(lengths(x, places(layer.axis, x)), layer.epsilon))


def data_norm(layer: Any, weights: Arrays, x: Array) -> Array:
    """(x − mean) / √variance, or back; both given, or measured and kept along the axes."""
    if layer.mean is None:
        axes = places(layer.axis, x)
        mean, variance = (stretched(weight, axes, x) for weight in weights[:2])
    else:
        mean, variance = np.array(layer.mean), np.array(layer.variance)
    spread = np.maximum(np.sqrt(variance), 1e-7)
    return np.asarray(x * spread + mean if layer.invert else (x - mean) / spread)


def rescaled(layer: Any, weights: Arrays, x: Array) -> Array:  # noqa: ARG001  # all alike
    return np.asarray(x * np.array(layer.scale) + np.array(layer.offset))


def layer_scale(layer: Any, weights: Arrays, x: Array) -> Array:  # noqa: ARG001  # all alike
    return np.asarray(x * weights[0])


def prelu(layer: Any, weights: Arrays, x: Array) -> Array:  # noqa: ARG001  # all alike
    """x for x ≥ 0, alpha·x below: He et al. 2015; alpha has sizes of 1 along shared axes."""
    return np.where(x >= 0, x, x * weights[0])
