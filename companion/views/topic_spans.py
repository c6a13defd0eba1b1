"""The line of a text as a terminal shows it: values worked out, formulas in one line."""

from __future__ import annotations

from collections.abc import Iterator

from answers.textbook.inlines import (
    Citation,
    CodeSpan,
    Emphasis,
    Formula,
    Inline,
    LineBreak,
    Link,
    Mention,
    Strong,
    Text,
)
from answers.worked.lesson import Lesson
from answers.worked.writing import as_latex, as_text
from companion.typesetting import inline
from companion.views.sheet import Sheet
from companion.views.spans import BOLD, CODE, DIM, ITALIC, UNDERLINED, Span


def spans(
    parts: tuple[Inline, ...], lesson: Lesson, sheet: Sheet, style: tuple[int, ...] = ()
) -> Iterator[Span]:
    """The parts of a line, in a style.

    Raises: InputError of a value that can't be worked out, and `latex-not-known`.
    """
    for part in parts:
        yield from _span(part, lesson, sheet, style)


def latex_of(formula: Formula, lesson: Lesson) -> str:
    """A formula with its values put in."""
    return "".join(
        part if isinstance(part, str) else as_latex(lesson.values.of(part.name).figure, part.form)
        for part in formula.parts
    )


def _span(part: Inline, lesson: Lesson, sheet: Sheet, style: tuple[int, ...]) -> Iterator[Span]:
    match part:
        case Text(text):
            yield Span(sheet.text(text), style)
        case CodeSpan(text):
            yield Span(sheet.text(text if sheet.styled else f"`{text}`"), (*style, CODE))
        case Strong(inner):
            yield from spans(inner, lesson, sheet, (*style, BOLD))
        case Emphasis(inner):
            yield from spans(inner, lesson, sheet, (*style, ITALIC))
        case Mention(name, form):
            figure = lesson.values.of(name).figure
            yield Span(as_text(figure, form, ascii_only=sheet.ascii_only), style)
        case Formula():
            yield Span(inline(latex_of(part, lesson), ascii_only=sheet.ascii_only), style)
        case Citation():
            yield Span(sheet.text(f"[{lesson.citation(part)}]"), (*style, DIM))
        case Link(target, inner):
            yield from spans(inner, lesson, sheet, (*style, UNDERLINED))
            yield Span(sheet.text(f" ({target})" if "://" in target else ""), (*style, DIM))
        case LineBreak():
            yield Span("", style, breaks=True)
