"""Overlap of masks: laws, pixels near the cut, constant answers, several classes."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from typing import Any, get_args

import numpy as np
import pytest
from corpus import load_json
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from answers.errors import InputError
from answers.metrics.class_overlap import ClassOverlap, mean_over_pictures
from answers.metrics.segmentation import (
    Average,
    ConstantAnswer,
    Measure,
    NearCut,
    Overlap,
    Overlaps,
)

MEASURES: tuple[Measure, ...] = get_args(Measure)
AVERAGES: tuple[Average, ...] = get_args(Average)
SIDE = 3
MASK = st.lists(st.booleans(), min_size=SIDE**2, max_size=SIDE**2)
PAIRS = st.lists(st.tuples(MASK, MASK), min_size=1, max_size=6)


def square(mask: list[Any]) -> NDArray[Any]:
    return np.array(mask).reshape(SIDE, SIDE)


def counted(predicted: list[bool], truth: list[bool]) -> Overlap:
    return Overlap.of(square(predicted).astype(np.float32), square(truth).astype(np.uint8))


@given(MASK, MASK)
def test_scores_are_those_of_sets_of_pixels(predicted: list[bool], truth: list[bool]) -> None:
    said = {i for i, is_object in enumerate(predicted) if is_object}
    true = {i for i, is_object in enumerate(truth) if is_object}
    overlap = counted(predicted, truth)
    if said | true:
        assert overlap.iou == overlap.pooled_iou == Fraction(len(said & true), len(said | true))
        assert overlap.dice == Fraction(2 * len(said & true), len(said) + len(true))
    else:
        assert overlap.iou == overlap.dice == 1
        assert (overlap.pooled_iou, overlap.pooled_dice) == (None, None)
    assert overlap.pixel_accuracy == 1 - Fraction(len(said ^ true), SIDE**2)


@given(MASK, MASK)
def test_dice_is_2j_by_1_plus_j_of_one_picture(predicted: list[bool], truth: list[bool]) -> None:
    overlap = counted(predicted, truth)
    assert overlap.dice == 2 * overlap.iou / (1 + overlap.iou)


@given(PAIRS)
def test_counts_added_are_the_counts_of_one_long_picture(pairs: Any) -> None:
    overlaps = Overlaps.of(counted(*pair) for pair in pairs)
    long_said = np.concatenate([np.array(said) for said, _ in pairs])
    long_true = np.concatenate([np.array(true) for _, true in pairs])
    assert overlaps.pooled == Overlap.of(long_said, long_true)


@given(PAIRS, st.randoms(use_true_random=False))
def test_the_order_of_pictures_changes_no_score(pairs: Any, random: Any) -> None:
    here = Overlaps.of(counted(*pair) for pair in pairs)
    there = Overlaps.of(random.sample(here.pictures, here.count))
    for measure, average in product(MEASURES, AVERAGES):
        assert here.value(measure, average) == there.value(measure, average)


@given(PAIRS)
def test_mean_dice_is_at_most_the_dice_of_mean_iou(pairs: Any) -> None:
    overlaps = Overlaps.of(counted(*pair) for pair in pairs)
    iou = overlaps.value("iou", "per-image-all")
    dice = overlaps.value("dice", "per-image-all")
    assert iou is not None
    assert dice is not None
    assert dice <= 2 * iou / (1 + iou)


@given(PAIRS)
def test_the_best_constant_is_the_better_of_two_whole_masks(pairs: Any) -> None:
    overlaps = Overlaps.of(counted(*pair) for pair in pairs)
    whole = {
        "background": Overlaps.of(counted([False] * SIDE**2, true) for _, true in pairs),
        "object": Overlaps.of(counted([True] * SIDE**2, true) for _, true in pairs),
    }
    for measure, average in product(MEASURES, AVERAGES):
        values = {name: masks.value(measure, average) for name, masks in whole.items()}
        known = [value for value in values.values() if value is not None]
        best = overlaps.best_constant(measure, average)
        assert (best.value if best else None) == max(known, default=None)
        assert best is None or values[best.answer] == best.value


EMPTY = Overlap(pixels=4)
FALSE_ALARM = Overlap(predicted=1, pixels=4)
HALF = Overlap(intersection=1, predicted=1, truth=2, pixels=4)
MIXED = Overlaps((EMPTY, FALSE_ALARM, HALF))


def test_each_average_counts_its_own_pictures() -> None:
    assert (MIXED.count, MIXED.both_empty, MIXED.false_alarms, MIXED.with_object) == (3, 1, 1, 1)
    assert MIXED.value("iou", "per-image") == Fraction(1, 2)
    assert MIXED.value("iou", "per-image-all") == Fraction(1, 2)
    assert MIXED.value("iou", "per-image-not-both-empty") == Fraction(1, 4)
    assert MIXED.value("iou", "pooled") == Fraction(1, 3)
    assert MIXED.value("dice", "per-image-all") == Fraction(5, 9)


def test_pictures_without_any_object_have_no_pooled_and_no_per_image_score() -> None:
    empty = Overlaps((EMPTY, EMPTY))
    assert [empty.value("dice", average) for average in AVERAGES] == [None, None, 1, None]
    assert empty.best_constant("dice", "per-image-all") == ConstantAnswer("background", Fraction(1))
    assert empty.best_constant("dice", "per-image") is None
    assert Overlaps(()).value("iou", "per-image-all") is None


def test_predicting_nothing_everywhere_beats_everything_on_mostly_empty_pictures() -> None:
    assert MIXED.best_constant("dice", "per-image-all") == ConstantAnswer(
        "background", Fraction(2, 3)
    )
    assert MIXED.best_constant("dice", "pooled") == ConstantAnswer("object", Fraction(2 * 2, 14))


JUST_ABOVE, JUST_BELOW = 0.5 + 2**-18, 0.5 - 2**-18
ABOVE, BELOW = 0.5 + 2**-16, 0.5 - 2**-16


def test_pixels_near_the_cut_are_split_by_what_a_flip_would_do() -> None:
    chances = np.array([[JUST_ABOVE, JUST_ABOVE, JUST_BELOW, 0.5, ABOVE, BELOW, 0.5]], np.float32)
    truth = np.array([[1, 0, 1, 0, 1, 1, 1]], dtype=np.uint8)
    overlap = Overlap.of(chances, truth)
    assert overlap.near_cut == NearCut(missed=2, false=1, hit=1, clear=1)
    assert (overlap.near_cut.helping, overlap.near_cut.hurting, overlap.near_cut.count) == (3, 2, 5)
    assert overlap.at_best == Overlap(intersection=4, predicted=4, truth=5, pixels=7)


@given(
    st.lists(st.sampled_from([0.0, JUST_BELOW, 0.5, JUST_ABOVE, 1.0]), min_size=9, max_size=9), MASK
)
def test_at_best_is_the_best_of_all_ways_to_flip_pixels_near_the_cut(
    chances: list[float], truth: list[bool]
) -> None:
    ways = product(*([False, True] if 0 < p < 1 else [p > 0.5] for p in chances))
    scored = [counted(list(way), truth) for way in ways]
    best = Overlap.of(square(chances), square(truth)).at_best
    assert best.dice == max(overlap.dice for overlap in scored)
    assert best.iou == max(overlap.iou for overlap in scored)


def test_at_best_of_pictures_is_picture_by_picture() -> None:
    near = Overlap(predicted=1, pixels=4, near_cut=NearCut(false=1))
    overlaps = Overlaps((near, HALF))
    assert overlaps.value("dice", "per-image-all") == Fraction(1, 3)
    assert overlaps.at_best.value("dice", "per-image-all") == Fraction(5, 6)


WRONG_MASKS = [
    pytest.param([[0.5]], [[0, 1]], r"shape \(1, 1\), the truth \(1, 2\)", id="shapes"),
    pytest.param([[np.nan, 0]], [[0, 1]], "1 of 2 probabilities are not finite", id="nan"),
    pytest.param([[np.inf, 0]], [[0, 1]], "1 of 2 probabilities are not finite", id="inf"),
    pytest.param([[1.5, -1]], [[0, 1]], "2 of 2 probabilities lie outside 0 to 1", id="logits"),
    pytest.param([[1.0, 0]], [[0, 255]], "first is 255", id="truth of 255"),
    pytest.param([[1.0, 0]], [[0, -1]], "first is -1", id="negative truth"),
    pytest.param([[1.0, 0]], [[0, 0.5]], "truth has the type float64", id="soft truth"),
    pytest.param(np.zeros((0, 2)), np.zeros((0, 2), np.uint8), "no samples", id="no pixels"),
    pytest.param([["a"]], [[0]], "probabilities have the type", id="texts"),
    pytest.param([[0.5], []], [[0], []], "rows of the .* have different lengths", id="ragged"),
]


@pytest.mark.parametrize(("chances", "truth", "words"), WRONG_MASKS)
def test_wrong_masks_are_named(chances: Any, truth: Any, words: str) -> None:
    with pytest.raises(InputError, match=words):
        Overlap.of(chances, truth)


def test_ignored_pixels_leave_both_masks() -> None:
    overlap = Overlap.of([[1.0, 1.0, 0.0]], [[1, 255, 0]], ignore_label=255)
    assert overlap == Overlap(intersection=1, predicted=1, truth=1, pixels=2)
    nothing = Overlap.of([[1.0]], [[255]], ignore_label=255)
    assert nothing.pixel_accuracy is None


@pytest.mark.parametrize(
    "counts",
    [
        {"intersection": 2, "predicted": 1, "truth": 2, "pixels": 9},
        {"intersection": 2, "predicted": 2, "truth": 1, "pixels": 9},
        {"intersection": 0, "predicted": 5, "truth": 5, "pixels": 9},
        {"intersection": -1, "pixels": 9},
        {"pixels": 9, "near_cut": NearCut(hit=1)},
    ],
    ids=str,
)
def test_counts_no_masks_can_have_are_refused(counts: Any) -> None:
    with pytest.raises(InputError, match="No two masks have these counts"):
        Overlap(**counts)


LABELS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=30)


@given(LABELS)
def test_class_scores_are_those_of_sets_of_pixels(pixels: list[tuple[int, int]]) -> None:
    overlap = ClassOverlap.of([t for t, _ in pixels], [p for _, p in pixels], 4)
    for index, (iou, dice) in enumerate(zip(overlap.iou, overlap.dice, strict=True)):
        true = {i for i, (t, _) in enumerate(pixels) if t == index}
        said = {i for i, (_, p) in enumerate(pixels) if p == index}
        if true | said:
            assert iou == Fraction(len(true & said), len(true | said))
            assert dice == Fraction(2 * len(true & said), len(true) + len(said))
        else:
            assert (iou, dice) == (None, None)


@given(MASK, MASK)
def test_two_classes_agree_with_the_binary_measure(predicted: Any, truth: Any) -> None:
    overlap = counted(predicted, truth)
    classes = ClassOverlap.of(square(truth), square(predicted), 2)
    assert classes.iou[1] == overlap.pooled_iou
    assert classes.dice[1] == overlap.pooled_dice == classes.mean_dice_without_background
    assert classes.mean_iou == overlap.mean_iou_with_background
    assert classes.pixel_accuracy == overlap.pixel_accuracy


@given(LABELS, st.integers(0, 3))
def test_ignoring_a_label_is_leaving_its_pixels_out(pixels: Any, label: int) -> None:
    kept = [(t, p) for t, p in pixels if t != label]
    ignored = ClassOverlap.of([t for t, _ in pixels], [p for _, p in pixels], 4, ignore_label=label)
    assert ignored.pixels == len(kept)
    if kept:
        assert ignored == ClassOverlap.of([t for t, _ in kept], [p for _, p in kept], 4)


@pytest.mark.corpus
def test_the_mean_over_pictures_is_that_of_torchmetrics() -> None:
    table = load_json("reference/metric_cases.json")
    (case,) = [case for case in table["cases"] if case["id"] == "mcs-07"]
    pictures = [
        ClassOverlap.of(truth, predicted, 3)
        for truth, predicted in zip(case["input"]["y_true"], case["input"]["y_pred"], strict=True)
    ]
    # metrics-notes.md: per image 7/12, pooled 11/18.
    assert mean_over_pictures(pictures, lambda picture: picture.mean_iou) == Fraction(7, 12)


def test_a_prediction_outside_the_classes_is_an_error_even_where_ignored() -> None:
    with pytest.raises(InputError, match="labels of the prediction lie outside 0 to 1"):
        ClassOverlap.of([[255, 0]], [[2, 0]], 2, ignore_label=255)
