"""Question 3 from the pictures to the saved model: read → build → train → save → record."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from answers.solutions.cifar_pictures import CifarPictures, Pictures, read_cifar, some_of
from answers.solutions.engine import prepare_engine, require_engine
from answers.solutions.events import Measure, Measured, Remark, Tell, nobody
from answers.solutions.run import Options, Run, data_used
from answers.solutions.run_record import DataUsed, RunRecord, check_out
from answers.solutions.training import Judges, Plan, Trained, train
from answers.solutions.training_state import StateFile

KIND = "cifar"
_AT_ONCE = 500  # pictures in a batch when nothing is learnt


@dataclass(frozen=True, kw_only=True)
class CifarOptions(Options):
    """What decides the outcome, beside the data.

    patience: epochs without a smaller validation loss before it stops; None: all epochs are run.
    """

    augment: bool = False
    epochs: int = 20
    patience: int | None = 5
    seed: int = 0
    batch: int = 64
    learning_rate: float = 0.001


def train_cifar(
    data: Path, out: Path, options: CifarOptions, *, fresh: bool = False, tell: Tell = nobody
) -> RunRecord:
    """Train the homework's network, and save it with its record.

    fresh: forget an unfinished run of the same model; else it goes on.
    Raises: InputError, RefusedError about the data or the place; MissingError engine-missing,
    disk-full; RunError loss-not-finite.
    """
    check_out(out, tell)
    require_engine()
    pictures = read_cifar(data, tell)
    prepare_engine(options.seed)
    run = Run(kind=KIND, out=out, options=options, data=used(pictures), scores=("accuracy",))
    (state,) = run.states("state", fresh=fresh)
    model, trained = _trained(pictures, options, state, tell)
    return run.save(model, trained, [state], tell)


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


def used(pictures: CifarPictures) -> tuple[DataUsed, ...]:
    """What the training was made of."""
    return data_used(pictures.training, pictures.validation, pictures.source, pictures.sha256)
