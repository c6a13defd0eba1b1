"""The small models that are shipped with the tests, as they are, and with their weights tampered."""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from answers.errors import CompanionError, ModelFileError
from answers.network.parameters import parameters
from answers.network.shapes import input_shapes, output_shapes
from checkers.model_file.reader import open_model
from checkers.model_file.record import Finding, ModelFile, from_document, to_document

MODELS = Path(__file__).resolve().parents[2] / "fixtures" / "models"
FACTS: dict[str, Any] = json.loads((MODELS / "models.json").read_text("utf-8"))
Change = Callable[[Any], object]


@pytest.mark.parametrize("name", FACTS)
def test_a_shipped_model_is_read_as_keras_counted_it(name: str) -> None:
    facts = FACTS[name]
    with (MODELS / name).open("rb") as file:
        opened = open_model(file)
        found = [zlib.crc32(array.tobytes()) for array in opened.weights()]
    model = opened.model
    counted = parameters(model.network)
    assert (counted.total, counted.trainable) == (facts["total"], facts["trainable"])
    assert input_shapes(model.network) == (tuple(facts["input_shape"]),)
    assert output_shapes(model.network) == (tuple(facts["output_shape"]),)
    assert found == facts["crc32"]
    assert model.writer == f"Keras {facts['keras']}"
    assert model.dialect == ("keras-3-hdf5" if name.endswith(".h5") else "keras-3-archive")
    assert from_document(json.loads(json.dumps(to_document(model)))) == model


def model_file() -> ModelFile:
    with (MODELS / "unet.h5").open("rb") as file:
        return open_model(file).model


def test_findings_survive_the_way_through_json() -> None:
    plain = model_file()
    found = ModelFile(
        dialect=plain.dialect,
        writer=plain.writer,
        network=plain.network,
        loss_takes="logits",
        findings=(Finding("a-code", "A sentence."),),
    )
    assert from_document(json.loads(json.dumps(to_document(found)))) == found


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("dialect", "pytorch"),
        ("writer", 3),
        ("network", {}),
        ("network", None),
        ("loss_takes", "yes"),
        ("findings", [["code"]]),
        ("findings", None),
    ],
)
def test_a_document_that_is_no_record_is_not_believed(key: str, value: Any) -> None:
    with pytest.raises(CompanionError):
        from_document(to_document(model_file()) | {key: value})


# --- a whole-model HDF5 file whose weights are not what they should be -----------------------


def group(file: Any, part: str) -> Any:
    """The group of the first layer whose name holds `part`."""
    weights = file["model_weights"]
    return weights[next(name for name in weights if part in name)]


def names(file: Any, part: str) -> list[str]:
    return list(group(file, part).attrs["weight_names"])


def rename(file: Any, part: str, listed: list[str]) -> None:
    group(file, part).attrs["weight_names"] = listed


def lose(file: Any) -> None:
    del group(file, "dense")[names(file, "dense")[1]]


def hide(file: Any) -> None:
    """An array that the list does not name."""
    group(file, "dense").create_dataset("more", data=np.ones(3, "f4"))


def turn(file: Any) -> None:
    inner, name = group(file, "dense"), names(file, "dense")[0]
    values = inner[name][()]
    del inner[name]
    inner.create_dataset(name, data=values.T)


def share(file: Any) -> None:
    """Mean and variance of a normalisation are listed as one array, both of the right shape."""
    listed = names(file, "batch_norm")
    rename(file, "batch_norm", [*listed[:3], listed[2]])


def point_elsewhere(file: Any) -> None:
    rename(file, "dense", ["../../optimizer_weights/x", names(file, "dense")[1]])


def list_twice(file: Any) -> None:
    root = file["model_weights"]
    root.attrs["layer_names"] = [*root.attrs["layer_names"], "dense"]


def list_nothing(file: Any) -> None:
    del file["model_weights"].attrs["layer_names"]


def diverge(file: Any) -> None:
    group(file, "dense")[names(file, "dense")[1]][3] = np.nan


def count_as_whole(file: Any) -> None:
    inner, name = group(file, "dense"), names(file, "dense")[1]
    del inner[name]
    inner.create_dataset(name, data=np.ones(10, "i4"))


TAMPERED: list[tuple[Change, str, str]] = [
    (lose, "weights-missing", "A listed array is not in the file"),
    (hide, "weights-extra", "1 arrays that no layer uses"),
    (turn, "weights-shape", "kernel should have the shape"),
    (share, "weights-missing", "Two weights share one array"),
    (point_elsewhere, "weights-missing", "A listed array is not in the file"),
    (list_twice, "weights-extra", "lists a layer twice"),
    (list_nothing, "weights-missing", "does not list its layers"),
    (diverge, "weights-not-finite", "1 of 10 weights are not finite"),
    (count_as_whole, "weights-dtype", "have the type int32"),
]


