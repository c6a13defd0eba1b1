"""Histories of trainings that never were."""

from __future__ import annotations

from collections.abc import Sequence

from answers.solutions.events import EpochDone, Measured
from answers.solutions.run_record import DataUsed, RunRecord

Curve = Sequence[tuple[float, float]]


def epochs(training: Curve, validation: Curve) -> tuple[EpochDone, ...]:
    """Epochs with these (loss, accuracy), the best by validation loss."""
    history: list[EpochDone] = []
    for number, (fit, held) in enumerate(zip(training, validation, strict=True), 1):
        best = all(held[0] < past.validation.loss for past in history)
        done = EpochDone(
            epoch=number,
            seconds=1.5,
            running_loss=fit[0] + 0.25,
            training=Measured(loss=fit[0], scores=(fit[1],)),
            validation=Measured(loss=held[0], scores=(held[1],)),
            best=best,
        )
        history.append(done)
    return tuple(history)


def run_of(
    history: tuple[EpochDone, ...], name: str = "a.keras", sha256: str = "12" * 32
) -> RunRecord:
    """A record of a training with this history; `sha256` is that of its data."""
    return RunRecord(
        kind="cifar",
        model=name,
        sha256="ab" * 32,
        parameters=156_074,
        trainable=156_074,
        options=(("augment", False), ("patience", None), ("learning_rate", 0.001)),
        data=(DataUsed(role="training", source="some/where", count=90, sha256=sha256),),
        versions=(("keras", "3.15.0"),),
        scores=("accuracy",),
        history=history,
        best_epoch=max(done.epoch for done in history if done.best),
        reason="epochs",
        counts=(("correct", 70), ("total", 100)),
    )


# Lowest validation loss after epoch 3; it ends a fifth above that while training goes on falling.
OVERFITS = epochs(
    [(1.5, 0.45), (1.0, 0.65), (0.8, 0.72), (0.5, 0.83), (0.2, 0.95)],
    [(1.6, 0.40), (1.2, 0.58), (1.0, 0.65), (1.1, 0.66), (1.2, 0.65)],
)
LEVEL = epochs(
    [(1.6, 0.40), (1.2, 0.55), (1.1, 0.60), (1.0, 0.64)],
    [(1.6, 0.41), (1.2, 0.56), (1.1, 0.58), (1.05, 0.62)],
)
