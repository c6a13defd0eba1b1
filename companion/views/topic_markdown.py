"""A topic as Markdown, its values put in; mathematics between dollar signs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from answers.derivation.derivation import Derivation, chain
from answers.derivation.markdown import to_markdown
from answers.expressions.latex import to_latex
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
from answers.worked.writing import as_latex, as_text, is_mathematics
from companion.views.sheet import Sheet
from companion.views.topic_code import programs
from companion.views.topic_pictures import drawn
from companion.views.topic_spans import latex_of
from companion.views.topic_terminal import source_text

# what Markdown, or HTML within it, would read as more than a letter
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~$&])")
_PICTURE_WIDTH = 72


def written(lesson: Lesson, *, code: bool = False) -> str:
    """The whole topic, or its programs."""
    face = lesson.topic.face
    parts = [f"# {escaped(face.title)}", escaped(face.summary)]
    if code:
        for program in programs(lesson):
            parts += [f"## {escaped(program.name)}", _fenced(program.text, "python")]
        return "\n\n".join(parts) + "\n"
    parts += [section_text(section, lesson) for section in lesson.topic.sections]
    parts += _end(lesson)
    return "\n\n".join(parts) + "\n"


def section_text(section: Section, lesson: Lesson) -> str:
    """A section with its heading."""
    return f"## {escaped(section.title)}\n\n{blocks_text(section.blocks, lesson)}".rstrip()


def blocks_text(blocks: Iterable[Block], lesson: Lesson) -> str:
    """Blocks with an empty line between them."""
    return "\n\n".join(_RULES[type(block)](block, lesson) for block in blocks)


def escaped(text: str) -> str:
    """Words that stay words."""
    return _SPECIAL.sub(r"\\\1", text)


def _end(lesson: Lesson) -> Iterator[str]:
    wording, outline = lesson.wording, lesson.topic.outline
    if lesson.cited:
        sources = "\n".join(f"- {escaped(source_text(source))}" for source in lesson.cited)
        yield f"## {wording.sources}\n\n{sources}"
    if outline.see:
        yield f"{wording.see_also}: {', '.join(f'`{slug}`' for slug in outline.see)}."


def _line(parts: tuple[Inline, ...], lesson: Lesson) -> str:
    return "".join(_part(part, lesson) for part in parts)


def _part(part: Inline, lesson: Lesson) -> str:
    match part:
        case Text(text):
            return escaped(text)
        case CodeSpan(text):
            return _code_span(text)
        case Strong(inner):
            return f"**{_line(inner, lesson)}**"
        case Emphasis(inner):
            return f"*{_line(inner, lesson)}*"
        case Mention():
            return _mention(part, lesson)
        case Formula():
            return f"${latex_of(part, lesson)}$"
        case Citation():
            return f"[{escaped(lesson.citation(part))}]"
        case Link(target, inner):
            return f"[{_line(inner, lesson)}]({target})"
        case LineBreak():
            return "\\\n"
    raise TypeError(f"no rule for {type(part).__name__}")


def _code_span(text: str) -> str:
    ticks = "``" if "`" in text else "`"
    return f"{ticks}{text}{ticks}"


def _mention(part: Mention, lesson: Lesson) -> str:
    figure = lesson.values.of(part.name).figure
    if is_mathematics(figure, part.form):
        return f"${as_latex(figure, part.form)}$"
    return escaped(as_text(figure, part.form))


def _paragraph(block: Paragraph, lesson: Lesson) -> str:
    return _line(block.parts, lesson)


def _heading(block: Heading, lesson: Lesson) -> str:
    return f"### {_line(block.parts, lesson)}"


def _displayed(block: Displayed, lesson: Lesson) -> str:
    return f"$$\n{latex_of(block.formula, lesson)}\n$$"


def _listing(block: Listing, lesson: Lesson) -> str:
    airy = any(len(item) > 1 for item in block.items)
    items = []
    for number, item in enumerate(block.items, 1):
        mark = f"{number}. " if block.numbered else "- "
        items.append(mark + _indented(blocks_text(item, lesson), len(mark)))
    return ("\n\n" if airy else "\n").join(items)


def _indented(text: str, by: int) -> str:
    first, *rest = text.split("\n")
    return "\n".join([first, *(" " * by + line if line else line for line in rest)])


def _quote(block: Quote, lesson: Lesson) -> str:
    lines = blocks_text(block.blocks, lesson).split("\n")
    return "\n".join(f"> {line}".rstrip() for line in lines)


def _table(block: Table, lesson: Lesson) -> str:
    rule = ["---:" if right else "---" for right in block.right]
    cells = [[_line(cell, lesson) for cell in row] for row in (block.titles, *block.rows)]
    titles, *rows = [[re.sub(r"(?<!\\)\|", r"\\|", cell) for cell in row] for row in cells]
    return "\n".join("| " + " | ".join(row) + " |" for row in (titles, rule, *rows))


def _code(block: Code, _: Lesson) -> str:
    return _fenced(block.text, block.language)


def _fenced(text: str, language: str) -> str:
    ticks = "```" if "```" not in text else "~~~~"
    return f"{ticks}{language}\n{text.rstrip()}\n{ticks}"


def _derivation(block: ShownDerivation, lesson: Lesson) -> str:
    return "\n\n".join(map(_derived, lesson.values.of(block.name).derivations))


def _derived(derivation: Derivation) -> str:
    """A derivation without its heading; one without words is its chain of formulas."""
    if any(step.rule for step in derivation.steps):
        return to_markdown(derivation).split("\n\n", 1)[1].rstrip()
    formulas = [to_latex(part, thousands=True) for step in derivation.steps for part in chain(step)]
    return f"$$\n{' = '.join(formulas)}\n$$"


def _picture(block: ShownPicture, lesson: Lesson) -> str:
    caption = block.picture.caption
    picture = "\n".join(drawn(block.picture, lesson, Sheet(_PICTURE_WIDTH)))
    return _fenced(picture, "text") + (f"\n\n*{escaped(caption)}*" if caption else "")


_RULES: dict[type, Callable[[Any, Lesson], str]] = {
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
