"""The losses of the course: binary and categorical cross-entropy, and their gradients.

Computed in float64, per element; the mean is `.mean()` of it. Natural logarithms. The losses
from logits never overflow (log-sum-exp); those from probabilities clip at Keras' 1e-7.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from answers.metrics import inputs

EPSILON = 1e-7

Floats = NDArray[np.float64]


def binary_cross_entropy(probabilities: ArrayLike, truth: ArrayLike) -> Floats:
    """−(y log p + (1 − y) log(1 − p)), p clipped to [1e-7, 1 − 1e-7] in float64.

    probabilities, truth: equal shapes, values in [0, 1] (a soft truth is allowed).
    p = 0 where y = 1 costs 16.118 = −log 1e-7. Raises InputError for other values or shapes.
    """
    chances, targets = _probabilities_and_targets(probabilities, truth)
    clipped = np.clip(chances, EPSILON, 1 - EPSILON)
    return np.asarray(-(targets * np.log(clipped) + (1 - targets) * np.log(1 - clipped)))


def binary_cross_entropy_float32(probabilities: ArrayLike, truth: ArrayLike) -> Floats:
    """The same with the clip and 1 − p rounded to float32, as Keras 3 trains.

    1 − 1e-7 is 0.99999988 in float32: p = 1 where y = 0 costs 15.942, not 16.118.
    """
    chances, targets = _probabilities_and_targets(probabilities, truth)
    low, high = np.float32(EPSILON), np.float32(1) - np.float32(EPSILON)
    clipped = np.clip(chances.astype(np.float32), low, high)
    rest = np.float32(1) - clipped
    log_p, log_rest = np.log(clipped.astype(np.float64)), np.log(rest.astype(np.float64))
    return np.asarray(-(targets * log_p + (1 - targets) * log_rest))


def binary_cross_entropy_gradient(probabilities: ArrayLike, truth: ArrayLike) -> Floats:
    """The gradient of the mean loss by each probability; 0 outside the clip (training sticks)."""
    chances, targets = _probabilities_and_targets(probabilities, truth)
    clipped = np.clip(chances, EPSILON, 1 - EPSILON)
    slope = (clipped - targets) / (clipped * (1 - clipped)) / chances.size
    return np.where(clipped == chances, slope, 0.0)


def binary_cross_entropy_from_logits(logits: ArrayLike, truth: ArrayLike) -> Floats:
    """max(x, 0) − x y + log(1 + exp(−|x|)): linear in a large wrong logit, never NaN.

    logits: finite numbers; truth: the same shape, values in [0, 1].
    """
    x, targets = _logits_and_targets(logits, truth)
    return np.asarray(np.maximum(x, 0) - x * targets + np.log1p(np.exp(-np.abs(x))))


def binary_cross_entropy_from_logits_gradient(logits: ArrayLike, truth: ArrayLike) -> Floats:
    """The gradient of the mean loss by each logit: (sigmoid(x) − y) / n."""
    x, targets = _logits_and_targets(logits, truth)
    return np.asarray((_sigmoid(x) - targets) / x.size)


def softmax(logits: ArrayLike) -> Floats:
    """exp(x) / Σ exp(x) over the last axis, shifted by the largest so that nothing overflows."""
    x = inputs.score_array(logits).astype(np.float64)
    powers = np.exp(x - x.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))


def sparse_cross_entropy_from_logits(logits: ArrayLike, labels: ArrayLike) -> Floats:
    """For each row log Σ exp(x) − x[label]. logits: (n, classes); labels: (n,) or (n, 1).

    Given softmax outputs instead of logits, a perfect ten-class model stays at
    log(e + 9) − 1 = 1.46115: the usual `from_logits=True` mistake.
    """
    x, chosen = _rows_and_labels(logits, labels)
    return np.asarray(_log_sum_exp(x) - x[np.arange(len(x)), chosen])


def sparse_cross_entropy_from_logits_gradient(logits: ArrayLike, labels: ArrayLike) -> Floats:
    """The gradient of the mean loss by each logit: (softmax(x) − one-hot) / n."""
    x, chosen = _rows_and_labels(logits, labels)
    slope = softmax(x)
    slope[np.arange(len(x)), chosen] -= 1
    return slope / len(x)


def categorical_cross_entropy_from_logits(logits: ArrayLike, targets: ArrayLike) -> Floats:
    """Σ t (log Σ exp(x) − x) of each row. logits, targets: (n, classes), targets in [0, 1]."""
    x, wanted = _logits_and_targets(inputs.score_array(logits), targets)
    return np.asarray((wanted * (_log_sum_exp(x)[..., np.newaxis] - x)).sum(axis=-1))


def sparse_cross_entropy(probabilities: ArrayLike, labels: ArrayLike) -> Floats:
    """−log p[label] of each row, p clipped to [1e-7, 1 − 1e-7]; rows should sum to 1."""
    chances, chosen = _rows_and_labels(probabilities, labels)
    inputs.require_probabilities(chances)
    own = chances[np.arange(len(chances)), chosen]
    return np.asarray(-np.log(np.clip(own, EPSILON, 1 - EPSILON)))


def _probabilities_and_targets(probabilities: ArrayLike, truth: ArrayLike) -> tuple[Floats, Floats]:
    chances, targets = _same_shape(probabilities, truth)
    inputs.require_probabilities(chances)
    return chances, targets


def _logits_and_targets(logits: ArrayLike, truth: ArrayLike) -> tuple[Floats, Floats]:
    x, targets = _same_shape(logits, truth)
    inputs.require_finite(x, "scores-not-finite", "logits")
    return x, targets


def _same_shape(outputs: ArrayLike, truth: ArrayLike) -> tuple[Floats, Floats]:
    x = inputs.number_array(outputs, "outputs").astype(np.float64)
    targets = inputs.number_array(truth, "truths").astype(np.float64)
    inputs.require_same_shape(x.shape, targets.shape)
    inputs.require_some(x.size)
    inputs.require_probabilities(targets, "truths")
    return x, targets


def _rows_and_labels(rows: ArrayLike, labels: ArrayLike) -> tuple[Floats, NDArray[Any]]:
    x = inputs.score_array(rows).astype(np.float64)
    chosen = inputs.label_vector(labels, "truth")
    inputs.require_same_length(chosen.size, len(x))
    inputs.require_labels_below(chosen, x.shape[-1], "truth")
    return x, chosen


def _log_sum_exp(x: Floats) -> Floats:
    top = x.max(axis=-1, keepdims=True)
    return np.asarray(np.log(np.exp(x - top).sum(axis=-1)) + top[..., 0])


def _sigmoid(x: Floats) -> Floats:
    small = np.exp(-np.abs(x))
    return np.where(x >= 0, 1 / (1 + small), small / (1 + small))
