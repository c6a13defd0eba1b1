"""Recurrent layers whose products are convolutions: a picture a step."""

from __future__ import annotations

from typing import ClassVar

from answers.errors import InputError
from answers.expressions.expression import Expression, Name, Product, Values, names, written
from answers.expressions.size import Size, surely
from answers.layers.activation import ActivationLayer, Function
from answers.layers.base import Shape, Weight, axis_names, known, product_of, spatial
from answers.layers.convolution import One, Pair, Triple
from answers.layers.fields import Count
from answers.layers.recurrent import Recurrent
from answers.layers.taps import UNRULED, InputTaps
from answers.layers.window import Padding, lengths
from answers.record import record

t, c_in, filters = names("t c_in filters")


@record(kw_only=True)
class _ConvLSTM(Recurrent):
    """An LSTM whose two matrix products are convolutions (Shi et al. 2015).

    The one on the input has the strides and the padding, the one on the state is 'same'.
    """

    rank: ClassVar[int]
    state_count: ClassVar[int] = 2
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
        steps, *_ = self.sequence(inputs)
        out, _ = self.states(*inputs)
        self.check_states(inputs)
        return (steps, *out) if self.return_sequences else out

    def states(self, *inputs: Shape) -> tuple[Shape, ...]:
        """What is put out at a step, and the memory: (sizes…, filters) each."""
        (_, *sizes), _ = spatial(self.sequence(inputs), self.rank + 1)
        window = (self.kernel_size, self.strides, self.dilation_rate)
        return ((*lengths(tuple(sizes), *window, self.padding), self.filters),) * 2

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        """Kernel (k…, c_in, 4·filters), recurrent_kernel (k…, filters, 4·filters), bias."""
        channels = known(spatial(self.sequence(inputs), self.rank + 1)[1], "The number of channels")
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
        (steps, *_), channels = spatial(self.sequence(inputs), self.rank + 1)
        out = self.states(*inputs)[0][:-1]
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
        self.sequence(inputs)
        both = self._kernel(c_in) + self._kernel(filters)
        return Product((t, both, product_of("o", self.rank)))

    def taps(self, *inputs: Shape) -> tuple[InputTaps, ...]:
        """Not followed: a unit sees further around itself with each step."""
        self.sequence(inputs)
        return (UNRULED,) * len(inputs)

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
