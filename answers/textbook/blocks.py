"""What a section is made of; every block knows the line it starts at, from 1."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, TypeAlias

from answers.record import record
from answers.textbook.inlines import Formula, Inline, every
from answers.textbook.pictures import Picture


@record()
class Paragraph:
    """Words."""

    line: int
    parts: tuple[Inline, ...]


@record()
class Heading:
    """A smaller heading within a section."""

    line: int
    parts: tuple[Inline, ...]


@record()
class Displayed:
    """Mathematics that stands alone."""

    line: int
    formula: Formula


@record()
class Listing:
    """A list; each item is made of blocks. numbered: from 1."""

    line: int
    items: tuple[tuple[Block, ...], ...]
    numbered: bool


@record()
class Table:
    """A table; right: which columns hold numbers."""

    line: int
    titles: tuple[tuple[Inline, ...], ...]
    rows: tuple[tuple[tuple[Inline, ...], ...], ...]
    right: tuple[bool, ...]


@record()
class Quote:
    """A note; below a question of 'Check yourself', its answer."""

    line: int
    blocks: tuple[Block, ...]


@record()
class Code:
    """Lines of a program or of a terminal.

    language: sh are commands to try, console a command ($) with its output, else as a label.
    """

    line: int
    language: str
    text: str


@record()
class ShownDerivation:
    """The derivation of a value, as the calculator shows it."""

    line: int
    name: str


@record()
class ShownPicture:
    """A picture that the engine draws."""

    line: int
    picture: Picture


Block: TypeAlias = (
    Paragraph
    | Heading
    | Displayed
    | Listing
    | Table
    | Quote
    | Code
    | ShownDerivation
    | ShownPicture
)
Kind = Literal["idea", "mathematics", "example", "picture", "mistakes", "try", "check"]


@record()
class Section:
    """A part of a topic with a heading. key: what it is, whatever the language."""

    line: int
    key: str
    title: str
    blocks: tuple[Block, ...]


def every_block(blocks: tuple[Block, ...]) -> Iterator[Block]:
    """All blocks, those inside lists and quotes among them."""
    for block in blocks:
        yield block
        if isinstance(block, Quote):
            yield from every_block(block.blocks)
        elif isinstance(block, Listing):
            for item in block.items:
                yield from every_block(item)


def every_inline(blocks: tuple[Block, ...]) -> Iterator[tuple[int, Inline]]:
    """All parts of all lines, each with the line at which its block starts."""
    for block in every_block(blocks):
        for parts in _lines(block):
            for part in every(parts):
                yield block.line, part


def _lines(block: Block) -> Iterator[tuple[Inline, ...]]:
    match block:
        case Paragraph(_, parts) | Heading(_, parts):
            yield parts
        case Displayed(_, formula):
            yield (formula,)
        case Table(_, titles, rows):
            yield from titles
            for row in rows:
                yield from row
