"""What was handed in: files, folders of files, and archives of them, as a list of models."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from answers.errors import CompanionError, ModelFileError, RefusedError
from checkers.engine.reading import reading
from checkers.engine.submission import is_unpacked, looked_at
from checkers.model_file import limits
from checkers.model_file.archive import Member
from checkers.model_file.names import ARCHIVE, ENDINGS, may_be_a_model

_LITTER = ("__MACOSX", "__pycache__")
_DEPTH = 16
_MOST = 200_000  # a class, and the pictures that some hand in with their models


@dataclass(frozen=True)
class HandedIn:
    """A model to grade. member: of the zip file at `path`."""

    path: Path
    member: Member | None = None


@dataclass(frozen=True)
class Found:
    """The models of a place, in order, and how many other files lie beside them."""

    models: tuple[HandedIn, ...]
    others: int = 0


def models_at(path: Path, *, archives: bool) -> Found:
    """The models that a path stands for: itself, those in a folder, those in a zip file.

    archives: whether a zip file may hold many. A folder that is one model is one model; links are
    not followed.
    Raises: ModelFileError no-models, where a folder holds none; RefusedError too-many-files.
    """
    if os.path.isdir(path) and not _is_called_one(path):  # noqa: PTH112  # raises never
        return _in_folder(path, archives=archives)
    return _in_archive(path) if archives and _is_archive(path) else Found((HandedIn(path),))


def _in_folder(folder: Path, *, archives: bool) -> Found:
    files = _files(folder)
    models = [path for path in files if _may_be_one(path)]
    if not models:
        raise ModelFileError(
            "no-models",
            f"The folder '{folder}' holds no file that could be a model.",
            hint=f"Models end in {', '.join((*ENDINGS, ARCHIVE))}; folders are searched {_DEPTH} deep.",
        )
    parts = [
        _in_archive(path) if archives and _is_archive(path) else Found((HandedIn(path),))
        for path in models
    ]
    found = tuple(model for part in parts for model in part.models)
    return Found(found, len(files) - len(models) + sum(part.others for part in parts))


def _files(folder: Path) -> list[Path]:
    """Files, and folders that are one model, by name; hidden ones apart.

    A folder that may not be read, or lies too deep, stands for itself: its grade says it.
    """
    found = list(islice(_below(folder, _DEPTH), _MOST + 1))
    if len(found) > _MOST:
        raise RefusedError(
            "too-many-files",
            f"The folder '{folder}' holds more than {_MOST:,} files.",
            hint="Name the folders in it one by one.",
        )
    return found


def _below(folder: Path, depth: int) -> Iterator[Path]:
    try:
        with os.scandir(folder) as entries:
            names = sorted(entry.name for entry in entries if _counts(entry.name))
    except PermissionError:
        yield folder
        return
    for name in names:
        path = folder / name
        if not _is_folder(path) or _is_one(path):
            yield path
        elif depth > 1:
            yield from _below(path, depth - 1)
        else:
            yield path


def _counts(name: str) -> bool:
    """Whether a name is one that a person gave: not hidden, nor of a system's own."""
    return not name.startswith(".") and name not in _LITTER


def _is_folder(path: Path) -> bool:
    """Whether it is one, and no link; what may not be looked at is none."""
    try:
        return stat.S_ISDIR(path.lstat().st_mode)
    except OSError:
        return False


def _is_one(folder: Path) -> bool:
    """Whether a folder is what Keras saves as one model (the second kind is refused, and said)."""
    return is_unpacked(folder) or os.path.isfile(folder / "saved_model.pb")  # noqa: PTH113  # raises never


def _is_called_one(folder: Path) -> bool:
    """Whether a folder is one model, or has the name of one: a grade says what it is."""
    return _is_one(folder) or folder.suffix.lower() in ENDINGS


def _may_be_one(path: Path) -> bool:
    return _is_folder(path) or may_be_a_model(path.name)


def _is_archive(path: Path) -> bool:
    return path.suffix.lower() == ARCHIVE


def _in_archive(path: Path) -> Found:
    """The models in a zip file; a file that has none, or is one, is graded as what it is."""
    try:
        with looked_at(path, limits.COLLECTION_BYTES) as descriptor, reading(descriptor) as reader:
            found = reader.contents()
    except CompanionError:
        return Found((HandedIn(path),))  # what is wrong with the file is said by its grade
    if not found.models:
        return Found((HandedIn(path),))
    return Found(tuple(HandedIn(path, member) for member in found.models), found.others)
