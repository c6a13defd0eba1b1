"""What happens during a training, as records: the loop emits them, whoever looks draws them.

    RunStarted → (EpochStarted → StepDone … → EpochDone → Panel?) … → Stopped → Saved

An epoch is counted from 1. Times are seconds. A run that goes on after a kill says so in
`RunStarted.first_epoch`, which is then above 1.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Reason = Literal["epochs", "patience"]


@dataclass(frozen=True, kw_only=True)
class Measured:
    """A model on a set of pictures, with the weights of the epoch's end and no augmentation.

    scores: one for each of `RunStarted.scores`, in that order; larger is better.
    """

    loss: float
    scores: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class Preparing:
    """Work before the first step: so many of so many (0: not known) are done."""

    stage: str
    done: int
    total: int


@dataclass(frozen=True, kw_only=True)
class Remark:
    """A fact that whoever trains should know: a stable code, and a whole sentence."""

    code: str
    message: str


@dataclass(frozen=True, kw_only=True)
class RunStarted:
    """The loop begins.

    phase: what is trained now, as 'cifar' or 'fine-tuning'. scores: the names of the scores.
    first_epoch: 1, or the epoch at which a stopped run goes on. steps: batches in an epoch.
    """

    phase: str
    epochs: int
    first_epoch: int
    steps: int
    scores: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class EpochStarted:
    """The first batch of an epoch is next."""

    epoch: int


@dataclass(frozen=True, kw_only=True)
class StepDone:
    """A batch is done. loss: the mean over the epoch's batches so far, while weights change."""

    epoch: int
    step: int
    steps: int
    loss: float


@dataclass(frozen=True, kw_only=True)
class EpochDone:
    """An epoch is done, and measured.

    seconds: of the steps and the measuring. running_loss: the mean over the batches, while
    weights changed and pictures were augmented; it is what Keras prints, and no measure of a gap.
    training: on a fixed part of the training pictures. best: whether validation was never better.
    """

    epoch: int
    seconds: float
    running_loss: float
    training: Measured
    validation: Measured
    best: bool


@dataclass(frozen=True, kw_only=True)
class PanelPicture:
    """A picture, its truth, and what the model says.

    photo: (height, width, 3) uint8. truth, answer: (height, width) bool.
    """

    name: str
    photo: NDArray[np.uint8]
    truth: NDArray[np.bool_]
    answer: NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Panel:
    """Predictions on a few pictures at the end of an epoch."""

    epoch: int
    pictures: tuple[PanelPicture, ...]


@dataclass(frozen=True, kw_only=True)
class Stopped:
    """The loop is over, and the weights are those of the best epoch.

    reason: 'epochs': all were run; 'patience': validation did not get better for too long.
    """

    reason: Reason
    last_epoch: int
    best_epoch: int


@dataclass(frozen=True, kw_only=True)
class Saved:
    """The model and its record are on disk. sha256: of the model's file."""

    model: Path
    record: Path
    sha256: str


Event = (
    Preparing | Remark | RunStarted | EpochStarted | StepDone | EpochDone | Panel | Stopped | Saved
)
Tell = Callable[[Event], None]
# What measures a model (a Keras model) at the end of an epoch.
Measure = Callable[[Any], Measured]


def nobody(event: Event) -> None:
    """Nobody looks."""
