"""The training loop: Keras's own `fit`, with one callback that measures, keeps and stops.

What a plain `fit` leaves undone: both curves are measured with the same weights on pictures as
they are; the best epoch by *validation* is kept; a NaN stops at once; a kill costs one epoch.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from answers.errors import RunError
from answers.solutions.events import (
    EpochDone,
    EpochStarted,
    Event,
    Measure,
    Measured,
    Reason,
    RunStarted,
    StepDone,
    Stopped,
    Tell,
    nobody,
)
from answers.solutions.training_state import Arrays, Snapshot, StateFile


class Batches(Protocol):
    """Batches of an epoch (a `keras.utils.PyDataset`); their order depends on the epoch alone."""

    def __len__(self) -> int:
        """How many batches an epoch has."""

    def start_epoch(self, epoch: int) -> None:
        """Choose the order, and whatever else is random, of an epoch counted from 1."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How long, and what counts.

    phase: a name for people. scores: the names of what is measured beside the loss.
    patience: epochs without a better validation before the run stops; None: never.
    watched: what is better: 'loss' (less is better), or a name in `scores` (more is better).
    """

    phase: str
    epochs: int
    patience: int | None
    scores: tuple[str, ...]
    watched: str = "loss"

    def value(self, validation: Measured) -> tuple[float, float]:
        """What is watched, so that more is better; where it is equal, the loss decides.

        A network that finds nothing in its first epochs has a Dice of 0 each time, and learns.
        """
        if self.watched == "loss":
            return -validation.loss, 0.0
        return validation.scores[self.scores.index(self.watched)], -validation.loss


@dataclass(frozen=True, kw_only=True)
class Trained:
    """A training that is over; the model holds the weights of the best epoch."""

    history: tuple[EpochDone, ...]
    best_epoch: int
    reason: Reason


@dataclass(frozen=True, kw_only=True)
class Judges:
    """What measures a model at an epoch's end, on pictures that are not augmented.

    after: whatever else is to be done then (a panel of predictions); it gets model and epoch. A run
        that goes on does it again for the last epoch there is, whose state was kept before it.
    """

    training: Measure
    validation: Measure
    after: Callable[[Any, int], Event | None] = field(default=lambda _model, _epoch: None)


def train(
    model: Any,
    batches: Batches,
    plan: Plan,
    judges: Judges,
    *,
    tell: Tell = nobody,
    state: StateFile | None = None,
) -> Trained:
    """Train a compiled model, and leave it with the weights of its best epoch.

    state: where the run is kept after every epoch; one that lies there goes on. It stays, so that
        a run of several phases can go on, too: discard it when the model is saved.
    Raises: RunError loss-not-finite; MissingError disk-full; InputError state-differs.
    """
    model.optimizer.build(model.trainable_variables)
    run = _Run(model=model, plan=plan, judges=judges, tell=tell, state=state)
    run.take_up(len(batches))
    if not run.done:
        model.fit(
            batches,
            epochs=plan.epochs,
            initial_epoch=len(run.history),
            callbacks=[_callback(run, batches)],
            shuffle=False,  # the batches come shuffled: Keras would only shuffle whole batches
            verbose=0,
        )
    return run.finish()


@dataclass(kw_only=True)
class _Run:
    """A training on its way."""

    model: Any
    plan: Plan
    judges: Judges
    tell: Tell
    state: StateFile | None
    history: tuple[EpochDone, ...] = ()
    best: Arrays = ()
    done: bool = False
    started: float = 0.0

    def take_up(self, steps: int) -> None:
        """Go on where a state lies; else write a first one, so that a full disk shows at once."""
        found = self.state.read() if self.state is not None else None
        if found is not None:
            _assign(self.model.variables, found.model)
            _assign(self.model.optimizer.variables, found.optimizer)
            self.best, self.history, self.done = found.best, found.history, found.done
        else:
            self.best = _values(self.model.variables)
            self._keep()
        if not self.done:
            self.tell(self._beginning(steps))
        if self.history:
            self._after(len(self.history))  # the run may have been stopped before or in it

    def _beginning(self, steps: int) -> RunStarted:
        return RunStarted(
            phase=self.plan.phase,
            epochs=self.plan.epochs,
            first_epoch=len(self.history) + 1,
            steps=steps,
            scores=self.plan.scores,
        )

    def start_epoch(self, epoch: int) -> None:
        self.started = time.monotonic()
        self.tell(EpochStarted(epoch=epoch))

    def step_done(self, event: StepDone) -> None:
        """Raises: RunError loss-not-finite."""
        self._check(event.loss, f"in epoch {event.epoch}, step {event.step} of {event.steps}")
        self.tell(event)

    def _check(self, loss: float, when: str) -> None:
        if math.isfinite(loss):
            return
        if self.state is not None:
            self.state.discard()  # it would only come to the same step again
        raise _not_finite(loss, when, float(self.model.optimizer.learning_rate))

    def epoch_done(self, epoch: int, running_loss: float) -> bool:
        """Measure, keep, tell; and say whether the run is over."""
        validation = self._measured("validation", self.judges.validation, epoch)
        training = self._measured("training", self.judges.training, epoch)
        best = self._is_best(validation)
        done = EpochDone(
            epoch=epoch,
            seconds=time.monotonic() - self.started,
            running_loss=running_loss,
            training=training,
            validation=validation,
            best=best,
        )
        self.history = (*self.history, done)
        if best:
            self.best = _values(self.model.variables)
        self.done = epoch == self.plan.epochs or self._is_patience_over()
        self._keep()
        self.tell(done)
        self._after(epoch)
        return self.done

    def _after(self, epoch: int) -> None:
        more = self.judges.after(self.model, epoch)
        if more is not None:
            self.tell(more)

    def _measured(self, side: str, measure: Measure, epoch: int) -> Measured:
        """What a side gives. Its last step may have spoilt the weights: a NaN stops here, too."""
        found = measure(self.model)
        self._check(found.loss, f"on the {side} pictures, after epoch {epoch}")
        return found

    def _is_best(self, validation: Measured) -> bool:
        value = self.plan.value(validation)
        return all(value > self.plan.value(past.validation) for past in self.history)

    def _is_patience_over(self) -> bool:
        patience = self.plan.patience
        return patience is not None and len(self.history) - self._best_epoch() >= patience

    def _best_epoch(self) -> int:
        return max((past.epoch for past in self.history if past.best), default=0)

    def _keep(self) -> None:
        if self.state is None:
            return
        snapshot = Snapshot(
            model=_values(self.model.variables),
            optimizer=_values(self.model.optimizer.variables),
            best=self.best,
            history=self.history,
            done=self.done,
        )
        self.state.write(snapshot)

    def finish(self) -> Trained:
        """The best weights into the model."""
        _assign(self.model.variables, self.best)
        last = len(self.history)
        reason: Reason = "epochs" if last == self.plan.epochs else "patience"
        trained = Trained(history=self.history, best_epoch=self._best_epoch(), reason=reason)
        self.tell(Stopped(reason=reason, last_epoch=last, best_epoch=trained.best_epoch))
        return trained


def _callback(run: _Run, batches: Batches) -> Any:
    """Keras's view of a run; Keras counts epochs and steps from 0, we from 1."""
    import keras

    class Watching(keras.callbacks.Callback):  # type: ignore[misc]  # keras has no types
        epoch = 0

        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:  # noqa: ARG002  # Keras's
            self.epoch = epoch + 1
            batches.start_epoch(self.epoch)
            run.start_epoch(self.epoch)

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            loss = float(logs["loss"])
            steps = len(batches)
            run.step_done(StepDone(epoch=self.epoch, step=batch + 1, steps=steps, loss=loss))

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            self.model.stop_training = run.epoch_done(epoch + 1, float(logs["loss"]))

    return Watching()


def _values(variables: Any) -> Arrays:
    from keras import ops

    # copies: on a CPU Keras hands out the variable's own memory
    return tuple(np.array(ops.convert_to_numpy(ops.copy(variable))) for variable in variables)


def _assign(variables: Any, values: Arrays) -> None:
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)


def _not_finite(loss: float, when: str, rate: float) -> RunError:
    return RunError(
        "loss-not-finite",
        f"The loss became {loss} {when}, with a learning rate of {rate:g}.",
        hint="No model was written. Try a tenth of the --learning-rate, and look for pictures or "
        "labels that are no numbers. Why it happens, and what helps: companion explain "
        "vanishing-gradients",
    )
