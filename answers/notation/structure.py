"""Which part of a graph is a row, which are branches, and where names are needed.

Calls are taken in an order in which each stands behind its inputs. What one call alone uses goes
on in a row; a layer of several inputs whose rows all start at one tensor closes branches there
(a series-parallel reduction); for all others the further inputs are named.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from answers.errors import InputError
from answers.layers.core import InputLayer
from answers.layers.merging import Add
from answers.network.graph import Call, Network, Tensor
from answers.notation.auto_names import is_auto
from answers.notation.grammar import DEEPEST

_TURNS = 5  # more have never been needed
_Item = TypeVar("_Item", bound=Hashable)


@dataclass(frozen=True, eq=False)
class Step:
    """A call; with branches that start at one tensor where it closes some.

    start: what comes along. inputs: the further ones, by name.
    """

    call: Call
    start: Tensor
    inputs: tuple[Tensor, ...] = ()
    branches: tuple[tuple[Step, ...], ...] = ()

    @property
    def made(self) -> Tensor:
        """What comes out."""
        return Tensor(self.call.node.name, self.call.number)

    @property
    def calls(self) -> Iterator[Call]:
        """Every call in it, in the order of the text."""
        for branch in self.branches:
            for step in branch:
                yield from step.calls
        yield self.call

    @property
    def needs(self) -> tuple[Tensor, ...]:
        """What must stand before it; what comes along last, so that it stands right before."""
        return (*self.inputs, self.start)


def steps_of(network: Network, *, branches: bool) -> tuple[Step, ...]:
    """The row of a network without networks in it.

    branches: whether layers may close branches; without, all further inputs are named.
    Raises: InputError `no-notation` when the calls of shared layers wait for one another.
    """
    reduction = _Reduction(network, branches=branches)
    for call in _ordered_calls(network):
        reduction.add(call)
    return _ordered_steps(reduction.top(), network.outputs, tuple(network.by_name))


@dataclass(frozen=True, eq=False)
class _Row:
    """Steps in a row from a tensor on. closed: nothing in it is named from outside or outside it."""

    start: Tensor
    steps: _Rope | None = None
    closed: bool = True
    depth: int = 0


@dataclass(frozen=True, eq=False)
class _Rope:
    """Steps before and after one another, joined without copying."""

    left: _Rope | Step
    right: _Rope | Step | None = None

    def flat(self) -> tuple[Step, ...]:
        found: list[Step] = []
        waiting: list[_Rope | Step | None] = [self]
        while waiting:
            part = waiting.pop()
            if isinstance(part, _Rope):
                waiting += [part.right, part.left]
            elif part is not None:
                found.append(part)
        return tuple(found)


@dataclass
class _Reduction:
    network: Network
    branches: bool
    rows: dict[Tensor, _Row] = field(default_factory=dict)
    named: set[Tensor] = field(default_factory=set)
    steps: dict[Tensor, Step] = field(default_factory=dict)
    inside: set[Step] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.uses = Counter(self.network.outputs)
        for node in self.network.nodes:
            for inputs in node.calls:
                self.uses.update(inputs)

    def add(self, call: Call) -> None:
        """One more call."""
        if isinstance(call.node.layer, InputLayer):
            return
        step = self.closing(call) or self.naming(call)
        self.steps[step.made] = step

    def closing(self, call: Call) -> Step | None:
        """The step that closes branches, where all inputs come from one tensor."""
        if len(call.inputs) < 2 or not self.branches:
            return None
        rows = [self.row_to(tensor) for tensor in call.inputs]
        depth = max(row.depth for row in rows) + 1
        closed = all(row.closed and row.start == rows[0].start for row in rows)
        if not closed or depth > DEEPEST or self.is_skip(call, rows):
            return None
        start = rows[0].start
        self.uses[start] -= len(rows) - 1
        branches = tuple(row.steps.flat() if row.steps else () for row in rows)
        self.inside.update(step for branch in branches for step in branch)
        step = Step(call, start, branches=branches)
        self.rows[step.made] = _Row(start, _Rope(step), depth=depth)
        return step

    def naming(self, call: Call) -> Step:
        """The step that goes on with the first input and names the others."""
        first, *others = call.inputs
        for tensor in others:
            self.named.add(tensor)
            self.uses[tensor] -= 1
        step = Step(call, first, tuple(others))
        before = self.row_to(first)
        rope = _Rope(before.steps, step) if before.steps else _Rope(step)
        closed = before.closed and not others
        self.rows[step.made] = _Row(before.start, rope, closed, before.depth)
        return step

    def row_to(self, tensor: Tensor) -> _Row:
        """The row that ends at a tensor; empty where somebody else uses the tensor too."""
        if not self.goes_on(tensor):
            return _Row(tensor)
        row = self.rows[tensor]
        while self.goes_on(row.start):
            before = self.rows[row.start]
            both = [part for part in (before.steps, row.steps) if part is not None]
            rope = _Rope(both[0], both[1] if len(both) > 1 else None)
            row = _Row(
                before.start, rope, before.closed and row.closed, max(before.depth, row.depth)
            )
        self.rows[tensor] = row
        return row

    def goes_on(self, tensor: Tensor) -> bool:
        """Whether a row may pass through a tensor."""
        return self.uses[tensor] == 1 and tensor not in self.named and tensor in self.rows

    def is_skip(self, call: Call, rows: list[_Row]) -> bool:
        """A U-Net's skip from a layer that somebody named: concat(a) says it better."""
        source = self.network.by_name[rows[0].start.node]
        skips = len(rows) == 2 and rows[1].steps is None and not isinstance(call.node.layer, Add)
        return (
            skips and isinstance(source.layer, InputLayer) is False and self.is_given(source.name)
        )

    def is_given(self, name: str) -> bool:
        layer = self.network.by_name[name].layer
        return not (not isinstance(layer, Network) and is_auto(name, layer))

    def top(self) -> tuple[Step, ...]:
        """The steps that lie in no branch."""
        return tuple(step for step in self.steps.values() if step not in self.inside)


