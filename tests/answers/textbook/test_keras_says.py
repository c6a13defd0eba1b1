"""What the textbook says of Keras itself, held against the Keras that is here."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

pytestmark = pytest.mark.slow


def contrasts(factor: Any) -> np.ndarray:
    """The factors that the layer draws for 4,000 pictures, measured on what it makes of a step."""
    import keras

    layer = keras.layers.RandomContrast(factor, value_range=(-9, 9), seed=1)
    picture = np.array([-1.0, 1.0], np.float32).reshape(1, 2, 1, 1)
    found = layer(np.repeat(picture, 4_000, 0), training=True)
    return np.asarray(found)[:, 1, 0, 0]


def test_a_single_number_of_contrast_is_drawn_upwards_alone() -> None:
    alone, both = contrasts(0.1), contrasts((0.1, 0.1))
    assert (float(alone.min()), float(alone.max())) == pytest.approx((1.0, 1.1), abs=2e-3)
    assert (float(both.min()), float(both.max())) == pytest.approx((0.9, 1.1), abs=2e-3)


def second_moment(gradient: float) -> float:
    """What Adam keeps of the square of a gradient after a step."""
    import keras

    variable = keras.Variable(np.zeros(1, np.float32))
    adam = keras.optimizers.Adam()
    adam.build([variable])
    adam.apply_gradients([(np.array([gradient], np.float32), variable)])
    return float(np.asarray(adam._velocities[0])[0])


def test_adam_keeps_nothing_of_a_gradient_below_a_certain_size() -> None:
    assert second_moment(1e-17) > 0
    assert second_moment(3.6e-18) > 0
    assert second_moment(2.9e-18) == 0


@pytest.mark.parametrize("name", ["Dice", "Tversky", "MeanSquaredError"])
def test_one_channel_against_three_is_taken_in_silence(name: str) -> None:
    import keras

    truth = np.random.default_rng(0).integers(0, 2, (2, 4, 4, 3)).astype(np.float32)
    said = np.full((2, 4, 4, 1), 0.6, np.float32)
    assert np.isfinite(float(getattr(keras.losses, name)()(truth, said)))
    with pytest.raises(ValueError, match="shape"):
        keras.losses.BinaryCrossentropy()(truth, said)


def test_an_addition_spreads_a_single_channel() -> None:
    import keras

    wide, narrow = keras.Input((4, 4, 8)), keras.Input((4, 4, 1))
    assert keras.layers.Add()([wide, narrow]).shape == (None, 4, 4, 8)
    assert (wide + narrow).shape == (None, 4, 4, 8)
