"""Progress of work on many pictures, on stderr: a bar on a terminal, nothing in a pipe."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Any, Self

from companion.views.terminal import color_wanted


class PictureProgress:
    """A bar that is told the stage and how many pictures are done."""

    def __init__(self, *, shown: bool) -> None:
        self._bar: Any = _bar() if shown else None
        self._tasks: dict[str, Any] = {}

    def tell(self, stage: str, done: int, total: int) -> None:
        """So many pictures of so many (0: not known) are done in this stage."""
        if self._bar is None:
            return
        if stage not in self._tasks:
            self._tasks[stage] = self._bar.add_task(stage, total=total or None)
        self._bar.update(self._tasks[stage], completed=done)

    def __enter__(self) -> Self:
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()


def picture_progress() -> PictureProgress:
    """Progress that is shown where somebody sits at stderr."""
    return PictureProgress(shown=sys.stderr.isatty())


def _bar() -> Any:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeRemainingColumn as Remaining

    console = Console(file=sys.stderr, no_color=not color_wanted("auto", sys.stderr))
    columns = (TextColumn("{task.description}"), BarColumn(24), MofNCompleteColumn(), Remaining())
    return Progress(*columns, console=console, transient=True)
