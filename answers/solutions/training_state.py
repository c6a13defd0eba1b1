"""A training on disk after every epoch, so that a run that was killed goes on where it was.

One file holds all of it: variables of the model (the state of its random layers, too), of the
optimizer, the best weights, and the history. It takes its name only when it is whole, and it is
arrays and JSON: nothing in it is ever run.
"""

from __future__ import annotations

import contextlib
import errno
import io
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from zipfile import ZIP_STORED, BadZipFile

import numpy as np
from numpy.typing import NDArray

from answers.data.prepare.png_file import write_whole
from answers.errors import CompanionError, InputError, MissingError
from answers.layers.fields import checked
from answers.solutions.events import EpochDone, Measured

Arrays = tuple[NDArray[Any], ...]
Setting = str | int | float | bool | None
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_DAMAGED = (OSError, ValueError, KeyError, TypeError, AttributeError, EOFError, BadZipFile)
_GROUPS = ("model", "optimizer", "best")


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """A training between two epochs. done: its last epoch is the last one that is wanted."""

    model: Arrays
    optimizer: Arrays
    best: Arrays
    history: tuple[EpochDone, ...]
    done: bool = False


@dataclass(frozen=True)
class StateFile:
    """Where a training keeps its state.

    fingerprint: of everything that decides the outcome (data, options, versions): the state of
        another run is never taken up. made_with: the same as names and values, so that a person
        is told what differs.
    """

    path: Path
    fingerprint: str
    made_with: tuple[tuple[str, Setting], ...] = ()

    def write(self, snapshot: Snapshot) -> None:
        """Replace the state. Raises: MissingError disk-full; InputError cannot-write."""
        about = {
            "fingerprint": self.fingerprint,
            "made_with": self.made_with,
            "done": snapshot.done,
            "history": [asdict(epoch) for epoch in snapshot.history],
        }
        groups = zip(_GROUPS, (snapshot.model, snapshot.optimizer, snapshot.best), strict=True)
        arrays: dict[str, Any] = {
            f"{name}/{n}": array for name, group in groups for n, array in enumerate(group)
        }
        arrays["about"] = np.frombuffer(json.dumps(about).encode(), np.uint8)
        file = io.BytesIO()
        np.savez(file, **arrays)
        with writing(self.path):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(self.path, file.getvalue())

    def read(self) -> Snapshot | None:
        """The state, or None where there is none.

        Raises: InputError state-differs where it is another run's, state-damaged.
        """
        if not self.path.exists():
            return None
        try:
            # opened here: np.load leaves a file open that is none of its own
            with self.path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
                _check_stored(file)
                return self._snapshot(json.loads(file["about"].tobytes()), file)
        except _DAMAGED as error:
            raise _damaged(self.path, error) from None

    def _snapshot(self, about: Any, file: Any) -> Snapshot:
        if about["fingerprint"] != self.fingerprint:
            raise self._differs(dict(about["made_with"]))
        model, optimizer, best = (tuple(_group(file, name)) for name in _GROUPS)
        return Snapshot(
            model=model,
            optimizer=optimizer,
            best=best,
            history=tuple(epoch_of(entry) for entry in about["history"]),
            done=bool(about["done"]),
        )

    def _differs(self, there: dict[str, Any]) -> InputError:
        others = [
            f"{name.replace('_', ' ')} {_in_words(there[name])} (now {_in_words(now)})"
            for name, now in self.made_with
            if name in there and there[name] != now
        ]
        return InputError(
            "state-differs",
            f"An unfinished run with other data, options or versions lies in '{self.path.parent}'"
            + (f": {', '.join(others)}." if others else "."),
            hint="Give the options of that run to go on, or --fresh to begin anew.",
            where=str(self.path),
        )

    def discard(self) -> None:
        """Forget the run, and remove its folder where nothing else is in it."""
        with contextlib.suppress(OSError):
            self.path.unlink(missing_ok=True)
            self.path.parent.rmdir()


def _in_words(value: Any) -> str:
    return "none" if value is None else f"{value!s:.40}"


def _check_stored(file: Any) -> None:
    """We write arrays as they are: a packed one may be a thousand times as large as its file."""
    if any(member.compress_type != ZIP_STORED for member in file.zip.infolist()):
        raise ValueError("it holds packed arrays")


def _group(file: Any, name: str) -> Sequence[NDArray[Any]]:
    count = sum(key.startswith(f"{name}/") for key in file.files)
    return [file[f"{name}/{number}"] for number in range(count)]


def epoch_of(entry: Any) -> EpochDone:
    """An epoch out of JSON. Raises: KeyError, TypeError, InputError where it is none."""
    return EpochDone(
        epoch=checked(entry["epoch"], int, "epoch"),
        seconds=checked(entry["seconds"], float, "seconds"),
        running_loss=checked(entry["running_loss"], float, "running_loss"),
        training=_measured(entry["training"]),
        validation=_measured(entry["validation"]),
        best=checked(entry["best"], bool, "best"),
    )


def _measured(entry: Any) -> Measured:
    scores = checked(entry["scores"], tuple[float, ...], "scores")
    return Measured(loss=checked(entry["loss"], float, "loss"), scores=scores)


def _damaged(path: Path, error: Exception) -> InputError:
    return InputError(
        "state-damaged",
        f"The unfinished run in '{path.parent}' can't be read: {error!s:.120}",
        hint="Begin anew with --fresh.",
        where=str(path),
    )


@contextlib.contextmanager
def writing(path: Path) -> Any:
    """Turn what keeps a file from being written into a typed error.

    Raises: MissingError disk-full; InputError cannot-write.
    """
    try:
        yield
    except OSError as error:
        raise trouble(path, error) from None


def trouble(path: Path, error: OSError) -> CompanionError:
    """What kept a file from being written."""
    if error.errno in _FULL:
        return MissingError(
            "disk-full",
            f"There is no room to write {path}.",
            hint="Free some space, and give the same command again: the run goes on.",
            where=str(path),
        )
    return InputError(
        "cannot-write",
        f"{path} can't be written: {error.strerror or type(error).__name__}.",
        hint="Check the path.",
        where=str(path),
    )
