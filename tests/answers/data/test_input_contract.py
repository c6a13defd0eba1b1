"""How a sample becomes a tensor: channels as Pillow, scales as NumPy's float32 and TensorFlow."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from answers.data.input_contract import InputContract, Scale
from answers.data.resize import resize_bilinear, resize_nearest
from answers.errors import InputError

RNG = np.random.default_rng(5)
COLOUR = RNG.integers(0, 256, (7, 9, 3), np.uint8)
EVERY_BYTE = np.arange(256, dtype=np.uint8).reshape(1, 16, 16, 1)


def contract(**changes: Any) -> InputContract:
    return InputContract(**{"size": None, **changes})


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("unit", EVERY_BYTE.astype(np.float32) / np.float32(255)),
        ("raw", EVERY_BYTE.astype(np.float32)),
        ("symmetric", EVERY_BYTE.astype(np.float32) / np.float32(127.5) - np.float32(1)),
    ],
)
def test_a_scale_is_bit_equal_to_the_float32_formula(
    kind: str, expected: NDArray[np.float32]
) -> None:
    scaled = Scale.parse(kind).apply(EVERY_BYTE)
    assert scaled.dtype == np.float32
    assert scaled.tobytes() == expected.tobytes()


@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.float64])
def test_the_number_type_of_the_batch_does_not_change_the_result(dtype: type) -> None:
    batch: NDArray[Any] = COLOUR[None].astype(dtype)
    assert np.array_equal(Scale("unit").apply(batch), Scale("unit").apply(COLOUR[None]))


def test_mean_and_std_are_in_units_of_one() -> None:
    scale = Scale.parse({"mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]})
    unit = COLOUR[None].astype(np.float32) / np.float32(255)
    mean = np.array([0.485, 0.456, 0.406], np.float32)
    std = np.array([0.229, 0.224, 0.225], np.float32)
    assert np.array_equal(scale.apply(COLOUR[None]), (unit - mean) / std)


def test_standardize_agrees_with_its_definition_and_survives_a_flat_picture() -> None:
    batch = np.stack([COLOUR, np.full_like(COLOUR, 200)])
    scaled = Scale("standardize").apply(batch)
    values = COLOUR.astype(np.float64)
    np.testing.assert_allclose(scaled[0], (values - values.mean()) / values.std(), atol=1e-5)
    assert not scaled[1].any()


@pytest.mark.slow
def test_standardize_agrees_with_tensorflow() -> None:
    import tensorflow as tf

    batch = RNG.integers(0, 256, (3, 32, 32, 3), np.uint8)
    expected = tf.image.per_image_standardization(batch).numpy()
    np.testing.assert_allclose(Scale("standardize").apply(batch), expected, atol=2e-6)


def test_apply_leaves_the_batch_alone() -> None:
    batch = COLOUR[None].astype(np.float32)
    for kind in ("unit", "raw", "symmetric", "standardize"):
        Scale.parse(kind).apply(batch)[...] = -1
    assert np.array_equal(batch[0], COLOUR)


def test_grey_is_pillows_luma() -> None:
    from PIL import Image

    every = RNG.integers(0, 256, (64, 64, 3), np.uint8)
    expected = np.asarray(Image.fromarray(every).convert("L"))
    grey = contract(channels="grey").prepare(every)
    assert grey.shape == (64, 64, 1)
    assert np.array_equal(grey[..., 0], expected)


def test_grey_of_floats_is_the_same_luma_unrounded() -> None:
    whole = contract(channels="grey").prepare(COLOUR)
    exact = contract(channels="grey").prepare(COLOUR.astype(np.float32))
    assert exact.dtype == np.float32
    assert np.abs(exact - whole).max() <= 0.5001


@pytest.mark.parametrize(
    ("image", "channels", "expected"),
    [
        (COLOUR, "rgb", COLOUR),
        (COLOUR, "bgr", COLOUR[..., [2, 1, 0]]),
        (COLOUR[..., 0], "rgb", COLOUR[..., [0, 0, 0]]),
        (COLOUR[..., :1], "bgr", COLOUR[..., [0, 0, 0]]),
        (COLOUR[..., 0], "grey", COLOUR[..., :1]),
        (COLOUR[..., :2], "rgb", COLOUR[..., [0, 0, 0]]),
        (np.dstack([COLOUR, COLOUR[..., 0]]), "rgb", COLOUR),
    ],
    ids=[
        "rgb stays",
        "bgr turns",
        "grey is repeated",
        "one channel is repeated",
        "grey stays",
        "grey + alpha loses alpha",
        "rgba loses alpha",
    ],
)
def test_channels(image: NDArray[np.uint8], channels: str, expected: NDArray[np.uint8]) -> None:
    ready = contract(channels=channels).prepare(image)
    assert ready.dtype == np.uint8
    assert np.array_equal(ready, expected)


def test_a_picture_of_the_right_size_stays_uint8() -> None:
    assert contract(size=(7, 9)).prepare(COLOUR).dtype == np.uint8


def test_a_picture_of_another_size_is_resized_as_said() -> None:
    bilinear = contract(size=(5, 6)).prepare(COLOUR)
    nearest = contract(size=(5, 6), resize="nearest").prepare(COLOUR)
    assert np.array_equal(bilinear, resize_bilinear(COLOUR, (5, 6)))
    assert np.array_equal(nearest, resize_nearest(COLOUR, (5, 6)))


def test_masks_are_resized_to_the_nearest_pixel_whatever_the_pictures_get() -> None:
    mask = (COLOUR[..., 0] > 127).astype(np.uint8)
    ready = contract(size=(14, 18), resize="bilinear").prepare_mask(mask)
    assert np.array_equal(ready, resize_nearest(mask, (14, 18)))
    assert contract(size=None).prepare_mask(mask) is mask


@pytest.mark.parametrize(
    "made",
    [
        contract(),
        contract(size=(128, 96), resize="nearest", channels="bgr", scale=Scale("symmetric")),
        contract(scale=Scale("mean-std", (0.5,), (0.25,)), channels="grey"),
    ],
    ids=["any size", "words", "mean and std"],
)
def test_a_contract_survives_json(made: InputContract) -> None:
    assert InputContract.from_json(json.loads(json.dumps(made.to_json()))) == made


@pytest.mark.parametrize(
    ("value", "message", "hint"),
    [
        ("unti", "'unti' is no known scale", "Did you mean 'unit'"),
        ("standardise", "no known scale", "Did you mean 'standardize'"),
        (255, "255 is no known scale", "Known are: unit, raw, symmetric, standardize"),
        ({"mean": [0.5]}, "keys mean and std", "mean ="),
        ({"mean": [0.5], "std": [0]}, r"std \[0.0\] do not make a scale", "above 0"),
        ({"mean": [0.5, 0.5], "std": [1, 1]}, "do not make a scale", "or three"),
        ({"mean": "half", "std": [1]}, "'half' is no list of numbers", "numbers"),
    ],
)
def test_a_wrong_scale_says_what_is_known(value: object, message: str, hint: str) -> None:
    with pytest.raises(InputError, match=message) as raised:
        Scale.parse(value)
    assert hint in raised.value.hint


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"size": (0, 4)}, "input-size"),
        ({"size": (True, 4)}, "input-size"),
        ({"size": (4.0, 4)}, "input-size"),
        ({"size": (10**9, 4)}, "input-size"),
        ({"resize": "bicubic"}, "resize-unknown"),
        ({"channels": "gray"}, "channels-unknown"),
    ],
)
def test_a_wrong_contract_is_refused_where_it_is_made(changes: dict[str, Any], code: str) -> None:
    with pytest.raises(InputError) as raised:
        contract(**changes)
    assert raised.value.code == code


@pytest.mark.parametrize("value", [None, [], {"size": None}, {**contract().to_json(), "x": 1}])
def test_foreign_json_is_no_contract(value: object) -> None:
    with pytest.raises(InputError, match="no input contract"):
        InputContract.from_json(value)


def test_five_channels_are_no_picture() -> None:
    with pytest.raises(InputError, match="neither grey nor RGB"):
        contract().prepare(np.zeros((4, 4, 5), np.uint8))


def test_means_must_fit_the_channels() -> None:
    scale = Scale("mean-std", (0.5, 0.5, 0.5), (1.0, 1.0, 1.0))
    with pytest.raises(InputError, match="3 means, but a picture has 1 channel"):
        scale.apply(EVERY_BYTE)


def test_the_module_imports_nothing_heavier_than_numpy() -> None:
    program = (
        "import sys, answers.data.input_contract\n"
        "print([m for m in ('PIL', 'pooch', 'tensorflow', 'keras', 'h5py') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
