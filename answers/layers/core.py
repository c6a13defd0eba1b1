"""The layers at the ends and in between: input, dense, flatten, reshape, noise for training."""

from __future__ import annotations

from functools import cache
from math import prod
from typing import ClassVar, Literal

from answers.errors import InputError
from answers.expressions.expression import Expression, Product, Values, names
from answers.expressions.size import Size, is_symbolic, quotient_of, same, surely
from answers.layers.activation import (
    ActivationLayer,
    Function,
    activated,
    size_names,
    sizes_by_name,
)
from answers.layers.base import MOST_AXES, Dim, Layer, Shape, Weight, known, one, spatial, text
from answers.layers.fields import Count
from answers.layers.taps import EVERYTHING, ITSELF, REARRANGED, InputTaps
from answers.record import record

c_in, units = names("c_in units")
KERNEL = Product((c_in, units))


Cast = Literal[
    "float16", "float32", "float64", "bfloat16", "int8", "int16", "int32", "int64", "uint8",
    "uint16", "uint32", "uint64",
]  # fmt: skip


@record(kw_only=True)
class InputLayer(Layer):
    """Where pictures come in. shape: without the batch axis; None where a size is left open.

    cast: the type that Keras turns what comes in into: into a whole number by cutting digits off.
    """

    shape: tuple[Count | None, ...]
    cast: Cast = "float32"

    def output_shape(self, *inputs: Shape) -> Shape:
        """Its own shape; it takes no input."""
        if inputs:
            raise InputError("input-count", "An InputLayer takes no input.")
        return self.shape


@record(kw_only=True)
class Dense(Layer):
    """A matrix on the last axis. Parameters: (c_in + 1)·units."""

    units: Count
    activation: Function | ActivationLayer = "linear"
    use_bias: bool = True
    mixes_channels: ClassVar[bool] = True

    def output_shape(self, *inputs: Shape) -> Shape:
        """The input's shape with `units` in place of its last size."""
        shape = one(inputs)
        self._width(shape)
        return activated((*shape[:-1], self.units), self.activation)

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        """Kernel (c_in, units), bias (units)."""
        kernel = Weight("kernel", (self._width(one(inputs)), self.units), count=KERNEL)
        return (kernel, Weight("bias", (self.units,), count=units)) if self.use_bias else (kernel,)

    def letters(self, *inputs: Shape) -> Values:
        """The sizes of the input, and units."""
        return {**sizes_by_name(one(inputs)), "units": self.units}

    def mac_rule(self, *inputs: Shape) -> Expression:
        """c_in x units, at each position before the last axis."""
        self._width(one(inputs))
        return _at_each_position(len(one(inputs)))

    @staticmethod
    def _width(shape: Shape) -> int:
        if not shape:
            raise InputError("input-rank", "A Dense layer needs an axis to work on.")
        return known(shape[-1], "The last size of the input of a Dense layer")


@cache
def _at_each_position(axes: int) -> Expression:
    before = names(" ".join(size_names(axes)[:-1]))
    return Product((KERNEL, Product(before))) if before else KERNEL


class Flatten(Layer):
    """All axes in one."""

    def output_shape(self, *inputs: Shape) -> Shape:
        """The product of the sizes; open where one of them is."""
        return (_all_numbers(one(inputs)),)

    def taps(self, *inputs: Shape) -> tuple[InputTaps, ...]:
        """The same numbers in other places."""
        return (_moved(one(inputs), self.output_shape(*inputs)),)


def _all_numbers(shape: Shape) -> Dim:
    return None if None in shape else prod(known(size, "A size") for size in shape)


def _moved(shape: Shape, out: Shape) -> InputTaps:
    """What a layer reads that puts the numbers of `shape` into the shape `out`."""
    if len(shape) == len(out) and all(map(_surely_equal, shape, out)):
        return (ITSELF,) * (len(shape) - 1)
    # a single position is read wherever its numbers go
    return EVERYTHING if all(size == 1 for size in shape[:-1]) else REARRANGED


def _surely_equal(a: Dim, b: Dim) -> bool:
    return a is not None and b is not None and same(a, b)


