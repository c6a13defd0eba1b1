"""Training in phases: first what is new, with the pretrained part frozen; then all, at a small rate.

A new head begins with random weights, and its first gradients would wreck what the pretrained part
knows. The best epoch is the best of all phases: fine-tuning that does harm is not kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from answers.errors import RunError
from answers.solutions.events import EpochDone, Tell, nobody
from answers.solutions.training import Batches, Judges, Plan, Trained, train
from answers.solutions.training_state import StateFile

SHARE = 0.01
"""The share of the learning rate that a pretrained part gets once it is unfrozen."""


@dataclass(frozen=True, kw_only=True)
class Phase:
    """One phase. prepare: freezes or unfreezes, and compiles; it is called before the phase begins.

    state: where the phase is kept, so that a killed run goes on in the phase where it was.
    """

    plan: Plan
    prepare: Callable[[], None]
    judges: Judges
    state: StateFile | None = None


def train_phases(
    model: Any, batches: Batches, phases: Sequence[Phase], *, tell: Tell = nobody
) -> Trained:
    """Train phase after phase, and leave the model with the best weights of all.

    The history counts epochs through all phases; `reason` is that of the last phase.
    Raises what `training.train` raises.
    """
    whole: Trained | None = None
    for phase in phases:
        before = model.get_weights()
        phase.prepare()
        with _forgotten_where_it_diverges(phases):
            done = train(model, batches, phase.plan, phase.judges, tell=tell, state=phase.state)
        whole = done if whole is None else _joined(whole, done, phase.plan)
        if whole.best_epoch <= len(whole.history) - len(done.history):
            model.set_weights(before)  # an earlier phase was better
    if whole is None:
        raise ValueError("a training has at least one phase")
    return whole


@contextmanager
def _forgotten_where_it_diverges(phases: Sequence[Phase]) -> Iterator[None]:
    """A loss that is no number comes again with the same options: no phase's state is of use."""
    try:
        yield
    except RunError:
        for phase in phases:
            if phase.state is not None:
                phase.state.discard()
        raise


def _joined(first: Trained, second: Trained, plan: Plan) -> Trained:
    """Both histories as one, its epochs counted through."""
    history = list(first.history)
    for done in second.history:
        better = all(_value(done, plan) > _value(past, plan) for past in history)
        history.append(replace(done, epoch=len(history) + 1, best=better))
    best = max(done.epoch for done in history if done.best)
    return Trained(history=tuple(history), best_epoch=best, reason=second.reason)


def _value(done: EpochDone, plan: Plan) -> tuple[float, float]:
    return plan.value(done.validation)
