"""What every layer is: a frozen record of Keras's arguments that knows its shapes and weights.

Shapes carry no batch axis. A size that a model leaves open is None, and stays None in whatever
is derived from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Literal

from answers.errors import InputError
from answers.layers.fields import LARGEST, checked, schema

Dim = int | None
Shape = tuple[Dim, ...]
MOST_AXES = 32  # what NumPy 1 can hold
Policy = Literal[
    "float16", "float32", "float64", "bfloat16", "mixed_float16", "mixed_bfloat16"
]  # Keras's dtype policies; mixed ones compute in 16 bits and store in 32


@dataclass(frozen=True)
class Weight:
    """One array of a layer: its name in Keras 3, its shape, and whether training changes it."""

    name: str
    shape: tuple[int, ...]
    trainable: bool = True

    @property
    def size(self) -> int:
        """How many numbers it holds."""
        return prod(self.shape)


@dataclass(frozen=True, kw_only=True)
class Layer:
    """The arguments of one Keras layer that change its output, named as Keras names them.

    dtype: Keras's dtype policy.
    Raises: InputError `config-value` when a field does not hold what its annotation says.
    """

    dtype: Policy = "float32"

    def __post_init__(self) -> None:
        for name, hint in schema(type(self)).items():
            value = checked(getattr(self, name), hint, f"{self.kind}.{name}")
            object.__setattr__(self, name, value)

    @property
    def kind(self) -> str:
        """Keras's class name of this layer."""
        return type(self).__name__

    def output_shape(self, *inputs: Shape) -> Shape:
        """The shape that comes out when `inputs` go in."""
        return one(inputs)

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:  # noqa: ARG002  # most layers have none
        """The arrays this layer owns when it is built on `inputs`, in Keras's order of creation."""
        return ()

    def macs(self, *inputs: Shape) -> int:  # noqa: ARG002  # most layers multiply nothing
        """Multiply-accumulates for one sample.

        Taps on zero padding count; bias, normalisation, activation and pooling do not.
        """
        return 0


def one(inputs: tuple[Shape, ...]) -> Shape:
    """The only input of a layer that takes one."""
    if len(inputs) != 1:
        raise InputError("input-count", f"The layer takes one input, but it gets {len(inputs)}.")
    return inputs[0]


def known(size: Dim, what: str) -> int:
    """A size that must be known."""
    if size is None:
        raise InputError("size-unknown", f"{what} is left open (None), but it is needed here.")
    return size


def spatial(shape: Shape, rank: int) -> tuple[Shape, int]:
    """Split a shape into its `rank` spatial sizes and its channels (channels last)."""
    if len(shape) != rank + 1:
        raise InputError(
            "input-rank",
            f"The layer takes {rank} spatial sizes and channels, but its input is {text(shape)}.",
        )
    return shape[:-1], known(shape[-1], "The number of channels")


def positions(sizes: Shape) -> int:
    """How many positions a grid of these sizes has."""
    return prod(known(size, "A spatial size") for size in sizes)


def possible(shape: Shape) -> Shape:
    """A shape that an array can have.

    Raises: InputError `tensor-too-large`; without it the sizes of a small file could grow to
    numbers of thousands of digits.
    """
    if len(shape) > MOST_AXES:
        raise InputError(
            "tensor-too-large", f"The output has {len(shape)} axes; the limit is {MOST_AXES}."
        )
    if prod(size for size in shape if size is not None) > LARGEST:
        raise InputError("tensor-too-large", f"The output is too large: {text(shape)}.")
    return shape


def axis_of(axis: int, shape: Shape) -> int:
    """The place in `shape` of an axis that Keras counts with the batch axis.

    Raises: InputError `input-rank` where the shape has no such axis, `batch-axis` for the batch.
    """
    rank = len(shape) + 1
    if not -rank <= axis < rank:
        raise InputError("input-rank", f"The input {text(shape)} has no axis {axis}.")
    if axis in (0, -rank):
        raise InputError("batch-axis", f"Axis {axis} of the input {text(shape)} is the batch.")
    return axis - 1 if axis > 0 else axis + rank - 1


def text(shape: Shape) -> str:
    """A shape for people: 32x32x3, with ? for a size left open."""
    return "x".join("?" if size is None else str(size) for size in shape) or "a single number"
