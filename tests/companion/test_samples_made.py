"""`make.sh` beside the shipped models: that it is how they were made, and that it makes such models."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import pytest

from answers.samples.shipped import ShippedModel, shipped_models
from answers.solutions.cifar import CifarOptions
from answers.solutions.run_record import RunRecord, read_record
from answers.solutions.unet_training import UnetOptions

Run = Any
MODELS = {model.file: model for model in shipped_models()}
SCRIPT = next(iter(MODELS.values())).path.with_name("make.sh").read_text("utf-8")
LINES = [shlex.split(line)[1:] for line in SCRIPT.splitlines() if line.startswith("companion ")]
DEFAULTS = {"cifar": CifarOptions(), "unet": UnetOptions()}


def words_of(model: ShippedModel) -> list[str]:
    """The command that made a model, as the script has it."""
    return next(words for words in LINES if words[-2:] == ["--out", model.file])


def options_in(words: list[str]) -> dict[str, Any]:
    """What a line sets: names and values as the record has them."""
    found: dict[str, Any] = {}
    waiting = words[2:]
    while waiting:
        name = waiting.pop(0).removeprefix("--").replace("-", "_")
        found[name] = waiting.pop(0) if waiting and not waiting[0].startswith("--") else True
        if isinstance(found[name], str) and found[name].isdecimal():
            found[name] = int(found[name])
    return found


def test_the_script_makes_each_shipped_model() -> None:
    assert LINES[0] == ["samples", "--arrays", "drawn"]
    assert [words[-1] for words in LINES[1:]] == list(MODELS)


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS.keys())
def test_the_record_of_a_shipped_model_is_of_the_line_in_the_script(model: ShippedModel) -> None:
    record, words = read_record(model.path), words_of(model)
    said = options_in(words)
    assert (record.kind, record.model) == (words[1], said.pop("out"))
    assert {used.source for used in record.data} == {said.pop("data")}
    if said["patience"] == "off":
        said["patience"] = None
    assert dict(record.options) == dict(DEFAULTS[record.kind].settings) | said


@pytest.mark.long
def test_the_script_makes_models_that_are_graded(run: Run, tmp_path: Path) -> None:
    for words in LINES:
        short = ("--epochs", "1") if words[0] == "train" else ()
        done = run(*words, *short)
        assert done.code == 0, (words, done.err)
    for model in MODELS.values():
        made, shipped = read_record(tmp_path / model.file), read_record(model.path)
        assert made.parameters == shipped.parameters
        assert _same_data(made, shipped)
        report = run("grade", model.file, "--assignment", model.name, "--json").document["result"]
        counts = report["models"][0]["counts"]
        assert {name: counts[name] for name, _ in made.counts} == dict(made.counts)


def _same_data(one: RunRecord, other: RunRecord) -> bool:
    return [(d.role, d.count, d.sha256) for d in one.data] == [
        (d.role, d.count, d.sha256) for d in other.data
    ]
