"""The sentences of derivations: templates in rules_text, filled with a layer's settings."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any

from answers.expressions.size import is_symbolic
from answers.expressions.symbolic import settled, to_expression
from answers.expressions.text import to_text
from answers.layers.base import Layer, Shape
from answers.record import record

_RANK = re.compile(r"[123]D")
Places = Mapping[str, Any]


@record()
class Rule:
    """A sentence, and where its rule can be looked up."""

    sentence: str
    source: str


@record()
class Counted:
    """A number in a sentence; `{n:filter}` writes it with its noun, in the plural but for 1."""

    value: Any

    def __str__(self) -> str:
        return size_text(self.value)

    def __format__(self, noun: str) -> str:
        if not noun:
            return str(self)
        single = not is_symbolic(self.value) and self.value == 1
        return f"{self} {noun}" if single else f"{self} {noun}s"


def family(layer: Layer) -> str:
    """The class without its number of axes: Conv for Conv2D, ConvTranspose for Conv2DTranspose."""
    return _RANK.sub("", layer.kind)


def rule(quantity: str, name: str, variant: str, places: Places) -> Rule:
    """A sentence of rules_text with its places filled."""
    table = _rules(quantity)[name]
    return Rule(table[variant].format_map(places), table.get("source", "").format_map(places))


def has_rule(quantity: str, name: str, variant: str = "rule") -> bool:
    """Whether rules_text holds such a sentence."""
    return variant in _rules(quantity).get(name, ())


def notes(quantity: str, name: str) -> tuple[str, ...]:
    """The remarks that belong to a rule."""
    return tuple(_rules(quantity)[name].get("notes", ()))


@cache
def _rules(quantity: str) -> dict[str, Any]:
    """The sentences about one quantity: a file each, so that a start reads no more than it says."""
    place = Path(__file__).parent / "rules_text" / f"{quantity}.toml"
    return tomllib.loads(place.read_text(encoding="utf-8"))


def places_of(layer: Layer, inputs: tuple[Shape, ...], **more: Any) -> Places:
    """What a sentence about a layer may name: its settings, its letters, {kind}, {input}."""
    settings = {field.name: _setting(getattr(layer, field.name)) for field in fields(layer)}
    letters = {name: Counted(size) for name, size in layer.letters(*inputs).items()}
    given = " and ".join(map(shape_text, inputs)) or "nothing"
    added = {name: _setting(value) for name, value in more.items()}
    return {**settings, **letters, "kind": layer.kind, "input": given, **added}


def named(**values: Any) -> Places:
    """The places of a sentence that speaks of no layer."""
    return {name: _setting(value) for name, value in values.items()}


def _setting(value: Any) -> Any:
    if type(value) is int or is_symbolic(value):
        return Counted(value)
    if isinstance(value, tuple) and value and all(_is_size(item) for item in value):
        return shape_text(value)
    return value


def _is_size(value: Any) -> bool:
    return type(value) is int or is_symbolic(value)


def size_text(value: Any) -> str:
    """A size in a sentence: 1,024, n − 2, or 'an open size'."""
    return "?" if value is None else to_text(to_expression(value), thousands=True)


def shape_text(shape: tuple[Any, ...]) -> str:
    """A shape in a sentence: 32x32x3, (n − 2)x(n − 2)x16, ? for a size left open."""
    return "x".join(map(_side_text, shape)) or "a single number"


def _side_text(size: Any) -> str:
    size = settled(size)
    if size is None or type(size) is int:
        return "?" if size is None else str(size)
    text = to_text(to_expression(size))
    return text if getattr(size, "is_Symbol", False) else f"({text})"
