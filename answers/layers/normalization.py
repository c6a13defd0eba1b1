"""Normalisation: by the statistics of a batch, of the channels, of groups, or by a length.

Axes are counted with the batch axis, as Keras counts them. Nothing here is multiplied in the sense
of our MACs.
"""

from __future__ import annotations

from typing import Any, ClassVar

from answers.errors import InputError
from answers.expressions.expression import Expression, Name, Values
from answers.expressions.size import Size, floor_of, is_symbolic, surely
from answers.layers.base import Layer, Shape, Weight, axis_of, known, one, text
from answers.layers.taps import (
    EVERYTHING,
    ITSELF,
    MOST_PHASES,
    AxisTaps,
    InputTaps,
    Open,
    Run,
    Taps,
)
from answers.record import record

Axes = int | tuple[int, ...]

c_in = Name("c_in")


@record(kw_only=True)
class _Normalization(Layer):
    """What the families share: an epsilon against division by zero, and an axis."""

    axis: Axes = -1
    epsilon: float = 0.001

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.epsilon < 0:
            raise InputError("config-value", f"epsilon must not be negative: {self.epsilon}.")
        _not_the_batch(self.axis)

    def output_shape(self, *inputs: Shape) -> Shape:
        """The input's shape, which must have the axis."""
        _places(self.axis, one(inputs))
        return one(inputs)

    def letters(self, *inputs: Shape) -> Values:
        """c_in: the size of the axis, where it is one."""
        shape = one(inputs)
        places = _places(self.axis, shape)
        return {"c_in": shape[places[0]]} if len(places) == 1 else {}

    def _sizes(self, shape: Shape) -> tuple[Size, ...]:
        places = _places(self.axis, shape)
        return tuple(known(shape[place], "The normalised size") for place in places)

    def _weight(self, name: str, shape: Shape, *, trainable: bool = True) -> Weight:
        sizes = self._sizes(shape)
        return Weight(name, sizes, trainable, c_in if len(sizes) == 1 else None)


def _axes(axis: Axes) -> tuple[int, ...]:
    # Keras sorts them as they are written, negative ones first
    return tuple(sorted(axis)) if isinstance(axis, tuple) else (axis,)


def _not_the_batch(axis: Axes) -> None:
    if 0 in _axes(axis):
        raise InputError("batch-axis", "Normalising along axis 0 would mix the pictures.")


def _places(axis: Axes, shape: Shape) -> tuple[int, ...]:
    places = tuple(axis_of(item, shape) for item in _axes(axis))
    if not places or len(set(places)) < len(places):
        raise InputError(
            "config-value", f"axis {axis} must name some axes of {text(shape)}, each once."
        )
    return places


def _over(axis: Axes, shape: Shape) -> tuple[InputTaps, ...]:
    """An axis that the mean goes over is read everywhere; along the others a unit reads itself."""
    places = _places(axis, shape)
    return (tuple(EVERYTHING if i in places else ITSELF for i in range(len(shape) - 1)),)


_OF_RENORM = ("moving_stddev", "renorm_mean", "renorm_stddev")


@record(kw_only=True)
class BatchNormalization(_Normalization):
    """gamma·(x − mean)/sqrt(variance + epsilon) + beta along an axis (Ioffe, Szegedy 2015).

    At prediction the moving mean and variance are used, which training updates but no gradient
    reaches: they are parameters that are not trainable. Parameters: 2 to 4 a channel.
    renorm: trained as Keras 2 could (Ioffe 2017), which leaves three more that prediction never uses.
    """

    axis: int = -1
    center: bool = True
    scale: bool = True
    renorm: bool = False

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        """Gamma (if scale), beta (if center), moving_mean, moving_variance; each (channels).

        With renorm moving_stddev, renorm_mean, renorm_stddev follow.
        """
        shape = one(inputs)
        gamma = (self._weight("gamma", shape),) if self.scale else ()
        beta = (self._weight("beta", shape),) if self.center else ()
        moving = ("moving_mean", "moving_variance", *(_OF_RENORM if self.renorm else ()))
        return gamma + beta + tuple(self._weight(name, shape, trainable=False) for name in moving)


@record(kw_only=True)
class LayerNormalization(_Normalization):
    """(x − mean)/sqrt(variance + epsilon) over some axes of one sample (Ba, Kiros, Hinton 2016).

    rms_scaling: divide by the variance alone, without a mean and without beta (older Keras 3).
    Parameters: 2 for each place of the normalised axes.
    """

    center: bool = True
    scale: bool = True
    rms_scaling: bool = False
    mixes_channels: ClassVar[bool] = True

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        """Gamma (if scale), beta (if center); the sizes of the normalised axes."""
        shape = one(inputs)
        gamma = (self._weight("gamma", shape),) if self.scale or self.rms_scaling else ()
        beta = (self._weight("beta", shape),) if self.center and not self.rms_scaling else ()
        return gamma + beta

    def taps(self, *inputs: Shape) -> tuple[InputTaps, ...]:
        """Everything along the normalised axes."""
        return _over(self.axis, one(inputs))


