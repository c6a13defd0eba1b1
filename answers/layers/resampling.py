"""Layers that change the grid: padding, cropping, up-sampling, resizing."""

from __future__ import annotations

from math import gcd
from typing import ClassVar, Literal

from answers.errors import InputError
from answers.expressions.size import Size, is_symbolic, surely
from answers.layers.base import Dim, Layer, Shape, one, spatial
from answers.layers.fields import Count, Margin
from answers.layers.taps import MOST_PHASES, AxisTaps, InputTaps, Open, Run, Taps
from answers.record import record

Pair = tuple[Count, Count]
Triple = tuple[Count, Count, Count]
Sides = tuple[Margin, Margin]
Interpolation = Literal["nearest", "bilinear", "bicubic", "lanczos3", "lanczos5"]
# The last is what Keras 2.2 and 2.3 made of 'bilinear': centres at i·n/o, no half pixels.
Enlarging = Literal[Interpolation, "bilinear_keras2"]


@record(kw_only=True)
class _ZeroPadding(Layer):
    """Zeros around the input. padding: before and after, for each axis."""

    rank: ClassVar[int]

    def output_shape(self, *inputs: Shape) -> Shape:
        """Each spatial size grows by its two sides."""
        sizes, channels = spatial(one(inputs), self.rank)
        pairs = zip(sizes, self.sides, strict=True)
        grown = (None if size is None else size + before + after for size, (before, after) in pairs)
        return (*grown, channels)

    def taps(self, *inputs: Shape) -> tuple[InputTaps, ...]:
        """Position i reads i − before; the padding reads nothing."""
        spatial(one(inputs), self.rank)
        return (tuple(Taps(1, (Run(-before),)) for before, _ in self.sides),)

    @property
    def sides(self) -> tuple[Sides, ...]:
        """Before and after, for each axis."""
        raise NotImplementedError


@record(kw_only=True)
class ZeroPadding1D(_ZeroPadding):
    """Zeros before and after a sequence."""

    rank: ClassVar[int] = 1
    padding: Sides = (1, 1)

    @property
    def sides(self) -> tuple[Sides, ...]:
        """Before and after, for the one axis."""
        return (self.padding,)


@record(kw_only=True)
class ZeroPadding2D(_ZeroPadding):
    """Zeros around the picture. padding: ((top, bottom), (left, right))."""

    rank: ClassVar[int] = 2
    padding: tuple[Sides, Sides] = ((1, 1), (1, 1))

    @property
    def sides(self) -> tuple[Sides, ...]:
        """Before and after, for each axis."""
        return self.padding


@record(kw_only=True)
class ZeroPadding3D(_ZeroPadding):
    """Zeros around a volume."""

    rank: ClassVar[int] = 3
    padding: tuple[Sides, Sides, Sides] = ((1, 1), (1, 1), (1, 1))

    @property
    def sides(self) -> tuple[Sides, ...]:
        """Before and after, for each axis."""
        return self.padding


@record(kw_only=True)
class _Cropping(Layer):
    """The input without its edges. cropping: before and after, for each axis."""

    rank: ClassVar[int]

    def output_shape(self, *inputs: Shape) -> Shape:
        """Each spatial size shrinks by its two sides; something must be left."""
        sizes, channels = spatial(one(inputs), self.rank)
        return (*map(self._cropped, sizes, self.sides), channels)

    def taps(self, *inputs: Shape) -> tuple[InputTaps, ...]:
        """Position i reads i + before."""
        spatial(one(inputs), self.rank)
        return (tuple(Taps(1, (Run(before),)) for before, _ in self.sides),)

    @property
    def sides(self) -> tuple[Sides, ...]:
        """Before and after, for each axis."""
        raise NotImplementedError

    def _cropped(self, size: Dim, sides: Sides) -> Dim:
        if size is None:
            return None
        left = size - sides[0] - sides[1]
        if surely(left < 1):
            raise InputError(
                "window-too-large",
                f"{self.kind} takes {sides[0]} + {sides[1]} positions away from an axis of "
                f"{size}: nothing is left.",
                hint="Crop less, or use a larger input.",
            )
        return left


@record(kw_only=True)
class Cropping1D(_Cropping):
    """A sequence without its ends."""

    rank: ClassVar[int] = 1
    cropping: Sides = (1, 1)

    @property
    def sides(self) -> tuple[Sides, ...]:
        """Before and after, for the one axis."""
        return (self.cropping,)


@record(kw_only=True)
class Cropping2D(_Cropping):
    """The picture without its edges. cropping: ((top, bottom), (left, right))."""

    rank: ClassVar[int] = 2
    cropping: tuple[Sides, Sides] = ((0, 0), (0, 0))

    @property
    def sides(self) -> tuple[Sides, ...]:
        """Before and after, for each axis."""
        return self.cropping


