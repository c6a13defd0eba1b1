"""Models that Keras writes, and what our own model of the file computes."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np

from answers.network.parameters import parameters
from answers.network.shapes import fits, output_shapes
from checkers.model_file.reader import open_model


def with_noise(model: Any) -> Any:
    """Weights that are not the zeros and ones of a new layer."""
    random = np.random.default_rng(5)
    for variable in model.weights:
        variable.assign(random.uniform(0.1, 0.9, variable.shape).astype("float32"))
    return model


def saved(model: Any, path: Path) -> Path:
    """The path of the model's file."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Keras calls HDF5 'legacy'
        model.save(path)
    return path


def rebuilt(path: Path, given: np.ndarray) -> np.ndarray:
    """What our own model of the file computes."""
    import keras

    from checkers.engine.keras_builder import build, put_weights

    with path.open("rb") as file:
        opened = open_model(file)
        arrays = list(opened.weights())
    network = opened.model.network
    built = build(network)
    put_weights(built, network, iter(arrays))
    answer = keras.Model(built.inputs, built.outputs[0]).predict(given, verbose=0)
    assert fits(tuple(answer.shape[1:]), output_shapes(network)[0])
    return np.asarray(answer)


def assert_opened_exactly(model: Any, path: Path, given: np.ndarray) -> None:
    """Parameters and outputs of the file that Keras writes of the model are Keras's."""
    wanted = model.predict(given, verbose=0)
    found = rebuilt(saved(model, path), given)
    np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-5)
    with path.open("rb") as file:
        counted = parameters(open_model(file).model.network)
    assert counted.total == model.count_params()
    assert counted.trainable == sum(int(np.prod(w.shape)) for w in model.trainable_weights)
