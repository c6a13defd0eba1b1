"""How far a child is locked away: one word, proven by trying and never assumed.

strong    files, network, processes and memory are shut, by every part of the lock
partial   network, processes and a person's files are shut, but a part is missing: of the lock,
          where the kernel has it not, or because a GPU's driver opens its nodes at any time
none      a process of its own, with limits of memory and time
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

Level = Literal["none", "partial", "strong"]

ORDER: tuple[Level, ...] = ("none", "partial", "strong")
BLOCKED = "blocked"
_PARTS = {"privileges", "limits", "files", "calls", "paths"}
_LEAST = {"privileges", "calls", "paths"}
_WITH_DEVICES = {"privileges", "limits", "files", "calls", "devices"}
# What a driver needs is open to the model beside it: no file of a person, and no way out.
OPEN_WITH_DEVICES = frozenset(
    {"read a file of the interpreter", "look at a file", "shared memory", "ask a device"}
)


def level_of(held: Collection[str], open_probes: Collection[str]) -> Level:
    """The level of a child that holds these parts, where those probes were not blocked."""
    if set(held) >= _WITH_DEVICES:
        return "none" if set(open_probes) - OPEN_WITH_DEVICES else "partial"
    if open_probes or not set(held) >= _LEAST:
        return "none"
    return "strong" if set(held) >= _PARTS else "partial"


def weaker(one: Level, other: Level) -> Level:
    """The lower of two levels: two children are as safe as the worse of them."""
    return min(one, other, key=ORDER.index)


def reaches(level: Level, wanted: Level) -> bool:
    """Whether a level is at least the wanted one."""
    return ORDER.index(level) >= ORDER.index(wanted)
