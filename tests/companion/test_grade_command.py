"""`companion grade` as a whole process, on the samples that travel with the package."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from contextlib import suppress
from fractions import Fraction
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from answers.samples.shipped import shipped_models

Run = Any
pytestmark = pytest.mark.slow

UNET = next(model.path for model in shipped_models() if model.name == "sample-unet")


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Path]:
    """The sample U-Net graded once, with every kind of output."""
    folder = tmp_path_factory.mktemp("graded")
    words = ["grade", "sample-unet", "--json", "--predictions", "said.npz"]
    words += ["--output", "r.html", "--output", "r.md", "--output", "r.json"]
    done = subprocess.run(
        [sys.executable, "-m", "companion", *words],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    said = "".join(f"Written: {name}.\n" for name in ("r.html", "r.md", "r.json", "said.npz"))
    assert done.stderr == said
    return json.loads(done.stdout), folder


def test_the_document_has_the_names_that_scripts_rely_on(
    graded: tuple[dict[str, Any], Path],
) -> None:
    document, folder = graded
    assert (document["format"], document["version"], document["ok"]) == ("companion/grade", 1, True)
    model = document["result"]["models"][0]
    names = "file sha256 writer parameters data measures counts checks findings isolation engine"
    assert set(f"{names} device error".split()) <= set(model)
    assert set(model["parameters"]) == {"total", "trainable", "non_trainable"}
    assert {"count", "hash"} <= set(model["data"])
    assert {"I", "P", "G"} <= set(model["counts"])
    row = model["checks"][0]
    assert {"measure", "average", "value", "target", "verdict", "narrow", "points"} <= set(row)
    assert document["result"]["missing"] == []
    assert json.loads((folder / "r.json").read_text("utf-8")) == document


def test_the_scores_follow_from_the_counts(graded: tuple[dict[str, Any], Path]) -> None:
    model = graded[0]["result"]["models"][0]
    counts, measures = model["counts"], model["measures"]
    dice = Fraction(2 * counts["I"], counts["P"] + counts["G"])
    assert Fraction(measures["dice_pooled"]) == dice
    assert Fraction(measures["iou_pooled"]) == dice / (2 - dice)
    assert Fraction(model["checks"][0]["value"]) == dice


def test_another_order_of_the_pictures_changes_no_count(
    graded: tuple[dict[str, Any], Path],
) -> None:
    first = graded[0]["result"]["models"][0]
    words = ["grade", "sample-unet", "--json", "--order-seed", str(first["order_seed"] ^ 1)]
    done = subprocess.run(
        [sys.executable, "-m", "companion", *words], capture_output=True, text=True, check=True
    )
    other = json.loads(done.stdout)["result"]["models"][0]
    assert other["order_seed"] == first["order_seed"] ^ 1
    for name in ("counts", "measures", "intervals", "checks", "data"):
        assert other[name] == first[name]


def test_the_predictions_give_the_counts_again(graded: tuple[dict[str, Any], Path]) -> None:
    from answers.samples import surfaces

    document, folder = graded
    counts = document["result"]["models"][0]["counts"]
    with np.load(folder / "said.npz", allow_pickle=False) as said:
        names, values = said["names"], said["predictions"]
    samples = list(surfaces.split("test").read())
    assert list(names) == [sample.name for sample in samples]
    cut = values[..., 0] > 0.5
    masks = np.stack([sample.mask for sample in samples if sample.mask is not None]) == 1
    assert int((cut & masks).sum()) == counts["I"]
    assert int(cut.sum()) == counts["P"]
    assert int(masks.sum()) == counts["G"]


def test_the_page_stands_alone(graded: tuple[dict[str, Any], Path]) -> None:
    page = (graded[1] / "r.html").read_text("utf-8")
    assert "<script" not in page
    assert "http://" not in page
    assert "https://" not in page
    assert page.count("<img ") == 18
    assert "PASSED" in page


def test_markdown_has_the_verdicts(graded: tuple[dict[str, Any], Path]) -> None:
    text = (graded[1] / "r.md").read_text("utf-8")
    assert "| check | value | target | verdict | points |" in text
    assert "| pass |" in text


def test_without_data_the_parameters_are_graded_and_the_rest_is_named(run: Run) -> None:
    done = run("grade", str(UNET), "--assignment", "unet", "--json")
    assert done.code == 6
    document = done.document
    assert document["ok"] is True
    verdicts = {row["measure"]: row["verdict"] for row in document["result"]["models"][0]["checks"]}
    assert verdicts["parameters"] == "pass"
    assert verdicts["dice"] == "not-run"
    assert document["result"]["missing"][0]["code"] == "data-missing"
    assert "--data" in document["result"]["missing"][0]["hint"]


def test_what_is_missing_is_said_once_for_all_the_checks_that_need_it(run: Run) -> None:
    out = run("grade", str(UNET), "--assignment", "unet").out
    assert out.count("Not run:") == 1
    assert "There is no data for the assignment 'unet'" in out


def test_an_empty_data_folder_is_said(run: Run, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    done = run("grade", str(UNET), "--assignment", "unet", "--data", "data")
    assert done.code == 2
    assert "is empty" in done.err


@pytest.mark.parametrize("device", ["gpu", "gpu:1"])
def test_a_gpu_that_is_not_there_is_never_replaced(run: Run, device: str) -> None:
    done = run("grade", "sample-unet", "--device", device, "--json", CUDA_VISIBLE_DEVICES="-1")
    assert done.code == 6
    assert done.document["result"]["missing"][0]["code"] == "gpu-missing"
    checks = done.document["result"]["models"][0]["checks"]
    assert {row["measure"]: row["verdict"] for row in checks}["parameters"] == "pass"


@pytest.mark.parametrize("word", ["gpu:", "gpu:-1", "gpu:x", "tpu", "GPU", "gpu:99999"])
def test_a_device_that_nothing_is_called_is_named(run: Run, word: str) -> None:
    done = run("grade", "sample-unet", "--device", word)
    assert done.code == 2
    assert "There is no device" in done.err
    assert "gpu:1" in done.err


def test_a_backend_that_is_not_there_is_named(run: Run) -> None:
    if find_spec("torch") is not None:
        pytest.skip("torch is installed here")
    done = run("grade", "sample-unet", "--backend", "torch", "--json")
    assert done.code == 6
    assert done.document["result"]["missing"][0]["code"] == "engine-missing"


def test_several_models_are_graded_and_the_worst_decides(run: Run, tmp_path: Path) -> None:
    (tmp_path / "broken.h5").write_bytes(b"\x89HDF\r\n\x1a\n" + b"\0" * 100)
    done = run("grade", "sample-cnn", "broken.h5", "--assignment", "sample-cnn", "--json")
    assert done.code == 3
    models = done.document["result"]["models"]
    assert models[0]["passed"] is True
    assert models[1]["error"]["code"] == "hdf5-damaged"


def test_a_full_disk_leaves_nothing_behind(environment: dict[str, str], tmp_path: Path) -> None:
    def small_files() -> None:
        # Writing beyond this size fails as a full disk does; the model itself is smaller.
        resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, 2_000_000))

    done = subprocess.run(
        [sys.executable, "-m", "companion", "grade", "sample-unet", "--predictions", "said.npz"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=small_files,
    )
    assert done.returncode == 6, done.stderr
    assert "no room" in " ".join((done.stdout + done.stderr).split())
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == []


PREDICTORS = {"keras": "checkers.engine.predictor_child", "onnx": "checkers.engine.onnx_child"}


def started(
    environment: dict[str, str], folder: Path, engine: str
) -> tuple[subprocess.Popen[str], Any]:
    """A grade in the middle of its work, and its predicting child."""
    process = subprocess.Popen(
        [sys.executable, "-m", "companion", "grade", "sample-cnn", "--engine", engine],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for child in psutil.Process(process.pid).children():
            with suppress(psutil.NoSuchProcess):  # the probes' child and the reader end soon
                if PREDICTORS[engine] in " ".join(child.cmdline()):
                    return process, child
        os.sched_yield()
    process.kill()
    pytest.fail("no predictor was started within a minute")


def is_gone(child: psutil.Process, seconds: float = 5) -> bool:
    """Whether a process has ended; one that was just born learns of its parent's end a moment later."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with suppress(psutil.NoSuchProcess):
            if child.is_running() and child.status() != psutil.STATUS_ZOMBIE:
                time.sleep(0.02)
                continue
        return True
    return False


@pytest.mark.parametrize("engine", PREDICTORS)
def test_a_killed_predictor_is_a_failed_run_and_no_score(
    environment: dict[str, str], tmp_path: Path, engine: str
) -> None:
    process, child = started(environment, tmp_path, engine)
    child.kill()
    out, err = process.communicate(timeout=60)
    assert process.returncode == 5
    assert "child-died" in out + err
    assert "points" not in out


@pytest.mark.parametrize("engine", PREDICTORS)
def test_ctrl_c_ends_everything_at_once(
    environment: dict[str, str], tmp_path: Path, engine: str
) -> None:
    process, child = started(environment, tmp_path, engine)
    os.kill(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert (out, err.strip()) == ("", "Interrupted.")
    assert is_gone(child)
