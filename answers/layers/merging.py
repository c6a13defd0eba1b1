"""Layers that join several inputs."""

from __future__ import annotations

from functools import reduce
from math import prod
from typing import ClassVar

from answers.errors import InputError
from answers.expressions.expression import Expression, Product, Values, names
from answers.expressions.size import Size, is_symbolic, same
from answers.layers.base import Dim, Layer, Shape, axis_of, known, text
from answers.layers.taps import EVERYTHING, ITSELF, REARRANGED, AxisTaps, InputTaps, Open, Run, Taps
from answers.record import record

ONE_FOR_ALL = Taps(0, (Run(0),))  # a single position, stretched over the axis


class Joining(Layer):
    """A layer that takes a list of inputs."""

    exactly_two: ClassVar[bool] = False

    def _counted(self, inputs: tuple[Shape, ...]) -> None:
        if self.exactly_two and len(inputs) != 2:
            raise InputError(
                "input-count", f"{self.kind} joins two inputs, but it gets {len(inputs)}."
            )
        if len(inputs) < 2:
            raise InputError("input-count", f"The layer joins inputs, but it gets {len(inputs)}.")


class Elementwise(Joining):
    """Numbers of the same place are joined; sizes of 1 are stretched, as Keras does.

    An input with fewer axes lacks the first ones: a vector of channels goes to each position.
    """

    def output_shape(self, *inputs: Shape) -> Shape:
        """The common shape."""
        self._counted(inputs)
        rank = max(map(len, inputs))
        filled = [(1,) * (rank - len(shape)) + shape for shape in inputs]
        return tuple(_stretched(sizes, inputs) for sizes in zip(*filled, strict=True))

    def taps(self, *inputs: Shape) -> tuple[InputTaps, ...]:
        """Each position itself; the only position of an axis of 1 for all."""
        out = self.output_shape(*inputs)
        return tuple(_joined(shape, out) for shape in inputs)


def _joined(shape: Shape, out: Shape) -> InputTaps:
    if len(shape) == len(out):
        return tuple(map(_one_for_all, shape[:-1], out[:-1]))
    # one position for all, or axes that stand at another place than in the output
    return EVERYTHING if all(size == 1 for size in shape[:-1]) else REARRANGED


def _one_for_all(size: Dim, out: Dim) -> AxisTaps:
    return ONE_FOR_ALL if size == 1 and out != 1 else ITSELF


class Add(Elementwise):
    """The sum of inputs."""


class Subtract(Elementwise):
    """The first input minus the second."""

    exactly_two: ClassVar[bool] = True


class Multiply(Elementwise):
    """The product of inputs, number by number."""


class Average(Elementwise):
    """The mean of inputs."""


class Maximum(Elementwise):
    """The largest of the inputs, number by number."""


class Minimum(Elementwise):
    """The smallest of the inputs, number by number."""


@record(kw_only=True)
class Concatenate(Joining):
    """Inputs side by side along an axis, counted with the batch axis as Keras counts it."""

    axis: int = -1

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.axis == 0:
            raise InputError("batch-axis", "Concatenate along axis 0 would mix the pictures.")

    def output_shape(self, *inputs: Shape) -> Shape:
        """The common shape, with the sizes along the axis added up."""
        self._counted(inputs)
        rank = len(inputs[0])
        axis = axis_of(self.axis, inputs[0])
        if any(len(shape) != rank for shape in inputs):
            raise _different(inputs)
        sizes = list(zip(*inputs, strict=True))
        common = [_equal(sizes[i], inputs) if i != axis else _total(sizes[i]) for i in range(rank)]
        return tuple(common)

    def taps(self, *inputs: Shape) -> tuple[InputTaps, ...]:
        """Each position itself; along the axis what stands before an input shifts it."""
        axis, rank = axis_of(self.axis, inputs[0]), len(self.output_shape(*inputs))
        if axis == rank - 1:
            return super().taps(*inputs)
        before = (_total(tuple(shape[axis] for shape in inputs[:i])) for i in range(len(inputs)))
        places = range(rank - 1)
        return tuple(
            tuple(_shifted(offset) if place == axis else ITSELF for place in places)
            for offset in before
        )


def _shifted(by: Dim) -> AxisTaps:
    if by is None:
        return Open("where an input begins depends on the open size of those before it")
    return Taps(1, (Run(-by),))


first_rest, contracted, second_rest = names("rows length columns")


