"""Trainings that something stops: a loss that is no number, a full disk, a kill, an interrupt."""

from __future__ import annotations

import errno
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from disc_folder import write_discs
from toy_pictures import save_toy

from answers.errors import CompanionError, MissingError
from answers.solutions import training_state
from companion import output_file
from companion.cli import train_session

Run = Any

CIFAR = ("train", "cifar", "--data", "cifar10.npz", "--epochs", "3", "--patience", "off")
UNET = (
    *("train", "unet", "--data", "discs", "--small", "--width", "2", "--size", "32"),
    *("--epochs", "5", "--batch", "4", "--validation", "0.25", "--patience", "off"),
)
TRANSFER = (
    *("train", "transfer", "--data", "cifar10.npz", "--weights", "none", "--pictures", "30"),
    *("--batch", "10", "--epochs", "1", "--fine-tune", "1"),
)

# The command line takes no rate above 10, and none below it makes these small runs diverge.
DIVERGES = """
import sys
from dataclasses import replace
from importlib import import_module
from companion.boundary import run

program, name, *words = sys.argv[1:]
module = import_module(f"answers.solutions.{program}")
train = getattr(module, name)

def diverging(data, out, options, **rest):
    return train(data, out, replace(options, learning_rate=1e38), **rest)

setattr(module, name, diverging)
sys.exit(run(words))
"""

# On a full disk the system refuses to let a file grow: a limit of the process does the same.
FULL = """
import resource, sys
from importlib import import_module
from companion.boundary import run

program, name, when, epoch, room, *words = sys.argv[1:]
module = import_module(f"answers.solutions.{program}")
train = getattr(module, name)

def on_a_full_disk(data, out, options, *, fresh, tell):
    def telling(event):
        if type(event).__name__ == when and getattr(event, "epoch", 0) == int(epoch):
            resource.setrlimit(resource.RLIMIT_FSIZE, (int(room), -1))
        tell(event)

    return train(data, out, options, fresh=fresh, tell=telling)

setattr(module, name, on_a_full_disk)
sys.exit(run(words))
"""

# As long as its caller likes: the process ends itself in the middle of an epoch.
KILLED = """
import os, signal, sys
from importlib import import_module
from companion.boundary import run

program, name, how, epoch, step, *words = sys.argv[1:]
module = import_module(f"answers.solutions.{program}")
train = getattr(module, name)

def killed(data, out, options, *, fresh, tell):
    def telling(event):
        tell(event)
        if (getattr(event, "epoch", 0), getattr(event, "step", 0)) == (int(epoch), int(step)):
            os.kill(os.getpid(), getattr(signal, how))

    return train(data, out, options, fresh=fresh, tell=telling)

setattr(module, name, killed)
sys.exit(run(words))
"""

