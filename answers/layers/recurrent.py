"""Recurrent layers: one cell that goes along the first axis, step by step.

With t steps, c_in numbers a step and `units` numbers of memory, a cell with g gates multiplies
(c_in + units)·g·units times a step: the two matrix products. That is what our MACs count; the
products of gates with states, activations and biases are not counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import reduce
from itertools import chain, count
from operator import add
from typing import ClassVar, Literal

from answers.errors import InputError
from answers.expressions.expression import Expression, Name, Product, Values, names, written
from answers.expressions.size import Size, is_symbolic, surely
from answers.layers.activation import ActivationLayer, Function
from answers.layers.base import (
    Dim,
    Layer,
    Shape,
    Weight,
    axis_names,
    known,
    one,
    product_of,
    spatial,
    text,
)
from answers.layers.convolution import One, Pair, Triple
from answers.layers.fields import Count
from answers.layers.taps import (
    EVERYTHING,
    ITSELF,
    MOST_PHASES,
    UNRULED,
    AxisTaps,
    InputTaps,
    Run,
    Taps,
)
from answers.layers.window import Padding, lengths
from answers.record import record

MOST_CELLS = 64  # of an RNN, one on the other
t, c_in, units, filters = names("t c_in units filters")


@record(kw_only=True)
class Recurrent(Layer):
    """What every layer that goes along the steps has.

    return_sequences: an output for each step, not for the last one only.
    go_backwards: from the last step to the first; a sequence comes out in that order.
    zero_output_for_mask: an output of zeros where a step is masked, not the one before.
    """

    return_sequences: bool = False
    go_backwards: bool = False
    zero_output_for_mask: bool = False

    mixes_channels: ClassVar[bool] = True

    def steps(self, *inputs: Shape) -> Dim:
        """How many steps the input has."""
        return one(inputs)[0]


@record(kw_only=True)
class _Cells(Recurrent):
    """A cell of `units` numbers, with matrices for its gates side by side."""

    units: Count
    activation: Function | ActivationLayer = "tanh"
    use_bias: bool = True

    gates: ClassVar[int]

    def output_shape(self, *inputs: Shape) -> Shape:
        """(units), or (steps, units) with return_sequences."""
        (steps,), _ = spatial(one(inputs), 1)
        return (steps, self.units) if self.return_sequences else (self.units,)

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        """Kernel (c_in, g·units), recurrent_kernel (units, g·units), bias (g·units)."""
        channels = known(spatial(one(inputs), 1)[1], "The number of channels")
        width = self.gates * self.units
        kernel = Weight("kernel", (channels, width), count=self._times(c_in))
        recurrent = Weight("recurrent_kernel", (self.units, width), count=self._times(units))
        return (kernel, recurrent, self._bias()) if self.use_bias else (kernel, recurrent)

    def letters(self, *inputs: Shape) -> Values:
        """The number of steps t, c_in, units."""
        (steps,), channels = spatial(one(inputs), 1)
        return {"t": steps, "c_in": channels, "units": self.units}

    def mac_rule(self, *inputs: Shape) -> Expression:
        """Both kernels, once a step."""
        one(inputs)
        return Product((t, self._times(c_in) + self._times(units)))

    def taps(self, *inputs: Shape) -> tuple[InputTaps, ...]:
        """Every step up to this one; without return_sequences every step."""
        (steps,), _ = spatial(one(inputs), 1)
        if self.return_sequences:
            return ((_up_to_here(steps, backwards=self.go_backwards),),)
        return (EVERYTHING,)

    def _bias(self) -> Weight:
        return Weight("bias", (self.gates * self.units,), count=self._width())

    def _width(self) -> Expression:
        return units if self.gates == 1 else Product((written(self.gates), units))

    def _times(self, rows: Expression) -> Expression:
        return Product((rows, self._width()))


def _up_to_here(steps: Dim, *, backwards: bool) -> AxisTaps:
    """What output i reads: the steps 0 … i, or the last i + 1 of them when it goes backwards.

    Of a length that is open, or of very many steps, only the hull is said.
    """
    if steps is None or is_symbolic(steps) or steps > MOST_PHASES:
        return EVERYTHING
    first = [steps - 1 - i if backwards else 0 for i in range(steps)]
    return Taps(steps, tuple(Run(first[i], i + 1) for i in range(steps)))


@record(kw_only=True)
class SimpleRNN(_Cells):
    """h = activation(x·W + h·U + b). Parameters: (c_in + units + 1)·units."""

    gates: ClassVar[int] = 1


@record(kw_only=True)
class LSTM(_Cells):
    """A cell with an input, a forget and an output gate (Hochreiter, Schmidhuber 1997).

    Parameters: (c_in + units + 1)·4·units.
    """

    recurrent_activation: Function | ActivationLayer = "sigmoid"
    gates: ClassVar[int] = 4


@record(kw_only=True)
class GRU(_Cells):
    """A cell with an update and a reset gate (Cho et al. 2014).

    reset_after: the reset gate acts after the matrix product, which then has a bias of its own.
    Parameters: (c_in + units + 2)·3·units, with one bias the less without reset_after.
    """

    recurrent_activation: Function | ActivationLayer = "sigmoid"
    reset_after: bool = True
    gates: ClassVar[int] = 3

    def _bias(self) -> Weight:
        if not self.reset_after:
            return super()._bias()
        count = Product((written(2), self._width()))
        return Weight("bias", (2, 3 * self.units), count=count)


@record(kw_only=True)
class StackedRNNCells(Layer):
    """Cells one on the other: each gets, at a step, the output of the one below it."""

    cells: tuple[SimpleRNN | LSTM | GRU, ...]

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 1 <= len(self.cells) <= MOST_CELLS:
            raise InputError(
                "config-value", f"An RNN has 1 to {MOST_CELLS} cells, not {len(self.cells)}."
            )


@record(kw_only=True)
class RNN(Recurrent):
    """A cell, or cells one on the other, along the steps.

    cell: what the layer of that name (LSTM, GRU, SimpleRNN) does at each step; its other settings
    say nothing here.
    """

    cell: SimpleRNN | LSTM | GRU | StackedRNNCells

    @property
    def cells(self) -> tuple[SimpleRNN | LSTM | GRU, ...]:
        """The cells, the lowest first."""
        return self.cell.cells if isinstance(self.cell, StackedRNNCells) else (self.cell,)

    @property
    def units(self) -> Size:
        """How many numbers come out at a step."""
        return self.cells[-1].units

    @property
    def activation(self) -> Function | ActivationLayer:
        """The function that made the numbers, as other layers have it."""
        return self.cells[-1].activation

    def output_shape(self, *inputs: Shape) -> Shape:
        """(units), or (steps, units) with return_sequences."""
        (steps,), _ = spatial(one(inputs), 1)
        return (steps, self.units) if self.return_sequences else (self.units,)

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        """Those of each cell, the lowest first."""
        (steps,), channels = spatial(one(inputs), 1)
        found: list[Weight] = []
        for cell in self.cells:
            found += (replace(weight, count=None) for weight in cell.weights((steps, channels)))
            channels = cell.units
        return tuple(found)

    def letters(self, *inputs: Shape) -> Values:
        """The number of steps t, c_in, and units; of several cells units_1, units_2, …"""
        (steps,), channels = spatial(one(inputs), 1)
        sizes = (cell.units for cell in self.cells)
        return {"t": steps, "c_in": channels, **dict(zip(self._names(), sizes, strict=True))}

    def _names(self) -> list[str]:
        count = len(self.cells)
        return ["units"] if count == 1 else [f"units_{n}" for n in range(1, count + 1)]

    def mac_rule(self, *inputs: Shape) -> Expression:
        """Both kernels of each cell, once a step."""
        one(inputs)
        rows: Expression = c_in
        terms: list[Expression] = []
        for name, cell in zip(self._names(), self.cells, strict=True):
            own = Name(name)
            width = own if cell.gates == 1 else Product((written(cell.gates), own))
            terms += (Product((rows, width)), Product((own, width)))
            rows = own
        return Product((t, reduce(add, terms)))

    def taps(self, *inputs: Shape) -> tuple[InputTaps, ...]:
        """As one cell: every step up to this one; without return_sequences every step."""
        (steps,), _ = spatial(one(inputs), 1)
        if self.return_sequences:
            return ((_up_to_here(steps, backwards=self.go_backwards),),)
        return (EVERYTHING,)


def _check_cudnn(layer: LSTM | GRU) -> None:
    """Refuse what cuDNN's cells can't be."""
    plain = layer.use_bias and getattr(layer, "reset_after", True)
    if not plain or (layer.activation, layer.recurrent_activation) != ("tanh", "sigmoid"):
        raise InputError(
            "config-value",
            f"A {layer.kind} has a bias, tanh, sigmoid and no other setting for them.",
        )


@record(kw_only=True)
class CuDNNLSTM(LSTM):
    """The LSTM of Keras 2 for one kind of GPU, with a bias of its own for each matrix product.

    Parameters: (c_in + units + 2)·4·units.
    """

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_cudnn(self)

    def _bias(self) -> Weight:
        count = Product((written(2), self._width()))
        return Weight("bias", (8 * self.units,), count=count)


@record(kw_only=True)
class CuDNNGRU(GRU):
    """The GRU of Keras 2 for one kind of GPU; it is one with reset_after.

    Parameters: (c_in + units + 2)·3·units.
    """

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_cudnn(self)

    def _bias(self) -> Weight:
        count = Product((written(2), self._width()))
        return Weight("bias", (6 * self.units,), count=count)


@record(kw_only=True)
class _ConvLSTM(Recurrent):
    """An LSTM whose two matrix products are convolutions (Shi et al. 2015).

    The one on the input has the strides and the padding, the one on the state is 'same'.
    """

    rank: ClassVar[int]
    filters: Count
    kernel_size: tuple[Size, ...]
    strides: tuple[Size, ...]
    dilation_rate: tuple[Size, ...]
    padding: Padding = "valid"
    activation: Function | ActivationLayer = "tanh"
    recurrent_activation: Function | ActivationLayer = "sigmoid"
    use_bias: bool = True

    def __post_init__(self) -> None:
        super().__post_init__()
        if all(any(surely(n > 1) for n in sizes) for sizes in (self.strides, self.dilation_rate)):
            raise InputError(
                "stride-and-dilation",
                f"{self.kind} can't have strides {self.strides} and dilation_rate "
                f"{self.dilation_rate} together: one of them must be 1.",
            )

    def output_shape(self, *inputs: Shape) -> Shape:
        """(sizes…, filters), or (steps, sizes…, filters) with return_sequences."""
        (steps, *sizes), _ = spatial(one(inputs), self.rank + 1)
        window = (self.kernel_size, self.strides, self.dilation_rate)
        out = (*lengths(tuple(sizes), *window, self.padding), self.filters)
        return (steps, *out) if self.return_sequences else out

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        """Kernel (k…, c_in, 4·filters), recurrent_kernel (k…, filters, 4·filters), bias."""
        channels = known(spatial(one(inputs), self.rank + 1)[1], "The number of channels")
        width = 4 * self.filters
        made = (
            Weight("kernel", (*self.kernel_size, channels, width), count=self._kernel(c_in)),
            Weight(
                "recurrent_kernel",
                (*self.kernel_size, self.filters, width),
                count=self._kernel(filters),
            ),
        )
        bias = Weight("bias", (width,), count=_FOUR_FILTERS)
        return (*made, bias) if self.use_bias else made

    def letters(self, *inputs: Shape) -> Values:
        """The number of steps t, c_in, filters, k_ and o_ of the axes."""
        (steps, *_), channels = spatial(one(inputs), self.rank + 1)
        out = replace(self, return_sequences=False).output_shape(*inputs)[:-1]
        kernel = zip(axis_names("k", self.rank), self.kernel_size, strict=True)
        places = zip(axis_names("o", self.rank), out, strict=True)
        return {
            "t": steps,
            "c_in": channels,
            "filters": self.filters,
            **dict(kernel),
            **dict(places),
        }

    def mac_rule(self, *inputs: Shape) -> Expression:
        """Both convolutions at each position, once a step."""
        one(inputs)
        both = self._kernel(c_in) + self._kernel(filters)
        return Product((t, both, product_of("o", self.rank)))

    def taps(self, *inputs: Shape) -> tuple[InputTaps, ...]:
        """Not followed: a unit sees further around itself with each step."""
        one(inputs)
        return (UNRULED,)

    def _kernel(self, channels: Expression) -> Expression:
        return Product((Product((*map(Name, axis_names("k", self.rank)), channels)), _FOUR_FILTERS))


_FOUR_FILTERS = Product((written(4), filters))


@record(kw_only=True)
class ConvLSTM1D(_ConvLSTM):
    """A convolutional LSTM over steps of rows."""

    rank: ClassVar[int] = 1
    kernel_size: One
    strides: One = (1,)
    dilation_rate: One = (1,)


@record(kw_only=True)
class ConvLSTM2D(_ConvLSTM):
    """A convolutional LSTM over steps of pictures."""

    rank: ClassVar[int] = 2
    kernel_size: Pair
    strides: Pair = (1, 1)
    dilation_rate: Pair = (1, 1)


@record(kw_only=True)
class ConvLSTM3D(_ConvLSTM):
    """A convolutional LSTM over steps of volumes."""

    rank: ClassVar[int] = 3
    kernel_size: Triple
    strides: Triple = (1, 1, 1)
    dilation_rate: Triple = (1, 1, 1)


@record(kw_only=True)
class Bidirectional(Layer):
    """A recurrent layer forwards and one backwards, their outputs merged (Schuster, Paliwal 1997).

    backward_layer: None for the same layer in the other direction, with weights of its own.
    """

    layer: Recurrent
    backward_layer: Recurrent | None = None
    merge_mode: Literal["concat", "sum", "mul", "ave"] = "concat"

    mixes_channels: ClassVar[bool] = True

    def __post_init__(self) -> None:
        super().__post_init__()
        back = self.backward
        if self.layer.go_backwards == back.go_backwards:
            raise InputError(
                "config-value",
                "The two layers of a Bidirectional must go in different directions, but both have "
                f"go_backwards {back.go_backwards}.",
            )
        if self.layer.return_sequences != back.return_sequences:
            raise InputError(
                "config-value",
                "The two layers of a Bidirectional must have the same return_sequences.",
            )

    @property
    def backward(self) -> Recurrent:
        """The layer of the other direction."""
        if self.backward_layer is not None:
            return self.backward_layer
        return replace(self.layer, go_backwards=not self.layer.go_backwards)

    def output_shape(self, *inputs: Shape) -> Shape:
        """The layer's shape; twice the channels where the outputs stand side by side."""
        if self.layer.letters(*inputs) != self.backward.letters(*inputs):
            raise InputError(
                "shapes-differ", "The two layers of a Bidirectional must have the same sizes."
            )
        shape = self.layer.output_shape(*inputs)
        if self.merge_mode != "concat":
            return shape
        return (*shape[:-1], 2 * known(shape[-1], "The number of channels"))

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        """The forward layer's, then the backward layer's."""
        return self.layer.weights(*inputs) + self.backward.weights(*inputs)

    def letters(self, *inputs: Shape) -> Values:
        """Those of the forward layer."""
        return self.layer.letters(*inputs)

    def mac_rule(self, *inputs: Shape) -> Expression | None:
        """Both layers' products."""
        forth, back = self.layer.mac_rule(*inputs), self.backward.mac_rule(*inputs)
        if forth == back and forth is not None:
            return Product((written(2), forth))
        return None if forth is None or back is None else forth + back

    def taps(self, *inputs: Shape) -> tuple[InputTaps, ...]:
        """Every step: one direction sees those before, the other those after."""
        taps = self.layer.taps(*inputs)
        return ((EVERYTHING,),) if isinstance(taps[0], tuple) else taps


