"""Files of weights only, in a reference architecture: each array comes to its place, or none does."""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from corpus import load_json

from answers.errors import ModelFileError
from answers.layers.core import InputLayer
from answers.layers.normalization import BatchNormalization
from answers.network.graph import Network, Node, Tensor
from answers.notation.reading import parse
from checkers.assignment.reference import of_file
from checkers.model_file.reader import OpenedModel, open_model
from checkers.model_file.record import (
    NOTHING,
    Expected,
    expected_from_document,
    expected_to_document,
)

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
WHOLE = sorted(FIXTURES.glob("*models/*.h5"))
ARCHIVES = sorted(FIXTURES.glob("models/*.keras"))
LEGACY = "cnn-tf212-weightsonly.h5"
IN_NOTATION = (
    "in 32x32x3: conv3-4/same, relu, maxpool2, conv3-8/same, relu, maxpool2, conv3-8/same, relu, "
    "maxpool2, flatten, dense-16, relu, dense-10, softmax"
)


def opened(file: Any) -> tuple[OpenedModel, list[Any]]:
    model = open_model(file)
    return model, list(model.weights())


def alone(path: Path) -> io.BytesIO:
    """What `save_weights` writes of a whole HDF5 model: its group of weights as the root."""
    result = io.BytesIO()
    with h5py.File(path) as source, h5py.File(result, "w") as target:
        group = source["model_weights"]
        for key, value in group.attrs.items():
            target.attrs[key] = value
        for name in group:
            group.copy(name, target)
    return result


def refilled(file: Any, network: Network) -> tuple[list[Any], str]:
    model = open_model(file, Expected(network=network))
    assert model.model.dialect == "keras-weights"
    assert model.model.findings[0].code == "reference-architecture"
    return list(model.weights()), model.model.findings[0].message


def assert_equal(ours: list[Any], theirs: list[Any]) -> None:
    for mine, other in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(mine, other)


@pytest.mark.parametrize("path", WHOLE, ids=lambda path: path.name)
def test_the_weights_of_a_whole_model_alone_are_those_of_the_model(path: Path) -> None:
    with path.open("rb") as file:
        model, theirs = opened(file)
    ours, said = refilled(alone(path), model.model.network)
    assert_equal(ours, theirs)
    assert "by the names of the layers" in said


@pytest.mark.parametrize("path", ARCHIVES, ids=lambda path: path.name)
def test_the_weights_of_an_archive_alone_are_those_of_the_model(path: Path) -> None:
    with path.open("rb") as file:
        model, theirs = opened(file)
    with zipfile.ZipFile(path) as archive:
        inner = io.BytesIO(archive.read("model.weights.h5"))
    ours, said = refilled(inner, model.model.network)
    assert_equal(ours, theirs)
    assert "by the classes of the layers" in said


@pytest.mark.parametrize("name", ["model.weights.h5", "work/unet.weights.h5", "weights.h5"])
@pytest.mark.parametrize("path", ARCHIVES, ids=lambda path: path.name)
def test_weights_in_a_zip_file_are_filled_in_as_they_are_without_it(path: Path, name: str) -> None:
    with path.open("rb") as file:
        model, theirs = opened(file)
    packed = zipped({name: zipfile.ZipFile(path).read("model.weights.h5"), "notes.txt": b"mine"})
    ours, said = refilled(packed, model.model.network)
    assert_equal(ours, theirs)
    assert "by the classes of the layers" in said
    assert open_model(packed, Expected(network=model.model.network)).model.findings[-1].code == (
        "unpacked"
    )


@pytest.mark.parametrize(
    ("members", "code"),
    [
        (("model.weights.h5",), "zip-missing-member"),
        (("model.weights.h5", "a/config.json"), "zip-missing-member"),
        (("a/model.weights.h5", "b/model.weights.h5"), "zip-missing-member"),
    ],
    ids=["no reference", "half an archive", "two"],
)
def test_weights_in_a_zip_file_that_nobody_can_place_are_refused(
    members: tuple[str, ...], code: str
) -> None:
    reference = NOTHING if len(members) == 1 else Expected(network=parse(IN_NOTATION))
    packed = zipped(dict.fromkeys(members, b"\x89HDF\r\n\x1a\n"))
    with pytest.raises(ModelFileError) as caught:
        open_model(packed, reference)
    assert caught.value.code == code


def zipped(members: dict[str, bytes]) -> io.BytesIO:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return packed


@pytest.mark.corpus
def test_what_keras_2_12_saved_comes_to_its_place(corpus: Path) -> None:
    folder = corpus / "models" / "dialects"
    with (folder / LEGACY).open("rb") as file:
        ours, _ = refilled(file, of_file(folder / "cnn-tf212.json"))
    rows = [row for leaf in load_json("models/dialects/weights.json")[LEGACY] for row in leaf[2]]
    assert [f"{zlib.crc32(array.tobytes()):08x}" for array in ours] == [
        row[3].zfill(8) for row in rows
    ]


@pytest.mark.corpus
def test_layers_of_other_names_are_matched_in_their_order(corpus: Path) -> None:
    folder = corpus / "models" / "dialects"
    reference = of_file(folder / "cnn-tf212.json")
    with (folder / LEGACY).open("rb") as file:
        theirs, _ = refilled(file, reference)
    for other in (renumbered(reference), renumbered(parse(IN_NOTATION))):
        with (folder / LEGACY).open("rb") as file:
            ours, said = refilled(file, other)
        assert_equal(ours, theirs)
        assert "layer by layer in their order" in said


