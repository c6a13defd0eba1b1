"""Convolutions in two dimensions: plain, depthwise, separable, transposed.

Kernel shapes are Keras's (channels last). Parameters of a plain convolution:
(k_h·k_w·c_in/groups + 1)·filters.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

from answers.errors import InputError
from answers.layers.activation import ActivationLayer, Function
from answers.layers.base import Layer, Shape, Weight, one, positions, spatial
from answers.layers.fields import Count, Margin
from answers.layers.window import Padding, extent, lengths, transposed_length

Pair = tuple[Count, Count]


@dataclass(frozen=True, kw_only=True)
class _Windowed(Layer):
    """What the four convolutions share."""

    kernel_size: Pair
    strides: Pair = (1, 1)
    padding: Padding = "valid"
    dilation_rate: Pair = (1, 1)
    use_bias: bool = True
    activation: Function | ActivationLayer = "linear"

    def __post_init__(self) -> None:
        super().__post_init__()
        if max(self.strides) > 1 and max(self.dilation_rate) > 1 and self._either_or:
            raise InputError(
                "stride-and-dilation",
                f"{self.kind} can't have strides {self.strides} and dilation_rate "
                f"{self.dilation_rate} together: one of them must be 1.",
            )

    _either_or = True

    def _sizes(self, shape: Shape) -> Shape:
        sizes, _ = spatial(shape, 2)
        return lengths(sizes, self.kernel_size, self.strides, self.dilation_rate, self.padding)

    def _with_bias(self, size: int, *kernels: Weight) -> tuple[Weight, ...]:
        return (*kernels, Weight("bias", (size,))) if self.use_bias else kernels


@dataclass(frozen=True, kw_only=True)
class Conv2D(_Windowed):
    """A convolution: each filter sees all channels of its group."""

    filters: Count
    groups: Count = 1

    def output_shape(self, *inputs: Shape) -> Shape:
        """Height and width by the window rule, `filters` channels."""
        shape = one(inputs)
        self._channels_per_group(shape)
        return (*self._sizes(shape), self.filters)

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        """Kernel (k_h, k_w, c_in/groups, filters), bias (filters)."""
        channels = self._channels_per_group(one(inputs))
        kernel = Weight("kernel", (*self.kernel_size, channels, self.filters))
        return self._with_bias(self.filters, kernel)

    def macs(self, *inputs: Shape) -> int:
        """Taps x output positions x c_in/groups x filters."""
        shape = one(inputs)
        per_position = prod(self.kernel_size) * self._channels_per_group(shape) * self.filters
        return per_position * positions(self._sizes(shape))

    def _channels_per_group(self, shape: Shape) -> int:
        _, channels = spatial(shape, 2)
        if channels % self.groups or self.filters % self.groups:
            raise InputError(
                "groups-do-not-divide",
                f"{self.groups} groups must divide the {channels} channels and the "
                f"{self.filters} filters.",
            )
        return channels // self.groups


@dataclass(frozen=True, kw_only=True)
class DepthwiseConv2D(_Windowed):
    """Each channel has its own depth_multiplier kernels; channels are not mixed."""

    depth_multiplier: Count = 1
    _either_or = False

    def output_shape(self, *inputs: Shape) -> Shape:
        """Height and width by the window rule, c_in·depth_multiplier channels."""
        shape = one(inputs)
        _, channels = spatial(shape, 2)
        return (*self._sizes(shape), channels * self.depth_multiplier)

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        """Kernel (k_h, k_w, c_in, depth_multiplier), bias (c_in·depth_multiplier)."""
        _, channels = spatial(one(inputs), 2)
        kernel = Weight("kernel", (*self.kernel_size, channels, self.depth_multiplier))
        return self._with_bias(channels * self.depth_multiplier, kernel)

    def macs(self, *inputs: Shape) -> int:
        """Taps x output positions x c_in·depth_multiplier."""
        shape = one(inputs)
        _, channels = spatial(shape, 2)
        per_position = prod(self.kernel_size) * channels * self.depth_multiplier
        return per_position * positions(self._sizes(shape))


@dataclass(frozen=True, kw_only=True)
class SeparableConv2D(_Windowed):
    """A depthwise convolution, then a 1x1 convolution; one bias, after both."""

    filters: Count
    depth_multiplier: Count = 1
    _either_or = False

    def output_shape(self, *inputs: Shape) -> Shape:
        """Height and width by the window rule, `filters` channels."""
        return (*self._sizes(one(inputs)), self.filters)

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        """Depthwise (k_h, k_w, c_in, m), pointwise (1, 1, c_in·m, filters), bias (filters)."""
        _, channels = spatial(one(inputs), 2)
        depthwise = (*self.kernel_size, channels, self.depth_multiplier)
        pointwise = (1, 1, channels * self.depth_multiplier, self.filters)
        return self._with_bias(
            self.filters,
            Weight("depthwise_kernel", depthwise),
            Weight("pointwise_kernel", pointwise),
        )

    def macs(self, *inputs: Shape) -> int:
        """Output positions x c_in·m x (taps + filters)."""
        shape = one(inputs)
        _, channels = spatial(shape, 2)
        middle = channels * self.depth_multiplier
        per_position = middle * (prod(self.kernel_size) + self.filters)
        return per_position * positions(self._sizes(shape))


@dataclass(frozen=True, kw_only=True)
class Conv2DTranspose(_Windowed):
    """The gradient of a convolution with respect to its input, used to enlarge."""

    filters: Count
    output_padding: tuple[Margin, Margin] | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        pairs = zip(self.output_padding or (0, 0), self.strides, strict=True)
        if self.output_padding and any(pad >= stride for pad, stride in pairs):
            raise InputError(
                "output-padding",
                f"output_padding {self.output_padding} must be smaller than "
                f"strides {self.strides}.",
            )

    def output_shape(self, *inputs: Shape) -> Shape:
        """Height and width by the transposed rule, `filters` channels."""
        sizes, _ = spatial(one(inputs), 2)
        reach = [extent(*pair) for pair in zip(self.kernel_size, self.dilation_rate, strict=True)]
        extra = self.output_padding or (None, None)
        axes = zip(sizes, reach, self.strides, extra, strict=True)
        lengths_out = (transposed_length(n, k, s, self.padding, p) for n, k, s, p in axes)
        return (*lengths_out, self.filters)

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        """Kernel (k_h, k_w, filters, c_in), bias (filters)."""
        _, channels = spatial(one(inputs), 2)
        kernel = Weight("kernel", (*self.kernel_size, self.filters, channels))
        return self._with_bias(self.filters, kernel)

    def macs(self, *inputs: Shape) -> int:
        """Input positions x taps x c_in x filters."""
        sizes, channels = spatial(one(inputs), 2)
        return positions(sizes) * prod(self.kernel_size) * channels * self.filters
