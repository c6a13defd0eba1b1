"""How far a child is locked away: one word, proven by trying and never assumed.

strong    files, network, processes and memory are shut, by every part of the lock
partial   nothing can be opened or started once a submission is read, but a part is missing
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


def level_of(held: Collection[str], open_probes: Collection[str]) -> Level:
    """The level of a child that holds these parts, where those probes were not blocked."""
    if open_probes or not set(held) >= _LEAST:
        return "none"
    return "strong" if set(held) >= _PARTS else "partial"


def weaker(one: Level, other: Level) -> Level:
    """The lower of two levels: two children are as safe as the worse of them."""
    return min(one, other, key=ORDER.index)


def reaches(level: Level, wanted: Level) -> bool:
    """Whether a level is at least the wanted one."""
    return ORDER.index(level) >= ORDER.index(wanted)
