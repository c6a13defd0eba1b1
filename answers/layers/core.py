"""The layers at the ends and in between: input, dense, flatten, reshape, dropout."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

from answers.errors import InputError
from answers.layers.activation import ActivationLayer, Function
from answers.layers.base import MOST_AXES, Layer, Shape, Weight, known, one, text
from answers.layers.fields import Count


@dataclass(frozen=True, kw_only=True)
class InputLayer(Layer):
    """Where pictures come in. shape: without the batch axis; None where a size is left open."""

    shape: tuple[Count | None, ...]

    def output_shape(self, *inputs: Shape) -> Shape:
        """Its own shape; it takes no input."""
        if inputs:
            raise InputError("input-count", "An InputLayer takes no input.")
        return self.shape


@dataclass(frozen=True, kw_only=True)
class Dense(Layer):
    """A matrix on the last axis. Parameters: (c_in + 1)·units."""

    units: Count
    activation: Function | ActivationLayer = "linear"
    use_bias: bool = True

    def output_shape(self, *inputs: Shape) -> Shape:
        """The input's shape with `units` in place of its last size."""
        shape = one(inputs)
        self._width(shape)
        return (*shape[:-1], self.units)

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        """Kernel (c_in, units), bias (units)."""
        kernel = Weight("kernel", (self._width(one(inputs)), self.units))
        return (kernel, Weight("bias", (self.units,))) if self.use_bias else (kernel,)

    def macs(self, *inputs: Shape) -> int:
        """c_in x units, at each position before the last axis."""
        shape = one(inputs)
        rows = prod(known(size, "A size") for size in shape[:-1])
        return rows * self._width(shape) * self.units

    @staticmethod
    def _width(shape: Shape) -> int:
        if not shape:
            raise InputError("input-rank", "A Dense layer needs an axis to work on.")
        return known(shape[-1], "The last size of the input of a Dense layer")


@dataclass(frozen=True, kw_only=True)
class Flatten(Layer):
    """All axes in one."""

    def output_shape(self, *inputs: Shape) -> Shape:
        """The product of the sizes; open where one of them is."""
        shape = one(inputs)
        if None in shape:
            return (None,)
        return (prod(known(size, "A size") for size in shape),)


@dataclass(frozen=True, kw_only=True)
class Reshape(Layer):
    """The same numbers in another shape; one size may be -1."""

    target_shape: tuple[int, ...]

    def __post_init__(self) -> None:
        super().__post_init__()
        if len(self.target_shape) > MOST_AXES:
            raise InputError("config-value", f"Reshape makes at most {MOST_AXES} axes.")
        if self.target_shape.count(-1) > 1 or any(n < 1 and n != -1 for n in self.target_shape):
            raise InputError(
                "config-value",
                f"Reshape.target_shape {self.target_shape} must hold sizes of at least 1, "
                "and -1 once at the most.",
            )

    def output_shape(self, *inputs: Shape) -> Shape:
        """The target shape, with -1 replaced by what is left."""
        shape = one(inputs)
        fixed = prod(size for size in self.target_shape if size != -1)
        if None in shape:
            return tuple(None if size == -1 else size for size in self.target_shape)
        total = prod(known(size, "A size") for size in shape)
        if total % fixed or (-1 not in self.target_shape and total != fixed):
            target = text(self.target_shape).replace("-1", "?")
            raise InputError(
                "reshape", f"{text(shape)} holds {total} numbers, which do not fit into {target}."
            )
        return tuple(total // fixed if size == -1 else size for size in self.target_shape)


@dataclass(frozen=True, kw_only=True)
class Dropout(Layer):
    """Sets units to zero in training; the identity at prediction (Srivastava et al. 2014)."""

    rate: float = 0.5
