"""`companion metrics`: every rate of a yes-or-no question, with the reader's own numbers."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from answers.errors import InputError
from companion.cli.calculator import Shown, showing
from companion.cli.exact_number import exact_number
from companion.options import Everywhere
from companion.views.terminal import say

if TYPE_CHECKING:
    from answers.metrics.costs import Costs
    from answers.metrics.rates import BinaryCounts
    from companion.views.metrics_view import Measured
    from companion.views.threshold_view import Chosen

EPILOG = """\b
Examples:
  companion metrics --tp 8 --fp 2 --fn 1 --tn 89
  companion metrics --tp 8 --fp 2 --fn 1 --tn 89 --cost-miss 10 --cost-alarm 1
  companion metrics --tp 8 --fp 2 --fn 1 --tn 89 --beta 2 --no-steps
  companion metrics --scores "scores.csv" --cost-miss 10 --cost-alarm 1
  companion metrics --matrix "confusion.csv"
"""
_COUNTS = ("tp", "fp", "fn", "tn")

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """What is measured: four counts, or a file of scores; and with which weights."""

    counts: tuple[int | None, ...]
    scores: Path | None
    beta: Fraction | None
    costs: Costs | None
    threshold: Fraction | None


@app.command(epilog=EPILOG)
@showing
def metrics(
    shown: Shown,
    everywhere: Everywhere,
    *,
    tp: Annotated[int | None, typer.Option(help="True positives: called positive, and it is.")] = (
        None
    ),
    fp: Annotated[int | None, typer.Option(help="False positives: false alarms.")] = None,
    fn: Annotated[int | None, typer.Option(help="False negatives: misses.")] = None,
    tn: Annotated[int | None, typer.Option(help="True negatives.")] = None,
    beta: Annotated[
        str | None, typer.Option(help="Also F-beta: recall counts beta times as much.")
    ] = None,
    cost_miss: Annotated[str | None, typer.Option(help="What a miss costs.")] = None,
    cost_alarm: Annotated[str | None, typer.Option(help="What a false alarm costs.")] = None,
    scores: Annotated[
        Path | None, typer.Option(help="A CSV file with the columns score,label (1 or 0).")
    ] = None,
    threshold: Annotated[
        str | None, typer.Option(help="With --scores: positive from this score on.")
    ] = None,
    matrix: Annotated[
        Path | None, typer.Option(help="A CSV file: a confusion matrix, rows are the truth.")
    ] = None,
) -> None:
    """Every rate of a yes-or-no question, what it says in words, and what mistakes cost.

    From four counts; from scores and labels (the precision-recall curve, and the threshold that
    costs least, or has the largest F); or from the confusion matrix of several classes.
    """
    asked = _Asked(
        counts=(tp, fp, fn, tn),
        scores=scores,
        beta=None if beta is None else _beta(beta),
        costs=_costs(cost_miss, cost_alarm),
        threshold=None if threshold is None else exact_number(threshold, "--threshold"),
    )
    _check_sources(asked, matrix)
    if matrix is None:
        _show(_measured(asked), shown, everywhere)
    else:
        _show_matrix(matrix, shown, everywhere)


def _beta(word: str) -> Fraction:
    from answers.metrics.rates import require_beta

    beta = exact_number(word, "--beta")
    require_beta(beta)
    return beta


def _costs(miss: str | None, alarm: str | None) -> Costs | None:
    """The costs; where one is said, the other mistake costs 1."""
    if miss is None and alarm is None:
        return None
    from answers.metrics.costs import Costs

    return Costs(
        miss=exact_number(miss or "1", "--cost-miss"),
        alarm=exact_number(alarm or "1", "--cost-alarm"),
    )


def _check_sources(asked: _Asked, matrix: Path | None) -> None:
    """One thing is measured at a time, and what is said of it belongs to it."""
    has_counts = any(count is not None for count in asked.counts)
    sources = [has_counts, asked.scores is not None, matrix is not None]
    if sum(sources) > 1:
        raise InputError(
            "options-clash", "Counts, --scores and --matrix exclude each other.", hint="Give one."
        )
    if not any(sources):
        raise InputError(
            "option-missing",
            "Nothing to measure: say the four counts, or a file.",
            hint="For example: --tp 8 --fp 2 --fn 1 --tn 89, or --scores scores.csv.",
        )
    if asked.threshold is not None and asked.scores is None:
        raise InputError(
            "options-clash", "--threshold needs --scores.", hint="Counts have no threshold."
        )
    if matrix is not None and (asked.costs is not None or asked.beta is not None):
        raise InputError(
            "options-clash",
            "Costs and --beta are about one class; a matrix has several.",
            hint="Give the four counts of one class: --tp … --fp … --fn … --tn ….",
        )


def _measured(asked: _Asked) -> Measured:
    from companion.views.metrics_view import Measured

    chosen = None if asked.scores is None else _chosen(asked.scores, asked)
    counts = _counts(asked) if chosen is None else chosen.curve.counts(chosen.threshold)
    return Measured(counts=counts, beta=asked.beta, costs=asked.costs, chosen=chosen)


def _counts(asked: _Asked) -> BinaryCounts:
    from answers.metrics.rates import BinaryCounts

    missing = [
        f"--{name}" for name, value in zip(_COUNTS, asked.counts, strict=True) if value is None
    ]
    if missing:
        verb = "is" if len(missing) == 1 else "are"
        listed = " and ".join(filter(None, (", ".join(missing[:-1]), missing[-1])))
        raise InputError(
            "option-missing",
            f"{listed} {verb} missing: the rates need all four counts.",
            hint="A count of 0 is said, too: --fn 0.",
        )
    tp, fp, fn, tn = (value or 0 for value in asked.counts)
    return BinaryCounts(
        true_positives=tp, false_positives=fp, false_negatives=fn, true_negatives=tn
    )


def _chosen(path: Path, asked: _Asked) -> Chosen:
    """The curve of a file, and the threshold that is named, costs least, or has the largest F."""
    from companion.scores_file import read_scores
    from companion.views.numbers import plain
    from companion.views.threshold_view import Chosen

    curve, beta = read_scores(path), asked.beta or Fraction(1)
    if asked.threshold is not None:
        above = [t for t in curve.thresholds if t.least is None or t.least >= asked.threshold]
        return Chosen(curve=curve, threshold=above[-1])
    best, measure = curve.best_f(beta), f"F{plain(beta)}"
    if asked.costs is not None:
        best, measure = curve.cheapest(asked.costs), "cost"
    threshold = curve.thresholds[0] if best is None else best.threshold
    return Chosen(curve=curve, threshold=threshold, best=best, measure=measure)


def _show(found: Measured, shown: Shown, everywhere: Everywhere) -> None:
    from companion.views import json_document, metrics_view, threshold_view

    form = shown.form
    if form == "json":
        chosen = None if found.chosen is None else threshold_view.document(found.chosen)
        result = metrics_view.document(found) | {"curve": chosen}
        say(json_document.result("metrics", result))
    elif form == "terminal":
        if found.chosen is not None:
            threshold_view.draw(found.chosen, everywhere)
        metrics_view.draw(found, everywhere, steps=shown.steps is not False)
    else:
        say(metrics_view.as_text(found, form, steps=shown.steps is not False))


def _show_matrix(path: Path, shown: Shown, everywhere: Everywhere) -> None:
    from companion.matrix_file import read_matrix, require_some
    from companion.views import json_document, matrix_view

    found, form = read_matrix(path), shown.form
    require_some(found, path)
    if form == "json":
        say(json_document.result("metrics", matrix_view.document(found)))
    elif form == "terminal":
        matrix_view.draw(found, everywhere)
    else:
        say(matrix_view.as_text(found, form))
