"""What is kept beside a trained model: what it was made of, with what, and how it went.

model.keras   model.run.json   model.history.csv
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from answers.data.prepare.png_file import write_whole
from answers.errors import InputError
from answers.layers.fields import checked
from answers.solutions.events import EpochDone, Remark, Tell, nobody
from answers.solutions.training_state import Setting, epoch_of, writing

FORMAT, VERSION = "companion/run", 1
SUFFIXES = (".keras", ".h5")
_MOST_BYTES = 16 << 20


@dataclass(frozen=True, kw_only=True)
class DataUsed:
    """Pictures that were used. role: 'training' or 'validation'. sha256: of pixels and truths."""

    role: str
    source: str
    count: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class RunRecord:
    """A training that is over.

    kind: of the program, as 'cifar'. model: the file's name, and `sha256` of its bytes.
    options: every setting that decides the outcome, by its name on the command line.
    scores: the names of the scores in `history`. counts: what the grader counted on the test
        split, as ('correct', 6964), ('total', 10000); empty where there was none.
    """

    kind: str
    model: str
    sha256: str
    parameters: int
    trainable: int
    options: tuple[tuple[str, Setting], ...]
    data: tuple[DataUsed, ...]
    versions: tuple[tuple[str, str], ...]
    scores: tuple[str, ...]
    history: tuple[EpochDone, ...]
    best_epoch: int
    reason: str
    counts: tuple[tuple[str, int], ...] = ()

    @property
    def best(self) -> EpochDone:
        """The epoch whose weights were saved."""
        return self.history[self.best_epoch - 1]

    def to_json(self) -> dict[str, Any]:
        """The form that `from_json` reads."""
        pairs = {name: dict(getattr(self, name)) for name in ("options", "versions", "counts")}
        return {"format": FORMAT, "version": VERSION, **asdict(self), **pairs}

    @classmethod
    def from_json(cls, value: Any) -> RunRecord:
        """Read what `to_json` wrote. Raises: KeyError, TypeError, InputError where it is none."""
        if value["format"] != FORMAT or value["version"] != VERSION:
            raise KeyError("format")
        plain = {
            name: checked(value[name], kind, name)
            for name, kind in (
                ("kind", str), ("model", str), ("sha256", str), ("parameters", int),
                ("trainable", int), ("scores", tuple[str, ...]), ("best_epoch", int), ("reason", str),
            )
        }  # fmt: skip
        history = tuple(epoch_of(entry) for entry in value["history"])
        if not 1 <= plain["best_epoch"] <= len(history):
            raise KeyError("best_epoch")
        if not _fits(history, plain["scores"]):
            raise KeyError("scores")
        return cls(
            **plain,
            history=history,
            options=_pairs(value["options"], str | int | float | bool | None),
            versions=_pairs(value["versions"], str),
            counts=_pairs(value["counts"], int),
            data=tuple(_data(entry) for entry in value["data"]),
        )


def _fits(history: Sequence[EpochDone], scores: tuple[str, ...]) -> bool:
    """Whether epochs are counted from 1, and every side has a value for each score."""
    return bool(scores) and all(
        done.epoch == number
        and len(done.training.scores) == len(done.validation.scores) == len(scores)
        for number, done in enumerate(history, 1)
    )


def _pairs(value: dict[str, Any], kind: Any) -> Any:
    return tuple((name, checked(item, kind, name)) for name, item in value.items())


def _data(entry: Any) -> DataUsed:
    kinds = (("role", str), ("source", str), ("count", int), ("sha256", str))
    return DataUsed(**{name: checked(entry[name], kind, name) for name, kind in kinds})


def record_path(model: Path) -> Path:
    """Where the record of a model lies."""
    return model.with_suffix(".run.json")


def history_path(model: Path) -> Path:
    """Where the history of a model lies as CSV."""
    return model.with_suffix(".history.csv")


def write_record(record: RunRecord, model: Path) -> None:
    """Write record and history beside the model. Raises: MissingError disk-full."""
    text = json.dumps(record.to_json(), indent=2, allow_nan=False) + "\n"
    for path, data in ((record_path(model), text), (history_path(model), history_csv(record))):
        with writing(path):
            write_whole(path, data.encode())


def history_csv(record: RunRecord) -> str:
    """One line an epoch, with both curves measured on the epoch's end weights."""
    file = io.StringIO()
    rows = csv.writer(file, lineterminator="\n")
    sides = ("training", "validation")
    names = [f"{side}_{name}" for side in sides for name in ("loss", *record.scores)]
    rows.writerow(["epoch", "seconds", "running_loss", *names, "best"])
    for done in record.history:
        measured = [
            f"{value:.6g}"
            for side in (done.training, done.validation)
            for value in (side.loss, *side.scores)
        ]
        about = [done.epoch, f"{done.seconds:.2f}", f"{done.running_loss:.6g}"]
        rows.writerow([*about, *measured, int(done.epoch == record.best_epoch)])
    return file.getvalue()


