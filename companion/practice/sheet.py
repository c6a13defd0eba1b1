"""The homework as a sheet of blanks: written once, filled in by the student, checked when it is saved."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from textwrap import wrap
from typing import Any

from answers.errors import InputError
from answers.textbook.asked import Asked
from answers.textbook.question import Question
from answers.textbook.question_book import QuestionBook
from checkers.formula.judge import Judgement, judge
from companion.output_file import written
from companion.views.printable import printable
from companion.views.question_view import how_to_answer, plain

NAME = "homework.toml"
MOST_BYTES = 1 << 20
SEED = 1
_HEAD = """\
# Fill in the answers between the quotes and save; this re-checks them each time:
#     companion practice --watch "{name}"
"""


@dataclass(frozen=True)
class Checked:
    """A blank of the sheet.

    judged: None where it is empty, or where its answer can't be read: then `fault` says why.
    """

    question: str
    answer: str
    judged: Judgement | None = None
    fault: str = ""


def write_sheet(book: QuestionBook, questions: Sequence[Question], file: Path) -> None:
    """Write a sheet with a blank for each question.

    Raises: InputError `file-exists`: what a student has filled in is never overwritten.
    """
    tables = (_table(book.ask(question, SEED)) for question in questions)
    text = "\n".join([_HEAD.format(name=file.name), *tables])
    if file.exists():
        raise InputError(
            "file-exists",
            f"{file} exists.",
            hint=f'Check it with: companion practice --watch "{file}"',
        )
    with written(file) as opened:
        opened.write(text.encode("utf-8"))


def _table(asked: Asked) -> str:
    lines = [plain(asked.text)]
    lines += [f"{option.letter}) {plain(option.words)}" for option in asked.options]
    lines.append(how_to_answer(asked))
    comments = [f"# {part}" for line in lines for part in wrap(printable(line), 90)]
    return "\n".join([f'["{asked.question.id}"]', *comments, 'answer = ""', ""])


def check_sheet(book: QuestionBook, file: Path) -> tuple[Checked, ...]:
    """What is said of each blank, in the order of the sheet.

    Raises: InputError `sheet-unreadable` for a file that is no sheet, `unknown-question`; OSError.
    """
    return tuple(_checked(book, name, answer) for name, answer in _answers(file))


def _answers(file: Path) -> Iterator[tuple[str, str]]:
    for name, table in _read(file).items():
        answer = table.get("answer") if isinstance(table, dict) else None
        if type(answer) in (int, float):
            answer = str(answer)
        if not isinstance(answer, str):
            raise _unreadable(file, f'["{name}"] needs a line such as answer = "448".')
        yield name, answer.strip()


def _read(file: Path) -> dict[str, Any]:
    with file.open("rb") as opened:
        data = opened.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise _unreadable(file, f"it holds more than {MOST_BYTES:,} bytes.")
    try:
        return tomllib.loads(data.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, ValueError, RecursionError) as error:
        raise _unreadable(file, f"{error!s:.200}.") from None


def _unreadable(file: Path, why: str) -> InputError:
    return InputError(
        "sheet-unreadable",
        f"The sheet can't be read: {why}",
        hint="Answers stand between quotes, one line each.",
        where=str(file),
    )


def _checked(book: QuestionBook, name: str, answer: str) -> Checked:
    if not answer:
        return Checked(name, "")
    asked = book.ask(book.question(name), SEED)
    try:
        return Checked(name, answer, judge(asked, answer, book.catalogue))
    except InputError as error:
        return Checked(name, answer, fault=error.message)
