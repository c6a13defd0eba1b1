"""What a stored loss says of the output, in the words of Keras itself."""

from __future__ import annotations

import json
from typing import Any

import pytest

from checkers.model_file.stored_loss import from_logits

BCE = {"module": "keras.losses", "class_name": "BinaryCrossentropy"}


@pytest.mark.parametrize(
    ("loss", "says"),
    [
        ("binary_crossentropy", False),
        ("sparse_categorical_crossentropy", False),
        ("mse", None),
        ("my_dice", None),
        (None, None),
        ({**BCE, "config": {"name": "binary_crossentropy", "from_logits": True}}, True),
        ({**BCE, "config": {"name": "binary_crossentropy", "from_logits": False}}, False),
        ({"class_name": "function", "config": "categorical_crossentropy"}, False),
        (["mse", "binary_crossentropy"], False),
        ({"mask": "binary_crossentropy", "aux": "mse"}, False),
        ({"binary_crossentropy": "mse"}, None),
    ],
)
def test_a_loss_says_whether_it_takes_logits(loss: Any, says: bool | None) -> None:
    # a metric has logits of its own
    metric = {"class_name": "BinaryCrossentropy", "config": {"from_logits": True}}
    assert from_logits({"optimizer": "adam", "loss": loss, "metrics": [metric]}) is says


@pytest.mark.parametrize("compiled", [None, [], "adam", 3, {"metrics": ["binary_crossentropy"]}])
def test_what_holds_no_loss_says_nothing(compiled: Any) -> None:
    assert from_logits(compiled) is None


@pytest.mark.slow
@pytest.mark.parametrize("logits", [True, False])
@pytest.mark.parametrize("name", ["BinaryCrossentropy", "CategoricalFocalCrossentropy"])
def test_keras_writes_what_is_read(name: str, logits: bool) -> None:
    import keras

    loss = getattr(keras.losses, name)
    for given, says in ((loss(from_logits=logits), logits), (loss().name, False)):
        network = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
        network.compile(loss=given)
        written = json.loads(json.dumps(network.get_compile_config()))
        assert from_logits(written) is says
