"""The names that Keras gives to layers without one: conv2d, conv2d_1, re_lu, batch_normalization."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from answers.layers.base import Layer


@cache
def _stem(kind: str) -> str:
    """Keras's `to_snake_case`."""
    words = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", kind)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", words).lower()


def auto_stem(layer: Layer) -> str:
    """The name of the first layer of its class."""
    return _stem(layer.kind)


def is_auto(name: str, layer: Layer) -> bool:
    """Whether Keras may have given this name to this layer."""
    return re.fullmatch(rf"{_stem(layer.kind)}(_[1-9][0-9]*)?", name) is not None


class FreeNames:
    """Names that are not taken yet: stem, stem_1, stem_2, …"""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = set(taken)
        self._next: dict[str, int] = {}

    def take(self, name: str) -> None:
        """Say that a name is taken."""
        self._taken.add(name)

    def peek(self, stem: str) -> str:
        """The next free name of a stem."""
        number = self._next.get(stem, 0)
        while (name := f"{stem}_{number}" if number else stem) in self._taken:
            number += 1
        self._next[stem] = number
        return name

    def new(self, stem: str) -> str:
        """The next free name of a stem, taken."""
        name = self.peek(stem)
        self.take(name)
        return name
