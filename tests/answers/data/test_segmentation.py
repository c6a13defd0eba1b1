"""Pictures and masks are paired by name, and every fault is found before the first score."""

from __future__ import annotations

import csv
import tarfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from corpus import load_json
from PIL import Image

from answers.data.input_contract import InputContract
from answers.data.segmentation import open_segmentation
from answers.data.split import Split
from answers.errors import InputError, RefusedError

RNG = np.random.default_rng(9)


def picture(path: Path, size: tuple[int, int] = (6, 8)) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(RNG.integers(0, 256, (*size, 3), np.uint8)).save(path)
    return path


def mask(path: Path, size: tuple[int, int] = (6, 8), value: int = 255) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    values = np.zeros(size, np.uint8)
    values[:2, :3] = value
    Image.fromarray(values).save(path)
    return path


def raw_layout(root: Path, names: Iterable[str] = ("1/a2", "1/a10", "2/b", "10/c")) -> Path:
    for name in names:
        picture(root / f"{name}.bmp")
        mask(root / f"{name}_label.bmp")
    return root


def names_of(split: Split) -> list[str]:
    return [sample.name for sample in split.read()]


def codes(split: Split) -> list[str]:
    return [note.code for note in split.notes]


def table(root: Path, text: str, name: str = "table.csv") -> Path:
    (root / name).write_text(text, "utf-8")
    return Path(name)


def test_the_raw_layout_is_paired_by_name_in_natural_order(tmp_path: Path) -> None:
    split = open_segmentation(raw_layout(tmp_path))
    assert names_of(split) == ["1/a2", "1/a10", "2/b", "10/c"]
    assert split.classes == ("background", "object")
    assert (split.name, split.count) == ("all", 4)
    sample = next(iter(split.read()))
    with Image.open(tmp_path / "1/a2.bmp") as image:
        assert np.array_equal(sample.image, np.asarray(image))
    assert sample.mask is not None
    assert sample.mask[:2, :3].all()
    assert sample.mask.sum() == 6


def test_a_flat_folder_of_pictures_beside_their_masks_is_read(tmp_path: Path) -> None:
    assert names_of(open_segmentation(raw_layout(tmp_path, ["b", "a"]))) == ["a", "b"]


@pytest.mark.parametrize(
    ("images", "masks", "ending"),
    [
        ("test", "test_masks", ""),
        ("test", "test_masks", "_mask"),
        ("test", "test_labels", "_label"),
        ("test/images", "test/masks", ""),
        ("images/test", "masks/test", ""),
        ("images", "masks", ""),
        ("images", "labels", ""),
    ],
)
def test_two_folders_are_paired_by_name(
    images: str, masks: str, ending: str, tmp_path: Path
) -> None:
    for name in ("p10", "p9"):
        picture(tmp_path / images / f"{name}.jpg")
        mask(tmp_path / masks / f"{name}{ending}.png")
    split = open_segmentation(tmp_path)
    assert [Path(name).name for name in names_of(split)] == ["p9", "p10"]
    assert split.name == ("test" if "test" in images else "all")


def test_the_asked_of_two_splits_is_read_and_training_is_said(tmp_path: Path) -> None:
    for split in ("train", "test"):
        picture(tmp_path / split / f"{split}.png")
        mask(tmp_path / f"{split}_masks/{split}.png")
    assert names_of(open_segmentation(tmp_path)) == ["test/test"]
    train = open_segmentation(tmp_path, "train")
    assert names_of(train) == ["train/train"]
    assert "graded-on-train" in codes(train)
    with pytest.raises(InputError, match="no split 'val'") as raised:
        open_segmentation(tmp_path, "val")
    assert raised.value.hint == "Splits here: test, train."


def test_a_folder_without_a_table_is_one_split_and_says_so(tmp_path: Path) -> None:
    split = open_segmentation(raw_layout(tmp_path), "test")
    assert (split.name, split.count) == ("all", 4)
    assert "split-ignored" in codes(split)


def test_a_table_of_names_selects_the_split_in_its_order(tmp_path: Path) -> None:
    rows = "split,folder,name\ntest,2,b\ntrain,10,c\ntest,1,a10\n"
    split = open_segmentation(raw_layout(tmp_path), "test", table=table(tmp_path, rows))
    assert (split.name, names_of(split)) == ("test", ["2/b", "1/a10"])


