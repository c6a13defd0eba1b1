"""Images with labels or masks in an .npz, in the ways people save them."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from answers.data.array_split import open_labelled_arrays, open_masked_arrays
from answers.data.split import Split
from answers.errors import InputError

SameAs = Callable[[Split, Any], None]


def saved(folder: Path, name: str = "a.npz", **arrays: Any) -> Path:
    np.savez(folder / name, **arrays)
    return folder / name


def codes(split: Split) -> list[str]:
    return [note.code for note in split.notes]


@pytest.mark.parametrize(
    ("x", "y", "said"),
    [
        (lambda t: t.images, lambda t: t.labels, []),
        (lambda t: t.images, lambda t: t.labels[:, None], []),
        (lambda t: t.images, lambda t: np.eye(10)[t.labels], []),
        (lambda t: t.images, lambda t: t.labels.astype(np.float64), []),
        (lambda t: t.images.astype(np.int64), lambda t: t.labels, []),
        (lambda t: t.images.transpose(0, 3, 1, 2).copy(), lambda t: t.labels, ["channels-first"]),
        (lambda t: t.images / 255, lambda t: t.labels, ["floating-point-images"]),
        (
            lambda t: t.images.astype(np.float32) / np.float32(255),
            lambda t: t.labels,
            ["floating-point-images"],
        ),
        (lambda t: t.images.astype(np.float32), lambda t: t.labels, ["floating-point-images"]),
    ],
    ids=[
        "uint8",
        "labels (n, 1) as Keras gives them",
        "one-hot",
        "labels as floats",
        "int64",
        "channels first",
        "float64 0–1",
        "float32 0–1",
        "float32 0–255",
    ],
)
def test_every_way_of_saving_gives_the_same_pixels(
    x: Any, y: Any, said: list[str], tiny: Any, *, same_as: SameAs, tmp_path: Path
) -> None:
    split = open_labelled_arrays(saved(tmp_path, x_test=x(tiny), y_test=y(tiny)), None)
    same_as(split, tiny)
    assert codes(split) == [*said, "not-the-whole-set"]
    assert split.classes[0] == "airplane"


@pytest.mark.parametrize("keys", [("images", "labels"), ("X", "Y"), ("test_images", "test_labels")])
def test_usual_names_are_known(
    keys: tuple[str, str], tiny: Any, same_as: SameAs, tmp_path: Path
) -> None:
    path = saved(tmp_path, **{keys[0]: tiny.images, keys[1]: tiny.labels})
    same_as(open_labelled_arrays(path, None), tiny)


def test_the_asked_split_is_read_and_training_is_said(tiny: Any, tmp_path: Path) -> None:
    arrays = {
        "x_train": tiny.images[:6],
        "y_train": tiny.labels[:6],
        "x_test": tiny.images,
        "y_test": tiny.labels,
    }
    split = open_labelled_arrays(saved(tmp_path, **arrays), "train")
    assert (split.name, split.count) == ("train", 6)
    assert "graded-on-train" in codes(split)


def test_a_file_without_splits_ignores_the_asked_one_and_says_so(tiny: Any, tmp_path: Path) -> None:
    path = saved(tmp_path, images=tiny.images, labels=tiny.labels)
    split = open_labelled_arrays(path, "test")
    assert split.name == "all"
    assert codes(split) == ["split-ignored"]


def test_values_between_whole_numbers_stay_floats(tmp_path: Path) -> None:
    images = np.random.default_rng(0).random((3, 8, 8, 3)).astype(np.float32)
    split = open_labelled_arrays(saved(tmp_path, x=images, y=np.arange(3)), None)
    read = np.stack([sample.image for sample in split.read()])
    assert read.dtype == np.float32
    np.testing.assert_allclose(read, images * 255, rtol=1e-6)
    assert split.classes == ("0", "1", "2")


@pytest.mark.parametrize(
    ("x", "y", "code", "words"),
    [
        (np.zeros((3, 8, 8)), np.arange(4), "npz-lengths", "3 images in 'x', but 4 truths in 'y'"),
        (np.zeros((3, 64)), np.arange(3), "npz-shape", r"shape \(3, 64\)"),
        (np.zeros((3, 8, 8, 5)), np.arange(3), "npz-shape", "no series of pictures"),
        (np.full((3, 8, 8), -1.0), np.arange(3), "npz-range", "go from -1 to -1"),
        (np.full((3, 8, 8), np.nan), np.arange(3), "npz-range", "go from nan to nan"),
        (np.full((3, 8, 8), 256), np.arange(3), "npz-range", "go from 256 to 256"),
        (np.zeros((3, 8, 8)), np.array([0, 1, -1]), "npz-labels", "are not whole numbers"),
        (np.zeros((3, 8, 8)), np.array([0, 1, 0.5]), "npz-labels", "are not whole numbers"),
        (np.zeros((3, 8, 8)), np.array([0, 1, np.nan]), "npz-labels", "are not whole numbers"),
        (np.zeros((3, 8, 8)), np.ones((3, 4)), "npz-labels", "are not one-hot"),
        (np.zeros((3, 8, 8)), np.zeros((3, 4, 4)), "npz-labels", r"have the shape \(3, 4, 4\)"),
    ],
)
def test_what_fits_no_way_of_saving_is_an_error(
    x: Any, y: Any, code: str, words: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=words) as raised:
        open_labelled_arrays(saved(tmp_path, x=x, y=y), None)
    assert raised.value.code == code


def test_arrays_of_other_names_are_listed(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds first, second, and no images with truths"):
        open_labelled_arrays(saved(tmp_path, first=np.zeros(3), second=np.zeros(3)), None)


@pytest.mark.parametrize(
    "as_saved",
    [
        lambda m: m.astype(np.uint8) * 255,
        lambda m: m,
        lambda m: m.astype(np.int64),
        lambda m: m.astype(np.float32),
        lambda m: m.astype(np.uint8)[..., None],
        lambda m: m.astype(np.uint16)[:, None] * 65_535,
        lambda m: m * 0.8 + 0.1,
    ],
    ids=["0/255", "bool", "int64", "float 0/1", "(n, h, w, 1)", "(n, 1, h, w) 16 bit", "soft"],
)
def test_every_way_of_saving_masks_gives_the_same_object(as_saved: Any, tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    images, masks = rng.integers(0, 256, (5, 6, 7, 3), np.uint8), rng.random((5, 6, 7)) < 0.3
    split = open_masked_arrays(saved(tmp_path, images=images, masks=as_saved(masks)), None, "auto")
    samples = list(split.read())
    assert np.array_equal(
        np.stack([sample.mask for sample in samples if sample.mask is not None]), masks
    )
    assert np.array_equal(np.stack([sample.image for sample in samples]), images)
    assert split.classes == ("background", "object")


def test_a_mask_may_have_a_size_of_its_own(tmp_path: Path) -> None:
    path = saved(tmp_path, images=np.zeros((2, 8, 8), np.uint8), masks=np.eye(4)[None].repeat(2, 0))
    sample = next(iter(open_masked_arrays(path, None, "auto").read()))
    assert sample.mask is not None
    assert sample.mask.shape == (4, 4)


def test_the_name_of_the_file_tells_a_training_set(tmp_path: Path) -> None:
    arrays = {"images": np.zeros((2, 8, 8), np.uint8), "masks": np.eye(8)[None].repeat(2, 0)}
    split = open_masked_arrays(saved(tmp_path, "cells_train.npz", **arrays), None, "auto")
    assert split.name == "train"
    assert "graded-on-train" in codes(split)


@pytest.mark.parametrize(
    ("masks", "words"),
    [
        (np.zeros((2, 8)), r"shape \(2, 8\)"),
        (np.zeros((2, 8, 8, 3)), r"shape \(2, 8, 8, 3\)"),
        (np.full((2, 8, 8), -1), "from -1 to -1"),
        (np.full((2, 8, 8), np.nan), "from nan"),
        (np.tile(np.arange(4), (2, 8, 2)), "numbers of classes"),
    ],
)
def test_masks_that_are_none_are_refused(masks: Any, words: str, tmp_path: Path) -> None:
    path = saved(tmp_path, images=np.zeros((2, 8, 8), np.uint8), masks=masks)
    with pytest.raises(InputError, match=words):
        open_masked_arrays(path, None, "auto")


def test_memory_does_not_grow_with_the_split(tmp_path: Path) -> None:
    images, masks = np.zeros((3_000, 96, 96, 3), np.uint8), np.zeros((3_000, 96, 96), np.uint8)
    masks[:, :9] = 255
    np.savez_compressed(tmp_path / "big.npz", images=images, masks=masks)
    size = images.nbytes + masks.nbytes
    del images, masks
    tracemalloc.start()
    split = open_masked_arrays(tmp_path / "big.npz", None, "auto")
    count = sum(1 for _ in split.read())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 3_000
    assert peak < size / 10
