"""The table of `answers/solutions/README.md`: three seeds, plain and augmented, twenty epochs.

    python tests/benchmarks/train_table.py --data cifar10_train --test cifar10_test --runs runs

Calls `companion train cifar --patience off` for each seed. The best of the first ten epochs is asked
of the plain model alone: that run's own where it lies there, else a run of ten epochs gives it (a
seed gives the same ten epochs in both). A run that is there is not made again, and one that was
stopped goes on: kill it, and start it again. Keeps what it found in the file beside this one, from
which a test makes the table of the README.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from answers.solutions.overfitting import gap, overfitting
from answers.solutions.run_record import RunRecord, read_record, record_path

FOUND = Path(__file__).with_suffix(".json")
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


@dataclass(frozen=True)
class Row:
    """What a run came to. best: test accuracy of the best of the first ten epochs, and which it is.

    whole: the same of all epochs. rise: of the validation loss above its least, and gap: of training
    and validation accuracy, both at the last epoch. seconds: of an epoch, the median.
    """

    kind: str
    seed: int
    best: tuple[float, int] | None
    whole: tuple[float, int]
    rise: float
    gap: float
    seconds: float


def row(kind: str, seed: int, options: argparse.Namespace) -> Row:
    """One run of a kind, made where it is missing."""
    whole = trained(kind, seed, options.epochs, options)
    best = None
    if kind == "plain":
        early = whole.best_epoch <= options.short
        best = _accuracy(whole if early else trained(kind, seed, options.short, options))
    return Row(
        kind=kind,
        seed=seed,
        best=best,
        whole=_accuracy(whole),
        rise=overfitting(whole.history).rise,
        gap=gap(whole.history[-1]).score,
        seconds=statistics.median(done.seconds for done in whole.history),
    )


def _accuracy(record: RunRecord) -> tuple[float, int]:
    found = dict(record.counts)
    return found["correct"] / found["total"], record.best_epoch


def main() -> None:
    """Train what is missing, and keep what was found."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="holds the train split")
    parser.add_argument("--test", type=Path, required=True, help="holds the test split")
    parser.add_argument("--runs", type=Path, required=True, help="the folder of the runs")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--short", type=int, default=10)
    parser.add_argument("--epochs", type=int, default=20)
    options = parser.parse_args()
    options.runs.mkdir(parents=True, exist_ok=True)
    rows = [asdict(row(kind, seed, options)) for kind in _KINDS for seed in options.seeds]
    found = {"epochs": options.epochs, "short": options.short, "rows": rows}
    FOUND.write_text(json.dumps(found, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
