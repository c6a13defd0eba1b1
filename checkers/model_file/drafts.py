"""The nodes of a functional model as its file has them, and what makes ours of them.

References still count calls as the file does: Keras's versions begin at different numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from answers.errors import CompanionError, RefusedError
from answers.layers.base import Layer
from answers.layers.catalogue import FAMILIES
from answers.layers.fields import shown
from answers.layers.tensor_operations import Part
from answers.layers.unknown import Unknown
from answers.network.graph import Network, Tensor, outputs_of
from checkers.model_file import limits
from checkers.model_file.calls import Reference, is_tensor, keras2_call, keras3_call
from checkers.model_file.parts import Parts, parts_of

Refs = tuple[Reference, ...]


@dataclass(frozen=True)
class Draft:
    """A node whose references still count calls as the file does."""

    name: str
    layer: Layer | Network
    calls: tuple[Refs, ...]
    trainable: bool
    keras2: bool


def check_outputs(drafts: list[Draft], outputs: list[Reference]) -> None:
    """Refuse a network that takes more of a layer than it gives."""
    given = {
        d.name: outputs_of(d.layer)
        for d in drafts
        if not isinstance(d.layer, Network | Part | Unknown)
    }
    taken = [ref for draft in drafts for call in draft.calls for ref in call]
    for name, _, output in (*taken, *outputs):
        if output >= given.get(name, output + 1):
            raise RefusedError(
                "call-argument",
                f"The model takes output {output} of a layer that gives {given[name]}, counted "
                "from 0.",
                where=f"layer {name}",
            )


def parts_taken(drafts: list[Draft], outputs: list[Reference]) -> Parts:
    """Which parts of split tensors are used, each of which becomes a layer.

    Raises: RefusedError too-many-calls.
    """
    used = [ref for draft in drafts for call in draft.calls for ref in call]
    several = {d.name: len(d.calls) for d in drafts if isinstance(d.layer, Part)}
    parts = parts_of(several, used + outputs)
    limits.check_calls(sum(several[name] * len(places) for name, places in parts.used.items()))
    return parts


def shifted(reference: Reference, shifts: dict[str, int]) -> Tensor:
    """A reference as ours: its call counted from 0."""
    node, call, output = reference
    return Tensor(node, call - shifts.get(node, 0), output)


def shifts(drafts: list[Draft], outputs: list[Reference]) -> tuple[dict[str, int], dict[str, int]]:
    """By how much the file counts the calls of nested models too high: inside, at the outputs.

    Keras 2 counts a nested model's calls from 1 (call 0 is its own construction). Keras 3 counts
    from 0 and raises the number by one only where the model is an output.
    """
    nested = {d.name: len(d.calls) for d in drafts if isinstance(d.layer, Network)}
    keras2 = any(draft.keras2 for draft in drafts)
    inside = [reference for draft in drafts for call in draft.calls for reference in call]
    if keras2:
        both = _shift(nested, inside + outputs)
        return both, both
    return {}, _shift(nested, outputs)


def _shift(nested: dict[str, int], references: list[Reference]) -> dict[str, int]:
    highest: dict[str, int] = {}
    for node, call, _ in references:
        if node in nested:
            highest[node] = max(call, highest.get(node, 0))
    return {node: max(0, call - (nested[node] - 1)) for node, call in highest.items()}


def in_order(node: Any, layer: Layer | Network, entry: dict[str, Any]) -> Any:
    """A call of a model with named tensors, as one with a list in the order of its inputs."""
    args = node.get("args") if isinstance(node, dict) else None
    named = args[0] if isinstance(args, list) and len(args) == 1 else None
    if not isinstance(layer, Network) or not isinstance(named, dict) or is_tensor(named):
        return node
    said = entry["config"].get("input_layers") if isinstance(entry["config"], dict) else None
    names = sorted(said) if isinstance(said, dict) else [tensor.node for tensor in layer.inputs]
    if named.keys() != set(names):
        raise RefusedError("call-argument", f"A model is called on {shown(sorted(named))}.")
    return node | {"args": [[named[name] for name in names]]}


def inbound(nodes: list[Any], name: str, kind: Any, apart: frozenset[str]) -> tuple[Refs, ...]:
    """The tensors of each call of a layer. apart: arguments that are read elsewhere."""
    # Keras 3 itself calls pictures' layers with training=True where nobody says otherwise
    if kind in FAMILIES["preprocessing"] or kind in ("Resizing", "CenterCrop"):
        apart |= {"training"}
    try:
        return tuple(
            keras2_call(node, apart) if isinstance(node, list) else keras3_call(node, apart)
            for node in nodes
        )
    except CompanionError as error:
        raise error.at(f"layer {name}") from None
