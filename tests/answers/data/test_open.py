"""One door: what lies at the path decides, and what is nothing says what it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from answers.data.masks import ClassLabels
from answers.data.open import open_split
from answers.data.split import Task
from answers.errors import InputError

TASKS: tuple[Task, ...] = ("classification", "segmentation")


def test_each_task_finds_its_data(tiny: Any, same_as: Any, tmp_path: Path) -> None:
    np.savez(tmp_path / "c.npz", x_test=tiny.images, y_test=tiny.labels)
    np.savez(tmp_path / "s.npz", images=tiny.images, masks=tiny.images[..., 0] // 128 * 255)
    same_as(open_split(tmp_path / "c.npz", task="classification", split="test"), tiny)
    split = open_split(tmp_path / "s.npz", task="segmentation", masks="0/255")
    assert (split.task, split.count) == ("segmentation", 20)


def test_class_numbers_are_read_from_a_folder_and_from_arrays(tmp_path: Path) -> None:
    labels = ClassLabels(ignore=255, names=("sky", "road", "car"))
    truth = np.array([[0, 1], [2, 255]], np.uint8)
    (tmp_path / "folder").mkdir()
    Image.new("RGB", (2, 2)).save(tmp_path / "folder" / "a.png")
    Image.fromarray(truth).save(tmp_path / "folder" / "a_label.png")
    np.savez(tmp_path / "a.npz", images=np.zeros((1, 2, 2, 3), np.uint8), masks=truth[None])
    for name in ("folder", "a.npz"):
        split = open_split(tmp_path / name, task="segmentation", masks="class-ids", labels=labels)
        (sample,) = split.read()
        assert split.classes == ("sky", "road", "car")
        assert sample.mask is not None
        assert sample.mask.tolist() == truth.tolist()


def test_a_folder_of_pairs_is_opened_with_its_table(tmp_path: Path) -> None:
    for name in ("a", "b"):
        Image.new("L", (4, 4), 9).save(tmp_path / f"{name}.png")
        Image.new("L", (4, 4), 255).save(tmp_path / f"{name}_label.png")
    (tmp_path / "t.csv").write_text("split,folder,name\nval,.,b\n", "utf-8")
    split = open_split(tmp_path, task="segmentation", split="val", table=Path("t.csv"))
    assert split.count == 1


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize(
    ("name", "code", "words"),
    [
        ("nowhere", "path-missing", "no file or folder"),
        ("empty", "data-empty", "is empty"),
        ("empty.npz", "data-empty", "is empty"),
        ("one.png", "data-single-picture", "a single picture"),
    ],
)
def test_what_is_no_data_says_what_it_is(
    task: Task, name: str, code: str, words: str, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty.npz").touch()
    Image.new("L", (4, 4)).save(tmp_path / "one.png")
    with pytest.raises(InputError, match=words) as raised:
        open_split(tmp_path / name, task=task)
    assert raised.value.code == code


def test_a_file_of_another_kind_is_unknown(make_tar: Any, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("hello", "utf-8")
    with pytest.raises(InputError, match="is no data that companion knows"):
        open_split(tmp_path / "notes.txt", task="segmentation")
    with pytest.raises(InputError, match="holds no CIFAR-10 data"):
        open_split(tmp_path / "notes.txt", task="classification")
    path = make_tar(tmp_path / "pairs.tar.gz", {"a_label.bmp": b"x"})
    with pytest.raises(InputError, match="is an archive that companion does not look into"):
        open_split(path, task="segmentation")


def test_an_archive_of_class_folders_is_to_be_unpacked(make_tar: Any, tmp_path: Path) -> None:
    path = make_tar(tmp_path / "cifar.tar.gz", {"test/cat/1.jpg": b"x"})
    with pytest.raises(InputError, match="holds no CIFAR-10 data") as raised:
        open_split(path, task="classification")
    assert "npack" in raised.value.hint


def test_arrays_without_rows_are_empty(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x=np.zeros((0, 4, 4), np.uint8), y=np.zeros(0, np.uint8))
    with pytest.raises(InputError, match="holds no pictures"):
        open_split(tmp_path / "a.npz", task="classification")


@pytest.mark.parametrize("split", ["../train", "/etc", "", "a b", "test\n"])
def test_the_name_of_a_split_is_a_word(split: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no name of a split"):
        open_split(tmp_path, task="classification", split=split)
