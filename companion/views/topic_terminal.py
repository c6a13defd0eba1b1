"""A topic in the terminal: text filled into lines, formulas and pictures drawn."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from textwrap import wrap
from typing import Any

from answers.textbook.blocks import (
    Block,
    Code,
    Displayed,
    Heading,
    Listing,
    Paragraph,
    Quote,
    Section,
    ShownDerivation,
    ShownPicture,
    Table,
)
from answers.textbook.source import Source
from answers.worked.lesson import Lesson
from companion.typesetting import draw
from companion.typesetting.box import columns_of
from companion.views import topic_derivation, topic_pictures
from companion.views.sheet import Sheet
from companion.views.spans import BOLD, CODE, DIM, Span, styled_text
from companion.views.topic_spans import latex_of, spans

_INDENT = 4


def lines(lesson: Lesson, sheet: Sheet) -> Iterator[str]:
    """The whole topic.

    Raises: InputError of a value that can't be worked out, `latex-not-known`.
    """
    face = lesson.topic.face
    yield from _underlined(face.title, sheet, "═", "=")
    yield from sheet.words(face.summary, DIM)
    for section in lesson.topic.sections:
        yield ""
        yield from _underlined(section.title, sheet, "─", "-")
        yield from _section(section, lesson, sheet)
    yield from _end(lesson, sheet)


def _underlined(title: str, sheet: Sheet, sign: str, plain: str) -> Iterator[str]:
    found = sheet.words(title, BOLD)
    yield from found
    widest = min(len(sheet.text(title)), sheet.width)
    yield styled_text(sheet.sign(sign, plain) * widest, (DIM,), styled=sheet.styled)


def _section(section: Section, lesson: Lesson, sheet: Sheet) -> Iterator[str]:
    if section.key != "check":
        yield from _blocks(section.blocks, lesson, sheet)
        return
    questions, answers = _questions_and_answers(section.blocks)
    yield from _blocks(questions, lesson, sheet)
    if answers:
        yield ""
        yield from sheet.words(lesson.wording.answers, BOLD)
        yield from _blocks(answers, lesson, sheet)


def _questions_and_answers(
    blocks: tuple[Block, ...],
) -> tuple[tuple[Block, ...], tuple[Block, ...]]:
    """The answers below all questions, where nobody reads them by accident."""
    questions: list[Block] = []
    answers: list[Block] = []
    for block in blocks:
        if not isinstance(block, Listing):
            questions.append(block)
            continue
        asked = tuple(tuple(b for b in item if not isinstance(b, Quote)) for item in block.items)
        said = tuple(
            tuple(inner for b in item if isinstance(b, Quote) for inner in b.blocks)
            for item in block.items
        )
        questions.append(Listing(block.line, asked, block.numbered))
        answers.append(Listing(block.line, said, block.numbered))
    return tuple(questions), tuple(answers)


def _blocks(blocks: Iterable[Block], lesson: Lesson, sheet: Sheet) -> Iterator[str]:
    """Blocks with an empty line between them."""
    for number, block in enumerate(blocks):
        if number:
            yield ""
        yield from _RULES[type(block)](block, lesson, sheet)


def _paragraph(block: Paragraph, lesson: Lesson, sheet: Sheet) -> Iterator[str]:
    yield from sheet.paragraph(spans(block.parts, lesson, sheet))


def _heading(block: Heading, lesson: Lesson, sheet: Sheet) -> Iterator[str]:
    yield from sheet.paragraph(spans(block.parts, lesson, sheet, (BOLD,)))


def _displayed(block: Displayed, lesson: Lesson, sheet: Sheet) -> Iterator[str]:
    width = sheet.width - _INDENT
    latex = latex_of(block.formula, lesson)
    for line in draw(latex, ascii_only=sheet.ascii_only, width=width):
        yield (" " * _INDENT + line).rstrip()


def _listing(block: Listing, lesson: Lesson, sheet: Sheet) -> Iterator[str]:
    airy = any(len(item) > 1 for item in block.items)
    for number, item in enumerate(block.items, 1):
        mark = f"{number}. " if block.numbered else sheet.sign("• ", "- ")
        if airy and number > 1:
            yield ""
        for place, line in enumerate(_blocks(item, lesson, sheet.narrower(len(mark)))):
            yield (mark if place == 0 else " " * len(mark)) + line if line else line


def _quote(block: Quote, lesson: Lesson, sheet: Sheet) -> Iterator[str]:
    bar = sheet.sign("│ ", "| ")
    for line in _blocks(block.blocks, lesson, sheet.narrower(len(bar))):
        yield (styled_text(bar, (DIM,), styled=sheet.styled) + line).rstrip()


def _table(block: Table, lesson: Lesson, sheet: Sheet) -> Iterator[str]:
    titles = [tuple(spans(cell, lesson, sheet)) for cell in block.titles]
    rows = [[tuple(spans(cell, lesson, sheet)) for cell in row] for row in block.rows]
    yield from sheet.table(titles, rows, block.right)


def _code(block: Code, _: Lesson, sheet: Sheet) -> Iterator[str]:
    """Commands are cut where they can be; a terminal's output is folded where it is too wide."""
    lines = [sheet.text(line) for line in block.text.split("\n")]
    indent = min(_INDENT, max(0, sheet.width - max(map(len, lines))))
    for line in lines:
        for part in _fitting(line, block.language, sheet.width - indent):
            yield (" " * indent + styled_text(part, (CODE,), styled=sheet.styled)).rstrip()


