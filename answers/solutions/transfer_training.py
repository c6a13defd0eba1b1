"""Question 3(d) from the pictures to the saved model: read → build → train → save → record."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from answers.solutions.cifar import measure_on, used
from answers.solutions.cifar_pictures import CifarPictures, read_cifar, some_of
from answers.solutions.engine import prepare_engine
from answers.solutions.events import Remark, Tell, nobody
from answers.solutions.fine_tuning import SHARE, Phase, train_phases
from answers.solutions.memory import in_words, require_room
from answers.solutions.pretrained import Weights, unfreeze
from answers.solutions.run import Options, Run
from answers.solutions.run_record import RunRecord, check_out
from answers.solutions.training import Judges, Plan, Trained
from answers.solutions.training_state import StateFile
from answers.solutions.transfer import FEATURES, naive, needed, transfer_network

KIND = "transfer"


@dataclass(frozen=True, kw_only=True)
class TransferOptions(Options):
    """What decides the outcome, beside the data.

    size: the side that pictures are enlarged to. epochs: with the features frozen; fine_tune: more
        epochs after them, with all of it learning.
    pictures: so many of the training pictures, always the same; None: all of them.
    patience: epochs without a smaller validation loss before a phase stops; None: all are run.
    """

    size: int = 96
    weights: Weights = "imagenet"
    epochs: int = 5
    fine_tune: int = 2
    pictures: int | None = None
    patience: int | None = 3
    batch: int = 64
    learning_rate: float = 0.001
    seed: int = 0


def train_transfer(
    data: Path, out: Path, options: TransferOptions, *, fresh: bool = False, tell: Tell = nobody
) -> RunRecord:
    """Train a head on MobileNetV2's features, then all of it; save it with its record.

    fresh: forget an unfinished run of the same model; else it goes on.
    Raises: InputError, RefusedError about the data, the place or the size; MissingError
    engine-missing, pretrained-weights-missing, memory-missing, disk-full; RunError loss-not-finite.
    """
    check_out(out, tell)
    prepare_engine(options.seed)
    model = transfer_network(options.size, options.weights)  # first: its weights may be missing
    pictures = _read(data, options, tell)
    _say_memory(pictures, options, model, tell)
    run = Run(kind=KIND, out=out, options=options, data=used(pictures), scores=("accuracy",))
    states = run.states("head", "fine-tuning", fresh=fresh)
    trained = _trained(model, pictures, options, states, tell)
    return run.save(model, trained, states, tell)


def _read(data: Path, options: TransferOptions, tell: Tell) -> CifarPictures:
    pictures = read_cifar(data, tell)
    if options.pictures is None:
        return pictures
    return replace(pictures, training=some_of(pictures.training, options.pictures))


def _say_memory(pictures: CifarPictures, options: TransferOptions, model: Any, tell: Tell) -> None:
    """Say what it takes before it starts. Raises: MissingError memory-missing."""
    held_out = len(pictures.validation)
    count = len(pictures.training) + held_out
    parts = needed(count, 2 * held_out, options.size, options.batch, model)
    told = "; ".join(f"{part.what}: {part.formula}" for part in parts)
    total = in_words(sum(part.bytes for part in parts))
    tell(
        Remark(
            code="memory",
            message=f"All pictures enlarged before training would take "
            f"{naive(count, options.size).formula}. Here it takes about {total}, beside the engine "
            f"itself: {told}.",
        )
    )
    require_room(*parts)


def _trained(
    model: Any,
    pictures: CifarPictures,
    options: TransferOptions,
    states: tuple[StateFile, ...],
    tell: Tell,
) -> Trained:
    from answers.solutions.cifar_batches import CifarBatches

    batches = CifarBatches(pictures.training, batch=options.batch, seed=options.seed)
    phases = tuple(_phases(model, pictures, options, states))
    return train_phases(model, batches, phases, tell=tell)


def _phases(
    model: Any,
    pictures: CifarPictures,
    options: TransferOptions,
    states: tuple[StateFile, ...],
) -> Iterator[Phase]:
    """The head alone; then, if asked, all of it at a small rate."""
    from answers.solutions.cifar_model import compile_cifar

    judges = Judges(
        training=measure_on(
            some_of(pictures.training, len(pictures.validation)), batch=options.batch
        ),
        validation=measure_on(pictures.validation, batch=options.batch),
    )

    def fine_tuning() -> None:
        unfreeze(model.get_layer(FEATURES))
        compile_cifar(model, options.learning_rate * SHARE)

    yield Phase(
        plan=_plan("head", options.epochs, options),
        prepare=lambda: compile_cifar(model, options.learning_rate),
        judges=judges,
        state=states[0],
    )
    if options.fine_tune:
        plan = _plan("fine-tuning", options.fine_tune, options)
        yield Phase(plan=plan, prepare=fine_tuning, judges=judges, state=states[1])


def _plan(phase: str, epochs: int, options: TransferOptions) -> Plan:
    return Plan(phase=phase, epochs=epochs, patience=options.patience, scores=("accuracy",))
