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

Shape = tuple[int | None, ...]


# registered: Keras's Bidirectional makes its second layer from the settings of the first
@keras.saving.register_keras_serializable("companion")  # type: ignore[untyped-decorator]  # Keras has no types
def hard_sigmoid_keras2(x: Any) -> Any:
    """0.2·x + 0.5 between 0 and 1, as Keras 1 and 2 have it."""
    return ops.clip(0.2 * x + 0.5, 0.0, 1.0)


class LocallyConnected(keras.layers.Layer):  # type: ignore[misc]  # Keras has no types
    """A locally connected layer that keeps its kernel in the form of its implementation.

    Whatever the form, each output position p has a matrix K[p] of taps x filters; the output is
    patch[p] · K[p] + bias[p]. Forms 2 and 3 are read through an index, and a mask that is zero
    where a tap lies outside the input.
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
            self.index, self.mask = _index(self.record, self.sizes, self.channels, self.out)
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
        margins = [(0, 0), *_margins(record, self.sizes, self.out), (0, 0)]
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


def _margins(record: Any, sizes: tuple[int, ...], out: tuple[int, ...]) -> list[tuple[int, int]]:
    """The padding of 'same' as Keras 2 has it here: floor(k/2) before, whatever the size."""
    axes = zip(sizes, record.kernel_size, record.strides, out, strict=True)
    return [(k // 2, max((o - 1) * s - k // 2 + k - n, 0)) for n, k, s, o in axes]


def _index(
    record: Any, sizes: tuple[int, ...], channels: int, out: tuple[int, ...]
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Where the stored kernel holds K[p, tap, filter], and 1 where the tap lies on the input."""
    place, inside = _places(record, sizes, out)  # (positions, window)
    place = (place[:, :, None] * channels + np.arange(channels)).reshape(len(place), -1)
    inside = np.repeat(inside, channels, axis=1)
    filters = np.arange(record.filters)
    if record.implementation == 2:
        row = np.arange(len(place))[:, None] + place * len(place)
        index = row[:, :, None] * record.filters + filters
    else:
        count = inside.sum(1)
        first = np.concatenate([[0], np.cumsum(count)[:-1]]) * record.filters
        rank = np.cumsum(inside, axis=1) - 1
        index = first[:, None, None] + count[:, None, None] * filters + rank[:, :, None]
    mask = inside[:, :, None].astype("float32")
    return np.where(inside[:, :, None], index, 0).astype("int32"), mask


def _places(
    record: Any, sizes: tuple[int, ...], out: tuple[int, ...]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """For each output position and tap of the window its place on the input, and if it is there."""
    before = [k // 2 if record.padding == "same" else 0 for k in record.kernel_size]
    units = np.indices(out).reshape(len(out), -1, 1)
    taps = np.indices(record.kernel_size).reshape(len(out), 1, -1)
    strides = np.reshape(record.strides, (-1, 1, 1))
    at = units * strides - np.reshape(before, (-1, 1, 1)) + taps
    inside = np.all((at >= 0) & (at < np.reshape(sizes, (-1, 1, 1))), axis=0)
    place = np.ravel_multi_index(tuple(at), sizes, mode="clip")
    return place, inside


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
}


class Arithmetic(_Operation):
    """Two tensors, or a tensor and numbers."""

    record: arithmetic.Arithmetic

    def call(self, inputs: list[Any]) -> Any:
        """The inputs joined, number by number."""
        join = _JOIN[self.record.operation]
        if self.record.number is None:
            return join(*inputs)
        number = ops.convert_to_tensor(np.asarray(self.record.number), dtype=inputs[0].dtype)
        return join(number, inputs[0]) if self.record.number_first else join(inputs[0], number)


class MathFunction(_Operation):
    """A function of each number."""

    def call(self, inputs: Any) -> Any:
        """Its values."""
        return getattr(ops, self.record.function)(inputs)


class Reduction(_Operation):
    """The mean, sum, largest or smallest number along axes."""

    def call(self, inputs: Any) -> Any:
        """What is left."""
        axes = self.record.axis
        if axes is None:
            axes = tuple(range(1, len(inputs.shape)))
        return getattr(ops, self.record.operation)(inputs, axes, keepdims=self.record.keepdims)


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
