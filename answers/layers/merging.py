"""Layers that join several inputs."""

from __future__ import annotations

from dataclasses import dataclass

from answers.errors import InputError
from answers.layers.base import Dim, Layer, Shape, axis_of, text


@dataclass(frozen=True, kw_only=True)
class Add(Layer):
    """The sum of inputs of one shape; sizes of 1 are stretched, as Keras does."""

    def output_shape(self, *inputs: Shape) -> Shape:
        """The common shape."""
        _at_least_two(inputs)
        if len({len(shape) for shape in inputs}) != 1:
            raise _different(inputs)
        return tuple(_stretched(sizes, inputs) for sizes in zip(*inputs, strict=True))


@dataclass(frozen=True, kw_only=True)
class Concatenate(Layer):
    """Inputs side by side along an axis, counted with the batch axis as Keras counts it."""

    axis: int = -1

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.axis == 0:
            raise InputError("batch-axis", "Concatenate along axis 0 would mix the pictures.")

    def output_shape(self, *inputs: Shape) -> Shape:
        """The common shape, with the sizes along the axis added up."""
        _at_least_two(inputs)
        rank = len(inputs[0])
        axis = axis_of(self.axis, inputs[0])
        if any(len(shape) != rank for shape in inputs):
            raise _different(inputs)
        sizes = list(zip(*inputs, strict=True))
        common = [_equal(sizes[i], inputs) if i != axis else _total(sizes[i]) for i in range(rank)]
        return tuple(common)


def _at_least_two(inputs: tuple[Shape, ...]) -> None:
    if len(inputs) < 2:
        raise InputError("input-count", f"The layer joins inputs, but it gets {len(inputs)}.")


def _stretched(sizes: tuple[Dim, ...], inputs: tuple[Shape, ...]) -> Dim:
    return _equal(tuple(size for size in sizes if size != 1) or (1,), inputs)


def _equal(sizes: tuple[Dim, ...], inputs: tuple[Shape, ...]) -> Dim:
    found = {size for size in sizes if size is not None}
    if len(found) > 1:
        raise _different(inputs)
    return next(iter(found), None)


def _total(sizes: tuple[Dim, ...]) -> Dim:
    found = [size for size in sizes if size is not None]
    return sum(found) if len(found) == len(sizes) else None


def _different(inputs: tuple[Shape, ...]) -> InputError:
    shapes = ", ".join(text(shape) for shape in inputs)
    return InputError(
        "shapes-differ",
        f"The inputs can't be joined: their shapes are {shapes}.",
        hint="Height and width must be equal; for a sum the channels too (a 1x1 convolution "
        "brings them together).",
    )
