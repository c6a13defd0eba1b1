"""A training that is over: what was saved, the curves, what they say, and the test score."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from answers.solutions.events import EpochDone
from answers.solutions.overfitting import RISE, Comparison, Overfitting, gap, overfitting
from answers.solutions.run_record import RunRecord
from companion.views.columns import Column, write
from companion.views.paper import Paper
from companion.views.training_curves import draw_losses, highest_loss


def trained(paper: Paper, record: RunRecord, written: Sequence[Path]) -> None:
    """One run, for a person."""
    paper.line(_saved(record), bold=True)
    paper.line()
    _table(paper, record)
    paper.line()
    draw_losses(paper, record)
    paper.line()
    paper.line(in_words(overfitting(record.history)))
    paper.line(_gap_in_words(record))
    _test(paper, record)
    paper.line("Written: " + ", ".join(map(str, written)) + ".")


def _saved(record: RunRecord) -> str:
    last = len(record.history)
    why = "" if record.reason == "epochs" else "; validation did not get better any more"
    return (
        f"{record.model}: {record.parameters:,} parameters, the weights of epoch "
        f"{record.best_epoch} of {last}{why}."
    )


def _table(paper: Paper, record: RunRecord) -> None:
    score = record.scores[0]
    columns = [
        Column("epoch", right=True),
        Column("seconds", right=True, spare=1),
        Column("training loss", right=True),
        Column(score, right=True),
        Column("validation loss", right=True),
        Column(score, right=True),
        Column(""),
    ]
    write(paper, columns, [_row(done, record.best_epoch) for done in record.history])


def _row(done: EpochDone, best: int) -> list[str]:
    training, validation = done.training, done.validation
    return [
        str(done.epoch),
        f"{done.seconds:.1f}",
        f"{training.loss:.4f}",
        f"{training.scores[0]:.4f}",
        f"{validation.loss:.4f}",
        f"{validation.scores[0]:.4f}",
        "saved" if done.epoch == best else "",
    ]


def in_words(found: Overfitting) -> str:
    """From which epoch on a run overfits."""
    if found.since is not None:
        return (
            f"It overfits from epoch {found.since} on: the validation loss was lowest after epoch "
            f"{found.lowest_epoch} ({found.lowest_loss:.3f}) and ends {found.rise:.1%} above that "
            f"({found.last_loss:.3f}), while the training loss went on falling."
        )
    if found.lowest_epoch == found.last_epoch:
        return (
            f"It does not overfit yet: the validation loss was lowest after the last epoch "
            f"({found.lowest_loss:.3f}). More epochs may help."
        )
    why = "which is no more than noise" if found.rise < RISE else "and so does the training loss"
    return (
        f"It does not overfit so far: the validation loss was lowest after epoch "
        f"{found.lowest_epoch} ({found.lowest_loss:.3f}) and ends {found.rise:.1%} above that, {why}."
    )


def _gap_in_words(record: RunRecord) -> str:
    found = gap(record.history[-1])
    last = record.history[-1]
    return (
        f"After epoch {found.epoch} the gap between training and validation is "
        f"{_points(found.score)} of {record.scores[0]}; the loss is {last.training.loss:.3f} in "
        f"training and {last.validation.loss:.3f} in validation."
    )


def _points(value: float) -> str:
    """A difference of shares in percentage points."""
    return f"{100 * value + 0.0:.1f} points"


def _test(paper: Paper, record: RunRecord) -> None:
    paper.line()
    if not record.counts:
        named = "" if record.kind == "unet" else " --test names one."
        paper.line(f"The saved model was not graded: there is no test split.{named}")
        return
    paper.line(f"Test split, counted by the grader in the saved file: {counts(record)}.", bold=True)


def counts(record: RunRecord) -> str:
    """What the grader counted."""
    found = dict(record.counts)
    if _is_share(found):
        share = found["correct"] / found["total"]
        return f"{found['correct']:,} of {found['total']:,} right ({share:.2%})"
    if {"I", "P", "G"} <= found.keys():
        return _overlap_in_words(found)
    return ", ".join(f"{name} {value:,}" for name, value in record.counts)


def _overlap_in_words(found: dict[str, int]) -> str:
    """Pooled Dice and IoU out of the pixels, and what became of empty masks."""
    both, either = found["I"], found["P"] + found["G"]
    scores = (
        f"Dice {2 * both / either:.4f}, IoU {both / (either - both):.4f}" if either else "empty"
    )
    text = f"{scores} (pooled; {both:,} object pixels found of {found['G']:,}, {found['P']:,} said)"
    if not found["empty_truth"]:
        return text
    return (
        f"{text}; of {found['images']:,} masks {found['empty_truth']:,} are empty, and "
        f"{found['false_alarms']:,} of these were answered with an object"
    )


def _test_score(record: RunRecord) -> str:
    found = dict(record.counts)
    return f"{found['correct'] / found['total']:.2%}" if _is_share(found) else ""


def _is_share(found: dict[str, int]) -> bool:
    return "correct" in found and found.get("total", 0) > 0


def run_document(record: RunRecord) -> dict[str, Any]:
    """A run, and what its curves say."""
    found = overfitting(record.history)
    return {
        **record.to_json(),
        "overfitting": _document(found),
        "gaps": [
            {"epoch": each.epoch, "loss": each.loss, "score": each.score}
            for each in map(gap, record.history)
        ],
    }


def _document(found: Overfitting) -> dict[str, Any]:
    return {
        "lowest_epoch": found.lowest_epoch,
        "lowest_loss": found.lowest_loss,
        "last_epoch": found.last_epoch,
        "last_loss": found.last_loss,
        "rise": found.rise,
        "since": found.since,
    }


def compared(paper: Paper, both: Comparison, names: tuple[str, str]) -> None:
    """Two runs side by side."""
    runs = (both.first, both.second)
    _compared_table(paper, both, names)
    highest = highest_loss(runs)
    for name, run, found in zip(names, runs, both.found, strict=True):
        paper.line()
        paper.line(name, bold=True)
        draw_losses(paper, run, highest=highest)
        paper.line(in_words(found))
    paper.line()
    for line in conclusions(both, names):
        paper.line(line)


def _compared_table(paper: Paper, both: Comparison, names: tuple[str, str]) -> None:
    score = both.first.scores[0]
    columns = [
        Column("run"),
        Column("epochs", right=True, spare=2),
        Column("saved", right=True),
        Column("validation loss", right=True, spare=1),
        Column(score, right=True),
        Column(f"gap, epoch {both.epoch}", right=True),
        Column("test", right=True, spare=3),
    ]
    rows = [
        [
            name,
            str(len(run.history)),
            str(run.best_epoch),
            f"{run.best.validation.loss:.4f}",
            f"{run.best.validation.scores[0]:.4f}",
            _points(found.score),
            _test_score(run),
        ]
        for name, run, found in zip(names, (both.first, both.second), both.gaps, strict=True)
    ]
    write(paper, columns, rows)


def conclusions(both: Comparison, names: tuple[str, str]) -> list[str]:
    """What the two runs say when they are held side by side."""
    first, second = both.gaps
    lines = [
        f"After epoch {both.epoch} the gap between training and validation {both.first.scores[0]} "
        f"is {_points(first.score)} for {names[0]} and {_points(second.score)} for {names[1]}"
        + (f": {both.share:.0%} of the first." if both.share is not None else ".")
    ]
    lines.append(
        "Both curves of a run are measured with the weights of the epoch's end, on pictures that "
        "are not augmented."
    )
    if not both.same_data:
        lines.append(
            "The runs were trained on different pictures: their numbers differ for that, too."
        )
    if both.first.scores != both.second.scores:
        lines.append(f"The scores differ in kind: {both.first.scores[0]}, {both.second.scores[0]}.")
    return lines


def comparison_document(both: Comparison, names: tuple[str, str]) -> dict[str, Any]:
    """The same as a document."""
    return {
        "runs": [
            {"name": name, **run_document(run)}
            for name, run in zip(names, (both.first, both.second), strict=True)
        ],
        "epoch": both.epoch,
        "gaps": [{"epoch": g.epoch, "loss": g.loss, "score": g.score} for g in both.gaps],
        "share": both.share,
        "same_data": both.same_data,
        "conclusions": conclusions(both, names),
    }
