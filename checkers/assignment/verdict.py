"""Measured values against targets: pass, fail or not run, and the points earned, exactly."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

from checkers.assignment.assignment import OF_THE_NETWORK, Average, Check, Measure

Outcome = Literal["pass", "fail", "not-run"]
ZERO = Fraction(0)


@dataclass(frozen=True, kw_only=True)
class Measured:
    """A value for the checks of a measure.

    best: the value if everything within 1e-5 of a tie went the student's way.
    low, high: the 95 % interval, None where there is none.
    """

    measure: Measure
    value: Fraction | int
    best: Fraction | int
    average: Average | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, kw_only=True)
class Failed:
    """The model answered, and its answer can't be measured: finding says why."""

    measure: Measure
    finding: str
    average: Average | None = None


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """The outcome of one check.

    value: None where nothing was measured. narrow: the interval holds the target (a word that
    moves no points). by_ties: it passes only because ties count for the student.
    missing: it was not run because a value is not there (no data, say), not because a check that
    it needs failed.
    reason: a whole sentence for an outcome that the numbers alone don't explain.
    """

    check: Check
    outcome: Outcome
    value: Fraction | int | None = None
    narrow: bool = False
    by_ties: bool = False
    missing: bool = False
    points: Fraction = ZERO
    reason: str = ""


def judge(
    checks: Sequence[Check], found: Iterable[Measured | Failed], *, layers: Iterable[str]
) -> tuple[Verdict, ...]:
    """The verdict of each check, in order.

    checks: their `needs` name each other, and go in no circle; in any order.
    found: what was measured; a check without a value is not run. layers: the class names of the
    network's layers.
    """
    values = {(item.measure, item.average): item for item in found}
    judging = _Judging({check.name: check for check in checks}, values, frozenset(layers))
    return tuple(judging.verdict(check) for check in checks)


@dataclass(frozen=True)
class _Judging:
    """Judges each check once, those that it needs before it."""

    checks: Mapping[str, Check]
    values: Mapping[tuple[Measure, Average | None], Measured | Failed]
    layers: frozenset[str]
    done: dict[str, Verdict] = field(default_factory=dict)

    def verdict(self, check: Check) -> Verdict:
        if check.name not in self.done:
            self.done[check.name] = self._judged(check)
        return self.done[check.name]

    def _judged(self, check: Check) -> Verdict:
        for name in check.needs:
            needed = self.verdict(self.checks[name])
            if needed.outcome != "pass":
                return _blocked(check, needed)
        if check.measure == "layers":
            return _judge_layers(check, self.layers)
        return _judge_value(check, self.values.get((check.measure, check.average)))


def _blocked(check: Check, needed: Verdict) -> Verdict:
    said = "failed" if needed.outcome == "fail" else "was not run"
    reason = f"It needs the check '{needed.check.name}', which {said}."
    return Verdict(check=check, outcome="not-run", missing=needed.missing, reason=reason)


def points_of(check: Check, value: Fraction | int) -> Fraction:
    """The points a value earns: all at the target, none at `zero_at`, linear between."""
    target = check.target
    if target is None or _reaches(check, value):
        return check.points
    if check.zero_at is None:
        return ZERO
    share = (Fraction(value) - check.zero_at) / (target - check.zero_at)
    return check.points * min(max(share, ZERO), Fraction(1))


def _reaches(check: Check, value: Fraction | int) -> bool:
    if check.at_least is not None:
        return value >= check.at_least
    return check.at_most is not None and value <= check.at_most


def _judge_value(check: Check, item: Measured | Failed | None) -> Verdict:
    if item is None:
        return Verdict(check=check, outcome="not-run", missing=True, reason=_missing(check))
    if isinstance(item, Failed):
        return Verdict(check=check, outcome="fail", reason=item.finding)
    # With at_most a higher value is no favour: ties are given where more is better.
    kindest = item.best if check.at_least is not None else item.value
    passes = _reaches(check, kindest)
    return Verdict(
        check=check,
        outcome="pass" if passes else "fail",
        value=item.value,
        narrow=_is_narrow(check, item),
        by_ties=passes and not _reaches(check, item.value),
        points=points_of(check, kindest),
    )


def _missing(check: Check) -> str:
    if check.measure in OF_THE_NETWORK:
        return "The network could not be counted."
    return "Nothing was measured: what it takes is missing."


def _is_narrow(check: Check, item: Measured) -> bool:
    target = check.target
    if target is None or item.low is None or item.high is None:
        return False
    return item.low <= target <= item.high


def _judge_layers(check: Check, present: frozenset[str]) -> Verdict:
    lacking = [name for name in check.must_have if name not in present]
    forbidden = [name for name in check.must_not_have if name in present]
    if not lacking and not forbidden:
        return Verdict(check=check, outcome="pass", points=check.points)
    parts = [f"it has no {name}" for name in lacking] + [f"it has a {name}" for name in forbidden]
    reason = f"The network does not fit: {'; '.join(parts)}."
    return Verdict(check=check, outcome="fail", reason=reason)
