"""Network → text, in the canonical form: `parse` gives back the same network.

Defaults are left out, what repeats itself is folded, names are written where a person gave them
or where another place of the text needs them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property

from answers.errors import InputError
from answers.layers.core import InputLayer
from answers.layers.merging import Add
from answers.network.graph import Call, Network, Node, Tensor
from answers.notation.auto_names import FreeNames, auto_stem
from answers.notation.grammar import DEEPEST, MOST_CHARACTERS, read_notation
from answers.notation.reading import INPUT, open_sizes, parse
from answers.notation.repetition import folded
from answers.notation.structure import Step, steps_of
from answers.notation.unfolding import facts, unfolded
from answers.notation.written_layer import input_text, layer_text, name_text


def to_notation(network: Network, *, keep_names: bool = True) -> str:
    """The network in one line. Networks inside it are unfolded.

    keep_names: write the names of layers that Keras would not give by itself. Without, the text is
    shorter, and its network is the same but for the names.
    Raises: InputError `no-notation`, with the layer or the reason.
    """
    flat = unfolded(network)
    if not keep_names:
        flat = renamed(flat)
    reason = ""
    for branches in (True, False):
        try:
            text = _Printer(flat, steps_of(flat, branches=branches)).text()
            if facts(parse(text)) == facts(flat):
                return text
        except InputError as error:
            if error.code == "no-notation":
                raise
            reason = f" {error.message}"
    raise InputError("no-notation", f"The notation can't write this network.{reason}")


def renamed(network: Network) -> Network:
    """A network without networks in it, its layers named as a reader of its text would name them."""
    # a given name may decide how a skip is written: first all names go, then their order is known
    plain = _with_names(network, network.nodes)
    in_order = _Printer(plain, steps_of(plain, branches=True)).nodes()
    return _with_names(plain, in_order)


def _with_names(network: Network, order: Iterable[Node]) -> Network:
    free, names = FreeNames(), {}
    for node in order:
        assert not isinstance(node.layer, Network)  # noqa: S101  # it was unfolded
        names[node.name] = free.new(auto_stem(node.layer))

    def tensor(old: Tensor) -> Tensor:
        return replace(old, node=names[old.node])

    nodes = (
        Node(
            names[node.name],
            node.layer,
            tuple(tuple(map(tensor, call)) for call in node.calls),
            node.trainable,
        )
        for node in network.nodes
    )
    return replace(
        network,
        nodes=tuple(nodes),
        inputs=tuple(map(tensor, network.inputs)),
        outputs=tuple(map(tensor, network.outputs)),
    )


@dataclass
class _Printer:
    network: Network
    steps: tuple[Step, ...]
    first: Tensor = field(init=False)

    def __post_init__(self) -> None:
        self.first = self.network.inputs[0]

    def text(self) -> str:
        items = folded(list(self.row()), DEEPEST)
        body = ", ".join([*items, *self.end()])
        text = f"in {', '.join(self.inputs())}: {body}".rstrip(" ")
        if len(text) > MOST_CHARACTERS:
            raise _no_notation(f"it would take more than {MOST_CHARACTERS:,} characters")
        return self.without_input(text, body)

    def without_input(self, text: str, body: str) -> str:
        """An input that says nothing is left out, where the layers say how many axes it has."""
        if list(self.inputs()) != ["x".join("?" * len(self.shape))] or not body:
            return text
        return body if open_sizes(read_notation(body).body) == self.shape else text

    @property
    def shape(self) -> tuple[int | None, ...]:
        layer = self.network.by_name[self.first.node].layer
        return layer.shape if isinstance(layer, InputLayer) else ()

    # -- rows -----------------------------------------------------------------------------------

    def row(self) -> Iterator[str]:
        """The items at the top, with from(…) where the row goes on from elsewhere."""
        current = self.first
        for step in self.steps:
            if step.start != current:
                yield f"from({self.reference(step.start)})"
            yield self.step(step, DEEPEST - 1)
            current = step.made
        outputs = self.network.outputs
        if len(outputs) == 1 and outputs[0] != current:
            yield f"from({self.reference(outputs[0])})"

    def end(self) -> list[str]:
        outputs = self.network.outputs
        if len(outputs) == 1:
            return []
        return [f"out({', '.join(map(self.reference, outputs))})"]

    def step(self, step: Step, depth: int) -> str:
        named = self.given.get(step.made)
        name = f"{name_text(named)}=" if named is not None else ""
        if not step.branches:
            return name + self.called(step)
        branches = [self.branch(branch, depth) for branch in step.branches]
        if _is_residual(step):
            return f"{name}res({branches[0]})"
        return f"{name}[{' | '.join(branches)}] {self.called(step)}"

    def branch(self, steps: tuple[Step, ...], depth: int) -> str:
        return ", ".join(folded([self.step(step, depth - 1) for step in steps], depth))

    def called(self, step: Step) -> str:
        """The layer with its further inputs, or again(…)."""
        others = list(map(self.reference, step.inputs))
        node = step.call.node
        if step.call.number:
            shared = self.reference(Tensor(node.name))
            return f"again({', '.join([shared, *others])})"
        written = self.layer(node)
        return f"{written}({', '.join(others)})" if others else written

    def layer(self, node: Node) -> str:
        assert not isinstance(node.layer, Network)  # noqa: S101  # it was unfolded
        try:
            return layer_text(node.layer, trainable=node.trainable)
        except InputError as error:
            raise error.at(node.name) from None

    # -- inputs and names -----------------------------------------------------------------------

    def inputs(self) -> Iterator[str]:
        for tensor in self.network.inputs:
            layer = self.network.by_name[tensor.node].layer
            assert isinstance(layer, InputLayer)  # noqa: S101  # the graph has checked it
            named = self.given.get(tensor)
            yield f"{name_text(named)}={input_text(layer)}" if named else input_text(layer)

    def reference(self, tensor: Tensor) -> str:
        """What a tensor is called in the text."""
        if tensor in self.given:
            return name_text(self.given[tensor])
        return INPUT

    @cached_property
    def needed(self) -> set[Tensor]:
        """The tensors that another place of the text speaks of."""
        found: set[Tensor] = set()
        current = self.first
        for step in self.steps:
            found |= {step.start} if step.start != current else set()
            current = step.made
        found |= {tensor for step in self.all_steps() for tensor in step.inputs}
        if self.network.outputs != (current,):
            found |= set(self.network.outputs)
        return found | {Tensor(node.name) for node in self.network.nodes if len(node.calls) > 1}

    def all_steps(self) -> Iterator[Step]:
        waiting = list(reversed(self.steps))
        while waiting:
            step = waiting.pop()
            yield step
            waiting += [item for branch in step.branches for item in branch]

    @cached_property
    def given(self) -> dict[Tensor, str]:
        """The names that have to be written: all that nobody could guess, or that are needed."""
        names, found = FreeNames(), {}
        for node in self.nodes():
            layer, tensor = node.layer, Tensor(node.name)
            assert not isinstance(layer, Network)  # noqa: S101  # it was unfolded
            guessed = names.peek(auto_stem(layer)) == node.name
            names.take(node.name)
            if not guessed or (tensor in self.needed and tensor != self.first):
                found[tensor] = node.name
        return found | self.aliases()

    def aliases(self) -> dict[Tensor, str]:
        """Names for what later calls of a layer make, where they are needed."""
        names = FreeNames(node.name for node in self.network.nodes)
        later = sorted(tensor for tensor in self.needed if tensor.call)
        return {tensor: names.new(f"{tensor.node}_again") for tensor in later}

    def nodes(self) -> Iterator[Node]:
        """The nodes in the order in which a reader of the text meets them."""
        for tensor in self.network.inputs:
            yield self.network.by_name[tensor.node]
        calls: Iterator[Call] = (call for step in self.steps for call in step.calls)
        yield from (call.node for call in calls if not call.number)


def _is_residual(step: Step) -> bool:
    """A plain sum of a row and what went into it."""
    if len(step.branches) != 2 or step.call.number or step.inputs:
        return False
    body, identity = step.branches
    return bool(body) and not identity and step.call.node.layer == Add()


def _no_notation(why: str) -> InputError:
    return InputError("no-notation", f"The notation can't write this network: {why}.")
