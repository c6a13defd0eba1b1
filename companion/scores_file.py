"""`--scores FILE.csv`: a score and a label in each row."""

from __future__ import annotations

from math import isfinite
from pathlib import Path

from answers.errors import InputError
from answers.metrics.threshold_curve import ThresholdCurve
from companion.csv_rows import Row, raise_faults, read_rows

MOST_ROWS = 100_000
_WORDS = {"true": 1.0, "false": 0.0}
_DECIMAL_SIGN = "\N{ARABIC DECIMAL SEPARATOR}"
_SHOWN = 40


def read_scores(path: Path) -> ThresholdCurve:
    """The curve of a file with the columns score and label; further columns are left alone.

    Raises: InputError `table-columns`, `table-faults` with line numbers, and those of `read_rows`.
    """
    header, *rows = read_rows(path, most=MOST_ROWS + 1)
    titles = [cell.lower() for cell in header.cells]
    if not {"score", "label"} <= set(titles):
        raise InputError(
            "table-columns",
            f"The first line of '{path}' is {','.join(header.cells)!r:.80}.",
            hint="It names the columns: score,label. A label is 1 (positive) or 0.",
            where=f"{path}, line {header.line}",
        )
    places = titles.index("score"), titles.index("label")
    pairs = [(_score(row, places[0]), _label(row, places[1])) for row in rows]
    raise_faults(
        path,
        [
            f"line {row.line}: {fault}"
            for row, pair in zip(rows, pairs, strict=True)
            for fault in pair
            if isinstance(fault, str)
        ],
    )
    scores = [score for score, _ in pairs if isinstance(score, float)]
    return ThresholdCurve.of(scores, [label for _, label in pairs if isinstance(label, int)])


def _score(row: Row, place: int) -> float | str:
    word = row.cells[place] if place < len(row.cells) else ""
    score = _number(word)
    if score is None:
        return f"the score {word!r:.{_SHOWN}} is no number"
    return score if isfinite(score) else f"the score {word!r:.{_SHOWN}} is no finite number"


def _label(row: Row, place: int) -> int | str:
    word = row.cells[place] if place < len(row.cells) else ""
    label = _WORDS.get(word.lower(), _number(word))
    if label not in (0, 1):
        return f"the label {word!r:.{_SHOWN}} is neither 1 nor 0"
    return int(label)


def _number(word: str) -> float | None:
    """A number in digits of any script, which `float` reads; None for anything else."""
    if "_" in word:
        return None
    try:
        return float(word.replace(_DECIMAL_SIGN, "."))
    except ValueError:
        return None
