"""Split pairs into train and test by groups, so that neighbours never stand on both sides.

Pictures of one tile, one patient or one film resemble each other: where some are trained on and
others tested, the score says how well the model remembers.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from answers.data.pairs import Pair
from answers.errors import InputError

_BETWEEN = re.compile(r"[_\-. ]+")


@dataclass(frozen=True, kw_only=True)
class GroupedSplit:
    """How pairs are split.

    share: of the pictures that the test split gets, above 0 and below 1.
    group: 'folder', or 'name:N': the N-th part of the name, parts being what stands between
        '_', '-', '.' and spaces; 'name:1' of 'slide07_x3_y5' is 'slide07'.
    seed: another seed gives another choice of groups.
    """

    share: float
    group: str = "folder"
    seed: int = 0

    def __post_init__(self) -> None:
        """Raises InputError (option-value)."""
        if not 0 < self.share < 1:
            raise InputError(
                "option-value",
                f"The share of the test split is {self.share}.",
                hint="Give a number between 0 and 1, such as 0.2.",
                where="--test",
            )
        if self.group != "folder" and not re.fullmatch(r"name:[1-9]\d?", self.group):
            raise InputError(
                "option-value",
                f"'{self.group:.40}' is no way to group pictures.",
                hint="Use folder, or name:1 (the first part of the name), name:2, …",
                where="--group",
            )

    def group_of(self, pair: Pair) -> str:
        """The group of a pair. Raises InputError (group-missing) where its name has no such part."""
        folder, _, stem = pair.name.rpartition("/")
        if self.group == "folder":
            return folder
        number = int(self.group.removeprefix("name:"))
        parts = [part for part in _BETWEEN.split(stem) if part]
        if number > len(parts):
            raise InputError(
                "group-missing",
                f"The name '{stem:.80}' has {len(parts)} parts, and the group is to be part {number}.",
                hint="Parts stand between '_', '-', '.' and spaces. Use a smaller number, or folder.",
                where="--group",
            )
        return parts[number - 1]

    def split_of(self, pairs: Sequence[Pair]) -> list[str]:
        """'train' or 'test' for each pair.

        Groups are taken in an order that their names and the seed give, each where it brings the
        test split nearer to its share. Adding a picture to a group moves no other group first.
        Raises InputError: group-missing, and split-impossible where there is one group only.
        """
        groups: defaultdict[str, int] = defaultdict(int)
        names = [self.group_of(pair) for pair in pairs]
        for name in names:
            groups[name] += 1
        chosen = self._chosen(dict(groups), len(pairs))
        return ["test" if name in chosen else "train" for name in names]

    def _chosen(self, groups: dict[str, int], total: int) -> set[str]:
        if len(groups) < 2:
            raise InputError(
                "split-impossible",
                f"All {total:,} pairs are of one group, so no group is left for a test split.",
                hint="Group in another way: --group name:1, name:2, …",
                where="--group",
            )
        wanted, chosen, held = self.share * total, set[str](), 0
        order = sorted(groups, key=self._place)
        for name in order:
            nearer = abs(held + groups[name] - wanted) < abs(held - wanted)
            if nearer and len(chosen) < len(groups) - 1:
                chosen.add(name)
                held += groups[name]
        return chosen or {min(order, key=lambda name: groups[name])}

    def _place(self, group: str) -> str:
        return hashlib.sha256(f"{self.seed}\0{group}".encode("utf-8", "replace")).hexdigest()
