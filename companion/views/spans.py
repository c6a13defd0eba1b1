"""Words with a style, filled into lines: bold and code in a paragraph, wrapped to a width."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from companion.typesetting.box import columns_of

BOLD, DIM, ITALIC, UNDERLINED, CODE = 1, 2, 3, 4, 36
GLUE = "\u00a0"  # a space at which no line ends
_NARROWEST = 5


class Span(NamedTuple):
    """Text in one style: numbers of the terminal's sequences, none for plain text.

    breaks: the line ends after it.
    """

    text: str
    style: tuple[int, ...] = ()
    breaks: bool = False


Word = list[Span]
Spans = Iterable[Span]


def wrapped(
    spans: Spans, width: int, *, styled: bool, first: str = "", rest: str = ""
) -> list[str]:
    """Lines of at most `width` columns; first, rest: what stands before the first and the others."""
    room = max(_NARROWEST, width - columns_of(rest))
    lines = list(_filled(spans, room, room - columns_of(first) + columns_of(rest)))
    texts = [_line_text(line, styled=styled) for line in lines] or [""]
    return [
        ((rest if number else first) + text).rstrip().replace(GLUE, " ")
        for number, text in enumerate(texts)
    ]


def _filled(spans: Spans, room: int, first_room: int) -> Iterator[list[Word]]:
    line: list[Word] = []
    used, here = 0, first_room
    for word, breaks in _words(spans):
        for piece in _pieces(word, room):
            size = _word_columns(piece)
            if line and used + 1 + size > here:
                yield line
                line, used, here = [], 0, room
            used += size + (1 if line else 0)
            line.append(piece)
        if breaks:
            yield line
            line, used, here = [], 0, room
    if line:
        yield line


def _words(spans: Spans) -> Iterator[tuple[Word, bool]]:
    """The words, which may be of several styles: **bold**, with the comma behind it."""
    word: Word = []
    for span in spans:
        parts = span.text.split(" ")
        for number, part in enumerate(parts):
            if number and word:
                yield word, False
                word = []
            if part:
                word.append(Span(part, span.style))
        if span.breaks:
            yield word, True
            word = []
    if word:
        yield word, False


def _pieces(word: Word, room: int) -> Iterator[Word]:
    """A word that is wider than a line, in pieces."""
    if _word_columns(word) <= room:
        yield word
        return
    for span in word:
        for place in range(0, len(span.text), room):
            yield [Span(span.text[place : place + room], span.style)]


def _word_columns(word: Word) -> int:
    return sum([len(s.text) if s.text.isascii() else columns_of(s.text) for s in word])


def _line_text(words: list[Word], *, styled: bool) -> str:
    """The words with spaces between; neighbours of one style share it, and the space."""
    runs: list[Span] = []
    for word in words:
        for number, span in enumerate(word):
            before = runs[-1] if runs else None
            gap = " " if before and not number else ""
            if before and before.style == span.style:
                runs[-1] = Span(before.text + gap + span.text, span.style)
            else:
                runs += [Span(gap), span] if gap else [span]
    return "".join(styled_text(span.text, span.style, styled=styled) for span in runs)


def styled_text(text: str, style: tuple[int, ...], *, styled: bool) -> str:
    """A text between the sequences of its style."""
    if not styled or not style or not text:
        return text
    return f"\033[{';'.join(map(str, style))}m{text}\033[0m"
