"""Colours for the classes of a map; the first seven are told apart by everybody."""

from __future__ import annotations

import colorsys
from collections.abc import Mapping

# Okabe and Ito 2008: orange, sky blue, bluish green, yellow, blue, vermilion, reddish purple.
_OKABE_ITO = (
    (230, 159, 0),
    (86, 180, 233),
    (0, 158, 115),
    (240, 228, 66),
    (0, 114, 178),
    (213, 94, 0),
    (204, 121, 167),
)
IGNORED = (0, 0, 0)
_GOLDEN = 0.6180339887498949  # steps of the golden ratio keep every new hue away from the last ones

Colour = tuple[int, int, int]
Tints = Mapping[int, Colour]


def class_colour(index: int) -> Colour:
    """The colour of a class from 1 on; class 0 has none, the picture shows through."""
    if index <= len(_OKABE_ITO):
        return _OKABE_ITO[index - 1]
    red, green, blue = colorsys.hsv_to_rgb(_GOLDEN * index % 1, 0.65, 0.9)
    return round(255 * red), round(255 * green), round(255 * blue)


def tints(classes: int, ignored: int | None) -> dict[int, Colour]:
    """The colour of each label that is drawn over a picture."""
    found = {index: class_colour(index) for index in range(1, classes)}
    return found if ignored is None else found | {ignored: IGNORED}


def css(colour: Colour) -> str:
    """A colour as a style sheet writes it."""
    return "#{:02x}{:02x}{:02x}".format(*colour)