def renumbered(network: Network) -> Network:
    """The network with other names for its layers."""
    names = {node.name: f"layer_{number}" for number, node in enumerate(network.nodes)}
    nodes = tuple(
        replace(
            node,
            name=names[node.name],
            calls=tuple(tuple(replace(t, node=names[t.node]) for t in c) for c in node.calls),
        )
        for node in network.nodes
    )
    return replace(
        network,
        nodes=nodes,
        inputs=tuple(replace(tensor, node=names[tensor.node]) for tensor in network.inputs),
        outputs=tuple(replace(tensor, node=names[tensor.node]) for tensor in network.outputs),
    )


def nested(*, frozen: bool) -> Network:
    """A batch normalisation pair in a model of its own, behind a convolution."""
    inner = Network(
        name="inner",
        kind="Sequential",
        nodes=(
            Node("inner_input", InputLayer(shape=(4, 4, 3)), ((),)),
            Node("bn", BatchNormalization(), ((Tensor("inner_input"),),)),
            Node("bn_1", BatchNormalization(), ((Tensor("bn"),),)),
        ),
        inputs=(Tensor("inner_input"),),
        outputs=(Tensor("bn_1"),),
        output_names=("bn_1",),
    )
    return Network(
        name="outer",
        kind="Functional",
        nodes=(
            Node("x", InputLayer(shape=(4, 4, 3)), ((),)),
            Node("inner", inner, ((Tensor("x"),),), trainable=not frozen),
        ),
        inputs=(Tensor("x"),),
        outputs=(Tensor("inner"),),
        output_names=("inner",),
    )


NAMES = ("gamma", "beta", "moving_mean", "moving_variance")


def weights_of_two(
    order: list[str], *, other: dict[str, tuple[int, ...]] | None = None
) -> io.BytesIO:
    """A file of Keras 2 with the arrays of `nested` in some order; each holds its own number."""
    result = io.BytesIO()
    with h5py.File(result, "w") as file:
        file.attrs["layer_names"] = ["x", "inner"]
        file.attrs["keras_version"] = "2.15.0"
        file.create_group("x").attrs["weight_names"] = []
        group = file.create_group("inner")
        group.attrs["weight_names"] = [f"{name}:0" for name in order]
        for name in order:
            number = NAMES.index(name.split("/")[1]) + 10 * ("bn_1" in name)
            group[f"{name}:0"] = np.full((other or {}).get(name, (3,)), number, "f4")
    return result


LEAF_BY_LEAF = [f"{layer}/{name}" for layer in ("bn", "bn_1") for name in NAMES]
TRAINABLE_FIRST = sorted(LEAF_BY_LEAF, key=lambda name: "moving" in name)


@pytest.mark.parametrize("frozen", [True, False], ids=["frozen here", "not frozen here"])
@pytest.mark.parametrize("order", [LEAF_BY_LEAF, TRAINABLE_FIRST], ids=["frozen", "not frozen"])
def test_what_was_frozen_when_it_was_saved_does_not_matter(
    order: list[str], *, frozen: bool
) -> None:
    ours, _ = refilled(weights_of_two(order), nested(frozen=frozen))
    assert [int(array[0]) for array in ours] == [0, 1, 2, 3, 10, 11, 12, 13]


@pytest.mark.parametrize(
    ("file", "says"),
    [
        (
            lambda: weights_of_two(LEAF_BY_LEAF[:7]),
            "The layer needs 8 arrays, and the file holds 7",
        ),
        (
            lambda: weights_of_two(LEAF_BY_LEAF, other={"bn/beta": (4,)}),
            r"should have the shape \(3,\), but the file holds \(4,\)",
        ),
        (lambda: weights_of_two(LEAF_BY_LEAF[::-1]), "stands where"),
    ],
    ids=["too few", "other shape", "other order"],
)
def test_weights_that_do_not_fit_the_reference_are_refused_with_the_place(
    file: Any, says: str
) -> None:
    with pytest.raises(ModelFileError, match=says) as caught:
        open_model(file(), Expected(network=nested(frozen=False)))
    assert caught.value.code == "weights-differ"
    assert "weights only, and they don't fit the assignment's reference" in caught.value.message
    assert 'model.save("model.keras")' in caught.value.hint


def test_without_a_reference_weights_only_are_no_whole_model() -> None:
    with pytest.raises(ModelFileError, match="weights only; the architecture is missing"):
        open_model(weights_of_two(LEAF_BY_LEAF))


def test_a_whole_model_keeps_its_own_architecture() -> None:
    with WHOLE[0].open("rb") as file:
        model = open_model(file, Expected(network=nested(frozen=True))).model
    assert model.dialect != "keras-weights"
    assert model.network.name != "outer"


def test_what_is_expected_arrives_in_the_child() -> None:
    for expected in (NOTHING, Expected(network=nested(frozen=True), size=(4, 6))):
        document = json.loads(json.dumps(expected_to_document(expected)))
        assert expected_from_document(document) == expected


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras's own
def test_what_keras_3_saves_comes_to_its_place(tmp_path: Path) -> None:
    import keras

    layers = keras.layers
    given = keras.Input((16, 16, 3))
    inner = keras.Sequential(
        [keras.Input((16, 16, 4)), layers.Conv2D(4, 3), layers.BatchNormalization()]
    )
    taken = inner(layers.Conv2D(4, 3, padding="same")(given))
    model = keras.Model(given, layers.Dense(5)(layers.GlobalAveragePooling2D()(taken)))
    model.save_weights(tmp_path / "x.weights.h5")
    (tmp_path / "x.json").write_text(model.to_json())
    with (tmp_path / "x.weights.h5").open("rb") as file:
        ours, _ = refilled(file, of_file(tmp_path / "x.json"))
    kept = {array.tobytes() for array in ours}
    assert kept == {np.asarray(weight).tobytes() for weight in model.get_weights()}
    assert sorted(a.shape for a in ours) == sorted(w.shape for w in model.get_weights())
