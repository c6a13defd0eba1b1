"""Every case of the reference file: exact fractions exactly, floats to the file's tolerance."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from corpus import load_json
from numpy.typing import NDArray

from answers.errors import InputError
from answers.metrics import losses, splitmix
from answers.metrics.class_overlap import ClassOverlap
from answers.metrics.classification import Averages, Confusion, answers_of
from answers.metrics.intervals import Z_95, percentile_interval, resampled_means, wilson
from answers.metrics.ranking import Ranks, tied_rows
from answers.metrics.segmentation import Overlap, Overlaps
from answers.metrics.soft_overlap import (
    EPSILON_BELOW,
    NO_SMOOTHING,
    SMOOTH_ONE,
    SMOOTH_SMALL,
    SoftOverlap,
    loss_of,
)

pytestmark = pytest.mark.corpus

Case = dict[str, Any]

TABLE = load_json("reference/metric_cases.json") or {"cases": []}
CODE_OF = {
    "empty": "nothing-to-measure",
    "length-mismatch": "lengths-differ",
    "label-out-of-range": "label-out-of-range",
    "not-a-probability": "not-a-probability",
    "truth-not-binary": "truth-not-binary",
    "shape-mismatch": "shapes-differ",
    "out-of-range": "successes-out-of-range",
}


def cases(group: str, *, failing: bool = False) -> pytest.MarkDecorator:
    chosen = [
        pytest.param(case, id=f"{case['id']} {case['title']}")
        for case in TABLE["cases"]
        if case["group"] == group and ("error" in case["expected"]) == failing
    ]
    return pytest.mark.parametrize("case", chosen)


def exact(value: Any) -> Any:
    """The exact side of an expected value: fractions, None for 0/0, tuples for lists."""
    if isinstance(value, dict):
        return exact(value["exact"])
    if isinstance(value, list):
        return tuple(exact(part) for part in value)
    return None if value == "0/0" else Fraction(value)


def numbers(values: Any, dtype: str = "float64") -> NDArray[Any]:
    """Numbers of the file; the strings nan, inf and -inf stand for themselves."""
    return np.array(values, dtype=object).astype(dtype)


def drawn(seed: int, count: int) -> Iterator[int]:
    """The file's `lcg`."""
    state = seed
    for _ in range(count):
        state = (1664525 * state + 1013904223) % 2**32
        yield state >> 24


def labels_of(given: Case) -> tuple[list[int], list[int]]:
    if "generator" not in given:
        return given["y_true"], given["y_pred"]
    rule = given["generator"]
    true_seed, other_seed, agree_seed = rule["seeds"]
    truth = [(value * 10) >> 8 for value in drawn(true_seed, rule["n"])]
    other = [(value * 10) >> 8 for value in drawn(other_seed, rule["n"])]
    agree = [value < rule["agree_below"] for value in drawn(agree_seed, rule["n"])]
    predicted = [t if same else o for t, o, same in zip(truth, other, agree, strict=True)]
    assert truth[:20] == given["check"]["first_20_true"]
    assert predicted[:20] == given["check"]["first_20_pred"]
    return truth, predicted


def confusion_of(case: Case) -> Confusion:
    truth, predicted = labels_of(case["input"])
    shaped = np.array(truth).reshape(case["input"].get("y_true_shape", (-1,)))
    return Confusion.of(shaped, predicted, case["input"]["num_classes"])


def test_the_file_holds_the_cases_it_says() -> None:
    assert len(TABLE["cases"]) == TABLE["count"] == 128
    assert sum("error" in case["expected"] for case in TABLE["cases"]) == 18


@cases("classification-labels")
def test_labels_are_counted_and_scored_exactly(case: Case) -> None:
    expected, confusion = case["expected"], confusion_of(case)
    assert [list(row) for row in confusion.counts] == expected["confusion_rows_truth"]
    assert confusion.accuracy == exact(expected["accuracy"])
    assert [score.support for score in confusion.per_class] == expected["support"]
    for name in ("precision", "recall", "f1"):
        values = tuple(getattr(score, name) for score in confusion.per_class)
        assert values == tuple(v or 0 for v in exact(expected[f"{name}_per_class"]))


