"""Every command that a document shows works when it is pasted."""

from __future__ import annotations

import re
import shlex
import shutil
import tarfile
from pathlib import Path
from typing import Any

import pytest

from answers.samples.shipped import shipped_models

Run = Any
ROOT = Path(__file__).parents[2]
_BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)

_TOML = re.compile(r"^```toml\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def all_commands() -> list[str]:
    """Every companion command of README that is to be run."""
    blocks = _BLOCK.findall((ROOT / "README.md").read_text("utf-8"))
    lines = [line for block in blocks for line in block.splitlines()]
    return [line for line in lines if line.startswith("companion ")]


def commands(*, measured: bool) -> list[str]:
    """The companion commands of README, with or without a model of the corpus."""
    # those with a .csv are run by test_own_numbers.py, which writes the files that README shows;
    # those that train by test_train_command.py
    own = ("scenes.", "--scores", "--matrix", "companion train")
    shown = [line for line in all_commands() if not any(word in line for word in own)]
    return [line for line in shown if ("--data" in line or "unet.h5" in line) == measured]


def words_of(line: str) -> tuple[list[str], str | None]:
    line, _, target = line.partition(" > ")
    return shlex.split(line)[1:], shlex.split(target)[0] if target else None


@pytest.mark.slow
def test_the_commands_that_need_nothing(run: Run, tmp_path: Path) -> None:
    shown = commands(measured=False)
    assert len(shown) >= 6
    (tmp_path / "submissions" / "anna").mkdir(parents=True)
    sample = next(model for model in shipped_models() if model.name == "sample-cnn")
    shutil.copy(sample.path, tmp_path / "submissions" / "anna" / "net.h5")
    for line in shown:
        words, target = words_of(line)
        done = run(*words)
        assert done.code == (1 if "--mine" in line else 0), (line, done.err)
        if target:
            (tmp_path / target).write_text(done.out, "utf-8")


@pytest.mark.slow
@pytest.mark.corpus
def test_the_commands_that_grade(run: Run, tmp_path: Path, corpus: Path, cifar_small: Path) -> None:
    trained = corpus / "models" / "trained"
    shutil.copy(trained / "unet_small_custom_loss.h5", tmp_path / "unet.h5")
    shutil.copy(trained / "cnn_base.h5", tmp_path / "cifar.h5")
    shutil.copy(cifar_small, tmp_path / "cifar10_test.npz")
    with tarfile.open(corpus / "data" / "nuclei_bmp.tar.xz") as archive:
        archive.extractall(tmp_path, filter="data")
    for line in commands(measured=True):
        words, _ = words_of(line)
        done = run(*words)
        assert done.code == 0, (line, done.out, done.err)
    assert (tmp_path / "report.html").read_text("utf-8").startswith("<!doctype html>")


@pytest.mark.slow
def test_the_assignment_of_several_classes_and_its_commands(run: Run, tmp_path: Path) -> None:
    from class_scenes import model, scenes

    (assignment,) = _TOML.findall((ROOT / "README.md").read_text("utf-8"))
    (tmp_path / "scenes.toml").write_text(assignment, "utf-8")
    model(tmp_path / "scenes.keras")
    scenes().save(tmp_path / "scenes")
    shown = [line for line in all_commands() if "scenes." in line]
    assert len(shown) == 2
    for line in shown:
        done = run(*words_of(line)[0])
        assert done.code == 0, (line, done.out, done.err)
        assert "Mean over classes with background" in done.out
    assert "sky" in (tmp_path / "scenes.html").read_text("utf-8")


@pytest.mark.slow
def test_the_first_command_of_the_readme_grades_the_sample(run: Run) -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    assert '.venv/bin/pip install . && .venv/bin/companion grade "sample-unet"' in text
    done = run("grade", "sample-unet")
    assert done.code == 0
    assert "PASSED" in done.out
