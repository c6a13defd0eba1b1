"""Folders of pictures and masks as a split; every fault in them is found before the first score."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from answers.data.masks import (
    NOTHING_SAID,
    ClassLabels,
    MaskCoding,
    MaskSurvey,
    check_word,
    coding_notes,
    raw_mask,
    settle,
)
from answers.data.notes import counted, graded_on_train, split_ignored
from answers.data.pair_table import read_pair_table
from answers.data.pairs import FoundPairs, Pair, faulty, find_pairs
from answers.data.pictures import Pixels, as_photo, read_pixels
from answers.data.split import Note, Sample, Split
from answers.errors import CompanionError, InputError

TABLE = "pairs.csv"


def open_segmentation(
    root: Path,
    split: str | None = None,
    *,
    table: Path | None = None,
    masks: str = "auto",
    labels: ClassLabels = NOTHING_SAID,
) -> Split:
    """The split of pictures and masks in a folder.

    table: a CSV file that selects the split (see `pair_table`), relative to `root` or by itself;
        a file pairs.csv in the folder is used where None.
    masks: the word of the coding, and `labels` what is said of class numbers (`masks.settle`).

    All pictures and masks are decoded once, so that all faults are in one error.
    Raises InputError: pairs-missing where no layout is known, pairs-faulty, and those of
    `read_pair_table` and `settle`.
    """
    check_word(masks)
    chosen = _table(root, table)
    found = _find(root, split, chosen)
    survey = _Survey.of(found, root, class_ids=masks == "class-ids")
    coding = settle(masks, survey.masks, labels)
    return Split(
        name=found.split,
        source=str(root),
        task="segmentation",
        count=len(found.pairs),
        classes=coding.classes(survey.masks),
        read=lambda: _samples(found.pairs, coding),
        notes=(
            *_table_note(chosen, table),
            *split_ignored(split, found.split),
            *graded_on_train(found.split),
            *coding_notes(coding, survey.masks),
            *survey.picture_notes(),
        ),
    )


def _table(root: Path, table: Path | None) -> Path | None:
    if table is not None:
        inside = root / table
        return inside if inside.is_file() else table
    return root / TABLE if (root / TABLE).is_file() else None


def _table_note(chosen: Path | None, given: Path | None) -> tuple[Note, ...]:
    if chosen is None or given is not None:
        return ()
    message = f"The table '{chosen.name}' in the data folder selects the split."
    return (Note(code="table-found", message=message),)


def _find(root: Path, split: str | None, table: Path | None) -> FoundPairs:
    found = find_pairs(root, split) if table is None else read_pair_table(table, root, split)
    if found is None or not (found.pairs or found.faults):
        raise InputError(
            "pairs-missing",
            f"'{root}' holds no pictures with masks.",
            hint="Known layouts: NAME.bmp beside NAME_label.bmp, in numbered folders; "
            "images/ and masks/; test/ and test_masks/; an .npz with images and masks.",
            where=str(root),
        )
    return found


@dataclass
class _Survey:
    """What one pass over all pairs found."""

    masks: MaskSurvey = field(default_factory=MaskSurvey)
    turned: int = 0
    deep: int = 0

    @classmethod
    def of(cls, found: FoundPairs, root: Path, *, class_ids: bool) -> _Survey:
        """Decode every pair. Raises InputError (pairs-faulty) with all faults."""
        survey, faults = cls(), list(found.faults)
        for pair in found.pairs:
            image, mask = _decode(pair.image, root, faults), _decode(pair.mask, root, faults)
            if image is None or mask is None:
                continue
            if image.size != mask.size:
                faults.append(_sizes(pair, image, mask))
            survey._add(pair, image, mask, class_ids=class_ids)
        if faults:
            raise faulty(faults, root)
        return survey

    def _add(self, pair: Pair, image: Pixels, mask: Pixels, *, class_ids: bool) -> None:
        self.turned += image.orientation != 1
        self.deep += image.values.dtype != "uint8"
        self.masks.add(pair.name, raw_mask(mask, class_ids=class_ids))

    def picture_notes(self) -> tuple[Note, ...]:
        notes = []
        if self.turned:
            message = (
                f"The EXIF tag of {counted(self.turned, 'picture')} says that the camera was "
                "turned; the pixels are used as they are stored."
            )
            notes.append(Note(code="exif-orientation", message=message))
        if self.deep:
            message = f"Of {counted(self.deep, '16-bit picture')} the upper eight bits are used."
            notes.append(Note(code="picture-16-bit", message=message))
        return tuple(notes)


def _decode(path: Path, root: Path, faults: list[str]) -> Pixels | None:
    """The pixels, or None with the fault put down."""
    try:
        return read_pixels(path)
    except CompanionError as error:
        inner = path.relative_to(root) if path.is_relative_to(root) else path
        faults.append(error.message.replace(str(path), str(inner)).rstrip("."))
        return None


def _sizes(pair: Pair, image: Pixels, mask: Pixels) -> str:
    sides = [f"{height} × {width}" for height, width in (image.size, mask.size)]
    turned = image.orientation != 1 or mask.orientation != 1
    why = " (an EXIF tag says that it was turned)" if turned else ""
    return f"'{pair.name}' is {sides[0]} pixels, but its mask is {sides[1]}{why}"


def _samples(pairs: tuple[Pair, ...], coding: MaskCoding) -> Iterator[Sample]:
    for pair in pairs:
        mask = raw_mask(read_pixels(pair.mask), class_ids=coding.class_ids)
        yield Sample(
            name=pair.name,
            image=as_photo(read_pixels(pair.image)),
            mask=coding.apply(mask.values),
        )
