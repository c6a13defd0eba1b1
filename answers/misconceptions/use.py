"""A network as the layers that run, one after another, each with what goes in and what comes out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property

from answers.errors import InputError
from answers.expressions.size import Size, is_symbolic
from answers.layers.base import Layer, Shape, Weight, possible
from answers.layers.core import InputLayer
from answers.network.graph import Call, Network, Tensor
from answers.network.shapes import Shapes, input_shapes

OUTPUT_LETTERS = frozenset({"o", "o_d", "o_h", "o_w"})
MOST_USES = 2_000  # a network that somebody counts by hand has far fewer layers


@dataclass(frozen=True, eq=False)
class Use:
    """One run of one layer.

    name: of its node, with the nodes of the networks around it in front.
    first: a shared layer counts its weights here; at its later runs it does not.
    before: the runs whose outputs come in, an InputLayer's run included.
    """

    name: str
    layer: Layer
    inputs: Shapes
    output: Shape
    first: bool
    before: tuple[Use, ...] = field(repr=False)

    @cached_property
    def weights(self) -> tuple[Weight, ...]:
        """The arrays of its layer; an input has none."""
        return self.layer.weights(*self.inputs) if self.before else ()

    @cached_property
    def letters(self) -> dict[str, Size | None]:
        """What its layer's letters stand for; the output's size is the one that is believed."""
        letters = dict(self.layer.letters(*self.inputs)) if self.before else {}
        places = [name for name in letters if name in OUTPUT_LETTERS]
        if not places or self.output == self.layer.output_shape(*self.inputs):
            return letters
        return letters | along(places, self.output)


def along(places: list[str], shape: Shape) -> dict[str, Size | None]:
    """The letters of the axes of a picture with their sizes, which stand before the channels.

    Time steps may stand before them: they have no such letter.
    """
    return dict(zip(places, shape[:-1][-len(places) :], strict=False)) if places else {}


@dataclass(frozen=True)
class Unfolded:
    """All runs of a network, inputs before what needs them, and those that make its outputs."""

    uses: tuple[Use, ...]
    outputs: tuple[Use, ...]


# what a layer is wrongly said to give, or None where it is taken rightly
Reshaping = Callable[[Use], Shape | None]


def unfolded(
    network: Network, inputs: Shapes | None = None, reshaped: Reshaping | None = None
) -> Unfolded:
    """Every run of every layer, nested networks unfolded.

    reshaped: changes the shape that a layer gives, for all that follows it.
    Raises: InputError `too-many-calls` above MOST_USES, and what a layer says of its inputs.
    """
    walk = _Walk(reshaped)
    shapes = inputs or input_shapes(network)
    entries = dict(zip((tensor.node for tensor in network.inputs), shapes, strict=True))
    table = walk.network(network, "", entries, {})
    return Unfolded(tuple(walk.made), tuple(table[tensor] for tensor in network.outputs))


@dataclass
class _Walk:
    """Goes through the graph once and collects the runs."""

    reshaped: Reshaping | None
    made: list[Use] = field(default_factory=list)
    _met: set[tuple[int, str]] = field(default_factory=set)

    def network(
        self, network: Network, path: str, entries: dict[str, Shape], outer: dict[str, Use]
    ) -> dict[Tensor, Use]:
        """The run that makes each tensor. entries: shapes of inputs; outer: who makes them."""
        table: dict[Tensor, Use] = {}
        for call in network.order:
            node, before = call.node, tuple(table[tensor] for tensor in call.inputs)
            if node.name in outer:
                table[Tensor(*call.key)] = outer[node.name]
            elif isinstance(node.layer, Network):
                table |= self._nested(node.layer, f"{path}{node.name}/", call, before)
            else:
                first, given = self._is_new(network, call), entries.get(node.name)
                run = Use(path + node.name, node.layer, (), (), first, before)
                made = self._run(run, given)
                table[Tensor(*call.key)] = made
                for number in range(1, node.layer.output_count):  # its states or scores
                    shape = node.layer.output_shapes(*made.inputs)[number]
                    table[Tensor(*call.key, number)] = replace(made, output=_possible(shape))
        return table

    def _nested(
        self, inner: Network, path: str, call: Call, before: tuple[Use, ...]
    ) -> dict[Tensor, Use]:
        outer = dict(zip((tensor.node for tensor in inner.inputs), before, strict=True))
        table = self.network(inner, path, {}, outer)
        return {Tensor(*call.key, i): table[made] for i, made in enumerate(inner.outputs)}

    def _is_new(self, network: Network, call: Call) -> bool:
        place = id(network), call.node.name
        seen = place in self._met
        self._met.add(place)
        return not seen

    def _run(self, run: Use, given: Shape | None) -> Use:
        if len(self.made) >= MOST_USES:
            raise InputError(
                "too-many-calls", f"Slips are looked for in networks of up to {MOST_USES:,} layers."
            )
        inputs = tuple(earlier.output for earlier in run.before)
        run = replace(run, inputs=inputs, output=_possible(_output(run, inputs, given)))
        other = self.reshaped(run) if self.reshaped else None
        run = run if other is None else replace(run, output=_possible(other))
        self.made.append(run)
        return run


def _possible(shape: Shape) -> Shape:
    """As `possible`; comparing expressions of symbols would take most of the time."""
    return shape if any(map(is_symbolic, shape)) else possible(shape)


def _output(run: Use, inputs: Shapes, given: Shape | None) -> Shape:
    if isinstance(run.layer, InputLayer):
        return run.layer.shape if given is None else given
    try:
        return run.layer.output_shape(*inputs)
    except InputError as error:
        raise error.at(run.name) from None
