"""Cross-entropies and soft overlap losses: laws, Keras as the oracle, and errors."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from answers.errors import InputError
from answers.metrics import losses
from answers.metrics.soft_overlap import EPSILON_BELOW, NO_SMOOTHING, SMOOTH_ONE, SoftOverlap

CHANCES = st.lists(st.integers(0, 64).map(lambda k: k / 64), min_size=6, max_size=6)
TARGETS = st.lists(st.integers(0, 1), min_size=6, max_size=6)
LOGITS = st.lists(st.floats(-30, 30), min_size=6, max_size=6)


@given(LOGITS, TARGETS)
def test_logits_and_their_probabilities_cost_the_same(x: list[float], y: list[int]) -> None:
    moderate = np.array(x) / 4
    chances = 1 / (1 + np.exp(-moderate))
    np.testing.assert_allclose(
        losses.binary_cross_entropy_from_logits(moderate, y),
        losses.binary_cross_entropy(chances, y),
        rtol=1e-9,
    )


@given(LOGITS, TARGETS)
def test_two_classes_of_softmax_are_one_sigmoid(x: list[float], y: list[int]) -> None:
    pair = np.stack([np.zeros(6), np.array(x)], axis=1)
    np.testing.assert_allclose(
        losses.sparse_cross_entropy_from_logits(pair, y),
        losses.binary_cross_entropy_from_logits(x, y),
        # log(e^28 + 1) and 28 differ by 7e-13: beyond float64's digits of 28.
        rtol=1e-9,
        atol=1e-13,
    )


def slope_by_difference(loss: Callable[[Any], Any], at: Any, step: float = 1e-6) -> list[float]:
    slopes = []
    for i in range(at.size):
        shift = np.zeros(at.size)
        shift[i] = step
        moved = (at + shift.reshape(at.shape), at - shift.reshape(at.shape))
        slopes.append((loss(moved[0]).mean() - loss(moved[1]).mean()) / (2 * step))
    return slopes


@given(LOGITS, st.lists(st.integers(0, 2), min_size=2, max_size=2))
def test_the_gradient_of_softmax_is_the_slope(x: list[float], labels: list[int]) -> None:
    logits = np.array(x).reshape(2, 3)
    slope = losses.sparse_cross_entropy_from_logits_gradient(logits, labels)
    measured = slope_by_difference(
        lambda at: losses.sparse_cross_entropy_from_logits(at, labels), logits
    )
    np.testing.assert_allclose(slope.ravel(), measured, atol=1e-7)


@given(CHANCES, TARGETS)
def test_soft_scores_of_hard_answers_are_the_hard_scores(p: list[float], t: list[int]) -> None:
    hard = [float(value > 0.5) for value in p]
    soft = SoftOverlap.of(hard, t)
    said = {i for i, value in enumerate(hard) if value}
    true = {i for i, value in enumerate(t) if value}
    if said | true:
        assert soft.iou() == Fraction(len(said & true), len(said | true))
        assert soft.dice() == soft.squared_dice()
    else:
        assert soft.iou() is None
        assert soft.dice() is None


@given(CHANCES, TARGETS)
def test_tversky_of_halves_is_dice_and_of_ones_is_iou(p: list[float], t: list[int]) -> None:
    soft, half, one = SoftOverlap.of(p, t), Fraction(1, 2), Fraction(1)
    assert soft.tversky(half, half) == soft.dice()
    assert soft.tversky(one, one, SMOOTH_ONE) == soft.iou(SMOOTH_ONE)


_SKEWED = (Fraction(3, 10), Fraction(7, 10))


def test_tversky_weighs_false_alarms_by_its_first_weight_and_misses_by_its_second() -> None:
    # One hit, two false alarms, one miss: 1 / (1 + 2 a + b), Salehi 2017, eq. 2.
    soft = SoftOverlap.of([1.0, 1.0, 1.0, 0.0, 0.0], [1, 0, 0, 1, 0])
    assert soft.tversky(*_SKEWED) == Fraction(10, 23)
    assert soft.tversky(*_SKEWED[::-1]) == Fraction(10, 27)


@given(CHANCES, TARGETS, st.integers(1, 5))
def test_sums_of_a_batch_add_up(p: list[float], t: list[int], at: int) -> None:
    parts = SoftOverlap.of(p[:at], t[:at]) + SoftOverlap.of(p[at:], t[at:])
    assert parts == SoftOverlap.of(p, t)


@given(CHANCES, TARGETS, st.integers(0, 5))
def test_gradients_are_the_slope_of_the_exact_loss(p: list[float], t: list[int], i: int) -> None:
    p[i] = min(max(p[i], 1 / 64), 63 / 64)
    soft, step = SoftOverlap.of(p, t), Fraction(1, 2**20)

    def moved(by: Fraction) -> SoftOverlap:
        return SoftOverlap.of([*p[:i], float(Fraction(p[i]) + by), *p[i + 1 :]], t)

    for score, gradient in (
        (SoftOverlap.dice, soft.dice_loss_gradient(t, SMOOTH_ONE)),
        (SoftOverlap.iou, soft.iou_loss_gradient(t, SMOOTH_ONE)),
    ):
        after, before = score(moved(step), SMOOTH_ONE), score(moved(-step), SMOOTH_ONE)
        assert after is not None
        assert before is not None
        assert float(-(after - before) / (2 * step)) == pytest.approx(float(gradient[i]), abs=1e-9)


def test_a_gradient_of_0_by_0_is_refused() -> None:
    empty = SoftOverlap.of([0.0, 0.0], [0, 0])
    with pytest.raises(InputError, match="The score is 0/0"):
        empty.dice_loss_gradient([0, 0], NO_SMOOTHING)
    with pytest.raises(InputError, match="The score is 0/0"):
        empty.iou_loss_gradient([0, 0], NO_SMOOTHING)


LOSSES_OF_TWO = [
    losses.binary_cross_entropy,
    losses.binary_cross_entropy_float32,
    losses.binary_cross_entropy_gradient,
    SoftOverlap.of,
]
WRONG = [
    pytest.param([0.5], [0, 1], "must be equal", id="shapes"),
    pytest.param([], [], "no samples", id="empty"),
    pytest.param([2.0], [1], "1 of 1 probabilities lie outside", id="logits"),
    pytest.param([np.nan], [1], "1 of 1 probabilities are not finite", id="nan"),
    pytest.param([0.5], [2], "1 of 1 truths lie outside", id="truth"),
]


@pytest.mark.parametrize("loss", LOSSES_OF_TWO, ids=lambda loss: loss.__qualname__)
@pytest.mark.parametrize(("chances", "truth", "words"), WRONG)
def test_losses_refuse_what_is_no_probability(
    loss: Callable[[Any, Any], Any], chances: Any, truth: Any, words: str
) -> None:
    with pytest.raises(InputError, match=words):
        loss(chances, truth)


def test_losses_refuse_infinite_logits_and_unknown_labels() -> None:
    with pytest.raises(InputError, match="1 of 1 logits are not finite"):
        losses.binary_cross_entropy_from_logits([np.inf], [1])
    with pytest.raises(InputError, match="label"):
        losses.sparse_cross_entropy_from_logits([[0.0, 1.0]], [2])
    with pytest.raises(InputError, match="probabilities lie outside"):
        losses.sparse_cross_entropy([[3.0, 1.0]], [1])


def test_exact_soft_scores_are_bounded() -> None:
    with pytest.raises(InputError, match="There are 1000001 values"):
        SoftOverlap.of(np.zeros(1_000_001), np.zeros(1_000_001))


@pytest.mark.slow
def test_keras_computes_the_same_losses_in_float32() -> None:
    import keras

    # The oracle runs on float32; 2e-6 is the tolerance of the reference file.
    p = np.array([0.9, 0.2, 0.6, 0.35, 1.0, 0.0], dtype=np.float32)
    y = np.array([1, 0, 1, 0, 0, 1], dtype=np.float32)
    theirs = keras.losses.BinaryCrossentropy()(y, p)
    ours = losses.binary_cross_entropy_float32(p, y).mean()
    assert float(theirs) == pytest.approx(ours, rel=2e-6)
    soft, half = SoftOverlap.of(p, y), Fraction(1, 2)
    dice, tversky = soft.dice(EPSILON_BELOW), soft.tversky(half, half, EPSILON_BELOW)
    assert dice is not None
    assert tversky is not None
    assert float(keras.losses.Dice()(y, p)) == pytest.approx(float(1 - dice), rel=2e-6)
    assert float(keras.losses.Tversky()(y, p)) == pytest.approx(float(1 - tversky), rel=2e-6)
    # Keras 3.15 documents alpha as the weight of false positives and multiplies the misses by it;
    # a later Keras may turn it round, so either order of the weights is Keras' answer here.
    skewed = [soft.tversky(*weights, EPSILON_BELOW) for weights in (_SKEWED, _SKEWED[::-1])]
    theirs = keras.losses.Tversky(alpha=0.3, beta=0.7)(y, p)
    assert any(
        score is not None and float(theirs) == pytest.approx(float(1 - score), rel=2e-6)
        for score in skewed
    )
    rows = np.array([[0.1, 0.9, 0.0], [0.7, 0.2, 0.1]], dtype=np.float32)
    labels = np.array([1, 2])
    sparse = keras.losses.SparseCategoricalCrossentropy()(labels, rows)
    assert float(sparse) == pytest.approx(
        losses.sparse_cross_entropy(rows, labels).mean(), rel=2e-6
    )
