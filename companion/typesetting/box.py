"""A rectangle of text with a line on which it stands."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


def columns_of(text: str) -> int:
    """How many columns a text takes: a combining mark takes none."""
    return sum(not unicodedata.combining(sign) for sign in text)


def _padded(text: str, width: int, side: str) -> str:
    free = width - columns_of(text)
    left = {"left": 0, "centre": free // 2, "right": free}[side]
    return " " * left + text + " " * (free - left)


@dataclass(frozen=True)
class Box:
    """Lines of one width. base: the index of the line that neighbours stand beside."""

    lines: tuple[str, ...]
    base: int = 0

    @property
    def width(self) -> int:
        """In columns."""
        return columns_of(self.lines[0])

    @property
    def height(self) -> int:
        """In lines."""
        return len(self.lines)

    @property
    def below(self) -> int:
        """The lines under the base."""
        return self.height - 1 - self.base

    def widened(self, width: int, side: str = "centre") -> Box:
        """The same in more columns. side: left, centre or right, where it stands in them."""
        return Box(tuple(_padded(line, width, side) for line in self.lines), self.base)

    def framed(self, above: int, below: int) -> Box:
        """With so many lines above and below the base, at least."""
        empty = " " * self.width
        top = (empty,) * max(0, above - self.base)
        bottom = (empty,) * max(0, below - self.below)
        return Box((*top, *self.lines, *bottom), self.base + len(top))


EMPTY = Box(("",))


def beside(boxes: Sequence[Box]) -> Box:
    """Boxes in a row, their bases on one line."""
    if not boxes:
        return EMPTY
    above, below = max(box.base for box in boxes), max(box.below for box in boxes)
    framed = [box.framed(above, below) for box in boxes]
    lines = zip(*(box.lines for box in framed), strict=True)
    return Box(tuple("".join(parts) for parts in lines), above)


def stacked(boxes: Iterable[Box], base: int, side: str = "centre") -> Box:
    """Boxes one over another. base: the line of the whole that neighbours stand beside."""
    all_boxes = list(boxes)
    width = max(box.width for box in all_boxes)
    lines = tuple(line for box in all_boxes for line in box.widened(width, side).lines)
    return Box(lines, base)
