"""The story of one preparation: look at every pair, settle the coding, write what isn't there yet.

Every output holds a hash of its source and of the settings. So a second run writes nothing, a run
that was killed goes on, and files of an earlier run that belong to nothing any more are removed.
"""

from __future__ import annotations

import csv
import errno
import hashlib
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial
from pathlib import Path

import numpy as np

from answers.data.masks import (
    MaskCoding,
    MaskSurvey,
    RawMask,
    check_word,
    coding_notes,
    raw_mask,
    settle,
)
from answers.data.pairs import FoundPairs, Pair, faulty
from answers.data.pictures import as_photo, read_pixels
from answers.data.prepare.grouped_split import GroupedSplit
from answers.data.prepare.in_parallel import in_parallel
from answers.data.prepare.plan import Piece, planned
from answers.data.prepare.png_file import PART, made_from, resized, write_png, write_whole
from answers.data.prepare.raw_pairs import raw_splits
from answers.data.prepare.unpacking import clear, is_archive, unpack
from answers.data.resize import resize_nearest
from answers.data.segmentation import TABLE
from answers.data.split import Note
from answers.errors import CompanionError, InputError, MissingError

COLUMNS = ("image_path", "mask_path", "split", "foreground_share", "source")
_UNPACKED = ".unpacked"
_LARGEST = 4096
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)

Tell = Callable[[str, int, int], None]


