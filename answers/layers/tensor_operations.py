"""Operations on tensors beside arithmetic: products, parts, copies, comparisons and choices.

Like those of `arithmetic` they own no weights, and count an axis with the batch axis.
"""

from __future__ import annotations

from math import prod
from typing import ClassVar, Literal

from answers.errors import InputError
from answers.expressions.expression import Expression, Product, Values, names
from answers.expressions.size import is_symbolic
from answers.layers.arithmetic import PairOrNumber
from answers.layers.base import MOST_AXES, Dim, Layer, Shape, axis_of, known, one, text
from answers.layers.einsum import equation_of
from answers.layers.fields import Count, Margin
from answers.layers.merging import Elementwise, Joining
from answers.layers.taps import EVERYTHING, ITSELF, REARRANGED, UNRULED, InputTaps, Run, Taps
from answers.record import record

MOST_CUTS = 256  # in one operation: each of its parts carries all of them
pairs, rows, length, columns = names("pairs rows length columns")


@record(kw_only=True)
class Comparison(PairOrNumber):
    """1 where a comparison of two tensors, or of a tensor and a number, holds; 0 elsewhere."""

    operation: Literal[
        "greater", "greater_equal", "less", "less_equal", "equal", "not_equal"
    ] = "greater"  # fmt: skip


@record(kw_only=True)
class Where(Elementwise):
    """One value where the first input is not 0, another elsewhere.

    yes, no: a number that stands in the file; None where it is the next input.
    """

    yes: float | None = None
    no: float | None = None

    def output_shape(self, *inputs: Shape) -> Shape:
        """The common shape of the inputs, which have as many axes."""
        wanted = 1 + (self.yes is None) + (self.no is None)
        if len(inputs) != wanted:
            raise InputError("input-count", f"The layer takes {wanted} inputs, not {len(inputs)}.")
        if len({len(shape) for shape in inputs}) > 1:
            shapes = ", ".join(map(text, inputs))
            raise InputError("shapes-differ", f"{shapes} have not as many axes.")
        return inputs[0] if len(inputs) == 1 else super().output_shape(*inputs)


@record(kw_only=True)
class Clip(Layer):
    """Each number brought between two."""

    low: float
    high: float


@record(kw_only=True)
class UnitLength(Layer):
    """Vectors along some axes divided by their length, or by epsilon where it is smaller."""

    axis: tuple[int, ...] = (-1,)
    epsilon: float = 1e-7
    mixes_channels: ClassVar[bool] = True

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.axis or self.epsilon <= 0:
            raise InputError(
                "config-value", "UnitLength needs an axis to work along, and an epsilon above 0."
            )

    def output_shape(self, *inputs: Shape) -> Shape:
        """The input's."""
        self._places(*inputs)
        return one(inputs)

    def taps(self, *inputs: Shape) -> tuple[InputTaps, ...]:
        """Everything along the axes, itself along the others."""
        gone = self._places(*inputs)
        spatial = range(len(one(inputs)) - 1)
        return (tuple(EVERYTHING if place in gone else ITSELF for place in spatial),)

    def _places(self, *inputs: Shape) -> set[int]:
        return {axis_of(axis, one(inputs)) for axis in self.axis}


@record(kw_only=True)
class Stack(Joining):
    """Inputs of one shape along a new axis, counted in the output with the batch axis."""

    axis: int = -1

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.axis == 0:
            raise InputError("batch-axis", "Stack along axis 0 would mix the pictures.")

    def output_shape(self, *inputs: Shape) -> Shape:
        """The common shape, with the number of inputs at the axis."""
        if not inputs or any(shape != inputs[0] for shape in inputs):
            shapes = ", ".join(map(text, inputs))
            raise InputError("shapes-differ", f"Stack needs inputs of one shape, not {shapes}.")
        place = axis_of(self.axis, (*inputs[0], None))
        return (*inputs[0][:place], len(inputs), *inputs[0][place:])

    def taps(self, *inputs: Shape) -> tuple[InputTaps, ...]:
        """Another axis comes: no rule."""
        self.output_shape(*inputs)
        return (REARRANGED,) * len(inputs)


