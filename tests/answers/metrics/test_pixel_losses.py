"""Losses of a mask pixel by pixel: reference cases, finite differences, Keras, the Dice–IoU law."""

from __future__ import annotations

from fractions import Fraction
from math import log
from typing import Any

import numpy as np
import pytest
from corpus import load_json
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from answers.errors import InputError
from answers.metrics import losses
from answers.metrics.pixel_losses import Grid, PixelLosses, Relation, relations
from answers.metrics.soft_overlap import EPSILON_BELOW, NO_SMOOTHING, SMOOTH_ONE, Smoothing

TABLE: Any = load_json("reference/metric_cases.json") or {"cases": []}
CHANCES = st.lists(
    st.fractions(Fraction(1, 50), Fraction(49, 50), max_denominator=50), min_size=6, max_size=6
)
MASK = st.lists(st.integers(0, 1), min_size=6, max_size=6)


def picture(mask: list[Any], chances: list[Any], smoothing: Smoothing = SMOOTH_ONE) -> PixelLosses:
    return PixelLosses(
        mask=Grid.of([[Fraction(value) for value in mask]]),
        probabilities=Grid.of([[Fraction(value) for value in chances]]),
        smoothing=smoothing,
    )


def cases(group: str) -> pytest.MarkDecorator:
    chosen = [
        pytest.param(case, id=case["id"])
        for case in TABLE["cases"]
        if case["group"] == group and set(case["input"]["y_true"]) <= {0, 1}
    ]
    return pytest.mark.parametrize("case", chosen)


@pytest.mark.corpus
@cases("loss-overlap")
def test_the_reference_cases_of_overlap_losses(case: dict[str, Any]) -> None:
    mask, chances = case["input"]["y_true"], case["input"]["y_prob"]
    expected = case["expected"]
    for name, smoothing in (("smooth_1_both", SMOOTH_ONE), ("no_smoothing", NO_SMOOTHING)):
        found = picture(mask, chances, smoothing)
        for kind, loss, slopes in (
            ("dice", found.dice_loss, found.dice_gradient),
            ("iou", found.iou_loss, found.iou_gradient),
        ):
            wanted = expected["loss"][f"soft_{kind}_{name}"]["exact"]
            assert loss == (None if wanted == "0/0" else Fraction(wanted))
            gradient = expected["gradient"].get(f"soft_{kind}_{name}")
            if gradient is not None:
                assert slopes == tuple(map(Fraction, gradient["exact"]))
    # 1 − (1 − 1e-7) is not 1e-7 in float64: the reference clips before it subtracts
    assert found.bce == pytest.approx(expected["bce_mean_clip_1e-7"], abs=1e-9)


@pytest.mark.corpus
@cases("loss-bce-probabilities")
def test_the_reference_cases_of_cross_entropy(case: dict[str, Any]) -> None:
    found = picture(case["input"]["y_true"], case["input"]["y_prob"])
    expected = case["expected"]
    close = expected["tolerance"]
    wanted = expected["per_element_float64_clip_1e-7"]
    assert found.bce_pixels == pytest.approx(wanted, abs=max(close, 1e-9))
    if "gradient_of_mean" in expected:
        gradient = [float(value) for value in found.bce_gradient]
        assert gradient == pytest.approx(expected["gradient_of_mean"], abs=close)


def bce(mask: list[int], chances: list[Fraction]) -> float:
    return sum(-log(p if t else 1 - p) for p, t in zip(chances, mask, strict=True)) / len(mask)


@settings(max_examples=30)
@given(MASK, CHANCES, st.integers(0, 5), st.sampled_from([SMOOTH_ONE, EPSILON_BELOW]))
def test_every_gradient_is_the_slope_of_its_loss(
    mask: list[int], chances: list[Fraction], place: int, smoothing: Smoothing
) -> None:
    step = Fraction(1, 10**6)
    found = picture(mask, chances, smoothing)
    ends = []
    for shift in (step, -step):
        moved = [p + shift * (i == place) for i, p in enumerate(chances)]
        ends.append((bce(mask, moved), picture(mask, moved, smoothing)))
    (above, high), (below, low) = ends
    slope = (above - below) / float(2 * step)
    assert float(found.bce_gradient[place]) == pytest.approx(slope, rel=1e-5, abs=1e-8)
    for after, before, slopes in (
        (high.dice_loss, low.dice_loss, found.dice_gradient),
        (high.iou_loss, low.iou_loss, found.iou_gradient),
    ):
        assert after is not None
        assert before is not None
        assert slopes is not None
        assert float((after - before) / (2 * step)) == pytest.approx(float(slopes[place]), abs=1e-6)


@settings(max_examples=30)
@given(MASK, st.lists(st.floats(0, 1, width=32), min_size=6, max_size=6))
def test_cross_entropy_is_that_of_the_grader(mask: list[int], chances: list[float]) -> None:
    found = picture(mask, chances)
    grader = losses.binary_cross_entropy(chances, mask)
    np.testing.assert_allclose(found.bce_pixels, grader, rtol=1e-6, atol=1e-9)
    slopes = losses.binary_cross_entropy_gradient(chances, mask)
    np.testing.assert_allclose([float(s) for s in found.bce_gradient], slopes, rtol=1e-9)


