"""Counts of several classes → scores for the report, and measured values for the checks."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from answers.metrics.class_intervals import accuracy_interval, class_intervals
from answers.metrics.class_overlap import ClassConstant, ClassMean
from answers.metrics.intervals import FEWEST_PICTURES, MOST_PICTURES, Interval
from answers.metrics.segmentation import Average, ConstantAnswer
from checkers.assignment.assignment import Check
from checkers.assignment.assignment import Measure as CheckedMeasure
from checkers.measuring.class_maps import ClassMapped
from checkers.report import Score

_AVERAGES: tuple[Average, ...] = ("pooled", "per-image", "per-image-all")
_Asked = frozenset[tuple[CheckedMeasure, Average | None]]


def scores(result: ClassMapped, asked: _Asked, *, all_intervals: bool) -> tuple[Score, ...]:
    """Every mean over classes, first those that checks use, and the accuracy of pixels.

    asked: the measures and averages of the checks, which always get an interval.
    """
    means = tuple(
        ClassMean(measure, background)
        for background in (result.background, not result.background)
        for measure in ("dice", "iou")
    )
    found = {
        (wanted, average): score
        for average in _AVERAGES
        for wanted, score in _means(result, means, average, asked, all_intervals=all_intervals)
    }
    ordered = [found[wanted, average] for wanted in means for average in _AVERAGES]
    with_interval = all_intervals or ("accuracy", "pooled") in asked
    return (*ordered, _accuracy(result, with_interval=with_interval))


def _means(
    result: ClassMapped,
    means: tuple[ClassMean, ...],
    average: Average,
    asked: _Asked,
    *,
    all_intervals: bool,
) -> Iterator[tuple[ClassMean, Score]]:
    wanted = tuple(
        mean
        for mean in means
        if all_intervals
        or ((mean.measure, average) in asked and mean.background == result.background)
    )
    intervals = dict(zip(wanted, _intervals(result, wanted, average), strict=True))
    for mean in means:
        yield (
            mean,
            Score(
                measure=mean.measure,
                average=average,
                value=result.overlaps.value(mean, average),
                interval=intervals.get(mean),
                constant=_named(result, result.overlaps.best_constant(mean, average)),
                background=mean.background,
            ),
        )


def _intervals(
    result: ClassMapped, means: tuple[ClassMean, ...], average: Average
) -> tuple[Interval | None, ...]:
    count = len(result.overlaps.counted(average))
    if not means or not FEWEST_PICTURES <= count <= MOST_PICTURES:
        return (None,) * len(means)
    return class_intervals(result.overlaps, means, average)


def _accuracy(result: ClassMapped, *, with_interval: bool) -> Score:
    overlaps = result.overlaps
    enough = FEWEST_PICTURES <= overlaps.count <= MOST_PICTURES
    return Score(
        measure="accuracy",
        average="pooled",
        value=overlaps.pixel_accuracy,
        interval=accuracy_interval(overlaps) if with_interval and enough else None,
        constant=_named(result, overlaps.most_frequent),
    )


def _named(result: ClassMapped, constant: ClassConstant | None) -> ConstantAnswer | None:
    if constant is None:
        return None
    return ConstantAnswer(result.classes[constant.index], constant.value)


def value_and_best(result: ClassMapped, check: Check) -> tuple[Fraction, Fraction] | None:
    """The value of a check, and the value with all ties given to the student."""
    if check.measure == "accuracy":
        value, best = result.overlaps.pixel_accuracy, result.at_best.pixel_accuracy
        return None if value is None or best is None else (value, best)
    average: Average = check.average or "pooled"
    wanted = ClassMean("iou" if check.measure == "iou" else "dice", result.background)
    value = result.overlaps.value(wanted, average)
    best = result.at_best.value(wanted, average)
    if value is None or best is None:
        return None
    if check.measure != "gain":
        return value, max(value, best)
    constant = result.overlaps.best_constant(wanted, average)
    return None if constant is None else (value - constant.value, best - constant.value)
