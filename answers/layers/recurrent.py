"""Recurrent layers: one cell that goes along the first axis, step by step.

With t steps, c_in numbers a step and `units` numbers of memory, a cell with g gates multiplies
(c_in + units)·g·units times a step: the two matrix products. That is what our MACs count; the
products of gates with states, activations and biases are not counted.
"""

from __future__ import annotations

from dataclasses import replace
from functools import reduce
from operator import add
from typing import ClassVar

from answers.errors import InputError
from answers.expressions.expression import Expression, Name, Product, Values, names, written
from answers.expressions.size import Size, is_symbolic
from answers.layers.activation import ActivationLayer, Function
from answers.layers.base import (
    Dim,
    Layer,
    Shape,
    Weight,
    known,
    spatial,
    text,
)
from answers.layers.fields import Count
from answers.layers.taps import (
    EVERYTHING,
    MOST_PHASES,
    UNRULED,
    AxisTaps,
    InputTaps,
    Run,
    Taps,
)
from answers.record import record

MOST_CELLS = 64  # of an RNN, one on the other
t, c_in, units = names("t c_in units")


@record(kw_only=True)
class Recurrent(Layer):
    """What every layer that goes along the steps has.

    return_sequences: an output for each step, not for the last one only.
    go_backwards: from the last step to the first; a sequence comes out in that order.
    zero_output_for_mask: an output of zeros where a step is masked, not the one before.
    return_state: what the cell holds at the end comes out too.
    masked_with_states: a mask of the steps holds where a state to begin with is given as well;
        Keras 3 forgets it there.
    Inputs are the steps, and perhaps a state to begin with in place of zeros.
    """

    return_sequences: bool = False
    go_backwards: bool = False
    zero_output_for_mask: bool = False
    return_state: bool = False
    masked_with_states: bool = True

    mixes_channels: ClassVar[bool] = True
    state_count: ClassVar[int] = 1  # tensors of which a state is made

    def states(self, *inputs: Shape) -> tuple[Shape, ...]:
        """The shapes of what the cell holds between two steps."""
        raise NotImplementedError

    @property
    def output_count(self) -> int:
        """One, and the state with return_state."""
        return 1 + self.state_count * self.return_state

    def output_shapes(self, *inputs: Shape) -> tuple[Shape, ...]:
        """What is put out, then the state with return_state."""
        state = self.states(*inputs) if self.return_state else ()
        return (self.output_shape(*inputs), *state)

    def sequence(self, inputs: tuple[Shape, ...]) -> Shape:
        """The shape of the steps, which may stand in front of a state.

        Raises: InputError input-count.
        """
        return first_of(inputs, self.state_count, self.kind)

    def taps(self, *inputs: Shape) -> tuple[InputTaps, ...]:
        """Every step up to this one; without return_sequences every step."""
        (steps,), _ = spatial(self.sequence(inputs), 1)
        every = (_up_to_here(steps, backwards=self.go_backwards),)
        first: InputTaps = every if self.return_sequences else EVERYTHING
        return (first, *(UNRULED,) * (len(inputs) - 1))

    def _put_out(self, inputs: tuple[Shape, ...], units: int) -> Shape:
        """The last step's numbers, or those of each step."""
        (steps,), _ = spatial(self.sequence(inputs), 1)
        self.check_states(inputs)
        return (steps, units) if self.return_sequences else (units,)

    def check_states(self, inputs: tuple[Shape, ...]) -> None:
        """Refuse a state of other shapes than the cell's.

        Raises: InputError shapes-differ.
        """
        for given, own in zip(inputs[1:], self.states(*inputs), strict=False):
            if not _may_be(given, own):
                raise InputError(
                    "shapes-differ",
                    f"{self.kind} begins with a state of {text(own)}, not of {text(given)}.",
                )


