"""A formula in one line of text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

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
from companion.typesetting.signs import lowered, raised
from companion.typesetting.spacing import gaps, is_product_beside, is_single, is_sum, kind_of


def line_of(node: Node, *, ascii_only: bool, tight: bool = False) -> str:
    """The text of a node. tight: without spaces around signs, as scripts are written."""
    return _WRITERS[type(node)](node, ascii_only, tight)


def script(node: Node, sign: str, *, ascii_only: bool) -> str:
    """A subscript (sign `_`) or superscript (`^`): Unicode's own where it has all of its signs."""
    text = line_of(node, ascii_only=ascii_only, tight=True)
    if text and not text.strip("'′"):
        return text
    put = lowered if sign == "_" else raised
    small = None if ascii_only else put(text)
    if small is not None:
        return small
    return f"{sign}{text}" if len(text) == 1 or text.isalnum() else f"{sign}({text})"


def _row(node: Row, ascii_only: bool, tight: bool) -> str:  # noqa: FBT001  # all alike
    before = gaps(node.parts, tight=tight, ascii_only=ascii_only)
    texts = []
    for place, part in enumerate(node.parts):
        text = line_of(part, ascii_only=ascii_only, tight=tight)
        if isinstance(part, Fraction) and is_product_beside(node.parts, place):
            text = f"({text})"
        texts.append(" " * before[place] + text)
    return "".join(texts)


def _mark(node: Mark, ascii_only: bool, tight: bool) -> str:  # noqa: ARG001, FBT001  # all alike
    return node.ascii if ascii_only else node.text


def _space(node: Space, ascii_only: bool, tight: bool) -> str:  # noqa: ARG001, FBT001  # all alike
    return " " * node.width


def _scripts(node: Scripts, ascii_only: bool, tight: bool) -> str:  # noqa: FBT001  # all alike
    base = line_of(node.base, ascii_only=ascii_only, tight=tight)
    if not is_single(node.base):
        base = f"({base})"
    plain = ascii_only or (kind_of(node.base) == "large" and not _are_small(node))
    for part, sign in ((node.lower, "_"), (node.upper, "^")):
        base += "" if part is None else script(part, sign, ascii_only=plain)
    return base


def _are_small(node: Scripts) -> bool:
    """Whether Unicode has signs for both scripts: ∑ₗ₌₁^L would mix two ways of writing."""
    lower = node.lower is None or script(node.lower, "_", ascii_only=False)[0] != "_"
    return lower and (node.upper is None or script(node.upper, "^", ascii_only=False)[0] != "^")


def _fraction(node: Fraction, ascii_only: bool, tight: bool) -> str:  # noqa: FBT001  # all alike
    over = line_of(node.over, ascii_only=ascii_only, tight=tight)
    under = line_of(node.under, ascii_only=ascii_only, tight=tight)
    over = f"({over})" if is_sum(node.over) or "/" in over else over
    return f"{over}/{under if is_single(node.under) else f'({under})'}"


def _root(node: Root, ascii_only: bool, tight: bool) -> str:  # noqa: FBT001  # all alike
    body = line_of(node.body, ascii_only=ascii_only, tight=tight)
    degree = "" if node.degree is None else line_of(node.degree, ascii_only=ascii_only, tight=True)
    if ascii_only:
        return f"root({degree}, {body})" if degree else f"sqrt({body})"
    return f"{raised(degree) or degree}√{body if is_single(node.body) else f'({body})'}"


def _accent(node: Accent, ascii_only: bool, tight: bool) -> str:  # noqa: FBT001  # all alike
    body = line_of(node.body, ascii_only=ascii_only, tight=tight)
    if ascii_only or len(body) != 1:
        return f"{node.word}({body})"
    return body + node.combining


def _fenced(node: Fenced, ascii_only: bool, tight: bool) -> str:  # noqa: FBT001  # all alike
    body = line_of(node.body, ascii_only=ascii_only, tight=tight)
    left, right = (_mark(side, ascii_only, tight) for side in (node.left, node.right))
    return f"{left}{body}{right}"


def _grid(node: Grid, ascii_only: bool, tight: bool) -> str:  # noqa: FBT001  # all alike
    between = " " if node.aligned else ", "
    rows = (
        between.join(line_of(cell, ascii_only=ascii_only, tight=tight) for cell in row)
        for row in node.rows
    )
    return "; ".join(rows)


_WRITERS: dict[type[Node], Callable[[Any, bool, bool], str]] = {
    Row: _row,
    Mark: _mark,
    Space: _space,
    Scripts: _scripts,
    Fraction: _fraction,
    Root: _root,
    Accent: _accent,
    Fenced: _fenced,
    Grid: _grid,
}
