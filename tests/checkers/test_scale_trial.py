"""Which scale a model was trained on: when a trial says so, and when it holds its tongue."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from answers.data.input_contract import Scale
from answers.data.split import Sample
from answers.metrics.intervals import wilson
from answers.metrics.segmentation import ConstantAnswer
from checkers.engine.predicting import Statistics
from checkers.measuring.input_scale import FAR, ScaleDistance, closest, distance, lag, merged
from checkers.measuring.rows import Fed
from checkers.measuring.scale_trial import better, remark, scales, some, worth_it
from checkers.report import Score

UNIT, RAW, SYMMETRIC, STANDARDIZE = scales(Scale("unit"))


def accuracy(right: int, of: int = 125) -> Score:
    return Score(
        measure="accuracy", average=None, value=Fraction(right, of), interval=wilson(right, of)
    )


def undefined() -> Score:
    return Score(measure="dice", average="pooled", value=None, interval=None)


CHANCE = Fraction(1, 10)


def tried(*scores: Score | None, chance: Fraction = CHANCE) -> str | None:
    best = better((UNIT, RAW, SYMMETRIC, STANDARDIZE), scores, chance)
    return None if best is None else best.kind


def test_the_scale_in_use_is_the_first_and_no_other_is_tried_twice() -> None:
    assert [s.kind for s in scales(Scale("raw"))] == ["raw", "unit", "symmetric", "standardize"]
    own = Scale("mean-std", (0.5,), (0.25,))
    assert [s.kind for s in scales(own)] == ["mean-std", "unit", "raw", "symmetric", "standardize"]


def test_a_score_that_is_surely_higher_names_its_scale() -> None:
    assert tried(accuracy(12), accuracy(80), accuracy(20), accuracy(70)) == "raw"


@pytest.mark.parametrize("here", [None, undefined()])
def test_answers_that_are_no_scores_are_worse_than_any(here: Score | None) -> None:
    apart = "raw" if here is None else None  # an undefined score is compared with nothing
    assert tried(here, accuracy(80), accuracy(70), accuracy(9)) == apart


@pytest.mark.parametrize(
    "scores",
    [
        (accuracy(40), accuracy(48), accuracy(30), accuracy(47)),
        (accuracy(40), None, None, None),
        (accuracy(40), undefined(), undefined(), undefined()),
    ],
    ids=["by chance", "no answers", "nothing to measure"],
)
def test_a_difference_that_says_nothing_names_none(scores: tuple[Score | None, ...]) -> None:
    assert tried(*scores) is None


def test_a_scale_under_which_the_model_only_guesses_is_none_that_it_was_trained_on() -> None:
    assert tried(accuracy(0), accuracy(12), accuracy(0), accuracy(0)) is None
    assert tried(accuracy(0), accuracy(12), accuracy(0), accuracy(0), chance=Fraction(0)) == "raw"
    constant = replace(accuracy(60), constant=ConstantAnswer("background", Fraction(1, 2)))
    assert tried(accuracy(0), constant, None, None) is None


def test_what_is_fed_as_in_training_is_tried_under_no_other_scale() -> None:
    near, far = ScaleDistance(UNIT, FAR), ScaleDistance(UNIT, FAR + 0.1)
    assert not worth_it((near,), low=True)
    assert worth_it((far,), low=True)
    assert not worth_it((far,), low=False)
    assert worth_it((far, ScaleDistance(RAW, 0.1)), low=False)
    # near enough, and yet another one is where training was
    assert worth_it((near, ScaleDistance(RAW, 0.2)), low=True)
    assert not worth_it((near, ScaleDistance(RAW, 0.6)), low=True)
    assert worth_it((), low=True)
    assert not worth_it((), low=False)


def test_the_finding_says_both_scores_and_what_the_statistics_say() -> None:
    alone = remark(UNIT, RAW, accuracy(12), accuracy(80), ())
    assert alone is not None
    assert "'raw', but it is fed 'unit'" in alone.message
    assert f"is {12 / 125:.3f}, and would be {80 / 125:.3f} with --feed raw." in alone.message
    assert "batch normalisation" not in alone.message
    distances = (ScaleDistance(UNIT, 8.04), ScaleDistance(RAW, 0.12))
    both = remark(UNIT, RAW, accuracy(12), accuracy(80), distances)
    assert both is not None
    assert "is 8.0 away from what training stored there, and 0.1" in both.message
    none = remark(UNIT, RAW, None, accuracy(80), ())
    assert none is not None
    assert "accuracy can't be measured, and would be" in none.message


def test_nothing_is_said_where_the_whole_split_scores_no_more() -> None:
    assert remark(UNIT, RAW, accuracy(80), accuracy(80), ()) is None


def row(number: int, side: int = 2) -> Fed:
    image = np.zeros((side, side, 3), np.uint8)
    return Fed(Sample(name=str(number), image=image, label=number), image)


@pytest.mark.parametrize(
    ("task", "count", "tried_on"),
    [
        ("segmentation", 1, 1),
        ("segmentation", 12, 10),
        ("segmentation", 96, 24),
        ("classification", 7, 7),
        ("classification", 1_003, 512),
        ("classification", 10_000, 1_024),
    ],
)
def test_a_part_is_tried_that_says_enough(task: Any, count: int, tried_on: int) -> None:
    drawn = some((row(n) for n in range(count)), task, count, seed=1)
    assert len(drawn) == tried_on
    assert len({fed.sample.label for fed in drawn}) == tried_on


@pytest.mark.parametrize("label", [lambda n: n % 10, lambda n: n // 40], ids=["in turn", "apart"])
def test_pictures_of_every_class_are_tried_however_they_lie(label: Any) -> None:
    image = np.zeros((2, 2, 3), np.uint8)
    split = [Fed(Sample(name=str(n), image=image, label=label(n)), image) for n in range(400)]
    for seed in range(5):
        drawn = some(split, "segmentation", 400, seed=seed)  # a quarter of them
        assert {fed.sample.label for fed in drawn} == set(range(10))


def test_large_pictures_are_fewer_and_still_from_everywhere() -> None:
    rows = (row(n, side=1_024) for n in range(60))
    labels = [fed.sample.label for fed in some(rows, "classification", 60, seed=1)]
    assert len(labels) == 10
    assert max(label or 0 for label in labels) >= 30
    assert some(iter(()), "classification", 0, seed=1) == ()


def stored(part: float) -> Statistics:
    """What is stored after a training that left a part of the beginning, of pictures on 0–1."""
    rng = np.random.default_rng(3)
    mean, variance = rng.normal(size=32), rng.uniform(0.01, 0.2, 32)
    return Statistics(
        layer="bn",
        mean=mean.astype(np.float32),
        variance=variance.astype(np.float32),
        moving_mean=((1 - part) * mean).astype(np.float32),
        moving_variance=(part + (1 - part) * variance).astype(np.float32),
    )


@pytest.mark.parametrize("part", [0.2, 0.5, 0.8])
def test_statistics_on_their_way_from_the_beginning_are_told(part: float) -> None:
    assert lag(stored(part)) == pytest.approx(part, abs=0.02)


def test_statistics_of_another_scale_are_no_lag() -> None:
    here = stored(0.0)
    assert lag(here) == 0
    assert (
        lag(
            replace(
                here, mean=np.float32(255) * here.mean, variance=np.float32(255**2) * here.variance
            )
        )
        == 0
    )
    assert (
        lag(
            replace(
                here, mean=here.mean / np.float32(255), variance=here.variance / np.float32(255**2)
            )
        )
        == 0
    )


@pytest.mark.parametrize("value", [np.nan, np.inf, -1.0])
def test_stored_numbers_that_are_none_are_far_from_everything(value: float) -> None:
    here = stored(0.5)
    broken = replace(here, moving_variance=np.full(32, value, np.float32))
    assert distance(broken) == np.inf
    assert lag(broken) == 0
    reached = replace(here, mean=np.full(32, value * np.inf, np.float32))
    assert distance(merged([reached, reached], np.ones(2))) == np.inf
    assert lag(reached) == 0
    assert closest((ScaleDistance(UNIT, np.inf), ScaleDistance(RAW, np.inf))) is None
