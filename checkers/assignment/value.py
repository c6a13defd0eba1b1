"""One value of an assignment file: each function takes what TOML gave and returns it checked.

All raise WrongValueError with whole sentences that name the value, without the key.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

from answers.data.input_contract import MAX_SIDE
from answers.data.masks import MOST_CLASSES
from checkers.assignment.contract import coding_of
from checkers.assignment.exact_number import exact, whole
from checkers.assignment.fault import WrongValueError, quoted, shown, suggestion

FORMAT_VERSION = 1
MOST_POINTS = 1_000_000
MOST_CHECKS = 100
MOST_NOTATION = 20_000
_MOST_LISTED = 64
_NAME_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-_.")


def text(value: object) -> str:
    """A line of text."""
    return _text(value, 200)


def path(value: object) -> Path:
    """A path; nobody looks yet whether it exists."""
    return Path(_text(value, 1000))


def notation(value: object) -> str:
    """A network in the one-line language, which may be broken into lines; nobody reads it yet."""
    lines = value.split() if isinstance(value, str) else value
    return _text(" ".join(lines) if isinstance(lines, list) else value, MOST_NOTATION)


def name(value: object) -> str:
    """A name that can stand on a command line."""
    word = _text(value, 64)
    if not _NAME_LETTERS.issuperset(word):
        raise WrongValueError(
            f"A name holds small letters a–z, digits, '-', '_' and '.' alone, not {quoted(word)}."
        )
    return word


def split(value: object) -> str:
    """The name of a split; `answers.data` says which ones the data has."""
    return _text(value, 100)


def _text(value: object, most: int) -> str:
    if not isinstance(value, str):
        raise WrongValueError(f"It must be a text in quotes, not {shown(value)}.")
    if not value.strip():
        raise WrongValueError("The text is empty.")
    if len(value) > most:
        raise WrongValueError(f"It has {len(value):,} characters; at most {most:,} are allowed.")
    if not value.isprintable():
        raise WrongValueError(f"{quoted(value)} holds characters that cannot be printed.")
    return value


def word_of(known: Sequence[str]) -> Callable[[object], str]:
    """A function for words of which only these are known."""

    def word(value: object) -> str:
        if not isinstance(value, str):
            raise WrongValueError(f"It must be one of {', '.join(known)}, not {shown(value)}.")
        if value not in known:
            raise WrongValueError(f"{quoted(value)} is not known.{suggestion(value, known)}")
        return value

    return word


def whole_between(least: int, most: int) -> Callable[[object], int]:
    """A function for whole numbers from `least` to `most`."""
    return lambda value: whole(value, least, most)


def yes_or_no(value: object) -> bool:
    """A boolean."""
    if not isinstance(value, bool):
        raise WrongValueError(f"It must be true or false, without quotes, not {shown(value)}.")
    return value


def points(value: object) -> Fraction:
    """Points, exactly."""
    number = exact(value)
    if number < 0:
        raise WrongValueError(f"Points cannot be negative, but it is {shown(value)}.")
    if number > MOST_POINTS:
        raise WrongValueError(f"{shown(value)} points are too many; at most {MOST_POINTS:,}.")
    return number


def seconds(value: object) -> float:
    """From a second to a day."""
    number = exact(value)
    if not 1 <= number <= 86_400:
        raise WrongValueError(f"It must lie between 1 and 86,400 seconds, not at {shown(value)}.")
    return float(number)


def size(value: object) -> tuple[int, int]:
    """(height, width) in pixels."""
    if not isinstance(value, list) or len(value) != 2:
        raise WrongValueError(f"It must be [height, width], not {_amount(value)}.")
    height, width = (whole(side, 1, MAX_SIDE) for side in value)
    return height, width


def coding(value: object) -> str:
    """A coding of masks."""
    return coding_of(_text(value, 100))


def class_names(value: object) -> tuple[str, ...]:
    """Names of classes in the order of their numbers: two at least, each another one."""
    if not isinstance(value, list) or not 2 <= len(value) <= MOST_CLASSES:
        raise WrongValueError(
            f"It must be a list of 2 to {MOST_CLASSES} names of classes, not {_amount(value)}."
        )
    names = tuple(_text(item, 64) for item in value)
    for place, item in enumerate(names):
        if item in names[:place]:
            raise WrongValueError(f"{quoted(item)} is the name of two classes.")
    return names


def version(value: object) -> int:
    """The version of the format."""
    if type(value) is not int or value != FORMAT_VERSION:
        raise WrongValueError(
            f"{shown(value)} is not known; this companion reads version {FORMAT_VERSION}."
        )
    return FORMAT_VERSION


def layers(value: object) -> tuple[str, ...]:
    """Class names of layers that this house reads: another could neither be met nor occur."""
    from answers.layers.catalogue import LAYERS

    names = _listed(value, "names of layers")
    for layer in names:
        if layer not in LAYERS:
            near = suggestion(layer, LAYERS)
            raise WrongValueError(f"{quoted(layer)} is no layer that companion reads.{near}")
    return names


def check_names(value: object) -> tuple[str, ...]:
    """Names of checks; whether they exist is a matter of the whole file."""
    return _listed(value, "names of checks")


def table(value: object) -> object:
    """A table, of which the values are looked at later."""
    if not isinstance(value, dict):
        raise WrongValueError(f"It must be a table in single brackets, not {_amount(value)}.")
    return value


def tables(value: object) -> object:
    """The checks, of which the values are looked at later."""
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise WrongValueError(
            "Each check is a table of its own: write [[check]] in double brackets."
        )
    if len(value) > MOST_CHECKS:
        raise WrongValueError(f"There are {len(value):,} checks; at most {MOST_CHECKS}.")
    return value


def _listed(value: object, noun: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not 0 < len(value) <= _MOST_LISTED:
        raise WrongValueError(
            f"It must be a list of 1 to {_MOST_LISTED} {noun}, not {_amount(value)}."
        )
    for item in value:
        if not isinstance(item, str):
            raise WrongValueError(f"It must be a list of {noun} in quotes; one is {shown(item)}.")
    return tuple(value)


def _amount(value: object) -> str:
    return f"a list of {len(value):,}" if isinstance(value, list) else shown(value)
