"""What lies in a raw folder: pairs in any depth, with their split where the folder says one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from answers.data.class_folders import natural
from answers.data.pair_table import read_pair_table, splits_of
from answers.data.pairs import (
    MASK_ENDINGS,
    MAX_FILES,
    FoundPairs,
    Pair,
    find_pairs,
    pictures_in,
    splits_in,
)
from answers.data.segmentation import TABLE
from answers.errors import InputError, RefusedError

MAX_FOLDERS = 20_000


def every_split(root: Path) -> tuple[FoundPairs, ...]:
    """All splits of a folder, in the order of its table or of its folders.

    A table pairs.csv counts first, then folders of splits, then pairs side by side in any depth.
    Raises InputError: path, path-missing, pairs-missing, and those of the table.
    """
    if root.is_file():
        raise InputError(
            "path",
            f"'{root}' is a file, not a folder.",
            hint="Name the folder that holds the pictures and their masks; companion data prepare "
            "makes one of an archive.",
            where=str(root),
        )
    if not root.is_dir():
        raise InputError(
            "path-missing",
            f"There is no folder '{root}'.",
            hint="Check the path; a relative one starts in the current folder.",
            where=str(root),
        )
    table = root / TABLE
    if table.is_file():
        return tuple(read_pair_table(table, root, name) for name in splits_of(table))
    found = _of_folders(root)
    if not any(split.pairs or split.faults for split in found):
        raise _nothing(root)
    return found


def raw_splits(root: Path) -> tuple[Path, tuple[FoundPairs, ...]]:
    """The folder that counts below a raw folder, and its splits.

    Archives often hold one folder with everything in it; that folder is then the one that counts.
    Pictures that the table of a raw folder doesn't name are faults of its last split.
    """
    while (only := _only_folder(root)) is not None:
        root = only
    splits = every_split(root)
    if not (root / TABLE).is_file():
        return root, splits
    named = {path for split in splits for pair in split.pairs for path in (pair.image, pair.mask)}
    others = [path for path in _pictures_below(root) if path not in named]
    faults = tuple(f"'{path.relative_to(root).as_posix()}' is not in {TABLE}" for path in others)
    last = replace(splits[-1], faults=(*splits[-1].faults, *faults))
    return root, (*splits[:-1], last)


def _nothing(root: Path) -> InputError:
    return InputError(
        "pairs-missing",
        f"'{root}' holds no pictures with masks.",
        hint="Known layouts: NAME.bmp beside NAME_label.bmp, in folders of any depth; "
        "images/ and masks/; train/ and train_masks/.",
        where=str(root),
    )


def _only_folder(root: Path) -> Path | None:
    if not root.is_dir():
        return None
    inner = [path for path in root.iterdir() if not path.name.startswith(".")]
    if len(inner) == 1 and inner[0].is_dir() and not inner[0].is_symlink():
        return inner[0]
    return None


def _of_folders(root: Path) -> tuple[FoundPairs, ...]:
    names: tuple[str | None, ...] = splits_in(root) or (None,)
    if names == (None,):
        side_by_side = _side_by_side(root)
        if side_by_side.pairs:
            return (side_by_side,)
    found = [find_pairs(root, name) for name in names]
    return tuple(split for split in found if split is not None)


def _folders(root: Path) -> Iterator[Path]:
    """The folder and all below it, no links followed, in the order that people count."""
    for number, (folder, inner, _) in enumerate(os.walk(root)):
        if number >= MAX_FOLDERS:
            raise RefusedError(
                "too-many-files",
                f"'{root}' holds more than {MAX_FOLDERS:,} folders.",
                hint="Give the folder of the pictures itself.",
                where=str(root),
            )
        inner[:] = sorted((name for name in inner if not name.startswith(".")), key=natural)
        yield Path(folder)


def _pictures_below(root: Path) -> list[Path]:
    found: list[Path] = []
    for folder in _folders(root):
        found += [path for path in pictures_in(folder) if path.is_file() and not path.is_symlink()]
        if len(found) > MAX_FILES:
            raise RefusedError(
                "too-many-files",
                f"'{root}' holds more than {MAX_FILES:,} pictures.",
                hint="Prepare it in parts.",
                where=str(root),
            )
    return found


def _stem(path: Path, root: Path) -> str:
    return path.relative_to(root).with_suffix("").as_posix()


def _picture_of(stem: str) -> str | None:
    """The stem of the picture that a mask of this stem belongs to; None for a picture.

    Only the ending is cut: 'a_1_label' is the mask of 'a_1'.
    """
    ending = next((end for end in MASK_ENDINGS if stem.endswith(end)), None)
    return None if ending is None else stem.removesuffix(ending)


def _side_by_side(root: Path) -> FoundPairs:
    faults: list[str] = []
    images: dict[str, Path] = {}
    masks: dict[str, Path] = {}
    for path in _pictures_below(root):
        stem = _stem(path, root)
        target = _picture_of(stem)
        kind, place = (images, stem) if target is None else (masks, target)
        if place in kind:
            faults.append(f"'{stem}' is there twice: {kind[place].name} and {path.name}")
        kind.setdefault(place, path)
    faults += [f"'{images[n].relative_to(root)}' has no mask" for n in _alone(images, masks)]
    faults += [
        f"the mask '{masks[n].relative_to(root)}' has no picture" for n in _alone(masks, images)
    ]
    both = sorted(images.keys() & masks.keys(), key=natural)
    pairs = tuple(Pair(name=name, image=images[name], mask=masks[name]) for name in both)
    return FoundPairs(split="all", pairs=pairs, faults=tuple(faults))


def _alone(these: dict[str, Path], those: dict[str, Path]) -> list[str]:
    return sorted(these.keys() - those.keys(), key=natural)
