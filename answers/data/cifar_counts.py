"""CIFAR-10's classes, and how many pictures of each a whole split has."""

from __future__ import annotations

from collections.abc import Sequence

from answers.data.notes import counted
from answers.data.split import Note
from answers.errors import InputError

CIFAR_CLASSES = (
    "airplane",
    "automobile",
    "bird",
    "cat",
    "deer",
    "dog",
    "frog",
    "horse",
    "ship",
    "truck",
)
# The home page: 'the test batch contains exactly 1000 randomly-selected images from each class'.
WHOLE = {"test": 10_000, "train": 50_000}


def count_notes(counts: Sequence[int], split: str) -> tuple[Note, ...]:
    """What the numbers of pictures of the ten classes say: nothing, a note, or an error.

    Raises InputError (cifar-counts) where the split has the size of the whole set, but not as
    many pictures of one class as of another.
    """
    whole = WHOLE.get(split)
    total = sum(counts)
    if whole is None or not total:
        return ()
    if total != whole:
        return (_part_note(total, whole, split),)
    each = whole // len(CIFAR_CLASSES)
    wrong = [(n, name) for n, name in zip(counts, CIFAR_CLASSES, strict=True) if n != each]
    if wrong:
        raise InputError(
            "cifar-counts",
            f"The {split} set has {whole:,} pictures, but not {each:,} of each class: "
            f"{', '.join(f'{n:,} × {name}' for n, name in wrong)}.",
            hint="The labels or the pictures are not those of CIFAR-10: take them from the source.",
        )
    return ()


def _part_note(total: int, whole: int, split: str) -> Note:
    message = (
        f"The {split} set holds {counted(total, 'picture')}; the whole {split} set of CIFAR-10 "
        f"has {whole:,}."
    )
    return Note(code="not-the-whole-set", message=message)
