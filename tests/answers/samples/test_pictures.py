from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest
from numpy.typing import NDArray

from answers.data.split import ContentHash
from answers.errors import InputError
from answers.samples import pictures
from answers.samples.pictures import CLASSES, FIGURES, Pose

# Every machine draws these bytes: computed with Python 3.11 and NumPy 2.4, and the same with
# NumPy 1.26.
TEST_PIXELS = "4c4165170355c5f32c16f911829dd64d1bab982832e3546c9cd64e181b5f86af"
TEST_CONTENT = "e9070f17161ced15c67d98f46ed971ad0c95d0fdf483678db752c16aa057656b"


@pytest.fixture(scope="module")
def train() -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    return read("train")


@pytest.fixture(scope="module")
def test() -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    return read("test")


def read(split: str) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    samples = list(pictures.split(split).read())
    return (
        np.stack([sample.image for sample in samples]),
        np.array([sample.label for sample in samples], np.int64),
    )


def test_every_machine_draws_the_same_test_pictures() -> None:
    content = ContentHash()
    for sample in pictures.split("test").read():
        content.update(sample)
    assert content.pixels == TEST_PIXELS
    assert content.hexdigest() == TEST_CONTENT


@pytest.mark.parametrize(("name", "count"), [("train", 4_000), ("test", 1_000)])
def test_a_split_holds_equally_many_pictures_of_each_class(name: str, count: int) -> None:
    split = pictures.split(name)
    images, labels = read(name)
    assert (split.task, split.count, len(split.classes)) == ("classification", count, 10)
    assert (images.shape, images.dtype) == ((count, 32, 32, 3), np.dtype(np.uint8))
    assert Counter(labels.tolist()) == dict.fromkeys(range(10), count // 10)
    assert labels.tolist() == [index % 10 for index in range(count)]


def test_a_split_says_that_it_is_a_sample() -> None:
    split = pictures.split("test")
    assert split.source == "drawn by companion (sample 'pictures')"
    assert [note.code for note in split.notes] == ["sample-data"]


def test_a_split_can_be_read_again(test: tuple[NDArray[np.uint8], NDArray[np.int64]]) -> None:
    split = pictures.split("test")
    again = [next(split.read()).image for _ in range(2)]
    assert np.array_equal(again[0], again[1])
    assert np.array_equal(again[0], test[0][0])


@pytest.mark.parametrize("index", [0, 99, 100, 537, 999])
def test_a_picture_drawn_alone_is_that_of_the_split(
    index: int, test: tuple[NDArray[np.uint8], NDArray[np.int64]]
) -> None:
    alone = pictures.draw(index, "test")
    assert np.array_equal(alone.image, test[0][index])
    assert alone.label == test[1][index]
    assert alone.name == f"picture-{index:04d}"


@pytest.mark.parametrize("index", [-1, 1_000])
def test_a_picture_outside_of_the_split_is_an_error(index: int) -> None:
    with pytest.raises(InputError, match=f"'test' of the sample 'pictures' has no number {index}"):
        pictures.draw(index, "test")


@pytest.mark.parametrize(
    ("name", "hint"),
    [("tset", "Write 'test'."), ("validation", "Choose one of 'train' and 'test'.")],
)
def test_an_unknown_split_is_an_error_that_names_the_known_ones(name: str, hint: str) -> None:
    with pytest.raises(InputError, match=f"no split '{name}'; it has 'train' and 'test'") as caught:
        pictures.split(name)
    assert (caught.value.code, caught.value.hint) == ("unknown-split", hint)


def test_no_picture_is_in_both_splits(
    train: tuple[NDArray[np.uint8], NDArray[np.int64]],
    test: tuple[NDArray[np.uint8], NDArray[np.int64]],
) -> None:
    seen = {image.tobytes() for image in [*train[0], *test[0]]}
    assert len(seen) == 5_000


def colour(images: NDArray[np.uint8]) -> NDArray[np.float64]:
    mean: NDArray[np.float64] = images.mean(axis=(1, 2))
    return mean


def ground(images: NDArray[np.uint8]) -> NDArray[np.float64]:
    corners = images[:, [0, 0, -1, -1], [0, -1, 0, -1]].astype(np.float64)
    return corners.reshape(len(images), -1)


@pytest.mark.parametrize("feature", [colour, ground], ids=["mean colour", "corners"])
def test_neither_colour_nor_ground_gives_the_class_away(
    feature: object,
    train: tuple[NDArray[np.uint8], NDArray[np.int64]],
    test: tuple[NDArray[np.uint8], NDArray[np.int64]],
) -> None:
    assert callable(feature)
    known, asked = feature(train[0]), feature(test[0])
    distances = ((asked[:, None, :] - known[None, :, :]) ** 2).sum(axis=2)
    guesses = train[1][distances.argmin(axis=1)]
    # Chance is 10 %, with a standard deviation of about one point.
    assert np.mean(guesses == test[1]) < 0.14


RADIUS, HOLE, STRIPE = 20 * 64, 12 * 64, 5 * 64
SQUARE, ROUND = (2 * RADIUS * 7 / 8) ** 2, math.pi * RADIUS**2
# The area of each form by school geometry, from a middle of (0, 0) and without tilt; a pattern
# on a square patch covers about half of it.
AREAS = {
    "disc": ROUND,
    "ring": math.pi * (RADIUS**2 - HOLE**2),
    "square": SQUARE,
    "frame": SQUARE - (2 * HOLE * 7 / 8) ** 2,
    "triangle": (1.75 * RADIUS) ** 2 / 2,
    "cross": (2 * RADIUS) ** 2 - 4 * (RADIUS * 11 / 16) ** 2,
    "rows": SQUARE / 2,
    "columns": SQUARE / 2,
    "diagonals": SQUARE / 2,
    "checkerboard": SQUARE / 2,
}


def fine_pose() -> Pose:
    """A pose whose points lie 16 units apart, closer than pixels, so that areas come out well."""
    steps = np.arange(-1600, 1601, 16, dtype=np.int64)
    down, across = np.meshgrid(steps, steps, indexing="ij")
    measure = np.ones((1, 1, 1), np.int64)
    return Pose(
        across=across[None],
        down=down[None],
        radius=measure * RADIUS,
        hole=measure * HOLE,
        stripe=measure * STRIPE,
        round=measure == 0,
    )


@pytest.mark.parametrize("name", CLASSES)
def test_a_form_has_the_area_that_geometry_says(name: str) -> None:
    covered = int(FIGURES[name](fine_pose()).sum()) * 16**2
    assert covered == pytest.approx(AREAS[name], rel=0.05 if "squ" not in name else 0.03)


@pytest.mark.parametrize(
    ("name", "down_only"), [("rows", True), ("columns", False)], ids=["rows", "columns"]
)
def test_stripes_run_along_their_name(name: str, *, down_only: bool) -> None:
    figure = FIGURES[name](fine_pose())[0]
    middle = figure[20:-20, 100] if down_only else figure[100, 20:-20]
    along = figure[95, 40:-40] if down_only else figure[40:-40, 95]
    assert len(set(middle.tolist())) == 2
    assert len(set(along.tolist())) == 1
