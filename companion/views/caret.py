"""The line of a text that is wrong, with a caret under the columns."""

from __future__ import annotations

from companion.views.printable import printable

_WIDTH = 76


def with_caret(text: str, start: int, end: int) -> list[str]:
    """Two lines: the part of the text around a span, and ^ under it.

    Of a long line only the surroundings are shown; an empty span is a place where something is
    missing. Of a text without anything in it nothing is shown.
    """
    if not text.strip():
        return []
    line_start = text.rfind("\n", 0, start) + 1
    line_end = text.find("\n", start)
    line_end = len(text) if line_end < 0 else line_end
    first = max(line_start, min(start - _WIDTH // 2, line_end - _WIDTH))
    last = min(line_end, first + _WIDTH)
    before, after = "…" if first > line_start else "", "…" if last < line_end else ""
    shown = before + printable(text[first:last]) + after
    marks = "^" * max(1, min(end, last) - start)
    return [f"  {shown}", " " * (2 + len(before) + start - first) + marks]
