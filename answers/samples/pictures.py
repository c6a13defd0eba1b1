"""Ten classes of small drawn pictures, 32x32 in colour: the sample for classification.

A figure of one of ten kinds stands somewhere on a shaded ground, tilted, in any colour and size,
among clutter, partly covered, under noise. Colour, ground, place and size are drawn in the same way
for every class, so that only the form tells the class. Everything is computed in whole numbers:
every machine draws the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from answers.data.split import Sample, Split
from answers.samples.collection import Collection
from answers.samples.random_integers import Streams

Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]

SIZE = 32
COUNTS = {"train": 4_000, "test": 1_000}
# Places and radii are counted in half pixels; turning them multiplies by SCALE, so that a length
# inside a figure is counted in 128ths of a pixel.
SCALE = 64
# (cosine, sine) times SCALE of −16°, −8°, 0°, 8°, 16°: the angles of a tilted figure.
TILTS: Integers = np.array([(62, -18), (63, -9), (64, 0), (63, 9), (62, 18)], np.int64)
# The same of 0°, 22.5°, … 157.5°: the directions of clutter.
DIRECTIONS: Integers = np.array(
    [(64, 0), (59, 24), (45, 45), (24, 59), (0, 64), (-24, 59), (-45, 45), (-59, 24)], np.int64
)
# How hard the pictures are. The strength of the noise and what a figure adds to a channel, both
# lowest to highest in grey levels, were chosen so that a small network errs now and then.
SPECKS = 3
NOISE = (7, 22)
CONTRAST = (27, 82)


@dataclass(frozen=True, kw_only=True)
class Pose:
    """Where each point lies as seen from the middle of its figure, and the figure's measures.

    across, down: (n, SIZE, SIZE), along the figure's own axes.
    radius, hole, stripe: (n, 1, 1): half the extent; of ring and frame the inner radius; the
        width of a stripe. All in 128ths of a pixel.
    round: (n, 1, 1), whether a patterned patch is a disc or a square.
    """

    across: Integers
    down: Integers
    radius: Integers
    hole: Integers
    stripe: Integers
    round: Booleans

    def rows(self, chosen: Booleans) -> Pose:
        """The pose of the chosen pictures alone; chosen: (n,)."""
        return Pose(
            across=self.across[chosen],
            down=self.down[chosen],
            radius=self.radius[chosen],
            hole=self.hole[chosen],
            stripe=self.stripe[chosen],
            round=self.round[chosen],
        )

    def disc(self, radius: Integers) -> Booleans:
        """The points at most `radius` from the middle."""
        return self.across**2 + self.down**2 <= radius**2

    def square(self, half: Integers) -> Booleans:
        """The points of a square of side 2 · `half`."""
        return (abs(self.across) <= half) & (abs(self.down) <= half)

    def patch(self) -> Booleans:
        """The ground of a pattern: a disc or a square, whatever the pattern."""
        disc, square = self.disc(self.radius), self.square(self.radius * 7 // 8)
        return (self.round & disc) | (~self.round & square)

    def striped(self, position: Integers) -> Booleans:
        """The points of every second stripe, counted along `position`."""
        every_second: Booleans = (position // self.stripe) % 2 == 0
        return every_second


def _triangle(pose: Pose) -> Booleans:
    below_top = pose.down + pose.radius
    return (2 * abs(pose.across) <= below_top) & (pose.down <= pose.radius * 3 // 4)


def _cross(pose: Pose) -> Booleans:
    half_width = pose.radius * 5 // 16
    arms = (abs(pose.across) <= half_width) | (abs(pose.down) <= half_width)
    return arms & pose.square(pose.radius)


def _checkerboard(pose: Pose) -> Booleans:
    fields = pose.striped(pose.across) ^ pose.striped(pose.down)
    return pose.patch() & fields


# A class and its form, in the order of the labels.
FIGURES: dict[str, Callable[[Pose], Booleans]] = {
    "disc": lambda pose: pose.disc(pose.radius),
    "ring": lambda pose: pose.disc(pose.radius) & ~pose.disc(pose.hole),
    "square": lambda pose: pose.square(pose.radius * 7 // 8),
    "frame": lambda pose: pose.square(pose.radius * 7 // 8) & ~pose.square(pose.hole * 7 // 8),
    "triangle": _triangle,
    "cross": _cross,
    "rows": lambda pose: pose.patch() & pose.striped(pose.down),
    "columns": lambda pose: pose.patch() & pose.striped(pose.across),
    "diagonals": lambda pose: pose.patch() & pose.striped((pose.across + pose.down) * 45 // 64),
    "checkerboard": _checkerboard,
}
CLASSES = tuple(FIGURES)


def split(name: str) -> Split:
    """The split 'train' (4,000 pictures) or 'test' (1,000), equally many of each class."""
    return PICTURES.split(name)


def draw(index: int, split: str) -> Sample:
    """Picture number `index` of a split: (32, 32, 3) uint8; its label is index modulo 10."""
    return PICTURES.draw(index, split)


def draw_block(split: str, indices: range) -> Iterator[Sample]:
    """Draw several pictures at once, which is much faster than one by one."""
    labels = np.array(indices, np.int64) % len(CLASSES)
    images = _paint(Streams.named(f"pictures/{split}", indices), labels)
    for index, label, image in zip(indices, labels.tolist(), images, strict=True):
        yield Sample(name=f"picture-{index:04d}", image=image, label=label)


def _paint(streams: Streams, labels: Integers) -> NDArray[np.uint8]:
    """The pictures of the given labels: (n, SIZE, SIZE, 3)."""
    canvas = _ground(streams)
    for number in range(SPECKS):
        _cover(canvas, _speck(streams, number), _any_colour(streams, f"speck-{number}"))
    figure, colour = _figure(_pose(streams), labels), _figure_colour(streams)
    canvas += np.where(figure[..., None], colour, 0)
    _cover(canvas, _cable(streams), _any_colour(streams, "cable"))
    canvas += _noise(streams)
    return canvas.clip(0, 255).astype(np.uint8)


def _ground(streams: Streams) -> Integers:
    """A colour that changes evenly from one side to the other: (n, SIZE, SIZE, 3)."""
    base = streams.integers("ground", 60, 195, (1, 1, 3))
    slope = streams.integers("ground-slope", -2, 2, (2, 1, 1, 3))
    steps = np.arange(SIZE, dtype=np.int64) - SIZE // 2
    ground: Integers = base + slope[:, 0] * steps[:, None, None]
    return ground + slope[:, 1] * steps[None, :, None]


def _figure_colour(streams: Streams) -> Integers:
    """What a figure adds to the ground: it is brighter or darker, and of any hue, (n, 1, 1, 3)."""
    amount = streams.integers("contrast", *CONTRAST, (1, 1, 3))
    sign = 2 * streams.integers("contrast-sign", 0, 1, (1, 1, 1)) - 1
    return amount * sign


def _any_colour(streams: Streams, what: str) -> Integers:
    return streams.integers(f"{what}-colour", 20, 235, (1, 1, 3))


def _noise(streams: Streams) -> Integers:
    """Equally distributed noise of each picture's own strength: (n, SIZE, SIZE, 3)."""
    strength = streams.integers("noise-strength", *NOISE, (1, 1, 1))
    noise = streams.integers("noise", -64, 64, (SIZE, SIZE, 3))
    return (noise * strength) // 64


