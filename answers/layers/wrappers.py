"""Layers around another one: along a sequence in both directions, and on each step by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import chain, count
from typing import ClassVar, Literal, TypeVar

from answers.errors import InputError
from answers.expressions.expression import Expression, Name, Product, Values, written
from answers.layers.activation import ActivationLayer, Function
from answers.layers.base import Dim, Layer, Shape, Weight, known, one, text
from answers.layers.recurrent import Recurrent, first_of
from answers.layers.taps import EVERYTHING, ITSELF, UNRULED, InputTaps
from answers.record import record

T = TypeVar("T")


@record(kw_only=True)
class Bidirectional(Layer):
    """A recurrent layer forwards and one backwards, their outputs merged (Schuster, Paliwal 1997).

    backward_layer: None for the same layer in the other direction, with weights of its own.
    merge_mode: None for both outputs side by side as two tensors.
    A state is that of the layer forwards, then that of the one backwards.
    """

    layer: Recurrent
    backward_layer: Recurrent | None = None
    merge_mode: Literal["concat", "sum", "mul", "ave"] | None = "concat"

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
        if self.layer.return_state != back.return_state:
            raise InputError(
                "config-value", "The two layers of a Bidirectional must have the same return_state."
            )

    @property
    def backward(self) -> Recurrent:
        """The layer of the other direction."""
        if self.backward_layer is not None:
            return self.backward_layer
        return replace(self.layer, go_backwards=not self.layer.go_backwards)

    @property
    def output_count(self) -> int:
        """One, or two that are not merged, and the states."""
        both = self.layer.output_count + self.backward.output_count
        return both if self.merge_mode is None else both - 1

    def output_shapes(self, *inputs: Shape) -> tuple[Shape, ...]:
        """What is put out, then the states of both."""
        ways = zip((self.layer, self.backward), self.each_way(inputs), strict=True)
        (_, *forth), (second, *back) = (layer.output_shapes(*taken) for layer, taken in ways)
        beside = () if self.merge_mode is not None else (second,)
        return (self.output_shape(*inputs), *beside, *forth, *back)

    def each_way(self, inputs: Sequence[T]) -> tuple[tuple[T, ...], tuple[T, ...]]:
        """What each layer takes: the steps, and its part of the states."""
        count = self.layer.state_count if len(inputs) > 1 else 0
        return tuple(inputs[: count + 1]), (inputs[0], *inputs[count + 1 :])

    def output_shape(self, *inputs: Shape) -> Shape:
        """The layer's shape; twice the channels where the outputs stand side by side."""
        states = self.layer.state_count + self.backward.state_count
        sequence = first_of(inputs, states, self.kind)
        if self.layer.letters(sequence) != self.backward.letters(sequence):
            raise InputError(
                "shapes-differ", "The two layers of a Bidirectional must have the same sizes."
            )
        forth, back = self.each_way(inputs)
        self.backward.check_states(back)
        shape = self.layer.output_shape(*forth)
        if self.merge_mode != "concat":
            return shape
        return (*shape[:-1], 2 * known(shape[-1], "The number of channels"))

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        """The forward layer's, then the backward layer's."""
        return self.layer.weights(inputs[0]) + self.backward.weights(inputs[0])

    def letters(self, *inputs: Shape) -> Values:
        """Those of the forward layer."""
        return self.layer.letters(inputs[0])

    def mac_rule(self, *inputs: Shape) -> Expression | None:
        """Both layers' products."""
        forth, back = self.layer.mac_rule(inputs[0]), self.backward.mac_rule(inputs[0])
        if forth == back and forth is not None:
            return Product((written(2), forth))
        return None if forth is None or back is None else forth + back

    def taps(self, *inputs: Shape) -> tuple[InputTaps, ...]:
        """Every step: one direction sees those before, the other those after."""
        (taps,) = self.layer.taps(inputs[0])
        first: InputTaps = (EVERYTHING,) if isinstance(taps, tuple) else taps
        return (first, *(UNRULED,) * (len(inputs) - 1))


@record(kw_only=True)
class TimeDistributed(Layer):
    """The same layer, with the same weights, on each step of the first axis."""

    layer: Layer

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.layer.output_count > 1:
            raise InputError(
                "config-value",
                f"A TimeDistributed around a {self.layer.kind} with several outputs has no meaning.",
            )

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
