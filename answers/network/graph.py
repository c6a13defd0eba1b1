"""A network: layers as a graph with names; networks inside networks; layers called twice.

A `Node` is a layer (or a whole network) with its name. It may be called several times: each call
takes tensors and makes new ones, with the same weights. A tensor is named by who made it, in
which call, and which of its outputs it is, all counted from 0.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from typing import Literal

from answers.errors import InputError
from answers.layers.base import Layer
from answers.layers.core import InputLayer
from answers.record import record

NetworkKind = Literal["Sequential", "Functional", "TimeDistributed"]


@dataclass(frozen=True, order=True)
class Tensor:
    """Output number `output` of call number `call` of the node `node`."""

    node: str
    call: int = 0
    output: int = 0


@record()
class Call:
    """One use of a node: which, the how-manieth, on which tensors."""

    node: Node
    number: int
    inputs: tuple[Tensor, ...]

    @property
    def key(self) -> tuple[str, int]:
        """What names this call within its network."""
        return self.node.name, self.number


@record()
class Node:
    """A layer or a network in a network.

    trainable: its own flag; a node inside a frozen one is frozen whatever its own flag says.
    calls: for each call the tensors it takes; an InputLayer has one call that takes none.
    """

    name: str
    layer: Layer | Network
    calls: tuple[tuple[Tensor, ...], ...]
    trainable: bool = True


@record()
class Network:
    """A graph of layers, validated when it is made: names are unique, tensors exist, no cycle.

    kind: what the student called to make it (all kinds are graphs here); a TimeDistributed holds
        a model whose layers run on each step.
    nodes: in the order of the file, which is the order of weights and of the summary.
    output_names: a name for each output.
    """

    name: str
    kind: NetworkKind
    nodes: tuple[Node, ...]
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    output_names: tuple[str, ...]
    trainable: bool = True

    def __post_init__(self) -> None:
        if len(self.by_name) != len(self.nodes):
            raise InputError("graph-names", f"Two layers of {self.name!r} have the same name.")
        self._check_ends()
        for tensor in self._all_tensors():
            self._check(tensor)
        self._check_inputs()
        for call in self._calls():
            self._check_count(call)
        _ = self.order

    @cached_property
    def by_name(self) -> dict[str, Node]:
        """The nodes by their names."""
        return {node.name: node for node in self.nodes}

    @cached_property
    def order(self) -> tuple[Call, ...]:
        """Every call, each after those that make its inputs.

        Raises: InputError `graph-cycle` when there is no such order.
        """
        calls = {call.key: call for call in self._calls()}
        needs = {key: [(t.node, t.call) for t in call.inputs] for key, call in calls.items()}
        try:
            return tuple(calls[key] for key in TopologicalSorter(needs).static_order())
        except CycleError as error:
            names = ", ".join(dict.fromkeys(name for name, _ in error.args[1][:6]))
            raise InputError(
                "graph-cycle", f"The layers {names} of {self.name!r} wait for one another."
            ) from None

    def _calls(self) -> Iterator[Call]:
        for node in self.nodes:
            for number, inputs in enumerate(node.calls):
                yield Call(node, number, inputs)

    def _all_tensors(self) -> Iterator[Tensor]:
        yield from self.inputs
        yield from self.outputs
        for call in self._calls():
            yield from call.inputs

    def _check_ends(self) -> None:
        if not self.inputs or not self.outputs:
            raise InputError("graph-ends", f"{self.name!r} has no input or no output.")
        if len(self.output_names) != len(self.outputs):
            raise InputError(
                "graph-ends",
                f"{self.name!r} has {len(self.outputs)} outputs and {len(self.output_names)} "
                "names for them.",
            )

    def _check_inputs(self) -> None:
        """The inputs are the InputLayers, each once, and nothing goes into an InputLayer."""
        names = {tensor.node for tensor in self.inputs}
        if len(names) != len(self.inputs):
            raise InputError("graph-ends", f"{self.name!r} has the same input twice.")
        for node in self.nodes:
            is_input = isinstance(node.layer, InputLayer)
            if node.name in names and not is_input:
                raise InputError("graph-ends", f"{node.name!r} is an input, but no InputLayer.")
            if is_input and (node.name not in names or node.calls != ((),)):
                raise InputError(
                    "graph-ends", f"{node.name!r} is an InputLayer, but no input of {self.name!r}."
                )

    def _check_count(self, call: Call) -> None:
        layer, given = call.node.layer, len(call.inputs)
        if isinstance(layer, Network) and given != len(layer.inputs):
            raise InputError(
                "input-count",
                f"{layer.name!r} takes {len(layer.inputs)} inputs, but it gets {given}.",
                where=call.node.name,
            )
        if not given and not isinstance(layer, InputLayer):
            raise InputError("input-count", "The layer gets no input.", where=call.node.name)

    def _check(self, tensor: Tensor) -> None:
        node = self.by_name.get(tensor.node)
        if node is None:
            raise InputError(
                "graph-missing-layer", f"{self.name!r} uses {tensor.node!r}, which it doesn't hold."
            )
        outputs = outputs_of(node.layer)
        if not (0 <= tensor.call < len(node.calls) and 0 <= tensor.output < outputs):
            raise InputError(
                "graph-missing-tensor",
                f"{self.name!r} uses output {tensor.output} of call {tensor.call} of "
                f"{tensor.node!r}, which does not exist.",
            )


def outputs_of(layer: Layer | Network) -> int:
    """How many tensors a call of a layer or a network makes."""
    return len(layer.outputs) if isinstance(layer, Network) else layer.output_count
