"""Layers that change the grid: padding, up-sampling, resizing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from answers.layers.base import Layer, Shape, one, spatial
from answers.layers.fields import Count, Margin

Pair = tuple[Count, Count]
Sides = tuple[Margin, Margin]
Interpolation = Literal["nearest", "bilinear", "bicubic", "lanczos3", "lanczos5"]


@dataclass(frozen=True, kw_only=True)
class ZeroPadding2D(Layer):
    """Zeros around the picture. padding: ((top, bottom), (left, right))."""

    padding: tuple[Sides, Sides] = ((1, 1), (1, 1))

    def output_shape(self, *inputs: Shape) -> Shape:
        """Height and width grow by their two sides."""
        sizes, channels = spatial(one(inputs), 2)
        pairs = zip(sizes, self.padding, strict=True)
        grown = (None if size is None else size + sum(sides) for size, sides in pairs)
        return (*grown, channels)


@dataclass(frozen=True, kw_only=True)
class UpSampling2D(Layer):
    """Each pixel becomes size[0] x size[1] pixels."""

    size: Pair = (2, 2)
    interpolation: Interpolation = "nearest"

    def output_shape(self, *inputs: Shape) -> Shape:
        """Height and width times `size`."""
        sizes, channels = spatial(one(inputs), 2)
        pairs = zip(sizes, self.size, strict=True)
        grown = (None if size is None else size * factor for size, factor in pairs)
        return (*grown, channels)


@dataclass(frozen=True, kw_only=True)
class Resizing(Layer):
    """The picture at another size, half-pixel centres, no antialiasing unless asked."""

    height: Count
    width: Count
    interpolation: Interpolation = "bilinear"
    crop_to_aspect_ratio: bool = False
    pad_to_aspect_ratio: bool = False
    antialias: bool = False

    def output_shape(self, *inputs: Shape) -> Shape:
        """(height, width, channels)."""
        _, channels = spatial(one(inputs), 2)
        return (self.height, self.width, channels)
