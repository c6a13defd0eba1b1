"""The topics as a whole: every file read, every text checked, nothing missing, nothing left over."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

import answers
from answers.errors import CompanionError
from answers.textbook.fault import Fault
from answers.textbook.library import Textbook
from answers.textbook.topic import Outline, Topic, read_outline
from answers.worked.lesson import Lesson
from checkers.content import commands, topic_text
from checkers.content.finding import Finding
from checkers.content.telling import Tell, quiet, told
from checkers.content.topic_text import Press

HOMEWORK = (
    "q1a", "q1b", "q2a", "q2b", "q3a", "q3b", "q3c", "q3d",
    "q4a", "q4b", "q4c", "q4d", "q5a", "q5b",
)  # fmt: skip
_FILES = re.compile(r"topic\.toml|questions\.toml|[a-z]{2,3}\.(?:md|toml)")
_FOLDER = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


@dataclass(frozen=True, kw_only=True)
class Tools:
    """What the linter is given from the floor above.

    press: tries whether a text can be shown. run: runs its commands; None: they are left out.
    commands: the names that `companion` has. tell: is told how far it is.
    """

    press: Press
    run: commands.Run | None
    commands: tuple[str, ...]
    tell: Tell = quiet


def check(
    textbook: Textbook, tools: Tools, only: Collection[str] | None = None
) -> tuple[Finding, ...]:
    """Everything that is wrong with the topics of a textbook, in the order of the files.

    only: the topics whose texts are looked at; None: all.
    """
    return tuple(sorted(set(_check(textbook, tools, only)), key=_place))


def _place(finding: Finding) -> tuple[str, int, str]:
    return str(finding.file), finding.line, finding.message


def _check(textbook: Textbook, tools: Tools, only: Collection[str] | None) -> Iterator[Finding]:
    yield from _stray(textbook)
    try:
        _ = textbook.sources
    except Fault as error:
        yield _of(error)
        return
    readable = _Readable(textbook)
    yield from readable.findings
    looked_at = [item for item in readable.lessons if only is None or item.topic.slug in only]
    for lesson in told(looked_at, "topics", len(looked_at), tools.tell):
        yield from topic_text.check(lesson, tools.press)
    yield from _outlines(readable.outlines, textbook)
    if not readable.findings:  # else a source may be cited in what can't be read
        yield from _unused(readable.lessons, textbook)
    if tools.run is not None:
        topics = tuple(lesson.topic for lesson in looked_at)
        yield from commands.check(topics, tools.run, tools.commands, tools.tell)


def _of(error: CompanionError) -> Finding:
    hint = f" {error.hint}" if error.hint else ""
    file, line = (error.file, error.line) if isinstance(error, Fault) else (Path(error.where), 0)
    return Finding(file, line, error.code, error.message + hint)


class _Readable:
    """What can be read of a textbook; `findings` says what can't."""

    def __init__(self, textbook: Textbook) -> None:
        self.findings: list[Finding] = []
        self.outlines: list[Outline] = []
        self.lessons: list[Lesson] = []
        for folder in textbook.folders:
            try:
                self.outlines.append(read_outline(folder))
            except CompanionError as error:
                self.findings.append(_of(error))
                continue
            self._texts(textbook, folder)

    def _texts(self, textbook: Textbook, folder: Path) -> None:
        languages = textbook.languages(folder.name)
        if not languages:
            message = "The topic has no text: en.md is missing."
            self.findings.append(Finding(folder / "topic.toml", 0, "text-missing", message))
        for language in languages:
            try:
                self.lessons.append(Lesson.of(textbook, folder.name, language))
            except CompanionError as error:
                self.findings.append(_of(error))


def _stray(textbook: Textbook) -> Iterator[Finding]:
    """Files that belong to no topic."""
    for path in sorted((textbook.folder / "topics").iterdir()):
        if not path.is_dir() or not _FOLDER.fullmatch(path.name):
            yield Finding(path, 0, "stray-file", "Only folders of topics stand here.")
            continue
        inside = sorted(item for item in path.iterdir() if item.name != "__pycache__")
        if path / "topic.toml" not in inside:
            yield Finding(path, 0, "topic-missing", "The folder has no topic.toml.")
        for item in inside:
            if not item.is_file() or not _FILES.fullmatch(item.name):
                yield Finding(item, 0, "stray-file", "This file belongs to no topic.")


def _outlines(outlines: list[Outline], textbook: Textbook) -> Iterator[Finding]:
    """Neighbours, questions, programs, and the order."""
    orders = Counter(outline.order for outline in outlines)
    for outline in outlines:
        yield from _outline(outline, textbook)
        if orders[outline.order] > 1:
            message = f"Two topics have the order {outline.order}."
            yield Finding(outline.file, 0, "order-twice", message)
    answered = {question for outline in outlines for question in outline.homework}
    for question in HOMEWORK:
        if question not in answered:
            place = textbook.folder / "topics"
            yield Finding(place, 0, "homework-missing", f"No topic answers {question}.")


def _outline(outline: Outline, textbook: Textbook) -> Iterator[Finding]:
    file = outline.file
    for slug in outline.see:
        if slug not in textbook.slugs or slug == outline.slug:
            yield Finding(file, 0, "see", f"see names {slug!r:.60}, which is no other topic.")
    for question in outline.homework:
        if question not in HOMEWORK:
            yield Finding(file, 0, "homework", f"The homework has no question {question!r}.")
    for name in outline.code:
        if not (Path(answers.__path__[0]) / "solutions" / name).is_file():
            yield Finding(file, 0, "code-missing", f"There is no program {name!r:.60}.")


def _unused(lessons: list[Lesson], textbook: Textbook) -> Iterator[Finding]:
    """Sources that nobody cites, keys of given values that are none, networks that nobody reads."""
    cited = {key for lesson in lessons for key in lesson.cited_keys}
    file = textbook.folder / "sources.toml"
    for key, source in textbook.sources.items():
        if key not in cited:
            yield Finding(file, source.line, "source-unused", f"{key!r} is cited nowhere.")
    yield from _given(lessons)
    used = {name for lesson in lessons for name in _network_files(lesson.topic)}
    for path in sorted((textbook.folder / "networks").glob("*")):
        if path.stem not in used or path.suffix != ".txt":
            yield Finding(path, 0, "network-unused", "No topic reads this network.")


def _given(lessons: list[Lesson]) -> Iterator[Finding]:
    from answers.textbook.requests import Given

    for lesson in lessons:
        outline = lesson.topic.outline
        for name, request in outline.requests.items():
            if isinstance(request, Given) and request.source not in ("", *lesson.textbook.sources):
                message = f"{name}: {request.source!r:.60} is not in sources.toml."
                yield Finding(outline.file, outline.lines[name], "source-unknown", message)


def _network_files(topic: Topic) -> Iterator[str]:
    from answers.textbook.blocks import ShownPicture, every_block
    from answers.textbook.pictures import FieldPicture
    from answers.textbook.requests import OfNetwork

    for request in topic.outline.requests.values():
        if isinstance(request, OfNetwork):
            yield request.network.file
    for section in topic.sections:
        for block in every_block(section.blocks):
            if isinstance(block, ShownPicture) and isinstance(block.picture, FieldPicture):
                yield block.picture.network.file
