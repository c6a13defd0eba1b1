"""A formula as it was read: what stands beside, over, under and around what."""

from __future__ import annotations

from answers.record import record
from companion.typesetting.signs import Kind, Sign


@record()
class Node:
    """Any part of a formula."""


@record()
class Mark(Node):
    """A sign, a letter, a number, or words that belong together."""

    text: str
    ascii: str
    kind: Kind = "plain"

    @classmethod
    def of(cls, sign: Sign) -> Mark:
        """The node of a sign of the table."""
        return cls(sign.text, sign.ascii, sign.kind)


@record()
class Space(Node):
    """So many columns of nothing."""

    width: int


@record()
class Row(Node):
    """Parts side by side."""

    parts: tuple[Node, ...]


@record()
class Scripts(Node):
    """A part with what stands below and above it."""

    base: Node
    lower: Node | None
    upper: Node | None


@record()
class Fraction(Node):
    """One part over another."""

    over: Node
    under: Node


@record()
class Root(Node):
    """A root; degree: None for a square root."""

    body: Node
    degree: Node | None


@record()
class Accent(Node):
    """A part with a mark over it: a combining character, and its word in ASCII."""

    body: Node
    combining: str
    word: str


@record()
class Fenced(Node):
    """A part between brackets that grow with it; an empty bracket is none."""

    left: Mark
    body: Node
    right: Mark


@record()
class Grid(Node):
    """Rows of cells. aligned: right and left in turn, as LaTeX's `aligned` has them."""

    rows: tuple[tuple[Node, ...], ...]
    aligned: bool
