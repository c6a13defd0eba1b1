"""Classification: the answer of scores, the confusion matrix, and what is counted from it.

Conventions (reference `metrics-notes.md`, 'Recommended defaults'): argmax with the first index
winning ties; rows of the matrix are the truth, columns the prediction; 0/0 counts as 0 and the
class is listed; the macro mean over all classes stands beside the mean over the classes seen;
macro F1 is the mean of the F1s, not the F1 of macro precision and recall (Opitz and Burst 2019).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from answers.errors import InputError
from answers.metrics import inputs
from answers.metrics.exact import ZERO, exact_sum, mean, ratio_or_zero


def answers_of(scores: ArrayLike) -> NDArray[np.intp]:
    """The answered class of each row: the first index of the largest score (−0.0 equals 0.0).

    scores: (…, classes) finite numbers, probabilities or logits. Answers the shape (…).
    Raises InputError `scores-not-finite` with the count and the first place.
    """
    return np.asarray(np.argmax(inputs.score_array(scores), axis=-1))


@dataclass(frozen=True, kw_only=True)
class ClassScore:
    """The counts of one class, and the scores made of them; 0/0 counts as 0.

    hits: rows of the class that were predicted as the class (true positives).
    predicted: rows predicted as the class. support: rows that are of the class.
    """

    index: int
    hits: int
    predicted: int
    support: int

    @property
    def precision(self) -> Fraction:
        """TP / (TP + FP), 0 when the class is never predicted."""
        return ratio_or_zero(self.hits, self.predicted)

    @property
    def recall(self) -> Fraction:
        """TP / (TP + FN), 0 when the class never occurs."""
        return ratio_or_zero(self.hits, self.support)

    @property
    def f1(self) -> Fraction:
        """2 TP / (2 TP + FP + FN), 0 when the class is neither predicted nor occurs."""
        return ratio_or_zero(2 * self.hits, self.predicted + self.support)

    @property
    def is_seen(self) -> bool:
        """Whether the class occurs in the truth or in the prediction."""
        return self.predicted + self.support > 0


@dataclass(frozen=True, kw_only=True)
class Averages:
    """Precision, recall and F1, each averaged over classes in the same way."""

    precision: Fraction
    recall: Fraction
    f1: Fraction


@dataclass(frozen=True, kw_only=True)
class ConfusedPair:
    """How often the class `truth` was answered with the class `predicted`."""

    truth: int
    predicted: int
    count: int


@dataclass(frozen=True)
class Confusion:
    """Counted answers: counts[truth][predicted]. Batches are added, never averaged.

    counts: as many rows as columns, whole numbers from 0.
    """

    counts: tuple[tuple[int, ...], ...]

    def __post_init__(self) -> None:
        inputs.class_count(len(self.counts))
        if any(len(row) != len(self.counts) or min(row) < 0 for row in self.counts):
            raise InputError(
                "confusion-impossible",
                f"A confusion matrix of {len(self.counts)} rows needs as many columns, "
                "and counts from 0.",
                hint="Make it with Confusion.of.",
            )

    @classmethod
    def of(cls, truth: ArrayLike, predicted: ArrayLike, classes: int) -> Confusion:
        """Count labels: (n,) or (n, 1) whole numbers from 0 to classes − 1.

        Raises InputError: `nothing-to-measure`, `lengths-differ`, `label-out-of-range`,
        `labels-not-whole-numbers`, `labels-not-one-per-row`.
        """
        inputs.class_count(classes)
        true = inputs.label_vector(truth, "truth")
        answered = inputs.label_vector(predicted, "prediction")
        inputs.require_same_length(true.size, answered.size)
        inputs.require_labels_below(true, classes, "truth")
        inputs.require_labels_below(answered, classes, "prediction")
        return cls.counted(true, answered, classes)

    @classmethod
    def counted(cls, truth: NDArray[np.int_], predicted: NDArray[np.int_], n: int) -> Confusion:
        """Count label arrays of equal shape that are known to lie in 0 … n − 1; may be empty."""
        cells = truth.astype(np.int64).ravel() * n + predicted.astype(np.int64).ravel()
        table = np.bincount(cells, minlength=n * n).reshape(n, n)
        return cls(tuple(tuple(row) for row in table.tolist()))

    @classmethod
    def none(cls, classes: int) -> Confusion:
        """Nothing counted yet: where a sum over batches starts."""
        return cls(((0,) * inputs.class_count(classes),) * classes)

    def __add__(self, other: Confusion) -> Confusion:
        if self.classes != other.classes:
            raise InputError(
                "class-counts-differ",
                f"Counts of {self.classes} and of {other.classes} classes cannot be added.",
                hint="Measure all batches with the same number of classes.",
            )
        pairs = zip(self.counts, other.counts, strict=True)
        return Confusion(tuple(tuple(a + b for a, b in zip(r, s, strict=True)) for r, s in pairs))

    @property
    def classes(self) -> int:
        """How many classes there are."""
        return len(self.counts)

    @cached_property
    def total(self) -> int:
        """How many answers were counted."""
        return sum(map(sum, self.counts))

    @cached_property
    def correct(self) -> int:
        """How many answers are right: the diagonal."""
        return sum(row[i] for i, row in enumerate(self.counts))

    @property
    def accuracy(self) -> Fraction:
        """Correct answers / total, exactly. Raises InputError `nothing-to-measure` when total is 0."""
        inputs.require_some(self.total)
        return Fraction(self.correct, self.total)

    @cached_property
    def per_class(self) -> tuple[ClassScore, ...]:
        """The scores of each class, in the order of the classes."""
        predicted = [sum(column) for column in zip(*self.counts, strict=True)]
        return tuple(
            ClassScore(index=i, hits=row[i], predicted=predicted[i], support=sum(row))
            for i, row in enumerate(self.counts)
        )

    @property
    def undefined_precision(self) -> tuple[int, ...]:
        """Classes never predicted: their precision is 0/0, counted as 0."""
        return tuple(score.index for score in self.per_class if not score.predicted)

    @property
    def undefined_recall(self) -> tuple[int, ...]:
        """Classes that never occur: their recall is 0/0, counted as 0."""
        return tuple(score.index for score in self.per_class if not score.support)

    @property
    def undefined_f1(self) -> tuple[int, ...]:
        """Classes in neither truth nor prediction: their F1 is 0/0, counted as 0."""
        return tuple(score.index for score in self.per_class if not score.is_seen)

    @property
    def macro(self) -> Averages:
        """The plain mean over all classes; a class in neither truth nor prediction counts 0."""
        return _averages(self.per_class, _plain_mean)

    @property
    def macro_seen(self) -> Averages:
        """The plain mean over the classes in truth or prediction (scikit-learn's default)."""
        return _averages([score for score in self.per_class if score.is_seen], _plain_mean)

    @property
    def balanced_accuracy(self) -> Fraction:
        """The mean recall of the classes in the truth (torchmetrics calls nearly this accuracy)."""
        return _plain_mean([score.recall for score in self.per_class if score.support])

    @property
    def micro(self) -> Averages:
        """Of the pooled counts: with one label a row, all three are the accuracy."""
        return Averages(precision=self.accuracy, recall=self.accuracy, f1=self.accuracy)

    @property
    def weighted(self) -> Averages:
        """The mean weighted by how often each class occurs in the truth."""
        inputs.require_some(self.total)
        weights = [Fraction(score.support, self.total) for score in self.per_class]
        return _averages(
            self.per_class,
            lambda values: exact_sum(w * v for w, v in zip(weights, values, strict=True)),
        )

    def largest_confusions(self, most: int = 3) -> tuple[ConfusedPair, ...]:
        """The most frequent wrong answers, largest first; equal ones in the order of classes."""
        pairs = [
            ConfusedPair(truth=i, predicted=j, count=count)
            for i, row in enumerate(self.counts)
            for j, count in enumerate(row)
            if i != j and count
        ]
        return tuple(sorted(pairs, key=lambda pair: -pair.count)[:most])


def _averages(
    scores: Iterable[ClassScore], average: Callable[[list[Fraction]], Fraction]
) -> Averages:
    listed = list(scores)
    return Averages(
        precision=average([score.precision for score in listed]),
        recall=average([score.recall for score in listed]),
        f1=average([score.f1 for score in listed]),
    )


def _plain_mean(values: list[Fraction]) -> Fraction:
    inputs.require_some(len(values))
    return mean(values) or ZERO
