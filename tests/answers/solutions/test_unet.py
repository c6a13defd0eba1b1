from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from corpus import load_json

from answers.errors import InputError, MissingError
from answers.solutions import pretrained
from answers.solutions.pretrained import unfreeze
from answers.solutions.unet import (
    BOTTOM,
    ENCODER,
    SKIPS,
    mobilenet_encoder,
    mobilenet_unet,
    small_unet,
)

# TensorFlow's own warnings are not ours to mend.
pytestmark = pytest.mark.filterwarnings("default")

FACTS: Any = (load_json("reference/homework-facts.json") or {}).get("mobilenetv2_unet")


@pytest.fixture(scope="module")
def homework() -> Any:
    return mobilenet_unet(128, "none")


def trainable(model: Any) -> int:
    return sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)


def test_the_homework_unet_has_6_501_345_parameters_4_657_441_trainable(homework: Any) -> None:
    assert (homework.count_params(), trainable(homework)) == (6_501_345, 4_657_441)
    assert homework.output_shape == (None, 128, 128, 1)


@pytest.mark.corpus
def test_the_homework_unet_is_the_one_of_the_reference_facts(homework: Any) -> None:
    encoder = homework.get_layer(ENCODER)
    decoder = [
        layer
        for layer in homework.layers
        if type(layer).__name__ in {"Conv2DTranspose", "BatchNormalization"}
    ]
    assert [list(shape[1:]) for shape in encoder.output_shape] == FACTS["encoder_outputs"]
    assert encoder.count_params() == FACTS["encoder_params"]
    assert [
        [type(layer).__name__, layer.count_params(), list(layer.output.shape[1:])]
        for layer in decoder
    ] == FACTS["decoder_layers"]


def test_the_encoder_gives_the_five_named_layers_and_is_frozen() -> None:
    encoder = mobilenet_encoder(64, "none")
    assert [tensor._keras_history.operation.name for tensor in encoder.outputs] == [*SKIPS, BOTTOM]
    assert not encoder.trainable_weights


def test_pictures_of_0_to_1_reach_the_encoder_as_minus_1_to_1(homework: Any) -> None:
    layer = homework.get_layer("to_symmetric")
    assert layer(np.array([0.0, 0.5, 1.0], np.float32)).numpy().tolist() == [-1, 0, 1]
    assert homework.get_layer(ENCODER).input is not homework.input


def test_unfrozen_all_but_the_encoders_batch_normalisation_is_trainable() -> None:
    model = mobilenet_unet(128, "none")
    unfreeze(model.get_layer(ENCODER))
    # reference, ways_of_freezing: nothing frozen 6,468,513; the moving means and variances of the
    # encoder are 30,912 numbers, and so are its scales and shifts.
    assert trainable(model) == 6_468_513 - 30_912


def values(weights: Any) -> list[Any]:
    return [weight.numpy() for weight in weights]


def test_an_unfrozen_encoder_learns_and_its_batch_normalisation_keeps_its_means() -> None:
    model = mobilenet_unet(32, "none")
    encoder = model.get_layer(ENCODER)
    unfreeze(encoder)
    model.compile("sgd", "binary_crossentropy")
    before, kernels = values(encoder.non_trainable_weights), values(encoder.trainable_weights)
    random = np.random.default_rng(1)
    model.train_on_batch(random.random((2, 32, 32, 3)), np.ones((2, 32, 32, 1)))
    for old, new in zip(before, values(encoder.non_trainable_weights), strict=True):
        np.testing.assert_array_equal(old, new)
    changed = zip(kernels, values(encoder.trainable_weights), strict=True)
    assert any(not np.array_equal(old, new) for old, new in changed)
    assert any("moving_mean" in weight.path for weight in encoder.non_trainable_weights)


def test_a_frozen_encoder_stays_as_it_is() -> None:
    model = mobilenet_unet(32, "none")
    encoder = model.get_layer(ENCODER)
    model.compile("sgd", "binary_crossentropy")
    before = values(encoder.weights)
    model.train_on_batch(np.ones((2, 32, 32, 3)), np.ones((2, 32, 32, 1)))
    for old, new in zip(before, values(encoder.weights), strict=True):
        np.testing.assert_array_equal(old, new)


@pytest.mark.parametrize("width", [1, 8, 16])
def test_a_small_unet_has_at_most_two_million_parameters(width: int) -> None:
    model = small_unet(64, width)
    assert model.output_shape == (None, 64, 64, 1)
    assert model.count_params() <= 2_000_000


def test_the_widest_small_unet_has_the_parameters_that_its_text_says() -> None:
    assert small_unet(16, 16).count_params() == 1_945_521


@pytest.mark.parametrize(
    ("size", "width", "words"),
    [
        pytest.param(128, 0, "width of 1 to 16, not 0", id="no filter"),
        pytest.param(128, 17, "width of 1 to 16, not 17", id="over two million"),
        pytest.param(100, 8, "100 pixels can't be halved four times", id="100"),
        pytest.param(4096, 8, "4096 pixels can't be halved", id="too large"),
    ],
)
def test_a_small_unet_that_can_not_be_is_refused(size: int, width: int, words: str) -> None:
    with pytest.raises(InputError, match=words):
        small_unet(size, width)


@pytest.mark.parametrize(
    ("size", "weights", "words"),
    [
        (100, "none", "can't be halved five times"),
        (0, "none", "can't be halved five times"),
        (64, "imagenet", "no ImageNet weights for pictures of 64 × 64"),
    ],
)
def test_a_size_that_mobilenet_can_not_take_is_refused(size: int, weights: Any, words: str) -> None:
    with pytest.raises(InputError, match=words):
        mobilenet_unet(size, weights)


def test_weights_that_can_not_be_fetched_are_missing_and_the_message_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from keras import applications

    def offline(**_: Any) -> None:
        raise Exception("URL fetch failure on https://example.org: None")  # noqa: TRY002  # as Keras

    monkeypatch.setattr(applications, "MobileNetV2", offline)
    with pytest.raises(MissingError, match="URL fetch failure") as raised:
        pretrained.mobilenet_v2(96, "imagenet")
    assert raised.value.code == "pretrained-weights-missing"
    assert "--weights none" in raised.value.hint
