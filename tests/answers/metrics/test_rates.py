"""Rates of four counts: the homework's question 4b, reference cases, counting one by one."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from math import sqrt
from typing import Any

import numpy as np
import pytest
from corpus import load_json
from hypothesis import assume, given
from hypothesis import strategies as st

from answers.errors import InputError
from answers.expressions.value import exact_value
from answers.metrics.costs import Costs
from answers.metrics.rates import BinaryCounts, Matthews, Rate, f_beta, rates
from answers.metrics.segmentation import Overlap

COUNT = st.integers(0, 12)
TABLE: Any = load_json("reference/metric_cases.json") or {"cases": []}


def counts_of(tp: int, fp: int, fn: int, tn: int) -> BinaryCounts:
    return BinaryCounts(
        true_positives=tp, false_positives=fp, false_negatives=fn, true_negatives=tn
    )


def by_code(counts: BinaryCounts) -> dict[str, Fraction | None]:
    return {rate.code: rate.value for rate in rates(counts)}


def share(chosen: list[bool]) -> Fraction | None:
    return Fraction(sum(chosen), len(chosen)) if chosen else None


@given(COUNT, COUNT, COUNT, COUNT)
def test_every_share_is_what_counting_case_by_case_gives(
    tp: int, fp: int, fn: int, tn: int
) -> None:
    assume(tp + fp + fn + tn)
    truth = [True] * tp + [False] * fp + [True] * fn + [False] * tn
    said = [True] * (tp + fp) + [False] * (fn + tn)
    pairs = list(zip(truth, said, strict=True))
    found = by_code(counts_of(tp, fp, fn, tn))
    assert found["accuracy"] == share([t == s for t, s in pairs])
    assert found["precision"] == share([t for t, s in pairs if s])
    assert found["recall"] == share([s for t, s in pairs if t])
    assert found["specificity"] == share([not s for t, s in pairs if not t])
    assert found["negative-predictive-value"] == share([not t for t, s in pairs if not s])
    assert found["false-positive-rate"] == share([s for t, s in pairs if not t])
    assert found["false-negative-rate"] == share([not s for t, s in pairs if t])
    assert found["false-discovery-rate"] == share([not t for t, s in pairs if s])
    assert found["false-omission-rate"] == share([t for t, s in pairs if not s])
    assert found["prevalence"] == share(truth)
    assert found["iou"] == share([t and s for t, s in pairs if t or s])


@given(COUNT, COUNT, COUNT, COUNT)
def test_dice_and_iou_of_masks_are_f1_and_jaccard(tp: int, fp: int, fn: int, tn: int) -> None:
    assume(tp + fp + fn + tn)
    found = by_code(counts_of(tp, fp, fn, tn))
    overlap = Overlap(intersection=tp, predicted=tp + fp, truth=tp + fn, pixels=tp + fp + fn + tn)
    assert (found["f1"], found["iou"]) == (overlap.pooled_dice, overlap.pooled_iou)


@given(st.integers(1, 12), COUNT, COUNT, COUNT, st.fractions(0, 5, max_denominator=9))
def test_f_beta_is_the_weighted_harmonic_mean(
    tp: int, fp: int, fn: int, tn: int, beta: Fraction
) -> None:
    counts = counts_of(tp, fp, fn, tn)
    precision, recall = Fraction(tp, tp + fp), Fraction(tp, tp + fn)
    mean = (1 + beta**2) * precision * recall / (beta**2 * precision + recall)
    assert f_beta(counts, beta).value == mean


@given(COUNT, COUNT, COUNT, COUNT)
def test_matthews_is_the_correlation_of_truth_and_answer(
    tp: int, fp: int, fn: int, tn: int
) -> None:
    assume((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn))
    truth = [1] * tp + [0] * fp + [1] * fn + [0] * tn
    said = [1] * (tp + fp) + [0] * (fn + tn)
    found = Matthews.of(counts_of(tp, fp, fn, tn))
    assert found.value == pytest.approx(np.corrcoef(truth, said)[0, 1], abs=1e-12)
    if found.exact is not None:
        assert float(found.exact) == pytest.approx(found.value, abs=1e-12)
    else:
        assert sqrt(found.square) % 1


@given(COUNT, COUNT, COUNT, COUNT)
def test_the_line_with_numbers_put_in_comes_to_the_value(
    tp: int, fp: int, fn: int, tn: int
) -> None:
    assume(tp + fp + fn + tn)
    counts = counts_of(tp, fp, fn, tn)
    for rate in (*rates(counts), f_beta(counts, Fraction(1, 2))):
        if rate.value is not None:
            assert exact_value(rate.substitution) == rate.value


UNDEFINED = [
    ("nothing called positive", (0, 0, 3, 4), {"precision", "false-discovery-rate"}),
    ("nothing called negative", (3, 4, 0, 0), {"negative-predictive-value", "false-omission-rate"}),
    (
        "no positives",
        (0, 2, 0, 4),
        {"recall", "false-negative-rate", "balanced-accuracy", "informedness"},
    ),
    (
        "no negatives",
        (2, 0, 2, 0),
        {"specificity", "false-positive-rate", "balanced-accuracy", "informedness"},
    ),
]


@pytest.mark.parametrize(
    ("counts", "codes"), [c[1:] for c in UNDEFINED], ids=[c[0] for c in UNDEFINED]
)
def test_what_is_0_over_0_is_undefined_and_never_0(
    counts: tuple[int, int, int, int], codes: set[str]
) -> None:
    found = by_code(counts_of(*counts))
    assert {code for code, value in found.items() if value is None} == codes
    assert Matthews.of(counts_of(*counts)).value is None


@pytest.mark.corpus
@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, id=case["id"])
        for case in TABLE["cases"]
        if case["group"] == "classification-labels"
        and "accuracy" in case["expected"]
        and "y_true" in case["input"]
    ],
)
def test_each_class_against_the_rest_has_the_rates_of_the_reference(case: dict[str, Any]) -> None:
    truth = np.ravel(case["input"]["y_true"])
    said = np.ravel(case["input"]["y_pred"])
    expected = case["expected"]
    for index in range(case["input"]["num_classes"]):
        is_true, is_said = truth == index, said == index
        found = by_code(
            counts_of(
                int(np.sum(is_true & is_said)),
                int(np.sum(~is_true & is_said)),
                int(np.sum(is_true & ~is_said)),
                int(np.sum(~is_true & ~is_said)),
            )
        )
        for code in ("precision", "recall", "f1"):
            wanted = expected[f"{code}_per_class"]["exact"][index]
            assert found[code] == (None if wanted == "0/0" else Fraction(wanted))


BAD = [
    ("negative", (-1, 2, 3, 4), "TP is -1"),
    ("huge", (1, 2, 3, 10**16), "TN is 10000000000000000"),
    ("nothing", (0, 0, 0, 0), "All four counts are 0"),
]


@pytest.mark.parametrize(("counts", "words"), [c[1:] for c in BAD], ids=[c[0] for c in BAD])
def test_counts_that_can_not_be_are_errors(counts: tuple[int, int, int, int], words: str) -> None:
    with pytest.raises(InputError, match=words):
        counts_of(*counts)


def test_a_beta_out_of_range_is_an_error() -> None:
    with pytest.raises(InputError, match="beta is -1; it lies between 0 and 1,000"):
        f_beta(counts_of(1, 1, 1, 1), Fraction(-1))


@given(COUNT, COUNT, COUNT, COUNT)
def test_the_best_constant_answer_is_the_better_of_the_two(
    tp: int, fp: int, fn: int, tn: int
) -> None:
    assume(tp + fp + fn + tn)
    counts = counts_of(tp, fp, fn, tn)
    both = [counts.of_constant("positive").accuracy, counts.of_constant("negative").accuracy]
    assert counts.of_constant(counts.best_constant).accuracy == max(both)
    assert max(both) == Fraction(max(tp + fn, fp + tn), tp + fp + fn + tn)


@pytest.mark.parametrize("percent", range(101))
def test_acting_from_the_probability_on_is_the_cheaper_answer(percent: int) -> None:
    costs, chance = Costs(miss=Fraction(10), alarm=Fraction(1)), Fraction(percent, 100)
    cost_of_yes, cost_of_no = (1 - chance) * costs.alarm, chance * costs.miss
    assert (chance >= costs.probability_to_act) == (cost_of_yes <= cost_of_no)


@pytest.mark.parametrize(
    ("miss", "alarm", "words"),
    [(-1, 1, "A miss costs -1"), (1, 10**13, r"A false alarm costs 1e\+13"), (0, 0, "Neither")],
)
def test_costs_that_can_not_be_are_errors(miss: int, alarm: int, words: str) -> None:
    with pytest.raises(InputError, match=words):
        Costs(miss=Fraction(miss), alarm=Fraction(alarm))


def test_rates_are_named_once() -> None:
    codes = [rate.code for rate in rates(counts_of(1, 2, 3, 4))]
    assert len(codes) == len(set(codes))
    assert all(isinstance(rate, Rate) for rate in rates(counts_of(1, 2, 3, 4)))


def test_every_margin_has_a_word_for_every_pattern_of_empty_counts() -> None:
    from companion.views.rate_words import places_of, words_of

    for pattern in product((0, 1, 2), repeat=4):
        if not any(pattern):
            continue
        counts = counts_of(*pattern)
        for rate in (*rates(counts), f_beta(counts, Fraction(2))):
            sentence = words_of(rate.code).sentence(
                places_of(counts, Fraction(2)), defined=rate.value is not None
            )
            assert sentence.endswith((".", "0/0."))
            assert "{" not in sentence
