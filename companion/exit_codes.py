"""The numbers a script may rely on. They live here alone; README has the same table."""

from __future__ import annotations

from answers.errors import (
    CompanionError,
    InputError,
    MissingError,
    ModelFileError,
    RefusedError,
    RunError,
    StoppedError,
)

DONE = 0
ANSWER_IS_NO = 1
OUR_BUG = 70
INTERRUPTED = 130

_OF_ERROR: tuple[tuple[type[CompanionError], int], ...] = (
    (InputError, 2),
    (ModelFileError, 3),
    (RefusedError, 4),
    (RunError, 5),
    (MissingError, 6),
    (StoppedError, INTERRUPTED),
)

MEANINGS: tuple[tuple[int, str], ...] = (
    (DONE, "done; every required check passed"),
    (
        ANSWER_IS_NO,
        "done, and the answer is no: a required check failed, your number is wrong, `data check` found something",
    ),
    (2, "the command line or a text of yours is wrong, or a path does not exist"),
    (3, "not a whole model: foreign, damaged, unreadable, or weights only"),
    (4, "refused: a layer or format that is not supported, code of its own, a limit"),
    (5, "the run failed: a crash, time, memory, or a broken protocol; no verdict"),
    (6, "something is missing here: data, GPU, engine, isolation level, disk space"),
    (OUR_BUG, "a bug of ours"),
    (INTERRUPTED, "interrupted"),
)


def of_error(error: CompanionError) -> int:
    """The exit code of a typed error."""
    return next((code for kind, code in _OF_ERROR if isinstance(error, kind)), OUR_BUG)
