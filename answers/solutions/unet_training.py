"""Question 5 from the pictures to the saved network: read → build → train → save → record."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from answers.data.open import open_split
from answers.data.split import Split
from answers.errors import InputError
from answers.solutions.engine import prepare_engine
from answers.solutions.events import Measured, Panel, Remark, Tell, nobody
from answers.solutions.fine_tuning import SHARE, Phase, train_phases
from answers.solutions.flips import Flips
from answers.solutions.held_out import folders_of, held_out
from answers.solutions.mask_losses import named_loss
from answers.solutions.mask_pairs import (
    MaskPairs,
    emptiness,
    read_mask_pairs,
    require_teachable,
    require_validation,
)
from answers.solutions.mask_panel import EVERY, panel, shown_pairs
from answers.solutions.mask_scores import SCORES, measured, predicted_masks
from answers.solutions.pretrained import Weights, check_size, unfreeze
from answers.solutions.run import Options, Run, data_used
from answers.solutions.run_record import RunRecord, check_out
from answers.solutions.training import Judges, Plan
from answers.solutions.training_state import StateFile
from answers.solutions.unet import ENCODER, check_small, mobilenet_unet, small_unet

KIND = "unet"

WATCHED = "dice_pooled"
"""The score that decides which epoch is the best: what is graded, not what is minimised."""


@dataclass(frozen=True, kw_only=True)
class UnetOptions(Options):
    """What decides the outcome, beside the data.

    size: height and width that pictures are brought to. small: from scratch, with `width` filters at
        full size; else MobileNetV2 with `weights`. epochs: with the encoder frozen; fine_tune: more
        epochs after them, with it unfrozen.
    patience: epochs without a better Dice on validation before a phase stops; None: all are run.
    validation: the share of the train split that is held out.
    """

    size: int = 128
    small: bool = False
    width: int = 16
    weights: Weights = "imagenet"
    epochs: int = 40
    fine_tune: int = 0
    patience: int | None = 15
    batch: int = 8
    loss: str = "bce+dice"
    learning_rate: float = 0.002
    flips: Flips = "all"
    validation: float = 0.15
    seed: int = 0


@dataclass(frozen=True, kw_only=True)
class MaskData:
    """The train split in two parts, and the hash of all of it."""

    training: MaskPairs
    validation: MaskPairs
    source: str
    sha256: str


def train_unet(
    data: Path, out: Path, options: UnetOptions, *, fresh: bool = False, tell: Tell = nobody
) -> RunRecord:
    """Train a U-Net, and save it with its record.

    fresh: forget an unfinished run of the same model; else it goes on.
    Raises: InputError about the data, the place or an option; MissingError engine-missing,
    pretrained-weights-missing, memory-missing, disk-full; RunError loss-not-finite.
    """
    check_out(out, tell)
    _check(options)
    pairs = read_data(data, options, tell)
    prepare_engine(options.seed)
    used = data_used(pairs.training, pairs.validation, pairs.source, pairs.sha256)
    run = Run(kind=KIND, out=out, options=options, data=used, scores=tuple(SCORES))
    states = run.states("masks", "fine-tuning", fresh=fresh)
    model = network(options)
    phases = tuple(_phases(model, pairs, options, states))
    trained = train_phases(model, _batches(pairs, options), phases, tell=tell)
    return run.save(model, trained, states, tell)


def _check(options: UnetOptions) -> None:
    """Refuse what can't be built before anything is read. Raises: InputError."""
    named_loss(options.loss)
    if options.small and options.fine_tune:
        raise InputError(
            "option-value",
            "Fine-tuning unfreezes a pretrained encoder, and --small has none.",
            hint="Leave --fine-tune or --small away; more --epochs train a small U-Net further.",
            where="--fine-tune",
        )
    if options.small:
        check_small(options.size, options.width)
    else:
        check_size(options.size, options.weights)


# --- the data ---------------------------------------------------------------------------------------


