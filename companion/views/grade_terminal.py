"""A report on the terminal: 80 columns suffice, and a pipe gets the same words without colour."""

from __future__ import annotations

from typing import Any

from checkers.measuring.class_maps import ClassMapped
from checkers.measuring.classification import Classified
from checkers.measuring.segmentation import Segmented
from checkers.report import Report
from companion.options import ColorWord
from companion.views import grade_overview as overview
from companion.views import grade_words as words
from companion.views.printable import printable
from companion.views.terminal import console

_OUTCOMES = {"passed": "green", "failed": "red", "not finished": "yellow", "not graded": "red"}
_STYLES = {"pass": "green", "fail": "red", "not-run": "yellow"}
_BAR = 30
_LEFT_OUT_FIRST = ("parameters", "points", "score")  # of the overview, where a line is narrow
_GAP = 2
_NAME = 28  # of a name, before numbers give way to it
_REMARK_SHARE = 0.4  # of a line


def draw(reports: list[Report], color: ColorWord) -> None:
    """The report of one file in full; of several a line each."""
    out = console(color)
    if len(reports) == 1:
        _report(out, reports[0])
    else:
        _overview(out, reports)


def _report(out: Any, report: Report) -> None:

    out.print(_text(words.headline(report), style="bold"))
    _table(out, list(words.facts(report)), ("", ""))
    for note in report.data.notes if report.data else ():
        out.print(_text(f"Note: {note.message} ({note.code})"))
    for finding in report.findings:
        out.print(_text(f"Finding: {finding.message} ({finding.code})", style="yellow"))
    if report.error is not None:
        _error(out, report)
        return
    _checks(out, report)
    if report.result is not None:
        _result(out, report)
    for step in words.next_steps(report):
        out.print(_text(f"Next: {step}"))
    for reason in words.not_run(report):
        out.print(_text(f"Not run: {reason}", style="yellow"))
    out.print(_text(words.total_line(report), style="bold"))


def _error(out: Any, report: Report) -> None:

    error = report.error
    if error is None:
        return
    out.print(_text(f"Not graded: {error.message} ({error.code})", style="red"))
    for label, line in (("Where", error.where), ("What to do", error.hint)):
        if line:
            out.print(_text(f"  {label}: {line}"))


def _checks(out: Any, report: Report) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("check", overflow="fold")
    for title in ("value", "target"):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    table.add_column("points", justify="right", no_wrap=True)
    for row in words.check_rows(report):
        name = f"{row.check} [{row.note}]" if row.note else row.check
        style = _STYLES[row.verdict]
        verdict = _text(row.verdict, style=style)
        cells = (_text(name), _text(row.value), _text(row.target), verdict, _text(row.points))
        table.add_row(*cells)
    out.print()
    out.print(table)
    out.print()


def _result(out: Any, report: Report) -> None:

    result = report.result
    if result is None:
        return
    shown = 3 if isinstance(result, Classified) else 4  # a class has no constant answer beside it
    for group in words.score_groups(report):
        rows = [(r.score, r.value, r.interval, r.constant)[:shown] for r in group.rows]
        titles = (group.title or "score", "value", "95 % interval", "constant answer")
        _table(out, rows, titles[:shown])
    out.print(_text(words.counts_line(result)))
    table = words.class_table(result)
    if table is not None:
        _table(out, list(table.rows), table.titles)
    for line in words.confusions(result):
        out.print(_text(f"Confusion: {line}."))
    if isinstance(result, Segmented | ClassMapped):
        _distribution(out, result)
    for line in words.conventions(report):
        out.print(_text(line, style="dim"))


def _distribution(out: Any, result: Segmented | ClassMapped) -> None:

    rows = words.distribution(result)
    most = max(count for _, count in rows) or 1
    out.print(_text(f"{words.distribution_title(result)}:"))
    for span, count in rows:
        if count:
            out.print(_text(f"  {span} {'█' * max(1, _BAR * count // most)} {count:,}"))
    worst = ", ".join(f"{picture.name} {picture.dice:.2f}" for picture in result.worst)
    out.print(_text(f"Worst: {worst}."))


def _table(out: Any, rows: list[Any], titles: tuple[str, ...]) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold", show_header=any(titles))
    for number, title in enumerate(titles):
        right = number > 0 and any(titles)
        table.add_column(title, justify="right" if right else "left", overflow="fold")
    for row in rows:
        table.add_row(*(_text(str(cell)) for cell in row))
    out.print(table)


def _overview(out: Any, reports: list[Report]) -> None:
    """A line for each of several files."""
    from rich.table import Table

    lines = overview.lines(reports)
    word = min(_longest_word(lines), int(_REMARK_SHARE * out.width))
    longest = max(len(line.name) for line in lines)
    outcomes = _wide(("outcome", [line.outcome for line in lines]))
    numbers = _that_fit(lines, out.width - outcomes - word - min(longest, _NAME))
    taken = [outcomes, *map(_wide, numbers.items())]
    left = out.width - _GAP * (1 + len(taken)) - sum(taken)
    name = min(longest, left - max(word, int(_REMARK_SHARE * left)))
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("file", overflow="fold", width=name)
    table.add_column("outcome", no_wrap=True)
    for title in numbers:
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("look at", overflow="fold", width=left - name)
    for line, *cells in zip(lines, *numbers.values(), strict=True):
        ended = _text(line.outcome, style=_OUTCOMES[line.outcome])
        table.add_row(_text(line.name), ended, *map(_text, cells), _text(line.problem))
    out.print(table)
    out.print(_text(overview.total(reports), style="bold"))
    for way in overview.missing(reports):
        out.print(_text(f"Not run: {way}", style="yellow"))
    out.print(_text("Each report in full: grade one file alone, or --output report.html."))
    if any(line.problem for line in lines):
        out.print(
            _text("What to look at: companion explain CODE says what it means and what to do.")
        )


def _longest_word(lines: list[overview.Line]) -> int:
    """The width at which no code of a remark is broken: people paste them."""
    return max(len(word) for line in lines for word in ("look at", *line.problem.split()))


def _that_fit(lines: list[overview.Line], width: int) -> dict[str, list[str]]:
    """The columns of numbers that there is room for."""
    columns = {
        "points": [line.points for line in lines],
        "parameters": [line.parameters for line in lines],
        "score": [line.score for line in lines],
    }
    taken = {title: _GAP + _wide((title, cells)) for title, cells in columns.items()}
    room = width - 2 * _GAP
    for title in _LEFT_OUT_FIRST:
        if sum(taken.values()) > room:
            del columns[title], taken[title]
    return columns


def _wide(column: tuple[str, list[str]]) -> int:
    """How wide a column is: its title, or the widest of its cells."""
    title, cells = column
    return max(map(len, (title, *cells)))


def _text(text: str, style: str = "") -> Any:
    """Text as Rich draws it: no markup is read, and nothing in it steers the terminal."""
    from rich.text import Text

    return Text(printable(text), style)
