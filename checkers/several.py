"""Many files in one call: data read once, the next children at hand, and no file stops the rest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing

from answers.errors import InputError, RunError
from checkers.grading import grade
from checkers.measuring.feed import check_feed
from checkers.measuring.source import Source
from checkers.report import Report
from checkers.request import Request, Watch
from checkers.round import Round

_KEPT = 512 << 20  # bytes of pictures and truths that stay in memory from one model to the next


def grade_several(requests: Sequence[Request], watch: Watch | None = None) -> Iterator[Report]:
    """The report of each, in order, as it is known.

    Raises: InputError where the command itself or the data is wrong.
    """
    if len(requests) == 1:
        yield grade(requests[0], watch)
        return
    with closing(Round(Source(_KEPT))) as together:
        for number, request in enumerate(requests, 1):
            together.more = number < len(requests)
            yield _graded(request, watch, together, first=number == 1)


def _graded(request: Request, watch: Watch | None, together: Round, *, first: bool) -> Report:
    check_feed(request.feed)
    try:
        report = grade(request, watch, together)
    except InputError as error:
        # the data may suit all assignments but the one that was chosen for this file
        if first and request.assignment is not None:
            raise
        return Report(file=request.name, error=error.with_traceback(None))
    except Exception as error:  # noqa: BLE001  # whatever one file brings on, the others are graded
        return Report(file=request.name, error=_bug(error))
    if report.error is not None:
        report.error.__traceback__ = None  # its frames would keep the pictures of a failed run
    return report


def _bug(error: Exception) -> RunError:
    return RunError(
        "bug",
        f"This is a bug of ours: {type(error).__name__}: {error!s:.300}",
        hint="Grade this file alone with --debug, and report what it prints.",
    )
