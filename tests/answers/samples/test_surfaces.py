from __future__ import annotations

import numpy as np
import pytest

from answers.data.split import ContentHash, Sample
from answers.errors import InputError
from answers.samples import surfaces
from answers.samples.random_integers import Streams
from answers.samples.surfaces import DEFECTS, SIZE

# Every machine draws these bytes: computed with Python 3.11 and NumPy 2.4, and the same with
# NumPy 1.26.
TEST_PIXELS = "69a01971d190785f71aa740e98df2fd8810147feb635dbd100b57d0874ce98f3"
TEST_CONTENT = "a8279f6552ca79aa5e2c5a6bf33f5227c1e986cf3da19c5479b236647d6d623e"


@pytest.fixture(scope="module")
def test() -> list[Sample]:
    return list(surfaces.split("test").read())


@pytest.fixture(scope="module")
def train() -> list[Sample]:
    return list(surfaces.split("train").read())


def mask_of(sample: Sample) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    assert sample.mask is not None
    return sample.mask


def test_every_machine_draws_the_same_test_surfaces(test: list[Sample]) -> None:
    content = ContentHash()
    for sample in test:
        content.update(sample)
    assert content.pixels == TEST_PIXELS
    assert content.hexdigest() == TEST_CONTENT


@pytest.mark.parametrize(("name", "count", "empty"), [("train", 300, 45), ("test", 60, 9)])
def test_fifteen_of_a_hundred_masks_are_empty(
    name: str, count: int, empty: int, request: pytest.FixtureRequest
) -> None:
    samples: list[Sample] = request.getfixturevalue(name)
    assert (len(samples), surfaces.split(name).count) == (count, count)
    assert sum(not mask_of(sample).any() for sample in samples) == empty


def test_pictures_and_masks_have_the_promised_form(test: list[Sample]) -> None:
    for sample in test:
        assert (sample.image.shape, sample.image.dtype) == ((128, 128, 3), np.dtype(np.uint8))
        assert (mask_of(sample).shape, mask_of(sample).dtype) == ((128, 128), np.dtype(np.uint8))
        assert set(np.unique(mask_of(sample)).tolist()) <= {0, 1}
        assert sample.label is None


@pytest.mark.parametrize("name", ["train", "test"])
def test_defects_cover_a_small_part(name: str, request: pytest.FixtureRequest) -> None:
    masks = np.stack([mask_of(sample) for sample in request.getfixturevalue(name)])
    assert 0.02 < masks.mean() < 0.06
    assert masks.mean(axis=(1, 2)).max() < 0.25


def test_no_surface_is_in_both_splits(train: list[Sample], test: list[Sample]) -> None:
    assert len({sample.image.tobytes() for sample in [*train, *test]}) == 360


@pytest.mark.parametrize("index", [0, 19, 20, 59])
def test_a_surface_drawn_alone_is_that_of_the_split(index: int, test: list[Sample]) -> None:
    alone = surfaces.draw(index, "test")
    assert np.array_equal(alone.image, test[index].image)
    assert np.array_equal(mask_of(alone), mask_of(test[index]))
    assert alone.name == test[index].name == f"surface-{index:03d}"


def test_a_surface_outside_of_the_split_is_an_error() -> None:
    with pytest.raises(InputError, match="'test' of the sample 'surfaces' has no number 60") as e:
        surfaces.draw(60, "test")
    assert e.value.hint == "It holds the numbers 0 to 59."


@pytest.mark.parametrize("index", range(8))
def test_a_mask_marks_what_a_defect_changed_and_nothing_else(index: int) -> None:
    streams = Streams.named("surfaces/test", [index])
    whole, empty = surfaces._paint(streams, defects=0)
    image, mask = surfaces._paint(streams, defects=1)
    changed = (image != whole).any(axis=2)
    assert not empty.any()
    assert mask.any()
    assert np.array_equal(changed, mask == 1)


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.__name__.strip("_"))
def test_a_defect_is_faint(defect: object) -> None:
    assert callable(defect)
    for index in range(30):
        where, change = defect(Streams.named("faint", [index]), "defect")
        grey = abs(np.broadcast_to(change, (SIZE, SIZE, 3))[where]).mean()
        assert 8 <= grey <= 40


@pytest.mark.parametrize(("height", "width"), [(1, 16), (2, 64), (8, 8), (128, 4)])
def test_noise_runs_straight_between_its_corners(height: int, width: int) -> None:
    streams = Streams.named("noise", [0])
    corners = streams.integers("n", -128, 127, (SIZE // height + 1, SIZE // width + 1))[0]
    down = np.arange(SIZE) / height
    straight = np.stack(
        [np.interp(down, np.arange(len(corners)), column) for column in corners.T], axis=1
    )
    right = np.arange(SIZE) / width
    expected = np.stack([np.interp(right, np.arange(len(row)), row) for row in straight])
    drawn = surfaces._noise(streams, "n", height, width)
    # Two divisions round down, each by less than one.
    assert np.all((drawn <= expected + 1e-9) & (drawn > expected - 2))
