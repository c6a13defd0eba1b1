from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from answers.samples.random_integers import GOLDEN, Streams, outputs

WORD = 2**64
# The first outputs for this seed that Rosetta Code publishes for splitmix64.
PUBLISHED_SEED = 1234567
PUBLISHED = [
    6457827717110365317,
    3203168211198807973,
    9817491932198370423,
    4593380528125082431,
    16408922859458223821,
]


def splitmix64(seed: int, count: int) -> list[int]:
    """The generator of Steele, Lea, Flood 2014 in Python's unbounded integers."""
    words = []
    for step in range(1, count + 1):
        word = (seed + step * GOLDEN) % WORD
        word = (word ^ word >> 30) * 0xBF58476D1CE4E5B9 % WORD
        word = (word ^ word >> 27) * 0x94D049BB133111EB % WORD
        words.append(word ^ word >> 31)
    return words


def test_the_outputs_are_the_published_ones() -> None:
    drawn = outputs(np.array([PUBLISHED_SEED], np.uint64), 5)
    assert drawn.tolist() == [PUBLISHED]


@given(st.lists(st.integers(0, WORD - 1), min_size=1, max_size=3), st.integers(1, 20))
def test_every_seed_gives_the_outputs_of_unbounded_integers(seeds: list[int], count: int) -> None:
    drawn = outputs(np.array(seeds, np.uint64), count)
    assert drawn.tolist() == [splitmix64(seed, count) for seed in seeds]


@pytest.mark.parametrize(("low", "high"), [(0, 0), (0, 1), (-3, 3), (5, 260)])
def test_numbers_fill_their_range_and_never_leave_it(low: int, high: int) -> None:
    drawn = Streams.named("range", [0]).integers("numbers", low, high, (20_000,))
    assert set(np.unique(drawn).tolist()) == set(range(low, high + 1))
    assert drawn.dtype == np.int64


def test_numbers_are_equally_likely() -> None:
    drawn = Streams.named("even", range(10)).integers("numbers", 0, 9, (10_000,))
    # 10,000 are expected of each; five standard deviations are 474.
    assert abs(np.bincount(drawn.ravel()) - 10_000).max() < 474


def test_a_thing_draws_the_same_alone_and_among_others() -> None:
    together = Streams.named("things", range(5)).integers("size", 0, 999, (2, 3))
    alone = Streams.named("things", [3]).integers("size", 0, 999, (2, 3))
    assert together.shape == (5, 2, 3)
    assert alone.tolist() == together[3:4].tolist()


@pytest.mark.parametrize(
    ("name", "index", "purpose"),
    [("other", 0, "size"), ("things", 1, "size"), ("things", 0, "place")],
    ids=["another collection", "another index", "another purpose"],
)
def test_other_streams_give_other_numbers(name: str, index: int, purpose: str) -> None:
    drawn = Streams.named("things", [0]).integers("size", 0, 2**31, (8,))
    other = Streams.named(name, [index]).integers(purpose, 0, 2**31, (8,))
    assert not np.intersect1d(drawn, other).size
