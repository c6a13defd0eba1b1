"""A network with its nested networks unfolded: one list of steps, each a layer that is run.

A step that is reached on several paths stands in the list once, so that what is worked out along
the list takes time in proportion to the network, never to the number of paths.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from answers.errors import CompanionError, InputError
from answers.expressions.size import is_symbolic
from answers.layers.base import Layer, Shape, possible, text
from answers.layers.core import InputLayer
from answers.layers.taps import ITSELF, UNRULED, InputTaps
from answers.network.graph import Network, Node, Tensor
from answers.network.shapes import MOST_CALLS, Shapes, input_shapes

Known = Shape | None
# what a layer without a rule, or a size left open, keeps from being known
_NOT_KNOWN = ("layer-unknown", "size-unknown")
Path = tuple[tuple[str, int], ...]  # node name and call number, the outermost network's first


@dataclass(frozen=True)
class Step:
    """One layer that is run: where it stands, what it takes (numbers of steps), what it makes.

    taken, shape: None where a layer without a rule makes it. output: which of the layer's tensors;
        what is beside the first, its states or scores, has no rule.
    """

    path: Path
    layer: Layer
    inputs: tuple[int, ...]
    taken: tuple[Known, ...]
    shape: Known
    output: int = 0

    @property
    def name(self) -> str:
        """The names along the path, for people."""
        return "/".join(name for name, _ in self.path)

    @cached_property
    def taps(self) -> tuple[InputTaps, ...]:
        """What the layer reads of each of its inputs."""
        known = tuple(shape for shape in self.taken if shape is not None)
        if len(known) < len(self.taken) or self.output:
            return (UNRULED,) * len(self.taken)
        if self.layer.kind == "Embedding":
            # its input holds a word at each place and no channels
            return tuple((ITSELF,) * len(shape) for shape in known)
        try:
            return self.layer.taps(*known)
        except CompanionError as error:
            raise error.at(self.name) from None
        except RecursionError:
            raise _too_large(self.name) from None


@dataclass(frozen=True)
class Unfolded:
    """A network as a list.

    steps: each after those that make its inputs.
    places: for each call, nested ones too, the steps that make its outputs.
    inputs: the steps of the network's inputs, by name; outputs: those of its outputs.
    """

    steps: tuple[Step, ...]
    places: Mapping[Path, tuple[int, ...]]
    inputs: Mapping[str, int]
    outputs: tuple[int, ...]

    def step_of(self, tensor: Tensor) -> int:
        """The step that makes a tensor of the outermost network."""
        return self.places[((tensor.node, tensor.call),)][tensor.output]

    def rank(self, number: int) -> int:
        """How many axes of positions a step's output has: all but channels, all of words."""
        step = self.steps[number]
        if step.shape is None:
            return 0
        words = any(number in reader.inputs for reader in self._embeddings)
        return len(step.shape) if words and not step.inputs else len(step.shape) - 1

    @cached_property
    def _embeddings(self) -> tuple[Step, ...]:
        return tuple(step for step in self.steps if step.layer.kind == "Embedding")

    def needed(self, output: int) -> list[int]:
        """The steps that `output` depends on, itself included, in order."""
        wanted = {output}
        for number in range(output, -1, -1):
            if number in wanted:
                wanted.update(self.steps[number].inputs)
        return sorted(wanted)


def unfold(network: Network, inputs: Shapes | None = None) -> Unfolded:
    """The steps of a network that takes `inputs` (or what its input layers say).

    Raises: InputError `too-many-calls`, `input-shape`, and whatever a layer says of a shape that
    does not fit.
    """
    if _calls(network, {}) > MOST_CALLS:
        raise InputError("too-many-calls", f"The network runs over {MOST_CALLS:,} layers.")
    walk = _Walk()
    entries: dict[str, int] = {}
    for tensor, shape in zip(network.inputs, _accepted(network, inputs), strict=True):
        node = network.by_name[tensor.node]
        entries[tensor.node] = walk.add(Step(((node.name, 0),), _layer(node), (), (), shape))
    outputs = walk.network(network, (), entries)
    return Unfolded(tuple(walk.steps), walk.places, entries, outputs)


