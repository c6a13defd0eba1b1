"""Drawn textured surfaces, some with defects, 128x128 in colour: the sample for segmentation.

A ground or brushed surface under uneven light, with up to three defects (scratches, pits, stains)
that differ little from it, and the exact mask of them. Three surfaces of twenty have no defect:
their mask is empty. Everything is computed in whole numbers: every machine draws the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from answers.data.split import Sample, Split
from answers.samples.collection import Collection
from answers.samples.random_integers import Streams

Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]

SIZE = 128
COUNTS = {"train": 300, "test": 60}
CLASSES = ("background", "defect")
SCALE = 64
# (cosine, sine) times SCALE of 0°, 11.25°, … 168.75°.
DIRECTIONS: Integers = np.array(
    [
        *((64, 0), (63, 12), (59, 24), (53, 36), (45, 45), (36, 53), (24, 59), (12, 63)),
        *((0, 64), (-12, 63), (-24, 59), (-36, 53), (-45, 45), (-53, 36), (-59, 24), (-63, 12)),
    ],
    np.int64,
)
# The cells of the noise, (height, width) in pixels, and its strength in grey levels: how a surface
# was made.
FINISHES: tuple[tuple[tuple[int, int, int], ...], ...] = (
    ((1, 16, 9), (2, 64, 9), (32, 32, 8)),  # brushed along the rows
    ((16, 1, 9), (64, 2, 9), (32, 32, 8)),  # brushed along the columns
    ((2, 2, 9), (8, 8, 9), (32, 32, 9)),  # cast
    ((1, 1, 8), (4, 4, 10), (64, 64, 12)),  # ground
)


def split(name: str) -> Split:
    """The split 'train' (300 surfaces) or 'test' (60)."""
    return SURFACES.split(name)


def draw(index: int, split: str) -> Sample:
    """Surface number `index`: image (128, 128, 3) uint8, mask (128, 128) uint8 of 0 and 1."""
    return SURFACES.draw(index, split)


def draw_block(split: str, indices: range) -> Iterator[Sample]:
    """Draw surfaces one after another."""
    for index in indices:
        streams = Streams.named(f"surfaces/{split}", [index])
        image, mask = _paint(streams, defects=_defect_count(streams, index))
        yield Sample(name=f"surface-{index:03d}", image=image, mask=mask)


def _defect_count(streams: Streams, index: int) -> int:
    """None for three indices of every twenty, otherwise one to three."""
    return 0 if 7 * index % 20 < 3 else _one(streams, "defects", 1, 3)


def _paint(streams: Streams, defects: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """A surface and its mask."""
    canvas = _surface(streams)
    mask = np.zeros((SIZE, SIZE), np.bool_)
    for number in range(defects):
        kind = DEFECTS[_one(streams, f"{number}-kind", 0, len(DEFECTS) - 1)]
        where, change = kind(streams, f"{number}")
        canvas += where[..., None] * change
        mask |= where
    canvas += streams.integers("grain", -5, 5, (SIZE, SIZE, 3))[0]
    return canvas.clip(0, 255).astype(np.uint8), mask.astype(np.uint8)


def _surface(streams: Streams) -> Integers:
    """A surface without a defect: (SIZE, SIZE, 3)."""
    finish = FINISHES[_one(streams, "finish", 0, len(FINISHES) - 1)]
    texture = sum(
        (_noise(streams, f"octave-{height}-{width}", height, width) * strength // 128)
        for height, width, strength in finish
    )
    base = _one(streams, "base", 90, 165) + streams.integers("tint", -12, 12, (3,))[0]
    surface: Integers = base + (_light(streams) + texture)[..., None]
    return surface


def _light(streams: Streams) -> Integers:
    """Light that falls off evenly from one side to the other: (SIZE, SIZE)."""
    steps = np.arange(SIZE, dtype=np.int64) - SIZE // 2
    down = _one(streams, "light-down", -20, 20) * steps[:, None]
    right = _one(streams, "light-right", -20, 20) * steps[None, :]
    return (down + right) // SIZE


def _noise(streams: Streams, purpose: str, height: int, width: int) -> Integers:
    """Smooth noise from −128 to 127, (SIZE, SIZE): random values at the corners of cells.

    height, width: of a cell, in pixels; they divide SIZE.
    """
    corners = streams.integers(purpose, -128, 127, (SIZE // height + 1, SIZE // width + 1))[0]
    rows = _between_corners(corners, height)
    return _between_corners(rows.T, width).T


def _between_corners(corners: Integers, cell: int) -> Integers:
    """Straight lines between the rows of corners, `cell` pixels apart: (SIZE, …)."""
    positions = np.arange(SIZE, dtype=np.int64)
    first, part = positions // cell, (positions % cell)[:, None]
    return (corners[first] * (cell - part) + corners[first + 1] * part) // cell


def _one(streams: Streams, purpose: str, low: int, high: int) -> int:
    """One number from low to high."""
    return int(streams.integers(purpose, low, high)[0])


def _seen_from_inside(streams: Streams, what: str) -> tuple[Integers, Integers]:
    """Each pixel's place along and beside a random direction, from a random point.

    Both (SIZE, SIZE), in 64ths of a pixel.
    """
    row, column = streams.integers(f"{what}-place", 12, SIZE - 13, (2,))[0]
    cosine, sine = DIRECTIONS[_one(streams, f"{what}-direction", 0, len(DIRECTIONS) - 1)]
    down = np.arange(SIZE, dtype=np.int64)[:, None] - row
    right = np.arange(SIZE, dtype=np.int64)[None, :] - column
    return cosine * right + sine * down, cosine * down - sine * right


def _darker_or_brighter(streams: Streams, what: str, low: int, high: int) -> Integers:
    """A change of grey of low to high levels, either way, nearly the same in each channel: (3,)."""
    grey = _one(streams, f"{what}-change", low, high)
    change: Integers = grey + streams.integers(f"{what}-hue", -3, 3, (3,))[0]
    return change * (2 * _one(streams, f"{what}-sign", 0, 1) - 1)


def _scratch(streams: Streams, what: str) -> tuple[Booleans, Integers]:
    """A long thin line, a little bent."""
    along, beside = _seen_from_inside(streams, what)
    bend = along**2 * _one(streams, f"{what}-bend", -4, 4) // (1024 * SCALE)
    half_length = _one(streams, f"{what}-length", 14, 45) * SCALE
    half_width = _one(streams, f"{what}-width", 56, 110)
    where = (abs(along) <= half_length) & (abs(beside + bend) <= half_width)
    return where, _darker_or_brighter(streams, what, 13, 36)


def _pit(streams: Streams, what: str) -> tuple[Booleans, Integers]:
    """A small dark hole, deepest in the middle."""
    along, beside = _seen_from_inside(streams, what)
    length, width = streams.integers(f"{what}-size", 3, 8, (2,))[0] * SCALE
    distance = (along * width) ** 2 + (beside * length) ** 2
    edge = (length * width) ** 2
    depth = _one(streams, f"{what}-change", 10, 26)
    shade = -depth - depth * (edge - distance.clip(max=edge)) // edge
    return distance <= edge, shade[..., None]


def _stain(streams: Streams, what: str) -> tuple[Booleans, Integers]:
    """A blot with a ragged edge."""
    along, beside = _seen_from_inside(streams, what)
    length, width = streams.integers(f"{what}-size", 9, 22, (2,))[0] * SCALE
    ragged = 128 + _noise(streams, f"{what}-edge", 8, 8) * 3 // 5
    distance = (along * width // SCALE) ** 2 + (beside * length // SCALE) ** 2
    where = distance * 128 <= (length * width // SCALE) ** 2 * ragged
    return where, _darker_or_brighter(streams, what, 9, 22)


DEFECTS = (_scratch, _pit, _stain)

SURFACES = Collection(
    name="surfaces",
    task="segmentation",
    classes=CLASSES,
    counts=COUNTS,
    block=20,
    draw_block=draw_block,
)
