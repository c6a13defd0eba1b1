"""How far the linter is, for whoever waits: a stage, what is done of it, and how much there is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

_Item = TypeVar("_Item")
Tell = Callable[[str, int, int], None]
"""Is told the stage, how many of its items are done, and how many there are."""


def quiet(_stage: str, _done: int, _total: int) -> None:
    """Nobody waits."""


def told(items: Iterable[_Item], stage: str, total: int, tell: Tell) -> Iterator[_Item]:
    """The items, each told when whoever takes them asks for the next."""
    tell(stage, 0, total)
    for done, item in enumerate(items, 1):
        yield item
        tell(stage, done, total)
