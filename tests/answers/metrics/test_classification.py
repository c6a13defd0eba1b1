"""Answers, confusion counts, ranks and ties."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from answers.errors import InputError
from answers.metrics.classification import ConfusedPair, Confusion, answers_of
from answers.metrics.ranking import Ranks, Ties, tied_rows

LABELS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=40)
CLASSES = 5


def counted(rows: list[tuple[int, int]]) -> Confusion:
    return Confusion.of([t for t, _ in rows], [p for _, p in rows], CLASSES)


def test_6700_of_10000_is_67_hundredths_exactly() -> None:
    truth = np.zeros(10_000, dtype=np.int64)
    predicted = np.arange(10_000) >= 6_700
    assert Confusion.of(truth, predicted, 2).accuracy == Fraction(67, 100)


@given(LABELS)
def test_scores_per_class_are_those_of_sets_of_rows(rows: list[tuple[int, int]]) -> None:
    for score in counted(rows).per_class:
        true = {i for i, (t, _) in enumerate(rows) if t == score.index}
        said = {i for i, (_, p) in enumerate(rows) if p == score.index}
        assert score.precision == (Fraction(len(true & said), len(said)) if said else 0)
        assert score.recall == (Fraction(len(true & said), len(true)) if true else 0)
        both = len(true) + len(said)
        assert score.f1 == (Fraction(2 * len(true & said), both) if both else 0)


@given(LABELS, st.integers(0, 40))
def test_batches_added_are_the_whole(rows: list[tuple[int, int]], at: int) -> None:
    parts = [counted(part) for part in (rows[:at], rows[at:]) if part]
    assert sum(parts, Confusion.none(CLASSES)) == counted(rows)


@given(LABELS, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(rows: list[tuple[int, int]], random: Any) -> None:
    assert counted(random.sample(rows, len(rows))) == counted(rows)


@given(LABELS)
def test_weighted_recall_is_the_accuracy(rows: list[tuple[int, int]]) -> None:
    confusion = counted(rows)
    assert confusion.weighted.recall == confusion.accuracy == confusion.micro.f1


def test_the_three_largest_confusions_come_first_in_order_of_classes() -> None:
    confusion = Confusion(((5, 2, 1), (4, 0, 2), (0, 1, 9)))
    assert confusion.largest_confusions() == (
        ConfusedPair(truth=1, predicted=0, count=4),
        ConfusedPair(truth=0, predicted=1, count=2),
        ConfusedPair(truth=1, predicted=2, count=2),
    )
    assert Confusion(((3, 0), (0, 3))).largest_confusions() == ()


def test_counts_of_nothing_have_no_accuracy() -> None:
    with pytest.raises(InputError, match="a measure of nothing is 0/0"):
        _ = Confusion.none(3).accuracy
    with pytest.raises(InputError, match="a measure of nothing is 0/0"):
        _ = Confusion.none(3).weighted
    with pytest.raises(InputError, match="a measure of nothing is 0/0"):
        _ = Confusion.none(3).macro_seen


WRONG_LABELS = [
    pytest.param([0, 1], [0], 3, "2 truths and 1 predictions", id="lengths"),
    pytest.param([0, 3], [0, 0], 3, "1 of 2 labels of the truth .* the first is 3", id="too large"),
    pytest.param([0, 1], [0, -1], 3, "labels of the prediction .* is -1", id="negative"),
    pytest.param([0.0, 1.0], [0, 1], 3, "truth has the type float64", id="floats"),
    pytest.param([[1, 0], [0, 1]], [0, 1], 2, r"truth has the shape \(2, 2\)", id="one-hot"),
    pytest.param([], [], 2, "no samples", id="empty"),
    pytest.param([0], [0], 0, "There are 0 classes", id="no classes"),
    pytest.param([0], [0], 10**6, "There are 1000000 classes", id="too many classes"),
    pytest.param(["cat"], [0], 2, "truth has the type", id="texts"),
    pytest.param([[0], [0, 1]], [0, 0], 2, "rows of the truth have different", id="ragged"),
]


@pytest.mark.parametrize(("truth", "predicted", "classes", "words"), WRONG_LABELS)
def test_wrong_labels_are_named(truth: Any, predicted: Any, classes: int, words: str) -> None:
    with pytest.raises(InputError, match=words):
        Confusion.of(truth, predicted, classes)


def test_counts_of_other_classes_cannot_be_added() -> None:
    with pytest.raises(InputError, match="Counts of 2 and of 3 classes"):
        Confusion.none(2) + Confusion.none(3)


@pytest.mark.parametrize("counts", [((1, 2),), ((1, -1), (0, 0)), ((1,), (2,))], ids=str)
def test_a_matrix_that_is_no_count_is_refused(counts: Any) -> None:
    with pytest.raises(InputError, match="confusion matrix of"):
        Confusion(counts)


def test_scores_that_are_not_finite_are_counted_and_placed() -> None:
    scores = np.zeros((4, 3), dtype=np.float32)
    scores[2, 1], scores[3, 0] = np.nan, np.inf
    with pytest.raises(InputError, match=r"2 of 12 scores are not finite; the first is nan") as e:
        answers_of(scores)
    assert e.value.code == "scores-not-finite"
    assert e.value.where == "at [2, 1]"


@pytest.mark.parametrize("scores", [[0.5, 0.5], np.zeros((3, 0)), [["a", "b"]]], ids=str)
def test_scores_that_are_no_rows_of_numbers_are_refused(scores: Any) -> None:
    with pytest.raises(InputError, match="The scores have the"):
        answers_of(scores)


def test_scores_of_pixels_are_answered_pixel_by_pixel() -> None:
    scores = np.array([[[0.1, 0.9], [0.5, 0.5]]])
    assert answers_of(scores).tolist() == [[1, 0]]


SCORES = st.lists(
    st.lists(st.sampled_from([0.0, -0.0, 0.25, 0.5, 1.0]), min_size=4, max_size=4),
    min_size=1,
    max_size=10,
)


@given(SCORES, st.data())
def test_ranks_are_the_place_in_a_stable_sort(scores: list[list[float]], data: Any) -> None:
    size = len(scores)
    truth = data.draw(st.lists(st.integers(0, 3), min_size=size, max_size=size))
    ranks = Ranks.of(scores, truth)
    orders = [sorted(range(4), key=lambda i, row=row: -row[i]) for row in scores]  # type: ignore[misc]  # mypy cannot infer a lambda with a default
    expected = [order.index(label) for order, label in zip(orders, truth, strict=True)]
    assert ranks.lower_index_first.tolist() == expected
    accuracy = Confusion.of(truth, answers_of(scores), 4).accuracy
    assert ranks.top_k_accuracy(1) == accuracy
    for k in range(1, 5):
        lowest, highest = ranks.top_k_if_truth_loses(k), ranks.top_k_if_truth_wins(k)
        assert lowest <= ranks.top_k_accuracy(k) <= highest
    assert ranks.top_k_accuracy(4) == 1


def test_a_k_below_1_is_refused() -> None:
    with pytest.raises(InputError, match="k is 0"):
        Ranks.of([[0.5, 0.5]], [0]).top_k_accuracy(0)


NEAR_TIE = 0.5 + 2**-18  # 3.8e-6 above 0.5
FAR = 0.5 + 2**-16  # 1.5e-5 above 0.5
TIES = [
    pytest.param([NEAR_TIE, 0.5, 0.0], 1, Ties(rows=1, truth_among=1, gains=1), id="could gain"),
    pytest.param([NEAR_TIE, 0.5, 0.0], 0, Ties(rows=1, truth_among=1, losses=1), id="could lose"),
    pytest.param([NEAR_TIE, 0.5, 0.0], 2, Ties(rows=1), id="wrong either way"),
    pytest.param([FAR, 0.5, 0.0], 1, Ties(), id="clear"),
    pytest.param([0.5, 0.5, 0.0], 1, Ties(rows=1, truth_among=1, gains=1), id="equal"),
    pytest.param([0.5, 0.5, 0.5], 2, Ties(rows=1, truth_among=1, gains=1), id="all equal"),
]


@pytest.mark.parametrize(("row", "label", "ties"), TIES)
def test_rows_too_close_to_call_say_what_they_could_turn(
    row: list[float], label: int, ties: Ties
) -> None:
    assert Ties.of(np.array([row], dtype=np.float32), [label]) == ties


def test_ties_of_batches_add_up() -> None:
    rows: Any = [param.values[0] for param in TIES]
    labels: Any = [param.values[1] for param in TIES]
    parts = [Ties.of([row], [label]) for row, label in zip(rows, labels, strict=True)]
    assert sum(parts, Ties()) == Ties.of(rows, labels)
    assert tied_rows(rows).tolist() == [0, 1, 2, 4, 5]


def test_scores_whose_distance_overflows_are_far_apart() -> None:
    assert Ties.of([[1.7e308, -1.7e308]], [1]) == Ties()


def test_one_class_has_no_ties() -> None:
    assert Ties.of([[1.0], [1.0]], [0, 0]) == Ties()


def test_ranking_needs_two_axes() -> None:
    with pytest.raises(InputError, match="two axes"):
        Ties.of(np.zeros((2, 2, 2)), [0, 0])
