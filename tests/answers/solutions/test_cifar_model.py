from __future__ import annotations

import numpy as np
import pytest
from corpus import load_json
from toy_pictures import toy_pictures

from answers.solutions.cifar_model import augmentation, cifar_model

# TensorFlow's own warnings are not ours to mend.
pytestmark = pytest.mark.filterwarnings("default")
FACTS = load_json("reference/homework-facts.json")
UNIT = toy_pictures(20).images.astype(np.float32) / 255


@pytest.mark.parametrize("augment", [False, True], ids=["plain", "augmented"])
def test_the_network_has_the_parameters_of_the_homework(augment: bool) -> None:
    model = cifar_model(augment=augment)
    counts = [layer.count_params() for layer in model.layers if layer.count_params()]
    assert counts == [448, 4_640, 18_496, 131_200, 1_290]
    assert model.count_params() == 156_074
    assert model.output_shape == (None, 10)


def test_augmentation_rests_in_prediction() -> None:
    from keras import Sequential

    random = Sequential(augmentation(3))
    assert np.array_equal(random(UNIT, training=False), UNIT)
    assert not np.array_equal(random(UNIT, training=True), UNIT)


def test_augmented_pictures_stay_between_0_and_1() -> None:
    """With Keras's own value_range, 0 to 255, a stronger contrast leaves 0…1."""
    from keras import Sequential, layers

    white = np.ones((200, 4, 4, 3), np.float32)
    white[:, :2] = 0
    ours = np.asarray(Sequential(augmentation(3)[3:])(white, training=True))
    assert ours.max() <= 1
    careless = layers.RandomContrast(0.1, seed=6)
    assert np.asarray(careless(white, training=True)).max() > 1


def test_a_flip_is_never_upside_down() -> None:
    above = np.zeros((50, 8, 8, 1), np.float32)
    above[:, :4] = 1
    assert np.array_equal(augmentation(3)[0](above, training=True), above)


def test_every_random_layer_has_its_own_seed() -> None:
    seeds = [layer.get_config()["seed"] for layer in augmentation(5)]
    assert seeds == [5, 6, 7, 8]
