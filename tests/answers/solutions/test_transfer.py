from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from corpus import load_json

from answers.solutions.memory import Holding, in_words
from answers.solutions.pretrained import unfreeze
from answers.solutions.transfer import FEATURES, naive, needed, numbers_of, transfer_network

# TensorFlow's own warnings are not ours to mend.
pytestmark = pytest.mark.filterwarnings("default")

FACTS: Any = (load_json("reference/homework-facts.json") or {}).get("memory")


@pytest.mark.corpus
def test_enlarging_all_pictures_first_takes_what_the_reference_facts_say() -> None:
    fact = FACTS["50000_images_224x224x3_float32"]["bytes"]
    assert naive(50_000, 224).bytes == fact
    assert in_words(fact) == "30.1 GB"
    batch = Holding(what="batch", shape=(32, 224, 224, 3), number=4)
    assert batch.bytes == FACTS["batch_of_32_224x224x3_float32"]["bytes"]


@pytest.fixture(scope="module")
def model() -> Any:
    return transfer_network(96, "none")


def test_only_the_head_learns_and_pictures_come_in_as_they_are(model: Any) -> None:
    assert model.input_shape == (None, 32, 32, 3)
    assert [tuple(weight.shape) for weight in model.trainable_weights] == [(1280, 10), (10,)]
    assert model.get_layer("enlarge").output.shape == (None, 96, 96, 3)


def test_pictures_are_enlarged_bilinearly_and_reach_the_features_as_minus_1_to_1(
    model: Any,
) -> None:
    from keras import Model

    from answers.data.resize import resize_bilinear

    seen = Model(model.input, model.get_layer("to_symmetric").output)
    picture = np.random.default_rng(1).random((1, 32, 32, 3)).astype(np.float32)
    expected = 2 * resize_bilinear(picture[0], (96, 96)) - 1
    np.testing.assert_allclose(seen(picture)[0].numpy(), expected, atol=1e-6)


def test_what_is_needed_is_counted_layer_by_layer() -> None:
    from keras import Input, Model, layers

    inner_picture = Input((4, 4, 2))
    inner = Model(inner_picture, layers.MaxPooling2D()(inner_picture))  # 32 + 8 numbers
    picture = Input((4, 4, 3))  # 48 numbers
    outer = Model(picture, inner(layers.Conv2D(2, 1)(picture)))  # 32 numbers
    assert numbers_of(outer) == 48 + 32 + 32 + 8
    parts = {part.what: part.bytes for part in needed(100, 20, 96, 8, outer)}
    assert parts == {
        "pictures as they are": 100 * 32 * 32 * 3,
        "those measured, scaled": 20 * 32 * 32 * 3 * 4,
        "one batch enlarged": 8 * 96 * 96 * 3 * 4,
        "outputs of all layers, for one batch": 8 * (48 + 32 + 32 + 8) * 4,
        "parameters, their gradients and Adam's two means": 4 * 8 * 4,
    }


def test_unfrozen_all_but_batch_normalisation_learns() -> None:
    fine = transfer_network(96, "none")
    unfreeze(fine.get_layer(FEATURES))
    learning = {weight.path for weight in fine.trainable_weights}
    assert len(learning) > 50
    assert not [path for path in learning if "gamma" in path or "beta" in path]
