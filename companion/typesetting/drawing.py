"""A formula as a block of text: fractions with a bar, sums with their limits, tall brackets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from companion.typesetting.box import EMPTY, Box, beside, columns_of, stacked
from companion.typesetting.line import line_of, script
from companion.typesetting.nodes import (
    Accent,
    Fenced,
    Fraction,
    Grid,
    Mark,
    Node,
    Root,
    Row,
    Scripts,
    Space,
)
from companion.typesetting.spacing import gaps, is_single, kind_of

_WITHOUT_LIMITS = ("∫", "⋃")
_LONGEST_BESIDE = 4  # a script that Unicode has no signs for stays in the line up to here
# top, middle, bottom, and the one at the base of a brace
_TALL = {
    "(": "⎛⎜⎝⎜",
    ")": "⎞⎟⎠⎟",
    "[": "⎡⎢⎣⎢",
    "]": "⎤⎥⎦⎥",
    "{": "⎧⎪⎩⎨",
    "}": "⎫⎪⎭⎬",
    "⌊": "⎢⎢⎣⎢",
    "⌋": "⎥⎥⎦⎥",
    "⌈": "⎡⎢⎢⎢",
    "⌉": "⎤⎥⎥⎥",
}
_TALL_ASCII = {"(": "/|\\|", ")": "\\|/|", "{": "/|\\<", "}": "\\|/>"}
_OVER = {"hat": "^", "tilde": "~", "vec": "→", "dot": "˙"}


def box_of(node: Node, *, ascii_only: bool) -> Box:
    """The block of a node."""
    return _DRAWERS[type(node)](node, ascii_only)


def _row(node: Row, ascii_only: bool) -> Box:  # noqa: FBT001  # all alike
    before = gaps(node.parts, tight=False, ascii_only=ascii_only)
    boxes = []
    for place, part in enumerate(node.parts):
        gap = before[place] or int(place > 0 and _is_bar_beside(node.parts[place - 1], part))
        boxes += [Box((" " * gap,)), box_of(part, ascii_only=ascii_only)]
    return beside(boxes)


def _is_bar_beside(before: Node, here: Node) -> bool:
    """Whether a fraction's bar would touch what isn't its bracket: a minus becomes part of it."""
    if isinstance(before, Fraction):
        return kind_of(here) not in ("closing", "comma", "space")
    return isinstance(here, Fraction) and kind_of(before) not in ("opening", "space")


def _in_line(node: Node, ascii_only: bool) -> Box:  # noqa: FBT001  # all alike
    return Box((line_of(node, ascii_only=ascii_only),))


def _scripts(node: Scripts, ascii_only: bool) -> Box:  # noqa: FBT001  # all alike
    if _has_limits(node):
        return _limits(node, ascii_only)
    base = box_of(node.base, ascii_only=ascii_only)
    if not is_single(node.base):
        base = beside([Box(("(",)), base, Box((")",))])
    beside_it = _short_scripts(node, ascii_only)
    if base.height == 1 and beside_it is not None:
        return Box((base.lines[0] + beside_it,))
    return _raised(base, node, ascii_only)


def _has_limits(node: Scripts) -> bool:
    mark = node.base
    return isinstance(mark, Mark) and mark.kind == "large" and mark.text not in _WITHOUT_LIMITS


def _limits(node: Scripts, ascii_only: bool) -> Box:  # noqa: FBT001  # all alike
    sign = box_of(node.base, ascii_only=ascii_only)
    over, under = (
        [] if part is None else [Box((line_of(part, ascii_only=ascii_only, tight=True),))]
        for part in (node.upper, node.lower)
    )
    return stacked([*over, sign, *under], base=len(over))


def _short_scripts(node: Scripts, ascii_only: bool) -> str | None:  # noqa: FBT001  # all alike
    """Both scripts in the line of their base; None where they would be hard to read there."""
    found = ""
    for part, sign in ((node.lower, "_"), (node.upper, "^")):
        if part is None:
            continue
        text = script(part, sign, ascii_only=ascii_only)
        if text.startswith(sign) and len(text) > _LONGEST_BESIDE and not ascii_only:
            return None
        found += text
    return found


def _raised(base: Box, node: Scripts, ascii_only: bool) -> Box:  # noqa: FBT001  # all alike
    upper, lower = (
        EMPTY if part is None else Box((line_of(part, ascii_only=ascii_only, tight=True),))
        for part in (node.upper, node.lower)
    )
    width = max(upper.width, lower.width)
    above, below = max(base.base, 1 if node.upper else 0), max(base.below, 1 if node.lower else 0)
    middle = (" " * width,) * (above + below - 1)
    lines = (upper.widened(width, "left").lines[0], *middle, lower.widened(width, "left").lines[0])
    column = Box(lines[: above + below + 1], above)
    return beside([base, column])


def _fraction(node: Fraction, ascii_only: bool) -> Box:  # noqa: FBT001  # all alike
    over = box_of(node.over, ascii_only=ascii_only)
    under = box_of(node.under, ascii_only=ascii_only)
    width = max(over.width, under.width)
    bar = Box((("-" if ascii_only else "─") * width,))
    return stacked([over, bar, under], base=over.height)


def _root(node: Root, ascii_only: bool) -> Box:  # noqa: FBT001  # all alike
    body = box_of(node.body, ascii_only=ascii_only)
    if node.degree is not None:
        return _in_line(node, ascii_only)
    if ascii_only or body.height > 1:
        brackets = Fenced(Mark("(", "("), node.body, Mark(")", ")"))
        sign = Box(("sqrt" if ascii_only else "√",))
        return beside([sign, box_of(brackets, ascii_only=ascii_only)])
    if body.width == 1:
        return beside([Box(("√",)), body])
    return Box((" " + "_" * body.width, "√" + body.lines[0]), 1)


def _accent(node: Accent, ascii_only: bool) -> Box:  # noqa: FBT001  # all alike
    body = box_of(node.body, ascii_only=ascii_only)
    if ascii_only or columns_of(body.lines[0]) == 1:
        return _in_line(node, ascii_only)
    over = Box((_OVER.get(node.word, "_" * body.width),))
    return stacked([over, body], base=body.base + 1)


def _fenced(node: Fenced, ascii_only: bool) -> Box:  # noqa: FBT001  # all alike
    body = box_of(node.body, ascii_only=ascii_only)
    return beside([_fence(node.left, body, ascii_only), body, _fence(node.right, body, ascii_only)])


def _fence(mark: Mark, body: Box, ascii_only: bool) -> Box:  # noqa: FBT001  # all alike
    text = mark.ascii if ascii_only else mark.text
    if body.height == 1 or not text:
        return Box((text,))
    if len(text) > 1 and text.endswith("("):  # floor( in ASCII
        word = Box((text[:-1],)).framed(body.base, body.below)
        return beside([word, _fence(Mark("(", "("), body, ascii_only)])
    tall = (_TALL_ASCII if ascii_only else _TALL).get(text, text * 4)
    lines = [tall[0], *tall[1] * (body.height - 2), tall[2]]
    if body.height > 2 and tall[3] != tall[1]:
        lines[min(max(body.base, 1), body.height - 2)] = tall[3]
    return Box(tuple(lines), body.base)


def _grid(node: Grid, ascii_only: bool) -> Box:  # noqa: FBT001  # all alike
    rows = [[box_of(cell, ascii_only=ascii_only) for cell in row] for row in node.rows]
    count = max(len(row) for row in rows)
    rows = [row + [EMPTY] * (count - len(row)) for row in rows]
    widths = [max(row[column].width for row in rows) for column in range(count)]
    lines = [_grid_row(row, widths, aligned=node.aligned) for row in rows]
    tall = any(line.height > 1 for line in lines)
    spread = [part for line in lines for part in ((Box((" ",)), line) if tall else (line,))]
    whole = stacked(spread[1:] if tall else spread, base=0, side="left")
    return Box(whole.lines, (whole.height - 1) // 2)


def _grid_row(row: list[Box], widths: list[int], *, aligned: bool) -> Box:
    sides = ("right", "left") if aligned else ("left", "left")
    cells: list[Box] = []
    for column, (box, width) in enumerate(zip(row, widths, strict=True)):
        gap = 0 if column == 0 else 1 if aligned else 2
        cells += [Box((" " * gap,)), box.widened(width, sides[column % 2])]
    return beside(cells)


def pieces(node: Node) -> list[Row]:
    """A formula cut before each of its relations; where it has none, before its sums."""
    parts = node.parts if isinstance(node, Row) else (node,)
    for kind in ("relation", "binary"):
        cuts = [
            place
            for place in range(1, len(parts))
            if kind_of(parts[place]) == kind
            and (kind == "relation" or kind_of(parts[place - 1]) in ("plain", "closing", "fenced"))
        ]
        if cuts:
            ends = [*cuts, len(parts)]
            return [Row(parts[start:end]) for start, end in zip([0, *cuts], ends, strict=True)]
    return [Row(parts)]


_DRAWERS: dict[type[Node], Callable[[Any, bool], Box]] = {
    Row: _row,
    Mark: _in_line,
    Space: _in_line,
    Scripts: _scripts,
    Fraction: _fraction,
    Root: _root,
    Accent: _accent,
    Fenced: _fenced,
    Grid: _grid,
}
