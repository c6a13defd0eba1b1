"""Layers that Keras 3 does not have, or not for everybody, made with `keras.ops` for every backend.

Locally connected layers and ThresholdedReLU are Keras 2's; the scaling layers live inside Keras's
ready-made networks; a causal separable convolution is what Keras 2 had. Arithmetic on tensors has
no layer in any Keras: here each operation is one, which leaves the type of its input as it is.
"""

from __future__ import annotations

from itertools import product
from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from answers.layers import (
    activation,
    arithmetic,
    convolution,
    locally_connected,
    merging,
    normalization,
    picture_operations,
    resampling,
    scaling,
)
from answers.layers.base import axis_of
from checkers.engine import local_kernel

Shape = tuple[int | None, ...]


# registered: Keras's Bidirectional makes its second layer from the settings of the first
@keras.saving.register_keras_serializable("companion")  # type: ignore[untyped-decorator]  # Keras has no types
def hard_sigmoid_keras2(x: Any) -> Any:
    """0.2·x + 0.5 between 0 and 1, as Keras 1 and 2 have it."""
    return ops.clip(0.2 * x + 0.5, 0.0, 1.0)


class LocallyConnected(keras.layers.Layer):  # type: ignore[misc]  # Keras has no types
    """A locally connected layer that keeps its kernel in the form of its implementation.

    Each output position p has a matrix K[p] of taps x filters (`local_kernel`); the output is
    patch[p] · K[p] + bias[p].
    """

    def __init__(
        self,
        record: locally_connected.LocallyConnected1D | locally_connected.LocallyConnected2D,
        function: Any,
    ) -> None:
        super().__init__(dtype=record.dtype)
        self.record = record
        self.function = function
        self.index: NDArray[np.int32] | None = None
        self.mask: NDArray[np.float32] | None = None

    def build(self, input_shape: Shape) -> None:
        """Make the arrays as the file holds them."""
        self.sizes = tuple(int(size or 0) for size in input_shape[1:-1])
        self.channels = int(input_shape[-1] or 0)
        out = self.record.output_shape(input_shape[1:])[:-1]
        self.out = tuple(int(size or 0) for size in out)
        for weight in self.record.weights(input_shape[1:]):
            variable = self.add_weight(name=weight.name, shape=weight.shape, initializer="zeros")
            setattr(self, f"stored_{weight.name}", variable)
        if self.record.implementation != 1:
            self.index, self.mask = local_kernel.index(
                self.record, self.sizes, self.channels, self.out
            )
        self.built = True

    def call(self, inputs: Any) -> Any:
        """The output, (batch, *out, filters)."""
        patches = self._patches(inputs)  # (positions, batch, taps)
        values = ops.transpose(ops.matmul(patches, self._kernel()), (1, 0, 2))
        values = ops.reshape(values, (-1, *self.out, self.record.filters))
        if self.record.use_bias:
            values = values + self.stored_bias
        return self.function(values)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """The record's."""
        return (input_shape[0], *self.record.output_shape(input_shape[1:]))

    def _patches(self, inputs: Any) -> Any:
        record = self.record
        margins = [(0, 0), *local_kernel.margins(record, self.sizes, self.out), (0, 0)]
        padded = ops.pad(inputs, margins) if record.padding == "same" else inputs
        parts = []
        for tap in product(*map(range, record.kernel_size)):
            steps = zip(tap, record.strides, self.out, strict=True)
            where = tuple(slice(t, t + s * (o - 1) + 1, s) for t, s, o in steps)
            parts.append(padded[(slice(None), *where, slice(None))])
        stacked = ops.stack(parts, axis=-2)  # (batch, *out, window, channels)
        flat = ops.reshape(stacked, (-1, int(np.prod(self.out)), len(parts) * self.channels))
        return ops.transpose(flat, (1, 0, 2))

    def _kernel(self) -> Any:
        """(positions, taps, filters)."""
        if self.index is None:
            return self.stored_kernel
        flat = ops.reshape(self.stored_kernel, (-1,))
        return ops.take(flat, self.index) * ops.cast(self.mask, flat.dtype)


class ThresholdedReLU(keras.layers.Layer):  # type: ignore[misc]  # Keras has no types
    """x where x > theta, otherwise 0."""

    def __init__(self, record: activation.ThresholdedReLU) -> None:
        super().__init__(dtype=record.dtype)
        self.theta = record.theta

    def call(self, inputs: Any) -> Any:
        """The inputs above theta."""
        return inputs * ops.cast(inputs > self.theta, inputs.dtype)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """The input's."""
        return input_shape


