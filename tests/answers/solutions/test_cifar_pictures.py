from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from toy_pictures import save_toy, toy_pictures

from answers.data.open import open_split
from answers.data.split import ContentHash
from answers.errors import InputError
from answers.solutions.cifar_pictures import held_out, read_cifar, some_of
from answers.solutions.events import Event, Preparing


def test_a_tenth_of_each_class_is_held_out_from_pictures_sorted_by_class(tmp_path: Path) -> None:
    found = read_cifar(save_toy(tmp_path / "toy.npz"))
    assert np.bincount(found.training.labels).tolist() == [27] * 10
    assert np.bincount(found.validation.labels).tolist() == [3] * 10
    both = [*map(bytes, found.training.images), *map(bytes, found.validation.images)]
    assert sorted(both) == sorted(map(bytes, toy_pictures(300).images))


def test_pictures_keep_their_labels(tmp_path: Path) -> None:
    found = read_cifar(save_toy(tmp_path / "toy.npz"))
    whole = toy_pictures(300)
    known = dict(zip(map(bytes, whole.images), whole.labels.tolist(), strict=True))
    for part in (found.training, found.validation):
        assert [known[bytes(image)] for image in part.images] == part.labels.tolist()


def test_the_choice_is_the_same_in_every_run() -> None:
    labels = toy_pictures(400).labels
    assert np.array_equal(held_out(labels), held_out(labels.copy()))


def test_the_hash_is_that_of_the_whole_split_as_the_grader_makes_it(tmp_path: Path) -> None:
    path, content = save_toy(tmp_path / "toy.npz"), ContentHash()
    for sample in open_split(path, task="classification", split="train").read():
        content.update(sample)
    assert read_cifar(path).sha256 == content.hexdigest()


def test_pictures_of_another_size_come_to_32_pixels(tmp_path: Path) -> None:
    small = toy_pictures(300)
    images = np.repeat(np.repeat(small.images, 2, 1), 2, 2)
    np.savez(tmp_path / "large.npz", x_train=images, y_train=small.labels)
    assert read_cifar(tmp_path / "large.npz").training.images.shape == (270, 32, 32, 3)


def test_a_choice_of_pictures_holds_all_classes_and_is_fixed() -> None:
    pictures = toy_pictures(1000)
    some = some_of(pictures, 200)
    assert len(some) == 200
    assert len(np.unique(some.labels)) == 10
    assert np.array_equal(some.images, some_of(pictures, 200).images)
    assert len(some_of(pictures, 5000)) == 1000


def test_reading_says_how_far_it_is(tmp_path: Path) -> None:
    told: list[Event] = []
    read_cifar(save_toy(tmp_path / "toy.npz", train=1200), told.append)
    assert [(e.done, e.total) for e in told if isinstance(e, Preparing)] == [
        (0, 1200),
        (500, 1200),
        (1000, 1200),
    ]


def _without_class_3(arrays: dict[str, Any]) -> None:
    keep = arrays["y_train"] != 3
    arrays["x_train"], arrays["y_train"] = arrays["x_train"][keep], arrays["y_train"][keep]


def _few(arrays: dict[str, Any]) -> None:
    arrays["x_train"], arrays["y_train"] = arrays["x_train"][::2], arrays["y_train"][::2]


def _twelve_classes(arrays: dict[str, Any]) -> None:
    arrays["y_train"] = np.arange(len(arrays["y_train"])) % 12


WRONG = {
    "one class missing": (_without_class_3, "class-missing", "of the class (cat|3)"),
    "too few pictures": (_few, "too-few-pictures", "15 training pictures of the class"),
    "twelve classes": (_twelve_classes, "classes-differ", "has 12 classes"),
}


@pytest.mark.parametrize(("spoil", "code", "words"), WRONG.values(), ids=WRONG.keys())
def test_data_that_teaches_nothing_is_refused(
    tmp_path: Path, spoil: Any, code: str, words: str
) -> None:
    pictures = toy_pictures(300)
    arrays: dict[str, Any] = {"x_train": pictures.images, "y_train": pictures.labels}
    spoil(arrays)
    np.savez(tmp_path / "toy.npz", **arrays)
    with pytest.raises(InputError, match=words) as caught:
        read_cifar(tmp_path / "toy.npz")
    assert caught.value.code == code
    assert caught.value.hint
