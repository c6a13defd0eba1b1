"""The loop, on a network so small that an epoch is nothing."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from toy_pictures import toy_pictures

from answers.errors import MissingError, RunError
from answers.solutions.cifar import measure_on
from answers.solutions.cifar_pictures import Pictures
from answers.solutions.engine import prepare_engine, require_engine, versions
from answers.solutions.events import (
    EpochDone,
    EpochStarted,
    Event,
    Measured,
    RunStarted,
    StepDone,
    Stopped,
)
from answers.solutions.training import Judges, Plan, train
from answers.solutions.training_state import StateFile

pytestmark = pytest.mark.filterwarnings("default")
PICTURES = toy_pictures(120)
STEPS = 3


def a_model(*, eager: bool = True) -> Any:
    """With a random layer and an optimizer that has a memory; eager: no graph is made first."""
    import keras
    from keras import layers as k

    keras.utils.set_random_seed(11)
    layers = [k.Flatten(), k.Dropout(0.3, seed=5), k.Dense(10, activation="softmax")]
    model = keras.Sequential([keras.Input((32, 32, 3)), *layers])
    model.compile(
        keras.optimizers.Adam(0.001),
        "sparse_categorical_crossentropy",
        metrics=["accuracy"],
        run_eagerly=eager,
    )
    return model


def some_batches(pictures: Pictures = PICTURES) -> Any:
    from answers.solutions.cifar_batches import CifarBatches

    return CifarBatches(pictures, batch=40, seed=1)


def plan(epochs: int, patience: int | None = None, watched: str = "loss") -> Plan:
    return Plan(
        phase="toy", epochs=epochs, patience=patience, scores=("accuracy",), watched=watched
    )


def as_told(losses: list[float]) -> Callable[[Any], Measured]:
    """Measures that are given, whatever the model."""
    waiting = iter(losses)
    return lambda _model: Measured(loss=next(waiting), scores=(0.5,))


def by_hand() -> Judges:
    """Honest, and cheap: no graph, no pipeline."""
    held = toy_pictures(60, seed=9)
    images = held.images.astype(np.float32) / 255

    def measure(model: Any) -> Measured:
        said = np.array(model(images, training=False))[np.arange(60), held.labels]
        return Measured(loss=float(-np.log(said).mean()), scores=(float((said > 0.5).mean()),))

    return Judges(training=measure, validation=measure)


def judged(losses: list[float]) -> Judges:
    return Judges(training=as_told([1.0] * len(losses)), validation=as_told(losses))


def values(model: Any) -> list[Any]:
    from keras import ops

    return [np.array(ops.copy(variable)) for variable in model.variables]


def test_events_come_in_order() -> None:
    told: list[Event] = []
    train(a_model(), some_batches(), plan(2), judged([1.0, 0.5]), tell=told.append)
    epoch = [EpochStarted, *[StepDone] * STEPS, EpochDone]
    assert [type(event) for event in told] == [RunStarted, *epoch, *epoch, Stopped]
    assert told[0] == RunStarted(
        phase="toy", epochs=2, first_epoch=1, steps=STEPS, scores=("accuracy",)
    )
    steps = [event for event in told if isinstance(event, StepDone)]
    assert [(event.epoch, event.step) for event in steps] == [
        (1, 1), (1, 2), (1, 3), (2, 1), (2, 2), (2, 3),
    ]  # fmt: skip
    assert told[-1] == Stopped(reason="epochs", last_epoch=2, best_epoch=2)


def test_both_sides_are_measured_with_the_weights_of_the_epochs_end() -> None:
    """Held against the formula, on predictions without dropout; the last batch is smaller."""
    model = a_model()
    held = toy_pictures(60, seed=9)
    judges = Judges(training=measure_on(PICTURES, 50), validation=measure_on(held, 50))
    done = train(model, some_batches(), plan(1), judges).history[0]
    for pictures, measured in ((PICTURES, done.training), (held, done.validation)):
        said = model.predict(pictures.images.astype(np.float32) / 255, verbose=0)
        chosen = said[np.arange(len(pictures)), pictures.labels].astype(float)
        assert measured.loss == pytest.approx(-np.log(chosen).mean(), rel=1e-5)
        right = said.argmax(axis=1) == pictures.labels
        assert measured.scores == pytest.approx((right.mean(),))


STOPS = {
    "no patience": ([3.0, 2.0, 4.0, 5.0, 6.0], None, 5, 2, "epochs"),
    "patience of two": ([3.0, 2.0, 4.0, 5.0, 6.0], 2, 4, 2, "patience"),
    "patience is counted anew": ([3.0, 4.0, 2.0, 4.0, 1.0], 2, 5, 5, "epochs"),
    "equal is not better": ([3.0, 3.0, 3.0, 3.0, 3.0], 1, 2, 1, "patience"),
}


@pytest.mark.parametrize(
    ("losses", "patience", "last", "best", "reason"), STOPS.values(), ids=STOPS
)
def test_validation_decides_when_to_stop_and_what_to_keep(
    losses: list[float], patience: int | None, last: int, best: int, reason: str
) -> None:
    after: list[list[Any]] = []
    judges = judged(losses)
    watching = Judges(
        training=judges.training,
        validation=judges.validation,
        after=lambda model, _: after.append(values(model)),
    )
    model = a_model()
    trained = train(model, some_batches(), plan(5, patience), watching)
    assert (len(trained.history), trained.best_epoch, trained.reason) == (last, best, reason)
    kept = zip(values(model), after[best - 1], strict=True)
    assert all(np.array_equal(a, b) for a, b in kept)


def test_a_watched_score_is_better_when_it_is_larger() -> None:
    scores = iter([0.5, 0.8, 0.6])
    judges = Judges(
        training=as_told([1.0] * 3),
        validation=lambda _: Measured(loss=1.0, scores=(next(scores),)),
    )
    assert train(a_model(), some_batches(), plan(3, None, "accuracy"), judges).best_epoch == 2


def killed_after(epoch: int) -> Callable[[Event], None]:
    """A teller that dies in the middle of the epoch after."""

    def tell(event: Event) -> None:
        if isinstance(event, StepDone) and (event.epoch, event.step) == (epoch + 1, 2):
            raise KeyboardInterrupt

    return tell


@pytest.mark.parametrize(
    ("epoch", "eager"),
    [
        pytest.param(0, True, id="first epoch", marks=pytest.mark.slow),
        pytest.param(2, True, id="third epoch"),
        pytest.param(1, False, id="as a graph", marks=pytest.mark.slow),
    ],
)
def test_a_run_that_was_killed_ends_as_if_it_had_not_been(
    tmp_path: Path, epoch: int, eager: bool
) -> None:
    prepare_engine(1)
    whole = a_model(eager=eager)
    expected = train(whole, some_batches(), plan(4), by_hand())
    state = StateFile(tmp_path / "state.npz", "print")
    with pytest.raises(KeyboardInterrupt):
        train(a_model(), some_batches(), plan(4), by_hand(), tell=killed_after(epoch), state=state)
    told: list[Event] = []
    resumed = a_model(eager=eager)
    trained = train(resumed, some_batches(), plan(4), by_hand(), tell=told.append, state=state)
    assert isinstance(told[0], RunStarted)
    assert told[0].first_epoch == epoch + 1
    assert all(np.array_equal(a, b) for a, b in zip(values(resumed), values(whole), strict=True))
    seen = [[(e.training, e.validation, e.best) for e in t.history] for t in (trained, expected)]
    assert seen[0] == seen[1]


@pytest.mark.parametrize(
    "last",
    [pytest.param(1, id="goes on"), pytest.param(2, id="is over")],
)
def test_what_failed_after_an_epoch_that_was_kept_is_done_again(tmp_path: Path, last: int) -> None:
    """A panel that finds no room: the epoch's state is written by then."""
    seen: list[tuple[int, list[Any]]] = []

    def after(model: Any, epoch: int) -> None:
        seen.append((epoch, values(model)))
        if epoch == last and len(seen) == last:
            raise MissingError("disk-full", "There is no room.", hint="Make some.")

    state = StateFile(tmp_path / "state.npz", "print")
    judges = replace(by_hand(), after=after)
    with pytest.raises(MissingError, match="no room"):
        train(a_model(), some_batches(), plan(2), judges, state=state)
    train(a_model(), some_batches(), plan(2), judges, state=state)
    assert [epoch for epoch, _ in seen] == [*range(1, last + 1), *range(last, 3)]
    failed, again = seen[last - 1 : last + 1]
    assert all(np.array_equal(a, b) for a, b in zip(failed[1], again[1], strict=True))