@cases("classification-labels")
def test_classes_of_0_by_0_are_listed(case: Case) -> None:
    confusion, expected = confusion_of(case), case["expected"]["zero_division_classes"]
    assert list(confusion.undefined_precision) == expected["precision"]
    assert list(confusion.undefined_recall) == expected["recall"]
    assert list(confusion.undefined_f1) == expected["f1"]


def averages(expected: Case) -> Averages:
    return Averages(**{name: exact(value) for name, value in expected.items()})


@cases("classification-labels")
def test_macro_micro_and_weighted_means_are_exact(case: Case) -> None:
    expected, confusion = case["expected"], confusion_of(case)
    assert confusion.macro == averages(expected["macro_all_classes"])
    assert confusion.micro == averages(expected["micro"])
    assert confusion.weighted == averages(expected["weighted"])
    assert confusion.macro_seen.f1 == exact(expected["macro_f1_classes_in_truth_or_prediction"])
    assert confusion.balanced_accuracy == exact(expected["macro_recall_classes_in_truth"])


@cases("classification-labels")
def test_the_f1_of_macro_precision_and_recall_is_another_number(case: Case) -> None:
    macro, expected = confusion_of(case).macro, case["expected"]
    both = macro.precision + macro.recall
    of_means = 2 * macro.precision * macro.recall / both if both else Fraction(0)
    assert of_means == exact(expected["f1_of_macro_precision_and_recall_not_macro_f1"])
    # Opitz and Burst 2019: by concavity never below the mean of the F1s.
    assert macro.f1 <= of_means


@cases("classification-labels", failing=True)
def test_labels_that_cannot_be_scored_are_errors(case: Case) -> None:
    with pytest.raises(InputError) as caught:
        confusion_of(case)
    assert caught.value.code == CODE_OF[case["expected"]["error"]]


@cases("classification-scores")
def test_scores_are_answered_and_ranked(case: Case) -> None:
    scores = numbers(case["input"]["scores"], case["input"]["dtype"])
    truth, expected = case["input"]["y_true"], case["expected"]
    answers, ranks = answers_of(scores), Ranks.of(scores, truth)
    assert answers.tolist() == expected["argmax_first_index"]
    assert Confusion.of(truth, answers, scores.shape[1]).accuracy == exact(expected["accuracy"])
    assert tied_rows(scores, within=0.0).tolist() == expected["rows_where_top1_is_tied"]
    for rule, accuracy in (
        ("top_k_accuracy_lower_index_wins_ties", ranks.top_k_accuracy),
        ("top_k_accuracy_truth_wins_ties", ranks.top_k_if_truth_wins),
        ("top_k_accuracy_truth_loses_ties", ranks.top_k_if_truth_loses),
    ):
        assert {k: accuracy(int(k)) for k in expected[rule]} == {
            k: exact(value) for k, value in expected[rule].items()
        }


@cases("classification-scores", failing=True)
def test_scores_that_cannot_be_ranked_are_errors(case: Case) -> None:
    codes = CODE_OF | {"non-finite": "scores-not-finite"}
    with pytest.raises(InputError) as caught:
        Ranks.of(numbers(case["input"]["scores"], "float32"), case["input"]["y_true"])
    assert caught.value.code == codes[case["expected"]["error"]]


def pictures_of(given: Case, truths: str = "y_true") -> Iterator[tuple[NDArray[Any], NDArray[Any]]]:
    shape_true = given.get("shape_each") or given["shape_true"][1:]
    shape_prob = given.get("shape_each") or given["shape_prob"][1:]
    for truth, chances in zip(given[truths], given["y_prob"], strict=True):
        mask = np.array(truth, dtype=np.uint8).reshape(shape_true)
        yield numbers(chances, "float32").reshape(shape_prob), mask


def overlaps_of(given: Case, truths: str = "y_true") -> Overlaps:
    return Overlaps.of(
        Overlap.of(chances, mask, cut=given["threshold"])
        for chances, mask in pictures_of(given, truths)
    )


