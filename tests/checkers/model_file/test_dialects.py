"""Every writer's files are read to the array, against what the writers themselves measured."""

from __future__ import annotations

import json
import zlib
from pathlib import Path
from typing import Any

import pytest
from corpus import load_json

from answers.errors import CompanionError, ModelFileError, RefusedError
from answers.network.parameters import leaves, parameters
from answers.network.shapes import input_shapes, output_shapes
from checkers.engine.submission import submission
from checkers.model_file.reader import open_model
from checkers.model_file.record import from_document, to_document

pytestmark = pytest.mark.corpus

FILES: dict[str, Any] = {
    item["file"]: item
    for item in (load_json("models/dialects/manifest.json") or {"files": []})["files"]
}
GRADED = [name for name, item in FILES.items() if item["expect"] == "grade"]

COVERED = GRADED

# File to refuse → the class of the error, its code, and words of its sentence.
REFUSED: dict[str, tuple[type[CompanionError], str, str]] = {
    "chfirst-k3151.keras": (RefusedError, "channels-first", "only channels_last"),
    "cnn-tf212-weightsonly.h5": (ModelFileError, "no-model-config", "weights only"),
    "cnn-tf212.json": (ModelFileError, "architecture-only", "the weights are missing"),
    "cnn-tf213-savedmodel": (RefusedError, "savedmodel", "SavedModel folder"),
    "config.json": (ModelFileError, "architecture-only", "the weights are missing"),
    "custom-layer-tf213.keras": (RefusedError, "layer-not-allowed", "'ScaleShift' is not Keras's"),
    "dataset.h5": (ModelFileError, "not-a-model", "holds data, no Keras model"),
    "empty.h5": (ModelFileError, "not-a-model", "The file is empty"),
    "lambda-tf212.h5": (RefusedError, "code-lambda", "Lambda layer carries Python code"),
    "lfs-pointer.h5": (ModelFileError, "not-a-model", "Git LFS pointer"),
    "model.pkl": (RefusedError, "pickle", "Python pickle. It is never opened"),
    "model.tflite": (ModelFileError, "not-a-model", "TensorFlow Lite model"),
    "model.weights.h5": (ModelFileError, "no-model-config", "weights only"),
    "net.pt": (ModelFileError, "not-a-model", "PyTorch model"),
    "page.h5": (ModelFileError, "not-a-model", "web page"),
    "subclassed-k3151.keras": (RefusedError, "layer-not-allowed", "of the class 'Net'"),
    "truncated.h5": (ModelFileError, "hdf5-damaged", "damaged or cut off"),
    "truncated.keras": (ModelFileError, "zip-damaged", "damaged or cut off"),
    "two-models.zip": (ModelFileError, "zip-missing-member", "no Keras model"),
}


def place(corpus: Path, name: str) -> Path:
    return corpus / "models" / "dialects" / name


def recorded_shapes(value: Any) -> tuple[tuple[int | None, ...], ...]:
    """The manifest gives one shape flat, several as a list or by name; the batch axis first."""
    several = list(value.values()) if isinstance(value, dict) else value
    several = several if isinstance(several[0], list) else [several]
    return tuple(tuple(shape[1:]) for shape in several)


@pytest.fixture(scope="module")
def arrays(corpus: Path) -> dict[str, Any]:
    """For each file its leaves: path, class, and its arrays with their CRC."""
    return dict(json.loads(place(corpus, "weights.json").read_text("utf-8")))


def test_the_tables_name_every_file_of_the_corpus() -> None:
    known = {*COVERED, *REFUSED}
    assert known == set(FILES)
    assert len(COVERED) >= 45
    assert {name for name in REFUSED if FILES[name]["expect"] != "refuse"} == set()


@pytest.mark.parametrize("name", COVERED)
def test_a_file_has_the_parameters_and_shapes_that_its_writer_reported(
    corpus: Path, name: str
) -> None:
    with place(corpus, name).open("rb") as file:
        model = open_model(file).model
    truth, found = FILES[name]["params"], parameters(model.network)
    assert (found.total, found.trainable, found.non_trainable) == (
        truth["total"],
        truth["trainable"],
        truth["non_trainable"],
    )
    assert input_shapes(model.network) == recorded_shapes(FILES[name]["input_shape"])
    assert output_shapes(model.network) == recorded_shapes(FILES[name]["output_shape"])
    assert model.writer == f"Keras {FILES[name]['writer']['version']}"


@pytest.mark.parametrize("name", COVERED)
def test_every_array_of_a_file_is_that_of_its_writer(
    corpus: Path, name: str, arrays: dict[str, Any]
) -> None:
    with place(corpus, name).open("rb") as file:
        opened = open_model(file)
        weights = list(opened.weights())
    marks = [
        (leaf.path[-1], leaf.layer.kind, list(w.shape), w.trainable and not leaf.frozen)
        for leaf in leaves(opened.model.network)
        for w in leaf.weights
    ]
    found = [
        (*mark, f"{zlib.crc32(a.tobytes()):08x}") for mark, a in zip(marks, weights, strict=True)
    ]
    assert found == [
        (path.split("|")[-1], kind, shape, trainable == "T", crc)
        for path, kind, rows in arrays[name]
        for _, shape, trainable, crc in rows
    ]


@pytest.mark.parametrize("name", COVERED)
def test_the_record_of_a_file_survives_the_way_through_json(corpus: Path, name: str) -> None:
    with place(corpus, name).open("rb") as file:
        model = open_model(file).model
    assert from_document(json.loads(json.dumps(to_document(model)))) == model


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_gradable_model_is_refused_by_what_it_is(corpus: Path, name: str) -> None:
    kind, code, words = REFUSED[name]
    with (
        pytest.raises(kind, match=words) as caught,
        submission(place(corpus, name)) as copy,
        open(copy.descriptor, "rb", closefd=False) as file,
    ):
        open_model(file)
    assert caught.value.code == code
