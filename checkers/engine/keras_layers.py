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
        number = ops.convert_to_tensor(np.asarray(self.record.number), dtype=inputs[0].dtype)
        return join(number, inputs[0]) if self.record.number_first else join(inputs[0], number)


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
