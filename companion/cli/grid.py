"""Pixels on the command line: rows of numbers ("0 1; 1 1"), or a picture file."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

from answers.errors import InputError
from answers.expressions.text_error import TextError
from answers.metrics.pixel_losses import Grid
from companion.cli.exact_number import exact_number

MOST_CHARACTERS = 100_000
_WRITTEN = re.compile(r"[\d\s.,;/+٫-]*")
# begins like rows of numbers, and does not end like the name of a file
_ROWS = re.compile(r"(?!.*\.[A-Za-z]\w*$)\s*[\d٫.+-]+[\s,;].*", re.DOTALL)
_CELL = re.compile(r"[^\s,]+")


def read_mask(word: str, option: str) -> Grid:
    """A mask of 0 and 1; a picture holds 0 and one other value, which is the object.

    Raises: InputError with the place in the text, or those of a picture.
    """
    return _grid(word, option) if _is_written(word) else _picture(word, option, mask=True)


def read_probabilities(word: str, option: str) -> Grid:
    """Probabilities; the values of a picture divided by the largest it can hold.

    Raises: InputError with the place in the text, or those of a picture.
    """
    return _grid(word, option) if _is_written(word) else _picture(word, option, mask=False)


def _is_written(word: str) -> bool:
    """Whether these are rows of numbers, perhaps with a wrong one, and no picture file."""
    if _WRITTEN.fullmatch(word):
        return True
    return bool(_ROWS.fullmatch(word)) and not Path(word).is_file()


def _grid(word: str, option: str) -> Grid:
    if len(word) > MOST_CHARACTERS:
        raise InputError(
            "text-too-long",
            f"{option} has {len(word):,} characters; at most {MOST_CHARACTERS:,} are read.",
            hint="Give a picture file instead.",
            where=option,
        )
    rows, start = list[list[Fraction]](), 0
    for line in re.split(r"[;\n]", word):
        if line.strip():
            rows.append([_number(word, start, cell, option) for cell in _CELL.finditer(line)])
        start += len(line) + 1
    try:
        return Grid.of(rows)
    except InputError as error:
        raise error.at(option) from None


def _number(word: str, start: int, cell: re.Match[str], option: str) -> Fraction:
    try:
        return exact_number(cell.group(), option)
    except InputError:
        raise TextError(
            "option-value",
            f"{option} takes numbers such as 0.7, not {cell.group()!r:.40}.",
            text=word,
            start=start + cell.start(),
            end=start + cell.end(),
            hint='Numbers stand with spaces between them, rows with a semicolon: "0 1; 1 1".',
        ) from None


def _picture(word: str, option: str, *, mask: bool) -> Grid:
    from answers.data.pictures import read_pixels

    path = Path(word)
    if not path.is_file():
        raise InputError(
            "path-missing",
            f"{option} is neither rows of numbers nor a picture file: {word!r:.60}.",
            hint='Write numbers such as "0 1; 1 1", or check the name of the file.',
            where=option,
        )
    pixels = read_pixels(path)
    values = pixels.values
    height, width = pixels.size
    Grid.of([[Fraction(0)] * width] * height)  # judges its size, before its numbers are made
    if values.ndim == 3:
        if (values != values[..., :1]).any():
            raise InputError(
                "picture-not-grey",
                f"The picture '{path}' has colours; {option} takes grey ones.",
                hint="Give a picture of one channel.",
                where=option,
            )
        values = values[..., 0]
    numbers: list[list[int]] = values.tolist()
    if mask:
        return _mask_of(numbers, path, option)
    most = 65_535 if values.dtype.itemsize > 1 else 255
    return Grid.of([[Fraction(value, most) for value in row] for row in numbers])


def _mask_of(numbers: list[list[int]], path: Path, option: str) -> Grid:
    found = sorted({value for row in numbers for value in row})
    if len(found) > 2 or (len(found) == 2 and found[0] != 0):
        shown = ", ".join(map(str, found[:4])) + (", …" if len(found) > 4 else "")
        raise InputError(
            "mask-not-binary",
            f"The mask '{path}' holds {len(found)} values: {shown}. It takes 0 and one other.",
            hint="Grey borders come from a resize with a filter: resize masks by nearest.",
            where=option,
        )
    return Grid.of([[Fraction(value > 0) for value in row] for row in numbers])
