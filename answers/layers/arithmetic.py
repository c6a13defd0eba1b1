"""Arithmetic on tensors, written in a model without a layer: x / 127.5 - 1, a[..., :2], a mean.

Keras keeps each operation as a node of the graph. These records say what it computes; they own no
weights. An axis is counted with the batch axis, as the operations count it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import prod
from typing import ClassVar, Literal

from answers.errors import InputError
from answers.expressions.size import is_symbolic, same, surely
from answers.layers.base import Dim, Layer, Shape, axis_of, one, text
from answers.layers.fields import Count
from answers.layers.merging import Elementwise
from answers.layers.taps import EVERYTHING, ITSELF, REARRANGED, AxisTaps, InputTaps, Run, Taps
from answers.record import record


@record(kw_only=True)
class PairOrNumber(Elementwise):
    """Two tensors, or a tensor and numbers that stand in the file, taken number by number.

    number: one for all, or one a channel; None where two tensors are taken.
    number_first: the number stands on the left: 1 - x.
    sizes: of a table of numbers, which stand row by row; empty for one number or one a channel.
    """

    number: float | tuple[float, ...] | None = None
    number_first: bool = False
    sizes: tuple[Count, ...] = ()
    exactly_two: ClassVar[bool] = True

    def output_shape(self, *inputs: Shape) -> Shape:
        """The common shape of two inputs with as many axes, or that of the only one."""
        if self.number is None:
            self._counted(inputs)
            if len({len(shape) for shape in inputs}) > 1:
                raise InputError(
                    "shapes-differ",
                    f"{text(inputs[0])} and {text(inputs[1])} have not as many axes.",
                )
            return super().output_shape(*inputs)
        shape = one(inputs)
        if self.sizes:
            return super().output_shape(shape, self._table(shape))
        self._check_channels(shape)
        return shape

    def _table(self, shape: Shape) -> Shape:
        """The sizes of the table behind the batch, as many as those of the input."""
        numbers = len(self.number) if isinstance(self.number, tuple) else 0
        more = len(shape) + 1 - len(self.sizes)
        if more < 0 or (more == 0 and self.sizes[0] != 1) or prod(self.sizes) != numbers:
            raise InputError(
                "shapes-differ", f"A table of {text(self.sizes)} numbers doesn't fit {text(shape)}."
            )
        return ((1,) * more + self.sizes)[1:]

    def _check_channels(self, shape: Shape) -> None:
        if not isinstance(self.number, tuple):
            return
        channels = shape[-1] if shape else 1
        if channels is None or not same(channels, len(self.number)):
            raise InputError(
                "shapes-differ",
                f"{len(self.number)} numbers, one a channel, don't fit {text(shape)}.",
            )


@record(kw_only=True)
class Arithmetic(PairOrNumber):
    """Two tensors, or a tensor and numbers, joined number by number."""

    operation: Literal[
        "add", "subtract", "multiply", "divide", "power", "maximum", "minimum",
        "floor_divide", "mod", "arctan2", "logaddexp", "divide_no_nan", "squared_difference",
    ] = "add"  # fmt: skip


@record(kw_only=True)
class MathFunction(Layer):
    """A function of one number, applied to each.

    gelu_tanh: the approximation of gelu by a tanh, as `keras.ops.gelu` computes unless told.
    """

    function: Literal[
        "absolute", "square", "sqrt", "rsqrt", "exp", "expm1", "log", "log1p", "negative", "sign",
        "sin", "cos", "tan", "sinh", "cosh", "floor", "ceil", "round", "reciprocal",
        "trunc", "erf", "exp2", "log2", "log10", "arcsin", "arccos", "arctan", "arcsinh",
        "arccosh", "arctanh", "gelu_tanh",
    ] = "absolute"  # fmt: skip


@record(kw_only=True)
class Reduction(Layer):
    """The mean, sum, product, spread, largest or smallest number along some axes.

    axis: None means all but the batch. 'std' and 'var' divide by the count; 'norm' is the root of
    the sum of squares, 'logsumexp' the logarithm of the sum of exponentials.
    """

    operation: Literal[
        "mean", "sum", "prod", "std", "var", "max", "min", "logsumexp", "norm"
    ] = "mean"  # fmt: skip
    axis: tuple[int, ...] | None = None
    keepdims: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.axis == ():  # engines differ: of no axes, or of all, the batch too
            raise InputError("config-value", "A reduction needs an axis to work along.")

    def output_shape(self, *inputs: Shape) -> Shape:
        """The axes that are left, or sizes of 1 in their place."""
        shape = one(inputs)
        gone = self._places(shape)
        if self.keepdims:
            return tuple(1 if i in gone else size for i, size in enumerate(shape))
        return tuple(size for i, size in enumerate(shape) if i not in gone)

    def taps(self, *inputs: Shape) -> tuple[InputTaps, ...]:
        """Everything along the axes that are reduced, itself along the others."""
        shape = one(inputs)
        gone, spatial = self._places(shape), range(len(shape) - 1)
        if self.keepdims or gone <= {len(shape) - 1}:
            return (tuple(EVERYTHING if i in gone else ITSELF for i in spatial),)
        return (EVERYTHING if gone >= set(spatial) else REARRANGED,)

    def _places(self, shape: Shape) -> set[int]:
        if self.axis is None:
            return set(range(len(shape)))
        return {axis_of(axis, shape) for axis in self.axis}


_PART = re.compile(r"(-?\d{1,9})?:(-?\d{1,9})?(?::(-?\d{1,9}))?|-?\d{1,9}|\.\.\.|new")


@record(kw_only=True)
class GetItem(Layer):
    """A part of a tensor, as Python cuts it: x[..., :2] has the parts '...' and ':2'.

    parts: 'start:stop:step', a place, '...' for all axes between, 'new' for an axis of size 1. The
        first part stands for the batch, which stays whole.
    """

    parts: tuple[str, ...] = ("...",)

    def __post_init__(self) -> None:
        super().__post_init__()
        for part in self.parts:
            if not _PART.fullmatch(part):
                raise InputError("config-value", f"{part!r:.40} is no part of an index.")
        if self.parts.count("...") > 1 or not self.parts or self.parts[0] not in (":", "..."):
            raise InputError(
                "batch-axis", f"The index [{', '.join(self.parts)}] cuts the pictures apart."
            )

    def output_shape(self, *inputs: Shape) -> Shape:
        """The sizes of what is cut out."""
        found = [_cut(part, size) for part, size in self.pairs(one(inputs))]
        return tuple(size for kept, size in found if kept)

    def taps(self, *inputs: Shape) -> tuple[InputTaps, ...]:
        """Each position the one that it was cut from; axes that come or go follow no rule."""
        pairs = list(self.pairs(one(inputs)))
        axes = [_axis_taps(part, size) for part, size in pairs[:-1]]
        kept = [axis for axis in axes if axis is not None]
        slices = all(":" in part for part, _ in pairs)
        return (tuple(kept) if slices and len(kept) == len(axes) else REARRANGED,)

    def pairs(self, shape: Shape) -> Iterator[tuple[str, Dim]]:
        """For each axis without the batch what is cut from it, and its size."""
        parts = list(self.parts)
        taken = sum(part not in ("...", "new") for part in parts)
        left = len(shape) + 1 - taken
        if left < 0 or ("..." not in parts and parts[0] != ":"):
            raise InputError(
                "input-rank", f"[{', '.join(parts)}] cuts more axes than {text(shape)}."
            )
        place = parts.index("...") if "..." in parts else len(parts)
        whole = [*parts[:place], *[":"] * left, *parts[place + 1 :]]
        if whole[0] != ":":
            raise InputError("batch-axis", f"[{', '.join(parts)}] cuts the pictures apart.")
        sizes = iter(shape)
        for part in whole[1:]:
            yield part, (1 if part == "new" else next(sizes))


def _cut(part: str, size: Dim) -> tuple[bool, Dim]:
    """Whether the axis is still there, and its size."""
    if part == "new":
        return True, 1
    if ":" not in part:
        place = int(part)
        if size is not None and surely(size <= (place if place >= 0 else -place - 1)):
            raise InputError("input-rank", f"An axis of {size} has no place {place}.")
        return False, None
    if part == ":":
        return True, size
    if size is None or is_symbolic(size):
        return True, None
    count = len(range(*slice_of(part).indices(int(size))))
    if not count:
        raise InputError("empty-output", f"Nothing of an axis of {size} is left by [{part}].")
    return True, count


def _axis_taps(part: str, size: Dim) -> AxisTaps | None:
    if part == ":":
        return ITSELF
    if ":" not in part or size is None or is_symbolic(size):
        return None
    start, _, step = slice_of(part).indices(int(size))
    return Taps(step, (Run(start),)) if step > 0 else None


def slice_of(part: str) -> slice:
    """'1:5:2' as a slice.

    Raises: InputError config-value for a step of 0.
    """
    numbers = [int(word) if word else None for word in part.split(":")]
    if len(numbers) > 2 and numbers[2] == 0:
        raise InputError("config-value", f"The index {part} has a step of 0.")
    return slice(*numbers)
