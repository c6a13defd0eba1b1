"""Operations on tensors, each as a layer that leaves the type of its input as it is.

Keras has none for most of them; these are made with `keras.ops` for every backend.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from answers.layers import arithmetic, picture_operations, selection, tensor_operations
from answers.layers.base import Layer, axis_of

Shape = tuple[int | None, ...]


class _Operation(keras.layers.Layer):  # type: ignore[misc]  # Keras has no types
    """An operation on tensors, by its record."""

    def __init__(self, record: Any) -> None:
        super().__init__(dtype=record.dtype, autocast=False)
        self.record = record

    def compute_output_shape(self, input_shape: Any) -> Shape:
        """The record's."""
        shapes = input_shape if isinstance(input_shape, list) else [input_shape]
        return (shapes[0][0], *self.record.output_shape(*(shape[1:] for shape in shapes)))


_JOIN = {
    "add": ops.add,
    "subtract": ops.subtract,
    "multiply": ops.multiply,
    "divide": ops.divide,
    "power": ops.power,
    "maximum": ops.maximum,
    "minimum": ops.minimum,
    "floor_divide": ops.floor_divide,
    "mod": ops.mod,
    "arctan2": ops.arctan2,
    "logaddexp": ops.logaddexp,
    "divide_no_nan": ops.divide_no_nan,
    "squared_difference": lambda a, b: ops.square(ops.subtract(a, b)),
}


class Arithmetic(_Operation):
    """Two tensors, or a tensor and numbers."""

    record: Any

    def call(self, inputs: list[Any]) -> Any:
        """The inputs joined, number by number."""
        return self.joined(_JOIN[self.record.operation], inputs)

    def joined(self, join: Any, inputs: list[Any]) -> Any:
        """What a function makes of both sides, as they stand."""
        if self.record.number is None:
            return join(*inputs)
        table = np.asarray(self.record.number)
        table = table.reshape(self.record.sizes) if self.record.sizes else table
        value = inputs[0]
        if "int" in keras.backend.standardize_dtype(value.dtype):
            value = ops.cast(value, "float32")  # whole numbers with a fraction are floats in Keras
        number = ops.convert_to_tensor(table, dtype=value.dtype)
        return join(number, value) if self.record.number_first else join(value, number)


class MathFunction(_Operation):
    """A function of each number."""

    def call(self, inputs: Any) -> Any:
        """Its values."""
        if self.record.function == "gelu_tanh":
            return ops.gelu(inputs, approximate=True)
        if self.record.function == "exp2" and not hasattr(ops, "exp2"):
            return ops.power(ops.cast(2.0, inputs.dtype), inputs)  # Keras before 3.11
        return getattr(ops, self.record.function)(inputs)


class Reduction(_Operation):
    """The mean, sum, largest or smallest number along axes."""

    def call(self, inputs: Any) -> Any:
        """What is left."""
        axes = self.record.axis
        if axes is None:
            axes = tuple(range(1, len(inputs.shape)))
        reduce = getattr(ops, self.record.operation)
        return reduce(inputs, axis=axes, keepdims=self.record.keepdims)


class GetItem(_Operation):
    """A part of a tensor."""

    def call(self, inputs: Any) -> Any:
        """What is cut out, every picture of the batch alike."""
        parts = [part for part, _ in self.record.pairs(tuple(inputs.shape[1:]))]
        return inputs[(slice(None), *map(_index_of, parts))]


def _index_of(part: str) -> Any:
    if part == "new":
        return None
    return arithmetic.slice_of(part) if ":" in part else int(part)


class Comparison(Arithmetic):
    """1 where a comparison holds, 0 elsewhere."""

    def call(self, inputs: list[Any]) -> Any:
        """The truths as numbers of the type that was compared."""
        truths = self.joined(getattr(ops, self.record.operation), inputs)
        return ops.cast(truths, inputs[0].dtype)


class Where(_Operation):
    """One value or another."""

    def call(self, inputs: list[Any]) -> Any:
        """The values chosen by the first input."""
        condition, *left = inputs
        values = [left.pop(0) if n is None else n for n in (self.record.yes, self.record.no)]
        return ops.where(ops.not_equal(condition, 0), *values)


class Clip(_Operation):
    """Each number between two."""

    def call(self, inputs: Any) -> Any:
        """The numbers, those outside at the end that is nearer."""
        return ops.clip(inputs, self.record.low, self.record.high)


