"""A text of the textbook read into sections: CommonMark with tables, and the marks of `marks`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

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
from answers.textbook.fault import Fault
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
from answers.textbook.pictures import read_picture
from answers.textbook.table import parse_table

if TYPE_CHECKING:
    from markdown_it.token import Token

SECTIONS = ("idea", "mathematics", "example", "picture", "mistakes", "try", "check")
_KEY = re.compile(r"^(.*?)\s*\{#([a-z-]+)\}\s*$")
_CITED = re.compile(r"@([A-Za-z0-9_-]+)(?:,\s*(.+))?")
_NAME = re.compile(r"[a-z][a-z0-9_]*")


def read_sections(text: str, *, file: Path, first_line: int = 1) -> tuple[Section, ...]:
    """The sections of a text; first_line: where in the file it begins.

    Raises: Fault `textbook-text` for markup that a topic can't hold, with its line.
    """
    from answers.textbook.marks import reader

    return _Reader(reader().parse(text), file, first_line).sections()


class _Reader:
    """markdown-it's tokens one after another; what is opened is read until it closes."""

    def __init__(self, tokens: list[Token], file: Path, first_line: int) -> None:
        self._tokens, self._at = tokens, 0
        self._file, self._shift = file, first_line
        self._line = first_line

    def sections(self) -> tuple[Section, ...]:
        found: list[Section] = []
        while self._at < len(self._tokens):
            token = self._next()
            if token.type != "heading_open" or token.tag != "h2":
                raise self._fault("Text stands before the first heading '## … {#idea}'.")
            found.append(self._section())
        return tuple(found)

    def _section(self) -> Section:
        line = self._line
        named = _KEY.match(self._next().content)
        self._next()
        if named is None or named.group(2) not in SECTIONS:
            raise self._fault(
                "A heading '##' needs the key of its section.",
                hint=f"Write '## The idea {{#idea}}'; the keys are {', '.join(SECTIONS)}.",
            )
        return Section(line, named.group(2), named.group(1), tuple(self._until_section()))

    def _until_section(self) -> Iterator[Block]:
        while self._at < len(self._tokens):
            token = self._tokens[self._at]
            if token.type == "heading_open" and token.tag == "h2":
                return
            yield self._block(self._next())

    def _until(self, closing: str) -> tuple[Block, ...]:
        found: list[Block] = []
        while (token := self._next()).type != closing:
            found.append(self._block(token))
        return tuple(found)

    def _next(self) -> Token:
        token = self._tokens[self._at]
        self._at += 1
        if token.map:
            self._line = self._shift + token.map[0]
        return token

    def _block(self, token: Token) -> Block:
        rule = self._rules.get(token.type)
        if rule is None:
            word = token.type.removesuffix("_open").replace("_", " ")
            raise self._fault(f"A {word} can't stand in a topic.", hint=_HINTS.get(token.type, ""))
        return rule(self, token)

    def _fault(self, message: str, *, hint: str = "") -> Fault:
        return Fault("textbook-text", message, file=self._file, line=self._line, hint=hint)

    # -- blocks ---------------------------------------------------------------------------------

    def _paragraph(self, _: Token) -> Block:
        line = self._line
        parts = self._inlines(self._next())
        self._next()
        return Paragraph(line, parts)

    def _heading(self, token: Token) -> Block:
        if token.tag != "h3":
            raise self._fault(f"A heading '{token.markup}' can't stand in a section: write '###'.")
        line = self._line
        parts = self._inlines(self._next())
        self._next()
        return Heading(line, parts)

    def _displayed(self, token: Token) -> Block:
        return Displayed(self._line, formula_of(token.content))

    def _list(self, token: Token) -> Block:
        line, closing = self._line, token.type.replace("open", "close")
        items: list[tuple[Block, ...]] = []
        while self._next().type != closing:
            items.append(self._until("list_item_close"))
        return Listing(line, tuple(items), token.type.startswith("ordered"))

    def _quote(self, _: Token) -> Block:
        line = self._line
        return Quote(line, self._until("blockquote_close"))

    def _table(self, _: Token) -> Block:
        line = self._line
        rows: list[tuple[tuple[Inline, ...], ...]] = []
        right: list[bool] = []
        while (token := self._next()).type != "table_close":
            if token.type == "tr_open":
                cells = list(self._cells(right))
                rows.append(tuple(cells))
        titles, *others = rows
        return Table(line, titles, tuple(others), tuple(right[: len(titles)]))

    def _cells(self, right: list[bool]) -> Iterator[tuple[Inline, ...]]:
        while (token := self._next()).type != "tr_close":
            if token.type in ("th_open", "td_open"):
                right.append("right" in str(token.attrs.get("style", "")))
            elif token.type == "inline":
                yield self._inlines(token)

    def _fence(self, token: Token) -> Block:
        line, language = self._line, token.info.strip()
        if language == "derivation":
            name = token.content.strip()
            if not _NAME.fullmatch(name):
                raise self._fault("A derivation block holds the name of one value.")
            return ShownDerivation(line, name)
        if language == "picture":
            table = parse_table(token.content, file=self._file, line=line, name="picture")
            return ShownPicture(line, read_picture(table))
        return Code(line, language, token.content.rstrip("\n"))

    # -- lines ----------------------------------------------------------------------------------

    def _inlines(self, token: Token) -> tuple[Inline, ...]:
        children = iter(token.children or ())
        return tuple(self._parts(children, ""))

    def _parts(self, children: Iterator[Token], closing: str) -> Iterator[Inline]:
        for child in children:
            if child.type == closing:
                return
            yield from self._part(child, children)

    def _part(self, child: Token, children: Iterator[Token]) -> Iterator[Inline]:
        simple = _SIMPLE.get(child.type)
        if simple is not None:
            if child.content or child.type != "text":  # markdown-it leaves empty texts behind
                yield simple(child.content)
            return
        match child.type:
            case "citation":
                yield from self._citations(child.content)
            case "strong_open":
                yield Strong(tuple(self._parts(children, "strong_close")))
            case "em_open":
                yield Emphasis(tuple(self._parts(children, "em_close")))
            case "link_open":
                target = str(child.attrs["href"])
                yield Link(target, tuple(self._parts(children, "link_close")))
            case _:
                raise self._fault(f"A {child.type.replace('_', ' ')} can't stand in a topic.")

    def _citations(self, text: str) -> Iterator[Inline]:
        for number, item in enumerate(text.split(";")):
            found = _CITED.fullmatch(item.strip())
            if found is None:
                raise self._fault(
                    f"[{text:.60}] is no citation.", hint="Write [@key], or [@key, section 2]."
                )
            if number:
                yield Text(" ")
            yield Citation(found.group(1), found.group(2) or "")

    _rules: dict[str, Callable[[_Reader, Token], Block]] = {  # noqa: RUF012  # a table of methods
        "paragraph_open": _paragraph,
        "heading_open": _heading,
        "displayed": _displayed,
        "bullet_list_open": _list,
        "ordered_list_open": _list,
        "blockquote_open": _quote,
        "table_open": _table,
        "fence": _fence,
    }


_HINTS = {"code_block": "Write code between lines of ```, and do not indent text by four spaces."}


def mention_of(text: str) -> Mention:
    """The mention that {{name:form}} writes down."""
    name, _, form = text.removeprefix("{{").removesuffix("}}").partition(":")
    return Mention(name, form)


def formula_of(latex: str) -> Formula:
    """LaTeX with its mentions of values apart."""
    from answers.textbook.marks import MENTION

    parts: list[str | Mention] = []
    place = 0
    for found in MENTION.finditer(latex):
        parts += [latex[place : found.start()], mention_of(found.group())]
        place = found.end()
    return Formula(tuple(part for part in (*parts, latex[place:]) if part))


_SIMPLE: dict[str, Callable[[str], Inline]] = {
    "text": Text,
    "softbreak": lambda _: Text(" "),
    "hardbreak": lambda _: LineBreak(),
    "code_inline": CodeSpan,
    "mathematics": formula_of,
    "value": mention_of,
}
