"""A report as Markdown. Text from files is escaped, so that a name stays a name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import astuple

from checkers.measuring.class_maps import ClassMapped
from checkers.measuring.segmentation import Segmented
from checkers.report import Report
from companion.views import grade_overview
from companion.views import grade_words as words
from companion.views.printable import printable

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#+!|~-])")


def document(reports: list[Report], *, asked: int | None = None) -> str:
    """Every report, one below the other; several begin with a table of all of them.

    asked: of how many files, where somebody may have stopped before all were graded.
    """
    named = zip(reports, grade_overview.names(reports), strict=True)
    whole = (line for report, name in named for line in _report(report, name))
    stopped = grade_overview.cut_short(reports, asked)
    first = (f"**{stopped}**", "") if stopped else ()
    return "\n".join((*first, *_overview(reports), *whole)) + "\n"


def _overview(reports: list[Report]) -> Iterator[str]:
    if len(reports) == 1:
        return
    yield f"# {grade_overview.total(reports)}"
    yield ""
    rows = [astuple(line) for line in grade_overview.lines(reports)]
    yield from _table(("file", "outcome", "points", "parameters", "score", "look at"), rows)


def escaped(text: str) -> str:
    """Text that Markdown shows as it is."""
    return _SPECIAL.sub(r"\\\1", " ".join(printable(text).split()))


def _report(report: Report, name: str) -> Iterator[str]:
    yield f"# {escaped(words.headline(report, name))}"
    yield ""
    yield from (f"- **{escaped(name)}**: {escaped(line)}" for name, line in words.facts(report))
    yield ""
    notes = [f"{note.message} ({note.code})" for note in report.data.notes] if report.data else []
    findings = [f"{finding.message} ({finding.code})" for finding in report.findings]
    yield from _list("Notes", notes)
    yield from _list("Findings", findings)
    if report.error is not None:
        yield f"**Not graded:** {escaped(report.error.message)} ({escaped(report.error.code)})"
        yield ""
        yield escaped(report.error.hint)
        return
    yield "## Checks"
    yield ""
    rows = [
        (_named(row), row.value, row.target, row.verdict, row.points)
        for row in words.check_rows(report)
    ]
    yield from _table(("check", "value", "target", "verdict", "points"), rows)
    yield f"**{escaped(words.total_line(report))}**"
    yield ""
    yield from _list("Next", words.next_steps(report))
    yield from _list("Not run", words.not_run(report))
    yield from _scores(report)


def _named(row: words.CheckRow) -> str:
    return f"{row.check} [{row.note}]" if row.note else row.check


def _scores(report: Report) -> Iterator[str]:
    result = report.result
    if result is None:
        return
    yield "## Scores"
    yield ""
    for group in words.score_groups(report):
        rows = [(r.score, r.value, r.interval, r.constant) for r in group.rows]
        titles = (group.title or "score", "value", "95 % interval", "constant answer")
        yield from _table(titles, rows)
    yield escaped(words.counts_line(result))
    yield ""
    table = words.class_table(result)
    if table is not None:
        yield from _table(table.titles, table.rows)
        yield from _list("Largest confusions", words.confusions(result))
    if isinstance(result, Segmented | ClassMapped):
        spans = [(span, f"{count:,}") for span, count in words.distribution(result) if count]
        yield from _table((words.distribution_title(result), "pictures"), spans)
        worst = [f"{picture.name}: {picture.dice:.2f}" for picture in result.worst]
        yield from _list("Worst pictures", worst)
    yield from _list("How this was counted", words.conventions(report))


def _list(title: str, lines: Iterable[str]) -> Iterator[str]:
    rows = [f"- {escaped(line)}" for line in lines]
    if rows:
        yield f"**{title}**"
        yield ""
        yield from rows
        yield ""


def _table(titles: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(titles)} |"
    yield f"|{'---|' * len(titles)}"
    for row in rows:
        yield f"| {' | '.join(escaped(cell) for cell in row)} |"
    yield ""
