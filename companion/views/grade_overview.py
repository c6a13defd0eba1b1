"""Many reports at a glance: what each file is called, and how it ended."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

from checkers.report import Report
from companion.views import grade_words as words
from companion.views.numbers import points

_NONE = "–"


@dataclass(frozen=True)
class Line:
    """One file. problem: what is to be looked at: codes, and the same bytes twice."""

    name: str
    outcome: str
    points: str
    parameters: str
    score: str
    problem: str


def lines(reports: Sequence[Report]) -> list[Line]:
    """A line for each file, in order."""
    rows = zip(names(reports), reports, same_as(reports), strict=True)
    return [_line(name, report, other) for name, report, other in rows]


def total(reports: Sequence[Report]) -> str:
    """How many of them ended how."""
    ended = [outcome(report) for report in reports]
    kinds = ", ".join(f"{ended.count(kind)} {kind}" for kind in dict.fromkeys(sorted(ended)))
    return f"{len(reports):,} files: {kinds}."


def so_far(reports: Sequence[Report], asked: int) -> str:
    """How many of those that were asked for are there."""
    return f"{len(reports):,} of {asked:,} files are graded."


def cut_short(reports: Sequence[Report], asked: int | None) -> str:
    """That somebody stopped before all files were graded; empty where nobody did, or asked is None."""
    stopped = asked is not None and len(reports) < asked
    return f"Interrupted: {so_far(reports, asked or 0)}" if stopped else ""


def missing(reports: Sequence[Report]) -> list[str]:
    """What this machine lacks, with what to do; each once, for it keeps many files from being graded."""
    ways = (f"{error.message} {error.hint}" for report in reports for error in report.missing)
    return list(dict.fromkeys(ways))


def names(reports: Sequence[Report]) -> list[str]:
    """What tells the files apart: their paths below the folder that holds all of them."""
    paths = [str(report.file) for report in reports]
    if len(reports) == 1:
        return [reports[0].file.name]
    whole = [os.path.abspath(path) for path in paths]  # noqa: PTH100  # a member is no path to resolve
    shared = os.path.commonpath([os.path.dirname(path) for path in whole])  # noqa: PTH120  # the same
    return [os.path.relpath(path, shared) for path in whole]


def outcome(report: Report) -> str:
    """passed, failed, not finished (something is missing here), or not graded (an error)."""
    if report.error is not None:
        return "not graded"
    if report.failed:
        return "failed"
    return "passed" if report.passed and not report.missing else "not finished"


def same_as(reports: Sequence[Report]) -> list[str]:
    """The first of the files that holds the same bytes, for each; '' where it is the first."""
    first: dict[str, str] = {}
    found = []
    for name, report in zip(names(reports), reports, strict=True):
        other = first.setdefault(report.sha256 or name, name)
        found.append("" if other == name else other)
    return found


def _line(name: str, report: Report, other: str) -> Line:
    score = words.score_rows(report)[0].value if report.scores else _NONE
    codes = [finding.code for finding in report.findings]
    codes += [error.code for error in (report.error, *report.missing) if error is not None]
    codes += [f"the same file as {other}"] if other else []
    return Line(
        name=name,
        outcome=outcome(report),
        points=points(report.points) if report.error is None else _NONE,
        parameters=f"{report.model.parameters.total:,}" if report.model else _NONE,
        score=score,
        problem=", ".join(dict.fromkeys(codes)),
    )
