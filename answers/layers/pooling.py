"""Pooling: a window's maximum or mean, the whole picture's, or that of a grid of given size."""

from __future__ import annotations

from math import gcd
from typing import ClassVar, Literal

from answers.expressions.expression import Values
from answers.expressions.size import Size, is_symbolic
from answers.layers.base import Dim, Layer, Shape, axis_names, one, spatial
from answers.layers.fields import Count
from answers.layers.taps import (
    EVERYTHING,
    ITSELF,
    MOST_PHASES,
    REARRANGED,
    AxisTaps,
    InputTaps,
    Open,
    Run,
    Taps,
)
from answers.layers.window import Padding, lengths, window_taps
from answers.record import record

One = tuple[Count]
Pair = tuple[Count, Count]
Triple = tuple[Count, Count, Count]
Axes = tuple[Size, ...]


@record(kw_only=True)
class _Pooling(Layer):
    """A window that goes over the input. strides None: the windows touch."""

    rank: ClassVar[int]
    pool_size: Axes
    strides: Axes | None
    padding: Padding = "valid"

    def output_shape(self, *inputs: Shape) -> Shape:
        """The spatial sizes by the window rule; channels stay."""
        sizes, channels = spatial(one(inputs), self.rank)
        ones = (1,) * self.rank
        return (*lengths(sizes, self.pool_size, self.steps, ones, self.padding), channels)

    def letters(self, *inputs: Shape) -> Values:
        """k_, n_, o_ of the axes, and c_in."""
        sizes, channels = spatial(one(inputs), self.rank)
        out = self.output_shape(*inputs)[:-1]
        values: dict[str, Dim] = {"c_in": channels}
        values |= zip(axis_names("k", self.rank), self.pool_size, strict=True)
        values |= zip(axis_names("n", self.rank), sizes, strict=True)
        return values | dict(zip(axis_names("o", self.rank), out, strict=True))

    def taps(self, *inputs: Shape) -> tuple[InputTaps, ...]:
        """A window of pool_size along each axis; padding never counts."""
        sizes, _ = spatial(one(inputs), self.rank)
        axes = zip(sizes, self.pool_size, self.steps, strict=True)
        return (tuple(window_taps(n, k, s, 1, self.padding) for n, k, s in axes),)

    @property
    def steps(self) -> Axes:
        """The strides, which are the window's sizes unless said."""
        return self.pool_size if self.strides is None else self.strides


@record(kw_only=True)
class _Pooling1D(_Pooling):
    rank: ClassVar[int] = 1
    pool_size: One = (2,)
    strides: One | None = None


@record(kw_only=True)
class _Pooling2D(_Pooling):
    rank: ClassVar[int] = 2
    pool_size: Pair = (2, 2)
    strides: Pair | None = None


@record(kw_only=True)
class _Pooling3D(_Pooling):
    rank: ClassVar[int] = 3
    pool_size: Triple = (2, 2, 2)
    strides: Triple | None = None


class MaxPooling1D(_Pooling1D):
    """The largest value of each window along one axis; padding never wins."""


class MaxPooling2D(_Pooling2D):
    """The largest value of each window; padding never wins."""


class MaxPooling3D(_Pooling3D):
    """The largest value of each window of a volume; padding never wins."""


class AveragePooling1D(_Pooling1D):
    """The mean of each window along one axis; padding is not counted."""


class AveragePooling2D(_Pooling2D):
    """The mean of each window; padding is not counted."""


class AveragePooling3D(_Pooling3D):
    """The mean of each window of a volume; padding is not counted."""


@record(kw_only=True)
class _GlobalPooling(Layer):
    """One number a channel. keepdims: leave the spatial axes with size 1."""

    rank: ClassVar[int]
    keepdims: bool = False

    def output_shape(self, *inputs: Shape) -> Shape:
        """(channels), or (1, …, channels) with keepdims."""
        _, channels = spatial(one(inputs), self.rank)
        return (*(1,) * self.rank, channels) if self.keepdims else (channels,)

    def taps(self, *inputs: Shape) -> tuple[InputTaps, ...]:
        """Every position of the input."""
        spatial(one(inputs), self.rank)
        return ((EVERYTHING,) * self.rank if self.keepdims else EVERYTHING,)


