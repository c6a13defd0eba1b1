"""What each threshold on a score gives: the precision-recall curve, its area, the best threshold.

Called positive is what scores at least the threshold. Cases of equal score are never told apart:
they stand together in one point. Average precision is Σ (R_n − R_(n−1)) P_n over the points, without
interpolation (scikit-learn's `average_precision_score`; Davis and Goadrich 2006 say why a straight
line between the points would flatter). All areas are exact fractions.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import groupby
from math import isfinite

from answers.errors import InputError
from answers.metrics.costs import Costs
from answers.metrics.exact import exact_sum, ratio
from answers.metrics.rates import BinaryCounts, require_beta


@dataclass(frozen=True, kw_only=True)
class Threshold:
    """A threshold, and what is called positive at it.

    least: the lowest score that is called positive; None where nothing is. found: positives
    among them. alarms: negatives among them.
    """

    least: float | None
    found: int
    alarms: int

    @property
    def precision(self) -> Fraction | None:
        """TP / (TP + FP); None where nothing is called positive."""
        return ratio(self.found, self.found + self.alarms)


@dataclass(frozen=True, kw_only=True)
class Best:
    """The best threshold, and the others that are exactly as good.

    value: the cost, or the score, that is best.
    """

    threshold: Threshold
    value: Fraction
    equal: tuple[Threshold, ...]


@dataclass(frozen=True, kw_only=True)
class ThresholdCurve:
    """All thresholds that differ, from 'nothing is called positive' to 'everything is'."""

    thresholds: tuple[Threshold, ...]
    positives: int
    negatives: int

    @classmethod
    def of(cls, scores: Sequence[float], labels: Sequence[int]) -> ThresholdCurve:
        """The curve of scores (finite numbers) and labels (1: positive, 0: negative).

        Raises InputError: `lengths-differ`, `nothing-to-measure`, `scores-not-finite`,
        `label-out-of-range`.
        """
        _check(scores, labels)
        positives = sum(labels)
        return cls(
            thresholds=tuple(_thresholds(scores, labels)),
            positives=positives,
            negatives=len(labels) - positives,
        )

    def counts(self, threshold: Threshold) -> BinaryCounts:
        """The four counts at a threshold."""
        return BinaryCounts(
            true_positives=threshold.found,
            false_positives=threshold.alarms,
            false_negatives=self.positives - threshold.found,
            true_negatives=self.negatives - threshold.alarms,
        )

    def recall(self, threshold: Threshold) -> Fraction | None:
        """TP / (TP + FN) at a threshold; None where there are no positives."""
        return ratio(threshold.found, self.positives)

    @cached_property
    def average_precision(self) -> Fraction | None:
        """Σ (R_n − R_(n−1)) P_n, exactly; None where there are no positives."""
        if not self.positives:
            return None
        pairs = zip(self.thresholds, self.thresholds[1:], strict=False)
        parts = (
            Fraction((after.found - before.found) * after.found, after.found + after.alarms)
            for before, after in pairs
            if after.found > before.found
        )
        return exact_sum(parts) / self.positives

    @cached_property
    def roc_area(self) -> Fraction | None:
        """How often a positive scores above a negative, a tie counting half; None without both."""
        twice = 0
        for before, after in zip(self.thresholds, self.thresholds[1:], strict=False):
            twice += (after.found - before.found) * (
                2 * self.negatives - before.alarms - after.alarms
            )
        return ratio(twice, 2 * self.positives * self.negatives)

    def cheapest(self, costs: Costs) -> Best:
        """The threshold of the least cost; of equal ones the highest."""
        scored = [
            (-costs.together(self.positives - item.found, item.alarms), item)
            for item in self.thresholds
        ]
        return _best(scored, sign=-1)

    def best_f(self, beta: Fraction) -> Best | None:
        """The threshold of the largest F-beta, the highest of equal ones; None without positives.

        Raises InputError `beta-out-of-range`.
        """
        require_beta(beta)
        if not self.positives:
            return None
        a, b = beta.numerator**2, beta.denominator**2
        scored = [
            (
                Fraction((a + b) * item.found, b * (item.found + item.alarms) + a * self.positives),
                item,
            )
            for item in self.thresholds
            if item.found
        ]
        return _best(scored, sign=1)

    def below(self, threshold: Threshold) -> float | None:
        """The next lower score: every cut above it, up to the threshold, answers the same."""
        place = self.thresholds.index(threshold)
        after = self.thresholds[place + 1 : place + 2]
        return after[0].least if after else None


def _best(scored: list[tuple[Fraction, Threshold]], *, sign: int) -> Best:
    most = max(value for value, _ in scored)
    chosen, *equal = [item for value, item in scored if value == most]
    return Best(threshold=chosen, value=sign * most, equal=tuple(equal))


def _thresholds(scores: Sequence[float], labels: Sequence[int]) -> Iterator[Threshold]:
    found = alarms = 0
    yield Threshold(least=None, found=0, alarms=0)
    ordered = sorted(zip(scores, labels, strict=True), key=lambda pair: -pair[0])
    for score, group in groupby(ordered, key=lambda pair: pair[0]):
        held = [label for _, label in group]
        found += sum(held)
        alarms += len(held) - sum(held)
        yield Threshold(least=score, found=found, alarms=alarms)


def _check(scores: Sequence[float], labels: Sequence[int]) -> None:
    if len(scores) != len(labels):
        raise InputError(
            "lengths-differ",
            f"There are {len(scores)} scores and {len(labels)} labels; the numbers must be equal.",
            hint="Give one label for each score.",
        )
    if not scores:
        raise InputError(
            "nothing-to-measure",
            "There are no scores; a curve of nothing can't be drawn.",
            hint="Check that the data is not empty.",
        )
    for place, (score, label) in enumerate(zip(scores, labels, strict=True)):
        if not isfinite(score):
            raise InputError(
                "scores-not-finite",
                f"The score {score} is not finite.",
                hint="A model that answers NaN or infinity has no curve.",
                where=f"at {place}",
            )
        if label not in {0, 1}:
            raise InputError(
                "label-out-of-range",
                f"The label {label} is neither 1 (positive) nor 0 (negative).",
                hint="Turn the labels into 1 for the class that is looked for, and 0.",
                where=f"at {place}",
            )