@pytest.mark.parametrize(
    ("change", "code", "words"), TAMPERED, ids=[row[0].__name__ for row in TAMPERED]
)
def test_weights_that_are_not_those_of_the_network_are_damage(
    change: Change, code: str, words: str
) -> None:
    made = io.BytesIO((MODELS / "cnn.h5").read_bytes())
    with h5py.File(made, "r+") as file:
        change(file)
    with pytest.raises(ModelFileError, match=words) as caught:
        list(open_model(made).weights())
    assert caught.value.code == code


def weights_only(made: Any) -> None:
    del made.attrs["model_config"]
    for key in list(made["model_weights"].attrs):
        made.attrs[key] = made["model_weights"].attrs[key]


def data(made: Any) -> None:
    for key in list(made.attrs):
        del made.attrs[key]


@pytest.mark.parametrize(
    ("change", "code", "words"),
    [
        (weights_only, "no-model-config", "holds weights only; the architecture is missing"),
        (data, "not-a-model", "holds data, no Keras model"),
    ],
)
def test_an_hdf5_file_without_an_architecture_is_no_model(
    change: Change, code: str, words: str
) -> None:
    made = io.BytesIO((MODELS / "cnn.h5").read_bytes())
    with h5py.File(made, "r+") as file:
        change(file)
    with pytest.raises(ModelFileError, match=words) as caught:
        open_model(made)
    assert caught.value.code == code


# --- an archive whose weights are not what they should be ------------------------------------


def repacked(change: Change) -> io.BytesIO:
    """`cnn.keras` with its weights file changed."""
    with zipfile.ZipFile(MODELS / "cnn.keras") as original:
        members = {name: original.read(name) for name in original.namelist()}
    weights = io.BytesIO(members["model.weights.h5"])
    with h5py.File(weights, "r+") as file:
        change(file)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as written:
        for name, content in (members | {"model.weights.h5": weights.getvalue()}).items():
            written.writestr(name, content)
    return made


def lose_group(file: Any) -> None:
    del file["layers/dense"]


def lose_one(file: Any) -> None:
    del file["layers/dense/vars/1"]


def add_one(file: Any) -> None:
    file["layers/dense/vars"].create_dataset("2", data=np.ones(10, "f4"))


def add_group(file: Any) -> None:
    file["layers"].create_group("dense_1/vars").create_dataset("0", data=np.ones(3, "f4"))


def lose_all(file: Any) -> None:
    del file["layers"]


def exchange(file: Any) -> None:
    file["layers"].move("dense/vars/0", "dense/vars/x")
    file["layers"].move("dense/vars/1", "dense/vars/0")
    file["layers"].move("dense/vars/x", "dense/vars/1")


REPACKED: list[tuple[Change, str, str]] = [
    (lose_group, "weights-missing", "array that a layer needs is not in the file"),
    (lose_one, "weights-missing", "array that a layer needs is not in the file"),
    (add_one, "weights-extra", "1 arrays that no layer uses"),
    (add_group, "weights-extra", "1 arrays that no layer uses"),
    (lose_all, "weights-missing", "holds no weights"),
    (exchange, "weights-shape", "kernel should have the shape"),
]


@pytest.mark.parametrize(
    ("change", "code", "words"), REPACKED, ids=[row[0].__name__ for row in REPACKED]
)
def test_an_archive_s_weights_are_those_of_its_network(
    change: Change, code: str, words: str
) -> None:
    with pytest.raises(ModelFileError, match=words) as caught:
        list(open_model(repacked(change)).weights())
    assert caught.value.code == code


def old_container(file: Any) -> None:
    """Where Keras 2.12 to 2.14 put the layers."""
    file.move("layers", "_layer_checkpoint_dependencies")


def test_an_archive_in_the_old_container_holds_the_same_arrays() -> None:
    found = [zlib.crc32(array.tobytes()) for array in open_model(repacked(old_container)).weights()]
    assert found == FACTS["cnn.keras"]["crc32"]


def test_a_configuration_is_read_before_any_weight() -> None:
    opened = open_model(repacked(lose_all))
    assert parameters(opened.model.network).total == FACTS["cnn.keras"]["total"]


def test_how_a_model_was_compiled_is_no_reason_to_refuse_it() -> None:
    made = io.BytesIO((MODELS / "cnn.h5").read_bytes())
    with h5py.File(made, "r+") as file:
        file.attrs["training_config"] = '{"loss": {"class_name": "my>Loss", "x": NaN}'
    assert open_model(made).model.loss_takes is None
    with h5py.File(made, "r+") as file:
        file.attrs["training_config"] = '{"loss": [{"config": {"from_logits": true}}]}'
    assert open_model(made).model.loss_takes == "logits"


@pytest.mark.parametrize("version", ["", "9" * 50, "3\x1b[2J", "x\u202e"])
def test_a_version_that_can_t_be_shown_is_unknown(version: str) -> None:
    made = io.BytesIO((MODELS / "cnn.h5").read_bytes())
    with h5py.File(made, "r+") as file:
        file.attrs["keras_version"] = version
    assert open_model(made).model.writer == "an unknown Keras"
