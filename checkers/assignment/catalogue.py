"""Where assignments come from: the built-in ones, a file, the folder one works in, the shapes."""

from __future__ import annotations

import difflib
from functools import cache
from importlib.resources import files
from pathlib import Path

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

    Raises: InputError assignment-unknown, and what `read_assignment` says of the file.
    """
    from checkers.assignment.toml_file import MOST_BYTES, read_assignment

    path = Path(named)
    if path.is_dir():
        path = path / FILE_NAME
    if not path.is_file():
        if path.suffix == ".toml" or len(path.parts) > 1:
            raise InputError(
                "path-missing", f"There is no assignment file {path}.", hint="Check the path."
            )
        return load_built_in(named)
    with path.open("rb") as file:
        data = file.read(MOST_BYTES + 1)
    return read_assignment(data, str(path), path)


def find_assignment(start: Path) -> Path | None:
    """The nearest assignment.toml in a folder or above it."""
    places = (folder / FILE_NAME for folder in (start, *start.parents))
    return next((place for place in places if place.is_file()), None)


def choose(input_shape: Shape, output_shape: Shape) -> Assignment:
    """The one of `cifar10` and `unet` that fits a model's shapes, given without the batch axis.

    Raises: InputError assignment-none-fits, with the shapes.
    """
    picture = len(input_shape) == 3
    if picture and len(output_shape) == 1 and output_shape[0] == 10 and _is(input_shape, 32, 32, 3):
        return load_built_in("cifar10")
    if picture and len(output_shape) == 3 and output_shape[2] in (1, 2, 3):
        return load_built_in("unet")
    raise InputError(
        "assignment-none-fits",
        f"The model takes {text(input_shape)} and answers {text(output_shape)}: neither of the "
        f"built-in assignments {' and '.join(_CHOSEN_BY_SHAPE)} fits.",
        hint="Name one with --assignment, or write one: companion assignment new.",
    )


def _is(shape: Shape, *sizes: int) -> bool:
    return all(found in (None, wanted) for found, wanted in zip(shape, sizes, strict=True))