def test_a_run_without_an_epoch_has_nothing_to_do_again(tmp_path: Path) -> None:
    state, seen = StateFile(tmp_path / "state.npz", "print"), list[int]()
    judges = replace(by_hand(), after=lambda _model, epoch: seen.append(epoch))
    with pytest.raises(KeyboardInterrupt):
        train(a_model(), some_batches(), plan(1), judges, tell=killed_after(0), state=state)
    train(a_model(), some_batches(), plan(1), judges, state=state)
    assert seen == [1]


def test_a_run_that_is_over_is_not_trained_again(tmp_path: Path) -> None:
    state = StateFile(tmp_path / "state.npz", "print")
    first = a_model()
    train(first, some_batches(), plan(2), by_hand(), state=state)
    told: list[Event] = []
    second = a_model()
    train(second, some_batches(), plan(2), judged([]), tell=told.append, state=state)
    assert [type(event) for event in told] == [Stopped]
    assert all(np.array_equal(a, b) for a, b in zip(values(first), values(second), strict=True))


def test_one_seed_gives_one_result() -> None:
    models = []
    for _ in range(2):
        prepare_engine(7)
        model = a_model()
        train(model, some_batches(), plan(2), by_hand())
        models.append(values(model))
    assert all(np.array_equal(a, b) for a, b in zip(*models, strict=True))


