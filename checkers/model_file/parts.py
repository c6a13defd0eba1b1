"""Operations that make several tensors (split, unstack): a node of ours for each that is used."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from answers.layers.tensor_operations import Part
from answers.network.graph import Network, Node, Tensor
from checkers.model_file.calls import Reference


@dataclass(frozen=True)
class Parts:
    """The operations of a graph that make several tensors. used: which of these, by name."""

    used: Mapping[str, tuple[int, ...]]

    def nodes(self, node: Node) -> Iterator[Node]:
        """A node of the file as nodes of ours: itself, unless it makes several tensors."""
        if isinstance(node.layer, Network) or not isinstance(node.layer, Part):
            yield node
            return
        for place in self.used[node.name]:
            layer = replace(node.layer, place=place)
            yield replace(node, name=_name(node.name, place), layer=layer)

    def tensor(self, tensor: Tensor) -> Tensor:
        """A tensor of the file as one of ours."""
        if tensor.node not in self.used:
            return tensor
        return Tensor(_name(tensor.node, tensor.output), tensor.call)


def _name(name: str, place: int) -> str:
    return f"{name}[{place}]"


def parts_of(names: Iterable[str], references: Iterable[Reference]) -> Parts:
    """names: of the operations that make several tensors. references: to all tensors in use."""
    used: dict[str, set[int]] = {name: set() for name in names}
    for name, _, output in references:
        if name in used:
            used[name].add(output)
    return Parts({name: tuple(sorted(outputs)) for name, outputs in used.items()})
