"""What was practised: a small readable file in the user's state folder, written whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from answers.errors import InputError

VERSION = 1
MOST_BYTES = 1 << 20
_MOST_ANSWERS = 10**8
# after so many right answers in a row a question comes back in so many days
DAYS = (1, 3, 7, 21, 60)


@dataclass(frozen=True)
class Past:
    """What happened to one question. in_a_row: right answers since the last miss. due: when again."""

    asked: int
    right: int
    in_a_row: int
    due: date


@dataclass(frozen=True)
class Progress:
    """All that was practised. open: the question that is being asked; empty where none is."""

    questions: Mapping[str, Past] = field(default_factory=dict)
    open: str = ""

    def seed(self, question: str) -> int:
        """The next numbers of a question: others each time it is asked."""
        past = self.questions.get(question)
        return 1 + (past.asked if past else 0)

    def opened(self, question: str) -> Progress:
        """With the question that is being asked now."""
        return replace(self, open=question)

    def answered(self, question: str, *, right: bool, today: date) -> Progress:
        """With one more answer. A miss is due again the same day, a right answer after DAYS."""
        past = self.questions.get(question, Past(0, 0, 0, today))
        row = past.in_a_row + 1 if right else 0
        wait = DAYS[min(row, len(DAYS)) - 1] if right else 0
        now = Past(past.asked + 1, past.right + right, row, today + timedelta(days=wait))
        return Progress({**self.questions, question: now}, "")


def read_progress(file: Path) -> Progress:
    """The progress of a file; none where it does not exist.

    Raises: InputError `progress-damaged`.
    """
    if not file.exists():
        return Progress()
    try:
        with file.open("rb") as opened:
            data = opened.read(MOST_BYTES + 1)
        return _progress(json.loads(data[:MOST_BYTES]))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError):
        raise InputError(
            "progress-damaged",
            f"{file} can't be read as progress.",
            hint="Mend it, or move it away to begin anew.",
            where=str(file),
        ) from None


def write_progress(file: Path, progress: Progress) -> None:
    """Write it beside the old one, and put it in its place."""
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_name(f"{file.name}.new")
    fresh.write_text(json.dumps(_document(progress), indent=2) + "\n", "utf-8")
    fresh.replace(file)


def _progress(document: Any) -> Progress:
    if document["format_version"] != VERSION:
        raise ValueError(document["format_version"])
    questions = {str(name): _past(row) for name, row in document["questions"].items()}
    return Progress(questions, str(document["open"]))


def _past(row: Any) -> Past:
    return Past(
        asked=_count(row["asked"]),
        right=_count(row["right"]),
        in_a_row=_count(row["in_a_row"]),
        due=date.fromisoformat(row["due"]),
    )


def _count(value: Any) -> int:
    if type(value) is not int or not 0 <= value < _MOST_ANSWERS:
        raise ValueError(value)
    return value


def _document(progress: Progress) -> dict[str, Any]:
    return {
        "format_version": VERSION,
        "open": progress.open,
        "questions": {
            name: {
                "asked": past.asked,
                "right": past.right,
                "in_a_row": past.in_a_row,
                "due": past.due.isoformat(),
            }
            for name, past in sorted(progress.questions.items())
        },
    }