@dataclass
class _Walk:
    steps: list[Step] = field(default_factory=list)
    places: dict[Path, tuple[int, ...]] = field(default_factory=dict)

    def network(self, network: Network, path: Path, entries: Mapping[str, int]) -> tuple[int, ...]:
        """Unfold one network; the steps of its outputs."""
        for call in network.order:
            here = (*path, call.key)
            numbers = tuple(self._number(path, tensor) for tensor in call.inputs)
            inner = call.node.layer
            if isinstance(inner, InputLayer):
                self.places[here] = (entries[call.node.name],)
            elif isinstance(inner, Network):
                given = tuple(self.steps[number].shape for number in numbers)
                self._settle(numbers, _accepted(inner, given))
                names = (tensor.node for tensor in inner.inputs)
                self.places[here] = self.network(
                    inner, here, dict(zip(names, numbers, strict=True))
                )
            else:
                taken = tuple(self.steps[number].shape for number in numbers)
                self.places[here] = tuple(
                    self.add(Step(here, inner, numbers, taken, shape, output))
                    for output, shape in enumerate(_made(inner, taken, call.node.name))
                )
        return tuple(self._number(path, tensor) for tensor in network.outputs)

    def add(self, step: Step) -> int:
        """Put a step at the end of the list; its number."""
        self.steps.append(step)
        return len(self.steps) - 1

    def _settle(self, numbers: tuple[int, ...], shapes: tuple[Known, ...]) -> None:
        """What a nested network asks for settles what the steps before it leave open."""
        for number, shape in zip(numbers, shapes, strict=True):
            self.steps[number] = replace(self.steps[number], shape=shape)

    def _number(self, path: Path, tensor: Tensor) -> int:
        return self.places[(*path, (tensor.node, tensor.call))][tensor.output]


def _calls(network: Network, known: dict[int, int]) -> int:
    """How many layers are run when nested networks are unfolded; each network is counted once."""
    if id(network) not in known:
        inner = (
            _calls(n.layer, known) if isinstance(n.layer, Network) else 1 for n in network.nodes
        )
        known[id(network)] = sum(
            len(node.calls) * count for node, count in zip(network.nodes, inner, strict=True)
        )
    return known[id(network)]


def _layer(node: Node) -> Layer:
    assert isinstance(node.layer, Layer)  # noqa: S101  # an input of a network is an InputLayer
    return node.layer


def _made(layer: Layer, taken: tuple[Known, ...], name: str) -> tuple[Known, ...]:
    """The shapes a layer makes; None where it has no rule, or a size that it needs is open."""
    known = tuple(shape for shape in taken if shape is not None)
    nothing = (None,) * layer.output_count
    if len(known) < len(taken):
        return nothing
    try:
        return tuple(map(possible, layer.output_shapes(*known)))
    except CompanionError as error:
        if error.code in _NOT_KNOWN:
            return nothing
        raise error.at(name) from None
    except RecursionError:
        raise _too_large(name) from None


def _too_large(name: str) -> InputError:
    """A formula in which roundings stand within roundings, layer after layer."""
    return InputError(
        "formula-too-large",
        "The formula of the size is nested too deeply to be worked with.",
        hint="Give the input's size as a number.",
        where=name,
    )


def _accepted(network: Network, inputs: tuple[Known, ...] | None) -> tuple[Known, ...]:
    """The shapes that go in: as asked for, with what is open there settled by `inputs`.

    A number may stand where the network asks for a symbol.
    """
    wanted = input_shapes(network)
    if inputs is None:
        return wanted
    if len(inputs) != len(wanted):
        raise InputError(
            "input-count",
            f"{network.name!r} takes {len(wanted)} inputs, but it gets {len(inputs)}.",
        )
    return tuple(_settled(network, *pair) for pair in zip(wanted, inputs, strict=True))


def _settled(network: Network, wanted: Shape, given: Known) -> Known:
    if given is None:
        return None
    pairs = list(zip(wanted, given, strict=False))
    open_ones = [
        None in pair or any(map(is_symbolic, pair)) or pair[0] == pair[1] for pair in pairs
    ]
    if len(wanted) != len(given) or not all(open_ones):
        raise InputError(
            "input-shape", f"{network.name!r} takes {text(wanted)}, but it gets {text(given)}."
        )
    return tuple(a if b is None else b for a, b in pairs)
