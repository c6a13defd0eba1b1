"""A trained model on disk: the network alone, whole or not at all."""

from __future__ import annotations

import resource
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from answers.errors import InputError, MissingError
from answers.solutions.run import network_alone
from answers.solutions.run_record import save_model

# TensorFlow's own warnings are not ours to mend.
pytestmark = pytest.mark.filterwarnings("default")
KINDS = (".keras", ".h5")


def sequential() -> Any:
    import keras
    from keras import layers as k

    random = k.RandomFlip("horizontal", seed=3)
    return keras.Sequential(
        [keras.Input((8, 8, 3)), random, k.Flatten(), k.Dense(40), k.Dense(2, "softmax")],
        name="net",
    )


def functional() -> Any:
    import keras
    from keras import layers as k

    picture = keras.Input((8, 8, 3))
    return keras.Model(picture, k.Dense(2)(k.Dense(40)(k.Flatten()(picture))), name="net")


def trained(model: Any) -> Any:
    model.compile("adam", "mse")
    model.train_on_batch(np.ones((4, 8, 8, 3), np.float32), np.ones((4, 2), np.float32))
    return model


@pytest.mark.parametrize("make", [sequential, functional])
def test_the_network_alone_has_the_same_layers_and_answers(make: Any) -> None:
    model = trained(make())
    alone = network_alone(model)
    assert (type(alone), alone.name, alone.compiled) == (type(model), "net", False)
    assert [layer.name for layer in alone.layers] == [layer.name for layer in model.layers]
    pictures = np.random.default_rng(1).random((3, 8, 8, 3)).astype(np.float32)
    said = (each(pictures, training=False) for each in (alone, model))
    assert np.array_equal(*said)


def test_no_training_state_is_saved(tmp_path: Path) -> None:
    model = network_alone(trained(sequential()))
    for kind in KINDS:
        save_model(model, tmp_path / f"m{kind}")
    with h5py.File(tmp_path / "m.h5") as file:
        assert set(file.keys()) == {"model_weights"}
        assert "training_config" not in file.attrs
    with (
        zipfile.ZipFile(tmp_path / "m.keras") as archive,
        archive.open("model.weights.h5") as weights,
        h5py.File(weights) as file,
    ):
        assert "optimizer" not in file


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """No file can grow above so many bytes: the system answers as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [0, 1000, 5000, 20_000], ids="room for {} bytes".format)
def test_a_full_disk_leaves_the_old_model_as_it_was(tmp_path: Path, kind: str, size: int) -> None:
    place, model = tmp_path / f"m{kind}", network_alone(sequential())
    place.write_bytes(b"the old one")
    with room_for(size), pytest.raises(MissingError, match="There is no room to write") as caught:
        save_model(model, place)
    assert caught.value.code == "disk-full"
    assert "the same command again: the run goes on" in caught.value.hint
    assert place.read_bytes() == b"the old one"
    assert list(tmp_path.iterdir()) == [place]


class FailsToSave:
    """A model whose weights fit, and whose file does not."""

    def __init__(self, words: str) -> None:
        self.words = words

    def get_weights(self) -> list[Any]:
        return []

    def save(self, path: Path) -> None:
        path.write_bytes(b"half of it")
        raise RuntimeError(self.words)


def test_what_hdf5_says_of_a_full_disk_is_understood(tmp_path: Path) -> None:
    said = "Can't decrement id ref count (unable to extend file properly, errno = 28, error message"
    with pytest.raises(MissingError, match="There is no room to write"):
        save_model(FailsToSave(said), tmp_path / "m.h5")
    with pytest.raises(InputError, match="can't be written: Input/output error") as caught:
        save_model(FailsToSave("file write failed: errno = 5, error message"), tmp_path / "m.h5")
    assert caught.value.code == "cannot-write"
    with pytest.raises(RuntimeError, match="something else"):
        save_model(FailsToSave("something else"), tmp_path / "m.h5")
    assert list(tmp_path.iterdir()) == []