@cases("segmentation-binary")
def test_masks_are_counted_exactly(case: Case) -> None:
    overlaps, expected = overlaps_of(case["input"]), case["expected"]
    counts = [
        [o.intersection, o.predicted - o.intersection, o.truth - o.intersection, o.pixels - o.union]
        for o in overlaps.pictures
    ]
    assert counts == expected["counts_per_image"]
    assert [o.predicted for o in overlaps.pictures] == expected["positive_predictions"]
    assert [o.truth for o in overlaps.pictures] == expected["truth_pixels"]


@cases("segmentation-binary")
def test_pooled_mask_scores_are_exact(case: Case) -> None:
    pooled, expected = overlaps_of(case["input"]).pooled, case["expected"]
    assert pooled.pooled_dice == exact(expected["dice_pooled"])
    assert pooled.pooled_iou == exact(expected["iou_pooled"])
    assert pooled.pixel_accuracy == exact(expected["pixel_accuracy"])
    assert pooled.precision == exact(expected["precision_pooled"])
    assert pooled.recall == exact(expected["recall_pooled"])
    with_background = exact(expected["mean_of_foreground_and_background_iou_pooled"])
    assert pooled.mean_iou_with_background == with_background


@cases("segmentation-binary")
@pytest.mark.parametrize("measure", ["dice", "iou"])
def test_per_image_means_are_exact(case: Case, measure: Any) -> None:
    overlaps, expected = overlaps_of(case["input"]), case["expected"]
    one_if_empty = tuple(1 if v is None else v for v in exact(expected[f"{measure}_per_image"]))
    assert overlaps.values(measure, "per-image-all") == one_if_empty
    means = {k: exact(v) for k, v in expected[f"{measure}_mean_per_image"].items()}
    over_all = overlaps.value(measure, "per-image-all")
    assert over_all == means["empty_is_1"]
    assert over_all - Fraction(overlaps.both_empty, overlaps.count) == means["empty_is_0"]
    assert overlaps.value(measure, "per-image-not-both-empty") == means["empty_skipped"]


@cases("segmentation-binary")
def test_soft_mask_scores_are_exact(case: Case) -> None:
    expected = case["expected"]
    if "soft_dice_per_image" not in expected:
        return
    soft = [SoftOverlap.of(chances, mask) for chances, mask in pictures_of(case["input"])]
    assert tuple(o.dice() for o in soft) == exact(expected["soft_dice_per_image"])
    assert tuple(o.iou() for o in soft) == exact(expected["soft_iou_per_image"])


@cases("segmentation-binary", failing=True)
def test_masks_that_cannot_be_scored_are_errors(case: Case) -> None:
    codes = CODE_OF | {"non-finite": "probabilities-not-finite"}
    with pytest.raises(InputError) as caught:
        overlaps_of(case["input"])
    assert caught.value.code == codes[case["expected"]["error"]]


def test_a_truth_of_0_and_255_is_refused_and_not_scored() -> None:
    (given,) = [c["input"] for c in TABLE["cases"] if "y_true_raw_255" in c["input"]]
    with pytest.raises(InputError, match=r"2 of 4 truth pixels are neither 0 nor 1.* is 255"):
        overlaps_of(given, "y_true_raw_255")


def class_overlap_of(given: Case) -> ClassOverlap:
    pictures = [
        ClassOverlap.of(
            np.array(truth, dtype=np.uint8).reshape(given["shape_each"]),
            np.array(predicted, dtype=np.uint8).reshape(given["shape_each"]),
            given["num_classes"],
            ignore_label=given["ignore_label"],
        )
        for truth, predicted in zip(given["y_true"], given["y_pred"], strict=True)
    ]
    return sum(pictures[1:], pictures[0])


