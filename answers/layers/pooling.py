"""Pooling: a window's maximum or mean, or the whole picture's."""

from __future__ import annotations

from dataclasses import dataclass

from answers.layers.base import Layer, Shape, one, spatial
from answers.layers.fields import Count
from answers.layers.window import Padding, lengths

Pair = tuple[Count, Count]


@dataclass(frozen=True, kw_only=True)
class _Pooling2D(Layer):
    """A window that goes over the picture. strides None: the windows touch."""

    pool_size: Pair = (2, 2)
    strides: Pair | None = None
    padding: Padding = "valid"

    def output_shape(self, *inputs: Shape) -> Shape:
        """Height and width by the window rule; channels stay."""
        sizes, channels = spatial(one(inputs), 2)
        strides = self.strides or self.pool_size
        return (*lengths(sizes, self.pool_size, strides, (1, 1), self.padding), channels)


@dataclass(frozen=True, kw_only=True)
class MaxPooling2D(_Pooling2D):
    """The largest value of each window; padding never wins."""


@dataclass(frozen=True, kw_only=True)
class AveragePooling2D(_Pooling2D):
    """The mean of each window; padding is not counted."""


@dataclass(frozen=True, kw_only=True)
class _GlobalPooling2D(Layer):
    """One number a channel. keepdims: leave the two axes with size 1."""

    keepdims: bool = False

    def output_shape(self, *inputs: Shape) -> Shape:
        """(channels), or (1, 1, channels) with keepdims."""
        _, channels = spatial(one(inputs), 2)
        return (1, 1, channels) if self.keepdims else (channels,)


@dataclass(frozen=True, kw_only=True)
class GlobalAveragePooling2D(_GlobalPooling2D):
    """The mean of each channel."""


@dataclass(frozen=True, kw_only=True)
class GlobalMaxPooling2D(_GlobalPooling2D):
    """The largest value of each channel."""
