"""What the commands of `companion train` share: a quiet engine, the grade, and what is written."""

from __future__ import annotations

import logging
import math
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from answers.errors import CompanionError, InputError, RunError
from answers.solutions.run_record import RunRecord, history_path, record_path, write_record
from checkers.measuring.data_source import DataRequest
from checkers.report import Report
from companion.options import Everywhere
from companion.output_file import written
from companion.views.printable import printable
from companion.views.terminal import say

_STDERR = 2


def patience_of(word: str) -> int | None:
    """The epochs of `--patience N|off`. Raises: InputError option-value."""
    if word == "off":
        return None
    if word.isdecimal() and word.isascii() and 1 <= int(word[:6]) <= 10_000:
        return int(word[:6])
    raise InputError(
        "option-value",
        f"--patience takes a whole number of epochs from 1 to 10,000, or off, not {word!r:.40}.",
        hint="--patience 5 stops after five epochs without a better validation.",
        where="--patience",
    )


def number(value: float, option: str) -> float:
    """A number that is one: NaN lies outside of no range. Raises: InputError option-value."""
    if math.isnan(value):
        raise InputError(
            "option-value",
            f"{option} takes a number, not nan.",
            hint="Leave it away for the usual one.",
            where=option,
        )
    return value


@contextmanager
def quiet_engine(*, debug: bool) -> Iterator[None]:
    """Keep what the engine writes to stderr from the person; our own progress stays.

    TensorFlow's C++ speaks of absent GPUs on every start, and no variable keeps it from that; Keras
    advises against .h5, which was asked for. --debug shows all of it.
    """
    if debug:
        yield
        return
    logging.getLogger("absl").setLevel(logging.ERROR)
    sys.stderr.flush()
    own = os.dup(_STDERR)
    before, silence = sys.stderr, os.open(os.devnull, os.O_WRONLY)
    ours = os.fdopen(own, "w", encoding=before.encoding, errors=before.errors, buffering=1)
    os.dup2(silence, _STDERR)
    sys.stderr = ours
    try:
        yield
    finally:
        ours.flush()
        os.dup2(own, _STDERR)
        sys.stderr = before
        ours.close()
        os.close(silence)


@dataclass(frozen=True)
class Grade:
    """What a trained model is held against.

    assignment: a built-in one. size: the side of the pictures, where it is not the assignment's.
    """

    assignment: str
    data: DataRequest
    size: int | None = None


def graded(record: RunRecord, model: Path, grade: Grade) -> RunRecord:
    """Grade the saved file as `companion grade` does, and keep the counts in the record.

    Raises: the error of the grade; RunError not-measured where the model has no score.
    """
    from checkers.assignment.catalogue import load_built_in
    from checkers.request import Request
    from companion.cli import grade_session

    chosen = load_built_in(grade.assignment)
    if grade.size is not None:
        chosen = replace(chosen, input=replace(chosen.input, size=(grade.size, grade.size)))
    request = Request(path=model, assignment=chosen, data=grade.data)
    (report,) = grade_session.grade_all(grade_session.isolated([request], "none"), None)
    done = replace(record, counts=_counts(report))
    write_record(done, model)
    return done


def _counts(report: Report) -> tuple[tuple[str, int], ...]:
    from companion.views.grade_json import counts

    if report.error is not None:
        raise report.error
    if report.missing:
        raise report.missing[0]
    found = counts(report.result)
    if not found:
        raise RunError(
            "not-measured",
            f"The model was saved as {report.file}, and the grader finds no score in it.",
            hint=f'companion grade "{report.file}" says why.',
        )
    return tuple((name, value) for name, value in found.items() if isinstance(value, int))


def write_curves(record: RunRecord, model: Path) -> list[Path]:
    """Draw the curves beside the model, and return all files of the training.

    Raises: MissingError disk-full; InputError cannot-write.
    """
    from companion.views.training_curves import KINDS, picture

    places = [model.with_suffix(f".curves{kind}") for kind in KINDS]
    for place in places:
        with written(place) as file:
            file.write(picture([record], place.suffix))
    return [model, record_path(model), history_path(model), *places]


@contextmanager
def _model_is_safe(model: Path) -> Iterator[None]:
    """Hours of training end here: whatever fails now, the model is there, and that is said."""
    saved = f"The model is saved, whole, as {model}: nothing has to be trained again."
    try:
        yield
    except CompanionError as error:
        # its own hint would have the same command given again, which trains anew by now
        hint = "Free some space." if error.code == "disk-full" else error.hint
        error.hint = f"{hint} {saved}".lstrip()
        raise
    except KeyboardInterrupt:
        sys.stderr.write(f"\n{printable(saved)}\n")
        raise


def finish(
    record: RunRecord, model: Path, everywhere: Everywhere, *, grade: Grade | None, as_json: bool
) -> None:
    """Draw the curves, grade the saved model where there is a test split, and say how it went.

    Raises: as `write_curves` and `graded`, with the word that the model is safe.
    """
    from companion.views import json_document, trained_view
    from companion.views.paper import Paper

    with _model_is_safe(model):
        files = write_curves(record, model)
        if grade is not None:
            record = graded(record, model, grade)
    if as_json:
        result = trained_view.run_document(record) | {"written": [str(path) for path in files]}
        say(json_document.result("train", result))
    else:
        trained_view.trained(Paper.of(everywhere), record, files)