@record(kw_only=True)
class TimeDistributed(Layer):
    """The same layer, with the same weights, on each step of the first axis."""

    layer: Layer

    @property
    def activation(self) -> Function | Layer:
        """The function that made the numbers, as other layers have it."""
        own: Function | Layer = getattr(self.layer, "activation", "linear")
        return self.layer if isinstance(self.layer, ActivationLayer) else own

    def output_shape(self, *inputs: Shape) -> Shape:
        """The steps, then what the layer makes of one."""
        steps, step = _steps_and_step(inputs)
        return (steps, *self.layer.output_shape(step))

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        """The layer's, once."""
        return self.layer.weights(_steps_and_step(inputs)[1])

    def letters(self, *inputs: Shape) -> Values:
        """The layer's, and the number of steps."""
        steps, step = _steps_and_step(inputs)
        inner = self.layer.letters(step)
        return {**inner, _free(inner): steps}

    def mac_rule(self, *inputs: Shape) -> Expression | None:
        """The layer's, at each step."""
        _, step = _steps_and_step(inputs)
        rule = self.layer.mac_rule(step)
        if rule is None:
            return None
        return Product((Name(_free(self.layer.letters(step))), rule))

    def taps(self, *inputs: Shape) -> tuple[InputTaps, ...]:
        """Each step reads itself, and there what the layer reads."""
        _, step = _steps_and_step(inputs)
        (inner,) = self.layer.taps(step)
        return ((ITSELF, *inner) if isinstance(inner, tuple) else UNRULED,)


def _steps_and_step(inputs: tuple[Shape, ...]) -> tuple[Dim, Shape]:
    shape = one(inputs)
    if len(shape) < 2:
        raise InputError(
            "input-rank", f"TimeDistributed needs steps of something, but gets {text(shape)}."
        )
    return shape[0], shape[1:]


def _free(taken: Mapping[str, object]) -> str:
    """A letter for the steps that the layer inside does not use."""
    choices = chain(("steps",), (f"steps_{number}" for number in count(2)))
    return next(name for name in choices if name not in taken)
