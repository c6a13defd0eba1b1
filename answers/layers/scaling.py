"""Two layers that Keras's ready-made networks bring along: a learned scale, and a scaled sum."""

from __future__ import annotations

from typing import ClassVar

from answers.errors import InputError
from answers.expressions.expression import Name, Values
from answers.expressions.size import same
from answers.layers.base import Layer, Shape, Weight, one, text
from answers.layers.fields import Count
from answers.layers.merging import Elementwise
from answers.record import record


@record(kw_only=True)
class LayerScale(Layer):
    """A learned factor a channel, which begins at init_values (ConvNeXt; Touvron et al. 2021)."""

    init_values: float
    projection_dim: Count

    def output_shape(self, *inputs: Shape) -> Shape:
        """The input's shape, whose channels must be as many as the factors."""
        shape = one(inputs)
        channels = shape[-1] if shape else 1
        if channels is not None and not same(channels, self.projection_dim):
            raise InputError(
                "shapes-differ",
                f"A LayerScale of {self.projection_dim} factors can't scale {text(shape)}.",
            )
        return shape

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        """Gamma (projection_dim)."""
        self.output_shape(*inputs)
        return (Weight("gamma", (self.projection_dim,), count=Name("projection_dim")),)

    def letters(self, *inputs: Shape) -> Values:
        """projection_dim."""
        one(inputs)
        return {"projection_dim": self.projection_dim}


@record(kw_only=True)
class CustomScaleLayer(Elementwise):
    """The first input plus `scale` times the second (InceptionResNetV2's blocks)."""

    scale: float
    exactly_two: ClassVar[bool] = True
