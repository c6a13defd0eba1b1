"""Reading two curves: where validation was best, how far it rose since, and how wide the gap is.

Both curves have to be measured with the same weights on pictures as they are. The loss that Keras
prints in training is a mean over an epoch in which the weights got better, on augmented pictures:
held against validation it hides the gap, or turns it round.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from answers.solutions.events import EpochDone
from answers.solutions.run_record import RunRecord

RISE = 0.02
"""A validation loss that ends less than this share above its lowest value counts as level."""


@dataclass(frozen=True, kw_only=True)
class Overfitting:
    """What a history shows.

    lowest_epoch: where the validation loss was lowest. rise: how far the last one lies above it, as
    a share of it. since: the first epoch after the lowest where the run overfits: the validation
    loss ends `RISE` or more above its lowest value, and the training loss went on falling; else
    None.
    """

    lowest_epoch: int
    lowest_loss: float
    last_epoch: int
    last_loss: float
    rise: float
    since: int | None


def overfitting(history: Sequence[EpochDone]) -> Overfitting:
    """Where a run of at least one epoch begins to overfit."""
    lowest = min(history, key=lambda done: done.validation.loss)
    last = history[-1]
    rise = last.validation.loss / lowest.validation.loss - 1 if lowest.validation.loss else 0.0
    overfits = rise >= RISE and last.training.loss < lowest.training.loss
    return Overfitting(
        lowest_epoch=lowest.epoch,
        lowest_loss=lowest.validation.loss,
        last_epoch=last.epoch,
        last_loss=last.validation.loss,
        rise=rise,
        since=lowest.epoch + 1 if overfits else None,
    )


@dataclass(frozen=True, kw_only=True)
class Gap:
    """Training against validation at the end of an epoch; above 0: training is better.

    loss: validation − training. score: training − validation, of the first score.
    """

    epoch: int
    loss: float
    score: float


def gap(done: EpochDone) -> Gap:
    """The gap at the end of an epoch."""
    return Gap(
        epoch=done.epoch,
        loss=done.validation.loss - done.training.loss,
        score=done.training.scores[0] - done.validation.scores[0],
    )


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Two runs at the last epoch that both have.

    share: the second run's gap in the score as a share of the first's; None where the first has
    none. same_data: whether both were trained and held against the same pictures.
    """

    first: RunRecord
    second: RunRecord
    epoch: int
    gaps: tuple[Gap, Gap]
    found: tuple[Overfitting, Overfitting]
    share: float | None
    same_data: bool


def compare(first: RunRecord, second: RunRecord) -> Comparison:
    """Hold two runs side by side."""
    epoch = min(len(first.history), len(second.history))
    gaps = (gap(first.history[epoch - 1]), gap(second.history[epoch - 1]))
    hashes = [[(used.role, used.sha256) for used in run.data] for run in (first, second)]
    return Comparison(
        first=first,
        second=second,
        epoch=epoch,
        gaps=gaps,
        found=(overfitting(first.history), overfitting(second.history)),
        share=gaps[1].score / gaps[0].score if gaps[0].score > 0 else None,
        same_data=hashes[0] == hashes[1],
    )