def read_record(path: Path) -> RunRecord:
    """The record of a model, given the model's path or the record's own.

    Raises: InputError run-record-missing, run-record-damaged.
    """
    place = path if path.name.endswith(".json") else record_path(path)
    if not place.is_file():
        raise InputError(
            "run-record-missing",
            f"There is no record of a training at '{place}'.",
            hint="Name a model that companion train has saved; its .run.json lies beside it.",
            where=str(path),
        )
    try:
        return RunRecord.from_json(json.loads(_bounded(place)))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, InputError) as error:
        raise InputError(
            "run-record-damaged",
            f"'{place}' is no record of a training: {error!s:.120}",
            hint="Train the model again, or name another one.",
            where=str(place),
        ) from None


def _bounded(place: Path) -> bytes:
    if place.stat().st_size > _MOST_BYTES:
        raise ValueError(f"it is larger than {_MOST_BYTES >> 20} MiB")
    return place.read_bytes()


def check_out(path: Path, tell: Tell = nobody) -> None:
    """Refuse a place that no model can be saved to, before hours are spent.

    That a file there will be replaced is said. Raises: InputError model-suffix, cannot-write.
    """
    if path.suffix not in SUFFIXES:
        raise InputError(
            "model-suffix",
            f"'{path.name}' is no name of a model.",
            hint="The ending says the format: .keras (a zip archive) or .h5 (HDF5).",
            where="--out",
        )
    if path.is_dir():
        raise _no_place(f"'{path}' is a folder.", "Name a file that is not there yet.")
    if not path.absolute().parent.is_dir():
        raise _no_place(
            f"'{path}' can't be written: there is no folder '{path.parent}'.",
            "Make that folder first, or name another place.",
        )
    if path.exists():
        tell(Remark(code="out-replaced", message=_REPLACED.format(path=path)))


_REPLACED = "'{path}' is there already; it stays until the training is over, then it is replaced."


def _no_place(message: str, hint: str) -> InputError:
    return InputError("cannot-write", message, hint=hint, where="--out")


def state_folder(model: Path) -> Path:
    """Where an unfinished training of a model keeps its state: beside it, hidden."""
    return model.with_name(f".{model.name}.training")


def save_model(model: Any, path: Path) -> str:
    """Save a Keras model whole or not at all, and return the SHA-256 of the file.

    Raises: MissingError disk-full; InputError cannot-write.
    """
    beside = path.with_name(f".{path.stem}.part{path.suffix}")
    with writing(path):
        try:
            _save(model, beside)
            os.replace(beside, path)  # noqa: PTH105  # the pair of calls reads as what it is
        finally:
            beside.unlink(missing_ok=True)
        return hashlib.sha256(path.read_bytes()).hexdigest()


def _save(model: Any, path: Path) -> None:
    """Raises: OSError.

    HDF5 takes a full disk badly: a RuntimeError with the errno in its text, and open files that
    complain later. So the room for the weights is asked for before.
    """
    try:
        path.write_bytes(bytes(sum(weight.nbytes for weight in model.get_weights())))
        model.save(path)
    except RuntimeError as error:
        number = re.search(r"errno = (\d+)", str(error))
        if number is None:
            raise
        raise OSError(int(number[1]), os.strerror(int(number[1]))) from error


def fingerprint(
    kind: str,
    options: Sequence[tuple[str, Setting]],
    data: Sequence[DataUsed],
    versions: Sequence[tuple[str, str]],
) -> str:
    """A hash of all that decides the outcome of a training."""
    hashes = [(used.role, used.sha256) for used in data]
    told = json.dumps([kind, list(options), hashes, list(versions)])
    return hashlib.sha256(told.encode()).hexdigest()