def test_a_table_of_paths_selects_the_split_in_its_order(tmp_path: Path) -> None:
    rows = "image_path,mask_path,split\n10/c.bmp,10/c_label.bmp,val\n1/a2.bmp,1/a2_label.bmp,val\n"
    split = open_segmentation(raw_layout(tmp_path), table=table(tmp_path, rows))
    assert (split.name, names_of(split)) == ("val", ["10/c", "1/a2"])


def test_a_table_in_the_folder_is_used_and_said(tmp_path: Path) -> None:
    table(raw_layout(tmp_path), "split,folder,name\ntest,2,b\ntrain,1,a2\n", "pairs.csv")
    split = open_segmentation(tmp_path)
    assert names_of(split) == ["2/b"]
    assert "table-found" in codes(split)


def test_a_table_outside_the_folder_may_be_given(tmp_path: Path) -> None:
    table(tmp_path, "split,folder,name\ntest,2,b\n")
    split = open_segmentation(raw_layout(tmp_path / "data"), table=tmp_path / "table.csv")
    assert names_of(split) == ["2/b"]


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("a,b\n1,2\n", "table-columns", "has the columns a, b"),
        ("split,name\ntest,b\n", "table-columns", "has the columns split, name"),
        ("", "table-unreadable", "has no rows"),
        ("split,folder,name\n", "table-unreadable", "has no rows"),
        ("split,folder,name\ntrain,2,b\nval,1,a2\n", "split-unknown", "no split 'test'"),
        ("split,folder,name\ntest,..,outside\n", "pairs-faulty", "'../outside' leaves the data"),
        ("split,folder,name\ntest,/etc,passwd\n", "pairs-faulty", "leaves the data folder"),
        ("split,folder,name\ntest,2,zzz\n", "pairs-faulty", "the picture '2/zzz' is not there"),
        ("split,folder,name\ntest,2,b\ntest,2,b\n", "pairs-faulty", "in the table twice"),
        (
            "image_path,mask_path,split\n2/b.bmp,../outside_label.bmp,test\n",
            "pairs-faulty",
            "'../outside_label.bmp' leaves",
        ),
        ("image_path,mask_path,split\n2/b.bmp,2/b.png,test\n", "pairs-faulty", "'2/b.png' is not"),
    ],
)
def test_a_wrong_table_is_told(text: str, code: str, words: str, tmp_path: Path) -> None:
    raw_layout(tmp_path, ["outside"])
    root = raw_layout(tmp_path / "data")
    with pytest.raises(InputError, match=words) as raised:
        open_segmentation(root, table=table(root, text))
    assert raised.value.code == code


def test_a_link_in_a_table_may_not_leave_the_folder(tmp_path: Path) -> None:
    outside, root = raw_layout(tmp_path / "outside"), tmp_path / "data"
    root.mkdir()
    (root / "link").symlink_to(outside)
    with pytest.raises(InputError, match="'link/b' leaves the data folder"):
        open_segmentation(root, table=table(root, "split,folder,name\ntest,link,b\n"))


def test_a_missing_table_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no table 'pairs2\.csv'"):
        open_segmentation(raw_layout(tmp_path), table=Path("pairs2.csv"))


def test_all_faults_come_in_one_error(tmp_path: Path) -> None:
    raw_layout(tmp_path)
    picture(tmp_path / "1/alone.bmp")
    mask(tmp_path / "2/lonely_label.bmp")
    picture(tmp_path / "3/small.bmp")
    mask(tmp_path / "3/small_label.bmp", (5, 8))
    (tmp_path / "10/c_label.bmp").write_bytes(b"no picture")
    with pytest.raises(InputError, match="have 4 faults") as raised:
        open_segmentation(tmp_path)
    for words in (
        "'1/alone.bmp' has no mask",
        "the mask '2/lonely_label.bmp' has no picture",
        "'3/small' is 6 × 8 pixels, but its mask is 5 × 8",
        "'10/c_label.bmp' cannot be read",
    ):
        assert words in raised.value.message
    assert str(tmp_path) not in raised.value.message


def test_of_many_faults_ten_are_listed_and_all_are_counted(tmp_path: Path) -> None:
    raw_layout(tmp_path)
    for number in range(13):
        picture(tmp_path / f"7/p{number}.bmp")
    with pytest.raises(InputError, match="have 13 faults") as raised:
        open_segmentation(tmp_path)
    assert raised.value.message.count("has no mask") == 10
    assert "and 3 more" in raised.value.message


