"""Pictures in one folder a class: `test/CLASS/NNNN.jpg`, in the order of classes, then of names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from answers.data.cifar_counts import CIFAR_CLASSES, count_notes
from answers.data.notes import graded_on_train, split_ignored
from answers.data.pictures import is_picture_name, read_photo
from answers.data.split import Note, Sample, Split
from answers.errors import RefusedError

MAX_FILES = 1_000_000


@dataclass(frozen=True, kw_only=True)
class ClassFolders:
    """The folders of one split: `name` of the split, classes in order, pictures of each class."""

    name: str
    root: Path
    classes: tuple[str, ...]
    files: tuple[tuple[Path, ...], ...]


def natural(text: str) -> list[tuple[int, int, str]]:
    """A key that sorts names as people count: 'a2' before 'a10'."""
    parts = re.findall(r"\d+|\D+", text)
    # The text itself last, so that 'a1' and 'a01' have one order on every machine.
    numbers = [(0, int(p[:18]), p) if p.isdecimal() else (1, 0, p.lower()) for p in parts]
    return [*numbers, (2, 0, text)]


def find_class_folders(path: Path, split: str | None) -> ClassFolders | None:
    """The class folders of the split: in PATH/SPLIT, or in PATH itself; None where there are none.

    A folder that is called 'test' or 'train' has its own name as that of the split.
    """
    wanted = split or "test"
    inner = path / wanted
    if inner.is_dir():
        return _folders(inner, wanted)
    own = path.name if path.name.lower() in {"test", "train", "val"} else "all"
    return _folders(path, own)


def _folders(root: Path, name: str) -> ClassFolders | None:
    found = {folder.name: _pictures(folder) for folder in root.iterdir() if _is_class(folder)}
    held = {folder: files for folder, files in found.items() if files}
    if len(held) < 2:
        return None
    classes = _order(set(held))
    by_name = {folder.lower(): files for folder, files in held.items()}
    files = tuple(by_name.get(each.lower(), ()) for each in classes)
    return ClassFolders(name=name, root=root, classes=classes, files=files)


def _is_class(folder: Path) -> bool:
    return folder.is_dir() and not folder.name.startswith((".", "__"))


def _pictures(folder: Path) -> tuple[Path, ...]:
    files = sorted(path for path in folder.iterdir() if is_picture_name(path))
    if len(files) > MAX_FILES:
        raise RefusedError(
            "too-many-files",
            f"'{folder}' holds {len(files):,} pictures, at most {MAX_FILES:,} are read.",
            hint="Grade on a smaller split.",
            where=str(folder),
        )
    return tuple(files)


def _order(names: set[str]) -> tuple[str, ...]:
    """CIFAR-10's order where the names are among its ten, else the natural order."""
    if {name.lower() for name in names} <= set(CIFAR_CLASSES):
        return CIFAR_CLASSES
    return tuple(sorted(names, key=natural))


def open_class_folders(folders: ClassFolders, split: str | None) -> Split:
    """The split of the pictures; they are decoded while it is read.

    Raises InputError (cifar-counts) here, and the errors of `read_photo` while reading.
    """
    counts = [len(files) for files in folders.files]
    notes = count_notes(counts, folders.name) if folders.classes == CIFAR_CLASSES else ()
    return Split(
        name=folders.name,
        source=str(folders.root),
        task="classification",
        count=sum(counts),
        classes=folders.classes,
        read=lambda: _samples(folders),
        notes=(
            *split_ignored(split, folders.name),
            *graded_on_train(folders.name),
            *_missing_note(folders),
            *notes,
        ),
    )


def _missing_note(folders: ClassFolders) -> tuple[Note, ...]:
    pairs = zip(folders.classes, folders.files, strict=True)
    missing = [name for name, files in pairs if not files]
    if not missing:
        return ()
    message = f"The split has no pictures of {', '.join(missing)}."
    return (Note(code="class-without-pictures", message=message),)


def _samples(folders: ClassFolders) -> Iterator[Sample]:
    for label, (name, files) in enumerate(zip(folders.classes, folders.files, strict=True)):
        for path in files:
            yield Sample(name=f"{name}/{path.name}", image=read_photo(path), label=label)
