"""What a stored loss says of the output, in the words of Keras itself."""

from __future__ import annotations

import json
from typing import Any

import pytest

from checkers.model_file.stored_loss import LossTakes, loss_takes

BCE = {"module": "keras.losses", "class_name": "BinaryCrossentropy"}


@pytest.mark.parametrize(
    ("loss", "says"),
    [
        ("binary_crossentropy", "probabilities"),
        ("sparse_categorical_crossentropy", "probabilities"),
        ("mse", "numbers"),
        ({"class_name": "MeanAbsoluteError", "config": {"name": "mine"}}, "numbers"),
        ("my_dice", None),
        (None, None),
        ({**BCE, "config": {"name": "binary_crossentropy", "from_logits": True}}, "logits"),
        ({**BCE, "config": {"name": "binary_crossentropy", "from_logits": False}}, "probabilities"),
        ({"class_name": "function", "config": "categorical_crossentropy"}, "probabilities"),
        (["mse", "binary_crossentropy"], None),
        (["bce", {**BCE, "config": {"from_logits": False}}], "probabilities"),
        (["my_dice_of_logits", "categorical_crossentropy"], None),
        ([], None),
        ({"mask": "binary_crossentropy", "aux": "mse"}, None),
        ({"binary_crossentropy": "mse"}, "numbers"),
    ],
)
def test_a_loss_says_what_it_takes(loss: Any, says: LossTakes | None) -> None:
    # a metric has logits of its own
    metric = {"class_name": "BinaryCrossentropy", "config": {"from_logits": True}}
    assert loss_takes({"optimizer": "adam", "loss": loss, "metrics": [metric]}) == says


@pytest.mark.parametrize("compiled", [None, [], "adam", 3, {"metrics": ["binary_crossentropy"]}])
def test_what_holds_no_loss_says_nothing(compiled: Any) -> None:
    assert loss_takes(compiled) is None


@pytest.mark.slow
@pytest.mark.parametrize("logits", [True, False])
@pytest.mark.parametrize("name", ["BinaryCrossentropy", "CategoricalFocalCrossentropy"])
def test_keras_writes_what_is_read(name: str, logits: bool) -> None:
    import keras

    loss = getattr(keras.losses, name)
    said = "logits" if logits else "probabilities"
    for given, says in ((loss(from_logits=logits), said), (loss().name, "probabilities")):
        network = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
        network.compile(loss=given)
        written = json.loads(json.dumps(network.get_compile_config()))
        assert loss_takes(written) == says


@pytest.mark.slow
@pytest.mark.parametrize("name", ["mse", "mean_absolute_error", "huber", "MeanSquaredError"])
def test_keras_writes_errors_of_numbers_so(name: str) -> None:
    import keras

    for given in (name, keras.losses.get(name)):
        network = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
        network.compile(loss=given)
        assert loss_takes(json.loads(json.dumps(network.get_compile_config()))) == "numbers"


@pytest.mark.slow
def test_every_name_of_keras_for_a_crossentropy_is_known() -> None:
    import keras

    names = _names()
    assert len(names) >= 12
    for name in names:
        assert keras.losses.get(name) is not None
        assert loss_takes({"loss": name}) == "probabilities", name


def _names() -> set[str]:
    """Every word that Keras takes for a loss that has from_logits."""
    import inspect

    from keras.src.losses import ALL_OBJECTS_DICT

    return {
        name
        for name, loss in ALL_OBJECTS_DICT.items()
        if "from_logits" in inspect.signature(loss).parameters
    }
