"""The table of `answers/solutions/README.md`: three seeds, plain and augmented, twenty epochs.

    python tests/benchmarks/train_table.py --data cifar10_train --test cifar10_test --runs runs

Calls `companion train cifar --patience off` for each seed. The best of the first ten epochs is that
run's own where it lies there; else a run of ten epochs gives it (a seed gives the same ten epochs in
both). A run that is there is not made again, and one that was stopped goes on: kill it, and start
it again. Writes the table as Markdown to stdout.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
from pathlib import Path

from answers.solutions.overfitting import gap, overfitting
from answers.solutions.run_record import RunRecord, read_record, record_path

_KINDS = {"plain": (), "augmented": ("--augment",)}


def trained(kind: str, seed: int, epochs: int, options: argparse.Namespace) -> RunRecord:
    """The record of a run; made now if it is not there, or not graded."""
    model = options.runs / f"{kind}-{seed}-{epochs}.keras"
    if not record_path(model).is_file() or not read_record(model).counts:
        words = ("--epochs", str(epochs), "--patience", "off", "--seed", str(seed))
        places = ("--data", options.data, "--test", options.test, "--out", model)
        command = [sys.executable, "-m", "companion", "train", "cifar", *words, *_KINDS[kind]]
        subprocess.run(  # our own command
            [*command, *map(str, places)], check=True, stdout=subprocess.DEVNULL
        )
    return read_record(model)


def row(kind: str, seed: int, options: argparse.Namespace) -> list[float]:
    """Test accuracy of the best of ten epochs and of twenty; rise and gap at the last epoch."""
    whole = trained(kind, seed, options.epochs, options)
    early = whole.best_epoch <= options.short
    short = whole if early else trained(kind, seed, options.short, options)
    last = whole.history[-1]
    return [
        _accuracy(short),
        _accuracy(whole),
        overfitting(whole.history).rise,
        gap(last).score,
        statistics.median(done.seconds for done in whole.history),
    ]


def _accuracy(record: RunRecord) -> float:
    found = dict(record.counts)
    return found["correct"] / found["total"]


def main() -> None:
    """Train what is missing, and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="holds the train split")
    parser.add_argument("--test", type=Path, required=True, help="holds the test split")
    parser.add_argument("--runs", type=Path, required=True, help="the folder of the runs")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--short", type=int, default=10)
    parser.add_argument("--epochs", type=int, default=20)
    options = parser.parse_args()
    options.runs.mkdir(parents=True, exist_ok=True)
    found = {kind: [row(kind, seed, options) for seed in options.seeds] for kind in _KINDS}
    for line in table(found, options):
        print(line)  # noqa: T201  # a program that prints its table


def table(found: dict[str, list[list[float]]], options: argparse.Namespace) -> list[str]:
    """A line a run, then the means."""
    titles = [
        "run",
        "seed",
        f"test, best of {options.short}",
        f"test, best of {options.epochs}",
        f"rise of validation loss at {options.epochs}",
        f"gap at {options.epochs}",
        "seconds an epoch",
    ]
    lines = [_line(titles), _line(["---"] * len(titles))]
    for kind, rows in found.items():
        for seed, values in zip(options.seeds, rows, strict=True):
            lines.append(_line([kind, str(seed), *_words(values)]))
        means = [statistics.fmean(column) for column in zip(*rows, strict=True)]
        lines.append(_line([f"**{kind}**", "mean", *_words(means)]))
    return lines


def _words(values: list[float]) -> list[str]:
    *shares, seconds = values
    return [*(f"{100 * value:.2f} %" for value in shares), f"{seconds:.1f}"]


def _line(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"


if __name__ == "__main__":
    main()