@record(kw_only=True)
class RMSNormalization(_Normalization):
    """x·scale/sqrt(mean(x²) + epsilon) over some axes of one sample (Zhang, Sennrich 2019)."""

    epsilon: float = 1e-6
    mixes_channels: ClassVar[bool] = True

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        """Scale; the sizes of the normalised axes."""
        return (self._weight("scale", one(inputs)),)

    def taps(self, *inputs: Shape) -> tuple[InputTaps, ...]:
        """Everything along the normalised axes."""
        return _over(self.axis, one(inputs))


@record(kw_only=True)
class UnitNormalization(Layer):
    """Each vector along some axes divided by its length, so that it has length 1.

    least: what a shorter vector is divided by; Keras 2 has another number than Keras 3, and a file
    says none.
    """

    axis: Axes = -1
    least: float = 1e-12
    mixes_channels: ClassVar[bool] = True

    def __post_init__(self) -> None:
        super().__post_init__()
        _not_the_batch(self.axis)

    def output_shape(self, *inputs: Shape) -> Shape:
        """The input's shape, which must have the axes."""
        _places(self.axis, one(inputs))
        return one(inputs)

    def taps(self, *inputs: Shape) -> tuple[InputTaps, ...]:
        """Everything along the normalised axes."""
        return _over(self.axis, one(inputs))


@record(kw_only=True)
class GroupNormalization(_Normalization):
    """Mean and variance over groups of channels and all positions of one sample (Wu, He 2018).

    groups: how many; −1 for one a channel (instance normalisation). Parameters: 2 a channel.
    """

    groups: int = 32
    axis: int = -1
    center: bool = True
    scale: bool = True
    mixes_channels: ClassVar[bool] = True

    def __post_init__(self) -> None:
        super().__post_init__()
        if surely(self.groups < 1) and self.groups != -1:
            raise InputError(
                "config-value",
                f"GroupNormalization.groups must be at least 1, or -1, not {self.groups}.",
            )

    def output_shape(self, *inputs: Shape) -> Shape:
        """The input's shape; groups must divide its channels."""
        self._group(one(inputs))
        return one(inputs)

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        """Gamma (if scale), beta (if center); each (channels)."""
        shape = one(inputs)
        self._group(shape)
        gamma = (self._weight("gamma", shape),) if self.scale else ()
        beta = (self._weight("beta", shape),) if self.center else ()
        return gamma + beta

    def taps(self, *inputs: Shape) -> tuple[InputTaps, ...]:
        """Everything along each axis; along the grouped one its group."""
        shape = one(inputs)
        (place,) = _places(self.axis, shape)
        each: list[AxisTaps] = [EVERYTHING] * (len(shape) - 1)
        if place < len(each):
            size = self._group(shape)
            each[place] = EVERYTHING if self.groups == 1 else _group_taps(size)
        return (tuple(each),)

    def _group(self, shape: Shape) -> Size:
        """How many channels a group has."""
        (channels,) = self._sizes(shape)
        if self.groups == -1:
            return 1
        if surely(channels % self.groups > 0):
            raise InputError(
                "groups-do-not-divide",
                f"{self.groups} groups must divide the {channels} channels.",
            )
        return floor_of(channels, self.groups)


def _group_taps(size: Size) -> AxisTaps:
    """Unit i reads the units of its group: floor(i/size)·size and those after it."""
    if is_symbolic(size) or size > MOST_PHASES:
        return Open("each unit reads its group; give the size of a group a smaller number")
    return Taps(size, (Run(0, size),) * size)


# What has a kernel, or a table, that can be divided by its largest singular value.
_WITH_KERNEL = frozenset(
    """
    Conv1D Conv1DTranspose Conv2D Conv2DTranspose Conv3D Conv3DTranspose Dense DepthwiseConv1D
    DepthwiseConv2D EinsumDense Embedding
    """.split()  # noqa: SIM905  # a text reads better than a column
)


@record(kw_only=True)
class SpectralNormalization(Layer):
    """A layer whose kernel training divides by its largest singular value (Miyato et al. 2018).

    At prediction it is the layer, with the kernel as it stands in the file. One array more, u, is
    what training finds the singular value with.
    """

    layer: Layer

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.layer.kind not in _WITH_KERNEL:
            raise InputError(
                "config-value",
                f"SpectralNormalization holds a {self.layer.kind}: it has no kernel.",
            )

    @property
    def mixes_channels(self) -> bool:  # type: ignore[override]  # it is the inner layer's
        """Whether an output depends on all channels of its position."""
        return self.layer.mixes_channels

    @property
    def activation(self) -> Any:
        """The function that made the numbers, as other layers have it."""
        return getattr(self.layer, "activation", "linear")

    def output_shape(self, *inputs: Shape) -> Shape:
        """The layer's."""
        return self.layer.output_shape(*inputs)

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        """The layer's kernel, vector_u (1, last size of the kernel), the layer's other arrays."""
        kernel, *others = self.layer.weights(*inputs)
        u = Weight("vector_u", (1, kernel.shape[-1]), trainable=False)
        return (kernel, u, *others)

    def letters(self, *inputs: Shape) -> Values:
        """The layer's."""
        return self.layer.letters(*inputs)

    def mac_rule(self, *inputs: Shape) -> Expression | None:
        """The layer's."""
        return self.layer.mac_rule(*inputs)

    def taps(self, *inputs: Shape) -> tuple[InputTaps, ...]:
        """The layer's."""
        return self.layer.taps(*inputs)
