"""Where the true class stands among the scores: top-k, and rows too close to call.

Libraries disagree on ties in top-k: Keras lets the truth win, scikit-learn the higher index.
Ours agrees with argmax at k = 1 (reference `metrics-notes.md`); the two extremes stand beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from answers.errors import InputError
from answers.metrics import inputs

NEAR = 1e-5


@dataclass(frozen=True, eq=False, kw_only=True)
class Ranks:
    """The rank of the true class in each row, from 0, under three rules for equal scores.

    lower_index_first: (n,) strictly larger scores + equal scores at lower indices. Our rule.
    truth_first: (n,) strictly larger scores only (Keras `SparseTopKCategoricalAccuracy`).
    truth_last: (n,) all scores at least as large.
    """

    lower_index_first: NDArray[np.intp]
    truth_first: NDArray[np.intp]
    truth_last: NDArray[np.intp]

    @classmethod
    def of(cls, scores: ArrayLike, truth: ArrayLike) -> Ranks:
        """Rank scores (n, classes) against labels (n,) or (n, 1).

        Raises InputError as `answers_of` and `Confusion.of` do.
        """
        table, labels = _table_and_labels(scores, truth)
        own = np.take_along_axis(table, labels[:, np.newaxis], axis=1)
        larger = np.count_nonzero(table > own, axis=1)
        equal = table == own
        before = equal & (np.arange(table.shape[1]) < labels[:, np.newaxis])
        return cls(
            lower_index_first=larger + np.count_nonzero(before, axis=1),
            truth_first=larger,
            truth_last=larger + np.count_nonzero(equal, axis=1) - 1,
        )

    def top_k_accuracy(self, k: int) -> Fraction:
        """The share of rows whose true class is among the k first (lower index wins ties)."""
        return _share_below(self.lower_index_first, k)

    def top_k_if_truth_wins(self, k: int) -> Fraction:
        """The same where every tie goes to the truth: a constant model gets 1."""
        return _share_below(self.truth_first, k)

    def top_k_if_truth_loses(self, k: int) -> Fraction:
        """The same where every tie goes against the truth."""
        return _share_below(self.truth_last, k)


@dataclass(frozen=True, kw_only=True)
class Ties:
    """Rows whose two largest scores are too close to trust across machines.

    rows: the two largest scores lie within the distance.
    truth_among: of those, the true class is one of the classes within it of the largest.
    gains: of those, counted wrong now: giving the student the tie adds so many right answers.
    losses: tied rows counted right now, which another machine might count wrong.
    """

    rows: int = 0
    truth_among: int = 0
    gains: int = 0
    losses: int = 0

    @classmethod
    def of(cls, scores: ArrayLike, truth: ArrayLike, *, within: float = NEAR) -> Ties:
        """Count the ties of scores (n, classes) against labels (n,) or (n, 1)."""
        table, labels = _table_and_labels(scores, truth)
        near = _near_the_top(table, within)
        tied = np.count_nonzero(near, axis=1) > 1
        among = tied & np.take_along_axis(near, labels[:, np.newaxis], axis=1)[:, 0]
        right = np.argmax(table, axis=1) == labels
        return cls(
            rows=int(np.count_nonzero(tied)),
            truth_among=int(np.count_nonzero(among)),
            gains=int(np.count_nonzero(among & ~right)),
            losses=int(np.count_nonzero(among & right)),
        )

    def __add__(self, other: Ties) -> Ties:
        return Ties(
            rows=self.rows + other.rows,
            truth_among=self.truth_among + other.truth_among,
            gains=self.gains + other.gains,
            losses=self.losses + other.losses,
        )


def tied_rows(scores: ArrayLike, *, within: float = NEAR) -> NDArray[np.intp]:
    """The indices of the rows whose two largest scores lie within the distance; 0.0: are equal."""
    table = _two_axes(inputs.score_array(scores))
    return np.flatnonzero(np.count_nonzero(_near_the_top(table, within), axis=1) > 1)


def _table_and_labels(scores: ArrayLike, truth: ArrayLike) -> tuple[NDArray[Any], NDArray[Any]]:
    table = _two_axes(inputs.score_array(scores))
    labels = inputs.label_vector(truth, "truth")
    inputs.require_same_length(labels.size, len(table))
    inputs.require_labels_below(labels, table.shape[1], "truth")
    return table, labels.astype(np.intp)


def _two_axes(table: NDArray[Any]) -> NDArray[Any]:
    if table.ndim != 2:
        raise InputError(
            "scores-not-rows-of-classes",
            f"The scores have the shape {table.shape}; two axes (samples, classes) are needed.",
            hint="Give one row of scores for each sample.",
        )
    return table


def _near_the_top(table: NDArray[Any], within: float) -> NDArray[np.bool_]:
    # float64, because a distance of two float32 numbers must not be rounded before it is compared.
    wide = table.astype(np.float64, copy=False)
    # The difference of two finite scores can overflow to infinity, which is rightly not near.
    with np.errstate(over="ignore"):
        return np.asarray(wide.max(axis=1, keepdims=True) - wide <= within)


def _share_below(ranks: NDArray[np.intp], k: int) -> Fraction:
    if k < 1:
        raise InputError(
            "top-k-out-of-range",
            f"k is {k}; the first k classes are at least one.",
            hint="Give a k of 1 or more.",
        )
    return Fraction(int(np.count_nonzero(ranks < k)), ranks.size)
