"""Progress on stderr: a bar on a terminal, nothing in a pipe."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Any, Self

from checkers.measuring.stream import Predicted
from companion.predictions_file import PredictionsFile
from companion.views.terminal import color_wanted


class Shown:
    """A bar that is drawn while its block runs; None where nobody sits at stderr."""

    _bar: Any

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


class GradeProgress(Shown):
    """Shows the stages of a grade, and hands predictions to a file where one is asked for."""

    def __init__(
        self, *, shown: bool, predictions: PredictionsFile | None = None, files: int = 1
    ) -> None:
        self._predictions = predictions
        self._files, self._number = files, 1
        self._bar = picture_bar() if shown else None
        self._task: Any = None

    def stage(self, name: str, total: int | None = None) -> None:
        """A new stage; pictures are counted where `total` is known."""
        if self._bar is None:
            return
        if self._task is not None:
            self._bar.remove_task(self._task)
        where = f"{self._number} of {self._files}: " if self._files > 1 else ""
        self._task = self._bar.add_task(f"{where}{name}", total=total)

    def next_file(self) -> None:
        """Another file begins, where several are graded."""
        self._number += 1

    def advance(self, count: int) -> None:
        """So many pictures are done."""
        if self._bar is not None and self._task is not None:
            self._bar.advance(self._task, count)

    def predicted(self, items: list[Predicted]) -> None:
        """Keep the predictions of a batch."""
        if self._predictions is not None:
            self._predictions.add(items)


class DownloadProgress(Shown):
    """Shows how much of a download is there."""

    def __init__(self, *, shown: bool) -> None:
        self._bar = _download_bar() if shown else None
        self._task: Any = self._bar.add_task("downloading", total=None) if self._bar else None

    def tell(self, done: int, total: int) -> None:
        """So many bytes of so many (0: unknown) are there."""
        if self._bar is not None:
            self._bar.update(self._task, completed=done, total=total or None)


def wanted() -> bool:
    """Whether somebody sits at stderr."""
    return sys.stderr.isatty()


def picture_bar() -> Any:
    """A bar that counts pictures."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeRemainingColumn as Remaining

    console = Console(file=sys.stderr, no_color=not color_wanted("auto", sys.stderr))
    columns = (TextColumn("{task.description}"), BarColumn(24), MofNCompleteColumn(), Remaining())
    return Progress(*columns, console=console, transient=True)


def _download_bar() -> Any:
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(file=sys.stderr, no_color=not color_wanted("auto", sys.stderr))
    columns = (TextColumn("{task.description}"), BarColumn(24), DownloadColumn())
    return Progress(*columns, TimeRemainingColumn(), console=console, transient=True)
