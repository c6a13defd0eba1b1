"""The programs of answers/solutions that belong to a topic."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import answers
from answers.errors import InputError
from answers.worked.lesson import Lesson
from companion.views.sheet import Sheet
from companion.views.spans import BOLD, CODE, styled_text


@dataclass(frozen=True)
class Program:
    """A file by its name, and its text."""

    name: str
    text: str


def programs(lesson: Lesson) -> list[Program]:
    """The programs of a topic.

    Raises: InputError `no-code` where it has none.
    """
    names = lesson.topic.outline.code
    if not names:
        raise InputError(
            "no-code",
            f"The topic {lesson.topic.slug!r} has no program.",
            hint="Leave --code away.",
        )
    folder = Path(answers.__path__[0]) / "solutions"
    return [Program(name, (folder / name).read_text(encoding="utf-8")) for name in names]


def lines(lesson: Lesson, sheet: Sheet) -> Iterator[str]:
    """Each program under its name; a pipe gets one program as it is."""
    found = programs(lesson)
    for number, program in enumerate(found):
        if number:
            yield ""
        if len(found) > 1 or sheet.styled:
            yield from sheet.words(program.name, BOLD)
        for line in program.text.rstrip("\n").split("\n"):
            yield styled_text(sheet.text(line), (CODE,), styled=sheet.styled)
