"""A picture and its mask in the terminal: two pixels in a character where there is colour."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from answers.data.check.shown import Shown
from companion.views.data_pictures import fitted, overlay
from companion.views.paper import Paper
from companion.views.printable import printable

_WIDEST = 38
_GAP = 2
_RAMP = " .,:;-=+"  # dark to light; '#' is kept for the object


def draw(paper: Paper, shown: Shown) -> None:
    """The picture, beside it the picture with its mask, and a line that says what it is."""
    width = max(8, min(_WIDEST, (paper.columns - _GAP) // 2))
    height = 2 * max(1, round(width * shown.photo.shape[0] / shown.photo.shape[1] / 2))
    photo, marks = fitted(shown, height, width)
    lines = _coloured(photo, marks) if paper.styled else _plain(photo, marks)
    for line in lines:
        paper.as_it_is(line)
    share = f"{float(shown.share):.1%} object"
    paper.line(f"{printable(shown.name)} ({printable(shown.split)}), {share}", bold=True)


def _coloured(photo: NDArray[np.uint8], marks: NDArray[np.bool_]) -> Iterator[str]:
    pixels = overlay(photo, marks)
    for top in range(0, len(photo), 2):
        left, right = (blocks(image[top], image[top + 1]) for image in (photo, pixels))
        yield left + " " * _GAP + right


def blocks(above: NDArray[np.uint8], below: NDArray[np.uint8]) -> str:
    """A line of upper half blocks: the ink is the pixel above, the paper the one below."""
    cells = (
        f"\033[38;2;{a[0]};{a[1]};{a[2]};48;2;{b[0]};{b[1]};{b[2]}m▀"
        for a, b in zip(above.tolist(), below.tolist(), strict=True)
    )
    return "".join(cells) + "\033[0m"


def _plain(photo: NDArray[np.uint8], marks: NDArray[np.bool_]) -> Iterator[str]:
    shades = _shades(photo)
    for left, right in zip(shades, marked(photo, marks), strict=True):
        yield (left + " " * _GAP + right).rstrip()


def _shades(photo: NDArray[np.uint8]) -> list[str]:
    """The photo in plain characters, two pixels high each."""
    grey = photo.mean(axis=2).reshape(len(photo) // 2, 2, -1).mean(axis=1)
    levels = (grey * len(_RAMP) / 256).astype(int)
    return ["".join(_RAMP[level] for level in line) for line in levels.tolist()]


def marked(photo: NDArray[np.uint8], marks: NDArray[np.bool_]) -> list[str]:
    """The photo in plain characters, with '#' where the object is."""
    held = np.logical_or(marks[::2], marks[1::2]).tolist()
    return [
        "".join("#" if is_object else shade for is_object, shade in zip(objects, line, strict=True))
        for objects, line in zip(held, _shades(photo), strict=True)
    ]
