"""The resize against TensorFlow's own results, and against the textbook's formula."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import pytest
from corpus import corpus_path, load_json
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from answers.data.resize import resize, resize_bilinear, resize_nearest
from answers.errors import InputError

TABLE = load_json("reference/resize_cases.json") or {"cases": [], "hash_cases": []}


def lcg(seed: int, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    values = np.empty(int(np.prod(shape)), np.uint8)
    state = seed
    for place in range(values.size):
        state = (1664525 * state + 1013904223) & 0xFFFFFFFF
        values[place] = state >> 24
    return values.reshape(shape)


def sha256(array: NDArray[Any]) -> str:
    return hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()


@pytest.fixture(scope="module")
def arrays() -> dict[str, NDArray[Any]]:
    path = corpus_path()
    assert path is not None
    with np.load(path / "reference/resize_cases.npz") as archive:
        return dict(archive)


@pytest.mark.corpus
@pytest.mark.parametrize("case", TABLE["cases"], ids=lambda case: case["name"])
def test_small_cases_are_bit_equal_to_tensorflow(
    case: dict[str, Any], arrays: dict[str, NDArray[Any]]
) -> None:
    image, size = arrays[case["name"] + "_in"], tuple(case["out_size"])
    bilinear, nearest = resize_bilinear(image, size), resize_nearest(image, size)
    assert bilinear.dtype == np.float32
    assert nearest.dtype == image.dtype
    assert bilinear.tobytes() == arrays[case["name"] + "_bilinear"].tobytes()
    assert nearest.tobytes() == arrays[case["name"] + "_nearest"].tobytes()


@pytest.mark.corpus
@pytest.mark.parametrize("case", TABLE["hash_cases"], ids=lambda case: f"seed {case['seed']}")
def test_photo_sized_cases_have_the_hash_of_tensorflow(case: dict[str, Any]) -> None:
    image, size = lcg(case["seed"], tuple(case["in_shape"])), tuple(case["out_size"])
    assert sha256(image) == case["input_sha256"]
    assert sha256(resize_bilinear(image, size)) == case["bilinear_sha256"]
    assert sha256(resize_nearest(image, size)) == case["nearest_sha256"]


def sample_at(row: NDArray[Any], place: np.float32) -> np.float32:
    low = np.floor(place)
    left = row[max(int(low), 0)]
    right = row[min(int(np.ceil(place)), len(row) - 1)]
    return np.float32(left + (right - left) * (place - low))


@settings(deadline=None)
@given(st.integers(1, 40), st.integers(1, 80), st.integers(0, 2**32 - 1))
def test_one_row_is_interpolated_at_half_pixel_centres(
    inputs: int, outputs: int, seed: int
) -> None:
    row = np.random.default_rng(seed).integers(0, 256, inputs).astype(np.float32)
    scale = np.float32(inputs) / np.float32(outputs)
    places = [(np.float32(i) + np.float32(0.5)) * scale - np.float32(0.5) for i in range(outputs)]
    expected = [sample_at(row, place) for place in places]
    assert resize_bilinear(row[None, :], (1, outputs))[0].tolist() == expected
    assert resize_bilinear(row[:, None], (outputs, 1))[:, 0].tolist() == expected


@settings(deadline=None)
@given(st.integers(1, 30), st.integers(1, 30), st.integers(1, 30), st.integers(1, 30))
def test_channels_are_resized_independently(h: int, w: int, out_h: int, out_w: int) -> None:
    image = np.random.default_rng(h * w).integers(0, 256, (h, w, 3), np.uint8)
    whole = resize_bilinear(image, (out_h, out_w))
    parts = [resize_bilinear(image[..., c], (out_h, out_w)) for c in range(3)]
    assert np.array_equal(whole, np.stack(parts, axis=-1))


def test_the_same_size_keeps_every_value() -> None:
    image = lcg(7, (9, 13, 3))
    assert np.array_equal(resize(image, (9, 13), "bilinear"), image)
    assert np.array_equal(resize(image, (9, 13), "nearest"), image)


def test_the_input_is_left_alone() -> None:
    image = lcg(8, (6, 6)).astype(np.float32)
    before = image.copy()
    resize_bilinear(image, (12, 3))
    assert np.array_equal(image, before)


@pytest.mark.parametrize(
    ("shape", "size", "words"),
    [
        ((4,), (2, 2), r"shape \(4,\) cannot be resized"),
        ((0, 4), (2, 2), r"shape \(0, 4\)"),
        ((4, 4), (0, 2), r"to \(0, 2\)"),
    ],
)
def test_impossible_sizes_are_refused(
    shape: tuple[int, ...], size: tuple[int, int], words: str
) -> None:
    with pytest.raises(InputError, match=words):
        resize_bilinear(np.zeros(shape, np.uint8), size)