@cases("segmentation-multiclass")
def test_several_classes_are_pooled_exactly(case: Case) -> None:
    overlap, expected = class_overlap_of(case["input"]), case["expected"]
    assert [list(row) for row in overlap.confusion.counts] == expected["confusion_rows_truth"]
    assert overlap.iou == exact(expected["iou_per_class"])
    assert overlap.dice == exact(expected["dice_per_class"])
    assert overlap.mean_iou == exact(expected["mean_iou_classes_in_truth_or_prediction"])
    assert overlap.mean_iou_of_truth_classes == exact(expected["mean_iou_classes_in_truth"])
    assert overlap.mean_iou_without_background == exact(
        expected["mean_iou_without_class_0_in_truth_or_prediction"]
    )
    assert overlap.mean_dice == exact(expected["mean_dice_classes_in_truth_or_prediction"])
    assert overlap.pixel_accuracy == exact(expected["pixel_accuracy"])
    assert overlap.pixels == expected["pixels_counted"]


@cases("segmentation-multiclass")
@pytest.mark.parametrize("absent", [0, 1])
def test_other_conventions_follow_from_the_values_per_class(case: Case, absent: int) -> None:
    overlap, expected = class_overlap_of(case["input"]), case["expected"]
    filled = [absent if value is None else value for value in overlap.iou]
    mean = Fraction(sum(filled)) / len(filled)
    assert mean == exact(expected[f"mean_iou_all_classes_absent_is_{absent}"])


@cases("segmentation-multiclass", failing=True)
def test_class_masks_that_cannot_be_scored_are_errors(case: Case) -> None:
    with pytest.raises(InputError) as caught:
        class_overlap_of(case["input"])
    assert caught.value.code == CODE_OF[case["expected"]["error"]]


@cases("dice-iou-identity")
def test_dice_follows_from_iou_for_pictures_and_sums_but_not_for_means(case: Case) -> None:
    expected = case["expected"]
    overlaps = Overlaps.of(
        Overlap(intersection=tp, predicted=tp + fp, truth=tp + fn, pixels=tp + fp + fn)
        for tp, fp, fn in case["input"]["tp_fp_fn_per_image"]
    )
    mean_dice, mean_iou = (overlaps.value(m, "per-image") for m in ("dice", "iou"))
    assert overlaps.values("dice", "per-image") == exact(expected["dice_per_image"])
    assert overlaps.values("iou", "per-image") == exact(expected["iou_per_image"])
    for overlap in (*overlaps.pictures, overlaps.pooled):
        assert overlap.dice == 2 * overlap.iou / (1 + overlap.iou)
    assert mean_dice == exact(expected["mean_dice"])
    assert mean_iou == exact(expected["mean_iou"])
    assert overlaps.value("dice", "pooled") == exact(expected["dice_pooled"])
    assert overlaps.value("iou", "pooled") == exact(expected["iou_pooled"])
    from_mean = 2 * mean_iou / (1 + mean_iou)
    assert from_mean == exact(expected["dice_computed_from_mean_iou"])
    assert mean_dice - from_mean == exact(expected["mean_dice_minus_dice_from_mean_iou"])
    assert (mean_dice == from_mean) == expected["identity_holds_for_means"]


@cases("wilson")
def test_wilson_intervals_agree(case: Case) -> None:
    given, expected = case["input"], case["expected"]
    interval = wilson(given["successes"], given["trials"])
    assert given["z"] == Z_95
    assert interval.low <= expected["point"]["float"] <= interval.high
    assert interval.low == pytest.approx(expected["low"], rel=0, abs=expected["tolerance"])
    assert interval.high == pytest.approx(expected["high"], rel=0, abs=expected["tolerance"])


@cases("wilson", failing=True)
def test_impossible_trials_are_errors(case: Case) -> None:
    with pytest.raises(InputError) as caught:
        wilson(case["input"]["successes"], case["input"]["trials"])
    assert caught.value.code == CODE_OF[case["expected"]["error"]]


@cases("bootstrap")
def test_bootstrap_draws_the_words_and_indices_of_the_reference(case: Case) -> None:
    given, expected = case["input"], case["expected"]
    first = splitmix.words(given["seed"], 0, 3).tolist()
    assert [hex(word) for word in first] == expected["first_words_hex"]
    n = len(given["values"])
    drawn_indices = splitmix.indices(splitmix.words(given["seed"], 0, n), n)
    assert drawn_indices.tolist() == expected["first_resample_indices"]