class UnitLength(_Operation):
    """Vectors by their length."""

    def call(self, inputs: Any) -> Any:
        """The vectors, of length 1."""
        return ops.normalize(inputs, self.record.axis, epsilon=self.record.epsilon)


class Stack(_Operation):
    """Inputs along a new axis."""

    def call(self, inputs: list[Any]) -> Any:
        """The inputs side by side."""
        return ops.stack(inputs, axis=self.record.axis)


class Part(_Operation):
    """A part of a tensor along an axis."""

    def call(self, inputs: Any) -> Any:
        """The part, without its axis where that goes."""
        shape = tuple(inputs.shape[1:])
        start, stop = self.record.bounds(shape)
        place = axis_of(self.record.axis, shape) + 1
        cut = slice(start, stop) if self.record.keepdims else start
        return inputs[(*(slice(None),) * place, cut)]


class Tile(_Operation):
    """A tensor several times behind itself."""

    def call(self, inputs: Any) -> Any:
        """The copies."""
        return ops.tile(inputs, (1, *self.record.repeats))


class Repeat(_Operation):
    """Each position several times."""

    def call(self, inputs: Any) -> Any:
        """The copies, each behind its own."""
        return ops.repeat(inputs, self.record.repeats, axis=self.record.axis)


class MoveAxis(_Operation):
    """An axis at another place."""

    def call(self, inputs: Any) -> Any:
        """The tensor with its axes in the new order."""
        order = self.record.order(tuple(inputs.shape[1:]))
        return ops.transpose(inputs, (0, *(place + 1 for place in order)))


class Matmul(_Operation):
    """The matrix product of the last two axes."""

    def call(self, inputs: list[Any]) -> Any:
        """The product."""
        turned = (self.record.transpose_a, self.record.transpose_b)
        pairs = zip(inputs, turned, strict=True)
        return ops.matmul(*(ops.swapaxes(x, -1, -2) if turn else x for x, turn in pairs))


class Einsum(_Operation):
    """Sums of products by an equation."""

    def call(self, inputs: list[Any]) -> Any:
        """What the equation says."""
        return ops.einsum(self.record.subscripts, *inputs)


class Roll(_Operation):
    """Each position further on along axes, the last ones in front."""

    def call(self, inputs: Any) -> Any:
        """The numbers in their new places."""
        return ops.roll(inputs, self.record.shift, axis=self.record.axis)


class Extreme(_Operation):
    """The place of the largest or smallest number."""

    def call(self, inputs: Any) -> Any:
        """The places, as numbers of the type that came."""
        places = getattr(ops, self.record.operation)(inputs, self.record.axis)
        kept = ops.expand_dims(places, self.record.axis) if self.record.keepdims else places
        return ops.cast(kept, inputs.dtype)


class Sort(_Operation):
    """The numbers of an axis in order."""

    def call(self, inputs: Any) -> Any:
        """The numbers, the smallest or the largest first."""
        made = ops.sort(inputs, axis=self.record.axis)
        return ops.flip(made, axis=self.record.axis) if self.record.descending else made


class Cumulative(_Operation):
    """Sums or products of all up to each."""

    def call(self, inputs: Any) -> Any:
        """What is there so far; without itself that is 0 or 1 at first."""
        record, axis = self.record, self.record.axis
        value = ops.flip(inputs, axis=axis) if record.reverse else inputs
        made = (ops.cumsum if record.operation == "sum" else ops.cumprod)(value, axis=axis)
        if record.exclusive:
            place = axis_of(axis, tuple(inputs.shape[1:])) + 1
            first = made[(*(slice(None),) * place, slice(0, 1))]
            like = ops.zeros_like if record.operation == "sum" else ops.ones_like
            rest = made[(*(slice(None),) * place, slice(0, -1))]
            made = ops.concatenate([like(first), rest], axis=place)
        return ops.flip(made, axis=axis) if record.reverse else made


class Gather(_Operation):
    """Some positions of an axis."""

    def call(self, inputs: Any) -> Any:
        """The positions in their order."""
        places = np.asarray(self.record.places, "int32")
        return ops.take(inputs, places, axis=self.record.axis)


class OneHot(_Operation):
    """1 at the place that a number names."""

    def call(self, inputs: Any) -> Any:
        """Zeros and ones in float32, as both libraries make them unless told."""
        return ops.one_hot(ops.cast(inputs, "int32"), self.record.classes)


class WholePart(_Operation):
    """Numbers without their fraction."""

    def call(self, inputs: Any) -> Any:
        """Floats all the same."""
        return ops.trunc(inputs)