@record(kw_only=True)
class Reshape(Layer):
    """The same numbers in another shape; one size may be -1."""

    target_shape: tuple[int, ...]

    def __post_init__(self) -> None:
        super().__post_init__()
        if len(self.target_shape) > MOST_AXES:
            raise InputError("config-value", f"Reshape makes at most {MOST_AXES} axes.")
        bad = any(surely(size < 1) and size != -1 for size in self.target_shape)
        if bad or self.target_shape.count(-1) > 1:
            raise InputError(
                "config-value",
                f"Reshape.target_shape {self.target_shape} must hold sizes of at least 1, "
                "and -1 once at the most.",
            )

    def output_shape(self, *inputs: Shape) -> Shape:
        """The target shape, with -1 replaced by what is left."""
        total, fixed = _all_numbers(one(inputs)), self._fixed()
        if total is None:
            return tuple(None if size == -1 else size for size in self.target_shape)
        if not self._fits(total, fixed):
            target = text(self.target_shape).replace("-1", "?")
            raise InputError(
                "reshape",
                f"{text(one(inputs))} holds {total} numbers, which do not fit into {target}.",
            )
        rest = quotient_of(total, fixed)
        return tuple(rest if size == -1 else size for size in self.target_shape)

    def taps(self, *inputs: Shape) -> tuple[InputTaps, ...]:
        """The same numbers in other places, unless the shape stays."""
        return (_moved(one(inputs), self.output_shape(*inputs)),)

    def _fixed(self) -> Size:
        return prod(size for size in self.target_shape if size != -1)

    def _fits(self, total: Size, fixed: Size) -> bool:
        if -1 in self.target_shape:
            return not surely(total % fixed > 0)
        if is_symbolic(total) or is_symbolic(fixed):
            return not surely(total - fixed > 0) and not surely(total - fixed < 0)
        return total == fixed


@record(kw_only=True)
class Permute(Layer):
    """The axes in another order, counted from 1."""

    dims: tuple[Count, ...]

    def __post_init__(self) -> None:
        super().__post_init__()
        if sorted(self.dims) != list(range(1, len(self.dims) + 1)):
            raise InputError(
                "config-value", f"Permute.dims {self.dims} must name each axis from 1 on once."
            )

    def output_shape(self, *inputs: Shape) -> Shape:
        """The sizes in the new order."""
        shape = one(inputs)
        if len(shape) != len(self.dims):
            raise InputError(
                "input-rank",
                f"The layer takes {len(self.dims)} axes, but its input is {text(shape)}.",
            )
        return tuple(shape[place - 1] for place in self.dims)

    def taps(self, *inputs: Shape) -> tuple[InputTaps, ...]:
        """The same numbers in other places, unless the order stays."""
        shape = one(inputs)
        self.output_shape(shape)
        if list(self.dims) == sorted(self.dims):
            return ((ITSELF,) * (len(shape) - 1),)
        return (EVERYTHING if all(size == 1 for size in shape[:-1]) else REARRANGED,)


@record(kw_only=True)
class RepeatVector(Layer):
    """A vector n times, as a sequence."""

    n: Count

    def output_shape(self, *inputs: Shape) -> Shape:
        """(n, channels)."""
        shape = one(inputs)
        if len(shape) != 1:
            raise InputError(
                "input-rank", f"The layer takes a vector, but its input is {text(shape)}."
            )
        return (self.n, *shape)

    def taps(self, *inputs: Shape) -> tuple[InputTaps, ...]:
        """Each position reads the only one."""
        self.output_shape(*inputs)
        return (EVERYTHING,)


class Identity(Layer):
    """What goes in comes out."""


@record(kw_only=True)
class Masking(Layer):
    """Steps whose numbers all equal mask_value become zero, and recurrent layers skip them."""

    mask_value: float = 0.0
    mixes_channels: ClassVar[bool] = True


class TrainingOnly(Layer):
    """A layer that acts in training; the identity at prediction."""


@record(kw_only=True)
class ActivityRegularization(TrainingOnly):
    """Adds l1·Σ|x| + l2·Σx² to the loss."""

    l1: float = 0.0
    l2: float = 0.0


@record(kw_only=True)
class Dropout(TrainingOnly):
    """Sets units to zero in training (Srivastava et al. 2014)."""

    rate: float = 0.5


@record(kw_only=True)
class GaussianDropout(TrainingOnly):
    """Multiplies by noise around 1 in training."""

    rate: float = 0.5


@record(kw_only=True)
class GaussianNoise(TrainingOnly):
    """Adds noise in training."""

    stddev: float = 0.1


@record(kw_only=True)
class AlphaDropout(TrainingOnly):
    """Dropout that keeps mean and variance, for 'selu' (Klambauer et al. 2017)."""

    rate: float = 0.5


@record(kw_only=True)
class _SpatialDropout(TrainingOnly):
    """Sets whole channels to zero in training (Tompson et al. 2015)."""

    rank: ClassVar[int]
    rate: float = 0.5

    def output_shape(self, *inputs: Shape) -> Shape:
        """The input's shape."""
        spatial(one(inputs), self.rank)
        return one(inputs)


class SpatialDropout1D(_SpatialDropout):
    """Sets whole channels of a sequence to zero in training."""

    rank: ClassVar[int] = 1


class SpatialDropout2D(_SpatialDropout):
    """Sets whole channels of a picture to zero in training."""

    rank: ClassVar[int] = 2


class SpatialDropout3D(_SpatialDropout):
    """Sets whole channels of a volume to zero in training."""

    rank: ClassVar[int] = 3
