"""Topics as one HTML page that needs no other file and runs no script; formulas are MathML."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from html import escape
from importlib.resources import files
from typing import Any

from answers.derivation.derivation import Derivation, Step, chain, unit_text
from answers.derivation.rules import shape_text
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
from answers.textbook.source import Source
from answers.worked.lesson import Lesson
from answers.worked.writing import as_latex, as_text, is_mathematics
from companion.error_codes import ErrorCode
from companion.views.error_code_view import ending
from companion.views.mathml import as_mathml
from companion.views.printable import printable
from companion.views.topic_code import programs
from companion.views.topic_derivation import MOST_IN_WORDS, how, unit_text_of
from companion.views.topic_spans import latex_of
from companion.views.topic_svg import drawn

_SAFE = ("https://", "http://")


def page(lessons: Iterable[Lesson], codes: Iterable[ErrorCode] = (), *, code: bool = False) -> str:
    """The page. code: the programs of the topics in place of their texts."""
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    shown = list(lessons)
    template = files("companion").joinpath("views/templates/topic.html").read_text(encoding="utf-8")
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    known = [lesson.topic.slug for lesson in shown]
    text = environment.from_string(template).render(
        language=shown[0].topic.language if shown else "en",
        topics=[_topic(lesson, known, code=code) for lesson in shown],
        codes=[{"code": c, "ending": ending(c)} for c in codes],
        safe=Markup,  # what this module has escaped itself
    )
    return f"{text.rstrip()}\n"


def _topic(lesson: Lesson, known: list[str], *, code: bool) -> dict[str, Any]:
    """What the template shows of a topic; `body` is HTML."""
    writer = _Writer(lesson, known)
    body = writer.programs() if code else writer.sections()
    return {
        "slug": lesson.topic.slug,
        "title": lesson.topic.face.title,
        "summary": lesson.topic.face.summary,
        "homework": ", ".join(lesson.topic.outline.homework),
        "wording": lesson.wording,
        "body": "\n".join(body),
        "sources": [] if code else [_source(source, lesson) for source in lesson.cited],
        "see": [] if code else [(slug, slug in known) for slug in lesson.topic.outline.see],
    }


def _source(source: Source, lesson: Lesson) -> dict[str, str]:
    address = source.address if source.address.startswith(_SAFE) else ""
    text = f"{source.authors} ({source.year}). {source.title}."
    venue = f" {source.venue}." if source.venue else ""
    return {"id": f"{lesson.topic.slug}-{source.key}", "text": text + venue, "url": address}


class _Writer:
    """One topic as HTML; known: the topics on the same page, which links may lead to."""

    def __init__(self, lesson: Lesson, known: list[str]) -> None:
        self._lesson, self._known = lesson, known
        self._slug = lesson.topic.slug
        self._answers = False

    def programs(self) -> Iterator[str]:
        for program in programs(self._lesson):
            yield f"<h2>{escape(program.name)}</h2>"
            yield _pre(program.text.rstrip())

    def sections(self) -> Iterator[str]:
        for section in self._lesson.topic.sections:
            yield f'<h2 id="{self._slug}-{section.key}">{escape(section.title)}</h2>'
            yield self._section(section)

    def _section(self, section: Section) -> str:
        self._answers = section.key == "check"
        return self._blocks(section.blocks)

    # -- blocks ---------------------------------------------------------------------------------

    def _blocks(self, blocks: Iterable[Block]) -> str:
        return "\n".join(_RULES[type(block)](self, block) for block in blocks)

    def paragraph(self, block: Paragraph) -> str:
        return f"<p>{self._line(block.parts)}</p>"

    def heading(self, block: Heading) -> str:
        return f"<h3>{self._line(block.parts)}</h3>"

    def displayed(self, block: Displayed) -> str:
        return _wide(as_mathml(latex_of(block.formula, self._lesson), alone=True))

    def listing(self, block: Listing) -> str:
        tag = "ol" if block.numbered else "ul"
        items = "\n".join(f"<li>{self._item(item)}</li>" for item in block.items)
        return f"<{tag}>\n{items}\n</{tag}>"

    def _item(self, blocks: tuple[Block, ...]) -> str:
        if len(blocks) == 1 and isinstance(blocks[0], Paragraph):
            return self._line(blocks[0].parts)
        return self._blocks(blocks)

    def quote(self, block: Quote) -> str:
        inside = self._blocks(block.blocks)
        if not self._answers:
            return f"<blockquote>{inside}</blockquote>"
        summary = escape(self._lesson.wording.answer)
        return f"<details><summary>{summary}</summary>{inside}</details>"

    def table(self, block: Table) -> str:
        head = "".join(
            self._cell("th", *pair) for pair in zip(block.titles, block.right, strict=True)
        )
        rows = [
            "".join(self._cell("td", *pair) for pair in zip(row, block.right, strict=True))
            for row in block.rows
        ]
        return _table(head if any(block.titles) else "", rows)

    def _cell(self, tag: str, parts: tuple[Inline, ...], right: bool) -> str:  # noqa: FBT001  # a column's own
        kind = ' class="n"' if right else ""
        return f"<{tag}{kind}>{self._line(parts)}</{tag}>"

    def code(self, block: Code) -> str:
        return _pre(block.text)

    def derivation(self, block: ShownDerivation) -> str:
        worked = self._lesson.values.of(block.name)
        parts = [_derivation(derivation) for derivation in worked.derivations]
        if any(len(item.steps) > MOST_IN_WORDS for item in worked.derivations):
            figure = worked.figure
            text = (
                as_mathml(as_latex(figure), alone=False)
                if is_mathematics(figure)
                else escape(as_text(figure))
            )
            parts.append(f"<p><strong>{text} {escape(unit_text_of(worked))}</strong></p>")
        return f'<div class="derivation">{"".join(parts)}</div>'

    def picture(self, block: ShownPicture) -> str:
        caption = block.picture.caption
        under = f"<figcaption>{escape(caption)}</figcaption>" if caption else ""
        return f"<figure>{drawn(block.picture, self._lesson)}{under}</figure>"

    # -- lines ----------------------------------------------------------------------------------

    def _line(self, parts: tuple[Inline, ...]) -> str:
        return "".join(map(self._part, parts))

    def _part(self, part: Inline) -> str:
        match part:
            case Text(text):
                return escape(printable(text), quote=False)
            case CodeSpan(text):
                return f"<code>{escape(printable(text), quote=False)}</code>"
            case Strong(inner):
                return f"<strong>{self._line(inner)}</strong>"
            case Emphasis(inner):
                return f"<em>{self._line(inner)}</em>"
            case Mention():
                return self._mention(part)
            case Formula():
                return as_mathml(latex_of(part, self._lesson), alone=False)
            case Citation():
                return self._citation(part)
            case Link(target, inner):
                return self._link(target, self._line(inner))
            case LineBreak():
                return "<br>"
        raise TypeError(f"no rule for {type(part).__name__}")

    def _mention(self, part: Mention) -> str:
        figure = self._lesson.values.of(part.name).figure
        if is_mathematics(figure, part.form):
            return as_mathml(as_latex(figure, part.form), alone=False)
        return f'<span class="value">{escape(as_text(figure, part.form))}</span>'

    def _citation(self, part: Citation) -> str:
        text = escape(self._lesson.citation(part), quote=False)
        return f'<a class="cited" href="#{self._slug}-{escape(part.key)}">[{text}]</a>'

    def _link(self, target: str, text: str) -> str:
        """To a page, a section of this topic, or a topic that stands on the same page."""
        if target.startswith(_SAFE):
            return f'<a href="{escape(target)}">{text}</a>'
        slug, _, section = target.partition("#")
        if slug in ("", *self._known):
            place = f"{slug or self._slug}-{section}" if section else slug
            return f'<a href="#{escape(place)}">{text}</a>'
        return f"<em>{text}</em>"


def _pre(text: str) -> str:
    return f"<pre><code>{escape(text, quote=False)}</code></pre>"


def _wide(inside: str) -> str:
    """What may be wider than the window scrolls for itself."""
    return f'<div class="wide">{inside}</div>'


def _table(head: str, rows: Iterable[str]) -> str:
    top = f"<thead><tr>{head}</tr></thead>" if head else ""
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    return _wide(f"<table>{top}<tbody>{body}</tbody></table>")


# -- derivations -------------------------------------------------------------------------------


def _derivation(derivation: Derivation) -> str:
    if len(derivation.steps) > MOST_IN_WORDS:
        return _steps_table(derivation)
    return "".join(_step(step, derivation) for step in derivation.steps)


def _step(step: Step, derivation: Derivation) -> str:
    about = f"<strong>{escape(printable(step.about))}:</strong> " if step.about else ""
    rule = f"<p>{about}{escape(printable(step.rule), quote=False)}</p>" if step.rule else ""
    source = f"<p><small>{escape(step.source, quote=False)}</small></p>" if step.source else ""
    return rule + _wide(as_mathml(_chain(step, derivation), alone=True)) + source


def _chain(step: Step, derivation: Derivation) -> str:
    """The formulas of a step below one another, aligned at their signs of equality."""
    lines = [to_latex(part, thousands=True) for part in chain(step, with_forms=True)]
    if isinstance(step.value, tuple):
        lines.append(rf"\text{{{shape_text(step.value)}}}")
    unit = unit_text(step.value, step.unit or derivation.unit)
    last = rf"{lines[-1]}\ \text{{{unit}}}" if unit else lines[-1]
    first, *rest = [*lines[:-1], last]
    rows = [f"& {first}", *(f"= {{}} & {line}" for line in rest)]
    return rf"\begin{{aligned}} {(' ' + chr(92) * 2 + ' ').join(rows)} \end{{aligned}}"


def _steps_table(derivation: Derivation) -> str:
    titles = ("layer", "how", derivation.unit or "output")
    head = "".join(f"<th>{escape(title)}</th>" for title in titles)
    rows = [
        f"<td>{escape(printable(step.about))}</td><td>{_how(step)}</td>"
        f'<td class="n">{_value(step)}</td>'
        for step in derivation.steps
        if step.about
    ]
    return _table(head, rows)


def _how(step: Step) -> str:
    part = how(step)
    return "" if part is None else as_mathml(to_latex(part, thousands=True), alone=False)


def _value(step: Step) -> str:
    if step.value is None:
        return "?"
    return escape(as_text(step.value))


_RULES: dict[type, Callable[[_Writer, Any], str]] = {
    Paragraph: _Writer.paragraph,
    Heading: _Writer.heading,
    Displayed: _Writer.displayed,
    Listing: _Writer.listing,
    Quote: _Writer.quote,
    Table: _Writer.table,
    Code: _Writer.code,
    ShownDerivation: _Writer.derivation,
    ShownPicture: _Writer.picture,
}