def _ordered_calls(network: Network) -> tuple[Call, ...]:
    """Each call behind its inputs, and behind the calls of its layer that come before it."""
    calls = {call.key: call for call in network.order}

    def needs(call: Call) -> list[Call]:
        before = [(t.node, t.call) for t in call.inputs]
        if call.number:
            before.append((call.node.name, call.number - 1))
        return [calls[key] for key in before]

    ends = [calls[tensor.node, tensor.call] for tensor in network.outputs]
    return tuple(_postorder([*ends, *calls.values()], needs))


def _ordered_steps(
    steps: tuple[Step, ...], outputs: tuple[Tensor, ...], nodes: tuple[str, ...]
) -> tuple[Step, ...]:
    """The steps that the outputs need, as a walk back from them finds them; then dead ends.

    Dead ends come in the order of their nodes. A reader of the text makes nodes in the order of
    the text, so that order is tried until it gives itself.
    """
    ordered = _walked(steps, outputs, nodes)
    for _ in range(_TURNS):
        names = (call.node.name for step in ordered for call in step.calls)
        again = _walked(steps, outputs, tuple(dict.fromkeys(names)))
        if again == ordered:
            break
        ordered = again
    return ordered


def _walked(
    steps: tuple[Step, ...], outputs: tuple[Tensor, ...], nodes: tuple[str, ...]
) -> tuple[Step, ...]:
    holder = {call.key: step for step in steps for call in step.calls}
    place = {name: number for number, name in enumerate(nodes)}

    def needs(step: Step) -> list[Step]:
        before = [(t.node, t.call) for t in step.needs]
        earlier = [(call.node.name, call.number - 1) for call in step.calls if call.number]
        found = [holder[key] for key in [*earlier, *before] if key in holder]
        return [item for item in found if item is not step]

    ends = [holder[t.node, t.call] for t in outputs if (t.node, t.call) in holder]
    others = sorted(steps, key=lambda step: (place[step.call.node.name], step.call.number))
    return tuple(_postorder([*ends, *others], needs))


def _postorder(roots: Iterable[_Item], needs: Callable[[_Item], list[_Item]]) -> list[_Item]:
    """Each item once, behind what it needs.

    Raises: InputError `no-notation` when some wait for one another.
    """
    done: dict[_Item, bool] = {}  # False while what it needs is being looked at
    found: list[_Item] = []
    waiting = [(root, False) for root in reversed(list(roots))]
    while waiting:
        item, ready = waiting.pop()
        if ready:
            done[item] = True
            found.append(item)
        elif item not in done:
            done[item] = False
            waiting.append((item, True))
            before = needs(item)
            if any(done.get(other) is False for other in before):
                raise InputError(
                    "no-notation",
                    "The notation can't write this network: calls of its shared layers wait for "
                    "one another.",
                )
            waiting += [(other, False) for other in reversed(before)]
    return found
