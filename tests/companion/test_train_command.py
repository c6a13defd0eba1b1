"""`companion train`: what a person types, sees, and gets as exit code and files."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from toy_history import LEVEL, OVERFITS, run_of
from toy_pictures import save_toy, toy_pictures

from answers.solutions.run_record import write_record

Run = Any
CIFAR = ("train", "cifar", "--data", "cifar10.npz")
FILES = ["m.curves.png", "m.curves.svg", "m.history.csv", "m.keras", "m.run.json"]


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    return save_toy(tmp_path / "cifar10.npz")


@pytest.fixture
def two_runs(tmp_path: Path) -> None:
    write_record(run_of(OVERFITS, "plain.keras"), tmp_path / "plain.keras")
    write_record(run_of(LEVEL, "augmented.keras"), tmp_path / "augmented.keras")


@pytest.mark.parametrize("command", ["cifar", "compare"])
def test_each_command_has_help_with_examples(run: Run, command: str) -> None:
    done = run("train", command, "--help")
    assert done.code == 0
    assert "Examples:" in done.out
    assert f"companion train {command}" in done.out
    assert done.err == ""


def test_help_imports_nothing_heavy(environment: dict[str, str]) -> None:
    code = (
        "import sys; from companion.boundary import run; run(['train', 'cifar', '--help']); "
        "heavy = {'numpy', 'rich', 'matplotlib', 'plotille', 'PIL', 'tensorflow', 'keras'}; "
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )
    assert done.stderr == "[]\n"


@pytest.mark.usefixtures("two_runs")
def test_compare_says_from_which_epoch_a_run_overfits(run: Run) -> None:
    done = run("train", "compare", "plain.keras", "augmented.keras")
    assert (done.code, done.err) == (0, "")
    text = " ".join(done.out.split())
    assert "It overfits from epoch 4 on: the validation loss was lowest after epoch 3" in text
    assert "ends 20.0% above that" in text
    assert "It does not overfit yet" in text
    assert "accuracy is 17.0 points for plain.keras and 2.0 points for augmented.keras" in text
    assert "12% of the first" in text
    assert max(map(len, done.out.splitlines())) <= 80


@pytest.mark.usefixtures("two_runs")
def test_compare_as_a_document(run: Run) -> None:
    result = run("train", "compare", "plain.keras", "augmented.keras", "--json").document["result"]
    assert [each["name"] for each in result["runs"]] == ["plain.keras", "augmented.keras"]
    assert [each["overfitting"]["since"] for each in result["runs"]] == [4, None]
    assert result["epoch"] == 4
    assert result["share"] == pytest.approx(0.02 / 0.17)


@pytest.mark.usefixtures("two_runs")
def test_compare_draws_both_into_files(run: Run, tmp_path: Path) -> None:
    words = ("--output", "both.svg", "--output", "both.png")
    assert run("train", "compare", "plain.keras", "augmented.keras", *words).code == 0
    text = (tmp_path / "both.svg").read_text("utf-8")
    assert "<svg" in text
    assert text.count(">validation<") == 4
    with Image.open(tmp_path / "both.png") as picture:
        assert picture.size == (1500, 1080)


@pytest.mark.usefixtures("two_runs")
def test_curves_are_ascii_where_the_terminal_is(run: Run) -> None:
    done = run("train", "compare", "plain.keras", "augmented.keras", PYTHONIOENCODING="ascii")
    assert done.code == 0
    assert "?" not in done.out
    assert "V" in done.out


def test_a_name_can_not_steer_the_terminal_or_the_picture(run: Run, tmp_path: Path) -> None:
    name = "a\x1b[2J$x^<b>مدل.keras"
    write_record(run_of(OVERFITS, name), tmp_path / name)
    done = run("train", "compare", name, name, "--output", "both.svg", "--output", "both.png")
    assert done.code == 0
    assert "Glyph" not in done.err
    assert "\x1b" not in done.out
    assert "<b>" not in (tmp_path / "both.svg").read_text("utf-8")


def _class_missing(folder: Path) -> None:
    arrays = dict(np.load(folder / "cifar10.npz"))
    arrays["y_train"][arrays["y_train"] == 7] = 8
    np.savez(folder / "cifar10.npz", **arrays)


def _few(folder: Path) -> None:
    save_toy(folder / "cifar10.npz", train=100)


def _nothing(_folder: Path) -> None:
    pass


WRONG: dict[str, tuple[Any, list[str], int, str]] = {
    "no data": (_nothing, ["cifar", "--out", "m.keras"], 6, "data-missing"),
    "no such data": (_nothing, ["cifar", "--data", "no", "--out", "m.keras"], 2, "path-missing"),
    "no such test": (
        _nothing,
        [*CIFAR[1:], "--test", "nowhere", "--out", "m.keras"],
        2,
        "path-missing",
    ),
    "no place": (_nothing, [*CIFAR[1:], "--out", "no/m.keras"], 2, "cannot-write"),
    "no model's name": (_nothing, [*CIFAR[1:], "--out", "m.pt"], 2, "model-suffix"),
    "a patience": (_nothing, [*CIFAR[1:], "--patience", "0", "--out", "m.h5"], 2, "option-value"),
    "no rate": (
        _nothing,
        [*CIFAR[1:], "--learning-rate", "nan", "--out", "m.h5"],
        2,
        "option-value",
    ),
    "no epoch": (_nothing, [*CIFAR[1:], "--epochs", "0", "--out", "m.h5"], 2, "usage"),
    "one class missing": (_class_missing, [*CIFAR[1:], "--out", "m.h5"], 2, "class-missing"),
    "too few pictures": (_few, [*CIFAR[1:], "--out", "m.h5"], 2, "too-few-pictures"),
    "no record": (_nothing, ["compare", "a.keras", "b.keras"], 2, "run-record-missing"),
    "no such picture": (
        _nothing,
        ["compare", "a.keras", "b.keras", "--output", "a.gif"],
        2,
        "output-format",
    ),
}


@pytest.mark.parametrize(("spoil", "words", "code", "error"), WRONG.values(), ids=WRONG.keys())
def test_what_is_wrong_is_said_with_its_exit_code(
    run: Run, toy: Path, tmp_path: Path, spoil: Any, words: list[str], code: int, error: str
) -> None:
    assert toy.is_file()
    spoil(tmp_path)
    done = run("train", *words, "--json")
    assert done.code == code, (done.out, done.err)
    assert done.document["error"]["code"] == error
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cifar10.npz", "home"]


@pytest.mark.parametrize(
    ("words", "error"),
    [
        pytest.param(["--data", "no", "--out", "m.keras"], "path-missing", id="no data"),
        pytest.param(["--data", "test.npz", "--out", "m.keras"], "npz-keys", id="no train split"),
        pytest.param(["--data", "train.npz", "--out", "m.pt"], "model-suffix", id="no place"),
    ],
)
def test_what_keeps_a_run_from_beginning_is_said_alone(
    run: Run, tmp_path: Path, words: list[str], error: str
) -> None:
    """That nothing will be graded is no news of a run that there is not."""
    save_toy(tmp_path / "train.npz", test=0)
    tested = toy_pictures(100)
    np.savez(tmp_path / "test.npz", x_test=tested.images, y_test=tested.labels)
    done = run("train", "cifar", *words)
    assert done.code == 2
    assert done.err.startswith("Error: ")
    assert f"Code: {error}" in done.err


def test_a_missing_tensorflow_ends_with_6(environment: dict[str, str], toy: Path) -> None:
    code = (
        "import sys; sys.modules['tensorflow'] = None; from companion.boundary import run; "
        "sys.exit(run(['train', 'cifar', '--data', 'cifar10.npz', '--out', 'm.keras']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment,
        cwd=toy.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 6
    assert "tensorflow is not here" in done.stderr
    assert "Code: engine-missing" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_a_training_is_said_saved_and_graded_as_grade_does(
    run: Run, toy: Path, tmp_path: Path
) -> None:
    done = run(*CIFAR, "--epochs", "2", "--augment", "--out", "m.keras")
    assert done.code == 0, done.err
    assert sorted(p.name for p in tmp_path.iterdir()) == ["cifar10.npz", "home", *FILES]
    lines = done.err.splitlines()
    assert "without augmentation" in lines[0]
    assert [line[:12] for line in lines[1:]] == ["Epoch 1 of 2", "Epoch 2 of 2"]
    assert "156,074 parameters" in done.out
    said = re.search(r"in the\s+saved\s+file:\s+([\d,]+)\s+of\s+([\d,]+)\s+right", done.out)
    assert said is not None
    report = run("grade", "m.keras", "--data", toy.name, "--assignment", "cifar10", "--json")
    model = report.document["result"]["models"][0]
    assert model["error"] is None
    counts = model["counts"]
    assert [int(each) for each in said.groups()] == [counts["correct"], counts["total"]]
    record = json.loads((tmp_path / "m.run.json").read_text("utf-8"))
    assert record["sha256"] == model["sha256"]
    assert record["counts"] == {k: v for k, v in counts.items() if isinstance(v, int)}
    assert record["options"]["augment"] is True


@pytest.mark.long
def test_the_same_seed_gives_the_same_weights_and_another_gives_others(
    run: Run, tmp_path: Path
) -> None:
    save_toy(tmp_path / "cifar10.npz", test=0)
    found = []
    for name, seed in [("a.h5", "4"), ("b.h5", "4"), ("c.h5", "5")]:
        done = run(*CIFAR, "--epochs", "1", "--augment", "--seed", seed, "--out", name, "--json")
        assert done.code == 0, done.err
        assert "will not be graded" in done.err
        found.append(done.document["result"]["history"][0]["validation"])
    assert found[0] == found[1] != found[2]
    assert _weights(tmp_path / "a.h5") == _weights(tmp_path / "b.h5")
    assert _weights(tmp_path / "a.h5") != _weights(tmp_path / "c.h5")


def _weights(path: Path) -> list[bytes]:
    import h5py

    found: list[bytes] = []

    def take(_name: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset) and item.dtype == np.float32:
            found.append(item[()].tobytes())

    with h5py.File(path) as file:
        file["model_weights"].visititems(take)
    assert sum(map(len, found)) == 4 * 156_074
    return found


@pytest.mark.long
def test_a_killed_training_goes_on_and_ends_as_if_it_had_not_been(
    run: Run, environment: dict[str, str], tmp_path: Path
) -> None:
    save_toy(tmp_path / "cifar10.npz", test=0)
    words = (*CIFAR, "--epochs", "4", "--augment", "--patience", "off")
    whole = run(*words, "--out", "whole.h5")
    assert whole.code == 0, whole.err
    command = [sys.executable, "-m", "companion", *words, "--out", "cut.h5"]
    with subprocess.Popen(
        command, env=environment, cwd=tmp_path, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith("Epoch 2 of 4"):
                process.send_signal(signal.SIGKILL)
                break
    assert (tmp_path / ".cut.h5.training" / "state.npz").is_file()
    other = run(*words, "--seed", "9", "--out", "cut.h5")
    assert other.code == 2
    assert "--fresh" in other.err
    done = run(*words, "--out", "cut.h5")
    assert done.code == 0, done.err
    assert re.search(r"An unfinished run goes on at epoch [34] of 4", done.err)
    assert _weights(tmp_path / "cut.h5") == _weights(tmp_path / "whole.h5")
    assert not (tmp_path / ".cut.h5.training").exists()


@pytest.mark.slow
def test_a_full_disk_is_said_at_once(environment: dict[str, str], tmp_path: Path) -> None:
    save_toy(tmp_path / "cifar10.npz", test=0)
    code = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000)); "
        "from companion.boundary import run; sys.exit(run(sys.argv[1:]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *CIFAR, "--out", "m.keras"],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 6, done.stderr
    assert "There is no room to write" in done.stderr
    assert "Epoch 1" not in done.stderr
    assert not list(tmp_path.glob("m.*"))


@pytest.mark.slow
def test_a_terminal_shows_a_bar_with_the_time_that_is_left(
    environment: dict[str, str], tmp_path: Path
) -> None:
    import pexpect

    # an epoch takes longer than the quarter of a second after which a bar is drawn again
    save_toy(tmp_path / "cifar10.npz", train=6_000, test=0)
    words = ["-m", "companion", *CIFAR, "--epochs", "2", "--out", "m.keras"]
    child = pexpect.spawn(
        sys.executable,
        words,
        env=environment | {"TERM": "xterm", "COLUMNS": "100"},
        cwd=str(tmp_path),
        dimensions=(30, 100),
        encoding="utf-8",
        timeout=280,
    )
    child.expect(r"epoch 1 of 2, loss \d\.\d+ [^\r]*/170[^\r]* \S*\d:\d\d:\d\d")
    child.expect("Epoch 2 of 2, ")
    child.expect("It does not overfit")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0


def examples(text: str) -> list[list[str]]:
    found = re.findall(r"^ *(companion train .*)", text, re.MULTILINE)
    return [shlex.split(line)[1:] for line in found]


@pytest.mark.long
def test_the_examples_of_help_and_readme_work_when_pasted(run: Run, tmp_path: Path) -> None:
    toy = save_toy(tmp_path / "cifar10.npz", test=0)  # without a grade: two children less each
    readme = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
    shown = [words for words in examples(readme) if words[1] in ("cifar", "compare")]
    assert len(shown) >= 3
    for command in ("cifar", "compare"):
        shown += examples(run("train", command, "--help").out)
    os.link(toy, tmp_path / "cifar-10-batches-py")  # what it is, is decided by what lies there
    for words in shown:
        short = ["--epochs", "1"] if "--out" in words and "--epochs" not in words else []
        done = run(*words, *short)
        assert done.code == 0, (words, done.out, done.err)
