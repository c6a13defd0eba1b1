"""Which pair becomes which file: names that don't collide, and a split for each."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from answers.data.pairs import FoundPairs, Pair
from answers.data.prepare.grouped_split import GroupedSplit
from answers.errors import InputError

_LONGEST = 150


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A pair on its way: `name` is what both files are called, without folder and ending."""

    pair: Pair
    split: str
    name: str

    @property
    def image(self) -> str:
        """The picture, below the folder that is written."""
        return f"{self.split}/{self.name}.png"

    @property
    def mask(self) -> str:
        """The mask, below the folder that is written."""
        return f"{self.split}_masks/{self.name}.png"


def planned(splits: Sequence[FoundPairs], grouped: GroupedSplit | None) -> tuple[Piece, ...]:
    """All pairs with their names and splits.

    grouped: None keeps the splits as they are found; where there are none, all is 'train'.
    Raises InputError (split-unknown, and those of `GroupedSplit`).
    """
    pairs = [pair for split in splits for pair in split.pairs]
    if grouped is not None:
        names = grouped.split_of(pairs)
    else:
        names = [_split_name(split.split) for split in splits for _ in split.pairs]
    return tuple(
        Piece(pair=pair, split=split, name=name)
        for pair, split, name in zip(pairs, names, unique_names(pairs), strict=True)
    )


def _split_name(name: str) -> str:
    if name == "all":
        return "train"
    if not re.fullmatch(r"\w[\w.-]{0,99}", name) or name.endswith("_masks"):
        raise InputError(
            "split-unknown",
            f"{name!r:.60} is no name of a split that a folder could have.",
            hint="Usual names are train and test.",
        )
    return name


def unique_names(pairs: Sequence[Pair]) -> list[str]:
    """One file name for each pair: its own where it is the only one of that name.

    Files of one name in different folders get their folders in front: '1_a' and '2_a'. Upper and
    lower case are held equal, as some file systems do.
    """
    own = [_clean(Path(pair.name).name) for pair in pairs]
    often = Counter(name.lower() for name in own)
    long = [_clean(pair.name.replace("/", "_")) for pair in pairs]
    taken = {name.lower() for name in own if often[name.lower()] == 1}
    found: list[str] = []
    for short, full in zip(own, long, strict=True):
        name = short if often[short.lower()] == 1 else _free(full, taken)
        taken.add(name.lower())
        found.append(name)
    return found


def _free(name: str, taken: set[str]) -> str:
    found, number = name, 2
    while found.lower() in taken:
        found, number = f"{name}_{number}", number + 1
    return found


def _clean(name: str) -> str:
    kept = "".join(c if c.isprintable() and c not in '\\:*?"<>|' else "_" for c in name)
    return re.sub(r"^[.~\s]", "_", kept[-_LONGEST:])
