"""Activations: the functions a layer may carry, and the layers that do nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from answers.errors import InputError
from answers.layers.base import Layer, Shape, axis_of, one

Function = Literal[
    "linear",
    "relu",
    "relu6",
    "leaky_relu",
    "elu",
    "selu",
    "gelu",
    "silu",
    "mish",
    "sigmoid",
    "tanh",
    "softplus",
    "softsign",
    "exponential",
    "softmax",
    "log_softmax",
]


@dataclass(frozen=True, kw_only=True)
class ReLU(Layer):
    """max(x, 0), with a slope below the threshold and a cap, as Keras's ReLU layer has them."""

    max_value: float | None = None
    negative_slope: float = 0.0
    threshold: float = 0.0


@dataclass(frozen=True, kw_only=True)
class LeakyReLU(Layer):
    """x for x ≥ 0, negative_slope·x below (Maas, Hannun, Ng 2013)."""

    negative_slope: float = 0.3


@dataclass(frozen=True, kw_only=True)
class Softmax(Layer):
    """exp(x) / Σ exp(x) along an axis, counted with the batch axis as Keras counts it."""

    axis: int = -1

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.axis == 0:
            raise InputError("batch-axis", "Softmax over axis 0 would mix the pictures of a batch.")

    def output_shape(self, *inputs: Shape) -> Shape:
        """The input's shape, which must have the axis."""
        axis_of(self.axis, one(inputs))
        return one(inputs)


ActivationLayer = ReLU | LeakyReLU | Softmax


@dataclass(frozen=True, kw_only=True)
class Activation(Layer):
    """A layer that applies one function to each number."""

    activation: Function | ActivationLayer = "linear"
