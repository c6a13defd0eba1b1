"""`companion train unet` and `train transfer`: what a person types, sees, and gets as files."""

from __future__ import annotations

import re
import resource
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from disc_folder import write_discs
from PIL import Image

Run = Any
ROOT = Path(__file__).parents[2]
OPTIONS = (
    *("--data", "discs", "--small", "--width", "2", "--epochs", "5", "--batch", "4"),
    *("--validation", "0.25"),
)

KILLED = """
import os, sys
from pathlib import Path
from answers.solutions.events import EpochDone
from answers.solutions.unet_training import UnetOptions, train_unet

def tell(event):
    if isinstance(event, EpochDone) and event.epoch == 2:
        os._exit(9)

options = UnetOptions(small=True, width=2, epochs=5, batch=4, validation=0.25)
train_unet(Path("discs"), Path("killed.keras"), options, tell=tell)
"""


@pytest.fixture
def discs(tmp_path: Path) -> Path:
    return write_discs(tmp_path / "discs", train=16, test=4)


@pytest.fixture
def cifar(tmp_path: Path) -> Path:
    """Twenty training and two test pictures of each class, of its own colour each."""
    random = np.random.default_rng(2)
    parts: dict[str, Any] = {}
    for split, count in (("train", 200), ("test", 20)):
        labels = np.arange(count) % 10
        noise = random.integers(0, 40, (count, 32, 32, 3))
        parts[f"x_{split}"] = (noise + labels[:, None, None, None] * 20).astype(np.uint8)
        parts[f"y_{split}"] = labels.astype(np.uint8)
    np.savez(tmp_path / "cifar10.npz", **parts)
    return tmp_path / "cifar10.npz"


@pytest.mark.parametrize("command", ["unet", "transfer"])
def test_each_command_has_help_with_examples(run: Run, command: str) -> None:
    done = run("train", command, "--help")
    assert done.code == 0
    assert "Examples:" in done.out
    assert f"companion train {command}" in done.out
    assert done.err == ""


def refused() -> Iterator[Any]:
    unet = ("train", "unet", "--data", "discs", "--out", "m.keras")
    cases = (
        ("a suffix", (*unet[:5], "m.bin"), 2, "model-suffix"),
        ("no folder", (*unet[:3], "nothing", "--out", "m.keras"), 2, "path-missing"),
        ("a width", (*unet, "--small", "--width", "17"), 2, "usage"),
        ("a size", (*unet, "--small", "--size", "100"), 2, "size-unfit"),
        ("a share", (*unet, "--validation", "nan"), 2, "option-value"),
        ("a width without --small", (*unet, "--width", "8"), 2, "option-value"),
        ("weights with --small", (*unet, "--small", "--weights", "imagenet"), 2, "option-value"),
        ("fine-tuning with --small", (*unet, "--small", "--fine-tune", "2"), 2, "option-value"),
        ("a loss", (*unet, "--loss", "mse"), 2, "usage"),
        ("a patience", (*unet, "--patience", "never"), 2, "option-value"),
    )
    for name, words, code, error in cases:
        yield pytest.param(words, code, error, id=name)


@pytest.mark.usefixtures("discs")
@pytest.mark.parametrize(("words", "code", "error"), list(refused()))
def test_bad_input_is_said_before_anything_is_trained(
    run: Run, words: tuple[str, ...], code: int, error: str
) -> None:
    done = run(*words, "--json")
    assert done.code == code
    assert done.document["error"]["code"] == error


def test_masks_that_are_all_empty_say_what_to_do(run: Run, discs: Path) -> None:
    for mask in (discs / "train_masks").iterdir():
        Image.new("L", (40, 40)).save(mask)
    done = run("train", "unet", "--data", "discs", "--out", "m.keras", "--small")
    assert done.code == 2
    assert "Code: all-masks-empty" in done.err
    assert "companion data check" in done.err
    assert done.out == ""


@pytest.mark.slow
@pytest.mark.usefixtures("discs")
def test_a_unet_is_trained_saved_and_graded_and_a_killed_run_ends_with_the_same_weights(
    run: Run, tmp_path: Path, environment: dict[str, str]
) -> None:
    done = run("train", "unet", *OPTIONS, "--out", "whole.keras", "--json")
    assert done.code == 0, done.err
    result = done.document["result"]
    assert [len(result["history"]), result["kind"]] == [5, "unet"]
    assert result["scores"][:2] == ["dice_pooled", "iou_pooled"]
    assert "Epoch 5 of 5" in done.err
    assert result["written"][0] == "whole.keras"
    assert all((tmp_path / path).is_file() for path in result["written"])
    with Image.open(tmp_path / "whole.panel-005.png") as panel:
        assert panel.size == (3 * (128 + 8), 3 * (128 + 8))
    _the_grader_counts_the_same(run, result["counts"])
    _a_killed_run_goes_on(run, tmp_path, environment)


