"""A file that is refused for one of its layers is still shown by `inspect`."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import h5py
import pytest

MODEL = Path(__file__).resolve().parents[1] / "fixtures" / "models" / "cnn.keras"


@pytest.fixture
def own_layer(tmp_path: Path) -> Path:
    """A classifier with a layer of a student's own behind it."""
    path = tmp_path / "own.keras"
    with zipfile.ZipFile(MODEL) as source, zipfile.ZipFile(path, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            if name == "config.json":
                config = json.loads(data)
                own = {"class_name": "Mine", "module": "zoo", "registered_name": "zoo>Mine"}
                config["config"]["layers"].append(own | {"config": {"name": "scale"}})
                data = json.dumps(config).encode()
            target.writestr(name, data)
    return path


def test_the_layers_around_one_that_is_refused_are_shown(run: Any, own_layer: Path) -> None:
    done = run("inspect", own_layer.name)
    assert done.code == 4
    assert "'Mine' is not Keras's own" in " ".join(done.err.split())
    assert "Conv2D" in done.out
    assert "at least" in done.out


def test_the_document_of_a_refusal_holds_what_is_known(run: Any, own_layer: Path) -> None:
    done = run("inspect", own_layer.name, "--json")
    assert done.code == 4
    document = done.document
    assert (document["ok"], document["error"]["code"]) == (False, "layer-not-allowed")
    assert document["error"]["where"] == "layer scale"
    assert document["result"]["parameters"]["at_least"] is True
    assert document["result"]["parameters"]["total"] > 0
    assert document["result"]["layers"][-1]["parameters"] is None


@pytest.fixture
def own_layer_hdf5(tmp_path: Path) -> Path:
    """The classifier as HDF5, whose first convolution is of a class of the student's own."""
    path = tmp_path / "own.h5"
    path.write_bytes(MODEL.with_suffix(".h5").read_bytes())
    with h5py.File(path, "r+") as file:
        config = json.loads(file.attrs["model_config"])
        entry = next(e for e in config["config"]["layers"] if e["class_name"] == "Conv2D")
        entry |= {"class_name": "Mine", "module": "zoo", "registered_name": "zoo>Mine"}
        file.attrs["model_config"] = json.dumps(config)
    return path


def in_archive(tmp_path: Path) -> Path:
    """The classifier as an archive, whose first convolution is of a class of the student's own."""
    path = tmp_path / "own.keras"
    changed = io.BytesIO()
    with zipfile.ZipFile(MODEL) as source, zipfile.ZipFile(path, "w") as target:
        config = json.loads(source.read("config.json"))
        entry = next(e for e in config["config"]["layers"] if e["class_name"] == "Conv2D")
        entry |= {"class_name": "MyOwn", "module": "zoo", "registered_name": "zoo>MyOwn"}
        changed.write(source.read("model.weights.h5"))
        with h5py.File(changed, "r+") as weights:
            weights.move("layers/conv2d", "layers/my_own")
        target.writestr("config.json", json.dumps(config))
        target.writestr("model.weights.h5", changed.getvalue())
    return path


def first_kernel() -> list[list[int]]:
    """The shape of the first kernel of the classifier, and of its bias."""
    with h5py.File(MODEL.with_suffix(".h5")) as file:
        group = file["model_weights"]
        names = [
            name for name in group.attrs["layer_names"] if len(group[name].attrs["weight_names"])
        ]
        layer = group[names[0]]
        return [list(layer[name].shape) for name in layer.attrs["weight_names"]]


def test_the_arrays_of_a_layer_of_ones_own_are_shown(run: Any, own_layer_hdf5: Path) -> None:
    done = run("inspect", own_layer_hdf5.name)
    assert done.code == 4
    kernel, bias = ("x".join(map(str, shape)) for shape in first_kernel())
    lines = [line for line in done.out.splitlines() if line.startswith("Stored for conv2d")]
    assert [line.rpartition(", ")[2] for line in lines] == [kernel, bias]
    stored = run("inspect", own_layer_hdf5.name, "--json").document["result"]["stored"]
    assert [row["shape"] for row in stored] == first_kernel()
    assert {row["layer"] for row in stored} == {"conv2d"}


def test_the_arrays_of_a_layer_of_ones_own_are_found_in_an_archive(
    run: Any, tmp_path: Path
) -> None:
    done = run("inspect", in_archive(tmp_path).name, "--json")
    assert done.code == 4
    stored = done.document["result"]["stored"]
    assert [row["shape"] for row in stored] == first_kernel()
    assert [row["name"] for row in stored] == ["vars/0", "vars/1"]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras's own
def test_a_layer_of_ones_own_inside_a_model_inside_is_shown_with_its_arrays(
    run: Any, tmp_path: Path
) -> None:
    keras = pytest.importorskip("keras")

    class Mine(keras.layers.Layer):  # type: ignore[misc, name-defined]  # keras is typed as Any here
        def build(self, shape: Any) -> None:
            self.gain = self.add_weight(shape=(shape[-1],), name="gain")

        def call(self, value: Any) -> Any:
            return value * self.gain

    given = keras.Input((8,))
    hidden = Mine(name="mine")(keras.layers.Dense(4)(given))
    inner = keras.Model(given, [hidden, keras.layers.Dense(2)(hidden)], name="inner")
    outer = keras.Input((8,))
    keras.Model(outer, keras.layers.Dense(3)(inner(outer)[0])).save(tmp_path / "vae.keras")
    done = run("inspect", "vae.keras")
    assert done.code == 4
    assert "inner/dense" in done.out
    assert "Stored for inner/mine: vars/0, 4" in done.out
