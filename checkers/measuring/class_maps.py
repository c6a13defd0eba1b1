"""Measuring a segmentation model with several classes: a channel a class → counts of each picture.

The answer of a pixel is the channel with the largest value, the first one where several are equal
(reference `metrics-notes.md`); one confusion matrix of all pixels, and the classes of each picture.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from answers.metrics.class_overlap import ClassMean, ClassOverlap, ClassOverlaps, SeenClasses
from answers.metrics.classification import Confusion, answers_of
from answers.metrics.segmentation import NEAR
from checkers.assignment.assignment import Resolution
from checkers.measuring.answer import Answer
from checkers.measuring.classification import Unmeasured
from checkers.measuring.one_size import at_one_size
from checkers.measuring.stream import Predicted
from checkers.measuring.uncounted import Uncounted
from checkers.measuring.validity import Validity
from checkers.measuring.worst_pictures import WorstPicture, WorstPictures
from checkers.model_file.record import Finding


@dataclass(frozen=True, kw_only=True)
class ClassConventions:
    """How several classes are measured.

    classes: their names, at least those of the data. background: whether class 0 is in the means
    that checks use. ignore: the label of pixels that don't count.
    """

    classes: tuple[str, ...]
    resolution: Resolution = "model"
    background: bool = True
    ignore: int | None = None


@dataclass(frozen=True, kw_only=True)
class ClassMapped:
    """What a model with a channel a class did on a split: the counts of each picture, in its order.

    classes: a name for each channel. at_best: the counts if every pixel within 1e-5 of a tie went
    the student's way; near_ties: how many such pixels there are. ignored: pixels that don't count.
    """

    names: tuple[str, ...]
    classes: tuple[str, ...]
    overlaps: ClassOverlaps
    at_best: ClassOverlaps
    near_ties: int
    resolution: Resolution
    background: bool
    worst: tuple[WorstPicture, ...]
    ignored: int = 0

    @property
    def dice(self) -> ClassMean:
        """The mean Dice that pictures are ordered by, and that checks use."""
        return ClassMean("dice", self.background)


def measure_class_maps(
    batches: Iterable[list[Predicted]], answer: Answer, conventions: ClassConventions
) -> tuple[ClassMapped | Unmeasured, tuple[Finding, ...]]:
    """The counts of all pictures, and remarks about the answers."""
    counting = _Counting(answer, conventions)
    for batch in batches:
        for item in batch:
            counting.add(item)
    if counting.validity.faults:
        return Unmeasured(faults=counting.validity.faults), ()
    result = counting.result()
    remarks = (*counting.uncounted.remarks, *_constant(result))
    return result, remarks


@dataclass(frozen=True)
class _Compared:
    """The true and the answered class of each pixel of a picture; best: with ties given."""

    truth: NDArray[np.uint8]
    answered: NDArray[np.intp]
    best: NDArray[np.intp]
    near_ties: int


def _compared(item: Predicted, answer: Answer, conventions: ClassConventions) -> _Compared:
    chances, truth = at_one_size(
        answer.class_chances(item.values), item.sample, conventions.resolution
    )
    answered, near = answers_of(chances), _near_the_top(chances)
    tied = np.count_nonzero(near, axis=-1) > 1
    if conventions.ignore is not None:
        tied &= truth != conventions.ignore
    if not tied.any():
        return _Compared(truth, answered, answered, 0)
    # An ignored label may lie beyond the classes; it is not tied, and only needs a place.
    true = np.minimum(truth, near.shape[-1] - 1).astype(np.intp)
    helped = tied & np.take_along_axis(near, true[..., np.newaxis], axis=-1)[..., 0]
    best = np.where(helped, true, answered)
    return _Compared(truth, answered, best, int(np.count_nonzero(tied)))


def _near_the_top(chances: NDArray[Any]) -> NDArray[np.bool_]:
    """Which classes of each pixel lie within 1e-5 of its largest value."""
    # float64, because a distance of two float32 numbers must not be rounded before it is compared.
    wide = chances.astype(np.float64, copy=False)
    return np.asarray(wide.max(axis=-1, keepdims=True) - wide <= NEAR)


@dataclass
class _Counting:
    """One pass over a split."""

    answer: Answer
    conventions: ClassConventions
    names: list[str] = field(default_factory=list)
    pictures: list[SeenClasses] = field(default_factory=list)
    best: list[SeenClasses] = field(default_factory=list)
    near_ties: int = 0

    def __post_init__(self) -> None:
        self.channels = self.answer.shape[-1] or 0
        self.confusion = Confusion.none(self.channels)
        self.best_confusion = self.confusion
        self.validity, self.worst = Validity(), WorstPictures()
        self.uncounted = Uncounted(self.conventions.ignore)

    def add(self, item: Predicted) -> None:
        """Count one picture."""
        if not self.validity.add(item.values, self.answer):
            return
        compared = _compared(item, self.answer, self.conventions)
        if self.uncounted.takes(compared.truth):
            return
        overlap = self._overlap(compared.truth, compared.answered)
        best = overlap
        if compared.best is not compared.answered:
            best = self._overlap(compared.truth, compared.best)
        seen = SeenClasses.of(overlap.confusion)
        self.names.append(item.sample.name)
        self.pictures.append(seen)
        self.best.append(seen if best is overlap else SeenClasses.of(best.confusion))
        self.confusion += overlap.confusion
        self.best_confusion += best.confusion
        self.near_ties += compared.near_ties
        dice = float(seen.score(ClassMean("dice", self.conventions.background)))
        said = compared.answered.astype(np.uint8)
        self.worst.add(WorstPicture.of(item.sample, dice, compared.truth, said))

    def _overlap(self, truth: NDArray[Any], answered: NDArray[Any]) -> ClassOverlap:
        return ClassOverlap.of(truth, answered, self.channels, ignore_label=self.conventions.ignore)

    def result(self) -> ClassMapped:
        """Everything that was counted."""
        named = self.conventions.classes[: self.channels]
        return ClassMapped(
            names=tuple(self.names),
            classes=(*named, *map(str, range(len(named), self.channels))),
            overlaps=ClassOverlaps(self.confusion, tuple(self.pictures)),
            at_best=ClassOverlaps(self.best_confusion, tuple(self.best)),
            near_ties=self.near_ties,
            resolution=self.conventions.resolution,
            background=self.conventions.background,
            worst=self.worst.sorted(),
            ignored=self.uncounted.pixels,
        )


def _constant(result: ClassMapped) -> tuple[Finding, ...]:
    answered = [score.index for score in result.overlaps.pooled.scores if score.predicted]
    if len(answered) != 1:
        return ()
    name = result.classes[answered[0]]
    return (Finding("constant-output", f"The model answers the class {name} at every pixel."),)