@dataclass(frozen=True, kw_only=True)
class Request:
    """What is to be prepared.

    raw: a folder or an archive. out: the folder that is written.
    size: (height, width) of pictures and masks; None keeps them.
    masks: the word of the masks' coding (`masks.settle`).
    grouped: how to split anew; None keeps the splits of the raw folder.
    jobs: threads; 0: one a core.
    """

    raw: Path
    out: Path
    size: tuple[int, int] | None = None
    masks: str = "auto"
    grouped: GroupedSplit | None = None
    jobs: int = 0


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of the table: files below the folder, the split, object pixels / pixels, source."""

    image: str
    mask: str
    split: str
    share: Fraction
    source: str
    written: bool = field(default=False, compare=False)


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """What was made: rows in order, what was left out, files written and removed, notes."""

    rows: tuple[Row, ...]
    left_out: tuple[str, ...]
    written: int
    removed: int
    notes: tuple[Note, ...]


def quiet(_stage: str, _done: int, _total: int) -> None:
    """Tell nobody."""


def prepare(request: Request, tell: Tell = quiet) -> Prepared:
    """Write the folders of pictures and masks, and the table.

    tell: is told the stage, how many are done, and of how many (0: not known).

    Pairs that are faulty are left out and listed. Raises InputError: path-missing, pairs-missing,
    pairs-faulty where no pair is whole, out-inside-raw, not-ours, archive-damaged, those of the
    masks' coding; RefusedError: archive-member, archive-limit; MissingError: disk-full.
    """
    _check(request)
    check_word(request.masks)
    unpacked = request.out / _UNPACKED
    try:
        request.out.mkdir(parents=True, exist_ok=True)
        clear(unpacked)
        if is_archive(request.raw):
            tell("unpacking", 0, 0)
            unpacked.mkdir()
            unpack(request.raw, unpacked)
            return _prepare(request, unpacked, tell)
        return _prepare(request, request.raw, tell)
    except OSError as error:
        raise _trouble(request.out, error) from error
    finally:
        clear(unpacked)


def _check(request: Request) -> None:
    raw, out = request.raw, request.out
    if not raw.exists():
        raise InputError(
            "path-missing", f"There is no file or folder '{raw}'.", hint="Check the path."
        )
    if raw.is_file() and not is_archive(raw):
        raise InputError(
            "data-unknown",
            f"'{raw}' is neither a folder nor a .zip or .tar archive.",
            hint="Give the folder that holds the pictures, or the archive it came in.",
        )
    if raw.is_dir() and out.resolve().is_relative_to(raw.resolve()):
        raise InputError(
            "out-inside-raw",
            f"'{out}' lies inside of '{raw}', so its files would be taken for raw ones.",
            hint="Name a folder beside the raw one.",
        )
    if out.exists() and not out.is_dir():
        raise InputError("cannot-write", f"'{out}' is no folder.", hint="Name a folder.")
    if request.size is not None and not all(1 <= side <= _LARGEST for side in request.size):
        raise InputError(
            "option-value",
            f"The size is {request.size[0]} × {request.size[1]}.",
            hint=f"Each side is from 1 to {_LARGEST:,} pixels.",
            where="--size",
        )


def _prepare(request: Request, raw: Path, tell: Tell) -> Prepared:
    root, splits = raw_splits(raw)
    faults = [fault for split in splits for fault in split.faults]
    whole, survey = _looked_at(request, root, splits, faults, tell)
    if not any(split.pairs for split in whole):
        raise faulty(faults, request.raw)
    coding = _coding(request.masks, survey)
    pieces = planned(whole, request.grouped)
    ours = _ours(request.out, pieces)
    rows = _written(request, root, pieces, coding, ours, tell)
    _write_table(request.out / TABLE, rows)
    targets = {request.out / path for row in rows for path in (row.image, row.mask)}
    removed = _remove(request.out, [path for path in ours if path not in targets])
    return Prepared(
        rows=tuple(rows),
        left_out=tuple(faults),
        written=sum(row.written for row in rows),
        removed=removed,
        notes=coding_notes(coding, survey),
    )


@dataclass(frozen=True, kw_only=True)
class _Looked:
    """A pair that was decoded once: its mask, or what is wrong with it."""

    pair: Pair
    mask: RawMask | None = None
    fault: str = ""


def _looked_at(
    request: Request, root: Path, splits: Sequence[FoundPairs], faults: list[str], tell: Tell
) -> tuple[list[FoundPairs], MaskSurvey]:
    """The splits with whole pairs only, and the values of all their masks."""
    survey, whole, done = MaskSurvey(), list[FoundPairs](), 0
    total = sum(len(split.pairs) for split in splits)
    look = partial(_look, root=root, class_ids=request.masks == "class-ids")
    for split in splits:
        kept: list[Pair] = []
        for looked in in_parallel(look, split.pairs, request.jobs):
            done += 1
            tell("looking", done, total)
            if looked.mask is None:
                faults.append(looked.fault)
            else:
                kept.append(looked.pair)
                survey.add(looked.pair.name, looked.mask)
        whole.append(FoundPairs(split=split.split, pairs=tuple(kept), faults=()))
    return whole, survey


def _look(pair: Pair, *, root: Path, class_ids: bool) -> _Looked:
    try:
        image, mask = read_pixels(pair.image), read_pixels(pair.mask)
    except CompanionError as error:
        return _Looked(pair=pair, fault=error.message.replace(f"{root}/", "").rstrip("."))
    if image.size != mask.size:
        sides = [f"{height} × {width}" for height, width in (image.size, mask.size)]
        return _Looked(pair=pair, fault=f"'{pair.name}' is {sides[0]}, but its mask is {sides[1]}")
    return _Looked(pair=pair, mask=raw_mask(mask, class_ids=class_ids))


def _coding(word: str, survey: MaskSurvey) -> MaskCoding:
    try:
        return settle(word, survey)
    except InputError as error:
        raise InputError(
            error.code,
            error.message,
            hint='Say which value is the object: --masks "0/255" (background/object), '
            '"threshold:0", "threshold:127", "inverted" or "class-ids".',
            where="--masks",
        ) from error


def _ours(out: Path, pieces: Sequence[Piece]) -> dict[Path, str]:
    """The PNG files of earlier runs with their keys. Raises InputError (not-ours)."""
    found: dict[Path, str] = {}
    for path in sorted(out.glob("*/*.png")):
        key = made_from(path)
        if key is not None:
            found[path] = key
    for path in (out / inner for piece in pieces for inner in (piece.image, piece.mask)):
        if path not in found and path.exists():
            raise _foreign(path)
    table = out / TABLE
    if table.exists() and not table.read_bytes().startswith(",".join(COLUMNS).encode()):
        raise _foreign(table)
    return found


def _foreign(path: Path) -> InputError:
    return InputError(
        "not-ours",
        f"'{path}' is there already, and was not written by companion.",
        hint="Name an empty folder; nothing was changed.",
        where=str(path),
    )


def _written(
    request: Request,
    root: Path,
    pieces: Sequence[Piece],
    coding: MaskCoding,
    ours: dict[Path, str],
    tell: Tell,
) -> list[Row]:
    for folder in {path for piece in pieces for path in (piece.image, piece.mask)}:
        (request.out / folder).parent.mkdir(exist_ok=True)
    work = partial(_write_pair, request=request, root=root, coding=coding, ours=ours)
    rows: list[Row] = []
    for row in in_parallel(work, pieces, request.jobs):
        rows.append(row)
        tell("writing", len(rows), len(pieces))
    return rows


def _write_pair(
    piece: Piece, *, request: Request, root: Path, coding: MaskCoding, ours: dict[Path, str]
) -> Row:
    image, mask = request.out / piece.image, request.out / piece.mask
    rule = f"{request.size}"
    image_key = _key(piece.pair.image, rule)
    mask_key = _key(piece.pair.mask, f"{rule} {coding}")
    changed = ours.get(image) != image_key or ours.get(mask) != mask_key
    if changed:
        write_png(image, resized(as_photo(read_pixels(piece.pair.image)), request.size), image_key)
        write_png(mask, _mask(piece.pair.mask, coding, request.size), mask_key)
    return Row(
        image=piece.image,
        mask=piece.mask,
        split=piece.split,
        share=_share(mask),
        source=_source(piece.pair.image, root),
        written=changed,
    )


def _mask(
    path: Path, coding: MaskCoding, size: tuple[int, int] | None
) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """The mask as it is written: 0 and 255, or the class numbers."""
    classes = coding.apply(raw_mask(read_pixels(path), class_ids=coding.class_ids).values)
    fitted = classes if size is None else resize_nearest(classes, size)
    return fitted if coding.class_ids else fitted * np.uint8(255)


def _key(path: Path, rule: str) -> str:
    digest = hashlib.sha256(path.read_bytes())
    digest.update(rule.encode())
    return digest.hexdigest()


def _share(mask: Path) -> Fraction:
    values = read_pixels(mask).values
    return Fraction(int(np.count_nonzero(values)), values.size)


def _source(path: Path, root: Path) -> str:
    inner = path.relative_to(root).as_posix()
    text = "".join(c if c.isprintable() else "?" for c in inner)
    # A spreadsheet would run a cell that begins like a formula.
    return f"./{text}" if text[0] in "=+-@" else text


def _write_table(path: Path, rows: Sequence[Row]) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(_cells(rows))
    data = text.getvalue().encode()
    if not path.is_file() or path.read_bytes() != data:
        write_whole(path, data)


def _cells(rows: Sequence[Row]) -> Iterator[tuple[str, ...]]:
    for row in rows:
        yield row.image, row.mask, row.split, f"{float(row.share):.6f}", row.source


def _remove(out: Path, stale: list[Path]) -> int:
    for path in stale:
        path.unlink()
    for part in out.glob(f"*/.*{PART}"):
        part.unlink()
    for folder in {path.parent for path in stale}:
        if not any(folder.iterdir()):
            folder.rmdir()
    return len(stale)


def _trouble(out: Path, error: OSError) -> CompanionError:
    if error.errno in _NO_ROOM:
        return MissingError(
            "disk-full",
            f"There is no room to write into '{out}'.",
            hint="Free some space, and run the same command again: it goes on where it stopped.",
        )
    what = error.strerror or type(error).__name__
    return InputError(
        "cannot-write", f"'{error.filename or out}': {what}.", hint="Check the path and its rights."
    )
