"""Convolutions over one to three axes: plain, depthwise, separable, transposed.

Kernel shapes are Keras's (channels last). Parameters of a plain convolution:
(k_h·k_w·c_in/groups + 1)·filters.
"""

from __future__ import annotations

from functools import cache
from math import gcd
from typing import ClassVar, Literal

from answers.errors import InputError
from answers.expressions.expression import Expression, Product, Values, names
from answers.expressions.size import Size, quotient_of, surely
from answers.layers.activation import ActivationLayer, Function, activated
from answers.layers.base import (
    Layer,
    Shape,
    Weight,
    axis_names,
    channels_of,
    one,
    product_of,
    spatial,
)
from answers.layers.fields import Count, Margin
from answers.layers.taps import InputTaps
from answers.layers.window import (
    CausalPadding,
    Padding,
    extent,
    lengths,
    transposed_length,
    transposed_taps,
    window_taps,
)
from answers.record import record

One = tuple[Count]
Pair = tuple[Count, Count]
Triple = tuple[Count, Count, Count]
Axes = tuple[Size, ...]

c_in, filters, groups, multiplier = names("c_in filters groups depth_multiplier")
CHANNELS = Product((c_in, multiplier))


@cache
def _kernel(rank: int, *, grouped: bool) -> Expression:
    channels = c_in / groups if grouped else c_in
    return Product((Product((*_window(rank), channels)), filters))


def _window(rank: int) -> tuple[Expression, ...]:
    return names(" ".join(axis_names("k", rank)))


@cache
def _depthwise(rank: int) -> Expression:
    return Product((product_of("k", rank), c_in, multiplier))


@cache
def _at_each(rank: int, letter: Literal["n", "o"], kernel: Expression) -> Expression:
    """A kernel's multiplications at each position of the output, or of the input."""
    return Product((kernel, product_of(letter, rank)))


@record(kw_only=True)
class _Windowed(Layer):
    """What the convolutions share; the activation 'glu' halves the channels that come out."""

    rank: ClassVar[int]
    kernel_size: Axes
    strides: Axes
    dilation_rate: Axes
    padding: CausalPadding = "valid"
    use_bias: bool = True
    activation: Function | ActivationLayer = "linear"

    # Keras refuses a stride together with a dilation, except for depthwise and separable ones
    stride_or_dilation: ClassVar[bool] = True
    mixes_channels: ClassVar[bool] = True

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.stride_or_dilation and _above_one(self.strides) and _above_one(self.dilation_rate):
            raise InputError(
                "stride-and-dilation",
                f"{self.kind} can't have strides {self.strides} and dilation_rate "
                f"{self.dilation_rate} together: one of them must be 1.",
            )

    def letters(self, *inputs: Shape) -> Values:
        """k_, n_, o_ of the axes; c_in, filters, groups, depth_multiplier."""
        sizes, channels = spatial(one(inputs), self.rank)
        out = self.output_shape(*inputs)[:-1]
        axes: dict[str, Size | None] = {}
        for letter, values in (("k", self.kernel_size), ("n", sizes), ("o", out)):
            axes |= zip(axis_names(letter, self.rank), values, strict=True)  # type: ignore[arg-type]  # three literals
        own = ("filters", "groups", "depth_multiplier")
        return {"c_in": channels, **axes, **{name: getattr(self, name, 1) for name in own}}

    def taps(self, *inputs: Shape) -> tuple[InputTaps, ...]:
        """A window of kernel_size along each axis."""
        sizes, _ = spatial(one(inputs), self.rank)
        axes = zip(sizes, self.kernel_size, self.strides, self.dilation_rate, strict=True)
        return (tuple(window_taps(*axis, self.padding) for axis in axes),)

    def _sizes(self, shape: Shape) -> Shape:
        sizes, _ = spatial(shape, self.rank)
        return lengths(sizes, self.kernel_size, self.strides, self.dilation_rate, self.padding)

    def _with_bias(self, size: Size, count: Expression, *kernels: Weight) -> tuple[Weight, ...]:
        bias = Weight("bias", (size,), count=count)
        return (*kernels, bias) if self.use_bias else kernels


def _above_one(sizes: Axes) -> bool:
    return any(surely(size > 1) for size in sizes)


