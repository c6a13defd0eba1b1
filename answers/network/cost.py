"""What one sample costs: multiply-accumulates, and the numbers that must be held at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import prod

from answers.layers.base import Shape, known
from answers.network.graph import Call, Network, Tensor, outputs_of
from answers.network.shapes import Shapes, ShapeTable


@dataclass(frozen=True)
class Cost:
    """For one sample.

    macs: multiply-accumulates; a shared layer counts at each of its calls.
    calls: how many layers are run.
    live: the most numbers held at once, when each is dropped after its last use.
    """

    macs: int
    calls: int
    live: int


def cost(network: Network, inputs: Shapes | None = None) -> Cost:
    """The cost of one sample of shape `inputs` (or what the input layers say).

    Raises: InputError `size-unknown` where a size is left open.
    """
    return _CostTable().of(network, inputs)


@dataclass
class _CostTable:
    """Costs, worked out once for each network and input shape (see `ShapeTable`)."""

    shapes: ShapeTable = field(default_factory=ShapeTable)
    _known: dict[tuple[int, Shapes | None, bool], Cost] = field(default_factory=dict)

    def of(self, network: Network, inputs: Shapes | None, *, nested: bool = False) -> Cost:
        key = (id(network), inputs, nested)
        if key not in self._known:
            self._known[key] = self._walk(network, inputs, nested=nested)
        return self._known[key]

    def _walk(self, network: Network, inputs: Shapes | None, *, nested: bool) -> Cost:
        table = self.shapes.calls(network, inputs)
        # the inputs of a nested network are held outside
        outside = {tensor.node for tensor in network.inputs} if nested else set()
        last = _last_uses(network)
        macs = calls = held = most = 0
        for step, call in enumerate(network.order):
            inner = self._call(network, call, inputs)
            made = 0 if call.node.name in outside else sum(map(numbers, table[call.key]))
            macs, calls = macs + inner.macs, calls + inner.calls
            most = max(most, held + max(made, inner.live))
            held += made
            dropped = (t for t in last.get(step, ()) if t.node not in outside)
            held -= sum(numbers(table[t.node, t.call][t.output]) for t in dropped)
        return Cost(macs, calls, most)

    def _call(self, network: Network, call: Call, inputs: Shapes | None) -> Cost:
        layer, taken = call.node.layer, self.shapes.taken(network, call, inputs)
        if isinstance(layer, Network):
            return self.of(layer, taken, nested=True)
        return Cost(layer.macs(*taken), 1, 0)


def _last_uses(network: Network) -> dict[int, list[Tensor]]:
    """For each step of the order the tensors that nobody needs after it."""
    last: dict[Tensor, int] = {}
    for step, call in enumerate(network.order):
        made = range(outputs_of(call.node.layer))
        last |= {Tensor(*call.key, output): step for output in made}  # it may go nowhere
        last |= dict.fromkeys(call.inputs, step)
    kept = set(network.outputs)
    uses: dict[int, list[Tensor]] = {}
    for tensor, step in last.items():
        if tensor not in kept:
            uses.setdefault(step, []).append(tensor)
    return uses


def numbers(shape: Shape) -> int:
    """How many numbers a tensor of one sample holds."""
    return prod(known(size, "A size") for size in shape)
