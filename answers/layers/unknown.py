"""A layer that nobody has a rule for: never zero, but unknown."""

from __future__ import annotations

from typing import NoReturn

from answers.errors import InputError
from answers.expressions.size import Size
from answers.layers.base import Layer, Shape, Weight
from answers.layers.taps import UNRULED, InputTaps
from answers.record import record


@record(kw_only=True)
class Unknown(Layer):
    """A layer of a class without a rule here; sums that it is a part of are 'at least'.

    Raises: InputError `layer-unknown` for its shape, weights and costs.
    """

    class_name: str

    def output_shape(self, *inputs: Shape) -> Shape:  # noqa: ARG002  # it asks for nothing
        """Nobody knows."""
        self._nobody_knows("shape")

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:  # noqa: ARG002  # it asks for nothing
        """Nobody knows."""
        self._nobody_knows("parameters")

    def macs(self, *inputs: Shape) -> Size:  # noqa: ARG002  # it asks for nothing
        """Nobody knows."""
        self._nobody_knows("multiplications")

    def taps(self, *inputs: Shape) -> tuple[InputTaps, ...]:
        """Nobody knows."""
        return (UNRULED,) * len(inputs)

    def _nobody_knows(self, what: str) -> NoReturn:
        raise InputError(
            "layer-unknown",
            f"There is no rule for the {what} of a {self.class_name} layer.",
        )
