"""Segmentation into several classes: IoU and Dice of each class, and their means.

Convention (reference `metrics-notes.md`): one confusion matrix of all pixels of the set, the
mean over the classes in truth or prediction, with the background and without; pixels of the
ignore label leave truth and prediction (Keras, scikit-learn; MONAI and torchmetrics'
`segmentation.mean_iou` go per image).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction

from numpy.typing import ArrayLike

from answers.metrics import inputs
from answers.metrics.classification import ClassScore, Confusion
from answers.metrics.exact import mean, ratio

BACKGROUND = 0


@dataclass(frozen=True)
class ClassOverlap:
    """The pixels of one picture, or of several added, as counts[truth][predicted].

    All scores are exact; None stands for 0/0: a class, or every class, in neither mask.
    """

    confusion: Confusion

    @classmethod
    def of(
        cls,
        truth: ArrayLike,
        predicted: ArrayLike,
        classes: int,
        *,
        ignore_label: int | None = None,
    ) -> ClassOverlap:
        """Count one picture: two arrays of equal shape, whole numbers 0 … classes − 1.

        The truth may also hold the ignore label, inside or outside that range.
        Raises InputError: `shapes-differ`, `nothing-to-measure`, `label-out-of-range`.
        """
        inputs.class_count(classes)
        true = inputs.whole_numbers(truth, "truth")
        answered = inputs.whole_numbers(predicted, "prediction")
        inputs.require_same_shape(answered.shape, true.shape)
        inputs.require_some(true.size)
        inputs.require_labels_below(answered, classes, "prediction")
        if ignore_label is not None:
            counted = true != ignore_label
            true, answered = true[counted], answered[counted]
        inputs.require_labels_below(true, classes, "truth")
        return cls(Confusion.counted(true, answered, classes))

    def __add__(self, other: ClassOverlap) -> ClassOverlap:
        return ClassOverlap(self.confusion + other.confusion)

    @property
    def pixels(self) -> int:
        """How many pixels were counted."""
        return self.confusion.total

    @property
    def pixel_accuracy(self) -> Fraction | None:
        """Right pixels / counted pixels; None where every pixel is ignored."""
        return ratio(self.confusion.correct, self.confusion.total)

    @property
    def iou(self) -> tuple[Fraction | None, ...]:
        """The IoU of each class; None for a class in neither truth nor prediction."""
        return tuple(map(_iou, self.confusion.per_class))

    @property
    def dice(self) -> tuple[Fraction | None, ...]:
        """The Dice of each class (its F1); None for a class in neither truth nor prediction."""
        return tuple(map(_dice, self.confusion.per_class))

    @property
    def mean_iou(self) -> Fraction | None:
        """Over the classes in truth or prediction, background included."""
        return _mean_of_defined(self.iou)

    @property
    def mean_dice(self) -> Fraction | None:
        """Over the classes in truth or prediction, background included."""
        return _mean_of_defined(self.dice)

    @property
    def mean_iou_without_background(self) -> Fraction | None:
        """Over the classes in truth or prediction except class 0."""
        return _mean_of_defined(self.iou[BACKGROUND + 1 :])

    @property
    def mean_dice_without_background(self) -> Fraction | None:
        """Over the classes in truth or prediction except class 0."""
        return _mean_of_defined(self.dice[BACKGROUND + 1 :])

    @property
    def mean_iou_of_truth_classes(self) -> Fraction | None:
        """Over the classes in the truth alone: classes only predicted cost nothing."""
        return _mean_of_defined(_iou(score) for score in self.confusion.per_class if score.support)


def mean_over_pictures(
    pictures: Iterable[ClassOverlap], measure: Callable[[ClassOverlap], Fraction | None]
) -> Fraction | None:
    """The mean of a measure over pictures; those where it is undefined are left out.

    For example `mean_over_pictures(pictures, lambda picture: picture.mean_iou)`.
    """
    return _mean_of_defined(map(measure, pictures))


def _iou(score: ClassScore) -> Fraction | None:
    return ratio(score.hits, score.predicted + score.support - score.hits)


def _dice(score: ClassScore) -> Fraction | None:
    return ratio(2 * score.hits, score.predicted + score.support)


def _mean_of_defined(values: Iterable[Fraction | None]) -> Fraction | None:
    return mean(value for value in values if value is not None)
