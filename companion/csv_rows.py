"""A small CSV file that a person wrote: its rows with their line numbers, bounded in every way."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from answers.errors import InputError, RefusedError

MOST_BYTES = 16_000_000
_FAULTS_SHOWN = 5


@dataclass(frozen=True)
class Row:
    """line: where it ends in the file, from 1. cells: without spaces around them."""

    line: int
    cells: tuple[str, ...]


def read_rows(path: Path, *, most: int) -> list[Row]:
    """The rows that are not empty; commas, semicolons or tabs stand between cells.

    Raises: InputError `table-missing`, `table-unreadable`; RefusedError `table-limit` beyond
    16 MB or `most` rows.
    """
    text = _text(path)
    first = text.lstrip().partition("\n")[0]
    delimiter = next((sign for sign in ",;\t" if sign in first), ",")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows: list[Row] = []
    try:
        for cells in reader:
            tidy = tuple(cell.strip() for cell in cells)
            if any(tidy):
                rows.append(Row(reader.line_num, tidy))
            if len(rows) > most:
                raise _limit(path, f"it has more than {most:,} rows")
    except csv.Error as error:
        raise _unreadable(path, f"line {reader.line_num}: {error}") from error
    if not rows:
        raise _unreadable(path, "it is empty")
    return rows


def raise_faults(path: Path, faults: list[str]) -> None:
    """All faults of a file at once, the first few in words.

    Raises: InputError `table-faults` where there are any.
    """
    if not faults:
        return
    shown = "; ".join(faults[:_FAULTS_SHOWN])
    more = len(faults) - _FAULTS_SHOWN
    raise InputError(
        "table-faults",
        f"{len(faults):,} {'row' if len(faults) == 1 else 'rows'} of '{path}' can't be used: "
        f"{shown}{f'; and {more:,} more' if more > 0 else ''}.",
        hint="Mend these lines, or leave them out.",
        where=str(path),
    )


def _text(path: Path) -> str:
    if path.is_dir():
        raise InputError(
            "table-missing",
            f"'{path}' is a folder; a CSV file is needed.",
            hint="Name the file in it.",
        )
    if not path.is_file():
        raise InputError(
            "table-missing", f"There is no file '{path}'.", hint="Check the name and the folder."
        )
    with path.open("rb") as file:
        data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise _limit(path, f"it has more than {MOST_BYTES:,} bytes")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _unreadable(path, f"byte {error.start:,} is no UTF-8") from error


def _limit(path: Path, fact: str) -> RefusedError:
    return RefusedError(
        "table-limit",
        f"The file '{path}' is larger than is read: {fact}.",
        hint="Give fewer rows: a random part of them has the same rates, nearly.",
    )


def _unreadable(path: Path, fact: str) -> InputError:
    return InputError(
        "table-unreadable",
        f"The file '{path}' can't be read: {fact}.",
        hint="It is a CSV file in UTF-8.",
    )
