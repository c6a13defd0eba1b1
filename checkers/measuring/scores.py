"""Counts → scores for the report, and measured values for the checks."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from answers.metrics.intervals import (
    FEWEST_PICTURES,
    MOST_PICTURES,
    Interval,
    overlap_interval,
)
from answers.metrics.segmentation import Average, Measure, Overlaps
from checkers.assignment.assignment import Check
from checkers.assignment.verdict import Measured
from checkers.measuring.classification import Classified
from checkers.measuring.segmentation import Segmented
from checkers.report import Score

_ALL: tuple[tuple[Measure, Average], ...] = (
    ("dice", "pooled"),
    ("dice", "per-image"),
    ("dice", "per-image-all"),
    ("iou", "pooled"),
    ("iou", "per-image"),
    ("iou", "per-image-all"),
)
# Beyond this many pictures an interval takes seconds and is narrow: only for what is checked.
_FEW_PICTURES = 1_000


def scores(result: Classified | Segmented, checks: Iterable[Check]) -> tuple[Score, ...]:
    """Every score of a result; intervals where they cost little, and where a check needs them."""
    if isinstance(result, Classified):
        accuracy = result.confusion.accuracy
        return (Score(measure="accuracy", average=None, value=accuracy, interval=result.interval),)
    asked = {(check.measure, check.average) for check in checks}
    small = result.overlaps.count <= _FEW_PICTURES
    return tuple(
        Score(
            measure=measure,
            average=average,
            value=result.overlaps.value(measure, average),
            interval=_interval(result.overlaps, measure, average)
            if small or (measure, average) in asked
            else None,
            constant=result.overlaps.best_constant(measure, average),
        )
        for measure, average in _ALL
    )


def _interval(overlaps: Overlaps, measure: Measure, average: Average) -> Interval | None:
    defined = overlaps.value(measure, average) is not None
    count = len(overlaps.counted(average))
    if not defined or not FEWEST_PICTURES <= count <= MOST_PICTURES:
        return None
    return overlap_interval(overlaps, measure, average)


def measured(
    result: Classified | Segmented, check: Check, found: Iterable[Score]
) -> Measured | None:
    """The value of a check's measure with its interval; None where there is nothing to measure."""
    interval = next(
        (s.interval for s in found if (s.measure, s.average) == (check.measure, check.average)),
        None,
    )
    pair = _accuracy(result) if isinstance(result, Classified) else _overlap(result, check)
    if pair is None:
        return None
    value, best = pair
    return Measured(
        measure=check.measure,
        average=check.average,
        value=value,
        best=best,
        low=interval.low if interval else None,
        high=interval.high if interval else None,
    )


def _accuracy(result: Classified) -> tuple[Fraction, Fraction]:
    confusion = result.confusion
    best = Fraction(confusion.correct + result.ties.gains, confusion.total)
    return confusion.accuracy, best


def _overlap(result: Segmented, check: Check) -> tuple[Fraction, Fraction] | None:
    average: Average = check.average or "pooled"
    measure: Measure = "iou" if check.measure == "iou" else "dice"
    value = result.overlaps.value(measure, average)
    best = result.overlaps.at_best.value(measure, average)
    constant = result.overlaps.best_constant(measure, average)
    if value is None or best is None:
        return None
    # The counts at their best give the best pooled score; a mean could lose by a picture that
    # is empty with the tie and not without it, and the student gets the better of the two.
    best = max(value, best)
    if check.measure != "gain":
        return value, best
    return (value - constant.value, best - constant.value) if constant else None
