"""Locally connected layers: convolutions whose weights are not shared between positions.

They are tf.keras's, up to Keras 2; Keras 3 has none. Each output position has kernels and a bias
of its own. Parameters: taps·filters·positions + filters·positions, where the taps are
k_h·k_w·c_in and the positions o_h·o_w.
"""

from __future__ import annotations

from functools import cache
from math import prod
from typing import ClassVar

from answers.errors import InputError
from answers.expressions.expression import Expression, Product, Values, names
from answers.expressions.size import Size, is_symbolic
from answers.layers.activation import ActivationLayer, Function, activated
from answers.layers.base import (
    Layer,
    Shape,
    Weight,
    axis_names,
    channels_of,
    known,
    one,
    product_of,
    spatial,
)
from answers.layers.fields import Count
from answers.layers.taps import InputTaps, Run, Taps
from answers.layers.window import Padding, lengths, window_taps
from answers.record import record

One = tuple[Count]
Pair = tuple[Count, Count]
Axes = tuple[Size, ...]

c_in, filters = names("c_in filters")


@cache
def _kernel(rank: int) -> Expression:
    """Taps x filters x positions, three groups that belong together."""
    taps = Product((*names(" ".join(axis_names("k", rank))), c_in))
    return Product((taps, filters, product_of("o", rank)))


@cache
def _dense_kernel(rank: int) -> Expression:
    """Every input number with every output number, used or not."""
    inputs = Product((*names(" ".join(axis_names("n", rank))), c_in))
    return Product((inputs, product_of("o", rank), filters))


@cache
def _bias(rank: int) -> Expression:
    return Product((filters, product_of("o", rank)))


@record(kw_only=True)
class _LocallyConnected(Layer):
    """What both share.

    implementation: how Keras keeps the kernel. 1: a matrix a position. 2: a matrix from every
    input number to every output number; what lies outside the windows is kept and counted, but
    not used. 3: the numbers that are used, one by one.
    """

    rank: ClassVar[int]
    filters: Count
    kernel_size: Axes
    strides: Axes
    padding: Padding = "valid"
    activation: Function | ActivationLayer = "linear"
    use_bias: bool = True
    implementation: int = 1
    mixes_channels: ClassVar[bool] = True

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.implementation not in (1, 2, 3):
            raise InputError(
                "config-value",
                f"{self.kind}.implementation must be 1, 2 or 3, but it is {self.implementation}.",
            )
        if self.padding == "same" and self.implementation == 1:
            raise InputError(
                "config-value",
                f"{self.kind} can't have padding 'same' with implementation 1.",
                hint="Use padding 'valid', or implementation 2 or 3.",
            )

    def output_shape(self, *inputs: Shape) -> Shape:
        """The spatial sizes by the window rule, `filters` channels."""
        sizes, _ = spatial(one(inputs), self.rank)
        ones = (1,) * self.rank
        out = lengths(sizes, self.kernel_size, self.strides, ones, self.padding)
        return activated((*out, self.filters), self.activation)

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        """The kernel as the implementation keeps it, bias (o…, filters)."""
        kernel = {1: self._matrices, 2: self._whole, 3: self._pairs}[self.implementation](*inputs)
        bias = (*self._positions(*inputs), self.filters)
        return (
            (kernel, Weight("bias", bias, count=_bias(self.rank))) if self.use_bias else (kernel,)
        )

    def letters(self, *inputs: Shape) -> Values:
        """k_, n_, o_ of the axes; c_in, filters."""
        sizes, channels = spatial(one(inputs), self.rank)
        out = self.output_shape(*inputs)[:-1]
        values: dict[str, Size | None] = {"c_in": channels, "filters": self.filters}
        values |= dict(zip(axis_names("k", self.rank), self.kernel_size, strict=True))
        values |= dict(zip(axis_names("n", self.rank), sizes, strict=True))
        return values | dict(zip(axis_names("o", self.rank), out, strict=True))

    def mac_rule(self, *inputs: Shape) -> Expression:
        """Taps x filters x output positions: those of a convolution."""
        one(inputs)
        return _kernel(self.rank)

    def taps(self, *inputs: Shape) -> tuple[InputTaps, ...]:
        """A window of kernel_size along each axis.

        With 'same' floor(k/2) of it lies before i·s, whatever the input's size: not Keras's rule
        for convolutions.
        """
        sizes, _ = spatial(one(inputs), self.rank)
        axes = zip(sizes, self.kernel_size, self.strides, strict=True)
        if self.padding == "same":
            return (tuple(Taps(s, (Run(-(k // 2), k),)) for _, k, s in axes),)
        return (tuple(window_taps(n, k, s, 1, "valid") for n, k, s in axes),)

    def _positions(self, *inputs: Shape) -> tuple[Size, ...]:
        return tuple(known(size, "A spatial size") for size in self.output_shape(*inputs)[:-1])

    def _matrices(self, *inputs: Shape) -> Weight:
        taps = prod(self.kernel_size) * channels_of(one(inputs), self.rank)
        shape = (prod(self._positions(*inputs)), taps, self.filters)
        return Weight("kernel", shape, count=_kernel(self.rank))

    def _whole(self, *inputs: Shape) -> Weight:
        sizes = tuple(known(size, "A size") for size in one(inputs))
        shape = (*sizes, *self._positions(*inputs), self.filters)
        return Weight("kernel", shape, count=_dense_kernel(self.rank))

    def _pairs(self, *inputs: Shape) -> Weight:
        channels, out = channels_of(one(inputs), self.rank), self._positions(*inputs)
        if self.padding == "valid":
            taps = prod(self.kernel_size) * channels
            return Weight("kernel", (taps * self.filters * prod(out),), count=_kernel(self.rank))
        axes = zip(one(inputs)[:-1], self.kernel_size, self.strides, out, strict=True)
        inside = prod(_taps_inside(known(n, "A size"), k, s, o) for n, k, s, o in axes)
        return Weight("kernel", (inside * channels * self.filters,))


def _taps_inside(n: Size, k: Size, s: Size, o: Size) -> int:
    """How many of the o·k taps along an axis with 'same' lie on the input."""
    if any(map(is_symbolic, (n, k, s))):
        raise InputError(
            "size-unknown",
            "How many taps of a locally connected layer with padding 'same' lie on the input can't "
            "be said with symbols.",
            hint="Give the sizes numbers, or use padding 'valid'.",
        )
    before = k // 2
    after = (o - 1) * s - before + k - n
    return o * k - _fallen_off(before, s, o) - _fallen_off(after, s, o)


def _fallen_off(most: int, s: int, o: int) -> int:
    """Most + (most − s) + (most − 2·s) + …, as long as it is positive, at most o terms."""
    if most <= 0:
        return 0
    terms = min(o, -(-most // s))
    return terms * most - s * terms * (terms - 1) // 2


@record(kw_only=True)
class LocallyConnected1D(_LocallyConnected):
    """A window along one axis, with weights of its own at each position."""

    rank: ClassVar[int] = 1
    kernel_size: One
    strides: One = (1,)


@record(kw_only=True)
class LocallyConnected2D(_LocallyConnected):
    """A window over a picture, with weights of its own at each position."""

    rank: ClassVar[int] = 2
    kernel_size: Pair
    strides: Pair = (1, 1)