def test_two_pictures_of_one_name_are_a_fault(tmp_path: Path) -> None:
    raw_layout(tmp_path)
    picture(tmp_path / "2/b.png")
    with pytest.raises(InputError, match=r"two pictures have the name '2/b': b\.bmp and b\.png"):
        open_segmentation(tmp_path)


def test_the_coding_is_decided_once_for_all_masks(tmp_path: Path) -> None:
    raw_layout(tmp_path)
    mask(tmp_path / "1/a2_label.bmp", value=0)
    totals = [int(s.mask.sum()) for s in open_segmentation(tmp_path).read() if s.mask is not None]
    assert totals == [0, 6, 6, 6]
    mask(tmp_path / "1/a2_label.bmp", value=1)
    with pytest.raises(InputError, match="'1/a2' holds 0 and 1, others go up to 255"):
        open_segmentation(tmp_path)
    split = open_segmentation(tmp_path, masks="threshold:0")
    assert [int(s.mask.sum()) for s in split.read() if s.mask is not None] == [6, 6, 6, 6]


def test_an_unknown_word_for_the_coding_comes_before_the_pictures(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="'blue' is no known coding"):
        open_segmentation(tmp_path / "nowhere", masks="blue")


def test_exif_and_16_bits_are_said(tmp_path: Path) -> None:
    raw_layout(tmp_path, ["1/a"])
    exif = Image.Exif()
    exif[274] = 6
    Image.new("RGB", (8, 6)).save(tmp_path / "1/b.jpg", exif=exif)
    mask(tmp_path / "1/b_label.png")
    Image.fromarray(np.full((6, 8), 40_000, np.uint16)).save(tmp_path / "1/c.png")
    mask(tmp_path / "1/c_label.png")
    split = open_segmentation(tmp_path)
    assert {"exif-orientation", "picture-16-bit"} <= set(codes(split))
    assert [int(sample.image.max()) for sample in split.read()][1:] == [0, 40_000 >> 8]


def test_a_folder_without_pairs_says_what_is_known(tmp_path: Path) -> None:
    picture(tmp_path / "a.png")
    with pytest.raises(InputError, match="holds no pictures with masks") as raised:
        open_segmentation(tmp_path)
    assert "NAME_label.bmp" in raised.value.hint


def test_an_animated_mask_is_a_fault_of_its_name(tmp_path: Path) -> None:
    picture(tmp_path / "images/a.png")
    (tmp_path / "masks").mkdir()
    frames = [Image.new("L", (8, 6), value) for value in (0, 255)]
    frames[0].save(tmp_path / "masks/a.gif", save_all=True, append_images=frames[1:])
    with pytest.raises(InputError, match=r"'masks/a\.gif' has more than one frame"):
        open_segmentation(tmp_path)


def test_a_table_without_end_is_refused(tmp_path: Path) -> None:
    raw_layout(tmp_path)
    with (tmp_path / "huge.csv").open("wb") as stream:
        stream.truncate(65_000_000)
    with pytest.raises(RefusedError, match="at most 64,000,000"):
        open_segmentation(tmp_path, table=Path("huge.csv"))


HASHES: dict[str, Any] = load_json("data/hashes.json") or {}
# Pixels of object after the nearest resize to 128 × 128: counted from TensorFlow's own pipeline.
OBJECT_PIXELS = {"nuclei": 104_173, "tiles": 45_268}


@pytest.mark.corpus
@pytest.mark.slow
@pytest.mark.parametrize("name", OBJECT_PIXELS)
def test_the_homeworks_data_has_its_counts_and_its_object(
    name: str, corpus: Path, tmp_path: Path
) -> None:
    with tarfile.open(corpus / f"data/{name}_bmp.tar.xz") as packed:
        packed.extractall(tmp_path, filter="data")
    root = tmp_path / name
    with (root / "pairs.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    contract = InputContract(size=(128, 128))
    counts = HASHES[f"{name}_bmp.tar.xz"]["counts"]
    for asked in ("train", "test"):
        split = open_segmentation(root, asked, table=Path("pairs.csv"))
        wanted = [f"{row['folder']}/{row['name']}" for row in rows if row["split"] == asked]
        samples = list(split.read())
        assert [sample.name for sample in samples] == wanted
        assert split.count == counts[asked]
        masks = [contract.prepare_mask(s.mask) for s in samples if s.mask is not None]
        assert (
            sum(not sample.mask.any() for sample in samples if sample.mask is not None)
            == (counts[f"{asked}_empty"])
        )
    assert sum(int(each.sum()) for each in masks) == OBJECT_PIXELS[name]