class Filled(_Operation):
    """The same number everywhere."""

    def call(self, inputs: Any) -> Any:
        """As many as came."""
        return ops.full_like(inputs, self.record.value)


class Logical(_Operation):
    """Both, one or just one of two truths."""

    def call(self, inputs: list[Any]) -> Any:
        """The truths as numbers of the type that came."""
        join = getattr(ops, f"logical_{self.record.operation}")
        made = join(*(ops.not_equal(x, 0) for x in inputs))
        return ops.cast(made, inputs[0].dtype)


class Pad(_Operation):
    """Margins of a number, or mirrored."""

    def call(self, inputs: Any) -> Any:
        """The larger tensor."""
        sides = ((0, 0), *self.record.sides)
        value = self.record.value if self.record.mode == "constant" else None
        return ops.pad(inputs, sides, mode=self.record.mode, constant_values=value)


class DepthToSpace(_Operation):
    """Channels as cells of pixels."""

    def call(self, inputs: Any) -> Any:
        """The larger, thinner picture."""
        (batch, height, width, depth), block = ops.shape(inputs), self.record.block
        thin = depth // block**2
        cells = ops.reshape(inputs, (batch, height, width, block, block, thin))
        laid = ops.transpose(cells, (0, 1, 3, 2, 4, 5))
        return ops.reshape(laid, (batch, height * block, width * block, thin))


class SpaceToDepth(_Operation):
    """Cells of pixels as channels."""

    def call(self, inputs: Any) -> Any:
        """The smaller, deeper picture."""
        (batch, height, width, depth), block = ops.shape(inputs), self.record.block
        rows, columns = height // block, width // block
        cells = ops.reshape(inputs, (batch, rows, block, columns, block, depth))
        laid = ops.transpose(cells, (0, 1, 3, 2, 4, 5))
        return ops.reshape(laid, (batch, rows, columns, block * block * depth))


class Patches(_Operation):
    """What each window sees, as channels."""

    def call(self, inputs: Any) -> Any:
        """The windows of the picture."""
        record = self.record
        return ops.image.extract_patches(
            inputs,
            record.size,
            strides=record.strides,
            dilation_rate=record.dilation_rate,
            padding=record.padding,
            data_format="channels_last",
        )


class PictureStandardization(_Operation):
    """A picture less its mean, by its spread."""

    def call(self, inputs: Any) -> Any:
        """The picture, with a bound for one of a single colour."""
        axes = (1, 2, 3)
        apart = inputs - ops.mean(inputs, axis=axes, keepdims=True)
        count = ops.cast(ops.prod(ops.shape(inputs)[1:]), inputs.dtype)
        return apart / ops.maximum(ops.std(inputs, axis=axes, keepdims=True), ops.rsqrt(count))


class Grey(_Operation):
    """The grey of red, green and blue."""

    def call(self, inputs: Any) -> Any:
        """One channel."""
        weights = ops.cast(np.asarray(picture_operations.GREY, "float32"), inputs.dtype)
        return ops.sum(inputs * weights, axis=-1, keepdims=True)


MADE: dict[type[Layer], type[_Operation]] = {
    arithmetic.Arithmetic: Arithmetic,
    arithmetic.GetItem: GetItem,
    arithmetic.MathFunction: MathFunction,
    arithmetic.Reduction: Reduction,
    picture_operations.DepthToSpace: DepthToSpace,
    picture_operations.Grey: Grey,
    picture_operations.Pad: Pad,
    picture_operations.Patches: Patches,
    picture_operations.PictureStandardization: PictureStandardization,
    picture_operations.SpaceToDepth: SpaceToDepth,
    selection.Cumulative: Cumulative,
    selection.Extreme: Extreme,
    selection.Filled: Filled,
    selection.Gather: Gather,
    selection.Logical: Logical,
    selection.OneHot: OneHot,
    selection.Roll: Roll,
    selection.Sort: Sort,
    selection.WholePart: WholePart,
    tensor_operations.Clip: Clip,
    tensor_operations.Comparison: Comparison,
    tensor_operations.Einsum: Einsum,
    tensor_operations.Matmul: Matmul,
    tensor_operations.MoveAxis: MoveAxis,
    tensor_operations.Part: Part,
    tensor_operations.Repeat: Repeat,
    tensor_operations.Stack: Stack,
    tensor_operations.Tile: Tile,
    tensor_operations.UnitLength: UnitLength,
    tensor_operations.Where: Where,
}
