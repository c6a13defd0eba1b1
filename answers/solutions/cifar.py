"""Question 3 from the pictures to the saved model: read → build → train → save → record."""

from __future__ import annotations

from dataclasses import dataclass, fields
from math import prod
from pathlib import Path
from typing import Any

from answers.solutions.cifar_pictures import CifarPictures, Pictures, read_cifar, some_of
from answers.solutions.engine import prepare_engine, require_engine, versions
from answers.solutions.events import Measure, Measured, Remark, Saved, Tell, nobody
from answers.solutions.run_record import (
    DataUsed,
    RunRecord,
    Setting,
    check_out,
    fingerprint,
    record_path,
    save_model,
    state_folder,
    write_record,
)
from answers.solutions.training import Judges, Plan, Trained, train
from answers.solutions.training_state import StateFile

KIND = "cifar"
_AT_ONCE = 500  # pictures in a batch when nothing is learnt


@dataclass(frozen=True, kw_only=True)
class CifarOptions:
    """What decides the outcome, beside the data.

    patience: epochs without a smaller validation loss before it stops; None: all epochs are run.
    """

    augment: bool = False
    epochs: int = 20
    patience: int | None = 5
    seed: int = 0
    batch: int = 64
    learning_rate: float = 0.001

    @property
    def settings(self) -> tuple[tuple[str, Setting], ...]:
        """Names and values, as they stand in the record."""
        return tuple((each.name, getattr(self, each.name)) for each in fields(self))


def train_cifar(
    data: Path, out: Path, options: CifarOptions, *, fresh: bool = False, tell: Tell = nobody
) -> RunRecord:
    """Train the homework's network, and save it with its record.

    fresh: forget an unfinished run of the same model; else it goes on.
    Raises: InputError, RefusedError about the data or the place; MissingError engine-missing,
    disk-full; RunError loss-not-finite.
    """
    check_out(out)
    require_engine()
    pictures = read_cifar(data, tell)
    prepare_engine(options.seed)
    state = _state(out, pictures, options)
    if fresh:
        state.discard()
    model, trained = _trained(pictures, options, state, tell)
    record = _record(model, trained, pictures, options, out)
    write_record(record, out)
    state.discard()
    tell(Saved(model=out, record=record_path(out), sha256=record.sha256))
    return record


def _trained(
    pictures: CifarPictures, options: CifarOptions, state: StateFile, tell: Tell
) -> tuple[Any, Trained]:
    from answers.solutions.cifar_batches import CifarBatches
    from answers.solutions.cifar_model import cifar_model, compile_cifar

    model = cifar_model(augment=options.augment, seed=options.seed)
    compile_cifar(model, options.learning_rate)
    batches = CifarBatches(pictures.training, batch=options.batch, seed=options.seed)
    plan = Plan(phase=KIND, epochs=options.epochs, patience=options.patience, scores=("accuracy",))
    return model, train(model, batches, plan, _judges(pictures, tell), tell=tell, state=state)


def _judges(pictures: CifarPictures, tell: Tell) -> Judges:
    """Both sides are measured on as many pictures, so that both numbers are as certain."""
    count = len(pictures.validation)
    tell(Remark(code="measured-on", message=_MEASURED_ON.format(count=count)))
    return Judges(
        training=measure_on(some_of(pictures.training, count)),
        validation=measure_on(pictures.validation),
    )


_MEASURED_ON = (
    "After each epoch {count:,} training pictures (always the same) and the {count:,} of "
    "validation are measured, without augmentation."
)


def measure_on(pictures: Pictures, batch: int = _AT_ONCE) -> Measure:
    """Loss and accuracy on these pictures; random layers are at rest then."""
    from answers.solutions.cifar_batches import UNIT

    images = UNIT.apply(pictures.images)

    def measure(model: Any) -> Measured:
        loss = right = 0.0
        for start in range(0, len(pictures), batch):
            part = slice(start, start + batch)
            labels = pictures.labels[part]
            model.reset_metrics()  # some releases of Keras go on counting from batch to batch
            # evaluate would make a new pipeline in each epoch, for as much as the pictures cost
            found = model.test_on_batch(images[part], labels, return_dict=True)
            loss += len(labels) * float(found["loss"])
            right += len(labels) * float(found["accuracy"])
        return Measured(loss=loss / len(pictures), scores=(right / len(pictures),))

    return measure


def _state(out: Path, pictures: CifarPictures, options: CifarOptions) -> StateFile:
    told = fingerprint(KIND, options.settings, data_used(pictures), versions())
    return StateFile(state_folder(out) / "state.npz", told)


def data_used(pictures: CifarPictures) -> tuple[DataUsed, ...]:
    """The hash is that of the whole train split, of which each part is a fixed choice."""
    parts = (("training", pictures.training), ("validation", pictures.validation))
    return tuple(
        DataUsed(role=role, source=pictures.source, count=len(part), sha256=pictures.sha256)
        for role, part in parts
    )


def _record(
    model: Any, trained: Trained, pictures: CifarPictures, options: CifarOptions, out: Path
) -> RunRecord:
    total = model.count_params()
    return RunRecord(
        kind=KIND,
        model=out.name,
        sha256=save_model(model, out),
        parameters=total,
        trainable=sum(prod(weight.shape) for weight in model.trainable_variables),
        options=options.settings,
        data=data_used(pictures),
        versions=versions(),
        scores=("accuracy",),
        history=trained.history,
        best_epoch=trained.best_epoch,
        reason=trained.reason,
    )
