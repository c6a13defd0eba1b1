"""Operations that choose, order or count along an axis, and what computes with truths.

They own no weights, and count an axis with the batch axis. A truth is 1 or 0, a place a whole number;
both are kept as floats.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from answers.errors import InputError
from answers.layers.base import Layer, Shape, axis_of, known, one, text
from answers.layers.fields import Count, Margin
from answers.layers.merging import Elementwise
from answers.layers.taps import EVERYTHING, ITSELF, REARRANGED, UNRULED, InputTaps
from answers.record import record

MOST_PLACES = 65_536  # that one operation may name


@record(kw_only=True)
class _Along(Layer):
    """What works along one axis."""

    axis: int
    mixes_channels: ClassVar[bool] = True

    def output_shape(self, *inputs: Shape) -> Shape:
        """The input's."""
        self._place(*inputs)
        return one(inputs)

    def taps(self, *inputs: Shape) -> tuple[InputTaps, ...]:
        """Everything along the axis, itself along the others."""
        place = self._place(*inputs)
        spatial = range(len(one(inputs)) - 1)
        return (tuple(EVERYTHING if axis == place else ITSELF for axis in spatial),)

    def _place(self, *inputs: Shape) -> int:
        return axis_of(self.axis, one(inputs))


@record(kw_only=True)
class Extreme(_Along):
    """The place of the largest or smallest number along an axis, counted from 0; of equals the first."""

    operation: Literal["argmax", "argmin"] = "argmax"
    keepdims: bool = False

    def output_shape(self, *inputs: Shape) -> Shape:
        """The input's without the axis, or with a size of 1 there."""
        shape, place = one(inputs), self._place(*inputs)
        return (*shape[:place], *((1,) if self.keepdims else ()), *shape[place + 1 :])

    def taps(self, *inputs: Shape) -> tuple[InputTaps, ...]:
        """Everything along the axis; where another goes than that of the channels, no rule."""
        place = self._place(*inputs)
        if self.keepdims or place == len(one(inputs)) - 1:
            return super().taps(*inputs)
        return (EVERYTHING if len(one(inputs)) == 2 else REARRANGED,)


@record(kw_only=True)
class Sort(_Along):
    """The numbers of an axis in order, the smallest first unless `descending`."""

    axis: int = -1
    descending: bool = False


@record(kw_only=True)
class Cumulative(_Along):
    """The sum or product of all numbers up to each along an axis.

    exclusive: without itself. reverse: from the end.
    """

    operation: Literal["sum", "prod"] = "sum"
    exclusive: bool = False
    reverse: bool = False


@record(kw_only=True)
class Gather(_Along):
    """Some positions of an axis, in an order that stands in the file. places: counted from 0."""

    places: tuple[Margin, ...]

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 < len(self.places) <= MOST_PLACES:
            raise InputError("config-value", f"Gather takes 1 to {MOST_PLACES:,} positions.")

    def output_shape(self, *inputs: Shape) -> Shape:
        """As many as places at the axis.

        Raises: InputError input-rank where a place lies outside.
        """
        shape, place = one(inputs), self._place(*inputs)
        size = known(shape[place], "The size of the axis that is gathered from")
        if max(self.places) >= size:
            raise InputError("input-rank", f"An axis of {size} has no place {max(self.places)}.")
        return (*shape[:place], len(self.places), *shape[place + 1 :])

    def taps(self, *inputs: Shape) -> tuple[InputTaps, ...]:
        """The same numbers in other places."""
        self.output_shape(*inputs)
        return (REARRANGED,)


@record(kw_only=True)
class Roll(Layer):
    """Positions moved on along axes; those that leave at the end come in at the beginning."""

    shift: tuple[int, ...]
    axis: tuple[int, ...]

    def output_shape(self, *inputs: Shape) -> Shape:
        """The input's.

        Raises: InputError config-value where there are not as many axes as shifts.
        """
        if not self.axis or len(self.axis) != len(self.shift):
            raise InputError("config-value", "Roll needs a shift for each of its axes.")
        for axis in self.axis:
            axis_of(axis, one(inputs))
        return one(inputs)

    def taps(self, *inputs: Shape) -> tuple[InputTaps, ...]:
        """The same numbers in other places."""
        self.output_shape(*inputs)
        return (REARRANGED,)


@record(kw_only=True)
class OneHot(Layer):
    """1 at the place that a whole number names, 0 at the others, along a new last axis.

    A number outside of 0 … classes - 1 names none.
    """

    classes: Count

    def output_shape(self, *inputs: Shape) -> Shape:
        """The input's, and the classes."""
        return (*one(inputs), self.classes)

    def taps(self, *inputs: Shape) -> tuple[InputTaps, ...]:
        """Another axis comes: no rule."""
        self.output_shape(*inputs)
        return (REARRANGED,)


@record(kw_only=True)
class WholePart(Layer):
    """Each number without its fraction, as a cast to whole numbers makes it."""


@record(kw_only=True)
class Filled(Layer):
    """The same number everywhere, in the shape of the input."""

    value: float

    def taps(self, *inputs: Shape) -> tuple[InputTaps, ...]:
        """Not followed: nothing is read but the shape."""
        one(inputs)
        return (UNRULED,)


@record(kw_only=True)
class Logical(Elementwise):
    """1 where both, one or just one of two truths hold; each number but 0 is true."""

    operation: Literal["and", "or", "xor"] = "and"
    exactly_two: ClassVar[bool] = True

    def output_shape(self, *inputs: Shape) -> Shape:
        """The common shape of two inputs with as many axes."""
        if len({len(shape) for shape in inputs}) > 1:
            raise InputError(
                "shapes-differ", f"{', '.join(map(text, inputs))} have not as many axes."
            )
        return super().output_shape(*inputs)