def _the_grader_counts_the_same(run: Run, counts: dict[str, int]) -> None:
    graded = run("grade", "whole.keras", "--assignment", "unet", "--data", "discs", "--json")
    found = graded.document["result"]["models"][0]
    assert found["error"] is None
    assert {name: found["counts"][name] for name in counts} == counts
    assert counts["images"] == 4
    assert counts["P"] > 0
    assert not found["findings"]


def _a_killed_run_goes_on(run: Run, tmp_path: Path, environment: dict[str, str]) -> None:
    command = [sys.executable, "-c", KILLED]
    killed = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, timeout=300, check=False
    )
    assert killed.returncode == 9, killed.stderr
    done = run("train", "unet", *OPTIONS, "--out", "killed.keras")
    assert done.code == 0, done.err
    assert "goes on at epoch 3 of 5" in done.err
    assert "Test split, counted by the grader in the saved file: Dice 0." in done.out
    for one, other in zip(*map(_weights, ("whole", "killed"), [tmp_path] * 2), strict=True):
        np.testing.assert_array_equal(one, other)
    assert not (tmp_path / ".killed.keras.training").exists()


def _weights(name: str, folder: Path) -> list[Any]:
    """The weights of a saved model; Keras loads it without any code of ours."""
    import keras

    found = keras.models.load_model(folder / f"{name}.keras").get_weights()
    return [np.asarray(each) for each in found]


def _little_room() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))


@pytest.mark.slow
@pytest.mark.usefixtures("discs")
def test_a_full_disk_is_said_before_the_first_epoch(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "companion", "train", "unet", *OPTIONS, "--out", "m.keras"],
        cwd=tmp_path,
        env=environment | {"PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        preexec_fn=_little_room,  # the child sets one limit, and starts no thread
        timeout=300,
        check=False,
    )
    assert done.returncode == 6, done.stderr
    assert "Code: disk-full" in done.stderr
    assert "Epoch 1" not in done.stderr


@pytest.mark.long
@pytest.mark.usefixtures("cifar")
def test_transfer_says_its_memory_first_then_trains_in_two_phases_and_is_graded(run: Run) -> None:
    words = ("--data", "cifar10.npz", "--weights", "none", "--pictures", "30", "--batch", "10")
    few = ("--epochs", "1", "--fine-tune", "1", "--out", "t.keras", "--json")
    done = run("train", "transfer", *words, *few)
    assert done.code == 0, done.err
    naive = "would take 50 · 96 · 96 · 3 · 4 bytes = 5.5 MB"
    assert 0 <= done.err.find(naive) < done.err.find("Epoch 1")
    result = done.document["result"]
    assert [epoch["epoch"] for epoch in result["history"]] == [1, 2]
    assert result["parameters"] == 2_257_984 + 1280 * 10 + 10
    assert result["counts"]["total"] == 20
    graded = run("grade", "t.keras", "--assignment", "transfer", "--data", "cifar10.npz", "--json")
    found = graded.document["result"]["models"][0]
    assert found["counts"]["correct"] == result["counts"]["correct"]
    assert not [each for each in found["findings"] if each["code"] == "rescaling-inside"]


@pytest.mark.slow
@pytest.mark.usefixtures("cifar")
def test_pretrained_weights_that_can_not_be_had_end_with_6_and_a_way_out(run: Run) -> None:
    done = run(
        *("train", "transfer", "--data", "cifar10.npz", "--out", "t.keras"),
        https_proxy="http://127.0.0.1:9",  # a port where nobody answers
        HTTPS_PROXY="http://127.0.0.1:9",
    )
    assert (done.code, done.out) == (6, "")
    assert "Code: pretrained-weights-missing" in done.err
    assert "--weights none" in done.err


LITTLE = ("--epochs", "1", "--weights", "none", "--batch", "8")


@pytest.mark.long
@pytest.mark.usefixtures("cifar")
def test_the_commands_of_the_readme_train(run: Run, tmp_path: Path) -> None:
    """As they are shown, but for one epoch, on few pictures, without a download."""
    write_discs(tmp_path / "prepared", train=16, test=4)
    text = (ROOT / "README.md").read_text("utf-8")
    shown = re.findall(r"^(companion train (?:unet|transfer) .*)$", text, re.MULTILINE)
    assert len(shown) == 3
    for line in shown:
        done = run(*shlex.split(line)[1:], *LITTLE, *_fewer(line))
        assert done.code == 0, (line, done.err)
        assert "Test split, counted by the grader" in done.out


def _fewer(line: str) -> tuple[str, ...]:
    """What makes a command of the README short."""
    if "transfer" in line:
        return ("--pictures", "20", "--fine-tune", "0")
    kind = ("--width", "1") if "--small" in line else ("--fine-tune", "1")
    return ("--size", "32", "--validation", "0.25", *kind)