@pytest.mark.slow
def test_keras_has_the_same_losses_and_gradients() -> None:
    import keras
    import tensorflow as tf

    mask, chances = [1, 0, 1, 0, 0, 1], [0.9, 0.2, 0.6, 0.35, 0.05, 0.7]
    found = picture(mask, chances, EPSILON_BELOW)
    p, t = tf.Variable(chances, dtype="float32"), tf.constant(mask, dtype="float32")
    for ours, slopes, theirs in (
        (found.bce, found.bce_gradient, keras.losses.BinaryCrossentropy()),
        (found.dice_loss, found.dice_gradient, keras.losses.Dice()),
        # Tversky with both weights 1 is IoU, the smoothing below alone
        (found.iou_loss, found.iou_gradient, keras.losses.Tversky(alpha=1.0, beta=1.0)),
    ):
        with tf.GradientTape() as tape:
            loss = theirs(t[tf.newaxis], p[tf.newaxis])
        assert ours is not None
        assert slopes is not None
        assert float(loss) == pytest.approx(float(ours), rel=1e-5)
        gradient = tape.gradient(loss, p).numpy()
        np.testing.assert_allclose([float(s) for s in slopes], gradient, rtol=1e-4, atol=1e-6)


@settings(max_examples=30)
@given(MASK, CHANCES)
def test_dice_from_iou_holds_of_hard_scores_and_of_bare_soft_sums(
    mask: list[int], chances: list[Fraction]
) -> None:
    found = {relation.of: relation for relation in relations([picture(mask, chances)])}
    assert found["soft"].holds
    if "hard" in found:
        assert found["hard"].holds


@settings(max_examples=30)
@given(MASK, CHANCES)
def test_dice_from_iou_fails_with_a_smoothing_unless_the_loss_is_0(
    mask: list[int], chances: list[Fraction]
) -> None:
    found = {relation.of: relation for relation in relations([picture(mask, chances)])}
    assert found["soft-smoothed"].holds == (found["soft-smoothed"].iou == 1)


@settings(max_examples=30)
@given(st.lists(st.tuples(MASK, CHANCES), min_size=2, max_size=4))
def test_of_means_it_holds_only_where_all_pictures_are_alike(
    pictures: list[tuple[list[int], list[Fraction]]],
) -> None:
    made = [picture(*item) for item in pictures]
    found = {relation.of: relation for relation in relations(made)}
    alike = len({item.hard.iou for item in made}) == 1
    assert found["mean"].holds == alike
    assert found["mean"].dice <= found["mean"].from_iou  # 2J/(1 + J) is concave
    if "pooled" in found:
        assert found["pooled"].holds


@settings(max_examples=30)
@given(MASK, CHANCES)
def test_overlap_gradients_have_one_value_for_each_kind_of_pixel(
    mask: list[int], chances: list[Fraction]
) -> None:
    assume(0 < sum(mask) < 6)
    found = picture(mask, chances)
    for slopes in (found.dice_gradient, found.iou_gradient):
        assert slopes is not None
        assert len({slope for slope, t in zip(slopes, mask, strict=True) if t}) == 1
        assert len(set(slopes)) == 2


def test_two_empty_masks_are_0_over_0_without_smoothing() -> None:
    found = picture([0, 0], [0, 0], NO_SMOOTHING)
    assert (found.dice_loss, found.iou_loss) == (None, None)
    assert (found.dice_gradient, found.iou_gradient) == (None, None)
    assert relations([found]) == ()
    assert picture([0, 0], [0, 0]).dice_loss == 0
    assert picture([0, 0], [0, 0], EPSILON_BELOW).dice_loss == 1


def test_the_relation_of_the_homework() -> None:
    assert Relation(of="hard", dice=Fraction(2, 3), iou=Fraction(1, 2)).holds
    assert Relation(of="hard", dice=Fraction(1, 2), iou=Fraction(1, 2)).from_iou == Fraction(2, 3)


BAD = [
    ("shapes", [1, 0], [0.5], r"The mask has 1 x 2 pixels, the probabilities 1 x 1"),
    ("truth", [1, 2], [0.5, 0.5], "A pixel of the mask is 2"),
    ("soft truth", [1, 0.5], [0.5, 0.5], "A pixel of the mask is 0.5"),
    ("logits", [1, 0], [0.5, 3], "A probability is 3"),
]


@pytest.mark.parametrize(
    ("mask", "chances", "words"), [b[1:] for b in BAD], ids=[b[0] for b in BAD]
)
def test_what_is_no_mask_and_no_probability_is_an_error(
    mask: list[Any], chances: list[Any], words: str
) -> None:
    with pytest.raises(InputError, match=words):
        picture(mask, chances)


def test_grids_are_rectangles_of_a_bounded_size() -> None:
    one = Fraction(1)
    with pytest.raises(InputError, match="rows of 1 and of 2 numbers"):
        Grid.of([[one], [one, one]])
    with pytest.raises(InputError, match="no pixels"):
        Grid.of([])
    with pytest.raises(InputError, match="65,537 pixels"):
        Grid.of([[one]] * 65_537)
