"""Activations by their published formulas, number by number in float64.

Source: the formulas in the docstrings of `keras.activations`, and the papers that they name.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Scalar = Callable[[float], float]


def sigmoid(v: float) -> float:
    return 1 / (1 + math.exp(-v))


def softplus(v: float) -> float:
    return math.log1p(math.exp(v))


def between(v: float, low: float, high: float) -> float:
    return min(max(v, low), high)


def shrunk(v: float) -> float:
    """Half a step nearer to 0, and 0 for what is nearer than that."""
    return math.copysign(max(abs(v) - 0.5, 0.0), v)


def sparse_plus(v: float) -> float:
    if v <= -1:
        return 0.0
    return v if v >= 1 else (v + 1) ** 2 / 4


def elu(v: float, alpha: float = 1.0) -> float:
    return v if v > 0 else alpha * math.expm1(v)


def gelu_tanh(v: float) -> float:
    return v * (1 + math.tanh(math.sqrt(2 / math.pi) * (v + 0.044715 * v**3))) / 2


OF_A_NUMBER: dict[str, Scalar] = {
    "linear": lambda v: v,
    "relu": lambda v: max(v, 0.0),
    "relu6": lambda v: between(v, 0, 6),
    "leaky_relu": lambda v: v if v > 0 else 0.2 * v,
    "elu": elu,
    "selu": lambda v: 1.0507009873554805 * elu(v, 1.6732632423543772),
    "celu": elu,
    "gelu": lambda v: v * (1 + math.erf(v / math.sqrt(2))) / 2,
    "silu": lambda v: v * sigmoid(v),
    "hard_silu": lambda v: v * between(v + 3, 0, 6) / 6,
    "mish": lambda v: v * math.tanh(softplus(v)),
    "sigmoid": sigmoid,
    "hard_sigmoid": lambda v: between(v + 3, 0, 6) / 6,
    "hard_sigmoid_keras2": lambda v: between(0.2 * v + 0.5, 0, 1),
    "log_sigmoid": lambda v: -softplus(-v),
    "sparse_sigmoid": lambda v: between((v + 1) / 2, 0, 1),
    "tanh": math.tanh,
    "hard_tanh": lambda v: between(v, -1, 1),
    "tanh_shrink": lambda v: v - math.tanh(v),
    "hard_shrink": lambda v: v if abs(v) > 0.5 else 0.0,
    "soft_shrink": shrunk,
    "softplus": softplus,
    "sparse_plus": sparse_plus,
    "squareplus": lambda v: (v + math.sqrt(v * v + 4)) / 2,
    "softsign": lambda v: v / (1 + abs(v)),
    "exponential": math.exp,
}


def each(function: Scalar, x: Array) -> Array:
    """A function of one number, of all of them."""
    return np.array([function(float(v)) for v in x.ravel()]).reshape(x.shape)


def softmax(x: Array, axes: tuple[int, ...] = (-1,)) -> Array:
    """exp(x) / Σ exp(x) along axes."""
    powers = each(math.exp, x)
    return np.asarray(powers / powers.sum(axis=axes, keepdims=True))


def glu(x: Array) -> Array:
    """The first half of the channels times the sigmoid of the second (Dauphin et al. 2017)."""
    half = x.shape[-1] // 2
    return np.asarray(x[..., :half] * each(sigmoid, x[..., half:]))


def sparsemax(x: Array) -> Array:
    """x − τ cut at 0, as Keras 3 computes it.

    The paper (Martins, Astudillo 2016) has τ = (s_k − 1)/k with s_k the sum of the k numbers that
    stay above 0. Keras adds up s_1 … s_k instead: where more than one number stays, another τ.
    """
    return np.apply_along_axis(_cut, -1, x)


def _cut(row: Array) -> Array:
    ordered = sorted(row, reverse=True)
    sums = [sum(ordered[: k + 1]) for k in range(len(row))]
    kept = [s for k, (v, s) in enumerate(zip(ordered, sums, strict=True), 1) if v > (s - 1) / k]
    return np.asarray(np.maximum(row - (sum(kept) - 1) / len(kept), 0))


OF_A_ROW: dict[str, Callable[[Array], Array]] = {
    "softmax": softmax,
    "log_softmax": lambda x: each(math.log, softmax(x)),
    "glu": glu,
    "sparsemax": sparsemax,
}


def relu(layer: Any, x: Array) -> Array:
    """Keras's ReLU layer: slope·(x − threshold) below the threshold, x from it on, a cap."""

    def of(v: float) -> float:
        kept = v if v >= layer.threshold else layer.negative_slope * (v - layer.threshold)
        return kept if layer.max_value is None else min(kept, layer.max_value)

    return each(of, x)


def leaky_relu(layer: Any, x: Array) -> Array:
    return each(lambda v: v if v >= 0 else layer.negative_slope * v, x)


def elu_layer(layer: Any, x: Array) -> Array:
    return each(lambda v: elu(v, layer.alpha), x)


def thresholded(layer: Any, x: Array) -> Array:
    return each(lambda v: v if v > layer.theta else 0.0, x)


def softmax_layer(layer: Any, x: Array) -> Array:
    axes = layer.axis if isinstance(layer.axis, tuple) else (layer.axis,)
    return softmax(x, tuple(axis - 1 if axis > 0 else axis for axis in axes))


LAYERS: dict[str, Callable[[Any, Array], Array]] = {
    "ReLU": relu,
    "LeakyReLU": leaky_relu,
    "ELU": elu_layer,
    "ThresholdedReLU": thresholded,
    "Softmax": softmax_layer,
}


def activated(function: Any, x: Array) -> Array:
    """What an activation makes of numbers: a name, or the record of a layer that is one."""
    if not isinstance(function, str):
        return LAYERS[function.kind](function, x)
    if function in OF_A_ROW:
        return OF_A_ROW[function](x)
    return each(OF_A_NUMBER[function], x)
