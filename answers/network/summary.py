"""A network as a table: of each layer the output, the parameters, the multiplications.

What can't be known is None in its row, and what was added up around it is a lower bound: a layer
without a rule is unknown, never zero.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TypeVar

from answers.errors import InputError
from answers.expressions.size import Size
from answers.layers.base import Layer, Shape, Weight, possible
from answers.layers.core import InputLayer
from answers.layers.unknown import Unknown
from answers.network.graph import Network, Tensor
from answers.network.shapes import (
    MOST_CALLS,
    Known,
    accepted,
    check_letters,
    has_letters,
    input_shapes,
)
from answers.record import record

# what a size left open, or a layer without a rule, keeps from being known
_NOT_KNOWN = ("size-unknown", "layer-unknown")
T = TypeVar("T")


@record(kw_only=True)
class Row:
    """One layer of a network.

    path: node names from the outermost network to the layer. inputs, output: the shapes of its
        first call; None where they can't be known. weights: its arrays, None where not known.
    macs: of all its calls for one sample; None where they can't be known.
    beside: the shapes of its states or scores, where it gives them.
    calls: how often the network runs it. frozen: training leaves it alone.
    """

    path: tuple[str, ...]
    layer: Layer
    inputs: tuple[Known, ...]
    output: Known
    weights: tuple[Weight, ...] | None
    macs: Size | None
    calls: int
    frozen: bool
    beside: tuple[Known, ...] = ()

    @property
    def kind(self) -> str:
        """Keras's class name, also of a layer without a rule."""
        layer = self.layer
        return layer.class_name if isinstance(layer, Unknown) else layer.kind

    @property
    def parameters(self) -> Size | None:
        """How many numbers its arrays hold."""
        return None if self.weights is None else sum(weight.size for weight in self.weights)

    @property
    def trainable(self) -> Size | None:
        """How many of them training changes."""
        if self.weights is None:
            return None
        return 0 if self.frozen else sum(w.size for w in self.weights if w.trainable)


@record()
class Total:
    """A sum over layers; at_least: some of them are not known."""

    value: Size
    at_least: bool = False


@record()
class Summary:
    """The rows of a network, in the order of its nodes, nested networks unfolded in their place."""

    rows: tuple[Row, ...]
    outputs: tuple[Known, ...]

    @property
    def parameters(self) -> Total:
        """All parameters; what is shared is counted once."""
        return _total([row.parameters for row in self.rows])

    @property
    def trainable(self) -> Total:
        """The parameters that training changes."""
        return _total([row.trainable for row in self.rows])

    @property
    def macs(self) -> Total:
        """The multiply-accumulates of one sample; a shared layer counts at each of its calls."""
        return _total([row.macs for row in self.rows])


def summary(network: Network) -> Summary:
    """The table of a network.

    Raises: InputError of a layer that does not fit its input, with the layer's name as its place;
    `too-many-calls`.
    """
    walk = _Walk()
    outputs = walk.run(network, (), list(input_shapes(network)), frozen=not network.trainable)
    rows = (walk.rows[path] for path in _paths(network, ()) if path in walk.rows)
    return Summary(tuple(rows), tuple(outputs))


def _paths(network: Network, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The places of all layers, in the order of the nodes."""
    for node in network.nodes:
        here = (*path, node.name)
        if isinstance(node.layer, Network):
            yield from _paths(node.layer, here)
        else:
            yield here


def _total(values: list[Size | None]) -> Total:
    known = [value for value in values if value is not None]
    return Total(sum(known), at_least=len(known) < len(values))


class _Walk:
    """Going through the calls of a network, as far as shapes are known."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, ...], Row] = {}
        self._calls = 0
        self._with_letters = 0

    def run(
        self, network: Network, path: tuple[str, ...], given: list[Known], *, frozen: bool
    ) -> list[Known]:
        """The output shapes of a network; its layers' rows are written on the way."""
        self._calls += len(network.order)
        if self._calls > MOST_CALLS:
            raise InputError("too-many-calls", f"The network runs over {MOST_CALLS:,} layers.")
        made: dict[Tensor, Known] = dict(zip(network.inputs, given, strict=True))
        for call in network.order:
            here, held = (*path, call.node.name), frozen or not call.node.trainable
            taken = tuple(made[tensor] for tensor in call.inputs)
            if isinstance(call.node.layer, Network):
                inner = held or not call.node.layer.trainable
                given_to_it = _accepted(call.node.layer, taken, here)
                results = self.run(call.node.layer, here, given_to_it, frozen=inner)
            else:
                given_here = made.get(Tensor(call.node.name))
                results = self._layer(here, call.node.layer, taken, given_here, frozen=held)
                self._with_letters += has_letters(tuple(results))
                check_letters(self._with_letters)
            made |= {Tensor(*call.key, number): shape for number, shape in enumerate(results)}
        return [made[tensor] for tensor in network.outputs]

    def _layer(
        self,
        path: tuple[str, ...],
        layer: Layer,
        taken: tuple[Known, ...],
        given: Known,
        *,
        frozen: bool,
    ) -> list[Known]:
        """The shapes that a layer's call makes (an input has what was given), noted in its row."""
        shapes = [shape for shape in taken if shape is not None]
        all_known = len(shapes) == len(taken)
        try:
            output, *beside = [given]
            if not isinstance(layer, InputLayer):
                output, *beside = _made(layer, shapes, all_known=all_known)
            macs = _known(lambda: layer.macs(*shapes), all_known)
            before = self.rows.get(path)
            if before is None:
                weights = _known(lambda: layer.weights(*shapes), all_known)
                row = Row(
                    path=path,
                    layer=layer,
                    inputs=taken,
                    output=output,
                    weights=weights,
                    macs=macs,
                    calls=1,
                    frozen=frozen,
                    beside=tuple(beside),
                )
            else:
                both = None if macs is None or before.macs is None else before.macs + macs
                row = replace(before, macs=both, calls=before.calls + 1)
        except InputError as error:
            raise error.at("/".join(path)) from None
        self.rows[path] = row
        return [output, *beside]


def _made(layer: Layer, shapes: list[Shape], *, all_known: bool) -> list[Known]:
    """The shape of each tensor that a layer makes."""
    found = _known(lambda: list(map(possible, layer.output_shapes(*shapes))), all_known)
    return [None] * layer.output_count if found is None else list(found)


def _accepted(network: Network, taken: tuple[Known, ...], path: tuple[str, ...]) -> list[Known]:
    try:
        return list(accepted(network, taken))
    except InputError as error:
        raise error.at("/".join(path)) from None


def _known(value: Callable[[], T], possible_at_all: bool) -> T | None:  # noqa: FBT001  # one use, above
    """A value, or None where an open size or a layer without a rule keeps it from being known."""
    if not possible_at_all:
        return None
    try:
        return value()
    except InputError as error:
        if error.code in _NOT_KNOWN:
            return None
        raise