def first_of(inputs: tuple[Shape, ...], states: int, kind: str) -> Shape:
    """The shape of what stands in front of none or `states` tensors of a state.

    Raises: InputError input-count.
    """
    if len(inputs) not in (1, 1 + states):
        raise InputError(
            "input-count",
            f"{kind} takes its steps, and perhaps a state of {states}: it gets {len(inputs)} "
            "inputs.",
        )
    return inputs[0]


def _may_be(given: Shape, own: Shape) -> bool:
    pairs = zip(given, own, strict=False)
    return len(given) == len(own) and all(None in pair or pair[0] == pair[1] for pair in pairs)


@record(kw_only=True)
class _Cells(Recurrent):
    """A cell of `units` numbers, with matrices for its gates side by side."""

    units: Count
    activation: Function | ActivationLayer = "tanh"
    use_bias: bool = True

    gates: ClassVar[int]

    def output_shape(self, *inputs: Shape) -> Shape:
        """(units), or (steps, units) with return_sequences."""
        return self._put_out(inputs, self.units)

    def states(self, *inputs: Shape) -> tuple[Shape, ...]:
        """(units) each."""
        self.sequence(inputs)
        return ((self.units,),) * self.state_count

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        """Kernel (c_in, g·units), recurrent_kernel (units, g·units), bias (g·units)."""
        channels = known(spatial(self.sequence(inputs), 1)[1], "The number of channels")
        width = self.gates * self.units
        kernel = Weight("kernel", (channels, width), count=self._times(c_in))
        recurrent = Weight("recurrent_kernel", (self.units, width), count=self._times(units))
        return (kernel, recurrent, self._bias()) if self.use_bias else (kernel, recurrent)

    def letters(self, *inputs: Shape) -> Values:
        """The number of steps t, c_in, units."""
        (steps,), channels = spatial(self.sequence(inputs), 1)
        return {"t": steps, "c_in": channels, "units": self.units}

    def mac_rule(self, *inputs: Shape) -> Expression:
        """Both kernels, once a step."""
        self.sequence(inputs)
        return Product((t, self._times(c_in) + self._times(units)))

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
    state_count: ClassVar[int] = 2


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

    @property
    def state_count(self) -> int:  # type: ignore[override]  # here it depends on the cells
        """The tensors of all cells."""
        return sum(cell.state_count for cell in self.cells)

    def states(self, *inputs: Shape) -> tuple[Shape, ...]:
        """Those of each cell, the lowest first."""
        self.sequence(inputs)
        return tuple((cell.units,) for cell in self.cells for _ in range(cell.state_count))

    def output_shape(self, *inputs: Shape) -> Shape:
        """(units), or (steps, units) with return_sequences."""
        return self._put_out(inputs, self.units)

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        """Those of each cell, the lowest first."""
        (steps,), channels = spatial(self.sequence(inputs), 1)
        found: list[Weight] = []
        for cell in self.cells:
            found += (replace(weight, count=None) for weight in cell.weights((steps, channels)))
            channels = cell.units
        return tuple(found)

    def letters(self, *inputs: Shape) -> Values:
        """The number of steps t, c_in, and units; of several cells units_1, units_2, …"""
        (steps,), channels = spatial(self.sequence(inputs), 1)
        sizes = (cell.units for cell in self.cells)
        return {"t": steps, "c_in": channels, **dict(zip(self._names(), sizes, strict=True))}

    def _names(self) -> list[str]:
        count = len(self.cells)
        return ["units"] if count == 1 else [f"units_{n}" for n in range(1, count + 1)]

    def mac_rule(self, *inputs: Shape) -> Expression:
        """Both kernels of each cell, once a step."""
        self.sequence(inputs)
        rows: Expression = c_in
        terms: list[Expression] = []
        for name, cell in zip(self._names(), self.cells, strict=True):
            own = Name(name)
            width = own if cell.gates == 1 else Product((written(cell.gates), own))
            terms += (Product((rows, width)), Product((own, width)))
            rows = own
        return Product((t, reduce(add, terms)))


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
