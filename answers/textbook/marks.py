"""The marks that our texts add to Markdown: $mathematics$, {{values}}, [@citations].

Each is a rule of markdown-it's reader, so that nothing inside them is taken for emphasis or a link.
"""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline

MENTION = re.compile(r"\{\{([a-z][A-Za-z0-9_-]*)(?::([^{}]*))?\}\}")
_CITATIONS = re.compile(r"\[(@[^\[\]\n]+)\]")
# as Pandoc has it: no space inside the dollars, no digit behind the second one
_MATHEMATICS = re.compile(r"\$(?![\s$])((?:\\.|[^$\\])+?)(?<![\s\\])\$(?!\d)", re.DOTALL)


def reader() -> MarkdownIt:
    """CommonMark without HTML, with tables and our marks."""
    made = MarkdownIt("commonmark", {"html": False}).enable("table")
    made.inline.ruler.before("escape", "value", _value)
    made.inline.ruler.before("escape", "mathematics", _mathematics)
    made.inline.ruler.before("link", "citation", _citation)
    ended = ["paragraph", "reference", "blockquote", "list"]  # blocks that it ends
    made.block.ruler.before("fence", "displayed", _displayed, {"alt": ended})
    return made


def _value(state: StateInline, silent: bool) -> bool:  # noqa: FBT001  # markdown-it's signature
    found = MENTION.match(state.src, state.pos)
    return found is not None and _took(state, found, "value", silent=silent)


def _mathematics(state: StateInline, silent: bool) -> bool:  # noqa: FBT001  # markdown-it's signature
    found = _MATHEMATICS.match(state.src, state.pos)
    return found is not None and _took(state, found, "mathematics", silent=silent)


def _citation(state: StateInline, silent: bool) -> bool:  # noqa: FBT001  # markdown-it's signature
    found = _CITATIONS.match(state.src, state.pos)
    return found is not None and _took(state, found, "citation", silent=silent)


def _took(state: StateInline, found: re.Match[str], kind: str, *, silent: bool) -> bool:
    if not silent:
        token = state.push(kind, "", 0)
        token.content = found.group() if kind == "value" else found.group(1)
    state.pos = found.end()
    return True


def _displayed(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001  # markdown-it's signature
    """Lines from $$ to $$."""
    if state.is_code_block(start) or not _line(state, start).startswith("$$"):
        return False
    lines = [_line(state, start)[2:]]
    last = start
    while not lines[-1].rstrip().endswith("$$"):
        last += 1
        if last >= end:
            return False
        lines.append(_line(state, last))
    if silent:
        return True
    token = state.push("displayed", "", 0)
    token.content = "\n".join(lines).rstrip().removesuffix("$$").strip()
    token.map = [start, last + 1]
    state.line = last + 1
    return True


def _line(state: StateBlock, number: int) -> str:
    return state.src[state.bMarks[number] + state.tShift[number] : state.eMarks[number]]
