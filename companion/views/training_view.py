"""A training as it goes, on stderr: a bar on a terminal, a line an epoch everywhere."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Any

from answers.solutions.events import (
    EpochDone,
    EpochStarted,
    Event,
    Measured,
    Preparing,
    Remark,
    RunStarted,
    StepDone,
    Stopped,
)
from companion.views.printable import printable
from companion.views.progress import Shown
from companion.views.terminal import color_wanted

_NAMED = ("head", "fine-tuning")  # phases of a training that has several

_AT_ONCE = "memory"


class TrainingView(Shown):
    """Draws the events of a training.

    shown: whether somebody sits at stderr; a bar with the time that is left is drawn for them.

    Remarks wait until the run begins: what keeps it from beginning is said alone. What it will take
    of memory is said before anything takes it.
    """

    def __init__(self, *, shown: bool) -> None:
        self._bar = _bar() if shown else None
        self._task: Any = None
        self._run: RunStarted | None = None
        self._stage = ""
        self._remarks: list[str] = []

    @classmethod
    def on_stderr(cls) -> TrainingView:
        """A view with a bar where stderr is a terminal."""
        return cls(shown=sys.stderr.isatty())

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Take the bar away; whoever interrupts a training is told that nothing is lost."""
        super().__exit__(kind, error, traceback)
        self._bar = None
        if kind is KeyboardInterrupt and self._run is not None:
            self._say("The same command goes on after the last epoch that was finished.")

    def tell(self, event: Event) -> None:
        """Draw an event."""
        match event:
            case Preparing():
                self._preparing(event)
            case RunStarted():
                self._say_remarks()
                self._run_started(event)
            case EpochStarted(epoch=epoch):
                self._describe(f"epoch {epoch}")
            case StepDone():
                self._step(event)
            case EpochDone():
                self._say(self._epoch_line(event))
            case Remark(code=code, message=message) if self._run is None and code != _AT_ONCE:
                self._remarks.append(message)
            case Remark(message=message):
                self._say(message)
            case Stopped():
                self._say_remarks()  # a run that was over already does not begin again
            case _:
                return

    def _say_remarks(self) -> None:
        for message in self._remarks:
            self._say(message)
        self._remarks.clear()

    def _preparing(self, event: Preparing) -> None:
        if self._bar is None:
            return
        if self._stage != event.stage:
            self._stage = event.stage
            self._new_task(event.stage, event.total)
        self._bar.update(self._task, completed=event.done)

    def _run_started(self, run: RunStarted) -> None:
        self._run = run
        if run.first_epoch > 1:
            self._say(f"An unfinished run goes on at epoch {run.first_epoch} of {run.epochs}.")
        self._new_task(run.phase, (run.epochs - run.first_epoch + 1) * run.steps)

    def _new_task(self, name: str, total: int) -> None:
        if self._bar is None:
            return
        if self._task is not None:
            self._bar.remove_task(self._task)
        self._task = self._bar.add_task(name, total=total or None)

    def _describe(self, text: str) -> None:
        if self._bar is not None:
            self._bar.update(self._task, description=text)

    def _step(self, step: StepDone) -> None:
        if self._bar is None or self._run is None:
            return
        text = f"epoch {step.epoch} of {self._run.epochs}, loss {step.loss:.3f}"
        done = (step.epoch - self._run.first_epoch) * step.steps + step.step
        self._bar.update(self._task, description=text, completed=done)

    def _epoch_line(self, done: EpochDone) -> str:
        of = f" of {self._run.epochs}" if self._run is not None else ""
        sides = (("training", done.training), ("validation", done.validation))
        measured = "; ".join(f"{name} {self._in_words(side)}" for name, side in sides)
        star = " (best so far)" if done.best else ""
        named = self._run is not None and self._run.phase in _NAMED
        where = f" ({self._run.phase})" if named and self._run is not None else ""
        return f"Epoch {done.epoch}{of}{where}, {done.seconds:.1f} s: {measured}{star}"

    def _in_words(self, side: Measured) -> str:
        names = self._run.scores if self._run is not None else ()
        scores = zip(names, side.scores, strict=False)
        return ", ".join(
            [f"loss {side.loss:.3f}", *(f"{name} {value:.3f}" for name, value in scores)]
        )

    def _say(self, text: str) -> None:
        if self._bar is not None:
            self._bar.console.print(printable(text), highlight=False, markup=False)
        else:
            sys.stderr.write(printable(text) + "\n")
            sys.stderr.flush()  # whoever reads the pipe wants to know now


def _bar() -> Any:
    """A bar over all steps of a run, with the time that is left."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeRemainingColumn as Remaining

    console = Console(file=sys.stderr, no_color=not color_wanted("auto", sys.stderr))
    columns = (TextColumn("{task.description}"), BarColumn(24), MofNCompleteColumn(), Remaining())
    return Progress(*columns, console=console, transient=True, refresh_per_second=4)
