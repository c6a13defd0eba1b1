"""Predictions while a network learns: the true mask on the left, the network's on the right."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from answers.data.check.shown import Shown
from answers.errors import MissingError
from answers.metrics.segmentation import Overlap
from answers.solutions.events import Event, Panel, PanelPicture
from companion.output_file import written
from companion.views.data_blocks import blocks, marked
from companion.views.data_pictures import fitted, overlay, png
from companion.views.printable import printable
from companion.views.training_view import TrainingView

_WIDTH = 30
_GAP = "  "
_BORDER = 4
_WHITE = 245


class PanelView(TrainingView):
    """A training view that also draws panels on a terminal, and writes each beside the model."""

    def __init__(self, model: Path, *, shown: bool) -> None:
        super().__init__(shown=shown)
        self._model = model

    def tell(self, event: Event) -> None:
        """Draw an event. Raises: MissingError disk-full, InputError cannot-write."""
        if not isinstance(event, Panel):
            super().tell(event)
            return
        path = panel_path(self._model, event.epoch)
        _write(path, event)
        self._draw(event)
        self._say(f"True masks and answers after epoch {event.epoch} are in {path}.")

    def _draw(self, panel: Panel) -> None:
        if self._bar is None:
            return
        from rich.text import Text

        console = self._bar.console
        for line in lines(panel, coloured=not console.no_color):
            console.print(Text.from_ansi(line), highlight=False, no_wrap=True)


def _write(path: Path, panel: Panel) -> None:
    """The epoch is kept already: whoever makes room for its panel loses nothing."""
    try:
        with written(path) as file:
            file.write(as_png(panel))
    except MissingError as error:
        error.hint = "Free some space, and give the same command again: the run goes on."
        raise


def panel_path(model: Path, epoch: int) -> Path:
    """Where the panel of an epoch lies: 'unet.panel-005.png' beside 'unet.keras'."""
    return model.with_suffix(f".panel-{epoch:03}.png")


def lines(panel: Panel, *, coloured: bool) -> Iterator[str]:
    """The panel as text: for each picture truth beside answer, and the name with its Dice."""
    for row in panel.pictures:
        halves = (_half(row, marks, coloured=coloured) for marks in (row.truth, row.answer))
        for left, right in zip(*halves, strict=True):
            yield left + _GAP + right
        yield f"{printable(row.name)}: the true mask, and the network's; Dice {_dice(row):.3f}"


def _half(row: PanelPicture, marks: NDArray[np.bool_], *, coloured: bool) -> list[str]:
    shown = Shown(name=row.name, split="", photo=row.photo, marks=marks)
    photo, small = fitted(shown, _WIDTH, _WIDTH)
    if not coloured:
        return marked(photo, small)
    pixels = overlay(photo, small)
    return [blocks(pixels[top], pixels[top + 1]) for top in range(0, _WIDTH, 2)]


def _dice(row: PanelPicture) -> float:
    return float(Overlap.of(row.answer.astype(float), row.truth.astype(int)).dice)


def as_png(panel: Panel) -> bytes:
    """The panel as a PNG: a row for each picture, with photo, true mask and answer."""
    return png(np.concatenate([_framed(row) for row in panel.pictures]))


def _framed(row: PanelPicture) -> NDArray[np.uint8]:
    parts = (row.photo, overlay(row.photo, row.truth), overlay(row.photo, row.answer))
    border = ((_BORDER, _BORDER), (_BORDER, _BORDER), (0, 0))
    framed = [np.pad(part, border, constant_values=_WHITE) for part in parts]
    return np.concatenate(framed, axis=1)