@cases("bootstrap")
def test_bootstrap_means_and_quantiles_agree(case: Case) -> None:
    given, expected = case["input"], case["expected"]
    values = [Fraction(value) for value in given["values"]]
    means = resampled_means(values, resamples=given["resamples"], seed=given["seed"])
    interval = percentile_interval(means)
    assert len(means) == given["resamples"]
    for value, name in (
        (interval.low, "low_2.5_percent_linear"),
        (interval.high, "high_97.5_percent_linear"),
        (means.min(), "smallest_mean"),
        (means.max(), "largest_mean"),
    ):
        assert value == pytest.approx(expected[name]["float"], rel=1e-14), name


@cases("loss-bce-logits")
def test_cross_entropy_from_logits_agrees(case: Case) -> None:
    given, expected = case["input"], case["expected"]
    loss = losses.binary_cross_entropy_from_logits(given["logits"], given["y_true"])
    slope = losses.binary_cross_entropy_from_logits_gradient(given["logits"], given["y_true"])
    close = {"rel": 0, "abs": expected["tolerance"]}
    assert loss.tolist() == pytest.approx(expected["per_element"], **close)
    assert loss.mean() == pytest.approx(expected["mean"], **close)
    assert slope.tolist() == pytest.approx(expected["gradient_of_mean"], **close)
    near = {"rel": 0, "abs": expected["tolerance_finite_difference"]}
    assert slope.tolist() == pytest.approx(expected["gradient_finite_difference"], **near)


@cases("loss-bce-probabilities")
def test_cross_entropy_of_probabilities_agrees_in_both_precisions(case: Case) -> None:
    given, expected = case["input"], case["expected"]
    loss = losses.binary_cross_entropy(given["y_prob"], given["y_true"])
    close = {"rel": 0, "abs": expected["tolerance"]}
    assert loss.tolist() == pytest.approx(expected["per_element_float64_clip_1e-7"], **close)
    assert loss.mean() == pytest.approx(expected["mean_float64"], **close)
    single = losses.binary_cross_entropy_float32(given["y_prob"], given["y_true"])
    assert single.tolist() == pytest.approx(expected["per_element_float32_clip"], **close)
    assert single.mean() == pytest.approx(expected["mean_float32"], **close)


@cases("loss-bce-probabilities")
def test_the_gradient_of_cross_entropy_is_0_outside_the_clip(case: Case) -> None:
    given, expected = case["input"], case["expected"]
    slope = losses.binary_cross_entropy_gradient(given["y_prob"], given["y_true"])
    wanted = expected.get("gradient_of_mean", [0.0] * slope.size)
    assert slope.tolist() == pytest.approx(wanted, rel=0, abs=expected["tolerance"])
    if "gradient_finite_difference" in expected:
        near = {"rel": 0, "abs": expected["tolerance_finite_difference"]}
        assert slope.tolist() == pytest.approx(expected["gradient_finite_difference"], **near)


SOFT_LOSSES: dict[str, Callable[[SoftOverlap], Fraction | None]] = {
    "soft_dice_no_smoothing": lambda o: o.dice(NO_SMOOTHING),
    "soft_dice_smooth_1_both": lambda o: o.dice(SMOOTH_ONE),
    "soft_dice_smooth_1e-5_both": lambda o: o.dice(SMOOTH_SMALL),
    "soft_dice_eps_1e-7_denominator_only": lambda o: o.dice(EPSILON_BELOW),
    "soft_dice_squared_denominator": lambda o: o.squared_dice(NO_SMOOTHING),
    "soft_dice_squared_smooth_1_both": lambda o: o.squared_dice(SMOOTH_ONE),
    "soft_iou_no_smoothing": lambda o: o.iou(NO_SMOOTHING),
    "soft_iou_smooth_1_both": lambda o: o.iou(SMOOTH_ONE),
    "soft_iou_smooth_1e-5_both": lambda o: o.iou(SMOOTH_SMALL),
    "soft_iou_eps_1e-7_denominator_only": lambda o: o.iou(EPSILON_BELOW),
}


