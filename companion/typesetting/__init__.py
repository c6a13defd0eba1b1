r"""Formulas in LaTeX, drawn with text: $\frac{1}{2}$ becomes 1/2 in a line, three lines alone.

`inline` puts a formula into a sentence, `draw` into a block of its own. LaTeX is read (reading.py)
into nodes (nodes.py) by a table of signs (signs.py), and written from these: in one line (line.py)
or as boxes beside and over one another (box.py, drawing.py).
"""

from __future__ import annotations

from textwrap import wrap

from companion.typesetting.box import Box, stacked
from companion.typesetting.drawing import box_of, pieces
from companion.typesetting.line import line_of
from companion.typesetting.nodes import Fenced, Grid, Node, Row
from companion.typesetting.reading import read

_INDENT = 4


def inline(latex: str, *, ascii_only: bool = False) -> str:
    """A formula in one line of text.

    Raises: InputError `latex-not-known`.
    """
    return line_of(read(latex), ascii_only=ascii_only).strip()


def draw(latex: str, *, ascii_only: bool = False, width: int = 80) -> list[str]:
    """A formula as lines of text, in at most `width` columns where it can be cut so.

    A wide one is cut before its relations, then before its sums; what is still too wide is
    written in lines of words.
    Raises: InputError `latex-not-known`.
    """
    box = _fitting(read(latex), ascii_only=ascii_only, width=width)
    return [line.rstrip() for line in box.lines]


def _fitting(node: Node, *, ascii_only: bool, width: int) -> Box:
    box = box_of(node, ascii_only=ascii_only)
    if box.width <= width:
        return box
    grid = _aligned(node)
    rows = [_joined(row) for row in grid.rows] if grid else pieces(node)
    if len(rows) == 1:
        return _as_words(node, ascii_only=ascii_only, width=width)
    first, *others = [_fitting(row, ascii_only=ascii_only, width=width - _INDENT) for row in rows]
    indented = [_indented(box) for box in others]
    return stacked([first, *indented], base=0, side="left")


def _aligned(node: Node) -> Grid | None:
    """The grid that is all of a formula: an `aligned`."""
    inner = node.parts[0] if isinstance(node, Row) and len(node.parts) == 1 else node
    found = inner.body if isinstance(inner, Fenced) else inner
    return found if isinstance(found, Grid) and found.aligned else None


def _joined(cells: tuple[Node, ...]) -> Row:
    """The cells of a row, one after another."""
    return Row(tuple(part for cell in cells for part in _parts(cell)))


def _parts(node: Node) -> tuple[Node, ...]:
    return node.parts if isinstance(node, Row) else (node,)


def _indented(box: Box) -> Box:
    return box.widened(box.width + _INDENT, "right")


def _as_words(node: Node, *, ascii_only: bool, width: int) -> Box:
    text = line_of(node, ascii_only=ascii_only)
    lines = wrap(text, max(width, 20), break_long_words=True) or [""]
    return stacked([Box((line,)) for line in lines], base=0, side="left")