@record(kw_only=True)
class _GlobalPooling1D(_GlobalPooling):
    """data_format: 'channels_first' takes each step for a channel, and the channels for steps."""

    rank: ClassVar[int] = 1
    data_format: Literal["channels_last", "channels_first"] = "channels_last"

    def output_shape(self, *inputs: Shape) -> Shape:
        """(channels), or (1, channels) with keepdims; (steps) or (steps, 1), channels first."""
        if self.data_format == "channels_last":
            return super().output_shape(*inputs)
        (steps,), _ = spatial(one(inputs), 1)
        return (steps, 1) if self.keepdims else (steps,)

    def taps(self, *inputs: Shape) -> tuple[InputTaps, ...]:
        """Every position of the input; channels first: each step itself."""
        if self.data_format == "channels_last":
            return super().taps(*inputs)
        spatial(one(inputs), 1)
        return ((ITSELF,) if self.keepdims else REARRANGED,)


class GlobalAveragePooling1D(_GlobalPooling1D):
    """The mean of each channel of a sequence."""


class GlobalAveragePooling2D(_GlobalPooling):
    """The mean of each channel."""

    rank: ClassVar[int] = 2


class GlobalAveragePooling3D(_GlobalPooling):
    """The mean of each channel of a volume."""

    rank: ClassVar[int] = 3


class GlobalMaxPooling1D(_GlobalPooling1D):
    """The largest value of each channel of a sequence."""


class GlobalMaxPooling2D(_GlobalPooling):
    """The largest value of each channel."""

    rank: ClassVar[int] = 2


class GlobalMaxPooling3D(_GlobalPooling):
    """The largest value of each channel of a volume."""

    rank: ClassVar[int] = 3


@record(kw_only=True)
class _AdaptivePooling(Layer):
    """A grid of output_size cells that share the input as evenly as they can."""

    rank: ClassVar[int]
    output_size: Axes

    def output_shape(self, *inputs: Shape) -> Shape:
        """The sizes asked for; channels stay."""
        _, channels = spatial(one(inputs), self.rank)
        return (*self.output_size, channels)

    def taps(self, *inputs: Shape) -> tuple[InputTaps, ...]:
        """Cell i reads floor(i·n/o) … ceil((i + 1)·n/o) − 1."""
        sizes, _ = spatial(one(inputs), self.rank)
        return (tuple(map(_cells, sizes, self.output_size)),)


def _cells(n: Dim, o: Size) -> AxisTaps:
    if n is None or is_symbolic(n) or is_symbolic(o):
        return Open("the cells of an adaptive pooling depend on the input's size")
    phases = o // gcd(n, o)
    if phases > MOST_PHASES:
        return Open(f"an adaptive pooling of {n} to {o} has more than {MOST_PHASES:,} phases")
    bounds = [(r * n // o, -(-(r + 1) * n // o)) for r in range(phases)]
    return Taps(n // gcd(n, o), tuple(Run(first, end - first) for first, end in bounds))


@record(kw_only=True)
class AdaptiveAveragePooling1D(_AdaptivePooling):
    """The mean of each cell of a sequence."""

    rank: ClassVar[int] = 1
    output_size: One


@record(kw_only=True)
class AdaptiveAveragePooling2D(_AdaptivePooling):
    """The mean of each cell."""

    rank: ClassVar[int] = 2
    output_size: Pair


@record(kw_only=True)
class AdaptiveAveragePooling3D(_AdaptivePooling):
    """The mean of each cell of a volume."""

    rank: ClassVar[int] = 3
    output_size: Triple


@record(kw_only=True)
class AdaptiveMaxPooling1D(_AdaptivePooling):
    """The largest value of each cell of a sequence."""

    rank: ClassVar[int] = 1
    output_size: One


@record(kw_only=True)
class AdaptiveMaxPooling2D(_AdaptivePooling):
    """The largest value of each cell."""

    rank: ClassVar[int] = 2
    output_size: Pair


@record(kw_only=True)
class AdaptiveMaxPooling3D(_AdaptivePooling):
    """The largest value of each cell of a volume."""

    rank: ClassVar[int] = 3
    output_size: Triple
