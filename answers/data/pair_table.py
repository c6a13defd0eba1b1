"""A table of pairs: which pictures and masks make up which split, in which order.

Columns: `split,folder,name` (folder/name.bmp beside folder/name_label.bmp), or
`image_path,mask_path,split`. Further columns are left alone.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from pathlib import Path

from answers.data.pairs import MASK_ENDINGS, FoundPairs, Pair, unknown_split
from answers.data.pictures import SUFFIXES
from answers.errors import InputError, RefusedError

MAX_BYTES = 64_000_000
MAX_ROWS = 500_000

_Row = dict[str, str]


def read_pair_table(table: Path, root: Path, split: str | None) -> FoundPairs:
    """The pairs of a split as the table lists them, in its order.

    table: the CSV file; root: the data folder, which no path of the table may leave.
    split: 'test' where None, or the only one there is.

    A row whose files are not there, or lie outside the folder, becomes a fault of the result.

    Raises InputError (table-missing, table-unreadable, table-columns, split-unknown) and RefusedError (table-limit).
    """
    rows = _read(table)
    name = _choose(rows, split, table)
    finder = _finder(rows[0], table)
    wanted = [row for row in rows if row["split"] == name]
    pairs: list[Pair] = []
    faults: list[str] = []
    for row in wanted:
        found = finder(row, root)
        if isinstance(found, Pair):
            pairs.append(found)
        else:
            faults.append(found)
    return FoundPairs(split=name, pairs=tuple(pairs), faults=(*faults, *_repeated(pairs)))


def splits_of(table: Path) -> tuple[str, ...]:
    """The names of the splits in a table, in their order. Raises as `read_pair_table`."""
    rows = _read(table)
    if "split" not in rows[0]:
        raise _wrong_columns(rows[0], table)
    return tuple(dict.fromkeys(row["split"] for row in rows))


def _read(table: Path) -> list[_Row]:
    if not table.is_file():
        raise InputError(
            "table-missing",
            f"There is no table '{table}'.",
            hint="Give the CSV file of the pairs, relative to the data folder.",
        )
    if table.stat().st_size > MAX_BYTES:
        raise RefusedError(
            "table-limit",
            f"The table '{table}' has {table.stat().st_size:,} bytes, at most {MAX_BYTES:,}.",
            hint="A table has one line a picture: is it the right file?",
        )
    try:
        text = table.read_text("utf-8-sig")
        reader = csv.DictReader(io.StringIO(text, newline=""), restval="")
        rows = [_tidy(row) for row, _ in zip(reader, range(MAX_ROWS), strict=False)]
    except (UnicodeDecodeError, csv.Error) as error:
        raise _unreadable(table, str(error)) from error
    if not rows:
        raise _unreadable(table, "it has no rows")
    return rows


def _tidy(row: dict[str | None, str | list[str]]) -> _Row:
    """Cells without spaces around them; cells beyond the columns are dropped."""
    return {
        key.strip(): value.strip()
        for key, value in row.items()
        if key is not None and isinstance(value, str)
    }


def _unreadable(table: Path, fact: str) -> InputError:
    return InputError(
        "table-unreadable",
        f"The table '{table}' cannot be read: {fact}.",
        hint="It is a CSV file in UTF-8 with a line of column names.",
    )


def _choose(rows: list[_Row], split: str | None, table: Path) -> str:
    if "split" not in rows[0]:
        raise _wrong_columns(rows[0], table)
    known = list(dict.fromkeys(row["split"] for row in rows))
    name = split or ("test" if len(known) > 1 else known[0])
    if name not in known:
        raise unknown_split(name, known, table)
    return name


def _finder(row: _Row, table: Path) -> Callable[[_Row, Path], Pair | str]:
    if {"image_path", "mask_path"} <= row.keys():
        return _by_paths
    if {"folder", "name"} <= row.keys():
        return _by_folder
    raise _wrong_columns(row, table)


def _wrong_columns(row: _Row, table: Path) -> InputError:
    return InputError(
        "table-columns",
        f"The table '{table}' has the columns {', '.join(row)}.",
        hint="It needs split, folder, name; or image_path, mask_path, split.",
    )


def _inside(root: Path, relative: str) -> Path | None:
    """The path below the folder, or None where it would leave it (also through a link)."""
    path = root / relative
    return path if path.resolve().is_relative_to(root.resolve()) else None


def _by_paths(row: _Row, root: Path) -> Pair | str:
    image, mask = _inside(root, row["image_path"]), _inside(root, row["mask_path"])
    if image is None or mask is None:
        outside = row["image_path"] if image is None else row["mask_path"]
        return f"'{outside}' leaves the data folder"
    missing = [path for path in (image, mask) if not path.is_file()]
    if missing:
        return f"'{missing[0].relative_to(root)}' is not there"
    return Pair(name=Path(row["image_path"]).with_suffix("").as_posix(), image=image, mask=mask)


def _by_folder(row: _Row, root: Path) -> Pair | str:
    name = f"{row['folder']}/{row['name']}"
    stem = name if Path(name).suffix.lower() not in SUFFIXES else str(Path(name).with_suffix(""))
    if _inside(root, stem) is None:
        return f"'{name}' leaves the data folder"
    image = _existing(root, [stem])
    mask = _existing(root, [f"{stem}{ending}" for ending in MASK_ENDINGS])
    if image is None:
        return f"the picture '{name}' is not there"
    if mask is None:
        return f"'{name}' has no mask"
    return Pair(name=stem, image=image, mask=mask)


def _existing(root: Path, stems: list[str]) -> Path | None:
    return next((path for path in _candidates(root, stems) if path.is_file()), None)


def _candidates(root: Path, stems: list[str]) -> Iterator[Path]:
    for stem in stems:
        for suffix in (".bmp", ".png", *sorted(SUFFIXES)):
            for spelled in (suffix, suffix.upper()):
                path = _inside(root, f"{stem}{spelled}")
                if path is not None:
                    yield path


def _repeated(pairs: list[Pair]) -> Iterator[str]:
    seen: set[str] = set()
    for pair in pairs:
        if pair.name in seen:
            yield f"'{pair.name}' stands in the table twice"
        seen.add(pair.name)
