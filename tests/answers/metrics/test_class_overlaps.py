"""Means over classes of a whole split: pooled and per picture, with and without background."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from corpus import load_json
from hypothesis import given
from hypothesis import strategies as st

from answers.errors import InputError
from answers.metrics import splitmix
from answers.metrics.class_intervals import accuracy_interval, class_intervals
from answers.metrics.class_overlap import ClassMean, ClassOverlap, ClassOverlaps
from answers.metrics.classification import Confusion
from answers.metrics.segmentation import Average, Measure, Overlap, Overlaps

AVERAGES: tuple[Average, ...] = (
    "pooled",
    "per-image",
    "per-image-all",
    "per-image-not-both-empty",
)
MEANS = [ClassMean(m, background=b) for m in ("dice", "iou") for b in (True, False)]
CLASSES = 4

Picture = tuple[list[int], list[int]]  # truth and answer of each pixel


def pictures_of(classes: int) -> Any:
    pixel = st.tuples(st.integers(0, classes - 1), st.integers(0, classes - 1))
    picture = st.lists(pixel, min_size=1, max_size=12).map(
        lambda pixels: ([t for t, _ in pixels], [p for _, p in pixels])
    )
    return st.lists(picture, min_size=1, max_size=6)


def overlaps_of(pictures: list[Picture], classes: int = CLASSES) -> ClassOverlaps:
    return ClassOverlaps.of([ClassOverlap.of(t, p, classes) for t, p in pictures], classes)


def naive_mean(truth: list[int], said: list[int], wanted: ClassMean) -> Fraction | None:
    """The mean over classes of sets of pixels, one class after the other."""
    scores = []
    for index in range(0 if wanted.background else 1, CLASSES):
        true = {i for i, label in enumerate(truth) if label == index}
        answered = {i for i, label in enumerate(said) if label == index}
        if true | answered:
            both = len(true & answered)
            scores.append(
                Fraction(2 * both, len(true) + len(answered))
                if wanted.measure == "dice"
                else Fraction(both, len(true | answered))
            )
    return sum(scores, Fraction(0)) / len(scores) if scores else None


def naive(pictures: list[Picture], wanted: ClassMean, average: Average) -> Fraction | None:
    if average == "pooled":
        joined = [label for truth, _ in pictures for label in truth]
        return naive_mean(joined, [label for _, said in pictures for label in said], wanted)
    if average == "per-image":
        pictures = [(t, p) for t, p in pictures if any(t)]
    if average == "per-image-not-both-empty":
        pictures = [(t, p) for t, p in pictures if any(t) or any(p)]
    values = [naive_mean(t, p, wanted) for t, p in pictures]
    scores = [Fraction(1) if value is None else value for value in values]
    return sum(scores, Fraction(0)) / len(scores) if scores else None


@given(pictures_of(CLASSES))
def test_every_mean_is_that_of_sets_of_pixels(pictures: list[Picture]) -> None:
    overlaps = overlaps_of(pictures)
    for wanted in MEANS:
        for average in AVERAGES:
            assert overlaps.value(wanted, average) == naive(pictures, wanted, average)


@given(pictures_of(CLASSES))
def test_the_best_constant_is_the_best_of_all_classes_painted_everywhere(
    pictures: list[Picture],
) -> None:
    overlaps = overlaps_of(pictures)
    for wanted in MEANS:
        for average in AVERAGES[:3]:
            painted = [[(t, [k] * len(t)) for t, _ in pictures] for k in range(CLASSES)]
            values = [naive(split, wanted, average) for split in painted]
            found = overlaps.best_constant(wanted, average)
            defined = [(value, -k) for k, value in enumerate(values) if value is not None]
            if not defined:
                assert found is None
                continue
            assert found is not None
            assert (found.value, -found.index) == max(defined)


@given(pictures_of(CLASSES))
def test_the_most_frequent_class_has_the_best_accuracy_of_one_class(pictures: Any) -> None:
    truth = [label for picture, _ in pictures for label in picture]
    found = overlaps_of(pictures).most_frequent
    assert found is not None
    assert found.value == Fraction(max(map(truth.count, range(CLASSES))), len(truth))
    assert truth.count(found.index) == found.value * len(truth)


@given(pictures_of(2))
def test_two_classes_without_background_are_one_object(pictures: list[Picture]) -> None:
    several = overlaps_of(pictures, 2)
    one = Overlaps.of(Overlap.of(np.array(p, float), t) for t, p in pictures)
    measures: tuple[Measure, ...] = ("dice", "iou")
    for measure in measures:
        for average in AVERAGES:
            wanted = ClassMean(measure, background=False)
            assert several.value(wanted, average) == one.value(measure, average)
    assert several.pixel_accuracy == one.pooled.pixel_accuracy
    assert several.all_background == one.both_empty
    assert several.with_object == one.with_object


@pytest.mark.corpus
@pytest.mark.parametrize(
    "case",
    [c for c in (load_json("reference/metric_cases.json") or {"cases": []})["cases"] if c["id"] == "mcs-07"],
    ids=lambda case: case["id"],
)  # fmt: skip
def test_the_reference_pools_and_means_over_pictures_apart(case: Any) -> None:
    overlaps = overlaps_of(list(zip(case["input"]["y_true"], case["input"]["y_pred"], strict=True)))
    # metrics-notes.md: per image 7/12, pooled 11/18.
    assert overlaps.value(ClassMean("iou"), "per-image-all") == Fraction(7, 12)
    assert overlaps.value(ClassMean("iou"), "pooled") == Fraction(11, 18)


def test_nothing_counted_has_no_score() -> None:
    nothing = ClassOverlaps(Confusion.none(3), ())
    assert [nothing.value(wanted, "pooled") for wanted in MEANS] == [None] * 4
    assert [nothing.value(wanted, "per-image-all") for wanted in MEANS] == [None] * 4
    assert (nothing.pixel_accuracy, nothing.most_frequent) == (None, None)


# --- intervals ----------------------------------------------------------------------------------


def drawn_pictures(count: int, seed: int = 5) -> list[Picture]:
    random = np.random.default_rng(seed)
    pictures = []
    for number in range(count):
        truth = random.integers(0, CLASSES if number % 4 else 1, 30)
        said = np.where(random.random(30) < 0.7, truth, random.integers(0, CLASSES, 30))
        pictures.append((truth.tolist(), said.tolist()))
    return pictures


def resampled(pictures: list[Picture], wanted: ClassMean, average: Average, count: int) -> Any:
    """The percentiles of a bootstrap that draws pictures one by one, and counts them anew."""
    if average == "per-image":
        pictures = [(t, p) for t, p in pictures if any(t)]
    n = len(pictures)
    scores = []
    for number in range(count):
        words = splitmix.words(1, number * n, n)
        picked = [pictures[(int(word) * n) >> 64] for word in words]
        value = naive(picked, wanted, average)
        scores.append(np.nan if value is None else float(value))
    return np.nanquantile(scores, [0.025, 0.975])


@pytest.mark.parametrize("average", ["pooled", "per-image", "per-image-all"])
def test_an_interval_is_the_bootstrap_over_pictures(average: Average) -> None:
    pictures = drawn_pictures(14)
    found = class_intervals(overlaps_of(pictures), MEANS, average, resamples=60)
    for wanted, interval in zip(MEANS, found, strict=True):
        assert interval is not None
        low, high = resampled(pictures, wanted, average, 60)
        assert (interval.low, interval.high) == pytest.approx((low, high), abs=1e-12)


def test_the_interval_of_the_accuracy_draws_pictures_too() -> None:
    pictures = drawn_pictures(12)
    overlaps, n = overlaps_of(pictures), 12
    shares = []
    for number in range(50):
        picked = [pictures[(int(w) * n) >> 64] for w in splitmix.words(1, number * n, n)]
        right = sum(t == p for truth, said in picked for t, p in zip(truth, said, strict=True))
        shares.append(right / sum(len(truth) for truth, _ in picked))
    interval = accuracy_interval(overlaps, resamples=50)
    assert (interval.low, interval.high) == pytest.approx(np.quantile(shares, [0.025, 0.975]))


def test_resamples_without_an_object_have_no_score() -> None:
    empty, full = ([0, 0], [0, 0]), ([0, 1], [0, 1])
    overlaps = overlaps_of([empty] * 12 + [full], 2)
    (interval,) = class_intervals(overlaps, [ClassMean("iou", background=False)], "pooled")
    assert interval is not None
    assert (interval.low, interval.high) == (1, 1)
    all_empty = overlaps_of([empty] * 12, 2)
    assert class_intervals(all_empty, [ClassMean("iou", background=False)], "pooled") == (None,)


def test_few_pictures_have_no_interval() -> None:
    with pytest.raises(InputError, match="interval of 9 pictures would mean nothing"):
        class_intervals(overlaps_of(drawn_pictures(9)), MEANS, "pooled")
