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
from functools import cached_property

from numpy.typing import ArrayLike

from answers.metrics import inputs
from answers.metrics.classification import ClassScore, Confusion
from answers.metrics.exact import exact_sum, mean, ratio
from answers.metrics.segmentation import Average, Measure

BACKGROUND = 0
ONE = Fraction(1)


@dataclass(frozen=True)
class ClassMean:
    """A mean over the classes in truth or prediction; background: whether class 0 is in it."""

    measure: Measure
    background: bool = True


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


@dataclass(frozen=True)
class SeenClasses:
    """The counts of one picture, or of several added, of the classes in truth or prediction alone.

    `score` reads them as one picture: without the background, a picture that has nothing else in
    truth and prediction scores 1, as an empty mask does where there is one object class.
    """

    scores: tuple[ClassScore, ...]

    @classmethod
    def of(cls, confusion: Confusion) -> SeenClasses:
        """The classes that occur in a confusion matrix."""
        return cls(tuple(score for score in confusion.per_class if score.is_seen))

    @cached_property
    def pixels(self) -> int:
        """How many pixels were counted."""
        return sum(score.support for score in self.scores)

    @property
    def correct(self) -> int:
        """How many pixels are right."""
        return sum(score.hits for score in self.scores)

    @property
    def has_object(self) -> bool:
        """Whether the truth holds another class than the background."""
        return any(score.support for score in self.scores if score.index != BACKGROUND)

    @property
    def is_all_background(self) -> bool:
        """Whether neither truth nor prediction holds another class than the background."""
        return all(score.index == BACKGROUND for score in self.scores)

    def pooled_score(self, wanted: ClassMean) -> Fraction | None:
        """The mean over classes; None where no class is counted."""
        return exact_sum(self.parts(wanted)) if self._counted(wanted) else None

    def score(self, wanted: ClassMean) -> Fraction:
        """The mean over classes; 1 where no class is counted."""
        return exact_sum(self.parts(wanted)) if self._counted(wanted) else ONE

    def parts(self, wanted: ClassMean) -> tuple[Fraction, ...]:
        """Fractions that add up to `score`; parts of 0 are left out.

        A sum over many pictures is far quicker over these: their denominators are small.
        """
        counted = self._counted(wanted)
        if not counted:
            return (ONE,)
        number = len(counted)
        return tuple(_part(score, wanted.measure, number) for score in counted if score.hits)

    def _counted(self, wanted: ClassMean) -> tuple[ClassScore, ...]:
        if wanted.background:
            return self.scores
        return tuple(score for score in self.scores if score.index != BACKGROUND)

    @cached_property
    def _supports(self) -> dict[int, int]:
        """The true pixels of each class that has any."""
        return {score.index: score.support for score in self.scores if score.support}

    def constant_score(self, index: int, wanted: ClassMean) -> Fraction | None:
        """What a model gets that answers one class everywhere; None where no class is counted."""
        if not self._supports:
            return None
        counted = {*self._supports, index} - (set() if wanted.background else {BACKGROUND})
        if not counted:
            return None
        support = self._supports.get(index, 0) if index in counted else 0
        answer = ClassScore(index=index, hits=support, predicted=self.pixels, support=support)
        return _part(answer, wanted.measure, len(counted))


@dataclass(frozen=True)
class ClassConstant:
    """The best model that answers one class everywhere, and its score."""

    index: int
    value: Fraction


@dataclass(frozen=True)
class ClassOverlaps:
    """The counts of each picture of a split, in its order, and the confusion matrix of all pixels.

    Averages as in `Overlaps`: `pooled` is the mean over classes of all pixels added (None: no
    class is counted); `per-image` is the mean over pictures whose truth has another class than the
    background; `per-image-all` over all pictures.
    """

    confusion: Confusion
    pictures: tuple[SeenClasses, ...]

    @classmethod
    def of(cls, pictures: Iterable[ClassOverlap], classes: int) -> ClassOverlaps:
        """Collect the counts of pictures, one at a time."""
        confusion, seen = Confusion.none(classes), list[SeenClasses]()
        for picture in pictures:
            confusion += picture.confusion
            seen.append(SeenClasses.of(picture.confusion))
        return cls(confusion, tuple(seen))

    @property
    def count(self) -> int:
        """How many pictures there are."""
        return len(self.pictures)

    @property
    def with_object(self) -> int:
        """Pictures whose truth has another class than the background."""
        return sum(picture.has_object for picture in self.pictures)

    @property
    def all_background(self) -> int:
        """Pictures with nothing but background in truth and prediction."""
        return sum(picture.is_all_background for picture in self.pictures)

    @cached_property
    def pooled(self) -> SeenClasses:
        """All counts added."""
        return SeenClasses.of(self.confusion)

    @property
    def pixel_accuracy(self) -> Fraction | None:
        """Right pixels / counted pixels; None where no pixel is counted."""
        return ratio(self.confusion.correct, self.confusion.total)

    def value(self, wanted: ClassMean, average: Average) -> Fraction | None:
        """The score, exactly; None where no picture or, pooled, no class is counted."""
        if average == "pooled":
            return self.pooled.pooled_score(wanted)
        pictures = self.counted(average)
        parts = (part for picture in pictures for part in picture.parts(wanted))
        return ratio(exact_sum(parts), len(pictures))

    def values(self, wanted: ClassMean, average: Average) -> tuple[Fraction, ...]:
        """The score of each picture that counts in a per-image average ('pooled': of all)."""
        return tuple(picture.score(wanted) for picture in self.counted(average))

    def counted(self, average: Average) -> tuple[SeenClasses, ...]:
        """The pictures that count in an average."""
        if average == "per-image":
            return tuple(picture for picture in self.pictures if picture.has_object)
        if average == "per-image-not-both-empty":
            return tuple(picture for picture in self.pictures if not picture.is_all_background)
        return self.pictures

    def best_constant(self, wanted: ClassMean, average: Average) -> ClassConstant | None:
        """The best single class everywhere (the first where equal); None where none has a score."""
        pictures, found = self.counted(average), list[ClassConstant]()
        for index in range(self.confusion.classes):
            value = self.pooled.constant_score(index, wanted)
            if average != "pooled":
                scores = (picture.constant_score(index, wanted) for picture in pictures)
                value = mean(ONE if score is None else score for score in scores)
            if value is not None:
                found.append(ClassConstant(index, value))
        return max(found, key=lambda constant: constant.value, default=None)

    @property
    def most_frequent(self) -> ClassConstant | None:
        """The class that gives the best pixel accuracy when it is answered everywhere."""
        supports = [score.support for score in self.confusion.per_class]
        share = ratio(max(supports), self.confusion.total)
        return None if share is None else ClassConstant(supports.index(max(supports)), share)


def _part(score: ClassScore, measure: Measure, number: int) -> Fraction:
    """The IoU or Dice of a class, divided by how many classes there are."""
    both = score.predicted + score.support
    if measure == "dice":
        return Fraction(2 * score.hits, both * number)
    return Fraction(score.hits, (both - score.hits) * number)


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
