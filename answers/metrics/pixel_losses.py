"""Losses of a small mask pixel by pixel: what each costs, its exact gradient, and how they relate.

Binary cross-entropy (BCE) judges every pixel by itself, soft Dice and IoU the overlap as a whole.
Probabilities are exact fractions, so every gradient is one. D = 2J/(1 + J) holds of the Dice D and
the IoU J of the same sums; `Relation` says where it does and where it doesn't.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import log

from answers.errors import InputError
from answers.metrics.exact import mean
from answers.metrics.losses import EPSILON
from answers.metrics.segmentation import Overlap
from answers.metrics.soft_overlap import NO_SMOOTHING, SMOOTH_ONE, Smoothing, SoftOverlap, loss_of

MOST_PIXELS = 65_536

Fractions = tuple[Fraction, ...]


@dataclass(frozen=True, kw_only=True)
class Grid:
    """Numbers in rows and columns. values: row after row.

    Raises InputError `rows-of-different-lengths`, `nothing-to-measure`, `too-many-pixels`.
    """

    columns: int
    values: Fractions

    @classmethod
    def of(cls, rows: Sequence[Sequence[Fraction]]) -> Grid:
        """A grid of rows of equal length."""
        lengths = sorted({len(row) for row in rows})
        if len(lengths) > 1:
            raise InputError(
                "rows-of-different-lengths",
                f"There are rows of {lengths[0]} and of {lengths[-1]} numbers.",
                hint="Give every row as many numbers.",
            )
        if not lengths or not lengths[0]:
            raise InputError(
                "nothing-to-measure",
                "There are no pixels; a loss of nothing is 0/0.",
                hint="Give at least one number.",
            )
        if len(rows) * lengths[0] > MOST_PIXELS:
            raise InputError(
                "too-many-pixels",
                f"There are {len(rows) * lengths[0]:,} pixels; at most {MOST_PIXELS:,} are taken.",
                hint="Give a smaller picture, or a part of it.",
            )
        return cls(columns=lengths[0], values=tuple(value for row in rows for value in row))

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(self.values) // self.columns


@dataclass(frozen=True, kw_only=True)
class PixelLosses:
    """A mask, the probabilities that were answered, and every loss of them.

    mask: 0 and 1. probabilities: 0 to 1, of the same size. smoothing: of the soft losses.
    Raises InputError: `shapes-differ`, `truth-not-binary`, `not-a-probability`.
    """

    mask: Grid
    probabilities: Grid
    smoothing: Smoothing = SMOOTH_ONE

    def __post_init__(self) -> None:
        sizes = [(grid.rows, grid.columns) for grid in (self.mask, self.probabilities)]
        if sizes[0] != sizes[1]:
            (a, b), (c, d) = sizes
            raise InputError(
                "shapes-differ",
                f"The mask has {a} x {b} pixels, the probabilities {c} x {d}.",
                hint="Give one probability for each pixel of the mask.",
            )
        for value in self.mask.values:
            if value not in {0, 1}:
                raise InputError(
                    "truth-not-binary",
                    f"A pixel of the mask is {float(value):g}; it is 0 (background) or 1 (object).",
                    hint="Probabilities belong to --probabilities.",
                )
        for value in self.probabilities.values:
            if not 0 <= value <= 1:
                raise InputError(
                    "not-a-probability",
                    f"A probability is {float(value):g}; it lies between 0 and 1.",
                    hint="Logits become probabilities by a sigmoid: 1/(1 + exp(-x)).",
                )

    @property
    def size(self) -> int:
        """How many pixels there are."""
        return len(self.mask.values)

    @cached_property
    def sums(self) -> SoftOverlap:
        """Σ p t, Σ p, Σ t and the sums of squares."""
        return SoftOverlap.of_fractions(self.probabilities.values, self.mask.values)

    @cached_property
    def hard(self) -> Overlap:
        """The counts after the cut at p > 1/2."""
        said = [value > Fraction(1, 2) for value in self.probabilities.values]
        true = [value == 1 for value in self.mask.values]
        return Overlap(
            intersection=sum(a and b for a, b in zip(said, true, strict=True)),
            predicted=sum(said),
            truth=sum(true),
            pixels=self.size,
        )

    @cached_property
    def bce_pixels(self) -> tuple[float, ...]:
        """−log p where the pixel is object, −log(1 − p) where not; p within 1e-7 of 0 and 1."""
        pairs = zip(self.probabilities.values, self.mask.values, strict=True)
        own = (float(p if t else 1 - p) for p, t in pairs)
        return tuple(-log(min(max(chance, EPSILON), 1 - EPSILON)) for chance in own)

    @property
    def bce(self) -> float:
        """The mean over the pixels."""
        return sum(self.bce_pixels) / self.size

    @cached_property
    def bce_gradient(self) -> Fractions:
        """The slope of the mean by each probability: (p − t) / (p (1 − p)) / n, exactly.

        0 where p lies beyond 1e-7 of 0 or 1: Keras clips there, and training sticks.
        """
        pairs = zip(self.probabilities.values, self.mask.values, strict=True)
        return tuple(self._bce_slope(p, t) for p, t in pairs)

    def _bce_slope(self, p: Fraction, t: Fraction) -> Fraction:
        if not EPSILON <= p <= 1 - EPSILON:
            return Fraction(0)
        return (p - t) / (p * (1 - p) * self.size)

    @property
    def dice_loss(self) -> Fraction | None:
        """1 − soft Dice with the smoothing; None where it is 0/0."""
        return loss_of(self.sums.dice(self.smoothing))

    @property
    def iou_loss(self) -> Fraction | None:
        """1 − soft IoU with the smoothing; None where it is 0/0."""
        return loss_of(self.sums.iou(self.smoothing))

    @cached_property
    def dice_gradient(self) -> Fractions | None:
        """The slope of the Dice loss by each probability; None where the loss is 0/0."""
        if self.dice_loss is None:
            return None
        return self.sums.dice_slopes(self.mask.values, self.smoothing)

    @cached_property
    def iou_gradient(self) -> Fractions | None:
        """The slope of the IoU loss by each probability; None where the loss is 0/0."""
        if self.iou_loss is None:
            return None
        return self.sums.iou_slopes(self.mask.values, self.smoothing)


@dataclass(frozen=True, kw_only=True)
class Relation:
    """Whether D = 2J/(1 + J) holds of a pair of scores. of: which scores these are.

    of: hard, soft, soft-smoothed, soft-squared, pooled or mean.
    """

    of: str
    dice: Fraction
    iou: Fraction

    @property
    def from_iou(self) -> Fraction:
        """2J/(1 + J)."""
        return 2 * self.iou / (1 + self.iou)

    @property
    def holds(self) -> bool:
        """Whether the Dice score is exactly that."""
        return self.dice == self.from_iou


def relations(pictures: Sequence[PixelLosses]) -> tuple[Relation, ...]:
    """The relation for one picture in each kind of score; for several pooled and of their means.

    What is 0/0 (no object anywhere, without smoothing) has no relation and is left out.
    """
    if len(pictures) > 1:
        pooled = sum((picture.hard for picture in pictures), Overlap())
        pairs = [
            ("pooled", pooled.pooled_dice, pooled.pooled_iou),
            ("mean", mean(p.hard.dice for p in pictures), mean(p.hard.iou for p in pictures)),
        ]
    else:
        pairs = _of_one(pictures[0])
    return tuple(
        Relation(of=name, dice=dice, iou=iou)
        for name, dice, iou in pairs
        if dice is not None and iou is not None
    )


def _of_one(picture: PixelLosses) -> list[tuple[str, Fraction | None, Fraction | None]]:
    sums, smoothing = picture.sums, picture.smoothing
    found = [
        ("hard", picture.hard.pooled_dice, picture.hard.pooled_iou),
        ("soft", sums.dice(), sums.iou()),
    ]
    if smoothing != NO_SMOOTHING:
        found.append(("soft-smoothed", sums.dice(smoothing), sums.iou(smoothing)))
    return [*found, ("soft-squared", sums.squared_dice(), sums.iou())]
