"""Plain lines on stdout: wrapped to the terminal, a few of them bold.

What a calculator says needs no more, and importing Rich would double the time until it says it.
"""

from __future__ import annotations

import os
import re
import sys
import textwrap
from dataclasses import dataclass

from companion.options import Everywhere
from companion.views.printable import printable
from companion.views.terminal import ascii_text, can_show_signs, color_wanted, say

_WIDEST = 88  # longer lines are hard to read
_NARROWEST = 20
_BRACKETED = re.compile(r"\([^\s()]+(?: [−+*/-] [^\s()]+)+\)")  # (n − 2), but no words in brackets
_GLUE = "\u00a0"  # textwrap does not break here


@dataclass(frozen=True)
class Paper:
    """Where lines are written.

    columns: of the terminal; tables use all of them. styled: whether it shows bold and dim.
    ascii_only: whether it lacks our signs.
    """

    columns: int
    styled: bool
    ascii_only: bool = False

    @property
    def width(self) -> int:
        """How wide a paragraph is."""
        return min(self.columns, _WIDEST)

    @classmethod
    def of(cls, everywhere: Everywhere) -> Paper:
        """stdout; a pipe is 80 columns wide."""
        signs = can_show_signs(sys.stdout)
        return cls(_width(), color_wanted(everywhere.color, sys.stdout), ascii_only=not signs)

    def text(self, text: str) -> str:
        """A text as this paper can show it: it has to be measured so, as … becomes three dots."""
        shown = printable(text)
        return ascii_text(shown) if self.ascii_only else shown

    def line(
        self, text: str = "", *, bold: bool = False, dim: bool = False, indent: int = 0
    ) -> None:
        """A paragraph, wrapped; a formula breaks between its terms like words, not in (n − 2)."""
        room = max(_NARROWEST, self.width - indent)
        for part in textwrap.wrap(_glued(self.text(text)), room, break_on_hyphens=False) or [""]:
            plain = part.replace(_GLUE, " ")
            say((" " * indent + self._styled(plain, bold=bold, dim=dim)).rstrip())

    def as_it_is(self, text: str, *, bold: bool = False) -> None:
        """A line that somebody else has laid out."""
        say(self._styled(text, bold=bold, dim=False))

    def _styled(self, text: str, *, bold: bool, dim: bool) -> str:
        if not self.styled or not (bold or dim):
            return text
        return f"\033[{1 if bold else 2}m{text}\033[0m"


def _glued(text: str) -> str:
    return _BRACKETED.sub(_whole, text)


def _whole(found: re.Match[str]) -> str:
    bracket = found.group()
    return bracket.replace(" ", _GLUE) if len(bracket) <= _NARROWEST else bracket


def _width() -> int:
    columns = os.environ.get("COLUMNS", "")
    if columns.isdecimal() and int(columns) > 0:
        return int(columns)
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or 80
    except (OSError, ValueError):
        return 80
