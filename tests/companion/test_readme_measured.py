"""The tables of speeds, shortcuts, trainings and U-Nets are what the benchmarks found, and nothing that was typed."""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
BENCHMARKS = ROOT / "tests" / "benchmarks"
BEGIN, END = "<!-- measured: begin -->\n", "<!-- end -->"


def speeds(document: dict[str, Any]) -> Iterator[str]:
    """The rows, each a median with the smallest and the largest; and what they ran on."""
    found = document["versions"]
    ran_on = ", ".join(f"{name} {number}" for name, number in found.items())
    yield "| grade / script | time | peak memory | share of matrix products |"
    yield "|---|---|---|---|"
    for row in document["rows"]:
        cells = (row["what"], *(spread(row[key]) for key in ("wall", "memory", "share")))
        yield line(*cells)
    yield ""
    yield (
        f"Medians of {document['rounds']} rounds (smallest to largest), {document['cores']} cores, "
        f"{ran_on}."
    )


def spread(values: list[float] | None) -> str:
    if values is None:
        return "–"
    middle, low, high = values
    return f"**{middle:.2f}** ({low:.2f} to {high:.2f})"


def trainings(document: dict[str, Any]) -> Iterator[str]:
    """A line a run, and after each kind its mean."""
    short, epochs = document["short"], document["epochs"]
    yield line(
        "run",
        "seed",
        f"test accuracy, best of the first {short}",
        f"best of {epochs}",
        f"rise of the validation loss at {epochs}",
        f"gap at {epochs}",
    )
    yield "|---|---|---:|---:|---:|---:|"
    for kind in ("plain", "augmented"):
        rows = [row for row in document["rows"] if row["kind"] == kind]
        for row in rows:
            best, whole = (score(*row[key]) if row[key] else "–" for key in ("best", "whole"))
            yield line(kind, row["seed"], best, whole, rise(row["rise"]), gap(row["gap"]))
        means = {key: statistics.fmean(row[key] for row in rows) for key in ("rise", "gap")}
        shown = [mean([row[key] for row in rows]) for key in ("best", "whole")]
        yield line(f"**{kind}**", "mean", *shown, rise(means["rise"]), gap(means["gap"]))


def unets(document: dict[str, Any]) -> Iterator[str]:
    """A line a run: what the grader counted on its test split, and how well it knows its own."""
    yield line(
        "data",
        "epochs",
        "saved",
        "test Dice",
        "test IoU",
        "training Dice at the end",
        "false alarms",
    )
    yield "|---|---:|---:|---:|---:|---:|---:|"
    for row in document["rows"]:
        counts = row["counts"]
        both = counts["P"] + counts["G"]
        yield line(
            row["data"],
            row["epochs"],
            f"epoch {row['best_epoch']}",
            f"**{2 * counts['I'] / both:.3f}**",
            f"{counts['I'] / (both - counts['I']):.3f}",
            f"{row['training_dice']:.3f}",
            f"{counts['false_alarms']} of {counts['empty_truth']}",
        )


def shortcuts(document: dict[str, Any]) -> Iterator[str]:
    """A line a model and shortcut: what it takes, and what it changes."""
    yield "| engine keras | shortcut | time | decisions that turn | right, before and after |"
    yield "|---|---|---|---:|---:|"
    for row in document["rows"]:
        right = " → ".join(f"{count:,}" for count in row["right"])
        turned = f"{row['turned']:,} of {row['decisions']:,}"
        yield line(row["model"], row["shortcut"], spread(row["wall"]), turned, right)
    versions = ", ".join(f"{name} {number}" for name, number in document["versions"].items())
    yield ""
    yield f"One pass with its compilation, as a ratio to float32 without XLA; {document['device']}, {versions}."


EPOCHS = {
    "ours": "`companion train cifar`",
    "ours, steps": "the same without the measuring of both sides",
    "textbook": "`fit` on the textbook's `tf.data` pipeline",
    "no pipeline": "`fit` on one batch again and again",
}


def epochs(document: dict[str, Any]) -> Iterator[str]:
    """A line a way to train an epoch, against plain `fit`."""
    yield "| an epoch / `fit` on arrays | wall time | processor time |"
    yield "|---|---|---|"
    for row in document["rows"]:
        yield line(EPOCHS[row["what"]], spread(row["wall"]), spread(row["processor"]))
    versions = ", ".join(f"{name} {number}" for name, number in document["versions"].items())
    yield ""
    yield (
        f"Medians of {document['rounds']} rounds (smallest to largest), {document['pictures']:,} drawn "
        f"pictures, {document['cores']} cores, {versions}."
    )


def score(accuracy: float, epoch: int) -> str:
    return f"{100 * accuracy:.2f} % (epoch {epoch})"


def mean(found: list[list[float] | None]) -> str:
    known = [pair[0] for pair in found if pair]
    return f"**{100 * statistics.fmean(known):.2f} %**" if known else "–"


def rise(share: float) -> str:
    return f"{100 * share:.0f} %"


def gap(share: float) -> str:
    return f"{100 * share:.1f} points"


def line(*cells: object) -> str:
    return f"| {' | '.join(map(str, cells))} |"


TABLES: dict[str, tuple[Path, str, Callable[[dict[str, Any]], Iterator[str]]]] = {
    "speeds": (ROOT / "README.md", "grade_against_script.json", speeds),
    "shortcuts": (ROOT / "ARCHITECTURE.md", "shortcuts.json", shortcuts),
    "trainings": (ROOT / "answers" / "solutions" / "README.md", "train_table.json", trainings),
    "epochs": (ROOT / "answers" / "solutions" / "README.md", "train_against_fit.json", epochs),
    "unets": (ROOT / "answers" / "solutions" / "README.md", "unet_table.json", unets),
}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_what_was_measured(name: str) -> None:
    page, found, drawn = TABLES[name]
    document = json.loads((BENCHMARKS / found).read_text("utf-8"))
    wanted = "\n".join(drawn(document))
    parts = page.read_text("utf-8").split(BEGIN)[1:]
    shown = [part.split(END)[0].strip() for part in parts]
    assert wanted.strip() in shown, f"{page.name} should say:\n{wanted}"


def test_the_sentence_on_the_samples_is_what_their_records_say() -> None:
    models = ROOT / "answers" / "samples" / "models"
    cnn, unet = (
        json.loads((models / f"sample-{kind}.run.json").read_text("utf-8"))["counts"]
        for kind in ("cnn", "unet")
    )
    dice = 2 * unet["I"] / (unet["P"] + unet["G"])
    wanted = (
        f"{cnn['correct']} of {cnn['total']:,} test pictures right, and a pooled Dice of {dice:.3f}"
    )
    page = ROOT / "answers" / "solutions" / "README.md"
    assert wanted in " ".join(page.read_text("utf-8").split())