@record(kw_only=True)
class _Conv(_Windowed):
    """A convolution: each filter sees all channels of its group."""

    filters: Count
    groups: Count = 1

    def output_shape(self, *inputs: Shape) -> Shape:
        """The spatial sizes by the window rule, `filters` channels."""
        shape = one(inputs)
        if spatial(shape, self.rank)[1] is not None:
            self._channels_per_group(shape)
        return activated((*self._sizes(shape), self.filters), self.activation)

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        """Kernel (k…, c_in/groups, filters), bias (filters)."""
        channels = self._channels_per_group(one(inputs))
        shape = (*self.kernel_size, channels, self.filters)
        kernel = Weight("kernel", shape, count=self._kernel_rule())
        return self._with_bias(self.filters, filters, kernel)

    def mac_rule(self, *inputs: Shape) -> Expression:
        """Taps x c_in/groups x filters x output positions."""
        one(inputs)
        return _at_each(self.rank, "o", self._kernel_rule())

    def _kernel_rule(self) -> Expression:
        return _kernel(self.rank, grouped=self.groups != 1)

    def _channels_per_group(self, shape: Shape) -> Size:
        channels = channels_of(shape, self.rank)
        left_over = channels % self.groups, self.filters % self.groups
        if any(surely(rest > 0) for rest in left_over):
            raise InputError(
                "groups-do-not-divide",
                f"{self.groups} groups must divide the {channels} channels and the "
                f"{self.filters} filters.",
                hint=_dividing_groups(channels, self.filters),
            )
        return quotient_of(channels, self.groups)


@record(kw_only=True)
class Conv1D(_Conv):
    """A convolution along one axis; 'causal' looks back only."""

    rank: ClassVar[int] = 1
    kernel_size: One
    strides: One = (1,)
    dilation_rate: One = (1,)


@record(kw_only=True)
class Conv2D(_Conv):
    """A convolution over a picture."""

    rank: ClassVar[int] = 2
    kernel_size: Pair
    strides: Pair = (1, 1)
    dilation_rate: Pair = (1, 1)
    padding: Padding = "valid"


@record(kw_only=True)
class Conv3D(_Conv):
    """A convolution over a volume."""

    rank: ClassVar[int] = 3
    kernel_size: Triple
    strides: Triple = (1, 1, 1)
    dilation_rate: Triple = (1, 1, 1)
    padding: Padding = "valid"


@record(kw_only=True)
class _DepthwiseConv(_Windowed):
    """Each channel has its own depth_multiplier kernels; channels are not mixed."""

    depth_multiplier: Count = 1
    stride_or_dilation: ClassVar[bool] = False
    mixes_channels: ClassVar[bool] = False

    def output_shape(self, *inputs: Shape) -> Shape:
        """The spatial sizes by the window rule, c_in·depth_multiplier channels."""
        shape = one(inputs)
        _, channels = spatial(shape, self.rank)
        out = None if channels is None else channels * self.depth_multiplier
        return activated((*self._sizes(shape), out), self.activation)

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        """Kernel (k…, c_in, depth_multiplier), bias (c_in·depth_multiplier)."""
        channels = channels_of(one(inputs), self.rank)
        shape = (*self.kernel_size, channels, self.depth_multiplier)
        kernel = Weight("kernel", shape, count=_depthwise(self.rank))
        return self._with_bias(channels * self.depth_multiplier, CHANNELS, kernel)

    def mac_rule(self, *inputs: Shape) -> Expression:
        """Taps x c_in·depth_multiplier x output positions."""
        one(inputs)
        return _at_each(self.rank, "o", _depthwise(self.rank))


@record(kw_only=True)
class DepthwiseConv1D(_DepthwiseConv):
    """A depthwise convolution along one axis."""

    rank: ClassVar[int] = 1
    kernel_size: One
    strides: One = (1,)
    dilation_rate: One = (1,)
    padding: Padding = "valid"


@record(kw_only=True)
class DepthwiseConv2D(_DepthwiseConv):
    """A depthwise convolution over a picture."""

    rank: ClassVar[int] = 2
    kernel_size: Pair
    strides: Pair = (1, 1)
    dilation_rate: Pair = (1, 1)
    padding: Padding = "valid"


@record(kw_only=True)
class _SeparableConv(_Windowed):
    """A depthwise convolution, then a 1x1 convolution; one bias, after both."""

    filters: Count
    depth_multiplier: Count = 1
    stride_or_dilation: ClassVar[bool] = False

    def output_shape(self, *inputs: Shape) -> Shape:
        """The spatial sizes by the window rule, `filters` channels."""
        return activated((*self._sizes(one(inputs)), self.filters), self.activation)

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        """Depthwise (k…, c_in, m), pointwise (1…, c_in·m, filters), bias (filters)."""
        channels = channels_of(one(inputs), self.rank)
        depthwise = (*self.kernel_size, channels, self.depth_multiplier)
        pointwise = (*(1,) * self.rank, channels * self.depth_multiplier, self.filters)
        return self._with_bias(
            self.filters,
            filters,
            Weight("depthwise_kernel", depthwise, count=_depthwise(self.rank)),
            Weight("pointwise_kernel", pointwise, count=Product((CHANNELS, filters))),
        )

    def mac_rule(self, *inputs: Shape) -> Expression:
        """Output positions x c_in·m x (taps + filters)."""
        one(inputs)
        pointwise = Product((CHANNELS, filters))
        first, second = _depthwise(self.rank), pointwise
        return _at_each(self.rank, "o", first) + _at_each(self.rank, "o", second)


