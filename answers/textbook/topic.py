"""A topic: what it is about, the values it asks for, and its text in one language."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from answers.record import record
from answers.textbook.fault import Fault
from answers.textbook.requests import Request, read_request
from answers.textbook.table import Table, headings, read_table, read_text

if TYPE_CHECKING:
    from answers.textbook.blocks import Section

_QUESTION = re.compile(r"q[1-5][a-z]")
_FENCE = "---"


@record(kw_only=True)
class Outline:
    """What topic.toml says, whatever the language.

    slug: the name of the folder. lines: where each value stands in topic.toml.
    homework: questions that it answers. see: its neighbours. code: files of answers/solutions.
    """

    slug: str
    file: Path
    order: int
    homework: tuple[str, ...]
    see: tuple[str, ...]
    code: tuple[str, ...]
    requests: dict[str, Request]
    lines: dict[str, int]


@record(kw_only=True)
class Face:
    """What stands at the head of a text: enough for a list. body, line: what follows, and where."""

    file: Path
    title: str
    summary: str
    words: tuple[str, ...]
    body: str
    line: int


@record(kw_only=True)
class Topic:
    """A topic in one language."""

    outline: Outline
    face: Face
    language: str
    sections: tuple[Section, ...]

    @property
    def slug(self) -> str:
        """The name of its folder."""
        return self.outline.slug


def read_outline(folder: Path) -> Outline:
    """The outline of a topic's folder.

    Raises: Fault.
    """
    file = folder / "topic.toml"
    text, table = read_text(file), read_table(file)
    values = table.table("values")
    places = headings(text)
    lines = {name: places.get(f"values.{name}", 0) for name in values.keys()}  # noqa: SIM118  # not a dict
    found = Outline(
        slug=folder.name,
        file=file,
        order=table.whole("order"),
        homework=_questions(table),
        see=table.texts("see"),
        code=table.texts("code"),
        requests={name: _request(values, name, line) for name, line in lines.items()},
        lines=lines,
    )
    table.done()
    return found


def _request(values: Table, name: str, line: int) -> Request:
    table = values.table(name)
    table.line = line
    return read_request(name, table)


def _questions(table: Table) -> tuple[str, ...]:
    found = table.texts("homework")
    for question in found:
        if not _QUESTION.fullmatch(question):
            raise table.fault(f"homework names {question!r:.40}, which is no question such as q2a.")
    return found


def read_face(file: Path) -> Face:
    """The head of a text.

    Raises: Fault.
    """
    lines = read_text(file).split("\n")
    if lines[0].strip() != _FENCE or _FENCE not in map(str.strip, lines[1:]):
        raise Fault(
            "textbook-text",
            "The text must begin with '---', title, summary, words, and '---'.",
            file=file,
            line=1,
        )
    end = 1 + [line.strip() for line in lines[1:]].index(_FENCE)
    head = dict(_entry(line, file, number) for number, line in enumerate(lines[1:end], 2))
    for key in ("title", "summary", "words"):
        if not head.get(key):
            raise Fault("textbook-text", f"{key} is missing at the head.", file=file, line=1)
    words = tuple(word.strip() for word in head["words"].split(",") if word.strip())
    body = "\n".join(lines[end + 1 :])
    return Face(
        file=file,
        title=head["title"],
        summary=head["summary"],
        words=words,
        body=body,
        line=end + 2,
    )


def _entry(line: str, file: Path, number: int) -> tuple[str, str]:
    key, colon, value = line.partition(":")
    if not colon or key.strip() not in ("title", "summary", "words"):
        raise Fault(
            "textbook-text",
            f"{line.strip()!r:.60} is not 'title: …', 'summary: …' or 'words: …'.",
            file=file,
            line=number,
        )
    return key.strip(), value.strip()


def read_topic(outline: Outline, language: str) -> Topic:
    """A topic whole.

    Raises: Fault.
    """
    from answers.textbook.markdown import read_sections

    face = read_face(outline.file.parent / f"{language}.md")
    sections = read_sections(face.body, file=face.file, first_line=face.line)
    return Topic(outline=outline, face=face, language=language, sections=sections)
