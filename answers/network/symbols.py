"""Letters in a network: which there are, and numbers in their place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from typing import Any

from answers.errors import InputError
from answers.expressions.size import Size, is_symbolic
from answers.expressions.symbolic import replaced
from answers.layers.base import Layer
from answers.network.graph import Network, Node


def letters_of(network: Network) -> tuple[str, ...]:
    """The letters that a network's sizes and settings are written in, sorted."""
    return tuple(
        sorted({str(letter) for value in _values(network) for letter in value.free_symbols})
    )


def substituted(network: Network, values: Mapping[str, Size]) -> Network:
    """The network with sizes in the place of letters.

    Raises: InputError `unknown-letter` where the network has no such letter, and whatever a layer
    says of a value that can't be.
    """
    known = letters_of(network)
    unknown = sorted(set(values) - set(known))
    if unknown:
        there = f"its letters are {', '.join(known)}" if known else "it has none"
        raise InputError("unknown-letter", f"The network has no letter {unknown[0]!r}: {there}.")
    return _network(network, values)


def _values(part: Any) -> Iterator[Any]:
    """Every symbolic value in a network, a layer or a tuple."""
    if isinstance(part, Network):
        for node in part.nodes:
            yield from _values(node.layer)
    elif isinstance(part, Layer):
        for field in fields(part):
            yield from _values(getattr(part, field.name))
    elif isinstance(part, tuple):
        for item in part:
            yield from _values(item)
    elif is_symbolic(part):
        yield part


def _network(network: Network, values: Mapping[str, Size]) -> Network:
    nodes = (replace(node, layer=_part(node.layer, values)) for node in network.nodes)
    return replace(network, nodes=tuple[Node, ...](nodes))


def _part(part: Any, values: Mapping[str, Size]) -> Any:
    if isinstance(part, Network):
        return _network(part, values)
    if isinstance(part, Layer):
        changed = {f.name: _part(getattr(part, f.name), values) for f in fields(part)}
        return replace(part, **changed)
    if isinstance(part, tuple):
        return tuple(_part(item, values) for item in part)
    return _number(part, values) if is_symbolic(part) else part


def _number(value: Size, values: Mapping[str, Size]) -> Size:
    """A symbolic value with sizes put in; it must stay a whole number."""
    found = replaced(value, values)
    if is_symbolic(found) and getattr(found, "is_number", False):
        raise InputError("no-whole-number", f"{value} is {found} then, which is no whole number.")
    return found