@record(kw_only=True)
class Cropping3D(_Cropping):
    """A volume without its edges."""

    rank: ClassVar[int] = 3
    cropping: tuple[Sides, Sides, Sides] = ((1, 1), (1, 1), (1, 1))

    @property
    def sides(self) -> tuple[Sides, ...]:
        """Before and after, for each axis."""
        return self.cropping


@record(kw_only=True)
class _UpSampling(Layer):
    """Each position becomes a block of positions."""

    rank: ClassVar[int]

    def output_shape(self, *inputs: Shape) -> Shape:
        """Each spatial size times its factor."""
        sizes, channels = spatial(one(inputs), self.rank)
        pairs = zip(sizes, self.factors, strict=True)
        grown = (None if size is None else size * factor for size, factor in pairs)
        return (*grown, channels)

    def taps(self, *inputs: Shape) -> tuple[InputTaps, ...]:
        """A run for each of the factor's phases."""
        spatial(one(inputs), self.rank)
        return (tuple(_up_sampled(factor, self.way) for factor in self.factors),)

    @property
    def factors(self) -> tuple[Size, ...]:
        """How many positions one becomes, for each axis."""
        raise NotImplementedError

    @property
    def way(self) -> Enlarging:
        """How the values in between are made."""
        return "nearest"


def _up_sampled(factor: Size, way: Enlarging) -> AxisTaps:
    if is_symbolic(factor):
        return Open("up-sampling has as many phases as its factor: give it a number")
    if way == "bilinear_keras2":
        return Taps(1, (Run(0), *(Run(0, 2) for _ in range(1, factor))))
    return resized(1, factor, way)


@record(kw_only=True)
class UpSampling1D(_UpSampling):
    """Each step becomes `size` equal steps."""

    rank: ClassVar[int] = 1
    size: Count = 2

    @property
    def factors(self) -> tuple[Size, ...]:
        """How many steps one becomes."""
        return (self.size,)


@record(kw_only=True)
class UpSampling2D(_UpSampling):
    """Each pixel becomes size[0] x size[1] pixels."""

    rank: ClassVar[int] = 2
    size: Pair = (2, 2)
    interpolation: Enlarging = "nearest"

    @property
    def factors(self) -> tuple[Size, ...]:
        """How many pixels one becomes, for each axis."""
        return self.size

    @property
    def way(self) -> Enlarging:
        """How the values in between are made."""
        return self.interpolation


@record(kw_only=True)
class UpSampling3D(_UpSampling):
    """Each voxel becomes size[0] x size[1] x size[2] equal voxels."""

    rank: ClassVar[int] = 3
    size: Triple = (2, 2, 2)

    @property
    def factors(self) -> tuple[Size, ...]:
        """How many voxels one becomes, for each axis."""
        return self.size


@record(kw_only=True)
class Resizing(Layer):
    """The picture at another size, half-pixel centres, no antialiasing unless asked."""

    height: Count
    width: Count
    interpolation: Interpolation = "bilinear"
    crop_to_aspect_ratio: bool = False
    pad_to_aspect_ratio: bool = False
    antialias: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.crop_to_aspect_ratio and self.pad_to_aspect_ratio:
            raise InputError(
                "config-value",
                "Resizing can't have crop_to_aspect_ratio and pad_to_aspect_ratio together.",
            )

    def output_shape(self, *inputs: Shape) -> Shape:
        """(height, width, channels)."""
        _, channels = spatial(one(inputs), 2)
        return (self.height, self.width, channels)

    def taps(self, *inputs: Shape) -> tuple[InputTaps, ...]:
        """What `resized` says, of the whole picture, a part of it, or a padded one."""
        sizes, _ = spatial(one(inputs), 2)
        target = (self.height, self.width)
        numbers = _numbers(*sizes, *target)
        if numbers is None:
            return (_depends_on_size(),)
        n, o = numbers[:2], numbers[2:]
        if self.crop_to_aspect_ratio:
            return (_of_the_middle(n, o, self.interpolation, antialias=self.antialias),)
        if self.pad_to_aspect_ratio:
            return (tuple(map(self._padded, n, o, _same_ratio(n, o, grow=True))),)
        pairs = zip(n, o, strict=True)
        made = (resized(m, t, self.interpolation, antialias=self.antialias) for m, t in pairs)
        return (tuple(made),)

    def _padded(self, n: int, o: int, reach: int) -> AxisTaps:
        before = (reach - n) // 2  # Keras pads as much after as before
        taps = resized(n + 2 * before, o, self.interpolation, antialias=self.antialias)
        return _moved(taps, -before)


