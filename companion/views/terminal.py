"""The two streams of a terminal: what they can show, and the console that draws on them.

Answers go to stdout; progress, warnings and errors to stderr. Rich is imported when something is
drawn, not before.
"""

from __future__ import annotations

import codecs
import io
import os
import sys
import unicodedata
from typing import TYPE_CHECKING, TextIO

from companion.options import ColorWord

if TYPE_CHECKING:
    from rich.console import Console

_ASCII = {
    "×": "x", "·": "*", "–": "-", "—": "-", "−": "-", "…": "...", "≥": ">=", "≤": "<=",
    "→": "->", "✓": "ok", "✗": "x", "±": "+-", "’": "'", "‘": "'", "“": '"', "”": '"',
    "█": "#", "▏": "|", "─": "-", "━": "-", "│": "|", "²": "^2", "³": "^3", "⁴": "^4",
    "⌊": "floor(", "⌋": ")", "⌈": "ceil(", "⌉": ")",
}  # fmt: skip
_NEEDED = "−·²³⁴⌊⌋⌈⌉≥→"


def _replace(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    wrong = error.object[error.start : error.end]
    return "".join(_ASCII.get(character, "?") for character in wrong), error.end


def ascii_text(text: str) -> str:
    """A text in ASCII, as a stream without our signs would show it; é becomes e, ñ becomes n."""
    return "".join(c if c.isascii() else _ascii_sign(c) for c in text)


def _ascii_sign(character: str) -> str:
    if character in _ASCII:
        return _ASCII[character]
    bare = unicodedata.normalize("NFD", character).encode("ascii", "ignore").decode()
    return bare or "?"


def can_show_signs(stream: TextIO) -> bool:
    """Whether a stream's encoding holds the signs that formulas need."""
    try:
        _NEEDED.encode(stream.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def prepare_streams() -> None:
    """Characters that a stream's encoding lacks are written in ASCII instead of failing."""
    codecs.register_error("companion", _replace)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="companion")


def say(text: str, *, end: str = "\n") -> None:
    """Write an answer to stdout. (Typer's echo turns an ASCII stream into UTF-8 behind our back.)"""
    sys.stdout.write(text + end)


def color_wanted(word: ColorWord, stream: TextIO) -> bool:
    """Whether a stream gets colour: the option, then the variables, then what the stream is."""
    environment = os.environ
    if word != "auto":
        return word == "always"
    if environment.get("COMPANION_NO_COLOR") or environment.get("NO_COLOR"):
        return False
    if environment.get("FORCE_COLOR") or environment.get("CLICOLOR_FORCE"):
        return True
    if environment.get("CLICOLOR") == "0" or environment.get("TERM") == "dumb":
        return False
    return stream.isatty()


def console(word: ColorWord = "auto", *, stderr: bool = False) -> Console:
    """A console on stdout or stderr; a pipe gets plain text of 80 columns."""
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    colour = color_wanted(word, stream)
    width = None if stream.isatty() or "COLUMNS" in os.environ else 80
    return Console(
        file=stream,
        force_terminal=colour or None,
        no_color=not colour,
        color_system="auto" if colour else None,
        width=width,
        highlight=False,
        emoji=False,
        markup=False,
        soft_wrap=False,
    )
