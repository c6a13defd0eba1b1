"""The input of a Sequential in a model, where neither it nor its first layer says the shape.

TensorFlow 1.13 to 2.1 leaves it out of a Sequential that was only called, as people build the steps
of a U-Net. What goes into its first call tells it: the shape that the layers in front of it make.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from answers.layers.base import Shape
from checkers.model_file.calls import Reference, references_in

MOST = 128  # of them in a file: each is worked out with all that lies in front of it
Entries = dict[str, dict[str, Any]]
ShapeOf = Callable[[dict[str, Any]], Shape]


def saying(entry: dict[str, Any], shape: Shape) -> dict[str, Any]:
    """The entry of a Sequential that says its input's shape."""
    config = entry["config"]
    config = {"layers": config} if isinstance(config, list) else config
    return entry | {"config": config | {"build_input_shape": [None, *shape]}}


def with_inner_inputs(entries: Entries, lost: list[str], shape_of: ShapeOf) -> Entries:
    """The entries of a graph, whose Sequentials all say their inputs as far as that can be told.

    lost: the names of those that don't. shape_of: what the graph of some entries makes.
    """
    found = dict(entries)
    for name in lost:
        calls = _calls(found[name])
        first = references_in(calls[0]) if calls else ()
        around = _in_front(found, first[:1])
        if first and name not in around and around.isdisjoint(lost[lost.index(name) :]):
            part = {key: entry for key, entry in found.items() if key in around}
            found[name] = saying(found[name], shape_of(_graph(part, first[0])))
    return found


def _calls(entry: dict[str, Any]) -> list[Any]:
    nodes = entry.get("inbound_nodes")
    return nodes if isinstance(nodes, list) else []


def _in_front(entries: Entries, ends: tuple[Reference, ...]) -> set[str]:
    """The names of all that some tensors are made of."""
    seen: set[str] = set()
    left = [name for name, _, _ in ends]
    while left:
        name = left.pop()
        if name not in seen and name in entries:
            seen.add(name)
            left += [r[0] for call in _calls(entries[name]) for r in references_in(call)]
    return seen


def _graph(entries: Entries, end: Reference) -> dict[str, Any]:
    """The settings of the graph that ends at one tensor."""
    given = [name for name, entry in entries.items() if entry.get("class_name") == "InputLayer"]
    return {
        "layers": list(entries.values()),
        "input_layers": [[name, 0, 0] for name in given],
        "output_layers": [list(end)],
    }
