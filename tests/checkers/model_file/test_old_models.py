"""Files that Keras 1.2.2 to 2.3.1 and the tf.keras of 1.15, 2.1 and 2.4 wrote, against their words.

`tests/fixtures/make_old_models.py` had each of them write its models, and what it predicts.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from answers.network.graph import Network
from answers.network.parameters import leaves, parameters
from checkers.model_file.reader import open_model

FOLDER = Path(__file__).resolve().parents[2] / "fixtures" / "old_models"
FILES = sorted(path.name for path in FOLDER.glob("*.h5"))


def facts(name: str) -> Any:
    return np.load(FOLDER / name.replace(".h5", ".npz"))


def kinds(network: Network) -> set[str]:
    return {leaf.layer.kind for leaf in leaves(network)}


def test_models_of_seven_writers_are_there() -> None:
    versions = {name.removesuffix(".h5").split("-", 1)[1] for name in FILES}
    assert versions == {"1.2.2", "2.0.9", "2.2.4", "2.2.4-tf", "2.3.0-tf", "2.3.1", "2.4.0"}
    assert len(FILES) == 28


@pytest.mark.parametrize("name", FILES)
def test_a_file_of_an_old_keras_has_the_parameters_that_its_writer_counted(name: str) -> None:
    with (FOLDER / name).open("rb") as file:
        opened = open_model(file)
        arrays = list(opened.weights())
    network, writer = opened.model.network, name.removesuffix(".h5").split("-", 1)[1]
    count = parameters(network)
    assert [count.total, count.trainable] == facts(name)["parameters"].tolist()
    assert [a.shape for a in arrays] == [w.shape for leaf in leaves(network) for w in leaf.weights]
    assert opened.model.writer == f"Keras {writer}"
    assert opened.model.dialect == "keras-2-hdf5"


@pytest.mark.slow
@pytest.mark.parametrize("name", FILES)
def test_a_file_of_an_old_keras_answers_as_its_writer_did(name: str) -> None:
    import keras

    from checkers.engine.keras_builder import build, put_weights

    with (FOLDER / name).open("rb") as file:
        opened = open_model(file)
        arrays = iter(list(opened.weights()))
    network = opened.model.network
    built = build(network)
    put_weights(built, network, arrays)
    truth = facts(name)
    model = keras.Model(built.inputs, built.outputs[0])
    answer = np.asarray(model([truth["given"]], training=False))
    assert np.abs(truth["answer"]).max() > 0.01
    np.testing.assert_allclose(answer, truth["answer"], rtol=0, atol=1e-5)


def rewritten(path: Path, tmp_path: Path, change: Any) -> Path:
    target = tmp_path / path.name
    target.write_bytes(path.read_bytes())
    with h5py.File(target, "r+") as file:
        change(file)
    return target


def first_kernel(path: Path) -> Any:
    with path.open("rb") as file:
        return next(iter(open_model(file).weights()))


def test_a_file_without_a_version_is_read_as_one_of_keras_1(tmp_path: Path) -> None:
    path = FOLDER / "steps-1.2.2.h5"
    bare = rewritten(path, tmp_path, lambda file: file.attrs.pop("keras_version"))
    with path.open("rb") as file, bare.open("rb") as other:
        pairs = zip(open_model(file).weights(), open_model(other).weights(), strict=True)
        assert all(np.array_equal(*pair) for pair in pairs)


def test_the_kernels_of_a_file_written_on_theano_are_turned_round(tmp_path: Path) -> None:
    path = FOLDER / "cnn-2.2.4.h5"
    other = rewritten(path, tmp_path, lambda file: file.attrs.modify("backend", "theano"))
    assert np.array_equal(first_kernel(other), first_kernel(path)[::-1, ::-1])


def test_an_old_conv1d_kernel_of_keras_1_1_lies_on_its_side(tmp_path: Path) -> None:
    path = FOLDER / "steps-1.2.2.h5"

    def turn(file: Any) -> None:
        group = file["model_weights/convolution1d_1"]
        (name, *_) = (
            n.decode() if isinstance(n, bytes) else n for n in group.attrs["weight_names"]
        )
        kernel = group[name][...]  # (k, 1, in, out)
        del group[name]
        group[name] = kernel.transpose(3, 2, 0, 1)  # (out, in, k, 1)

    older = rewritten(path, tmp_path, turn)
    with path.open("rb") as file, older.open("rb") as other:
        pairs = zip(open_model(file).weights(), open_model(other).weights(), strict=True)
        assert all(np.array_equal(*pair) for pair in pairs)


def test_an_input_of_whole_numbers_is_a_finding(tmp_path: Path) -> None:
    def change(file: Any) -> None:
        config = json.loads(file.attrs["model_config"])
        config["config"]["layers"][0]["config"]["dtype"] = "uint8"
        file.attrs.modify("model_config", json.dumps(config))

    with rewritten(FOLDER / "unet-2.4.0.h5", tmp_path, change).open("rb") as file:
        model = open_model(file).model
    (finding,) = model.findings
    assert finding.code == "input-dtype"
    assert "has the type uint8" in finding.message
    assert "0.7 becomes 0" in finding.message


def test_the_recurrent_layers_of_keras_1_have_its_hard_sigmoid_and_no_second_bias() -> None:
    with (FOLDER / "steps-1.2.2.h5").open("rb") as file:
        network = open_model(file).model.network
    (gru,) = (leaf.layer for leaf in leaves(network) if leaf.layer.kind == "GRU")
    assert gru.recurrent_activation == "hard_sigmoid_keras2"  # type: ignore[attr-defined]  # a GRU
    assert gru.reset_after is False  # type: ignore[attr-defined]  # a GRU
    assert {"Bidirectional", "Conv1D", "LSTM"} <= kinds(network)
