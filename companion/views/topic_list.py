"""The topics as a list: for --list and --search."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from answers.textbook.library import Found
from answers.textbook.topic import Face, Outline
from companion.views.sheet import Sheet
from companion.views.spans import BOLD, CODE, Span


def listed(faces: Iterable[tuple[Outline, Face]], sheet: Sheet) -> Iterator[str]:
    """Every topic with its questions, in the order of the book."""
    for outline, face in faces:
        yield from _entry(outline.slug, face, ", ".join(outline.homework), sheet)


def found(topics: Iterable[Found], sheet: Sheet) -> Iterator[str]:
    """What a search found, the best first."""
    for item in topics:
        yield from _entry(item.slug, item.face, "", sheet)


def _entry(slug: str, face: Face, questions: str, sheet: Sheet) -> Iterator[str]:
    behind = f"  ({questions})" if questions else ""
    head = (
        Span(slug, (BOLD, CODE)),
        Span(sheet.text(f"  {face.title}{behind}").replace("  ", " \u00a0")),
    )
    yield from sheet.paragraph(head, rest="  ")
    yield from sheet.words(face.summary, indent=4)
