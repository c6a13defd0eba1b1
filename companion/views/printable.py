"""Text from files on its way to a person: no character may steer the terminal or turn the line."""

from __future__ import annotations


def printable(text: str) -> str:
    """The text with control, direction and surrogate characters as '?'; line breaks as spaces."""
    return "".join(c if c.isprintable() else " " if c in "\n\t" else "?" for c in text)
