"""`companion content`: the linter of the textbook, for its authors."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from companion import exit_codes
from companion.views.terminal import say

if TYPE_CHECKING:
    from answers.textbook.library import Textbook
    from answers.textbook.pictures import Picture
    from answers.worked.lesson import Lesson
    from checkers.content.commands import Ran
    from checkers.content.finding import Finding
    from checkers.content.telling import Tell

EPILOG = """\b
Examples:
  companion content check
  companion content check --topic receptive-field
  companion content check --part topics --no-commands --json
  companion content check --part questions --topic pooling --seeds 100
"""
_SECONDS = 300  # that one command of a text may take
_SEEDS = 20

app = typer.Typer(rich_markup_mode=None, add_completion=False, no_args_is_help=True, epilog=EPILOG)


@app.callback()
def content() -> None:
    """Check the files of the textbook: topics, sources, networks, questions."""


@app.command(epilog=EPILOG)
def check(
    *,
    folder: Annotated[
        Path | None, typer.Option(help="A textbook elsewhere: the folder that holds topics/.")
    ] = None,
    topic: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Only what is wrong with this topic.")
    ] = None,
    part: Annotated[
        Literal["topics", "questions"] | None, typer.Option(help="One half of it; absent: both.")
    ] = None,
    commands: Annotated[
        bool,
        typer.Option("--commands/--no-commands", help="Run the commands of the texts, or not."),
    ] = True,
    seeds: Annotated[
        int,
        typer.Option(min=1, max=10_000, help="With how many seeds each question is asked."),
    ] = _SEEDS,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> int:
    """Say what is wrong with the textbook, with file and line; exit code 1 if anything is.

    Every value is worked out, every formula drawn, every command run, every source looked up, every
    question asked with several seeds. That takes a minute or two.
    """
    from answers.textbook.library import Textbook
    from companion.views.data_progress import picture_progress

    textbook = Textbook() if folder is None else Textbook(_checked(folder))
    with picture_progress() as progress:
        every = _findings(
            textbook, topic or [], part, commands=commands, seeds=seeds, tell=progress.tell
        )
    found = [
        finding
        for finding in every
        if not topic or set(topic) & {finding.file.parent.name, finding.file.name}
    ]
    if json:
        from companion.views import json_document

        rows = [_row(finding, textbook) for finding in found]
        say(json_document.result("content", {"findings": rows}))
    else:
        for finding in found:
            row = _row(finding, textbook)
            say(f"{row['file']}:{row['line']}: {row['message']} ({row['code']})")
        say(_total(len(found), sorted(set(topic or [])), textbook))
    return exit_codes.ANSWER_IS_NO if found else exit_codes.DONE


def _checked(folder: Path) -> Path:
    from answers.errors import InputError

    if not (folder / "topics").is_dir():
        raise InputError(
            "path-missing", f"{folder} has no folder topics.", hint="Name the folder of a textbook."
        )
    return folder


def _total(count: int, topics: list[str], textbook: Textbook) -> str:
    if not count:
        looked_at = ", ".join(topics) or f"the {len(textbook.slugs)} topics"
        return f"Nothing is wrong with {looked_at}."
    return f"{count} to mend." if count > 1 else "One to mend."


def _row(finding: Finding, textbook: Textbook) -> dict[str, str | int]:
    """A finding, its file as the textbook's folder sees it."""
    file = finding.file
    inside = file.is_relative_to(textbook.folder)
    return {
        "file": str(file.relative_to(textbook.folder) if inside else file),
        "line": finding.line,
        "code": finding.code,
        "message": finding.message,
    }


def _findings(
    textbook: Textbook,
    topics: list[str],
    part: str | None,
    *,
    commands: bool,
    seeds: int,
    tell: Tell,
) -> list[Finding]:
    for slug in topics:
        textbook.outline(slug)  # an unknown one is an error
    found: list[Finding] = []
    if part != "questions":
        found += _of_topics(textbook, topics, commands=commands, tell=tell)
    if part != "topics" and any(textbook.folder.glob("topics/*/questions.toml")):
        from checkers.content.questions import check_questions

        found += check_questions(textbook.folder, seeds=seeds, only=topics or None, tell=tell)
    return found


def _of_topics(
    textbook: Textbook, topics: list[str], *, commands: bool, tell: Tell
) -> Iterable[Finding]:
    from checkers.content import topics as topic_checks
    from checkers.content.topic_text import Press
    from companion.cli.app import COMMANDS

    tools = topic_checks.Tools(
        press=Press(formula=_printed, picture=_drawn),
        run=_run if commands else None,
        commands=tuple(command.name for command in COMMANDS),
        tell=tell,
    )
    return topic_checks.check(textbook, tools, topics or None)


def _printed(latex: str) -> None:
    """A formula in every form that a text has."""
    from companion.typesetting import draw, inline
    from companion.views.mathml import as_mathml

    for plain in (False, True):
        inline(latex, ascii_only=plain)
        draw(latex, ascii_only=plain, width=56)
    as_mathml(latex, alone=False)


def _drawn(picture: Picture, lesson: Lesson) -> None:
    from companion.views.sheet import Sheet
    from companion.views.topic_pictures import drawn

    for plain in (False, True):
        drawn(picture, lesson, Sheet(72, ascii_only=plain))


def _run(words: list[str], folder: Path) -> Ran:
    """`companion …` as a process of its own, as a reader's pipe would have it."""
    import os
    import subprocess
    import sys

    from checkers.content.commands import Ran

    ours = ("COMPANION_", "NO_COLOR", "FORCE_COLOR", "CLICOLOR", "COLUMNS")
    kept = {key: value for key, value in os.environ.items() if not key.startswith(ours)}
    places = {"COMPANION_STATE": str(folder / ".state"), "COMPANION_CACHE": str(folder / ".cache")}
    try:
        done = subprocess.run(  # noqa: S603  # our own command, with words of our own texts
            [sys.executable, "-m", "companion", *words],
            cwd=folder,
            env=kept | places | {"COLUMNS": "80", "PYTHONUTF8": "1"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Ran(code=-1, out="", err=f"It takes more than {_SECONDS} seconds.")
    return Ran(done.returncode, done.stdout, done.stderr)
