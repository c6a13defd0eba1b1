"""Activations: the functions a layer may carry, and the layers that do nothing else."""

from __future__ import annotations

from typing import ClassVar, Literal

from answers.errors import InputError
from answers.expressions.expression import Name, Product, Values
from answers.expressions.size import floor_of, surely
from answers.layers.base import Dim, Layer, Shape, Weight, axis_names, axis_of, known, one, text
from answers.layers.taps import EVERYTHING, ITSELF, InputTaps
from answers.record import record

# Keras 3.15's functions of one argument, by the name that it writes; and the hard_sigmoid of Keras 1
# and 2, 0.2·x + 0.5 between 0 and 1, which is another function than today's x/6 + 0.5
Function = Literal[
    "linear",
    "relu",
    "relu6",
    "leaky_relu",
    "elu",
    "selu",
    "celu",
    "gelu",
    "glu",
    "silu",
    "hard_silu",
    "mish",
    "sigmoid",
    "hard_sigmoid",
    "hard_sigmoid_keras2",
    "log_sigmoid",
    "sparse_sigmoid",
    "tanh",
    "hard_tanh",
    "tanh_shrink",
    "hard_shrink",
    "soft_shrink",
    "softplus",
    "sparse_plus",
    "squareplus",
    "softsign",
    "exponential",
    "softmax",
    "log_softmax",
    "sparsemax",
]
Places = int | tuple[int, ...]  # one axis or several, counted with the batch axis


@record(kw_only=True)
class ReLU(Layer):
    """max(x, 0), with a slope below the threshold and a cap, as Keras's ReLU layer has them."""

    max_value: float | None = None
    negative_slope: float = 0.0
    threshold: float = 0.0


@record(kw_only=True)
class LeakyReLU(Layer):
    """x for x ≥ 0, negative_slope·x below (Maas, Hannun, Ng 2013)."""

    negative_slope: float = 0.3


@record(kw_only=True)
class ELU(Layer):
    """x for x ≥ 0, alpha·(exp(x) − 1) below (Clevert, Unterthiner, Hochreiter 2016)."""

    alpha: float = 1.0


@record(kw_only=True)
class ThresholdedReLU(Layer):
    """x for x > theta, 0 below. Keras 2 has it, Keras 3 does not."""

    theta: float = 1.0


@record(kw_only=True)
class PReLU(Layer):
    """x for x ≥ 0, alpha·x below, alpha learned (He et al. 2015).

    shared_axes: the axes, counted with the batch axis, along which alpha is the same.
    """

    shared_axes: Places | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if any(axis < 1 for axis in self._shared):
            # Keras takes a negative axis here for another one than elsewhere
            raise InputError(
                "config-value",
                f"PReLU.shared_axes {self.shared_axes} must count the axes from 1.",
            )

    def output_shape(self, *inputs: Shape) -> Shape:
        """The input's shape, which must have the shared axes."""
        shape = one(inputs)
        for axis in self._shared:
            axis_of(axis, shape)
        return shape

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        """alpha: the input's sizes, 1 along the shared axes."""
        shape = self.output_shape(*inputs)
        shared = {axis - 1 for axis in self._shared}
        own = [place for place in range(len(shape)) if place not in shared]
        sizes = tuple(
            known(size, "A size of the input of a PReLU") if place in own else 1
            for place, size in enumerate(shape)
        )
        names = tuple(map(Name, size_names(len(shape))))
        return (Weight("alpha", sizes, count=Product(tuple(names[place] for place in own))),)

    def letters(self, *inputs: Shape) -> Values:
        """The sizes of the input."""
        return sizes_by_name(one(inputs))

    @property
    def _shared(self) -> tuple[int, ...]:
        axes = self.shared_axes
        return () if axes is None else axes if isinstance(axes, tuple) else (axes,)


def size_names(axes: int) -> tuple[str, ...]:
    """Names for the sizes of a shape: n_h, n_w, c_in; n_1, n_2, … where there are many."""
    if axes == 0:
        return ()
    before = axes - 1
    if before > 3:
        return (*(f"n_{number}" for number in range(1, axes)), "c_in")
    return (*(axis_names("n", before) if before else ()), "c_in")


def sizes_by_name(shape: Shape) -> dict[str, Dim]:
    """The sizes of a shape by their names."""
    return dict(zip(size_names(len(shape)), shape, strict=True))


@record(kw_only=True)
class Softmax(Layer):
    """exp(x) / Σ exp(x) along an axis or several, counted with the batch axis as Keras does."""

    axis: Places = -1
    mixes_channels: ClassVar[bool] = True

    def __post_init__(self) -> None:
        super().__post_init__()
        if 0 in self._axes:
            raise InputError("batch-axis", "Softmax over axis 0 would mix the pictures of a batch.")
        if not self._axes:
            raise InputError("config-value", "Softmax needs an axis to work along.")

    def output_shape(self, *inputs: Shape) -> Shape:
        """The input's shape, which must have the axis."""
        self._along(one(inputs))
        return one(inputs)

    def taps(self, *inputs: Shape) -> tuple[InputTaps, ...]:
        """Everything along its own axes, each position itself along the others."""
        shape = one(inputs)
        along = self._along(shape)
        axes = range(len(shape) - 1)
        return (tuple(EVERYTHING if axis in along else ITSELF for axis in axes),)

    @property
    def _axes(self) -> tuple[int, ...]:
        return self.axis if isinstance(self.axis, tuple) else (self.axis,)

    def _along(self, shape: Shape) -> set[int]:
        return {axis_of(axis, shape) for axis in self._axes}


ActivationLayer = ReLU | LeakyReLU | Softmax | ELU | ThresholdedReLU


def activated(shape: Shape, function: Function | ActivationLayer) -> Shape:
    """The shape after an activation: 'glu' halves the last axis, the others keep it.

    Keras 3.15 says another shape for 'glu' than it computes; this is the one that it computes.
    """
    if function != "glu" or not shape:
        return shape
    last = shape[-1]
    if last is not None and surely(last % 2 > 0):
        raise InputError(
            "activation-shape",
            f"The activation 'glu' halves the channels, but those of {text(shape)} are odd.",
        )
    return (*shape[:-1], None if last is None else floor_of(last, 2))


@record(kw_only=True)
class Activation(Layer):
    """A layer that applies one function to each number."""

    activation: Function | ActivationLayer = "linear"

    def output_shape(self, *inputs: Shape) -> Shape:
        """The input's shape; half the channels for 'glu'."""
        return activated(one(inputs), self.activation)
