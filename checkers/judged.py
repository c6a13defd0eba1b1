"""What a grade found → the verdict of each check."""

from __future__ import annotations

from collections.abc import Iterator

from answers.network.graph import Network
from answers.network.parameters import leaves, parameters
from checkers.assignment.assignment import OF_THE_NETWORK, Check
from checkers.assignment.verdict import Failed, Measured, Verdict, judge
from checkers.measuring.scores import measured
from checkers.report import Report

_UNDEFINED = "The score is undefined: no picture of the split has an object, in truth or answer."
# Findings with which a model is graded as failed: it answers, and not what the task asks.
_FAULTS = (
    "wrong-output-shape",
    "several-outputs",
    "input-shape",
    "outputs-not-finite",
    "outputs-out-of-range",
    "channels-differ",
    "batch-dependent",
    "outputs-not-repeatable",
)


def judged(report: Report, checks: tuple[Check, ...], network: Network) -> tuple[Verdict, ...]:
    """The verdict of each check, by what the report holds so far."""
    kinds = tuple(leaf.layer.kind for leaf in leaves(network))
    found = tuple(_values(report, checks, parameters(network).total))
    return judge(checks, found, layers=kinds)


def misses_a_score(report: Report, checks: tuple[Check, ...], network: Network) -> bool:
    """Whether a score is not enough for a check, or can't be measured."""
    return any(
        verdict.outcome == "fail" and verdict.check.measure not in OF_THE_NETWORK
        for verdict in judged(report, checks, network)
    )


def _values(report: Report, checks: tuple[Check, ...], total: int) -> Iterator[Measured | Failed]:
    """What is known for each check: a value, a failure, or nothing (then it is not run)."""
    faults = [finding for finding in report.findings if finding.code in _FAULTS]
    for check in checks:
        if check.measure == "parameters":
            yield Measured(measure="parameters", value=total, best=total)
        elif check.measure == "layers":
            continue
        elif faults:
            message = faults[0].message
            yield Failed(measure=check.measure, average=check.average, finding=message)
        elif report.result is not None:
            value = measured(report.result, check, report.scores)
            yield value or Failed(measure=check.measure, average=check.average, finding=_UNDEFINED)