class UpSamplingOfKeras2(keras.layers.Layer):  # type: ignore[misc]  # Keras has no types
    """Straight lines between the pixels, each of which stays at the corner of its block."""

    def __init__(self, record: resampling.UpSampling2D) -> None:
        super().__init__(dtype=record.dtype)
        self.record = record

    def call(self, inputs: Any) -> Any:
        """Rows, then columns."""
        for axis, factor in enumerate(self.record.size, start=1):
            inputs = self._along(inputs, axis, factor)
        return inputs

    def _along(self, x: Any, axis: int, factor: int) -> Any:
        size = ops.shape(x)[axis]
        rest, last = (
            (slice(None),) * axis + (part,) for part in (slice(1, None), slice(size - 1, size))
        )
        after = ops.concatenate([x[rest], x[last]], axis=axis)
        shape = [factor if place == axis + 1 else 1 for place in range(5)]
        part = ops.reshape(ops.cast(np.arange(factor) / factor, x.dtype), shape)
        low, step = (ops.expand_dims(values, axis + 1) for values in (x, after - x))
        made = ops.shape(x)
        return ops.reshape(
            low + step * part,
            [made[0], *(n * factor if a == axis else n for a, n in enumerate(made) if a)],
        )

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Each side times its factor."""
        batch, *sides, channels = input_shape
        pairs = zip(sides, self.record.size, strict=True)
        return (batch, *(None if n is None else n * factor for n, factor in pairs), channels)


class LayerScale(keras.layers.Layer):  # type: ignore[misc]  # Keras has no types
    """x·gamma, a factor for each channel."""

    def __init__(self, record: scaling.LayerScale) -> None:
        super().__init__(dtype=record.dtype)
        self.factors = record.projection_dim

    def build(self, input_shape: Shape) -> None:  # noqa: ARG002  # Keras passes it
        """Make gamma."""
        self.gamma = self.add_weight(name="gamma", shape=(self.factors,), initializer="ones")
        self.built = True

    def call(self, inputs: Any) -> Any:
        """The inputs times gamma."""
        return inputs * self.gamma

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """The input's."""
        return input_shape


class ScaledSum(keras.layers.Layer):  # type: ignore[misc]  # Keras has no types
    """a + scale·b."""

    def __init__(self, record: scaling.CustomScaleLayer) -> None:
        super().__init__(dtype=record.dtype)
        self.scale = record.scale

    def call(self, inputs: list[Any]) -> Any:
        """The first input plus scale times the second."""
        return inputs[0] + inputs[1] * self.scale

    def compute_output_shape(self, input_shape: list[Shape]) -> Shape:
        """The common one."""
        inner = merging.Add().output_shape(*(shape[1:] for shape in input_shape))
        return (input_shape[0][0], *inner)


class UnitNormalization(keras.layers.UnitNormalization):  # type: ignore[misc]  # Keras has no types
    """Keras's, with the least length of the Keras that wrote the file."""

    def __init__(self, record: normalization.UnitNormalization) -> None:
        super().__init__(record.axis, dtype=record.dtype)
        self.least = record.least

    def call(self, inputs: Any) -> Any:
        """The vectors, of length 1."""
        return ops.normalize(inputs, axis=self.axis, epsilon=self.least)


class _EndOfMask(keras.layers.Layer):  # type: ignore[misc]  # Keras has no types
    """The same numbers without a mask."""

    supports_masking = True  # so that Keras doesn't warn that it ends

    def call(self, inputs: Any) -> Any:
        """A tensor of its own, since a mask clings to a tensor."""
        return inputs * 1

    def compute_mask(self, inputs: Any, previous_mask: Any) -> None:
        """None."""


def without_mask(tensor: Any) -> Any:
    """A tensor whose mask ends here; itself where it has none."""
    return tensor if getattr(tensor, "_keras_mask", None) is None else _EndOfMask()(tensor)


class CausalSeparableConv1D(keras.layers.SeparableConv1D):  # type: ignore[misc]  # Keras has no types
    """A separable convolution that looks back only: zeros before the sequence, then 'valid'."""

    def __init__(self, record: convolution.SeparableConv1D, **window: Any) -> None:
        super().__init__(record.filters, depth_multiplier=record.depth_multiplier, **window)
        self.before = (record.kernel_size[0] - 1) * record.dilation_rate[0]

    def call(self, inputs: Any) -> Any:
        """The output of the padded sequence."""
        return super().call(ops.pad(inputs, [(0, 0), (self.before, 0), (0, 0)]))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """That of the padded sequence."""
        steps = input_shape[1]
        padded = None if steps is None else steps + self.before
        shape: Shape = super().compute_output_shape((input_shape[0], padded, input_shape[2]))
        return shape


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
