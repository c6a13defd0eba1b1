"""Of several outputs the one for the data's classes is graded, to the count that Keras gives."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest
from toy_pictures import save_toy, toy_pictures

from answers.errors import InputError
from checkers.grading import grade
from checkers.measuring.classification import Classified
from checkers.measuring.data_source import DataRequest
from checkers.report import Report
from checkers.request import Request

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("default")]


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """A model with two classes first and ten classes second; how often the ten are right."""
    import keras

    keras.utils.set_random_seed(3)
    given = keras.Input((32, 32, 3))
    pooled = keras.layers.Flatten()(keras.layers.AveragePooling2D(8)(given))
    ends = {
        "coarse": keras.layers.Dense(2, activation="softmax", name="coarse")(pooled),
        "fine": keras.layers.Dense(10, activation="softmax", name="fine")(pooled),
    }
    model = keras.Model(given, list(ends.values()))
    path = tmp_path_factory.mktemp("outputs") / "two.keras"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of Keras and NumPy about each other
        model.save(path)
    save_toy(path.with_name("cifar.npz"), train=10, test=100)
    pictures = toy_pictures(100, seed=2)
    answers = np.asarray(model(pictures.images.astype(np.float32) / 255)[1])
    return path, int((answers.argmax(1) == pictures.labels).sum())


def graded(path: Path, data: Path | None, head: str | None = None) -> Report:
    report = grade(Request(path=path, data=DataRequest(path=data), head=head))
    assert report.error is None, report.error
    return report


def test_the_output_with_as_many_scores_as_classes_is_graded(saved: tuple[Path, int]) -> None:
    path, correct = saved
    report = graded(path, path.with_name("cifar.npz"))
    assert isinstance(report.result, Classified)
    assert (report.result.confusion.correct, report.result.confusion.total) == (correct, 100)
    (said,) = [item.message for item in report.findings if item.code == "output-chosen"]
    assert "fine (10) is graded: the one for 10 classes" in said


def test_the_output_that_is_asked_for_wins(saved: tuple[Path, int]) -> None:
    path, _ = saved
    report = graded(path, path.with_name("cifar.npz"), head="coarse")
    codes = [item.code for item in report.findings]
    assert report.result is None
    assert "wrong-output-shape" in codes


def test_without_data_nothing_is_said_against_the_outputs(
    saved: tuple[Path, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.delenv("COMPANION_DATA", raising=False)
    path, _ = saved
    report = graded(path, None)
    assert [error.code for error in report.missing] == ["data-missing"]
    assert report.result is None
    assert "wrong-output-shape" not in [item.code for item in report.findings]


def test_a_folder_without_pictures_is_the_fault_of_the_command(
    saved: tuple[Path, int], tmp_path: Path
) -> None:
    path, _ = saved
    with pytest.raises(InputError, match="it holds no pictures"):
        graded(path, tmp_path)