@record(kw_only=True)
class SeparableConv1D(_SeparableConv):
    """A separable convolution along one axis."""

    rank: ClassVar[int] = 1
    kernel_size: One
    strides: One = (1,)
    dilation_rate: One = (1,)


@record(kw_only=True)
class SeparableConv2D(_SeparableConv):
    """A separable convolution over a picture."""

    rank: ClassVar[int] = 2
    kernel_size: Pair
    strides: Pair = (1, 1)
    dilation_rate: Pair = (1, 1)
    padding: Padding = "valid"


@record(kw_only=True)
class _ConvTranspose(_Windowed):
    """The gradient of a convolution with respect to its input, used to enlarge."""

    filters: Count
    padding: Padding = "valid"
    output_padding: Axes | None

    def __post_init__(self) -> None:
        super().__post_init__()
        pairs = zip(self.output_padding or (), self.strides, strict=False)
        if any(surely(pad >= stride) for pad, stride in pairs):
            raise InputError(
                "output-padding",
                f"output_padding {self.output_padding} must be smaller than "
                f"strides {self.strides}.",
            )

    def output_shape(self, *inputs: Shape) -> Shape:
        """The spatial sizes by the transposed rule, `filters` channels."""
        sizes, _ = spatial(one(inputs), self.rank)
        reach = [extent(*pair) for pair in zip(self.kernel_size, self.dilation_rate, strict=True)]
        axes = zip(sizes, reach, self.strides, self._extra, strict=True)
        lengths_out = (transposed_length(n, k, s, self.padding, p) for n, k, s, p in axes)
        return activated((*lengths_out, self.filters), self.activation)

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        """Kernel (k…, filters, c_in), bias (filters)."""
        channels = channels_of(one(inputs), self.rank)
        shape = (*self.kernel_size, self.filters, channels)
        kernel = Weight("kernel", shape, count=_kernel(self.rank, grouped=False))
        return self._with_bias(self.filters, filters, kernel)

    def mac_rule(self, *inputs: Shape) -> Expression:
        """Taps x c_in x filters x input positions."""
        one(inputs)
        return _at_each(self.rank, "n", _kernel(self.rank, grouped=False))

    def taps(self, *inputs: Shape) -> tuple[InputTaps, ...]:
        """What each phase of the stride reads, axis by axis."""
        spatial(one(inputs), self.rank)
        axes = zip(self.kernel_size, self.strides, self.dilation_rate, self._extra, strict=True)
        return (tuple(transposed_taps(k, s, d, self.padding, p) for k, s, d, p in axes),)

    @property
    def _extra(self) -> tuple[Size | None, ...]:
        return self.output_padding or (None,) * self.rank


@record(kw_only=True)
class Conv1DTranspose(_ConvTranspose):
    """A transposed convolution along one axis."""

    rank: ClassVar[int] = 1
    kernel_size: One
    strides: One = (1,)
    dilation_rate: One = (1,)
    output_padding: tuple[Margin] | None = None


@record(kw_only=True)
class Conv2DTranspose(_ConvTranspose):
    """A transposed convolution over a picture."""

    rank: ClassVar[int] = 2
    kernel_size: Pair
    strides: Pair = (1, 1)
    dilation_rate: Pair = (1, 1)
    output_padding: tuple[Margin, Margin] | None = None


@record(kw_only=True)
class Conv3DTranspose(_ConvTranspose):
    """A transposed convolution over a volume."""

    rank: ClassVar[int] = 3
    kernel_size: Triple
    strides: Triple = (1, 1, 1)
    dilation_rate: Triple = (1, 1, 1)
    output_padding: tuple[Margin, Margin, Margin] | None = None


def _dividing_groups(channels: Size, filters: Size) -> str:
    """Which numbers of groups would do."""
    if type(channels) is not int or type(filters) is not int:
        return ""
    largest = gcd(channels, filters)
    return (
        f"Take a number of groups that divides {largest}." if largest > 1 else "Leave groups away."
    )
