"""Counts → scores for the report, and measured values for the checks."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from answers.metrics.intervals import (
    FEWEST_PICTURES,
    MOST_PICTURES,
    Interval,
    bootstrap_ratio,
    overlap_interval,
)
from answers.metrics.segmentation import Average, ConstantAnswer, Measure, Overlap, Overlaps
from checkers.assignment.assignment import Check
from checkers.assignment.verdict import Measured
from checkers.measuring import class_scores
from checkers.measuring.class_maps import ClassMapped
from checkers.measuring.classification import Classified
from checkers.measuring.segmentation import Segmented
from checkers.model_file.record import Finding
from checkers.report import Result, Score

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
# Ties are given to the student because another machine may decide them otherwise. A model that
# ties on more than this share decides nothing there: p = 0.5 everywhere would pass any check.
MOST_TIES = Fraction(1, 100)
FEW_TIES = 10  # of a small split even one is more than that share, and is rounding all the same


def undecided(result: Result) -> tuple[Finding, ...]:
    """What is to be said where a model ties too often for ties to be the student's."""
    ties, of = _ties(result)
    if ties < FEW_TIES or ties <= MOST_TIES * of:
        return ()
    what = "pictures" if isinstance(result, Classified) else "pixels"
    taken = "background" if isinstance(result, Segmented) else "the first class"
    return (
        Finding(
            "undecided",
            f"On {ties:,} {what} the model does not decide: its values lie within 1e-5 of a tie. "
            f"So many are no rounding: they are counted as they stand, as {taken}.",
        ),
    )


def _ties(result: Result) -> tuple[int, int]:
    """How many pictures or pixels lie within 1e-5 of a tie, and of how many that is to be a share.

    Of masks only what is object in truth or answer: a rare object would hide among background.
    """
    if isinstance(result, Classified):
        return result.ties.rows, result.confusion.total
    if isinstance(result, ClassMapped):
        confusion = result.overlaps.confusion
        return result.near_ties, confusion.total - confusion.counts[0][0]
    return result.overlaps.pooled.near_cut.count, result.overlaps.pooled.union


def scores(result: Result, checks: Iterable[Check]) -> tuple[Score, ...]:
    """Every score of a result; intervals where they cost little, and where a check needs them."""
    if isinstance(result, Classified):
        accuracy = result.confusion.accuracy
        return (Score(measure="accuracy", average=None, value=accuracy, interval=result.interval),)
    asked = frozenset((check.measure, check.average) for check in checks)
    small = result.overlaps.count <= _FEW_PICTURES
    if isinstance(result, ClassMapped):
        return class_scores.scores(result, asked, all_intervals=small)
    found = [
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
    ]
    if ("accuracy", "pooled") in asked:
        found.append(_pixel_accuracy(result.overlaps))
    return tuple(found)


def _interval(overlaps: Overlaps, measure: Measure, average: Average) -> Interval | None:
    defined = overlaps.value(measure, average) is not None
    count = len(overlaps.counted(average))
    if not defined or not FEWEST_PICTURES <= count <= MOST_PICTURES:
        return None
    return overlap_interval(overlaps, measure, average)


def _pixel_accuracy(overlaps: Overlaps) -> Score:
    pooled, interval = overlaps.pooled, None
    if FEWEST_PICTURES <= overlaps.count <= MOST_PICTURES:
        right = [_right(picture) for picture in overlaps.pictures]
        interval = bootstrap_ratio(right, [picture.pixels for picture in overlaps.pictures])
    background = pooled.of_constant("background").pixel_accuracy
    constant = None
    if background is not None:
        mostly = background >= 1 - background
        constant = ConstantAnswer(
            "background" if mostly else "object", max(background, 1 - background)
        )
    return Score(
        measure="accuracy",
        average="pooled",
        value=pooled.pixel_accuracy,
        interval=interval,
        constant=constant,
    )


def _right(overlap: Overlap) -> int:
    return overlap.pixels - overlap.union + overlap.intersection


def measured(result: Result, check: Check, found: Iterable[Score]) -> Measured | None:
    """The value of a check's measure with its interval; None where there is nothing to measure."""
    background = result.background if isinstance(result, ClassMapped) else None
    wanted = (check.measure, check.average)
    interval = next(
        (
            s.interval
            for s in found
            if (s.measure, s.average) == wanted and s.background in (None, background)
        ),
        None,
    )
    pair = _pair(result, check)
    if pair is None:
        return None
    value, best = pair
    best = value if undecided(result) else best
    return Measured(
        measure=check.measure,
        average=check.average,
        value=value,
        best=best,
        low=interval.low if interval else None,
        high=interval.high if interval else None,
    )


def _pair(result: Result, check: Check) -> tuple[Fraction, Fraction] | None:
    """The value, and the value with all ties given to the student."""
    if isinstance(result, Classified):
        return _accuracy(result)
    if isinstance(result, ClassMapped):
        return class_scores.value_and_best(result, check)
    if check.measure == "accuracy":
        pooled = result.overlaps.pooled
        value, best = pooled.pixel_accuracy, result.overlaps.at_best.pooled.pixel_accuracy
        return None if value is None or best is None else (value, best)
    return _overlap(result, check)


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
