"""The curves of a training: in the terminal, and as a picture (PNG, SVG)."""

from __future__ import annotations

import io
import math
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from answers.solutions.events import EpochDone, Measured
from answers.solutions.run_record import RunRecord
from companion.views.curve_plot import Axis, Mark, draw
from companion.views.paper import Paper
from companion.views.printable import printable

KINDS = (".png", ".svg")
# Okabe and Ito's blue and vermilion: told apart by everybody
_COLOURS = {"training": "#0072B2", "validation": "#D55E00"}
_HEIGHT = 12

Value = Callable[[Measured], float]


def draw_losses(paper: Paper, record: RunRecord, *, highest: float | None = None) -> None:
    """Training as a line, validation as a 'v' an epoch, 'V' where it was saved.

    highest: the upper end of the axis, so that several runs can be held side by side.
    """
    history = record.history
    top = highest or highest_loss([record])
    last = max(len(history), 2)
    # a little further: a sign at the very end would be left out
    across = Axis("epoch", 1, last + (last - 1) / 50, "1", str(last))
    up = Axis("loss: line = training, v = validation, V = saved", 0, top, "0", f"{top:.2f}")
    points = [(done.epoch, done.training.loss) for done in history]
    draw(paper, points, across, up, marks=list(_marks(record)), height=_HEIGHT)


def _marks(record: RunRecord) -> Iterator[Mark]:
    for done in record.history:
        sign = "V" if done.epoch == record.best_epoch else "v"
        yield Mark(done.epoch, done.validation.loss, sign)


def highest_loss(records: Sequence[RunRecord]) -> float:
    """The next tenth above the largest loss of the runs."""
    losses = (
        side.loss
        for record in records
        for done in record.history
        for side in (done.training, done.validation)
    )
    return (math.floor(10 * max(losses)) + 1) / 10


def picture(records: Sequence[RunRecord], kind: str) -> bytes:
    """Loss and the first score of one run or several, one row a run, as a '.png' or '.svg' file."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    rows = len(records)
    # text stays text, and ids don't change from run to run
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "companion"}):
        figure = Figure(figsize=(10, 3.6 * rows), layout="constrained")
        plots: Any = figure.subplots(rows, 2, squeeze=False, sharex="col", sharey="col")
        for record, (left, right) in zip(records, plots, strict=True):
            _plot(left, record, "loss", lambda side: side.loss)
            _plot(right, record, record.scores[0], lambda side: side.scores[0])
        file = io.BytesIO()
        metadata = {"Date": None} if kind == ".svg" else {"Software": None}
        with warnings.catch_warnings():
            # the file is whole; only a sign in a file's name may be a box
            warnings.filterwarnings("ignore", message="Glyph .* missing")
            figure.savefig(file, format=kind.removeprefix("."), dpi=150, metadata=metadata)
    return file.getvalue()


def _plot(plot: Any, record: RunRecord, name: str, value: Value) -> None:
    from matplotlib.ticker import MaxNLocator

    epochs = [done.epoch for done in record.history]
    for side in ("training", "validation"):
        values = [value(_side(done, side)) for done in record.history]
        plot.plot(epochs, values, marker="o", markersize=3, color=_COLOURS[side], label=side)
    plot.axvline(record.best_epoch, color="0.6", linestyle=":", label="saved")
    plot.set_xlabel("epoch")
    plot.set_ylabel(name)
    # a file's name is text: a dollar sign in it begins no formula
    plot.set_title(printable(record.model), parse_math=False)
    plot.xaxis.set_major_locator(MaxNLocator(integer=True))
    plot.legend()


def _side(done: EpochDone, side: str) -> Measured:
    return done.training if side == "training" else done.validation
