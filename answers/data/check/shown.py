"""A few pairs of a folder, spread over all of it, as they are to be drawn."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from answers.data.check.mask_facts import MaskFacts
from answers.data.masks import raw_mask
from answers.data.pairs import FoundPairs, Pair, unknown_split
from answers.data.pictures import as_photo, read_pixels
from answers.data.prepare.raw_pairs import every_split
from answers.errors import InputError


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A pair: photo (height, width) or (height, width, 3) uint8, and object (height, width) bool."""

    name: str
    split: str
    photo: NDArray[np.uint8]
    marks: NDArray[np.bool_]

    @property
    def share(self) -> Fraction:
        """Object pixels / pixels of the mask."""
        return Fraction(int(np.count_nonzero(self.marks)), self.marks.size)


def some_pairs(
    root: Path, count: int, *, split: str | None = None, name: str = ""
) -> tuple[Shown, ...]:
    """At most so many pairs, evenly spread over the folder, in its order.

    split: of this split only. name: only where the name holds this text.
    Raises InputError: path-missing, pairs-missing, split-unknown, picture-unknown; and the errors
    of a picture that can't be read.
    """
    found = _of_split(every_split(root), split, root)
    wanted = [(each.split, pair) for each in found for pair in each.pairs if name in pair.name]
    if not wanted:
        raise InputError(
            "picture-unknown",
            f"No picture of '{root}' has '{name:.80}' in its name."
            if name
            else f"'{root}' holds no whole pair.",
            hint="See what is there with: companion data check",
            where=str(root),
        )
    places = np.linspace(0, len(wanted) - 1, min(count, len(wanted))).round().astype(int)
    return tuple(_shown(*wanted[place]) for place in places)


def _of_split(
    found: tuple[FoundPairs, ...], split: str | None, root: Path
) -> tuple[FoundPairs, ...]:
    if split is None:
        return found
    kept = tuple(each for each in found if each.split == split)
    if not kept:
        raise unknown_split(split, [each.split for each in found], root)
    return kept


def _shown(split: str, pair: Pair) -> Shown:
    values = raw_mask(read_pixels(pair.mask)).values
    facts = MaskFacts.of(values)
    cut = 0 if facts.is_class_numbers else facts.largest // 2
    photo = as_photo(read_pixels(pair.image))
    return Shown(name=pair.name, split=split, photo=photo, marks=values > cut)
