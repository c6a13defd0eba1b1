"""Between which numbers an output lies, whatever the weights are: a sigmoid's between 0 and 1.

Intervals go through the network from its inputs to its outputs. A layer without a rule here may
answer any number; so does everything whose numbers training chose.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import product
from typing import Any

from answers.layers.base import Layer
from answers.layers.core import InputLayer, TrainingOnly
from answers.network.graph import Network, Tensor

Interval = tuple[float, float]
ANY: Interval = (-math.inf, math.inf)
_CHANCE: Interval = (0.0, 1.0)
_NEVER_NEGATIVE: Interval = (0.0, math.inf)
_BOTH_SIDES: Interval = (-1.0, 1.0)

_FUNCTIONS: dict[str, Interval] = {
    "sigmoid": _CHANCE,
    "softmax": _CHANCE,
    "hard_sigmoid": _CHANCE,
    "hard_sigmoid_keras2": _CHANCE,
    "tanh": _BOTH_SIDES,
    "softsign": _BOTH_SIDES,
    "relu": _NEVER_NEGATIVE,
    "relu6": (0.0, 6.0),
    "softplus": _NEVER_NEGATIVE,
    "squareplus": _NEVER_NEGATIVE,
    "exponential": _NEVER_NEGATIVE,
}
# By their names: importing all families of layers for their classes would take longer than a grade
# may. They take numbers as they are, the largest, the mean or one of them.
_KEEP = (
    *("AveragePooling1D", "AveragePooling2D", "AveragePooling3D"),
    *("GlobalAveragePooling1D", "GlobalAveragePooling2D", "GlobalAveragePooling3D"),
    *("MaxPooling1D", "MaxPooling2D", "MaxPooling3D"),
    *("GlobalMaxPooling1D", "GlobalMaxPooling2D", "GlobalMaxPooling3D"),
    *("Average", "Concatenate", "Maximum", "Minimum", "Stack"),
    *("Cropping1D", "Cropping2D", "Cropping3D"),
    *("Flatten", "Identity", "Permute", "RepeatVector", "Reshape"),
    *("DepthToSpace", "Gather", "GetItem", "MoveAxis", "Part", "Repeat", "Roll", "Sort"),
    *("SpaceToDepth", "Tile", "UpSampling1D", "UpSampling3D"),
)
_WITH_ZEROS = ("ZeroPadding1D", "ZeroPadding2D", "ZeroPadding3D")
_RESIZED = ("Resizing", "UpSampling2D")
_WITHIN = ("nearest", "bilinear")  # the others overshoot


def bounds(network: Network, given: Sequence[Interval] | None = None) -> tuple[Interval, ...]:
    """The interval of each output. given: those of the inputs; any number unless said."""
    made = dict(zip(network.inputs, given or [ANY] * len(network.inputs), strict=True))
    for call in network.order:
        layer = call.node.layer
        if isinstance(layer, InputLayer):
            continue
        taken = [made[tensor] for tensor in call.inputs]
        found = bounds(layer, taken) if isinstance(layer, Network) else _of_layer(layer, taken)
        made |= {Tensor(*call.key, number): interval for number, interval in enumerate(found)}
    return tuple(made.get(tensor, ANY) for tensor in network.outputs)


def _of_layer(layer: Layer, taken: list[Interval]) -> tuple[Interval, ...]:
    if layer.output_count > 1:  # states beside steps
        return (ANY,) * layer.output_count
    low, high = _made(layer, taken)
    return (ANY if math.isnan(low) or math.isnan(high) else (low, high),)


def _made(layer: Any, taken: list[Interval]) -> Interval:
    kind = layer.kind
    if kind in _KEEP or isinstance(layer, TrainingOnly):
        return _around(taken)
    if kind in _WITH_ZEROS:
        return _around([*taken, (0.0, 0.0)])
    if kind in _RESIZED:
        return _around([*taken, (0.0, 0.0)]) if layer.interpolation in _WITHIN else ANY
    if kind in _RULES:
        return _RULES[kind](layer, taken)
    if hasattr(layer, "recurrent_activation"):
        return ANY  # gates come after the function, and states from elsewhere
    return _after(getattr(layer, "activation", "linear"))


def _after(function: Any) -> Interval:
    """What a function answers, or a layer that stands for one."""
    if isinstance(function, Layer):
        return _made(function, [ANY])
    return _FUNCTIONS.get(function, ANY)


def _around(intervals: Sequence[Interval]) -> Interval:
    return min(low for low, _ in intervals), max(high for _, high in intervals)


# --- a rule a layer ---------------------------------------------------------------------------


def _activation(layer: Any, taken: list[Interval]) -> Interval:
    if layer.activation == "linear":
        return taken[0]
    low, high = _after(layer.activation)
    if layer.activation != "relu":
        return low, high
    return max(0.0, taken[0][0]), max(0.0, taken[0][1])


def _relu(layer: Any, taken: list[Interval]) -> Interval:  # noqa: ARG001  # all rules alike
    if layer.negative_slope:
        return ANY
    return 0.0, math.inf if layer.max_value is None else layer.max_value


def _rescaled(layer: Any, taken: list[Interval]) -> Interval:
    pairs = product(_numbers(layer.scale), _numbers(layer.offset))
    return _around([_sum(_times(taken[0], (a, a)), (b, b)) for a, b in pairs])


def _added(_: Any, taken: list[Interval]) -> Interval:
    return sum(low for low, _ in taken), sum(high for _, high in taken)


def _subtracted(_: Any, taken: list[Interval]) -> Interval:
    return _sum(taken[0], _negative(taken[1]))


def _multiplied(_: Any, taken: list[Interval]) -> Interval:
    found = taken[0]
    for other in taken[1:]:
        found = _times(found, other)
    return found


def _joined(layer: Any, taken: list[Interval]) -> Interval:
    """Arithmetic of two tensors, or of one and numbers."""
    if layer.number is None:
        left, right = taken
    else:
        number = _around([(each, each) for each in _numbers(layer.number)])
        left, right = (number, taken[0]) if layer.number_first else (taken[0], number)
    join = _JOINED.get(layer.operation)
    return ANY if join is None else join(left, right)


def _where(layer: Any, taken: list[Interval]) -> Interval:
    said = [(each, each) for each in (layer.yes, layer.no) if each is not None]
    return _around([*said, *taken[1:]])


def _clipped(layer: Any, taken: list[Interval]) -> Interval:
    low, high = (min(max(end, layer.low), layer.high) for end in taken[0])
    return low, high


def _of_function(layer: Any, taken: list[Interval]) -> Interval:
    if layer.function in _ROUNDING:
        return _rounded(layer, taken)
    if layer.function == "negative":
        return _negative(taken[0])
    return _OF_FUNCTIONS.get(layer.function, ANY)


def _rounded(_: Any, taken: list[Interval]) -> Interval:
    """By whichever rule: between the whole numbers around."""
    low, high = taken[0]
    return (
        low if math.isinf(low) else float(math.floor(low)),
        high if math.isinf(high) else float(math.ceil(high)),
    )


def _reduced(layer: Any, taken: list[Interval]) -> Interval:
    return taken[0] if layer.operation in ("mean", "max", "min") else ANY


def _distributed(layer: Any, taken: list[Interval]) -> Interval:
    return _made(layer.layer, taken)


def _truth(*_: Any) -> Interval:
    return _CHANCE


def _sum(one: Interval, other: Interval) -> Interval:
    return one[0] + other[0], one[1] + other[1]


def _negative(interval: Interval) -> Interval:
    return -interval[1], -interval[0]


def _times(one: Interval, other: Interval) -> Interval:
    # of an unbounded number and 0 nothing is left: the number itself is finite
    ends = [0.0 if 0.0 in pair else pair[0] * pair[1] for pair in product(one, other)]
    return min(ends), max(ends)


def _divided(one: Interval, other: Interval) -> Interval:
    low, high = other
    return ANY if low <= 0 <= high else _times(one, (1 / high, 1 / low))


def _numbers(value: Any) -> tuple[float, ...]:
    return value if isinstance(value, tuple) else (value,)


_ROUNDING = ("ceil", "floor", "round", "trunc")
_OF_FUNCTIONS: dict[str, Interval] = {
    **dict.fromkeys(("absolute", "square", "sqrt", "exp", "exp2"), _NEVER_NEGATIVE),
    **dict.fromkeys(("sign", "sin", "cos", "erf"), _BOTH_SIDES),
}
_JOINED: dict[str, Callable[[Interval, Interval], Interval]] = {
    "add": _sum,
    "subtract": lambda one, other: _sum(one, _negative(other)),
    "multiply": _times,
    "divide": _divided,
    "maximum": lambda one, other: _around([one, other]),
    "minimum": lambda one, other: _around([one, other]),
}
_RULES: dict[str, Callable[[Any, list[Interval]], Interval]] = {
    "Activation": _activation,
    "ReLU": _relu,
    "Softmax": _truth,
    "Rescaling": _rescaled,
    "Add": _added,
    "Subtract": _subtracted,
    "Multiply": _multiplied,
    "Arithmetic": _joined,
    "Where": _where,
    "Clip": _clipped,
    "MathFunction": _of_function,
    "Reduction": _reduced,
    "TimeDistributed": _distributed,
    **dict.fromkeys(("Extreme", "ThresholdedReLU"), lambda *_: _NEVER_NEGATIVE),
    "WholePart": _rounded,
    **dict.fromkeys(("Comparison", "Logical", "OneHot"), _truth),
}
