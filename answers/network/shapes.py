"""The shapes of a network: of each call, and of what comes out."""

from __future__ import annotations

from dataclasses import dataclass, field

from answers.errors import CompanionError, InputError
from answers.expressions.size import is_symbolic
from answers.layers.base import Layer, Shape, possible, text
from answers.layers.core import InputLayer
from answers.network.graph import Call, Network

Shapes = tuple[Shape, ...]
Known = Shape | None
MOST_CALLS = 100_000  # of layers, at all the sizes that they meet; worked out in a second or two
MOST_WITH_LETTERS = 300  # calls whose output has letters in its sizes: algebra takes its time


def input_shapes(network: Network) -> Shapes:
    """The shapes its input layers ask for."""
    layers = (network.by_name[tensor.node].layer for tensor in network.inputs)
    return tuple(layer.shape for layer in layers if isinstance(layer, InputLayer))


def output_shapes(network: Network, inputs: Shapes | None = None) -> Shapes:
    """The shapes that come out when `inputs` (or what the input layers say) go in."""
    return ShapeTable().of(network, inputs)


@dataclass
class ShapeTable:
    """Shapes of calls, worked out once for each network and each set of input shapes.

    A network may hold the same network many times over (a file of a few kilobytes can nest 2^30
    calls): what was worked out once is looked up afterwards. Where each call meets another size
    that does not help, and the table gives up after MOST_CALLS.
    """

    _known: dict[tuple[int, Shapes], dict[tuple[str, int], Shapes]] = field(default_factory=dict)
    _worked: int = 0
    _with_letters: int = 0

    def of(self, network: Network, inputs: Shapes | None = None) -> Shapes:
        """The output shapes of a network."""
        table = self.calls(network, inputs)
        return tuple(table[out.node, out.call][out.output] for out in network.outputs)

    def calls(
        self, network: Network, inputs: Shapes | None = None
    ) -> dict[tuple[str, int], Shapes]:
        """The output shapes of every call of a network, by node name and call number.

        Raises: InputError of the layer that does not fit, with the layer's name as its place.
        """
        given = input_shapes(network) if inputs is None else _shapes(network, inputs)
        key = (id(network), given)
        if key not in self._known:
            self._known[key] = self._walk(network, given)
        return self._known[key]

    def taken(self, network: Network, call: Call, inputs: Shapes | None = None) -> Shapes:
        """The shapes that one call takes in."""
        table = self.calls(network, inputs)
        return tuple(table[t.node, t.call][t.output] for t in call.inputs)

    def _walk(self, network: Network, given: Shapes) -> dict[tuple[str, int], Shapes]:
        self._worked += len(network.order)
        if self._worked > MOST_CALLS:
            raise InputError(
                "too-many-calls", f"The network runs layers at more than {MOST_CALLS:,} sizes."
            )
        entries = dict(zip((tensor.node for tensor in network.inputs), given, strict=True))
        table: dict[tuple[str, int], Shapes] = {}
        for call in network.order:
            layer = call.node.layer
            shapes = tuple(table[t.node, t.call][t.output] for t in call.inputs)
            try:
                if isinstance(layer, InputLayer):
                    table[call.key] = (possible(entries[call.node.name]),)
                else:
                    table[call.key] = self._made(layer, shapes)
            except CompanionError as error:
                raise error.at(call.node.name) from None
            self._with_letters += has_letters(table[call.key])
            check_letters(self._with_letters)
        return table

    def _made(self, layer: Layer | Network, shapes: Shapes) -> Shapes:
        if isinstance(layer, Network):
            return self.of(layer, shapes)
        return tuple(map(possible, layer.output_shapes(*shapes)))


def accepted(network: Network, inputs: tuple[Known, ...]) -> tuple[Known, ...]:
    """The shapes that go into a network: what one side leaves open is settled by the other.

    A shape that is not known stays so.
    Raises: InputError `input-count`, `input-shape` where it does not take `inputs`.
    """
    wanted = input_shapes(network)
    if len(wanted) != len(inputs):
        raise InputError(
            "input-count",
            f"{network.name!r} takes {len(wanted)} inputs, but it gets {len(inputs)}.",
        )
    return tuple(_settled(network, *pair) for pair in zip(wanted, inputs, strict=True))


def _shapes(network: Network, inputs: Shapes) -> Shapes:
    return tuple(shape for shape in accepted(network, inputs) if shape is not None)


def _settled(network: Network, wanted: Shape, given: Known) -> Known:
    if given is None:
        return None
    if not fits(wanted, given):
        raise InputError(
            "input-shape", f"{network.name!r} takes {text(wanted)}, but it gets {text(given)}."
        )
    return tuple(a if b is None else b for a, b in zip(wanted, given, strict=True))


def has_letters(shapes: tuple[Known, ...]) -> bool:
    """Whether a size of a shape that is known is written in letters."""
    return any(is_symbolic(size) for shape in shapes for size in shape or ())


def check_letters(count: int) -> None:
    """Refuse to go on after `count` calls that make shapes with letters.

    Raises: InputError `formula-too-large`.
    """
    if count > MOST_WITH_LETTERS:
        raise InputError(
            "formula-too-large",
            f"More than {MOST_WITH_LETTERS} layers have letters in their sizes: "
            "that takes too long to work out.",
            hint="Give the letters numbers: --set n=32",
        )


def fits(wanted: Shape, given: Shape) -> bool:
    """Whether `given` can go where `wanted` is asked for (None fits any size)."""
    pairs = zip(wanted, given, strict=False)
    return len(wanted) == len(given) and all(None in (a, b) or a == b for a, b in pairs)