@record(kw_only=True)
class Dot(Joining):
    """Products summed up along an axis of each input, counted with the batch axis.

    normalize: both inputs are brought to length 1 along it first (cosine).
    """

    axes: int | tuple[int, int]
    normalize: bool = False
    exactly_two: ClassVar[bool] = True
    mixes_channels: ClassVar[bool] = True

    def output_shape(self, *inputs: Shape) -> Shape:
        """The axes of the first input that are left, then those of the second; (1) if none is."""
        rests = self._rests(*inputs)
        return (*rests[0], *rests[1]) or (1,)

    def letters(self, *inputs: Shape) -> Values:
        """Rows and columns: what is left of the inputs; length: what is summed over."""
        first, second = self._rests(*inputs)
        length = inputs[0][self._places(inputs)[0]]
        return {"rows": _numbers(first), "length": length, "columns": _numbers(second)}

    def mac_rule(self, *inputs: Shape) -> Expression:
        """Rows x length x columns."""
        self._rests(*inputs)
        return Product((first_rest, contracted, second_rest))

    def taps(self, *inputs: Shape) -> tuple[InputTaps, ...]:
        """Everything along what is summed over or stands in the output's channels."""
        (first, second), places = inputs, self._places(inputs)
        self._rests(*inputs)
        return _of_first(first, second, places[0]), EVERYTHING if len(second) < 3 else REARRANGED

    def _places(self, inputs: tuple[Shape, ...]) -> tuple[int, int]:
        self._counted(inputs)
        axes = self.axes if isinstance(self.axes, tuple) else (self.axes, self.axes)
        return axis_of(axes[0], inputs[0]), axis_of(axes[1], inputs[1])

    def _rests(self, *inputs: Shape) -> tuple[Shape, Shape]:
        """What is left of both inputs."""
        a, b = self._places(inputs)
        first, second = inputs
        if not _may_be_equal(first[a], second[b]):
            raise InputError(
                "shapes-differ",
                f"Dot sums over {first[a]} numbers of {text(first)} and {second[b]} of "
                f"{text(second)}: they must be as many.",
            )
        return first[:a] + first[a + 1 :], second[:b] + second[b + 1 :]


def _numbers(shape: Shape) -> Dim:
    return None if None in shape else prod(known(size, "A size") for size in shape)


def _of_first(first: Shape, second: Shape, place: int) -> InputTaps:
    """Of the first input the spatial axes lead the output's, unless one of them is summed over."""
    if place == len(first) - 1 and len(second) == 2:
        return (ITSELF,) * (len(first) - 1)
    return EVERYTHING if len(first) < 3 and len(second) < 3 else REARRANGED


def _may_be_equal(a: Dim, b: Dim) -> bool:
    return a is None or b is None or same(a, b)


def _stretched(sizes: tuple[Dim, ...], inputs: tuple[Shape, ...]) -> Dim:
    return _equal(tuple(size for size in sizes if size != 1) or (1,), inputs)


def _equal(sizes: tuple[Dim, ...], inputs: tuple[Shape, ...]) -> Dim:
    found = [size for size in sizes if size is not None]
    if any(not same(found[0], size) for size in found[1:]):
        raise _different(inputs)
    return found[0] if found else None


def _total(sizes: tuple[Dim, ...]) -> Dim:
    found = [size for size in sizes if size is not None]
    return reduce(_plus, found, 0) if len(found) == len(sizes) else None


def _plus(a: Size, b: Size) -> Size:
    return a + b


def _different(inputs: tuple[Shape, ...]) -> InputError:
    shapes = ", ".join(text(shape) for shape in inputs)
    return InputError(
        "shapes-differ",
        f"The inputs can't be joined: their shapes are {shapes}.",
        hint=_way_out(inputs),
    )


def _way_out(inputs: tuple[Shape, ...]) -> str:
    """What to do about shapes that do not fit."""
    if any(is_symbolic(size) for shape in inputs for size in shape):
        return (
            "Sizes with symbols must be equal whatever the symbols stand for: pad with 'same', or "
            "give the symbols numbers."
        )
    channels = [shape[-1] for shape in inputs if shape]
    alike = len({shape[:-1] for shape in inputs}) == 1
    if len(inputs) != 2 or not alike or None in channels or len(channels) != 2:
        return (
            "Height and width must be equal; for a sum the channels too (a 1x1 convolution "
            "brings them together)."
        )
    few, many = sorted(known(size, "A number of channels") for size in channels)
    return (
        f"There are two ways out: a 1x1 convolution with {many} filters on the input that has {few} "
        f"channels (a projection, when it is the shortcut), or {few} filters in the last "
        f"convolution of the branch that has {many}."
    )
