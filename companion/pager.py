"""Long answers on a terminal go through the reader's pager; quitting it ends in silence."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from contextlib import suppress

from companion.views.terminal import say


def show(lines: Iterable[str]) -> None:
    """Write lines to stdout: through PAGER (or less) where they don't fit on the terminal's page."""
    found = list(lines)
    command = _pager()
    if command is None or len(found) < _height():
        for line in found:
            say(line)
        return
    _through(command, found)


def _pager() -> list[str] | None:
    """The words of the pager; None where nobody reads a terminal, or there is none."""
    if not (sys.stdout.isatty() and sys.stdin.isatty()):
        return None
    named = os.environ.get("PAGER")
    if named is None and os.environ.get("TERM", "dumb") == "dumb":
        return None  # less warns, and waits for a key, where it can't move about the page
    named = "less" if named is None else named
    import shlex
    import shutil

    try:
        words = shlex.split(named)
    except ValueError:
        return None
    return words if words and shutil.which(words[0]) else None


def _height() -> int:
    import shutil

    return shutil.get_terminal_size().lines


def _through(command: list[str], lines: list[str]) -> None:
    import signal
    import subprocess

    encoding, errors = sys.stdout.encoding, sys.stdout.errors or "strict"
    text = "".join(f"{line}\n" for line in lines).encode(encoding, errors)
    sys.stdout.flush()
    # a function of ours, not SIG_IGN, which the pager would inherit: Ctrl-C is the pager's to answer
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        with (
            subprocess.Popen(command, stdin=subprocess.PIPE, env=_environment(encoding)) as reader,  # noqa: S603  # the person's own PAGER
            suppress(BrokenPipeError),  # quit before the end
        ):
            reader.communicate(text)
    finally:
        signal.signal(signal.SIGINT, before)


def _environment(encoding: str) -> dict[str, str]:
    """What less is told unless the person has said otherwise: styles are shown, the page stays."""
    charset = {"LESSCHARSET": "utf-8"} if encoding.lower() == "utf-8" else {}
    return {"LESS": "FRX"} | charset | dict(os.environ)
