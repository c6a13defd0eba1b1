"""Layers that Keras 3 does not have, or not for everybody, made with `keras.ops` for every backend.

Locally connected layers and ThresholdedReLU are Keras 2's; the scaling layers live inside Keras's
ready-made networks; a causal separable convolution is what Keras 2 had.
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
    convolution,
    locally_connected,
    merging,
    normalization,
    resampling,
    scaling,
)
from checkers.engine import cells, local_kernel

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


class AdaptiveMaxPooling(keras.layers.Layer):  # type: ignore[misc]  # Keras has no types
    """The largest number of each cell.

    Keras 3.15 pools with a window larger than the map on its way to a single cell; the empty result
    is a division by zero in oneDNN, which ends the process on some processors.
    """

    def __init__(self, record: Any) -> None:
        super().__init__(dtype=record.dtype)
        self.output_size = record.output_size

    def call(self, inputs: Any) -> Any:
        """Axis by axis: the positions of each cell side by side, and the largest of them."""
        for axis, wanted in enumerate(self.output_size, start=1):
            places = cells.members(inputs.shape[axis], wanted)
            inputs = ops.max(ops.take(inputs, places, axis=axis), axis=axis + 1)
        return inputs

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """The cells; batch and channels stay."""
        return (input_shape[0], *self.output_size, input_shape[-1])


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
