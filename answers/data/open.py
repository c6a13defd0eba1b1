"""The one door to data: a path and a task in, a split out."""

from __future__ import annotations

import re
from pathlib import Path

from answers.data.array_split import open_masked_arrays
from answers.data.cifar10 import open_cifar10
from answers.data.masks import NOTHING_SAID, ClassLabels
from answers.data.npz import is_npz
from answers.data.pictures import is_picture_name
from answers.data.segmentation import open_segmentation
from answers.data.split import Split, Task
from answers.data.tar_stream import is_tar
from answers.errors import InputError


def open_split(
    path: Path,
    *,
    task: Task,
    split: str | None = None,
    table: Path | None = None,
    masks: str = "auto",
    labels: ClassLabels = NOTHING_SAID,
) -> Split:
    """Open the data at the path for the task; what it is, is decided by what lies there.

    split: the split to use ('test' where the data has splits and None is given).
    table: a CSV file that selects the split, for folders of pictures with masks.
    masks: the coding of masks, and `labels` what is said of class numbers (see `masks.settle`).

    Raises InputError: path-missing, data-empty, data-single-picture, data-unknown, and the
    errors of `open_cifar10`, `open_segmentation` and the .npz reader.
    """
    _check_split(split)
    _check_path(path)
    opened = (
        open_cifar10(path, split)
        if task == "classification"
        else _open_masked(path, split, table, masks, labels)
    )
    if opened.count == 0:
        raise _empty(path)
    return opened


def _open_masked(
    path: Path, split: str | None, table: Path | None, masks: str, labels: ClassLabels
) -> Split:
    if path.is_dir():
        return open_segmentation(path, split, table=table, masks=masks, labels=labels)
    if is_npz(path):
        return open_masked_arrays(path, split, masks, labels)
    packed = is_tar(path)
    raise InputError(
        "data-unknown",
        f"'{path}' is {'an archive' if packed else 'no data'} that companion "
        f"{'does not look into' if packed else 'knows'} for segmentation.",
        hint="Unpack it, and give its folder."
        if packed
        else "Give a folder of pictures and masks, or an .npz with images and masks.",
        where=str(path),
    )


def _check_split(split: str | None) -> None:
    """A split is a word: it becomes a part of paths."""
    if split is not None and not re.fullmatch(r"\w[\w.-]{0,99}", split):
        raise InputError(
            "split-unknown",
            f"'{split}' is no name of a split.",
            hint="Usual names are test and train.",
        )


def _check_path(path: Path) -> None:
    if path.is_dir():
        if next(path.iterdir(), None) is None:
            raise _empty(path)
    elif not path.is_file():
        raise InputError(
            "path-missing",
            f"There is no file or folder '{path}'.",
            hint="Check the path; a relative one starts in the current folder.",
            where=str(path),
        )
    elif is_picture_name(path):
        raise InputError(
            "data-single-picture",
            f"'{path}' is a single picture, not a split with labels or masks.",
            hint="Give the folder that holds all pictures.",
            where=str(path),
        )
    elif path.stat().st_size == 0:
        raise _empty(path)


def _empty(path: Path) -> InputError:
    return InputError(
        "data-empty",
        f"'{path}' is empty: it holds no pictures.",
        hint="Unpack or download the data, or give another path.",
        where=str(path),
    )