def _fitting(line: str, language: str, width: int) -> list[str]:
    kind = language.partition(" ")[0]  # 'sh no-test' is shown as 'sh' is
    if kind == "sh" or (kind == "console" and line.startswith("$ ")):
        return _commands(line, width)
    if kind == "console" and len(line) > width:
        return wrap(line, width, subsequent_indent="  ", break_on_hyphens=False)
    return [line]


def _commands(line: str, width: int) -> list[str]:
    r"""A command that is too wide, cut with \ so that it can still be pasted."""
    if len(line) <= width or "'" in line:
        return [line]
    found: list[str] = []
    while len(line) > width:
        place = line.rfind(" ", 8, width - 1)
        if place < 0:
            break
        found.append(line[: place + 1] + "\\")
        line = line[place + 1 :]
    return [*found, line]


def _derivation(block: ShownDerivation, lesson: Lesson, sheet: Sheet) -> Iterator[str]:
    for line in topic_derivation.lines(lesson.values.of(block.name), sheet.narrower(_INDENT)):
        yield (" " * _INDENT + line).rstrip()


def _picture(block: ShownPicture, lesson: Lesson, sheet: Sheet) -> Iterator[str]:
    drawing = topic_pictures.drawn(block.picture, lesson, sheet.narrower(_INDENT))
    needed = max(map(columns_of, drawing), default=0)
    if needed > sheet.width:
        yield from sheet.words(lesson.wording.too_narrow.format(needed=needed), indent=_INDENT)
    else:
        indent = " " * min(_INDENT, sheet.width - needed)
        yield from ((indent + line).rstrip() for line in drawing)
    if block.picture.caption:
        yield from sheet.words(block.picture.caption, DIM, indent=_INDENT)


def _end(lesson: Lesson, sheet: Sheet) -> Iterator[str]:
    """What was cited, and where to read on."""
    if lesson.cited:
        yield ""
        yield from _underlined(lesson.wording.sources, sheet, "─", "-")
        for source in lesson.cited:
            text = sheet.text(source_text(source))
            yield from sheet.paragraph((Span(text),), first=sheet.sign("• ", "- "), rest="  ")
    outline = lesson.topic.outline
    if outline.see:
        yield ""
        yield from sheet.words(f"{lesson.wording.see_also}: {', '.join(outline.see)}.")
    if outline.homework:
        yield from sheet.words(f"{lesson.wording.homework}: {', '.join(outline.homework)}.", DIM)


def source_text(source: Source) -> str:
    """A source in one line."""
    parts = [f"{source.authors} ({source.year}). {source.title}."]
    parts += [f"{source.venue}."] if source.venue else []
    parts += [source.address] if source.address else []
    return " ".join(parts)


_RULES: dict[type, Callable[[Any, Lesson, Sheet], Iterator[str]]] = {
    Paragraph: _paragraph,
    Heading: _heading,
    Displayed: _displayed,
    Listing: _listing,
    Quote: _quote,
    Table: _table,
    Code: _code,
    ShownDerivation: _derivation,
    ShownPicture: _picture,
}