def test_a_loss_that_is_no_number_stops_and_says_where(tmp_path: Path) -> None:
    spoilt = toy_pictures(120)
    batches = some_batches(spoilt)
    place = batches._order[50]  # in the second batch of the first epoch
    images = spoilt.images.astype(np.float32)
    images[place] = np.nan
    batches._pictures = Pictures(images=images, labels=spoilt.labels)  # type: ignore[arg-type]  # that is the fault
    state = StateFile(tmp_path / "state.npz", "print")
    with pytest.raises(RunError, match=r"became nan in epoch 1, step 2 of 3") as caught:
        train(a_model(), batches, plan(2), by_hand(), state=state)
    assert caught.value.code == "loss-not-finite"
    assert "a tenth of the --learning-rate" in caught.value.hint
    assert "companion explain vanishing-gradients" in caught.value.hint
    assert state.read() is None


@pytest.mark.parametrize("side", ["validation", "training"])
def test_a_measured_loss_that_is_no_number_stops(tmp_path: Path, side: str) -> None:
    """The last step of an epoch may spoil the weights: its own loss was still a number."""
    good, bad = as_told([1.0] * 3), as_told([1.0, math.inf, 1.0])
    judges = Judges(
        training=bad if side == "training" else good,
        validation=bad if side == "validation" else good,
    )
    state = StateFile(tmp_path / "run" / "state.npz", "print")
    with pytest.raises(RunError, match=f"became inf on the {side} pictures, after epoch 2"):
        train(a_model(), some_batches(), plan(3), judges, state=state)
    assert list(tmp_path.iterdir()) == []


def test_every_epoch_gets_its_own_order() -> None:
    batches, seen = some_batches(), list[int]()
    batches.start_epoch = seen.append
    train(a_model(), batches, plan(3), judged([3.0, 2.0, 1.0]))
    assert seen == [1, 2, 3]


@pytest.mark.parametrize("name", ["keras", "tensorflow"])
def test_a_missing_engine_is_said(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(MissingError, match=f"{name} is not here") as caught:
        require_engine()
    assert caught.value.code == "engine-missing"


def test_the_versions_name_everything_that_decides_a_number() -> None:
    found = dict(versions())
    assert {"python", "keras", "tensorflow", "numpy", "PIL"} <= set(found)
    assert found["numpy"] == np.__version__