@record(kw_only=True)
class CenterCrop(Layer):
    """The middle of the picture; a picture that is too small is resized as Keras does it."""

    height: Count
    width: Count

    def output_shape(self, *inputs: Shape) -> Shape:
        """(height, width, channels)."""
        _, channels = spatial(one(inputs), 2)
        return (self.height, self.width, channels)

    def taps(self, *inputs: Shape) -> tuple[InputTaps, ...]:
        """A shift where the picture is large enough, otherwise a bilinear resize of a part."""
        sizes, _ = spatial(one(inputs), 2)
        numbers = _numbers(*sizes, self.height, self.width)
        if numbers is None:
            return (_depends_on_size(),)
        n, o = numbers[:2], numbers[2:]
        if all(size >= wanted for size, wanted in zip(n, o, strict=True)):
            return (tuple(Taps(1, (Run((m - t) // 2),)) for m, t in zip(n, o, strict=True)),)
        return (_of_the_middle(n, o, "bilinear", antialias=False),)


def _numbers(*sizes: Dim) -> tuple[int, ...] | None:
    """The sizes, where all of them are numbers."""
    found = tuple(size for size in sizes if size is not None and not is_symbolic(size))
    return found if len(found) == len(sizes) else None


def _depends_on_size() -> tuple[AxisTaps, ...]:
    return (Open("what a resize reads depends on the sizes on both sides"),) * 2


_RADIUS = {"bilinear": 1, "bicubic": 2, "lanczos3": 3, "lanczos5": 5}


def resized(n: int, o: int, way: Interpolation, *, antialias: bool = False) -> AxisTaps:
    """What each of o outputs reads when an axis of n becomes one of o.

    Output i stands at c = (i + 1/2)·n/o − 1/2 and reads what lies nearer than the kernel's radius:
    1 (bilinear), 2 (bicubic), 3 or 5 (lanczos), times n/o with antialiasing where the axis
    shrinks. Without it, an output that stands on an input reads that one alone. Nearest reads
    floor((i + 1/2)·n/o); TensorFlow rounds in float32, which moves a tie now and then from 41
    outputs on. With antialiasing a weight inside the run may be zero by chance.
    """
    g = gcd(n, o)
    if o // g > MOST_PHASES:
        return Open(f"a resize from {n} to {o} has more than {MOST_PHASES:,} phases")
    runs = tuple(_read(r, n // g, o // g, way, antialias=antialias) for r in range(o // g))
    return Taps(n // g, runs)


def _read(i: int, n: int, o: int, way: Interpolation, *, antialias: bool) -> Run:
    """What output i of an axis from n to o reads; all lengths in units of 1/(2·o)."""
    unit = 2 * o
    if way == "nearest":
        return Run((2 * i + 1) * n // unit)
    centre = (2 * i + 1) * n - o
    shrinks = antialias and n > o
    if centre % unit == 0 and not shrinks:
        return Run(centre // unit)
    radius = _RADIUS[way] * 2 * (n if shrinks else o)
    first, last = (centre - radius) // unit + 1, -((-centre - radius) // unit) - 1
    return Run(first, last - first + 1)


def _same_ratio(n: tuple[int, ...], o: tuple[int, ...], *, grow: bool) -> tuple[int, int]:
    """Height and width with the ratio of o that lie in n, or around it."""
    (height, width), (high, wide) = n, o
    fitting = width * high // wide, height * wide // high
    if grow:
        return max(height, fitting[0]), max(width, fitting[1])
    return max(min(height, fitting[0]), 1), max(min(width, fitting[1]), 1)


def _of_the_middle(
    n: tuple[int, ...], o: tuple[int, ...], way: Interpolation, *, antialias: bool
) -> tuple[AxisTaps, ...]:
    """A resize of the largest middle part of n that has the ratio of o."""
    parts = zip(n, o, _same_ratio(n, o, grow=False), strict=True)
    return tuple(_of_a_part(part, (m - part) // 2, t, way, antialias) for m, t, part in parts)


def _of_a_part(part: int, start: int, o: int, way: Interpolation, antialias: bool) -> AxisTaps:  # noqa: FBT001  # private, one caller
    """A resize of `part` positions from `start` on; a run for each output, cut at the part's ends.

    Beyond the part lies picture, not padding: a run that leaves it would not drop out by itself.
    """
    if o > MOST_PHASES:
        return Open(f"a resize of a part to {o} positions has more than {MOST_PHASES:,} phases")
    runs = (_read(i, part, o, way, antialias=antialias) for i in range(o))
    cut = ((max(run.first, 0), min(run.last, part - 1)) for run in runs)
    return Taps(part, tuple(Run(start + first, last - first + 1) for first, last in cut))


def _moved(taps: AxisTaps, by: int) -> AxisTaps:
    if not isinstance(taps, Taps):
        return taps
    moved = (None if run is None else Run(run.first + by, run.count) for run in taps.runs)
    return Taps(taps.step, tuple(moved))
