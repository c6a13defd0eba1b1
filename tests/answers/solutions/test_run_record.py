from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from toy_history import LEVEL, OVERFITS, run_of

from answers.errors import InputError
from answers.solutions.events import Event, Remark
from answers.solutions.run_record import (
    check_out,
    fingerprint,
    history_path,
    read_record,
    record_path,
    state_folder,
    write_record,
)


def test_a_record_comes_back_as_it_was_written(tmp_path: Path) -> None:
    model = tmp_path / "a.keras"
    write_record(run_of(OVERFITS), model)
    assert read_record(model) == run_of(OVERFITS)
    assert read_record(tmp_path / "a.run.json") == run_of(OVERFITS)


def test_the_files_stand_beside_the_model() -> None:
    model = Path("some/cnn.v2.keras")
    assert record_path(model) == Path("some/cnn.v2.run.json")
    assert history_path(model) == Path("some/cnn.v2.history.csv")
    assert state_folder(model) == Path("some/.cnn.v2.keras.training")


def test_the_history_is_a_table_that_marks_the_saved_epoch(tmp_path: Path) -> None:
    write_record(run_of(OVERFITS), tmp_path / "a.keras")
    text = (tmp_path / "a.history.csv").read_text("utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    assert [row["best"] for row in rows] == ["0", "0", "1", "0", "0"]
    assert [float(row["validation_loss"]) for row in rows] == [1.6, 1.2, 1.0, 1.1, 1.2]
    assert [float(row["training_accuracy"]) for row in rows] == [0.45, 0.65, 0.72, 0.83, 0.95]
    assert float(rows[0]["running_loss"]) == 1.75


def changed(**changes: Any) -> str:
    return json.dumps(run_of(LEVEL).to_json() | changes)


DAMAGED = {
    "no JSON": "{",
    "another document": '{"format": "companion/grade", "version": 1}',
    "a later version": changed(version=2),
    "a list": "[]",
    "no history": changed(history=[]),
    "a saved epoch that never was": changed(best_epoch=9),
    "a text for a number": changed(parameters="many"),
    "a loss that is no number": changed(history=[{"epoch": 1}]),
    "no scores": changed(scores=[]),
    "other scores": changed(scores=["dice", "iou"]),
    "an epoch left out": changed(history=run_of(LEVEL).to_json()["history"][1:]),
    "NaN": changed(counts={"correct": float("nan")}),
    "nested too deep": "[" * 100_000,
    "too long": " " * (16 << 20) + "{}",
}


@pytest.mark.parametrize("text", DAMAGED.values(), ids=DAMAGED.keys())
def test_a_damaged_record_is_an_error_of_the_input(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.run.json").write_text(text, "utf-8")
    with pytest.raises(InputError, match="is no record of a training") as caught:
        read_record(tmp_path / "a.keras")
    assert caught.value.code == "run-record-damaged"


def test_a_missing_record_says_what_lies_beside_a_model(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="There is no record of a training") as caught:
        read_record(tmp_path / "a.keras")
    assert ".run.json lies beside it" in caught.value.hint


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("model", "model-suffix"),
        ("model.pt", "model-suffix"),
        ("folder.keras", "cannot-write"),
        ("nowhere/model.keras", "cannot-write"),
    ],
)
def test_a_place_that_no_model_fits_is_refused_before_the_training(
    tmp_path: Path, name: str, code: str
) -> None:
    (tmp_path / "folder.keras").mkdir()
    with pytest.raises(InputError) as caught:
        check_out(tmp_path / name)
    assert caught.value.code == code


def test_what_to_do_about_a_missing_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"there is no folder '.*nowhere'") as caught:
        check_out(tmp_path / "nowhere" / "model.keras")
    assert caught.value.hint == "Make that folder first, or name another place."


def test_that_a_file_will_be_replaced_is_said_and_it_stays_until_then(tmp_path: Path) -> None:
    place, told = tmp_path / "model.keras", list[Event]()
    check_out(place, told.append)
    assert told == []
    place.write_bytes(b"mine")
    check_out(place, told.append)
    assert [event.code for event in told if isinstance(event, Remark)] == ["out-replaced"]
    assert place.read_bytes() == b"mine"


def test_the_fingerprint_changes_with_all_that_decides_the_outcome() -> None:
    run = run_of(LEVEL)
    other = run_of(LEVEL, sha256="34" * 32)
    told = {
        fingerprint("cifar", run.options, run.data, run.versions),
        fingerprint("unet", run.options, run.data, run.versions),
        fingerprint("cifar", run.options[1:], run.data, run.versions),
        fingerprint("cifar", run.options, other.data, run.versions),
        fingerprint("cifar", run.options, run.data, (("keras", "3.14.0"),)),
    }
    assert len(told) == 5
