"""What a line of a text is made of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from answers.record import record


@record()
class Text:
    """Plain words."""

    text: str


@record()
class CodeSpan:
    """Words of a program."""

    text: str


@record()
class Strong:
    """Bold."""

    parts: tuple[Inline, ...]


@record()
class Emphasis:
    """Italics."""

    parts: tuple[Inline, ...]


@record()
class Mention:
    """A value by name, {{recall:.3f}}; form: how it is written, may be empty."""

    name: str
    form: str = ""


@record()
class Formula:
    """LaTeX, in which values may be mentioned: texts and mentions in turn."""

    parts: tuple[str | Mention, ...]


@record()
class Citation:
    """A source by its key, and the place in it."""

    key: str
    place: str = ""


@record()
class Link:
    """Words that lead to another topic, a section (#mathematics) or a page."""

    target: str
    parts: tuple[Inline, ...]


@record()
class LineBreak:
    """The line ends here."""


Inline: TypeAlias = (
    Text | CodeSpan | Strong | Emphasis | Mention | Formula | Citation | Link | LineBreak
)


def every(parts: tuple[Inline, ...]) -> Iterator[Inline]:
    """All parts, those within bold words, emphasis and links among them."""
    for part in parts:
        yield part
        if isinstance(part, Strong | Emphasis | Link):
            yield from every(part.parts)


def plain_text(parts: tuple[Inline, ...]) -> str:
    """The words alone: formulas and values as they are written in the file."""
    return "".join(map(_plain, parts))


def _plain(part: Inline) -> str:
    match part:
        case Text(text) | CodeSpan(text):
            return text
        case Strong(parts) | Emphasis(parts) | Link(_, parts):
            return plain_text(parts)
        case Formula(parts):
            return (
                "$"
                + "".join(item if isinstance(item, str) else _plain(item) for item in parts)
                + "$"
            )
        case Mention(name, form):
            return "{{" + name + (f":{form}" if form else "") + "}}"
        case LineBreak():
            return " "
    return ""
