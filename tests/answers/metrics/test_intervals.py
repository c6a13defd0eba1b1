"""Intervals: the generator, bounded memory, pooled resampling, refusals."""

from __future__ import annotations

import tracemalloc
from fractions import Fraction
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from answers.errors import InputError
from answers.metrics import splitmix
from answers.metrics.intervals import (
    Z_95,
    bootstrap_mean,
    bootstrap_ratio,
    overlap_interval,
    resampled_means,
    resampled_sums,
    wilson,
)
from answers.metrics.segmentation import Overlap, Overlaps

MASK_64 = 2**64 - 1


def word_by_word(seed: int, count: int) -> list[int]:
    """splitmix64 in plain Python integers, as the reference file writes it."""
    state, drawn = seed, []
    for _ in range(count):
        state = (state + 0x9E3779B97F4A7C15) & MASK_64
        z = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & MASK_64
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK_64
        drawn.append(z ^ (z >> 31))
    return drawn


@given(st.integers(0, MASK_64), st.integers(0, 50), st.integers(1, 2**32 - 1))
def test_words_and_indices_are_those_of_plain_integers(seed: int, start: int, below: int) -> None:
    expected = word_by_word(seed, start + 20)[start:]
    drawn = splitmix.words(seed, start, 20)
    assert drawn.tolist() == expected
    assert splitmix.indices(drawn, below).tolist() == [(word * below) >> 64 for word in expected]


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=7), st.integers(1, 9))
def test_resamples_are_drawn_in_order(values: list[int], resamples: int) -> None:
    n = len(values)
    drawn = [values[(word * n) >> 64] for word in word_by_word(5, resamples * n)]
    expected = [sum(drawn[r * n : r * n + n]) for r in range(resamples)]
    columns = np.array(values, dtype=np.float64)[:, np.newaxis]
    assert resampled_sums(columns, resamples=resamples, seed=5)[:, 0].tolist() == expected


def test_resamples_do_not_depend_on_how_many_are_drawn_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    values = [float(i * i % 17) for i in range(30)]
    whole = resampled_means(values, resamples=300)
    monkeypatch.setattr("answers.metrics.intervals._DRAWS_AT_ONCE", 64)
    assert resampled_means(values, resamples=300).tolist() == whole.tolist()


def pictures(count: int) -> Overlaps:
    return Overlaps.of(
        Overlap(intersection=i % 7, predicted=7, truth=6 + i % 5, pixels=64) for i in range(count)
    )


def test_the_pooled_interval_is_that_of_resampled_counts() -> None:
    overlaps, resamples = pictures(12), 50
    drawn = [(word * 12) >> 64 for word in word_by_word(3, 12 * resamples)]
    pooled = []
    for r in range(resamples):
        chosen = [overlaps.pictures[i] for i in drawn[12 * r : 12 * r + 12]]
        pooled.append(sum(chosen, Overlap()))
    for measure, values in (
        ("dice", [overlap.pooled_dice for overlap in pooled]),
        ("iou", [overlap.pooled_iou for overlap in pooled]),
    ):
        expected = np.quantile([float(value or 0) for value in values], [0.025, 0.975])
        found = overlap_interval(overlaps, measure, "pooled", resamples=resamples, seed=3)  # type: ignore[arg-type]  # the tuple widens the literals to str
        assert [found.low, found.high] == pytest.approx(expected.tolist(), rel=1e-14)


def test_the_per_image_interval_resamples_the_pictures_that_count() -> None:
    empty = Overlap(pixels=64)
    overlaps = Overlaps((*pictures(10).pictures, empty, empty))
    expected = bootstrap_mean(pictures(10).values("dice", "per-image"))
    assert overlap_interval(overlaps, "dice", "per-image") == expected
    assert overlap_interval(overlaps, "dice", "per-image-all") != expected


def test_the_interval_holds_the_value_and_narrows_with_more_pictures() -> None:
    widths = []
    for count in (20, 200, 2000):
        overlaps = pictures(count)
        value, interval = (
            overlaps.value("dice", "pooled"),
            overlap_interval(overlaps, "dice", "pooled"),
        )
        assert value is not None
        assert interval.low < value < interval.high
        widths.append(interval.high - interval.low)
    assert widths == sorted(widths, reverse=True)


def test_resamples_of_empty_pictures_alone_are_left_out() -> None:
    # About (9/10)^10 = 35 % of the resamples draw no picture with an object.
    tops, bottoms = [3] + [0] * 9, [4] + [0] * 9
    interval = bootstrap_ratio(tops, bottoms)
    assert (interval.low, interval.high) == (0.75, 0.75)


REFUSED: list[Any] = [
    pytest.param(lambda: bootstrap_mean([0.5] * 9), "An interval of 9 pictures", id="9 pictures"),
    pytest.param(lambda: bootstrap_mean([]), "An interval of 0 pictures", id="no pictures"),
    pytest.param(lambda: bootstrap_ratio([1] * 5, [1] * 5), "interval of 5", id="5 pooled"),
    pytest.param(lambda: bootstrap_ratio([0] * 10, [0] * 10), "The score is 0/0", id="all empty"),
    pytest.param(lambda: bootstrap_ratio([0] * 10, [0] * 11), "must be equal", id="lengths"),
    pytest.param(lambda: bootstrap_mean([0.0] * 9 + [float("nan")]), "1 of 10 values", id="nan"),
    pytest.param(lambda: bootstrap_mean([0.5] * 100_001), "There are 100001", id="too many"),
    pytest.param(lambda: resampled_means([]), "no samples", id="no values"),
    pytest.param(lambda: wilson(-1, 10), "-1 successes of 10", id="negative"),
]


@pytest.mark.parametrize(("ask", "words"), REFUSED)
def test_intervals_that_would_mean_nothing_are_refused(ask: Any, words: str) -> None:
    with pytest.raises(InputError, match=words):
        ask()


def test_ten_thousand_pictures_need_little_memory() -> None:
    values = [Fraction(i % 101, 101) for i in range(10_000)]
    tracemalloc.start()
    resampled_means(values, resamples=100)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # One table of 100 × 10,000 words would be 8 MB; the 10,000 resamples of a grade, 800 MB.
    assert peak < 16e6


def test_z_is_the_975_thousandth_quantile() -> None:
    assert NormalDist().inv_cdf(0.975) == pytest.approx(Z_95, rel=1e-12)


@settings(max_examples=200)
@given(st.integers(1, 10**6), st.data())
def test_wilson_ends_solve_the_score_equation(trials: int, data: Any) -> None:
    hits = data.draw(st.integers(0, trials))
    interval, share = wilson(hits, trials), hits / trials
    assert 0 <= interval.low <= share <= interval.high <= 1
    # Wilson's ends p are where |share − p| = z sqrt(p (1 − p) / n).
    for end in (interval.low, interval.high):
        distance = Z_95**2 * end * (1 - end) / trials
        assert (share - end) ** 2 == pytest.approx(distance, rel=1e-6, abs=1e-15)