@cases("loss-overlap")
def test_soft_overlap_losses_are_exact(case: Case) -> None:
    overlap = SoftOverlap.of(case["input"]["y_prob"], case["input"]["y_true"])
    assert {name: loss_of(score(overlap)) for name, score in SOFT_LOSSES.items()} == {
        name: exact(value) for name, value in case["expected"]["loss"].items()
    }


@cases("loss-overlap")
def test_soft_overlap_gradients_are_exact(case: Case) -> None:
    truth, expected = case["input"]["y_true"], case["expected"]["gradient"]
    overlap = SoftOverlap.of(case["input"]["y_prob"], truth)
    gradients = {
        "soft_dice_smooth_1_both": lambda: overlap.dice_loss_gradient(truth, SMOOTH_ONE),
        "soft_iou_smooth_1_both": lambda: overlap.iou_loss_gradient(truth, SMOOTH_ONE),
        "soft_iou_no_smoothing": lambda: overlap.iou_loss_gradient(truth, NO_SMOOTHING),
    }
    assert {name: gradients[name]() for name in expected} == {
        name: exact(value) for name, value in expected.items()
    }


@cases("loss-overlap")
def test_soft_overlap_gradients_are_those_of_finite_differences(case: Case) -> None:
    truth, expected = case["input"]["y_true"], case["expected"]["gradient_finite_difference"]
    overlap = SoftOverlap.of(case["input"]["y_prob"], truth)
    for name, slopes in expected.items():
        smoothing = NO_SMOOTHING if name.endswith("no_smoothing") else SMOOTH_ONE
        of_iou = name.startswith("soft_iou")
        gradient_of = overlap.iou_loss_gradient if of_iou else overlap.dice_loss_gradient
        # The file's own differences are exact to about 1e-12 (case ovl-04).
        found = [float(slope) for slope in gradient_of(truth, smoothing)]
        assert found == pytest.approx(slopes, rel=0, abs=1e-9), name


@cases("loss-overlap")
def test_sums_of_cross_entropy_and_overlap_losses_agree(case: Case) -> None:
    given, expected = case["input"], case["expected"]
    bce = losses.binary_cross_entropy(given["y_prob"], given["y_true"]).mean()
    overlap = SoftOverlap.of(given["y_prob"], given["y_true"])
    dice, iou = (float(1 - (score(SMOOTH_ONE) or 0)) for score in (overlap.dice, overlap.iou))
    close = {"rel": 0, "abs": expected["tolerance"]}
    assert bce == pytest.approx(expected["bce_mean_clip_1e-7"], **close)
    assert bce + dice == pytest.approx(expected["bce_plus_dice_smooth_1"], **close)
    half = expected["half_bce_plus_half_dice_smooth_1"]
    assert (bce + dice) / 2 == pytest.approx(half, **close)
    assert bce + iou == pytest.approx(expected["bce_plus_iou_smooth_1"], **close)


@cases("loss-categorical")
def test_categorical_cross_entropy_agrees(case: Case) -> None:
    logits, labels = case["input"]["logits"], case["input"]["y_true"]
    expected = case["expected"]
    close = {"rel": 0, "abs": expected["tolerance"]}
    loss = losses.sparse_cross_entropy_from_logits(logits, labels)
    assert loss.tolist() == pytest.approx(expected["per_sample"], **close)
    assert loss.mean() == pytest.approx(expected["mean"], **close)
    one_hot = np.eye(len(logits[0]))[labels]
    same = losses.categorical_cross_entropy_from_logits(logits, one_hot)
    assert same.tolist() == pytest.approx(expected["per_sample"], **close)
    chances = losses.softmax(logits)
    np.testing.assert_allclose(chances, expected["softmax"], rtol=0, atol=expected["tolerance"])
    mistaken = losses.sparse_cross_entropy_from_logits(chances, labels).mean()
    assert mistaken == pytest.approx(
        expected["mean_if_softmax_outputs_are_taken_for_logits"], **close
    )
    slope = losses.sparse_cross_entropy_from_logits_gradient(logits, labels)
    np.testing.assert_allclose(
        slope, expected["gradient_of_mean_wrt_logits"], rtol=0, atol=expected["tolerance"]
    )