def read_data(root: Path, options: UnetOptions, tell: Tell = nobody) -> MaskData:
    """Read the train split, and hold a part of it out.

    Raises: InputError no-train-split, and where it can't teach or validate anything; those of
    `open_split` and `read_mask_pairs`.
    """
    split = _train_split(root)
    pairs, sha256 = read_mask_pairs(split, options.size, tell)
    out = held_out(folders_of(root, pairs.names), options.validation, options.seed)
    training, validation = pairs.chosen(~out), pairs.chosen(out)
    require_teachable(training)
    require_validation(validation)
    for note in (*split.notes, *emptiness(training)):
        if note.code != "graded-on-train":  # nothing is graded here
            tell(Remark(code=note.code, message=note.message))
    return MaskData(training=training, validation=validation, source=split.source, sha256=sha256)


def _train_split(root: Path) -> Split:
    split = open_split(root, task="segmentation", split="train")
    if split.name != "train":
        raise InputError(
            "no-train-split",
            f"'{root}' has no split 'train': what is trained on would be graded, too.",
            hint='Make splits with: companion data prepare "RAW" "OUT" --test 0.2',
            where=str(root),
        )
    return split


def _batches(pairs: MaskData, options: UnetOptions) -> Any:
    from answers.solutions.mask_batches import MaskBatches

    return MaskBatches(pairs.training, batch=options.batch, flips=options.flips, seed=options.seed)


# --- the network, and how it learns ------------------------------------------------------------------


def network(options: UnetOptions) -> Any:
    """The network, not yet trained. Raises what `small_unet` and `mobilenet_unet` raise."""
    if options.small:
        return small_unet(options.size, options.width)
    return mobilenet_unet(options.size, options.weights)


def _phases(
    model: Any, pairs: MaskData, options: UnetOptions, states: tuple[StateFile, ...]
) -> Iterator[Phase]:
    """With the encoder frozen; then, if asked, all of it at a small rate."""
    steps = -(-len(pairs.training) // options.batch)

    def phase(name: str, epochs: int, rate: float, state: StateFile, *, first: bool) -> Phase:
        def prepare() -> None:
            if not first:
                unfreeze(model.get_layer(ENCODER))
            _compile(model, options.loss, rate, epochs * steps)

        judges = _judges(pairs, options, epochs_before=0 if first else options.epochs)
        return Phase(plan=_plan(name, epochs, options), prepare=prepare, judges=judges, state=state)

    yield phase("masks", options.epochs, options.learning_rate, states[0], first=True)
    if options.fine_tune:
        rate = options.learning_rate * SHARE
        yield phase("fine-tuning", options.fine_tune, rate, states[1], first=False)


def _plan(phase: str, epochs: int, options: UnetOptions) -> Plan:
    return Plan(
        phase=phase,
        epochs=epochs,
        patience=options.patience,
        scores=tuple(SCORES),
        watched=WATCHED,
    )


def _compile(model: Any, loss: str, rate: float, steps: int) -> None:
    """Adam; its rate falls along half a cosine to nothing at the last step."""
    from keras.optimizers import Adam
    from keras.optimizers.schedules import CosineDecay

    model.compile(Adam(CosineDecay(rate, steps)), named_loss(loss))


def _judges(pairs: MaskData, options: UnetOptions, epochs_before: int) -> Judges:
    """Both sides are measured on as many pictures, without flips; a panel every fifth epoch."""
    loss, batch, shown = named_loss(options.loss), options.batch, shown_pairs(pairs.validation)
    some = pairs.training.chosen(slice(len(pairs.validation)))

    def judge(part: MaskPairs) -> Any:
        def measure(model: Any) -> Measured:
            return measured(model, part, loss, batch)

        return measure

    def after(model: Any, epoch: int) -> Panel | None:
        if epoch % EVERY:
            return None
        return panel(epochs_before + epoch, shown, predicted_masks(model, shown, batch))

    return Judges(training=judge(some), validation=judge(pairs.validation), after=after)
