"""The engine on Keras's other backends: the recorded counts, whatever computes them."""

from __future__ import annotations

from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from corpus import load_json

from answers.metrics.segmentation import Overlap
from answers.samples.shipped import shipped_models
from checkers.assignment.catalogue import load_built_in
from checkers.engine.choice import Backend
from checkers.grading import grade
from checkers.measuring.classification import Classified
from checkers.measuring.data_source import DataRequest
from checkers.measuring.segmentation import Segmented
from checkers.report import Report
from checkers.request import Request

pytestmark = pytest.mark.slow

MODELS: dict[str, Any] = {
    item["file"]: item
    for item in (load_json("models/trained/manifest.json") or {"models": []})["models"]
}


def installed(backend: str) -> Any:
    """The backend as a parameter, skipped where nobody has installed it."""
    missing = find_spec(backend) is None
    return pytest.param(
        backend, marks=pytest.mark.skipif(missing, reason=f"{backend} is not installed")
    )


on_each = pytest.mark.parametrize("backend", [installed("jax"), installed("torch")])


def graded(path: Path, backend: Backend, assignment: str, data: Path | None = None) -> Report:
    """A grade with so much time that a busy machine does not decide it."""
    built_in = load_built_in(assignment)
    patient = replace(built_in, limits=replace(built_in.limits, seconds=600.0))
    request = Request(
        path=path,
        assignment=patient,
        data=DataRequest(path=data),
        backend=backend,
        device="cpu",
    )
    report = grade(request)
    assert report.error is None, report.error
    assert report.missing == ()
    assert report.engine is not None
    assert report.engine.name == f"keras on {backend}"
    assert [name for name, _ in report.engine.versions] == ["keras", backend]
    return report


def pooled(report: Report) -> Overlap:
    assert isinstance(report.result, Segmented)
    return report.result.overlaps.pooled


def assert_counts(overlap: Overlap, truth: dict[str, int]) -> None:
    """Exactly the recorded counts, pixels within 1e-5 of the cut apart."""
    near = truth["pixels_within_1e-5_of_cut"]
    assert (overlap.truth, overlap.pixels) == (truth["G"], truth["pixels"])
    assert abs(overlap.intersection - truth["I"]) <= near
    assert abs(overlap.predicted - truth["P"]) <= near


@on_each
def test_the_sample_gets_the_counts_that_tensorflow_gets(backend: Backend) -> None:
    path = next(model.path for model in shipped_models() if model.name == "sample-unet")
    here = pooled(graded(path, backend, "sample-unet"))
    there = pooled(graded(path, "tensorflow", "sample-unet"))
    near = there.near_cut.count
    assert abs(here.intersection - there.intersection) <= near
    assert abs(here.predicted - there.predicted) <= near
    assert (here.truth, here.pixels) == (there.truth, there.pixels)


@on_each
@pytest.mark.corpus
@pytest.mark.parametrize("name", ["cnn_base.keras", "cnn_aug.h5"])
def test_a_cnn_gets_the_recorded_confusion_matrix(
    corpus: Path, cifar_npz: Path, name: str, backend: Backend
) -> None:
    path = corpus / "models" / "trained" / name
    report = graded(path, backend, "cifar10", cifar_npz)
    assert isinstance(report.result, Classified)
    found = [list(row) for row in report.result.confusion.counts]
    assert found == MODELS[name]["truth"]["confusion_rows_truth_columns_prediction"]


@on_each
@pytest.mark.corpus
@pytest.mark.parametrize(
    ("name", "data"),
    [("unet_small_custom_loss.h5", "nuclei"), ("unet_small_tiles.h5", "tiles")],
)
def test_a_unet_gets_the_recorded_counts(
    corpus: Path, raw_sets: Path, name: str, data: str, backend: Backend
) -> None:
    path = corpus / "models" / "trained" / name
    report = graded(path, backend, "unet", raw_sets / data)
    assert_counts(pooled(report), MODELS[name]["truth"])


@on_each
@pytest.mark.corpus
def test_the_mobilenet_unet_gets_the_recorded_counts(corpus: Path, backend: Backend) -> None:
    name = "unet_mnv2_1ch.h5"
    data = corpus / "data" / "membrane_test.npz"
    report = graded(corpus / "models" / "trained" / name, backend, "unet", data)
    assert_counts(pooled(report), MODELS[name]["truth"])
