"""Where assignments come from: the built-in ones, a file, the folder one works in, the shapes."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from importlib.resources import files
from pathlib import Path

from answers.data.input_contract import MAX_SIDE
from answers.errors import InputError
from answers.layers.base import Shape, text
from checkers.assignment.assignment import Assignment

FILE_NAME = "assignment.toml"
_CHOSEN_BY_SHAPE = ("cifar10", "unet")


def built_in_names() -> tuple[str, ...]:
    """The names of the built-in assignments."""
    folder = files("checkers.assignment").joinpath("built_in")
    names = (item.name for item in folder.iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml")))


def built_in_text(name: str) -> str:
    """The file of a built-in assignment, as a teacher would copy it.

    Raises: InputError assignment-unknown, with the nearest name.
    """
    if name not in built_in_names():
        near = difflib.get_close_matches(name, built_in_names(), 1)
        meant = f"Did you mean '{near[0]}'? " if near else ""
        raise InputError(
            "assignment-unknown",
            f"There is no assignment {name!r:.80}, neither a file nor a built-in one.",
            hint=f"{meant}Built in are: {', '.join(built_in_names())}.",
        )
    return files("checkers.assignment").joinpath("built_in", f"{name}.toml").read_text("utf-8")


@cache
def load_built_in(name: str) -> Assignment:
    """A built-in assignment by its name."""
    from checkers.assignment.toml_file import read_assignment

    return read_assignment(built_in_text(name).encode(), f"the built-in assignment {name}")


def load(named: str) -> Assignment:
    """An assignment by a path, or by the name of a built-in one; a file wins.

    A folder stands for the assignment in it; one without any hides no built-in name.
    Raises: InputError assignment-unknown, path-missing, assignment-unreadable, and what
        `read_assignment` says of the file.
    """
    from checkers.assignment.toml_file import read_assignment

    path = Path(named)
    if _exists(path.is_dir):
        path = path / FILE_NAME
    if _exists(path.is_file):
        return read_assignment(_bytes(path), str(path), path)
    if named not in built_in_names() and (path.suffix == ".toml" or len(path.parts) != 1):
        raise InputError(
            "path-missing",
            f"There is no assignment file {str(path)!r:.200}.",
            hint="Check the path.",
        )
    return load_built_in(named)


def _bytes(path: Path) -> bytes:
    from checkers.assignment.toml_file import MOST_BYTES

    try:
        with path.open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except OSError as error:
        raise InputError(
            "assignment-unreadable",
            f"The assignment file cannot be read: {error.strerror}.",
            hint="Check its permissions.",
            where=str(path),
        ) from error


def _exists(look: Callable[[], bool]) -> bool:
    """What the look finds; nothing where the system refuses to look (a name of 300 characters)."""
    try:
        return look()
    except (OSError, ValueError):
        return False


def find_assignment(start: Path) -> Path | None:
    """The nearest assignment.toml in a folder or above it."""
    folder = start.absolute()
    places = (place / FILE_NAME for place in (folder, *folder.parents))
    return next((place for place in places if _exists(place.is_file)), None)


def choose(input_shape: Shape, *output_shapes: Shape) -> Assignment:
    """The one of `cifar10` and `unet` that fits a model's shapes, given without the batch axis.

    A U-Net may have any size, its own where it is fixed, and one channel or three. Of several
    outputs the first that fits counts.
    Raises: InputError no-assignment-fits, with the shapes.
    """
    for output_shape in output_shapes:
        if _fits(input_shape, (32, 32, 3)) and output_shape == (10,):
            return load_built_in("cifar10")
        if _is_map_of(input_shape, output_shape):
            return _at_size_of(load_built_in("unet"), input_shape)
    classes = ""
    if any(len(shape) == 3 for shape in output_shapes):
        classes = (
            " For a map with a channel a class write coding = 'class-ids' under [masks] in it."
        )
    answers = " and ".join(map(text, output_shapes))
    raise InputError(
        "no-assignment-fits",
        f"The model takes {text(input_shape)} and answers {answers}: neither of the "
        f"built-in assignments {' and '.join(_CHOSEN_BY_SHAPE)} fits.",
        hint=f"Name one with --assignment, or write one: companion assignment new.{classes}",
    )


def _fits(shape: Shape, wanted: tuple[int, ...]) -> bool:
    """Whether the sizes are the wanted ones; one that the model leaves open is."""
    return len(shape) == len(wanted) and all(
        found in {None, size} for found, size in zip(shape, wanted, strict=True)
    )


def _is_map_of(picture: Shape, answer: Shape) -> bool:
    """Whether the answer is a map of 1 to 3 channels, as high and as wide as the picture."""
    if len(picture) != 3 or len(answer) != 3 or picture[2] not in {None, 1, 3}:
        return False
    sides = zip(picture[:2], answer[:2], strict=True)
    same = all(given == got or None in {given, got} for given, got in sides)
    small = all(side is None or 1 <= side <= MAX_SIDE for side in picture[:2])
    return same and small and answer[2] in {1, 2, 3}


def _at_size_of(assignment: Assignment, picture: Shape) -> Assignment:
    """The assignment with the size and the channels of the model, where it has its own."""
    height, width, channels = picture
    own = assignment.input.size
    if own is not None:
        own = (height or own[0], width or own[1])
    fed = replace(
        assignment.input,
        size=own,
        channels="grey" if channels == 1 else assignment.input.channels,
    )
    return replace(assignment, input=fed)