@record(kw_only=True)
class Part(Layer):
    """One of the parts into which a tensor is cut along an axis.

    sections: how many equal parts; or the places where the cuts are; None for single positions.
    place: which part. keepdims: whether the axis stays, which single positions lose.
    """

    axis: int
    sections: Count | tuple[Margin, ...] | None = 1
    place: int = 0
    keepdims: bool = True

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.axis == 0:
            raise InputError("batch-axis", "A tensor is cut along axis 0: the pictures apart.")
        if isinstance(self.sections, tuple) and len(self.sections) > MOST_CUTS:
            raise InputError(
                "parts", f"A tensor is cut at {MOST_CUTS} places at most in one operation."
            )
        if self.place < 0 or (self.sections is None) == self.keepdims:
            raise InputError("config-value", "The part of a tensor can't be read.")

    def output_shape(self, *inputs: Shape) -> Shape:
        """The sizes of the part."""
        shape = one(inputs)
        axis = axis_of(self.axis, shape)
        start, stop = self.bounds(shape)
        size = () if not self.keepdims else (stop - start,)
        return (*shape[:axis], *size, *shape[axis + 1 :])

    def bounds(self, shape: Shape) -> tuple[int, int]:
        """Where the part begins and ends on its axis.

        Raises: InputError parts where the axis has no such part, size-unknown.
        """
        size = known(shape[axis_of(self.axis, shape)], "The size of the axis that is cut")
        if is_symbolic(size):
            raise InputError("parts", f"An axis of {size} can't be cut into parts.")
        start, stop = self._ends(size)
        if not start < stop <= size:
            raise InputError("parts", f"An axis of {size} has no part {self.place} there.")
        return start, stop

    def _ends(self, size: int) -> tuple[int, int]:
        if isinstance(self.sections, tuple):
            cuts = (0, *self.sections, size)[self.place : self.place + 2]
            return (cuts[0], cuts[1]) if len(cuts) == 2 else (size, size)
        parts = size if self.sections is None else self.sections
        if size % parts:
            raise InputError("parts", f"An axis of {size} can't be cut into {parts} equal parts.")
        each = size // parts
        return self.place * each, (self.place + 1) * each

    def taps(self, *inputs: Shape) -> tuple[InputTaps, ...]:
        """Each position the one that it was cut from; an axis that goes follows no rule."""
        shape = one(inputs)
        axis = axis_of(self.axis, shape)
        start, _ = self.bounds(shape)
        if not self.keepdims:
            return (REARRANGED,)
        cut = Taps(1, (Run(start),))
        return (tuple(cut if place == axis else ITSELF for place in range(len(shape) - 1)),)


@record(kw_only=True)
class Tile(Layer):
    """A tensor several times behind itself. repeats: how often along each axis, the batch apart."""

    repeats: tuple[Count, ...]

    def output_shape(self, *inputs: Shape) -> Shape:
        """Each size times its number."""
        shape = one(inputs)
        if len(shape) != len(self.repeats):
            raise InputError(
                "input-rank",
                f"The layer takes {len(self.repeats)} axes, but its input is {text(shape)}.",
            )
        sizes = zip(shape, self.repeats, strict=True)
        return tuple(None if size is None else size * times for size, times in sizes)

    def taps(self, *inputs: Shape) -> tuple[InputTaps, ...]:
        """The same numbers in other places."""
        self.output_shape(*inputs)
        return (REARRANGED,)


@record(kw_only=True)
class Repeat(Layer):
    """Each position of an axis several times, one after the other."""

    repeats: Count
    axis: int

    def output_shape(self, *inputs: Shape) -> Shape:
        """The size of the axis times `repeats`."""
        shape = one(inputs)
        axis = axis_of(self.axis, shape)
        size = shape[axis]
        return (*shape[:axis], None if size is None else size * self.repeats, *shape[axis + 1 :])

    def taps(self, *inputs: Shape) -> tuple[InputTaps, ...]:
        """Along the axis several units read one position."""
        shape = one(inputs)
        axis = axis_of(self.axis, shape)
        if axis == len(shape) - 1:
            return super().taps(shape)
        many = Taps(1, (Run(0),) * self.repeats) if self.repeats <= MOST_AXES else EVERYTHING
        return (tuple(many if place == axis else ITSELF for place in range(len(shape) - 1)),)


