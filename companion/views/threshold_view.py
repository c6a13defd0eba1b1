"""Scores and labels: the precision-recall curve in the terminal, its area, the threshold chosen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from answers.metrics.threshold_curve import Best, Threshold, ThresholdCurve
from companion.options import Everywhere
from companion.views import curve_plot
from companion.views.curve_plot import Axis, Mark
from companion.views.numbers import decimal, plain
from companion.views.paper import Paper

_MOST_DRAWN = 1_000
_LONGEST = 10**9


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """A curve, and one of its thresholds.

    best: why it was chosen; None where the person named it, or where there is no positive case.
    measure: what `best` is best in: 'cost', or 'F1' and its like.
    """

    curve: ThresholdCurve
    threshold: Threshold
    best: Best | None = None
    measure: str = ""


def draw(found: Chosen, everywhere: Everywhere) -> None:
    """The curve with the chosen threshold marked, then what can be said of both."""
    paper = Paper.of(everywhere)
    curve, chosen = found.curve, found.threshold
    if curve.positives:
        marks = [Mark(_share(curve.recall(chosen)), _share(chosen.precision), "O")]
        shown = marks if chosen.precision is not None else []
        curve_plot.draw(paper, steps_of(curve), _RECALL, _PRECISION, marks=shown)
        if shown:
            paper.line("O: the threshold that is chosen.", dim=True)
        paper.line()
    for line in remarks(found):
        paper.line(line)
    paper.line()


_RECALL = Axis("recall", 0, 1, "0", "1")
_PRECISION = Axis("precision", 0, 1, "0", "1")


def steps_of(curve: ThresholdCurve) -> list[tuple[float, float]]:
    """The steps whose area the average precision is: from each recall to the next at its precision."""
    points: list[tuple[float, float]] = []
    before = 0.0
    listed = curve.thresholds[1:]
    every = -(-len(listed) // _MOST_DRAWN)
    for item in (*listed[:-1:every], listed[-1]):
        recall, precision = _share(curve.recall(item)), _share(item.precision)
        points += [(before, precision), (recall, precision)]
        before = recall
    return points


def _share(value: Fraction | None) -> float:
    return 0.0 if value is None else float(value)


def remarks(found: Chosen) -> Iterator[str]:
    """The areas, the threshold, and the others that are as good."""
    curve = found.curve
    yield (
        f"Positive cases: {curve.positives:,}; negative ones: {curve.negatives:,}; "
        f"different scores: {len(curve.thresholds) - 1:,}."
    )
    if curve.average_precision is None:
        yield "There is no positive case: recall and average precision are 0/0."
    else:
        yield (
            f"Average precision = {_value(curve.average_precision)}: the sum of (recall − recall "
            "before) x precision over all thresholds, without interpolation. Calling at random "
            f"would give {_value(Fraction(curve.positives, curve.positives + curve.negatives))}."
        )
    if curve.roc_area is not None:
        yield (
            f"Area under the ROC curve = {_value(curve.roc_area)}: so often a positive case scores "
            "above a negative one, a tie counting half."
        )
    yield threshold_words(found)


def _value(value: Fraction) -> str:
    exact = "" if value.denominator == 1 or value.denominator >= _LONGEST else f"{value} = "
    return exact + (plain(value) if value.denominator == 1 else decimal(value))


def threshold_words(found: Chosen) -> str:
    """The threshold that is chosen, and why."""
    least, below = found.threshold.least, found.curve.below(found.threshold)
    if least is None:
        cut = "Call nothing positive: a threshold above every score"
    elif below is None:
        cut = f"Call everything positive: a threshold of {least} or less"
    else:
        cut = f"Positive from a score of {least} on (any cut above {below} does the same)"
    if found.best is None and found.curve.positives:
        return f"{cut}: the threshold that you named."
    if found.best is None:
        return f"{cut}."
    value = _value(found.best.value) if found.measure != "cost" else plain(found.best.value)
    what = "least cost" if found.measure == "cost" else f"largest {found.measure}"
    return f"{cut}: the {what} of all thresholds, {value}{_others(len(found.best.equal))}."


def _others(equal: int) -> str:
    if not equal:
        return ""
    return f"; {equal:,} lower {'one is' if equal == 1 else 'ones are'} exactly as good"


def document(found: Chosen) -> dict[str, Any]:
    """The curve of `metrics --scores --json`; each point with its threshold (null: nothing)."""
    curve = found.curve
    return {
        "positives": curve.positives,
        "negatives": curve.negatives,
        "average_precision": _exact(curve.average_precision),
        "roc_area": _exact(curve.roc_area),
        "chosen": _point(curve, found.threshold)
        | {
            "measure": None if found.best is None else found.measure,
            "best": None if found.best is None else str(found.best.value),
            "equal": [] if found.best is None else [item.least for item in found.best.equal],
        },
        "remarks": list(remarks(found)),
        "points": [_point(curve, item) for item in curve.thresholds],
    }


def _exact(value: Fraction | None) -> dict[str, Any] | None:
    """A fraction of thousands of digits is no use to anybody: its decimals stand alone then."""
    if value is None:
        return None
    return {
        "exact": str(value) if value.denominator < _LONGEST else None,
        "value": float(value),
    }


def _point(curve: ThresholdCurve, item: Threshold) -> dict[str, Any]:
    precision, recall = item.precision, curve.recall(item)
    return {
        "threshold": item.least,
        "tp": item.found,
        "fp": item.alarms,
        "precision": None if precision is None else str(precision),
        "recall": None if recall is None else str(recall),
    }
