"""Weights without an architecture are graded where the assignment knows the network."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import pytest

from answers.samples.shipped import shipped_models

Run = Any
UNET = next(model.path for model in shipped_models() if model.name == "sample-unet")
ASSIGNMENT = """
format_version = 1
name = "mine"
title = "A U-Net, weights taken"
task = "segmentation"
[data]
sample = "surfaces"
[input]
size = [128, 128]
[model]
architecture = "unet.json"
[[check]]
measure = "dice"
average = "pooled"
at_least = 0.70
"""


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """The sample U-Net taken apart, as `save_weights` and `to_json` write it; the assignment."""
    path = tmp_path / "unet.h5"
    with h5py.File(UNET) as source, h5py.File(path, "w") as target:
        (tmp_path / "unet.json").write_text(source.attrs["model_config"], "utf-8")
        for key, value in source["model_weights"].attrs.items():
            target.attrs[key] = value
        for name in source["model_weights"]:
            source["model_weights"].copy(name, target)
    (tmp_path / "mine.toml").write_text(ASSIGNMENT, "utf-8")
    return path


@pytest.mark.slow
def test_weights_alone_get_the_counts_of_the_whole_model(run: Run, weights: Path) -> None:
    whole = run("grade", "sample-unet", "--json").document["result"]["models"][0]
    done = run("grade", weights.name, "--assignment", "mine.toml", "--json")
    assert done.code == 0, done.out
    alone = done.document["result"]["models"][0]
    assert (alone["counts"], alone["parameters"]) == (whole["counts"], whole["parameters"])
    said = {finding["code"]: finding["message"] for finding in alone["findings"]}
    assert "by the names of the layers" in said["reference-architecture"]


def test_weights_of_another_network_are_no_model(run: Run, weights: Path, tmp_path: Path) -> None:
    text = ASSIGNMENT.replace('architecture = "unet.json"', 'network = "in 128x128x3: conv3-8"')
    (tmp_path / "mine.toml").write_text(text, "utf-8")
    done = run("grade", weights.name, "--assignment", "mine.toml")
    assert done.code == 3
    assert "don't fit the assignment's reference architecture" in " ".join(done.err.split())


def test_without_an_architecture_weights_are_no_model(run: Run, weights: Path) -> None:
    done = run("grade", weights.name, "--assignment", "sample-unet")
    assert done.code == 3
    assert "weights only" in done.err


def test_the_assignment_says_that_it_takes_weights(run: Run, weights: Path) -> None:
    assert weights.exists()
    done = run("assignment", "check", "mine.toml")
    assert done.code == 0, done.err
    assert "weights   alone are taken too, for a network of" in done.out


def test_an_architecture_that_is_not_there_is_a_fault_of_the_assignment(
    run: Run, weights: Path, tmp_path: Path
) -> None:
    (tmp_path / "unet.json").unlink()
    done = run("grade", weights.name, "--assignment", "mine.toml")
    assert done.code == 2
    assert "model.architecture" in done.err
