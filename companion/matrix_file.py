"""`--matrix FILE.csv`: a confusion matrix, rows truth, columns prediction, names where it has them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from answers.errors import InputError
from companion.csv_rows import Row, raise_faults, read_rows

if TYPE_CHECKING:
    from answers.metrics.classification import Confusion

MOST_CLASSES = 200
_MOST_DIGITS = 15
_SHOWN = 40


@dataclass(frozen=True)
class NamedConfusion:
    """A confusion matrix, and the name of each class."""

    confusion: Confusion
    names: tuple[str, ...]


def read_matrix(path: Path) -> NamedConfusion:
    """A square of counts; a first line of names and a first column of names may stand around it.

    Raises: InputError `table-faults` with line numbers, and those of `read_rows`.
    """
    from answers.metrics.classification import Confusion

    rows = read_rows(path, most=MOST_CLASSES + 1)
    has_header = len(rows) > 1 and not _is_count(rows[0].cells[-1])
    body = rows[1:] if has_header else rows
    has_names = not _is_count(body[0].cells[0])
    counts = [row.cells[1:] if has_names else row.cells for row in body]
    raise_faults(path, [fault for row in body for fault in _faults(row, has_names, len(body))])
    names = [row.cells[0] for row in body] if has_names else _header(rows[0], len(body), has_header)
    confusion = Confusion(tuple(tuple(map(int, row)) for row in counts))
    return NamedConfusion(confusion, tuple(names))


def _header(row: Row, classes: int, has_header: bool) -> list[str]:  # noqa: FBT001  # private
    """The names of the first line, or numbers from 0."""
    if has_header and len(row.cells) >= classes:
        return list(row.cells[-classes:])
    return [str(number) for number in range(classes)]


def _faults(row: Row, has_names: bool, classes: int) -> list[str]:  # noqa: FBT001  # private
    cells = row.cells[1:] if has_names else row.cells
    if len(cells) != classes:
        counts = "1 count" if len(cells) == 1 else f"{len(cells)} counts"
        return [f"line {row.line}: {counts}, but there are {classes} rows"]
    return [
        f"line {row.line}: {cell!r:.{_SHOWN}} is no count" for cell in cells if not _is_count(cell)
    ]


def _is_count(word: str) -> bool:
    return word.isdecimal() and len(word) <= _MOST_DIGITS


def require_some(matrix: NamedConfusion, path: Path) -> None:
    """A matrix of zeros has no rates.

    Raises: InputError `nothing-to-measure`.
    """
    if not matrix.confusion.total:
        raise InputError(
            "nothing-to-measure",
            f"All counts of '{path}' are 0: a rate of nothing is 0/0.",
            hint="Give the counts of at least one case.",
        )