PROGRAMS = {
    "cifar": ("cifar", "train_cifar"),
    "unet": ("unet_training", "train_unet"),
    "transfer": ("transfer_training", "train_transfer"),
}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Toy pictures and discs, without a test split: nothing is graded."""
    save_toy(tmp_path / "cifar10.npz", test=0)
    write_discs(tmp_path / "discs", train=16, test=0)
    return tmp_path


@pytest.fixture
def stopped(data: Path, environment: dict[str, str]) -> Any:
    """Run a command with one of the faults above."""

    def call(code: str, words: tuple[str, ...], *fault: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", code, *PROGRAMS[words[1]], *fault, *words]
        return subprocess.run(
            command,
            cwd=data,
            env=environment | {"PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    return call


def files(folder: Path) -> list[str]:
    mine = {"home", "cifar10.npz", "discs"}
    return sorted(path.name for path in folder.iterdir() if path.name not in mine)


def weights(path: Path) -> list[Any]:
    """The weights of a saved model; Keras loads it without any code of ours."""
    import keras

    return [np.asarray(each) for each in keras.models.load_model(path).get_weights()]


def assert_equal(one: Path, other: Path) -> None:
    for left, right in zip(weights(one), weights(other), strict=True):
        np.testing.assert_array_equal(left, right)


@pytest.mark.slow
@pytest.mark.parametrize(
    "words",
    [
        pytest.param(CIFAR, id="cifar", marks=pytest.mark.long),
        pytest.param(UNET, id="unet"),
        pytest.param(TRANSFER, id="transfer", marks=pytest.mark.long),
    ],
)
def test_a_loss_that_is_no_number_ends_with_5_says_the_step_and_leaves_nothing(
    stopped: Any, data: Path, words: tuple[str, ...]
) -> None:
    done = stopped(DIVERGES, (*words, "--out", "m.keras", "--json"))
    assert done.returncode == 5, done.stderr
    error = json.loads(done.stdout)["error"]
    assert error["code"] == "loss-not-finite"
    assert re.match(r"The loss became (nan|inf) in epoch 1, step [23] of \d", error["message"])
    # a U-Net's rate has begun to fall by then
    assert re.search(r"with a learning rate of [\d.]+e\+3[78]\.$", error["message"])
    assert "a tenth of the --learning-rate" in error["hint"]
    assert "companion explain vanishing-gradients" in error["hint"]
    assert files(data) == []


def test_the_topic_that_the_error_names_is_there(run: Run) -> None:
    assert "exploding gradients" in run("explain", "vanishing-gradients").out


@pytest.mark.slow
@pytest.mark.filterwarnings("default")  # TensorFlow's own are not ours to mend
@pytest.mark.parametrize("kind", [".keras", pytest.param(".h5", marks=pytest.mark.long)])
def test_a_disk_that_fills_loses_no_epoch_and_the_same_command_goes_on(
    run: Run, stopped: Any, data: Path, kind: str
) -> None:
    words = (*CIFAR, "--out", f"m{kind}")
    assert run(*CIFAR, "--out", f"whole{kind}").code == 0

    state = stopped(FULL, words, "EpochStarted", "2", "100000")
    assert (state.returncode, state.stdout) == (6, "")
    assert "There is no room to write" in state.stderr
    assert "the run goes on" in state.stderr
    assert os.listdir(data / f".m{kind}.training") == ["state.npz"]  # noqa: PTH208  # names alone

    model = stopped(FULL, words, "Stopped", "0", "100000")
    assert model.returncode == 6, model.stderr
    assert "goes on at epoch 2 of 3" in model.stderr
    assert f"There is no room to write m{kind}." in model.stderr
    assert [name for name in files(data) if not name.startswith("whole.")] == [f".m{kind}.training"]

    curves = stopped(FULL, words, "Saved", "0", "20000")
    assert curves.returncode == 6, curves.stderr
    assert "Epoch" not in curves.stderr
    assert "There is no room to write m.curves.png" in curves.stderr
    assert f"The model is saved, whole, as m{kind}" in curves.stderr
    left = {name for name in files(data) if not name.startswith("whole.")}
    assert left == {"m.history.csv", f"m{kind}", "m.run.json"}
    assert_equal(data / f"m{kind}", data / f"whole{kind}")


@pytest.mark.parametrize("trouble", [training_state.trouble, output_file.trouble])
def test_a_disk_that_fills_when_the_model_is_saved_sends_nobody_back_to_the_training(
    trouble: Callable[[Path, OSError], CompanionError],
) -> None:
    """The states are gone by then: the same command would train all of it once more."""
    full = trouble(Path("m.run.json"), OSError(errno.ENOSPC, "No space left on device"))
    with pytest.raises(MissingError) as caught, train_session._model_is_safe(Path("m.keras")):
        raise full
    saved = "The model is saved, whole, as m.keras: nothing has to be trained again."
    assert caught.value.hint == f"Free some space. {saved}"


@pytest.mark.long
@pytest.mark.filterwarnings("default")  # TensorFlow's own are not ours to mend
def test_a_unet_goes_on_after_a_full_disk_and_after_a_kill(
    run: Run, stopped: Any, data: Path
) -> None:
    words = (*UNET, "--out", "m.keras")
    assert run(*UNET, "--out", "whole.keras").code == 0

    killed = stopped(KILLED, words, "SIGKILL", "3", "2")
    assert killed.returncode == -signal.SIGKILL
    assert files(data / ".m.keras.training") == ["masks.npz"]

    panel = stopped(FULL, words, "EpochDone", "5", "500")
    assert panel.returncode == 6, panel.stderr
    assert "goes on at epoch 3 of 5" in panel.stderr
    assert "There is no room to write m.panel-005.png" in panel.stderr
    assert "the same command again: the run goes on" in panel.stderr

    done = run(*words)
    assert done.code == 0, done.err
    assert "Epoch" not in done.err
    assert not (data / ".m.keras.training").exists()
    assert_equal(data / "m.keras", data / "whole.keras")
    drawn_again = (data / "m.panel-005.png").read_bytes()
    assert drawn_again == (data / "whole.panel-005.png").read_bytes()


@pytest.mark.slow
def test_an_interrupt_says_that_the_same_command_goes_on(stopped: Any, data: Path) -> None:
    done = stopped(KILLED, (*CIFAR, "--out", "m.keras"), "SIGINT", "2", "3")
    assert (done.returncode, done.stdout) == (130, ""), done.stderr
    said = done.stderr.splitlines()
    goes_on = said.index("The same command goes on after the last epoch that was finished.")
    assert (
        "Interrupted." in said[goes_on:]
    )  # libraries may say something after it, on their way out
    assert "Traceback" not in done.stderr
    assert files(data) == [".m.keras.training"]
