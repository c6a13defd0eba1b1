"""What `.keras` archives found in public repositories hold, each form made here by itself.

The archives are written by today's Keras and changed to what was found; Keras is the oracle.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from written_by_keras import rebuilt, saved, with_noise

from answers.errors import RefusedError
from checkers.model_file.reader import open_model
from checkers.model_file.record import Expected

WEIGHTS = "model.weights.h5"


def drawn(*shape: int) -> Any:
    return np.random.default_rng(shape).uniform(0.2, 0.9, shape).astype("float32")


def changed(path: Path, change: Callable[[bytes], bytes]) -> Path:
    """The archive with other weights."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, change(data) if name == WEIGHTS else data)
    return path


def by_windows(container: str) -> Callable[[bytes], bytes]:
    """Keras 2 joined names with the system's separator: every group with arrays lies in the root
    under a name with backslashes, and none is called as the container.
    """

    def flattened(data: bytes) -> bytes:
        into = io.BytesIO()
        with h5py.File(io.BytesIO(data), "r") as file, h5py.File(into, "w") as flat:
            flat.create_group("vars")
            groups: list[str] = []
            file["layers"].visit(groups.append)
            for path in (f"layers/{name}" for name in groups if name.endswith("vars")):
                name = path.removesuffix("/vars").replace("layers", container)
                group = flat.create_group(name.replace("/", "\\").encode())
                file.copy(path, group, name="vars")
        return into.getvalue()

    return flattened


def pictures() -> Any:
    from keras import Input, Model, Sequential, layers

    inner = Sequential([layers.Input((4, 4, 3)), layers.Conv2D(2, 3), layers.BatchNormalization()])
    given = Input((8, 8, 3))
    seen = inner(layers.MaxPooling2D()(layers.Conv2D(3, 3, padding="same")(given)))
    return Model(given, layers.Dense(5)(layers.Flatten()(seen)))


def words() -> Any:
    from keras import Sequential, layers

    both = layers.Bidirectional(layers.GRU(3, return_sequences=True))
    return Sequential([layers.Input((6, 2)), both, layers.LSTM(4), layers.Dense(2)])


@pytest.mark.parametrize("container", ["layers", "_layer_checkpoint_dependencies"])
@pytest.mark.parametrize(
    ("make", "shape"), [(pictures, (8, 8, 3)), (words, (6, 2))], ids=["pictures", "words"]
)
def test_an_archive_written_on_windows_is_opened_exactly(
    make: Callable[[], Any], shape: tuple[int, ...], container: str, tmp_path: Path
) -> None:
    model, given = with_noise(make()), drawn(3, *shape)
    wanted = model.predict(given, verbose=0)
    path = changed(saved(model, tmp_path / "m.keras"), by_windows(container))
    np.testing.assert_allclose(rebuilt(path, given), wanted, rtol=1e-4, atol=1e-5)


def test_weights_alone_written_on_windows_fill_the_reference_architecture(tmp_path: Path) -> None:
    path = saved(with_noise(pictures()), tmp_path / "m.keras")
    with path.open("rb") as file:
        whole = open_model(file)
        wanted = list(whole.weights())
    with zipfile.ZipFile(path) as archive:
        alone = by_windows("layers")(archive.read(WEIGHTS))
    opened = open_model(io.BytesIO(alone), Expected(network=whole.model.network))
    for found, array in zip(opened.weights(), wanted, strict=True):
        np.testing.assert_array_equal(found, array)


def test_the_words_of_a_layer_that_reads_text_are_named(tmp_path: Path) -> None:
    """A TextVectorization that was adapted keeps them in a file of its own."""
    from keras import Sequential, layers

    path = saved(Sequential([layers.Input((3,)), layers.Dense(2)]), tmp_path / "m.keras")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("assets/layers/text_vectorization/vocabulary.txt", "cat\ndog")
    with path.open("rb") as file, pytest.raises(RefusedError, match="a model gets numbers") as told:
        open_model(file)
    assert told.value.code == "layer-not-allowed"
    assert "text_vectorization" in told.value.message
    assert "behind this layer" in told.value.hint


def test_a_class_of_the_training_script_is_said_to_be_no_class_of_keras(tmp_path: Path) -> None:
    """Keras 3 keeps no module of a class that the program itself defines."""
    from keras import Sequential, layers

    distance = type("L1Distance", (layers.Layer,), {"__module__": "__main__"})
    path = saved(Sequential([layers.Input((3,)), distance()]), tmp_path / "m.keras")
    with path.open("rb") as file, pytest.raises(RefusedError, match="'L1Distance' is not Keras"):
        open_model(file)


def test_an_operation_over_the_whole_batch_is_refused_for_that(tmp_path: Path) -> None:
    from keras import Input, Model, ops

    given = Input((3,))
    path = saved(Model(given, given / ops.max(given)), tmp_path / "m.keras")
    with path.open("rb") as file, pytest.raises(RefusedError, match="depends on the others"):
        open_model(file)
