"""Which pictures of the train split are held out for validation. The test split is never looked at.

Pictures of one folder (one tile, one slide) stay on one side: with neighbours on both, validation
would measure what the network remembers.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from answers.data.pairs import Pair
from answers.data.prepare.grouped_split import GroupedSplit
from answers.data.segmentation import TABLE


def folders_of(root: Path, names: tuple[str, ...]) -> tuple[str, ...]:
    """The folder that each picture came from, as the table of `data prepare` knows it.

    Where the table does not say, it is the folder of the name itself.
    """
    sources = _sources(root / TABLE)
    return tuple(sources.get(name, name).rpartition("/")[0] for name in names)


def _sources(table: Path) -> dict[str, str]:
    if not table.is_file():
        return {}
    with table.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file, restval=""))
    return {
        Path(row["image_path"]).with_suffix("").as_posix(): row["source"]
        for row in rows
        if row.get("image_path") and row.get("source")
    }


def held_out(folders: tuple[str, ...], share: float, seed: int) -> NDArray[np.bool_]:
    """True for each picture that is held out: whole folders, about that share of the pictures.

    Where all are of one folder, or each folder is a picture, single pictures are held out.
    Raises InputError (split-impossible) where there is one picture only.
    """
    several = len(set(folders)) > 1
    groups = folders if several else tuple(map(str, range(len(folders))))
    here = Path()
    pairs = [Pair(name=f"{group}/picture", image=here, mask=here) for group in groups]
    sides = GroupedSplit(share=share, seed=seed).split_of(pairs)
    return np.array([side == "test" for side in sides])
