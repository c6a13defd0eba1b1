"""Waiting for a file to be saved."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

_PAUSE = 0.3  # seconds; an editor that replaces the file may leave it away for a moment


def saves(file: Path) -> Iterator[None]:
    """Once for the file as it is, then once each time it has been saved. It never ends."""
    seen: tuple[int, int, int] | None = None
    while True:
        state = _state(file)
        if state is not None and state != seen:
            seen = state
            yield
        time.sleep(_PAUSE)


def _state(file: Path) -> tuple[int, int, int] | None:
    try:
        found = file.stat()
    except FileNotFoundError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
