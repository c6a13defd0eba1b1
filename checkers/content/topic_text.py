"""One topic's text: its sections, values, citations, links, formulas, pictures, numbers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from answers.errors import CompanionError
from answers.expressions.parse import parse_expression
from answers.expressions.parts import names_in
from answers.textbook.blocks import (
    Block,
    Code,
    Listing,
    Paragraph,
    Quote,
    Section,
    ShownDerivation,
    ShownPicture,
    every_block,
    every_inline,
)
from answers.textbook.inlines import (
    Citation,
    CodeSpan,
    Formula,
    Inline,
    Link,
    Mention,
    Strong,
    Text,
    plain_text,
)
from answers.textbook.markdown import SECTIONS
from answers.textbook.pictures import BarsPicture, Picture, TextPicture
from answers.textbook.requests import FromFormula
from answers.worked.lesson import Lesson
from answers.worked.writing import as_latex, as_text
from checkers.content.finding import Finding
from checkers.content.typed_numbers import typed_numbers

_SENTENCE_END = re.compile(r"[.!?](?:['\")*]*)(?=\s+[A-Z'\"($]|\s*$)")
_ABBREVIATIONS = re.compile(r"\b(?:e\.g|i\.e|et al|vs|cf|approx)\.")
_OPTIONAL = ("picture",)
WIDEST = 56  # of a drawing: it is indented by four, and a terminal may have 60


@dataclass(frozen=True)
class Press:
    """What prints a text, for trying whether it can: each raises a CompanionError where not.

    formula: LaTeX with its values. picture: in the terminal.
    """

    formula: Callable[[str], object]
    picture: Callable[[Picture, Lesson], object]


def check(lesson: Lesson, press: Press) -> Iterator[Finding]:
    """Everything that is wrong with a text and the values it uses."""
    checker = _Checker(lesson, press)
    yield from checker.sections()
    yield from checker.values()
    yield from checker.text()
    yield from checker.numbers()


class _Checker:
    """A lesson that is looked at, part by part."""

    def __init__(self, lesson: Lesson, press: Press) -> None:
        self._lesson, self._press = lesson, press
        self._topic = lesson.topic
        self._file = lesson.topic.face.file

    def _found(self, line: int, code: str, message: str) -> Finding:
        return Finding(self._file, line, code, message)

    # -- sections -------------------------------------------------------------------------------

    def sections(self) -> Iterator[Finding]:
        keys = [section.key for section in self._topic.sections]
        for key in SECTIONS:
            if key not in keys and key not in _OPTIONAL:
                yield self._found(0, "section-missing", f"The section {{#{key}}} is missing.")
        known = [key for key in SECTIONS if key in keys]
        if len(keys) == len(set(keys)) and keys != known:
            line = next(
                s.line for s, key in zip(self._topic.sections, known, strict=True) if s.key != key
            )
            order = ", ".join(known)
            yield self._found(line, "section-order", f"The sections come in this order: {order}.")
        for number, section in enumerate(self._topic.sections):
            if section.key in keys[:number]:
                yield self._found(
                    section.line, "section-twice", f"{{#{section.key}}} stands twice."
                )
            yield from _SECTION_RULES.get(section.key, _any)(self, section)

    def idea(self, section: Section) -> Iterator[Finding]:
        paragraphs = [block for block in section.blocks if isinstance(block, Paragraph)]
        if len(section.blocks) != 1 or len(paragraphs) != 1:
            yield self._found(section.line, "idea", "The idea is one paragraph, and nothing else.")
            return
        count = sentences(plain_text(paragraphs[0].parts))
        if count != 3:
            yield self._found(
                paragraphs[0].line, "idea", f"The idea has {count} sentences; it needs three."
            )

    def picture(self, section: Section) -> Iterator[Finding]:
        if not any(isinstance(block, ShownPicture) for block in every_block(section.blocks)):
            yield self._found(section.line, "picture-missing", "This section needs a picture.")

    def mistakes(self, section: Section) -> Iterator[Finding]:
        items = [item for block in _listings(section.blocks) for item in block.items]
        if not items:
            yield self._found(section.line, "mistakes", "The mistakes are a list.")
        for item in items:
            first = item[0] if item else None
            if not (
                isinstance(first, Paragraph) and first.parts and isinstance(first.parts[0], Strong)
            ):
                line = first.line if first else section.line
                message = "A mistake begins with the wrong statement in bold."
                yield self._found(line, "mistakes", message)
            elif len(first.parts) < 2 and len(item) < 2:
                yield self._found(first.line, "mistakes", "It does not say why this is wrong.")

    def tries(self, section: Section) -> Iterator[Finding]:
        kinds = {
            b.language.split(" ")[0] for b in every_block(section.blocks) if isinstance(b, Code)
        }
        if not kinds & {"sh", "console"}:
            yield self._found(section.line, "try", "This section needs commands, in ```sh.")

    def questions(self, section: Section) -> Iterator[Finding]:
        items = [
            item for block in _listings(section.blocks) if block.numbered for item in block.items
        ]
        if not items:
            yield self._found(section.line, "check", "The questions are a numbered list.")
        for item in items:
            if not any(isinstance(block, Quote) for block in item):
                line = item[0].line if item else section.line
                yield self._found(line, "check", "The question has no answer ('> …') below it.")

    # -- values ---------------------------------------------------------------------------------

    def values(self) -> Iterator[Finding]:
        values, outline = self._lesson.values, self._topic.outline
        for name in values.names:
            try:
                values.of(name)
            except CompanionError as error:
                line = outline.lines.get(name, 0)
                hint = f" {error.hint}" if error.hint else ""
                yield Finding(outline.file, line, "value-fails", f"{name}: {error.message}{hint}")
        for name in sorted(set(values.names) - self._used()):
            message = f"The value {name!r} is used nowhere in the text."
            yield Finding(outline.file, outline.lines.get(name, 0), "value-unused", message)

    def _used(self) -> set[str]:
        used = {name for _, name in self._mentions()}
        waiting = list(used)
        while waiting:
            request = self._topic.outline.requests.get(waiting.pop())
            for name in _named_in(request):
                if name not in used:
                    used.add(name)
                    waiting.append(name)
        return used

    def _mentions(self) -> Iterator[tuple[int, str]]:
        """Line and name of each value that the text uses."""
        for section in self._topic.sections:
            for line, part in every_inline(section.blocks):
                for mention in _mentions_in(part):
                    yield line, mention.name
            for block in every_block(section.blocks):
                if isinstance(block, ShownDerivation):
                    yield block.line, block.name
                elif isinstance(block, ShownPicture) and isinstance(block.picture, BarsPicture):
                    yield from ((block.line, name) for _, name in block.picture.bars)

    # -- text -----------------------------------------------------------------------------------

    def text(self) -> Iterator[Finding]:
        for line, name in self._mentions():
            if name not in self._lesson.values.names:
                yield self._found(line, "value-unknown", f"There is no value {name!r:.60}.")
        for section in self._topic.sections:
            for line, part in every_inline(section.blocks):
                yield from self._inline(line, part)
            for block in every_block(section.blocks):
                yield from self._block(block)

    def _inline(self, line: int, part: Inline) -> Iterator[Finding]:
        match part:
            case Citation(key) if key not in self._lesson.textbook.sources:
                yield self._found(line, "source-unknown", f"{key!r:.60} is not in sources.toml.")
            case Formula():
                yield from self._formula(line, part)
            case Mention():
                yield from self._tried(line, lambda: self._written(part))
            case Link(target):
                yield from self._link(line, target)

    def _written(self, mention: Mention) -> object:
        if mention.name not in self._lesson.values.names:
            return None
        return as_text(self._lesson.values.of(mention.name).figure, mention.form)

    def _formula(self, line: int, formula: Formula) -> Iterator[Finding]:
        names = [part.name for part in formula.parts if isinstance(part, Mention)]
        if all(name in self._lesson.values.names for name in names):
            yield from self._tried(line, lambda: self._press.formula(self._latex(formula)))

    def _latex(self, formula: Formula) -> str:
        of = self._lesson.values.of
        return "".join(
            part if isinstance(part, str) else as_latex(of(part.name).figure, part.form)
            for part in formula.parts
        )

    def _tried(self, line: int, attempt: Callable[[], object]) -> Iterator[Finding]:
        """What an attempt fails with; a value that can't be worked out is said elsewhere."""
        try:
            attempt()
        except CompanionError as error:
            if not error.where:
                hint = f" {error.hint}" if error.hint else ""
                yield self._found(line, error.code, error.message + hint)

    def _link(self, line: int, target: str) -> Iterator[Finding]:
        if target.startswith("https://"):
            return
        slug, _, section = target.partition("#")
        if slug and slug not in self._lesson.textbook.slugs:
            yield self._found(line, "link", f"The link leads to {target!r:.60}, which is no topic.")
        elif section and section not in SECTIONS:
            yield self._found(line, "link", f"There is no section {section!r:.40}.")

    def _block(self, block: Block) -> Iterator[Finding]:
        match block:
            case ShownDerivation(line, name) if name in self._lesson.values.names:
                yield from self._tried(line, lambda: self._derived(name))
            case ShownPicture(line, picture):
                yield from self._tried(line, lambda: self._press.picture(picture, self._lesson))
                yield from self._too_wide(line, picture)
            case Code(line, language) if language.split(" ")[0] not in ("", *_LANGUAGES):
                known = ", ".join(_LANGUAGES)
                yield self._found(
                    line, "code-language", f"Code is one of {known}, not {language!r:.40}."
                )
            case Paragraph(line, parts):
                yield from self._topics_in_words(line, parts)

    def _too_wide(self, line: int, picture: Picture) -> Iterator[Finding]:
        """A drawing of the author's own can't be made narrower."""
        if isinstance(picture, TextPicture):
            widest = max(map(len, picture.lines), default=0)
            if widest > WIDEST:
                message = f"The drawing has {widest} columns; it may have {WIDEST}."
                yield self._found(line, "picture-wide", message)

    def _derived(self, name: str) -> None:
        if not self._lesson.values.of(name).derivations:
            from answers.errors import InputError

            raise InputError("no-derivation", f"The value {name!r} has no derivation.")

    def _topics_in_words(self, line: int, parts: tuple[Inline, ...]) -> Iterator[Finding]:
        """'the topic `pooling`' names one that exists."""
        for before, part in pairwise(parts):
            if (
                isinstance(before, Text)
                and re.search(r"\btopics? $", before.text)
                and isinstance(part, CodeSpan)
                and part.text not in self._lesson.textbook.slugs
            ):
                yield self._found(line, "link", f"There is no topic {part.text!r:.60}.")

    # -- numbers --------------------------------------------------------------------------------

    def numbers(self) -> Iterator[Finding]:
        face = self._topic.face
        for line, text in ((2, face.title), (3, face.summary), *self._typed()):
            for number in typed_numbers(text):
                message = f"{number} is typed: let topic.toml compute it, and write {{{{name}}}}."
                yield self._found(line, "number-typed", message)

    def _typed(self) -> Iterator[tuple[int, str]]:
        """Words and formulas, values and code left out."""
        for section in self._topic.sections:
            yield section.line, section.title
            for line, part in every_inline(section.blocks):
                if isinstance(part, Text):
                    yield line, part.text
                elif isinstance(part, Formula):
                    yield line, "\0".join(item for item in part.parts if isinstance(item, str))


_LANGUAGES = ("sh", "console", "python", "text", "toml")


def sentences(text: str) -> int:
    """How many sentences a paragraph has."""
    return len(_SENTENCE_END.findall(_ABBREVIATIONS.sub("", text.strip())))


def _any(_: _Checker, __: Section) -> Iterator[Finding]:
    yield from ()


def _listings(blocks: tuple[Block, ...]) -> list[Listing]:
    return [block for block in blocks if isinstance(block, Listing)]


def _named_in(request: object) -> set[str]:
    """The values that a formula is made of."""
    if not isinstance(request, FromFormula):
        return set()
    try:
        return set(names_in(parse_expression(request.formula)))
    except CompanionError:
        return set()  # it is said where the value is worked out


def _mentions_in(part: Inline) -> Iterator[Mention]:
    if isinstance(part, Mention):
        yield part
    elif isinstance(part, Formula):
        yield from (item for item in part.parts if isinstance(item, Mention))


_SECTION_RULES: dict[str, Callable[[_Checker, Section], Iterator[Finding]]] = {
    "idea": _Checker.idea,
    "picture": _Checker.picture,
    "mistakes": _Checker.mistakes,
    "try": _Checker.tries,
    "check": _Checker.questions,
}
