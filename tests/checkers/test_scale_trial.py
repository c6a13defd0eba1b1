"""Which scale a model was trained on: when a trial says so, and when it holds its tongue."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from answers.data.input_contract import Scale
from answers.data.split import Sample
from answers.metrics.intervals import wilson
from checkers.measuring.input_scale import ScaleDistance
from checkers.measuring.rows import Fed
from checkers.measuring.scale_trial import found, scales, some
from checkers.report import Score

UNIT, RAW, SYMMETRIC, STANDARDIZE = scales(Scale("unit"))


def accuracy(right: int, of: int = 125) -> Score:
    return Score(
        measure="accuracy", average=None, value=Fraction(right, of), interval=wilson(right, of)
    )


def undefined() -> Score:
    return Score(measure="dice", average="pooled", value=None, interval=None)


def tried(*scores: Score | None, distances: tuple[ScaleDistance, ...] = ()) -> str | None:
    best = found((UNIT, RAW, SYMMETRIC, STANDARDIZE), scores, distances)
    return None if best is None else best.best.scale.kind


def test_the_scale_in_use_is_the_first_and_no_other_is_tried_twice() -> None:
    assert [s.kind for s in scales(Scale("raw"))] == ["raw", "unit", "symmetric", "standardize"]
    own = Scale("mean-std", (0.5,), (0.25,))
    assert [s.kind for s in scales(own)] == ["mean-std", "unit", "raw", "symmetric", "standardize"]


def test_a_score_that_is_surely_higher_names_its_scale() -> None:
    assert tried(accuracy(12), accuracy(80), accuracy(20), accuracy(70)) == "raw"


def test_a_difference_that_chance_makes_names_none() -> None:
    assert tried(accuracy(40), accuracy(48), accuracy(30), accuracy(47)) is None


def test_no_scale_is_named_where_none_scores_higher_whatever_the_statistics_say() -> None:
    distances = (ScaleDistance(UNIT, 8.0), ScaleDistance(RAW, 0.1))
    assert tried(accuracy(40), accuracy(40), accuracy(9), None, distances=distances) is None


def test_where_the_statistics_point_to_a_scale_a_higher_score_is_enough() -> None:
    distances = (ScaleDistance(UNIT, 8.0), ScaleDistance(RAW, 0.1))
    assert tried(accuracy(40), accuracy(48), accuracy(9), None, distances=distances) == "raw"
    other = (ScaleDistance(UNIT, 8.0), ScaleDistance(SYMMETRIC, 0.1))
    assert tried(accuracy(40), accuracy(48), accuracy(9), None, distances=other) is None


@pytest.mark.parametrize("here", [None, undefined()])
def test_what_has_no_score_as_it_is_fed_is_compared_with_nothing(here: Score | None) -> None:
    assert tried(here, accuracy(80), accuracy(90), accuracy(9)) is None


def test_the_finding_says_both_scores_and_what_the_statistics_say() -> None:
    scored = (accuracy(12), accuracy(80), None, None)
    alone = found((UNIT, RAW, SYMMETRIC, STANDARDIZE), scored, ())
    assert alone is not None
    message = alone.remark(125).message
    assert "'raw', but it is fed 'unit'" in message
    assert "on 125 pictures" in message
    assert f"{80 / 125:.3f} with 'raw', and {12 / 125:.3f} as it is fed." in message
    assert "batch normalisation" not in message
    distances = (ScaleDistance(UNIT, 8.04), ScaleDistance(RAW, 0.12))
    both = found((UNIT, RAW, SYMMETRIC, STANDARDIZE), scored, distances)
    assert both is not None
    assert "is 8.0 away from what training stored there, and 0.1" in both.remark(125).message


def row(number: int, side: int = 2) -> Fed:
    image = np.zeros((side, side, 3), np.uint8)
    return Fed(Sample(name=str(number), image=image, label=number), image)


@pytest.mark.parametrize(
    ("count", "tried_on"), [(1, 1), (7, 7), (12, 10), (19, 10), (1_003, 125), (10_000, 256)]
)
def test_pictures_come_from_everywhere_in_the_split(count: int, tried_on: int) -> None:
    labels = [fed.sample.label for fed in some((row(n) for n in range(count)), count)]
    places = np.array(labels, np.int64)
    assert len(set(labels)) == tried_on
    gaps = np.diff(np.append(places, count))
    assert places[0] == 0
    assert gaps.max() - gaps.min() <= 1


def test_large_pictures_are_fewer() -> None:
    rows = [row(n, side=2_048) for n in range(8)]
    assert 1 <= len(some(iter(rows), 8)) < 8
