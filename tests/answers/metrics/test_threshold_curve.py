"""The curve of thresholds: brute force over all thresholds, and hand-made cases."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from answers.errors import InputError
from answers.metrics.costs import Costs
from answers.metrics.threshold_curve import ThresholdCurve

# few different scores, so that there are ties
ROWS = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 1)), min_size=1, max_size=24)
Rows = list[tuple[int, int]]
WEIGHT = st.fractions(0, 20, max_denominator=6)


def curve_of(rows: Rows) -> ThresholdCurve:
    return ThresholdCurve.of([score / 8 for score, _ in rows], [label for _, label in rows])


def cuts(rows: Rows) -> list[int]:
    return [*range(-1, 9)] if rows else []


def at(rows: Rows, cut: int) -> tuple[int, int, int]:
    """Hits, false alarms and misses when everything from the cut on is called positive."""
    hits = sum(label for score, label in rows if score >= cut)
    alarms = sum(1 - label for score, label in rows if score >= cut)
    return hits, alarms, sum(label for _, label in rows) - hits


@given(ROWS, WEIGHT, WEIGHT)
def test_no_threshold_is_cheaper_than_the_cheapest(
    rows: Rows, miss: Fraction, alarm: Fraction
) -> None:
    if not miss + alarm:
        return
    best = curve_of(rows).cheapest(Costs(miss=miss, alarm=alarm))
    all_costs = [
        miss * misses + alarm * alarms for _, alarms, misses in (at(rows, c) for c in cuts(rows))
    ]
    assert best.value == min(all_costs)
    cost = miss * (sum(label for _, label in rows) - best.threshold.found)
    assert cost + alarm * best.threshold.alarms == best.value
    as_good = {
        at(rows, c)[:2] for c, cost in zip(cuts(rows), all_costs, strict=True) if cost == best.value
    }
    assert len(as_good) == 1 + len(best.equal)


@given(ROWS, st.fractions(0, 4, max_denominator=3))
def test_no_threshold_has_a_larger_f_than_the_best(rows: Rows, beta: Fraction) -> None:
    best = curve_of(rows).best_f(beta)
    if not any(label for _, label in rows):
        assert best is None
        return
    assert best is not None
    squares = beta * beta
    scores = [
        (1 + squares) * hits / ((1 + squares) * hits + squares * misses + alarms)
        for hits, alarms, misses in (at(rows, c) for c in cuts(rows))
        if hits
    ]
    assert best.value == max(scores)


@given(ROWS)
def test_the_points_are_all_thresholds_that_differ(rows: Rows) -> None:
    points = [(item.found, item.alarms) for item in curve_of(rows).thresholds]
    assert points == sorted({at(rows, c)[:2] for c in cuts(rows)})


@given(ROWS)
def test_average_precision_is_its_definition_by_counting(rows: Rows) -> None:
    positives = sum(label for _, label in rows)
    found = curve_of(rows).average_precision
    if not positives:
        assert found is None
        return
    # the precision at the own score of each positive, averaged: each adds 1/P to the recall
    each = [Fraction(at(rows, score)[0], sum(at(rows, score)[:2])) for score, y in rows if y]
    assert found == sum(each) / positives


@given(ROWS)
def test_the_roc_area_is_how_often_a_positive_scores_higher(rows: Rows) -> None:
    pairs = [(a, b) for a, y in rows if y for b, z in rows if not z]
    found = curve_of(rows).roc_area
    if not pairs:
        assert found is None
        return
    wins = sum(Fraction(a > b) + Fraction(a == b) / 2 for a, b in pairs)
    assert found == wins / len(pairs)


def test_scores_that_say_nothing_have_the_average_precision_of_chance() -> None:
    curve = ThresholdCurve.of([0.5] * 10, [1, 1, 1] + [0] * 7)
    assert curve.average_precision == Fraction(3, 10)
    assert curve.roc_area == Fraction(1, 2)


def test_the_worked_example_of_four_scores() -> None:
    # scikit-learn's documentation of average_precision_score: 0.8333
    curve = ThresholdCurve.of([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1])
    assert curve.average_precision == Fraction(5, 6)
    assert curve.roc_area == Fraction(3, 4)
    assert [item.least for item in curve.thresholds] == [None, 0.8, 0.4, 0.35, 0.1]


def test_the_cut_below_a_threshold_is_the_next_score() -> None:
    curve = ThresholdCurve.of([0.1, 0.4, 0.4, 0.8], [0, 0, 1, 1])
    assert [curve.below(item) for item in curve.thresholds] == [0.8, 0.4, 0.1, None]


def test_twenty_thousand_different_scores_have_the_area_that_numpy_adds_up() -> None:
    random = np.random.default_rng(0)
    scores = random.random(20_000)
    labels = (random.random(20_000) < scores).astype(int)
    curve = ThresholdCurve.of(scores.tolist(), labels.tolist())
    order = np.argsort(-scores)
    hits = np.cumsum(labels[order])
    precision = hits / np.arange(1, 20_001)
    assert curve.average_precision is not None
    assert float(curve.average_precision) == pytest.approx(precision[labels[order] == 1].mean())


BAD = [
    ("lengths", [0.1], [1, 0], "1 scores and 2 labels"),
    ("nothing", [], [], "no scores"),
    ("nan", [0.1, float("nan")], [1, 0], "nan is not finite"),
    ("label", [0.1, 0.2], [1, 2], "label 2 is neither 1"),
]


@pytest.mark.parametrize(
    ("scores", "labels", "words"), [c[1:] for c in BAD], ids=[c[0] for c in BAD]
)
def test_what_has_no_curve_is_an_error(scores: list[float], labels: list[int], words: str) -> None:
    with pytest.raises(InputError, match=words):
        ThresholdCurve.of(scores, labels)
