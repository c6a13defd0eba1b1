"""Progress of work on many pictures, on stderr: a bar on a terminal, nothing in a pipe."""

from __future__ import annotations

import sys
from typing import Any

from companion.views.progress import Shown, picture_bar


class PictureProgress(Shown):
    """A bar that is told the stage and how many pictures are done."""

    def __init__(self, *, shown: bool) -> None:
        self._bar = picture_bar() if shown else None
        self._tasks: dict[str, Any] = {}

    def tell(self, stage: str, done: int, total: int) -> None:
        """So many pictures of so many (0: not known) are done in this stage."""
        if self._bar is None:
            return
        if stage not in self._tasks:
            self._tasks[stage] = self._bar.add_task(stage, total=total or None)
        self._bar.update(self._tasks[stage], completed=done)


def picture_progress() -> PictureProgress:
    """Progress that is shown where somebody sits at stderr."""
    return PictureProgress(shown=sys.stderr.isatty())