def _cover(canvas: Integers, where: Booleans, colour: Integers) -> None:
    """Paint over the canvas in place; where: (n, SIZE, SIZE), colour: (n, 1, 1, 3)."""
    np.copyto(canvas, colour, where=where[..., None])


def _seen_from(row: Integers, column: Integers, direction: Integers) -> tuple[Integers, Integers]:
    """Each pixel's place along and beside a direction, from a point given in half pixels.

    row, column: (n,); direction: (n, 2), (cosine, sine) times SCALE.
    Returns two arrays (n, SIZE, SIZE) in 128ths of a pixel.
    """
    steps = 2 * np.arange(SIZE, dtype=np.int64)
    down = steps[None, :, None] - row[:, None, None]
    right = steps[None, None, :] - column[:, None, None]
    cosine, sine = direction[:, 0, None, None], direction[:, 1, None, None]
    return cosine * right + sine * down, cosine * down - sine * right


def _place(streams: Streams, what: str, low: int, high: int) -> tuple[Integers, Integers]:
    """A row and a column in half pixels, (n,) each."""
    place = streams.integers(f"{what}-place", low, high, (2,))
    return place[:, 0], place[:, 1]


def _pose(streams: Streams) -> Pose:
    """Place, tilt and size of each picture's figure, drawn without a look at its class."""
    tilt = TILTS[streams.integers("tilt", 0, len(TILTS) - 1)]
    across, down = _seen_from(*_place(streams, "figure", 24, 39), tilt)
    radius = streams.integers("radius", 16, 24, (1, 1)) * SCALE
    return Pose(
        across=across,
        down=down,
        radius=radius,
        hole=radius * streams.integers("hole", 8, 11, (1, 1)) // 16,
        stripe=streams.integers("stripe", 5, 8, (1, 1)) * SCALE,
        round=streams.integers("round", 0, 1, (1, 1)) == 1,
    )


def _figure(pose: Pose, labels: Integers) -> Booleans:
    """The points of each picture's figure, as its label says: (n, SIZE, SIZE)."""
    figure = np.zeros(pose.across.shape, np.bool_)
    for label, form in enumerate(FIGURES.values()):
        chosen = labels == label
        figure[chosen] = form(pose.rows(chosen))
    return figure


def _speck(streams: Streams, number: int) -> Booleans:
    """A small ellipse anywhere: clutter behind the figure."""
    direction = DIRECTIONS[streams.integers(f"speck-{number}-direction", 0, 7)]
    along, beside = _seen_from(*_place(streams, f"speck-{number}", 0, 2 * SIZE), direction)
    size = streams.integers(f"speck-{number}-size", 2, 6, (2, 1, 1)) * SCALE
    length, width = size[:, 0], size[:, 1]
    return (along * width) ** 2 + (beside * length) ** 2 <= (length * width) ** 2


def _cable(streams: Streams) -> Booleans:
    """A thin straight line before the figure, which cuts it or passes by."""
    direction = DIRECTIONS[streams.integers("cable-direction", 0, 7)]
    _, beside = _seen_from(*_place(streams, "cable", 8, 56), direction)
    return abs(beside) <= streams.integers("cable-width", 1, 2, (1, 1)) * SCALE


PICTURES = Collection(
    name="pictures",
    task="classification",
    classes=CLASSES,
    counts=COUNTS,
    block=100,
    draw_block=draw_block,
)
