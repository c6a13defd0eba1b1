"""Normalisation by the statistics of a batch."""

from __future__ import annotations

from dataclasses import dataclass

from answers.errors import InputError
from answers.layers.base import Layer, Shape, Weight, known, one


@dataclass(frozen=True, kw_only=True)
class BatchNormalization(Layer):
    """gamma·(x − mean)/sqrt(variance + epsilon) + beta on the last axis (Ioffe, Szegedy 2015).

    At prediction the moving mean and variance are used, which training updates but no gradient
    reaches: they are parameters that are not trainable. Parameters: 2 to 4 a channel.
    """

    epsilon: float = 0.001
    center: bool = True
    scale: bool = True

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.epsilon < 0:
            raise InputError("config-value", f"epsilon must not be negative: {self.epsilon}.")

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        """Gamma (if scale), beta (if center), moving_mean, moving_variance; each (channels)."""
        size = (known(one(inputs)[-1], "The number of channels"),)
        gamma = (Weight("gamma", size),) if self.scale else ()
        beta = (Weight("beta", size),) if self.center else ()
        moving = (Weight("moving_mean", size, False), Weight("moving_variance", size, False))
        return gamma + beta + moving
