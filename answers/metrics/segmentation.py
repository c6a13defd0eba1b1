"""Binary segmentation: the overlap of two masks, counted per picture and pooled.

Dice D = 2I/(P + G) (Dice 1945, Sorensen 1948), IoU J = I/(P + G − I) (Jaccard 1912);
D = 2J/(1 + J) for one picture and for pooled counts, not for means. Conventions (reference
`metrics-notes.md`): object where p > 0.5, strictly; of one picture, both masks empty = 1 and a
prediction on an empty truth = 0; pooled, all empty is undefined.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from answers.errors import InputError
from answers.metrics import inputs
from answers.metrics.exact import mean, ratio

CUT = 0.5
NEAR = 1e-5

Measure = Literal["dice", "iou"]
Average = Literal["pooled", "per-image", "per-image-all", "per-image-not-both-empty"]
Constant = Literal["background", "object"]

ONE = Fraction(1)


@dataclass(frozen=True, kw_only=True)
class NearCut:
    """Pixels whose probability lies so near the cut that another machine may flip them.

    missed: object in the truth, background in the prediction; flipping one helps.
    false: background in the truth, object in the prediction; flipping one helps.
    hit: object in both; flipping one hurts. clear: background in both; flipping one hurts.
    """

    missed: int = 0
    false: int = 0
    hit: int = 0
    clear: int = 0

    @property
    def helping(self) -> int:
        """How many pixels are wrong now, and would be right if flipped."""
        return self.missed + self.false

    @property
    def hurting(self) -> int:
        """How many pixels are right now, and would be wrong if flipped."""
        return self.hit + self.clear

    @property
    def count(self) -> int:
        """How many pixels lie near the cut."""
        return self.helping + self.hurting

    def __add__(self, other: NearCut) -> NearCut:
        return NearCut(
            missed=self.missed + other.missed,
            false=self.false + other.false,
            hit=self.hit + other.hit,
            clear=self.clear + other.clear,
        )


@dataclass(frozen=True, kw_only=True)
class Overlap:
    """The counts of one picture, or of several added: `sum(overlaps, Overlap())`.

    intersection: pixels that are object in both. predicted: object in the prediction.
    truth: object in the truth. pixels: all that count. near_cut: see NearCut.
    `dice` and `iou` read the counts as one picture, `pooled_dice` and `pooled_iou` as a sum.
    """

    intersection: int = 0
    predicted: int = 0
    truth: int = 0
    pixels: int = 0
    near_cut: NearCut = field(default_factory=NearCut)

    def __post_init__(self) -> None:
        near = self.near_cut
        rooms = (
            (near.hit, self.intersection),
            (near.false, self.predicted - self.intersection),
            (near.missed, self.truth - self.intersection),
            (near.clear, self.pixels - self.union),
        )
        if any(not 0 <= part <= whole for part, whole in rooms):
            raise InputError(
                "overlap-impossible",
                f"No two masks have these counts: intersection {self.intersection}, predicted "
                f"{self.predicted}, truth {self.truth}, pixels {self.pixels}, near the cut {near}.",
                hint="Make the counts with Overlap.of.",
            )

    @classmethod
    def of(
        cls,
        probabilities: ArrayLike,
        truth: ArrayLike,
        *,
        cut: float = CUT,
        ignore_label: int | None = None,
    ) -> Overlap:
        """Count one picture.

        probabilities: (height, width) of [0, 1]; object where p > cut, in the array's precision.
        truth: the same shape, whole numbers 0 and 1; pixels of the ignore label leave both masks.
        Raises InputError: `shapes-differ`, `nothing-to-measure`, `probabilities-not-finite`,
        `not-a-probability`, `truth-not-binary`.
        """
        chances = inputs.number_array(probabilities, "probabilities")
        labels = inputs.whole_numbers(truth, "truth")
        inputs.require_same_shape(chances.shape, labels.shape)
        inputs.require_some(labels.size)
        inputs.require_probabilities(chances)
        if ignore_label is not None:
            counted = labels != ignore_label
            chances, labels = chances[counted], labels[counted]
        inputs.require_binary(labels)
        return _count(chances, labels.astype(np.bool_), cut)

    def __add__(self, other: Overlap) -> Overlap:
        return Overlap(
            intersection=self.intersection + other.intersection,
            predicted=self.predicted + other.predicted,
            truth=self.truth + other.truth,
            pixels=self.pixels + other.pixels,
            near_cut=self.near_cut + other.near_cut,
        )

    @property
    def union(self) -> int:
        """Pixels that are object in the truth or in the prediction."""
        return self.predicted + self.truth - self.intersection

    @property
    def is_both_empty(self) -> bool:
        """Whether neither mask has an object pixel."""
        return self.union == 0

    @property
    def is_false_alarm(self) -> bool:
        """Whether something is predicted where the truth is empty."""
        return self.truth == 0 and self.predicted > 0

    @property
    def pooled_dice(self) -> Fraction | None:
        """2I / (P + G); None where nothing is object anywhere."""
        return ratio(2 * self.intersection, self.predicted + self.truth)

    @property
    def pooled_iou(self) -> Fraction | None:
        """I / (P + G − I); None where nothing is object anywhere."""
        return ratio(self.intersection, self.union)

    @property
    def dice(self) -> Fraction:
        """Dice of one picture: 1 where both masks are empty."""
        return (
            ONE
            if self.is_both_empty
            else Fraction(2 * self.intersection, self.predicted + self.truth)
        )

    @property
    def iou(self) -> Fraction:
        """IoU of one picture: 1 where both masks are empty."""
        return ONE if self.is_both_empty else Fraction(self.intersection, self.union)

    @property
    def pixel_accuracy(self) -> Fraction | None:
        """Right pixels / pixels; None where every pixel is ignored."""
        return ratio(self.pixels - self.union + self.intersection, self.pixels)

    @property
    def precision(self) -> Fraction | None:
        """I / P; None where nothing is predicted."""
        return ratio(self.intersection, self.predicted)

    @property
    def recall(self) -> Fraction | None:
        """I / G; None where the truth is empty."""
        return ratio(self.intersection, self.truth)

    @property
    def mean_iou_with_background(self) -> Fraction | None:
        """The mean of the IoU of object and background, of those that occur (Keras' default).

        It flatters: predicting nothing scores nearly 1/2 on small objects.
        """
        clear = self.pixels - self.union
        background = ratio(clear, self.pixels - self.intersection)
        return mean(part for part in (self.pooled_iou, background) if part is not None)

    @property
    def at_best(self) -> Overlap:
        """The counts if every pixel near the cut that is wrong were flipped."""
        near = self.near_cut
        return Overlap(
            intersection=self.intersection + near.missed,
            predicted=self.predicted + near.missed - near.false,
            truth=self.truth,
            pixels=self.pixels,
        )

    def of_constant(self, answer: Constant) -> Overlap:
        """The counts of a model that answers the same everywhere, on the same truth."""
        if answer == "background":
            return Overlap(truth=self.truth, pixels=self.pixels)
        return Overlap(
            intersection=self.truth, predicted=self.pixels, truth=self.truth, pixels=self.pixels
        )


@dataclass(frozen=True)
class ConstantAnswer:
    """The best model that answers the same everywhere, and its score; answer: the class's name."""

    answer: str
    value: Fraction


@dataclass(frozen=True)
class Overlaps:
    """The counts of each picture of a split, in its order.

    Averages: `pooled` adds the counts first (None: nothing is object anywhere); `per-image` is
    the mean over pictures whose truth has an object; `per-image-all` over all pictures, both
    empty = 1; `per-image-not-both-empty` leaves those out and keeps false alarms as 0.
    """

    pictures: tuple[Overlap, ...]

    @classmethod
    def of(cls, pictures: Iterable[Overlap]) -> Overlaps:
        """Collect the counts of pictures."""
        return cls(tuple(pictures))

    @property
    def count(self) -> int:
        """How many pictures there are."""
        return len(self.pictures)

    @property
    def both_empty(self) -> int:
        """Pictures where neither truth nor prediction has an object pixel."""
        return sum(picture.is_both_empty for picture in self.pictures)

    @property
    def false_alarms(self) -> int:
        """Pictures with an empty truth where something is predicted."""
        return sum(picture.is_false_alarm for picture in self.pictures)

    @property
    def with_object(self) -> int:
        """Pictures whose truth has an object."""
        return sum(picture.truth > 0 for picture in self.pictures)

    @cached_property
    def pooled(self) -> Overlap:
        """All counts added."""
        return sum(self.pictures, Overlap())

    def value(self, measure: Measure, average: Average) -> Fraction | None:
        """The score, exactly; None where no picture counts or, pooled, nothing is object.

        A mean over thousands of pictures has thousands of digits: compare it, show its float.
        """
        if average == "pooled":
            return self.pooled.pooled_dice if measure == "dice" else self.pooled.pooled_iou
        return mean(self.values(measure, average))

    def values(self, measure: Measure, average: Average) -> tuple[Fraction, ...]:
        """The score of each picture that counts in a per-image average ('pooled': of all)."""
        chosen = self.counted(average)
        if measure == "dice":
            return tuple(picture.dice for picture in chosen)
        return tuple(picture.iou for picture in chosen)

    def counted(self, average: Average) -> tuple[Overlap, ...]:
        """The pictures that count in an average."""
        if average == "per-image":
            return tuple(picture for picture in self.pictures if picture.truth)
        if average == "per-image-not-both-empty":
            return tuple(picture for picture in self.pictures if not picture.is_both_empty)
        return self.pictures

    @cached_property
    def at_best(self) -> Overlaps:
        """The same pictures, each pixel near the cut decided for the student."""
        return Overlaps(tuple(picture.at_best for picture in self.pictures))

    def of_constant(self, answer: Constant) -> Overlaps:
        """What a model that answers the same everywhere gets on these truths."""
        return Overlaps(tuple(picture.of_constant(answer) for picture in self.pictures))

    def best_constant(self, measure: Measure, average: Average) -> ConstantAnswer | None:
        """The better constant model (background where equal); None where neither has a score."""
        scored = [
            ConstantAnswer(answer, value)
            for answer in _CONSTANTS
            if (value := self.of_constant(answer).value(measure, average)) is not None
        ]
        return max(scored, key=lambda constant: constant.value, default=None)


_CONSTANTS: tuple[Constant, ...] = ("background", "object")


def _count(chances: NDArray[Any], truth: NDArray[np.bool_], cut: float) -> Overlap:
    predicted = chances > cut
    return Overlap(
        intersection=int(np.count_nonzero(predicted & truth)),
        predicted=int(np.count_nonzero(predicted)),
        truth=int(np.count_nonzero(truth)),
        pixels=truth.size,
        near_cut=_count_near(np.abs(chances - cut) <= NEAR, predicted, truth),
    )


def _count_near(
    near: NDArray[np.bool_], predicted: NDArray[np.bool_], truth: NDArray[np.bool_]
) -> NearCut:
    if not near.any():
        return NearCut()
    said, true = predicted[near], truth[near]
    return NearCut(
        missed=int(np.count_nonzero(true & ~said)),
        false=int(np.count_nonzero(said & ~true)),
        hit=int(np.count_nonzero(said & true)),
        clear=int(np.count_nonzero(~said & ~true)),
    )