@record(kw_only=True)
class MoveAxis(Layer):
    """An axis at another place. swap: the two change places; otherwise those between move on."""

    source: int
    destination: int
    swap: bool = False

    def output_shape(self, *inputs: Shape) -> Shape:
        """The sizes in the new order."""
        shape = one(inputs)
        return tuple(shape[place] for place in self.order(shape))

    def order(self, shape: Shape) -> list[int]:
        """Where each axis of the output stands in the input, the batch apart."""
        source, destination = axis_of(self.source, shape), axis_of(self.destination, shape)
        places = list(range(len(shape)))
        if self.swap:
            places[source], places[destination] = destination, source
        else:
            places.insert(destination, places.pop(source))
        return places

    def taps(self, *inputs: Shape) -> tuple[InputTaps, ...]:
        """The same numbers in other places."""
        self.output_shape(*inputs)
        return (REARRANGED,)


@record(kw_only=True)
class Matmul(Joining):
    """The matrix product of the last two axes, for each pair of matrices of a sample.

    transpose_a, transpose_b: whether the last two axes of an input change places first.
    """

    transpose_a: bool = False
    transpose_b: bool = False
    exactly_two: ClassVar[bool] = True
    mixes_channels: ClassVar[bool] = True

    def output_shape(self, *inputs: Shape) -> Shape:
        """(…, rows, columns)."""
        before, first, second = self._matrices(*inputs)
        return (*before, first[0], second[1])

    def letters(self, *inputs: Shape) -> Values:
        """How many pairs of matrices; rows, columns, and the length that is summed over."""
        before, first, second = self._matrices(*inputs)
        number = None if None in before else prod(known(size, "A size") for size in before)
        return {"pairs": number, "rows": first[0], "length": first[1], "columns": second[1]}

    def mac_rule(self, *inputs: Shape) -> Expression:
        """Rows x length x columns, for each pair."""
        before, _, _ = self._matrices(*inputs)
        each = (rows, length, columns)
        return Product((pairs, *each) if before else each)

    def taps(self, *inputs: Shape) -> tuple[InputTaps, ...]:
        """Not followed: the second input's rows are the first one's channels."""
        self._matrices(*inputs)
        return (UNRULED, UNRULED)

    def _matrices(self, *inputs: Shape) -> tuple[Shape, tuple[Dim, Dim], tuple[Dim, Dim]]:
        """The axes before, and the sizes of both matrices as they are multiplied."""
        self._counted(inputs)
        if len(inputs[0]) != len(inputs[1]) or len(inputs[0]) < 2:
            raise InputError(
                "input-rank",
                f"Matmul takes two inputs of equally many axes, two at least, not "
                f"{text(inputs[0])} and {text(inputs[1])}.",
            )
        first, second = (
            (shape[-1], shape[-2]) if turned else (shape[-2], shape[-1])
            for shape, turned in zip(inputs, (self.transpose_a, self.transpose_b), strict=True)
        )
        if None not in (first[1], second[0]) and first[1] != second[0]:
            raise InputError(
                "shapes-differ",
                f"Matmul sums over {first[1]} numbers of {text(inputs[0])} and {second[0]} of "
                f"{text(inputs[1])}: they must be as many.",
            )
        before = Elementwise().output_shape(*(shape[:-2] for shape in inputs))
        return before, first, second


@record(kw_only=True)
class Einsum(Joining):
    """Sums of products of tensors, by their equation: 'bij,bjk->bik'."""

    subscripts: str
    mixes_channels: ClassVar[bool] = True

    def __post_init__(self) -> None:
        super().__post_init__()
        equation = equation_of(self.subscripts)
        if not 1 <= len(equation.inputs) <= 3:
            raise InputError("config-value", f"Einsum takes up to 3 inputs: {self.subscripts!r}.")
        equation.check_batch()

    def output_shape(self, *inputs: Shape) -> Shape:
        """The sizes of the letters behind the arrow, the batch apart."""
        return equation_of(self.subscripts).without_batch().output_shape(*inputs)

    def letters(self, *inputs: Shape) -> Values:
        """The size of each letter of the equation."""
        return equation_of(self.subscripts).without_batch().sizes(*inputs)

    def mac_rule(self, *inputs: Shape) -> Expression | None:
        """The product of all letters, for each product of two."""
        self.output_shape(*inputs)
        return equation_of(self.subscripts).without_batch().products()

    def taps(self, *inputs: Shape) -> tuple[InputTaps, ...]:
        """Not followed: any axis may be summed over."""
        self.output_shape(*inputs)
        return (UNRULED,) * len(inputs)
