"""A topic as what JSON can hold: its text as Markdown, its values as numbers and exact strings."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from answers.derivation.document import to_document, value_document
from answers.textbook.source import Source
from answers.worked.lesson import Lesson
from answers.worked.value import Figure, Worked
from companion.views import topic_markdown
from companion.views.topic_code import programs


def as_document(lesson: Lesson, *, code: bool = False) -> dict[str, Any]:
    """slug, title, summary, language, words, homework, see, sections, values, sources; programs."""
    topic, outline = lesson.topic, lesson.topic.outline
    found: dict[str, Any] = {
        "slug": topic.slug,
        "title": topic.face.title,
        "summary": topic.face.summary,
        "language": topic.language,
        "words": list(topic.face.words),
        "homework": list(outline.homework),
        "see": list(outline.see),
        "sections": [
            {
                "key": section.key,
                "title": section.title,
                "markdown": topic_markdown.blocks_text(section.blocks, lesson),
            }
            for section in topic.sections
        ],
        "values": [_value(lesson.values.of(name)) for name in lesson.values.names],
        "sources": list(map(_source, lesson.cited)),
    }
    if code:
        found["programs"] = [{"name": p.name, "text": p.text} for p in programs(lesson)]
    return found


def _value(worked: Worked) -> dict[str, Any]:
    return {
        "name": worked.name,
        "value": figure_document(worked.figure),
        "unit": worked.unit,
        "source": worked.source,
        "derivations": [to_document(derivation) for derivation in worked.derivations],
    }


def figure_document(figure: Figure) -> Any:
    """Counts as numbers, fractions and formulas as exact strings, shapes as lists."""
    if isinstance(figure, float):
        return figure
    if isinstance(figure, Fraction):
        return f"{figure.numerator}/{figure.denominator}"
    return value_document(figure)


def _source(source: Source) -> dict[str, Any]:
    return {
        "key": source.key,
        "authors": source.authors,
        "title": source.title,
        "year": source.year,
        "venue": source.venue,
        "url": source.address,
    }
