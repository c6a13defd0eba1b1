"""Operations on pictures and grids that stand in a model without a layer: cells, patches, margins.

They own no weights. Numbers lie as (height, width, channels), as TensorFlow and Keras have them.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from answers.errors import InputError
from answers.expressions.size import floor_of, is_symbolic
from answers.layers.base import Dim, Layer, Shape, axis_of, known, one, spatial, text
from answers.layers.fields import Count, Margin
from answers.layers.taps import EVERYTHING, REARRANGED, UNRULED, InputTaps
from answers.layers.window import Padding, lengths
from answers.record import record

GREY = (0.2989, 0.5870, 0.1140)  # of red, green and blue: ITU-R BT.601, as both libraries round it


@record(kw_only=True)
class Pad(Layer):
    """Margins on both sides of any axis, the batch apart.

    sides: before and after, for each axis. mode: one number, or the picture mirrored, without its
    border ('reflect') or with it ('symmetric').
    """

    sides: tuple[tuple[Margin, Margin], ...]
    mode: Literal["constant", "reflect", "symmetric"] = "constant"
    value: float = 0.0

    def output_shape(self, *inputs: Shape) -> Shape:
        """Each size and its margins.

        Raises: InputError input-rank, shapes-differ where there is less to mirror than is asked for.
        """
        shape = one(inputs)
        if len(shape) != len(self.sides):
            raise InputError(
                "input-rank", f"The layer takes {len(self.sides)} axes, but gets {text(shape)}."
            )
        rows = zip(shape, self.sides, strict=True)
        return tuple(self._size(size, *sides) for size, sides in rows)

    def _size(self, size: Dim, before: int, after: int) -> Dim:
        if self.mode != "constant" and before + after:
            size = known(size, "The size of an axis that is mirrored")
            most = size - (self.mode == "reflect")
            if is_symbolic(size) or max(before, after) > most:
                raise InputError("shapes-differ", f"An axis of {size} can't be mirrored so far.")
        return None if size is None else size + before + after

    def taps(self, *inputs: Shape) -> tuple[InputTaps, ...]:
        """Not followed: a margin may read any position."""
        self.output_shape(*inputs)
        return (UNRULED if any(self.sides[-1]) else REARRANGED,)


@record(kw_only=True)
class DepthToSpace(Layer):
    """Channels laid out as cells of block x block pixels (Shi et al. 2016: sub-pixel convolution)."""

    block: Count
    mixes_channels: ClassVar[bool] = True

    def output_shape(self, *inputs: Shape) -> Shape:
        """(block·height, block·width, channels / block²)."""
        (height, width), channels = spatial(one(inputs), 2)
        cell = self.block**2
        depth = known(channels, "The number of channels")
        if not is_symbolic(depth) and depth % cell:
            raise InputError("shapes-differ", f"{depth} channels can't be laid in {cell} pixels.")
        sizes = (None if size is None else size * self.block for size in (height, width))
        return (*sizes, floor_of(depth, cell))

    def taps(self, *inputs: Shape) -> tuple[InputTaps, ...]:
        """The same numbers in other places."""
        self.output_shape(*inputs)
        return (REARRANGED,)


@record(kw_only=True)
class SpaceToDepth(Layer):
    """Cells of block x block pixels laid behind each other in the channels."""

    block: Count
    mixes_channels: ClassVar[bool] = True

    def output_shape(self, *inputs: Shape) -> Shape:
        """(height / block, width / block, channels·block²)."""
        sizes, channels = spatial(one(inputs), 2)
        for size in sizes:
            if size is not None and not is_symbolic(size) and size % self.block:
                raise InputError(
                    "shapes-differ", f"{size} pixels are no whole cells of {self.block}."
                )
        grid = (None if size is None else floor_of(size, self.block) for size in sizes)
        return (*grid, known(channels, "The number of channels") * self.block**2)

    def taps(self, *inputs: Shape) -> tuple[InputTaps, ...]:
        """The same numbers in other places."""
        self.output_shape(*inputs)
        return (REARRANGED,)


@record(kw_only=True)
class Patches(Layer):
    """What each window sees, row by row, as the channels of its position."""

    size: tuple[Count, Count]
    strides: tuple[Count, Count]
    dilation_rate: tuple[Count, Count] = (1, 1)
    padding: Padding = "valid"
    mixes_channels: ClassVar[bool] = True

    def output_shape(self, *inputs: Shape) -> Shape:
        """(rows, columns of windows, numbers in a window)."""
        sizes, channels = spatial(one(inputs), 2)
        windows = lengths(sizes, self.size, self.strides, self.dilation_rate, self.padding)
        depth = known(channels, "The number of channels")
        return (*windows, self.size[0] * self.size[1] * depth)

    def taps(self, *inputs: Shape) -> tuple[InputTaps, ...]:
        """The same numbers in other places."""
        self.output_shape(*inputs)
        return (REARRANGED,)


@record(kw_only=True)
class PictureStandardization(Layer):
    """A picture less its mean, by its spread, or by 1/√n of its n numbers where that is larger.

    Source: `tf.image.per_image_standardization`.
    """

    mixes_channels: ClassVar[bool] = True

    def output_shape(self, *inputs: Shape) -> Shape:
        """The input's: height, width, channels."""
        spatial(one(inputs), 2)
        return one(inputs)

    def taps(self, *inputs: Shape) -> tuple[InputTaps, ...]:
        """All of the picture."""
        self.output_shape(*inputs)
        return ((EVERYTHING, EVERYTHING),)


@record(kw_only=True)
class Grey(Layer):
    """The grey of red, green and blue, as the only channel."""

    mixes_channels: ClassVar[bool] = True

    def output_shape(self, *inputs: Shape) -> Shape:
        """The input's, with one channel for its three."""
        shape = one(inputs)
        axis_of(-1, shape)
        if shape[-1] not in (3, None):
            raise InputError("shapes-differ", f"{text(shape)} has not red, green and blue.")
        return (*shape[:-1], 1)
