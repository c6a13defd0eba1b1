"""Verdicts compare fractions; points are exact, and never more than the check gives."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkers.assignment.assignment import Check
from checkers.assignment.verdict import Failed, Measured, Outcome, judge, points_of

ACCURACY = Check(name="accuracy", measure="accuracy", at_least=Fraction(67, 100))
PARAMETERS = Check(name="parameters", measure="parameters", at_most=Fraction(500_000))
GRADED = replace(
    ACCURACY, at_least=Fraction(65, 100), zero_at=Fraction(45, 100), points=Fraction(80)
)


def accuracy(value: Fraction, best: Fraction | None = None) -> Measured:
    return Measured(measure="accuracy", value=value, best=value if best is None else best)


@dataclass(frozen=True)
class Case:
    id: str
    check: Check
    found: Measured | Failed | None
    outcome: Outcome
    points: Fraction = Fraction(0)


COUNT = Measured(measure="parameters", value=500_000, best=500_000)
CASES = [
    Case("6,700 of 10,000 meets 0.67", ACCURACY, accuracy(Fraction(6_700, 10_000)), "pass"),
    Case("6,699 of 10,000 does not", ACCURACY, accuracy(Fraction(6_699, 10_000)), "fail"),
    Case(
        "0.1 + 0.2 is 0.3",  # with floats 0.3 < 0.1 + 0.2
        replace(ACCURACY, at_least=Fraction(1, 10) + Fraction(2, 10)),
        accuracy(Fraction(3, 10)),
        "pass",
    ),
    Case(
        "29 of 100 meets 0.29",  # with floats 0.29 * 100 = 28.999999999999996
        replace(ACCURACY, at_least=Fraction(29, 100)),
        accuracy(Fraction(29, 100)),
        "pass",
    ),
    Case("at_most holds at the limit", PARAMETERS, COUNT, "pass"),
    Case("one parameter too many", PARAMETERS, replace(COUNT, value=500_001, best=500_001), "fail"),
    Case("half-way earns half", GRADED, accuracy(Fraction(55, 100)), "fail", Fraction(40)),
    Case("full points at the target", GRADED, accuracy(Fraction(65, 100)), "pass", Fraction(80)),
    Case("none at zero_at", GRADED, accuracy(Fraction(45, 100)), "fail", Fraction(0)),
    Case("none below zero_at", GRADED, accuracy(Fraction(1, 10)), "fail", Fraction(0)),
    Case(
        "a third of the way earns a third",
        GRADED,
        accuracy(Fraction(45, 100) + Fraction(2, 30)),
        "fail",
        Fraction(80, 3),
    ),
    Case(
        "all or nothing without zero_at",
        replace(ACCURACY, points=Fraction(10)),
        accuracy(Fraction(66, 100)),
        "fail",
    ),
    Case(
        "points fall between at_most and zero_at",
        replace(PARAMETERS, zero_at=Fraction(1_000_000), points=Fraction(20)),
        replace(COUNT, value=750_000, best=750_000),
        "fail",
        Fraction(10),
    ),
    Case("an invalid answer fails", ACCURACY, Failed(measure="accuracy", finding="NaN."), "fail"),
    Case("without a value it is not run", ACCURACY, None, "not-run"),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_value_gives_this_outcome_and_these_points(case: Case) -> None:
    found = () if case.found is None else (case.found,)
    (verdict,) = judge((case.check,), found, layers=())
    assert (verdict.outcome, verdict.points) == (case.outcome, case.points)


def test_a_failed_answer_says_its_finding_and_shows_no_number() -> None:
    finding = "The model answers NaN for 3 pictures."
    failed = Failed(measure="accuracy", finding=finding)
    (verdict,) = judge((ACCURACY,), (failed,), layers=())
    assert (verdict.reason, verdict.value, verdict.missing) == (finding, None, False)


def test_a_check_without_a_value_says_that_nothing_was_measured() -> None:
    (verdict,) = judge((ACCURACY,), (), layers=())
    assert "Nothing was measured" in verdict.reason
    assert verdict.missing


def test_parameters_are_judged_without_data() -> None:
    verdicts = judge((ACCURACY, PARAMETERS), (COUNT,), layers=())
    assert [verdict.outcome for verdict in verdicts] == ["not-run", "pass"]


def test_ties_that_turn_a_verdict_go_to_the_student_and_are_said() -> None:
    value, best = Fraction(6_699, 10_000), Fraction(6_701, 10_000)
    (verdict,) = judge((ACCURACY,), (accuracy(value, best),), layers=())
    assert (verdict.outcome, verdict.by_ties, verdict.value) == ("pass", True, value)


def test_ties_that_turn_nothing_are_not_said() -> None:
    value, best = Fraction(68, 100), Fraction(69, 100)
    (verdict,) = judge((ACCURACY,), (accuracy(value, best),), layers=())
    assert not verdict.by_ties


def test_ties_do_not_count_against_a_student_where_less_is_better() -> None:
    check = replace(ACCURACY, at_least=None, at_most=Fraction(1, 2))
    (verdict,) = judge((check,), (accuracy(Fraction(1, 2), Fraction(3, 5)),), layers=())
    assert verdict.outcome == "pass"


@pytest.mark.parametrize(
    ("low", "high", "narrow"),
    [
        (0.66, 0.68, True),
        (0.67, 0.68, True),
        (0.5, 0.66, False),
        (0.68, 0.7, False),
        (None, None, False),
    ],
)
def test_narrow_says_whether_the_interval_holds_the_target(
    low: float | None, high: float | None, *, narrow: bool
) -> None:
    measured = replace(accuracy(Fraction(67, 100)), low=low, high=high)
    check = replace(ACCURACY, at_least=Fraction(0.67))  # the float itself, so that the ends touch
    (verdict,) = judge((check,), (measured,), layers=())
    assert verdict.narrow is narrow


DICE = Check(name="dice", measure="dice", average="pooled", at_least=Fraction(1, 2))


def test_each_average_is_judged_by_its_own_value() -> None:
    per_image = replace(DICE, name="per-image", average="per-image")
    found = (
        Measured(measure="dice", average="pooled", value=Fraction(1, 4), best=Fraction(1, 4)),
        Measured(measure="dice", average="per-image", value=Fraction(3, 4), best=Fraction(3, 4)),
    )
    verdicts = judge((DICE, per_image), found, layers=())
    assert [verdict.outcome for verdict in verdicts] == ["fail", "pass"]


# --- layers -------------------------------------------------------------------------------------

LAYERS = Check(
    name="layers",
    measure="layers",
    must_have=("Conv2D", "Concatenate"),
    must_not_have=("Dense",),
    points=Fraction(5),
)


@pytest.mark.parametrize(
    ("used", "outcome", "said"),
    [
        (("Conv2D", "Concatenate", "Conv2D"), "pass", ""),
        (("Conv2D",), "fail", "no Concatenate"),
        (("Conv2D", "Concatenate", "Dense"), "fail", "a Dense"),
        (("Conv2DTranspose", "Concatenate"), "fail", "no Conv2D"),
    ],
    ids=["all there", "one lacks", "one is forbidden", "a longer name is another layer"],
)
def test_layers_are_required_and_forbidden_by_class_name(
    used: tuple[str, ...], outcome: Outcome, said: str
) -> None:
    (verdict,) = judge((LAYERS,), (), layers=used)
    assert verdict.outcome == outcome
    assert said in verdict.reason
    assert verdict.points == (5 if outcome == "pass" else 0)


# --- needs --------------------------------------------------------------------------------------

NEEDY = replace(GRADED, needs=("parameters",))
BIG = replace(COUNT, value=600_000, best=600_000)
GOOD = accuracy(Fraction(9, 10))


@pytest.mark.parametrize(
    "checks", [(NEEDY, PARAMETERS), (PARAMETERS, NEEDY)], ids=["before", "after"]
)
def test_a_check_whose_need_failed_is_not_run_wherever_it_stands(checks: tuple[Check, ...]) -> None:
    verdicts = {verdict.check.name: verdict for verdict in judge(checks, (GOOD, BIG), layers=())}
    verdict = verdicts["accuracy"]
    assert verdict.outcome == "not-run"
    assert not verdict.points
    assert not verdict.missing
    assert verdict.reason == "It needs the check 'parameters', which failed."


def test_a_check_whose_need_passed_is_judged() -> None:
    verdicts = judge((NEEDY, PARAMETERS), (GOOD, COUNT), layers=())
    assert [verdict.outcome for verdict in verdicts] == ["pass", "pass"]


def test_needs_reach_through_other_checks_and_say_what_is_missing() -> None:
    first = replace(DICE, name="first")
    second = replace(PARAMETERS, needs=("first",))
    third = replace(LAYERS, needs=("parameters",), must_have=())
    verdicts = judge((third, second, first), (COUNT,), layers=())
    assert [verdict.outcome for verdict in verdicts] == ["not-run"] * 3
    assert all(verdict.missing for verdict in verdicts)
    assert verdicts[0].reason == "It needs the check 'parameters', which was not run."


# --- laws ---------------------------------------------------------------------------------------

scores = st.fractions(0, 1, max_denominator=10_000)


@st.composite
def graded_checks(draw: st.DrawFn) -> Check:
    zero, target = sorted(draw(st.lists(scores, min_size=2, max_size=2, unique=True)))
    upwards = draw(st.booleans())
    return Check(
        name="accuracy",
        measure="accuracy",
        at_least=target if upwards else None,
        at_most=None if upwards else zero,
        zero_at=draw(st.sampled_from([None, zero if upwards else target])),
        points=draw(st.fractions(0, 100, max_denominator=60)),
    )


@given(graded_checks(), scores, scores)
def test_points_never_fall_when_the_value_improves(
    check: Check, one: Fraction, two: Fraction
) -> None:
    worse, better = sorted((one, two), reverse=check.at_least is None)
    assert 0 <= points_of(check, worse) <= points_of(check, better) <= check.points


@given(graded_checks(), scores)
def test_all_points_are_earned_exactly_when_the_target_is_met(
    check: Check, value: Fraction
) -> None:
    (verdict,) = judge((check,), (accuracy(value),), layers=())
    assert verdict.outcome != "pass" or verdict.points == check.points
    assert verdict.outcome == "pass" or not check.points or verdict.points < check.points


@given(scores, scores, scores)
def test_a_check_passes_exactly_when_the_best_value_reaches_the_target(
    target: Fraction, one: Fraction, two: Fraction
) -> None:
    value, best = sorted((one, two))
    check = replace(ACCURACY, at_least=target)
    (verdict,) = judge((check,), (accuracy(value, best),), layers=())
    # Cross-multiplied whole numbers: another way to compare than Fraction's own.
    reaches = best.numerator * target.denominator >= target.numerator * best.denominator
    assert (verdict.outcome == "pass") is reaches
    assert verdict.by_ties is (reaches and value < target)
