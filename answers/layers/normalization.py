"""Normalisation by the statistics of a batch."""

from __future__ import annotations

from dataclasses import dataclass

from answers.errors import InputError
from answers.layers.base import Layer, Shape, Weight, axis_of, known, one


@dataclass(frozen=True, kw_only=True)
class BatchNormalization(Layer):
    """gamma·(x − mean)/sqrt(variance + epsilon) + beta along an axis (Ioffe, Szegedy 2015).

    At prediction the moving mean and variance are used, which training updates but no gradient
    reaches: they are parameters that are not trainable. Parameters: 2 to 4 a channel.
    axis: counted with the batch axis, as Keras counts it.
    """

    axis: int = -1
    epsilon: float = 0.001
    center: bool = True
    scale: bool = True

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.epsilon < 0:
            raise InputError("config-value", f"epsilon must not be negative: {self.epsilon}.")
        if self.axis == 0:
            raise InputError("batch-axis", "Normalising along axis 0 would mix the pictures.")

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        """Gamma (if scale), beta (if center), moving_mean, moving_variance; each (channels)."""
        shape = one(inputs)
        size = (known(shape[axis_of(self.axis, shape)], "The normalised size"),)
        gamma = (Weight("gamma", size),) if self.scale else ()
        beta = (Weight("beta", size),) if self.center else ()
        moving = (Weight("moving_mean", size, False), Weight("moving_variance", size, False))
        return gamma + beta + moving
