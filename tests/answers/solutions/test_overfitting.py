from __future__ import annotations

import pytest
from toy_history import LEVEL, OVERFITS, epochs, run_of

from answers.solutions.events import EpochDone
from answers.solutions.overfitting import compare, gap, overfitting

CASES = {
    "rises by a fifth": (OVERFITS, 3, 0.2, 4),
    "still falls": (LEVEL, 4, 0.0, None),
    "one epoch": (LEVEL[:1], 1, 0.0, None),
    "rises by one in a hundred": (
        epochs([(1.0, 0), (0.9, 0)], [(1.00, 0), (1.01, 0)]),
        1,
        0.01,
        None,
    ),
    "training gets worse, too": (epochs([(1.0, 0), (1.5, 0)], [(1.0, 0), (1.5, 0)]), 1, 0.5, None),
    "comes back in between": (
        epochs([(1.0, 0), (0.9, 0), (0.8, 0), (0.7, 0)], [(1.0, 0), (1.4, 0), (0.5, 0), (1.0, 0)]),
        3,
        1.0,
        4,
    ),
}


@pytest.mark.parametrize(("history", "lowest", "rise", "since"), CASES.values(), ids=CASES.keys())
def test_a_run_overfits_from_the_epoch_after_its_lowest_validation_loss(
    history: tuple[EpochDone, ...], lowest: int, rise: float, since: int | None
) -> None:
    found = overfitting(history)
    assert found.lowest_epoch == lowest
    assert found.rise == pytest.approx(rise)
    assert found.since == since


def test_the_gap_is_above_zero_where_training_is_better() -> None:
    found = gap(OVERFITS[-1])
    assert found.loss == pytest.approx(1.0)
    assert found.score == pytest.approx(0.30)


def test_two_runs_are_compared_at_the_last_epoch_that_both_have() -> None:
    both = compare(run_of(OVERFITS), run_of(LEVEL))
    assert both.epoch == 4
    assert both.gaps[0].score == pytest.approx(0.83 - 0.66)
    assert both.gaps[1].score == pytest.approx(0.64 - 0.62)
    assert both.share == pytest.approx(0.02 / 0.17)
    assert both.same_data


def test_a_share_of_no_gap_is_none() -> None:
    level = epochs([(1.0, 0.5)], [(1.0, 0.5)])
    assert compare(run_of(level), run_of(LEVEL)).share is None


def test_runs_on_other_pictures_are_told_apart() -> None:
    assert not compare(run_of(LEVEL), run_of(LEVEL, sha256="34" * 32)).same_data
