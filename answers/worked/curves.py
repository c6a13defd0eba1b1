"""The points of the curves that pictures show."""

from __future__ import annotations

from collections.abc import Callable
from math import erf, exp, log1p, pi, sqrt, tanh

from answers.textbook.pictures import PrCurvePicture

Point = tuple[float, float]
_COUNT = 121
_LEAK = 0.3  # Keras's LeakyReLU(negative_slope=0.3)


def points(name: str, start: float, end: float) -> list[Point]:
    """A function by its name, or its slope (with a prime), at 121 places from start to end."""
    function = (_SLOPES if name.endswith("'") else _CURVES)[name.removesuffix("'")]
    places = [start + (end - start) * number / (_COUNT - 1) for number in range(_COUNT)]
    return [(x, function(x)) for x in places]


def precision_recall(picture: PrCurvePicture) -> list[Point]:
    """Recall and precision at every threshold that calls something positive."""
    from answers.metrics.threshold_curve import ThresholdCurve

    curve = ThresholdCurve.of([float(score) for score in picture.scores], picture.labels)
    return [
        (threshold.found / curve.positives, float(threshold.precision))
        for threshold in curve.thresholds
        if threshold.precision is not None
    ]


def _sigmoid(x: float) -> float:
    return 1 / (1 + exp(-x)) if x >= 0 else exp(x) / (1 + exp(x))


def _normal(x: float) -> float:
    """The share of a standard normal below x."""
    return (1 + erf(x / sqrt(2))) / 2


def _bell(x: float) -> float:
    return exp(-x * x / 2) / sqrt(2 * pi)


_CURVES: dict[str, Callable[[float], float]] = {
    "sigmoid": _sigmoid,
    "tanh": tanh,
    "relu": lambda x: max(x, 0.0),
    "leaky-relu": lambda x: x if x >= 0 else _LEAK * x,
    "elu": lambda x: x if x >= 0 else exp(x) - 1,
    "gelu": lambda x: x * _normal(x),
    "softplus": lambda x: max(x, 0.0) + log1p(exp(-abs(x))),
    "swish": lambda x: x * _sigmoid(x),
    "linear": lambda x: x,
}
_SLOPES: dict[str, Callable[[float], float]] = {
    "sigmoid": lambda x: _sigmoid(x) * (1 - _sigmoid(x)),
    "tanh": lambda x: 1 - tanh(x) ** 2,
    "relu": lambda x: float(x > 0),
    "leaky-relu": lambda x: 1.0 if x > 0 else _LEAK,
    "elu": lambda x: 1.0 if x > 0 else exp(x),
    "gelu": lambda x: _normal(x) + x * _bell(x),
    "softplus": _sigmoid,
    "swish": lambda x: _sigmoid(x) * (1 + x * (1 - _sigmoid(x))),
    "linear": lambda _: 1.0,
}
