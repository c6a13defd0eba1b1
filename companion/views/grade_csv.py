"""Reports as a table for a spreadsheet: a line for each file."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from fractions import Fraction

from answers.errors import CompanionError, MissingError
from checkers.report import Report
from companion.views import grade_json
from companion.views.grade_overview import names, outcome, same_as
from companion.views.numbers import decimal
from companion.views.printable import printable

_DIGITS = 6
# A spreadsheet takes a text that begins so for a formula; in some countries ; ends a cell.
_STEERS = re.compile(r"(^|;)(\s*)(?=[=+\-@])")
_FIRST = ("file", "outcome", "passed", "points", "points_of", "parameters", "trainable")
_LAST = ("same_as", "error", "message", "findings", "engine", "isolation", "order_seed", "sha256")


def table(reports: Sequence[Report]) -> str:
    """The table, with the columns of every measure that one of the files has."""
    found = [grade_json.measures(report) for report in reports]
    measures = list(dict.fromkeys(name for each in found for name in each))
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow((*_FIRST, *measures, *_LAST))
    everything = zip(names(reports), reports, found, same_as(reports), strict=True)
    for name, report, values, other in everything:
        scores = (_number(values.get(measure)) for measure in measures)
        rows.writerow((*_begin(name, report), *scores, _cell(other), *_end(report)))
    return text.getvalue()


def _begin(name: str, report: Report) -> tuple[str, ...]:
    given = report.assignment
    counts = report.model.parameters if report.model else None
    return (
        _cell(name),
        outcome(report),
        str(report.passed).lower(),
        _number(None if report.error is not None else report.points),
        _number(given.points if given else None),
        str(counts.total) if counts else "",
        str(counts.trainable) if counts else "",
    )


def _end(report: Report) -> tuple[str, ...]:
    errors, engine = [report.error] if report.error else report.missing, report.engine
    return (
        " ".join(dict.fromkeys(error.code for error in errors)),
        _cell(" ".join(_words(error) for error in errors)),
        " ".join(dict.fromkeys(finding.code for finding in report.findings)),
        _cell(f"{engine.name}, {engine.device}") if engine else "",
        report.isolation,
        "" if report.order_seed is None else str(report.order_seed),
        report.sha256,
    )


def _words(error: CompanionError) -> str:
    """What went wrong; of what is missing here also what to do, for it is no fault of the file."""
    return f"{error.message} {error.hint}" if isinstance(error, MissingError) else error.message


def _number(value: Fraction | str | None) -> str:
    """A fraction in decimals, without marks for thousands; nothing where there is none."""
    if value is None:
        return ""
    exact = Fraction(value)
    whole = exact.denominator == 1
    return str(exact.numerator) if whole else decimal(exact, _DIGITS).replace(",", "")


def _cell(text: str) -> str:
    """Text of a file or a path, which no spreadsheet runs."""
    return _STEERS.sub(r"\1\2'", printable(text))
