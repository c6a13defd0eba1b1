"""The trained models of the corpus are graded to the counts that NumPy made of TF 2.12's output."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from corpus import load_json

from answers.errors import RunError
from answers.metrics.segmentation import Overlap
from checkers.assignment.catalogue import load_built_in
from checkers.grading import grade
from checkers.measuring import scale_trial
from checkers.measuring.classification import Classified
from checkers.measuring.data_source import DataRequest
from checkers.measuring.segmentation import Segmented
from checkers.report import Report
from checkers.request import Request

pytestmark = [pytest.mark.corpus, pytest.mark.slow]

MODELS: dict[str, Any] = {
    item["file"]: item
    for item in (load_json("models/trained/manifest.json") or {"models": []})["models"]
}
CNNS = [name for name in MODELS if name.startswith("cnn")]
ENGINES = ("keras", "onnx")
RAW = {
    "unet_small_custom_loss.h5": "nuclei",
    "unet_small_3ch.h5": "nuclei",
    "unet_small_tiles.h5": "tiles",
}


def graded(corpus: Path, name: str, data: Path, **more: Any) -> Report:
    path = corpus / "models" / "trained" / name
    report = grade(Request(path=path, data=DataRequest(path=data), **more))
    assert report.error is None, report.error
    if report.engine is not None:
        keras = more.get("engine") == "keras"
        assert report.engine.name == ("keras on tensorflow" if keras else "onnx")
    return report


def assert_parameters(report: Report, truth: dict[str, int]) -> None:
    assert report.model is not None
    found = report.model.parameters
    assert (found.total, found.trainable, found.non_trainable) == (
        truth["total"],
        truth["trainable"],
        truth["non_trainable"],
    )


def assert_counts(overlap: Overlap, truth: dict[str, int]) -> None:
    """Exactly the recorded counts, pixels within 1e-5 of the cut apart."""
    near = truth["pixels_within_1e-5_of_cut"]
    assert overlap.truth == truth["G"]
    assert abs(overlap.intersection - truth["I"]) <= near
    assert abs(overlap.predicted - truth["P"]) <= near
    assert overlap.pixels == truth["pixels"]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", CNNS)
def test_a_cnn_gets_the_recorded_confusion_matrix(
    corpus: Path, cifar_npz: Path, name: str, engine: Any
) -> None:
    report = graded(corpus, name, cifar_npz, engine=engine)
    truth = MODELS[name]["truth"]
    assert_parameters(report, MODELS[name]["parameters"])
    assert isinstance(report.result, Classified)
    assert report.result.confusion.correct == truth["correct"]
    rows = [list(row) for row in report.result.confusion.counts]
    assert rows == truth["confusion_rows_truth_columns_prediction"]
    assert report.assignment is not None
    assert report.assignment.name == "cifar10"


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", ["unet_small_custom_loss.h5", "unet_small_tiles.h5"])
def test_a_unet_gets_the_recorded_counts_from_the_raw_folders(
    corpus: Path, raw_sets: Path, name: str, engine: Any
) -> None:
    report = graded(corpus, name, raw_sets / RAW[name], engine=engine)
    truth = MODELS[name]["truth"]
    assert_parameters(report, MODELS[name]["parameters"])
    assert isinstance(report.result, Segmented)
    overlaps = report.result.overlaps
    assert_counts(overlaps.pooled, truth)
    assert overlaps.both_empty == truth["both_empty"]
    assert overlaps.count - overlaps.with_object == truth["empty_truth_masks"]
    mean = overlaps.value("dice", "per-image-all")
    assert mean is not None
    assert float(mean) == pytest.approx(truth["mean_dice"], abs=2e-5)


@pytest.mark.parametrize("engine", ENGINES)
def test_the_mobilenet_unet_of_tf_2_12_gets_the_recorded_counts(corpus: Path, engine: Any) -> None:
    name = "unet_mnv2_1ch.h5"
    report = graded(corpus, name, corpus / "data" / "membrane_test.npz", engine=engine)
    assert_parameters(report, MODELS[name]["parameters"])
    assert isinstance(report.result, Segmented)
    assert_counts(report.result.overlaps.pooled, MODELS[name]["truth"])
    assert (
        report.result.overlaps.pooled.near_cut.count
        == MODELS[name]["truth"]["pixels_within_1e-5_of_cut"]
    )


def test_three_equal_channels_are_graded_on_the_first_with_a_finding(
    corpus: Path, raw_sets: Path
) -> None:
    name = "unet_small_3ch.h5"
    report = graded(corpus, name, raw_sets / RAW[name])
    assert isinstance(report.result, Segmented | None)
    codes = [finding.code for finding in report.findings]
    if "mask-decoded-as-rgb" in codes:
        assert isinstance(report.result, Segmented)
        assert_counts(report.result.overlaps.pooled, MODELS[name]["truth"]["channel_0"])
    else:
        pytest.fail(f"no finding about the three channels, but {report.findings}")


@pytest.mark.parametrize("channel", [0, 1, 2])
def test_a_channel_that_is_asked_for_is_graded(corpus: Path, raw_sets: Path, channel: int) -> None:
    name = "unet_small_3ch.h5"
    report = graded(corpus, name, raw_sets / RAW[name], channel=channel)
    assert isinstance(report.result, Segmented)
    assert_counts(report.result.overlaps.pooled, MODELS[name]["truth"][f"channel_{channel}"])


def test_a_wrong_scale_is_diagnosed_and_never_graded_otherwise(
    corpus: Path, raw_sets: Path
) -> None:
    report = graded(corpus, "unet_small_custom_loss.h5", raw_sets / "nuclei", feed="raw")
    assert "input-scale" in [finding.code for finding in report.findings]
    assert isinstance(report.result, Segmented)
    assert report.other_feed is not None
    assert report.other_feed.scale.kind == "unit"
    right = report.other_feed.score.value
    graded_dice = report.result.overlaps.value("dice", "pooled")
    truth = MODELS["unet_small_custom_loss.h5"]["truth"]["pooled_dice"]
    assert right is not None
    assert graded_dice is not None
    assert float(right) == pytest.approx(truth, abs=1e-4)
    assert graded_dice < right


def test_the_right_scale_is_not_accused(corpus: Path, raw_sets: Path) -> None:
    for name, folder in (("unet_small_custom_loss.h5", "nuclei"), ("unet_small_tiles.h5", "tiles")):
        report = graded(corpus, name, raw_sets / folder)
        assert "input-scale" not in [finding.code for finding in report.findings]


def test_a_network_without_statistics_is_diagnosed_by_what_it_scores(
    corpus: Path, cifar_npz: Path
) -> None:
    report = graded(corpus, "cnn_base_k3.h5", cifar_npz, feed="raw")
    assert "input-scale" in [finding.code for finding in report.findings]
    assert report.failed
    other, truth = report.other_feed, MODELS["cnn_base_k3.h5"]["truth"]
    assert other is not None
    assert other.scale.kind == "unit"
    assert other.score.value == Fraction(truth["correct"], truth["images"])


def test_a_score_that_is_low_under_every_scale_accuses_none(corpus: Path, cifar_npz: Path) -> None:
    cifar = load_built_in("cifar10")
    strict = tuple(
        replace(check, at_least=Fraction(99, 100)) if check.measure == "accuracy" else check
        for check in cifar.checks
    )
    report = graded(corpus, "cnn_base_k3.h5", cifar_npz, assignment=replace(cifar, checks=strict))
    assert report.failed
    assert report.other_feed is None
    assert "input-scale" not in [finding.code for finding in report.findings]


def test_a_grade_is_there_though_its_diagnosis_comes_too_late(
    corpus: Path, cifar_npz: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def late(*_: object) -> None:
        raise RunError("time-limit", "The model was too slow.")

    monkeypatch.setattr(scale_trial, "better", late)
    report = graded(corpus, "cnn_base_k3.h5", cifar_npz, feed="raw")
    assert "diagnosis-unfinished" in [finding.code for finding in report.findings]
    assert [verdict.outcome for verdict in report.verdicts].count("fail") >= 1
    assert report.scores


def test_a_model_that_does_not_fit_fails_with_the_finding(corpus: Path) -> None:
    report = graded(corpus, "cnn_base_k3.h5", Path("unused"), assignment=load_built_in("unet"))
    codes = {finding.code for finding in report.findings}
    assert {"input-shape", "wrong-output-shape"} <= codes
    assert report.failed
    assert report.engine is None
