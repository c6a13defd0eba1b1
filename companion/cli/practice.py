"""`companion practice`: a dialogue of questions that goes on where one stopped."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from answers.errors import CompanionError, InputError
from companion import exit_codes
from companion.options import Everywhere
from companion.views.paper import Paper

if TYPE_CHECKING:
    from answers.textbook.question import Question
    from answers.textbook.question_book import QuestionBook
    from companion.practice.sheet import Checked

EPILOG = """\b
Examples:
  companion practice "locally-connected"
  companion practice --status
  companion practice --sheet
  companion practice --watch "homework.toml"
"""

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command(epilog=EPILOG)
def practice(
    context: typer.Context,
    topic: Annotated[
        str | None, typer.Argument(help="A topic; all of them unless said.", show_default=False)
    ] = None,
    *,
    praise: Annotated[
        bool, typer.Option("--praise/--no-praise", help="Say so when several are right.")
    ] = True,
    status: Annotated[bool, typer.Option(help="Say how far each topic is.")] = False,
    sheet: Annotated[
        bool, typer.Option("--sheet", help="Write homework.toml, a sheet of blanks.")
    ] = False,
    watch: Annotated[Path | None, typer.Option(help="Check a sheet each time it is saved.")] = None,
    json: Annotated[bool, typer.Option("--json", help="With --status: one JSON document.")] = False,
) -> int:
    """Answer questions of the textbook, with fresh numbers each time.

    It goes on where you stopped. A missed question comes back the same day, one that was right
    after 1, 3, 7, 21 and 60 days. hint, solution, skip and quit are understood beside an answer.
    """
    from answers.textbook.question_book import QuestionBook

    everywhere: Everywhere = context.obj
    if (sheet, status, watch is not None).count(True) > 1:
        raise InputError("options-clash", "--sheet, --status and --watch exclude each other.")
    if json and not status:
        raise InputError(
            "options-clash",
            "--json goes with --status alone.",
            hint="One question as a document: companion check QUESTION --json.",
        )
    book = QuestionBook()
    if watch is not None:
        return _watch(book, watch, everywhere)
    questions = book.all() if topic is None else book.of_topic(topic)
    if sheet:
        return _sheet(book, questions, everywhere)
    if status:
        return _status(questions, everywhere, json=json)
    return _talk(book, questions, everywhere, praise=praise)


def progress_file() -> Path:
    """Where progress is kept."""
    from companion.places import state_folder

    return state_folder() / "practice.json"


def _talk(
    book: QuestionBook, questions: tuple[Question, ...], everywhere: Everywhere, *, praise: bool
) -> int:
    from datetime import UTC, datetime

    from companion.practice.dialogue import Dialogue
    from companion.practice.progress import read_progress

    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise InputError(
            "no-terminal",
            "practice is a dialogue, and needs a terminal.",
            hint="Without one: companion check --list, companion check QUESTION ANSWER.",
        )
    file = progress_file()
    Dialogue(
        book=book,
        questions=questions,
        progress=read_progress(file),
        file=file,
        paper=Paper.of(everywhere),
        hear=_hear,
        complain=_complain,
        today=lambda: datetime.now(UTC).astimezone().date(),
        praise=praise,
    ).run()
    return exit_codes.DONE


def _hear() -> str | None:
    try:
        return input("> ")
    except EOFError:
        return None


def _complain(error: CompanionError) -> None:
    from companion.boundary import in_words
    from companion.views.terminal import say

    say(in_words(error))


def _status(questions: tuple[Question, ...], everywhere: Everywhere, *, json: bool) -> int:
    from datetime import UTC, datetime

    from companion.practice.choosing import standings
    from companion.practice.progress import read_progress
    from companion.views.columns import Column, write

    today = datetime.now(UTC).astimezone().date()
    rows = standings(questions, read_progress(progress_file()), today)
    if json:
        from dataclasses import asdict

        from companion.views import json_document
        from companion.views.terminal import say

        say(json_document.result("practice", {"topics": [asdict(row) for row in rows]}))
        return exit_codes.DONE
    columns = (Column("topic"), Column("done", right=True), Column("due today", right=True))
    cells = [(row.topic, f"{row.done} of {row.questions}", str(row.due)) for row in rows]
    write(Paper.of(everywhere), columns, cells)
    return exit_codes.DONE


def _sheet(book: QuestionBook, questions: tuple[Question, ...], everywhere: Everywhere) -> int:
    from companion.practice.sheet import NAME, write_sheet

    write_sheet(book, questions, Path(NAME))
    paper = Paper.of(everywhere)
    paper.line(f"{len(questions)} blanks are written to {NAME}.")
    paper.line(f'Check them with: companion practice --watch "{NAME}"')
    return exit_codes.DONE


def _watch(book: QuestionBook, file: Path, everywhere: Everywhere) -> int:
    """Until all is right; without a terminal once."""
    from companion.practice.sheet import check_sheet
    from companion.practice.watching import saves

    if not file.is_file():
        raise InputError(
            "path-missing", f"{file} does not exist.", hint="Write one: companion practice --sheet."
        )
    paper, alone = Paper.of(everywhere), not sys.stdout.isatty()
    for _ in saves(file):
        try:
            checked = check_sheet(book, file)
        except InputError as error:
            if alone:
                raise
            _complain(error)  # half a sentence was saved: the next save may mend it
            continue
        _draw_sheet(checked, paper)
        all_right = all(item.judged is not None and item.judged.is_right for item in checked)
        if all_right or alone:
            return exit_codes.DONE if all_right else exit_codes.ANSWER_IS_NO
        paper.line("Waiting for the next save; Ctrl-C ends it.", dim=True)
    return exit_codes.DONE


def _draw_sheet(checked: tuple[Checked, ...], paper: Paper) -> None:
    from companion.views.question_view import plain

    paper.line()
    for item in checked:
        if item.judged is not None:
            paper.line(f"{item.question}: {'right' if item.judged.is_right else 'not right'}.")
            if not item.judged.is_right:
                paper.line(
                    plain(item.judged.sentence) or "I don't recognise this mistake.", indent=2
                )
        elif item.fault:
            paper.line(f"{item.question}: can't be read. {item.fault}")
    right = sum(1 for item in checked if item.judged is not None and item.judged.is_right)
    empty = sum(1 for item in checked if not item.answer)
    paper.line(f"{right} of {len(checked)} right, {empty} empty.", bold=True)
