"""Raw folders become folders of PNG: by name, exact, whole, and the same however often it is run."""

from __future__ import annotations

import csv
import hashlib
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from answers.data.open import open_split
from answers.data.prepare import preparing
from answers.data.prepare.grouped_split import GroupedSplit
from answers.data.prepare.preparing import Request, prepare
from answers.errors import InputError, MissingError, RefusedError


def photo(height: int = 24, width: int = 20, *, seed: int = 0) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


def square(height: int = 24, width: int = 20, *, value: int = 255) -> NDArray[np.uint8]:
    """A mask whose object is 6 × 5 pixels."""
    mask = np.zeros((height, width), np.uint8)
    mask[4:10, 3:8] = value
    return mask


def add(raw: Path, name: str, *, image: Any = None, mask: Any = None, ending: str = ".bmp") -> None:
    """A pair in the raw layout."""
    path = raw / f"{name}{ending}"
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(photo() if image is None else image).save(path)
    Image.fromarray(square() if mask is None else mask).save(raw / f"{name}_label{ending}")


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    """Six pairs in three numbered folders; two of them have one name."""
    for number, name in enumerate(["1/a", "1/b_1", "2/a", "2/c", "10/d", "10/e"]):
        add(tmp_path / "raw", name, image=photo(seed=number))
    return tmp_path / "raw"


def read(path: Path) -> NDArray[np.uint8]:
    with Image.open(path) as image:
        return np.asarray(image)


def table(out: Path) -> list[dict[str, str]]:
    with (out / "pairs.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def state(folder: Path) -> dict[str, tuple[str, int]]:
    """Every file's hash and time."""
    return {
        path.relative_to(folder).as_posix(): (
            hashlib.sha256(path.read_bytes()).hexdigest(),
            path.stat().st_mtime_ns,
        )
        for path in folder.rglob("*")
        if path.is_file()
    }


def hashes(folder: Path) -> dict[str, str]:
    return {name: digest for name, (digest, _) in state(folder).items()}


def test_pairs_are_made_by_name_and_none_overwrites_another(raw: Path, tmp_path: Path) -> None:
    done = prepare(Request(raw=raw, out=tmp_path / "out"))
    names = ["1_a", "b_1", "2_a", "c", "d", "e"]
    assert [row.image for row in done.rows] == [f"train/{name}.png" for name in names]
    assert [row.mask for row in done.rows] == [f"train_masks/{name}.png" for name in names]
    assert [row.source for row in done.rows] == [
        f"{name}.bmp" for name in ("1/a", "1/b_1", "2/a", "2/c", "10/d", "10/e")
    ]
    for number, row in enumerate(done.rows):
        assert (read(tmp_path / "out" / row.image) == photo(seed=number)).all()
        assert (read(tmp_path / "out" / row.mask) == square()).all()
        assert row.share == Fraction(30, 480)


def test_the_table_has_the_columns_that_a_grade_reads(raw: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    prepare(Request(raw=raw, out=out))
    assert table(out)[0] == {
        "image_path": "train/1_a.png",
        "mask_path": "train_masks/1_a.png",
        "split": "train",
        "foreground_share": "0.062500",
        "source": "1/a.bmp",
    }


@pytest.mark.parametrize("size", [(12, 10), (48, 48), (7, 31)])
def test_masks_are_nearest_and_pictures_as_pillow_resizes_them(
    raw: Path, tmp_path: Path, size: tuple[int, int]
) -> None:
    out = tmp_path / "out"
    prepare(Request(raw=raw, out=out, size=size))
    back = size[::-1]
    picture = Image.fromarray(photo()).resize(back, Image.Resampling.LANCZOS)
    assert (read(out / "train/1_a.png") == np.asarray(picture)).all()
    mask = Image.fromarray(square()).resize(back, Image.Resampling.NEAREST)
    assert (read(out / "train_masks/1_a.png") == np.asarray(mask)).all()


CODED = {
    "0 and 123": (square(value=123), "auto"),
    "0 and 1": (square(value=1), "auto"),
    "grey edges": (np.maximum(square(), np.roll(square(value=90), 1, 0)), "auto"),
    "colour": (np.stack([square(), square() * 0, square() * 0], -1), "auto"),
    "inverted, said": (255 - square(), "inverted"),
    "cut, said": (np.maximum(square(), np.roll(square(value=90), 1, 0)), "threshold:127"),
}


@pytest.mark.parametrize(("mask", "word"), CODED.values(), ids=CODED.keys())
def test_every_coding_is_written_as_0_and_255(tmp_path: Path, mask: Any, word: str) -> None:
    add(tmp_path / "raw", "1/a", mask=mask)
    done = prepare(Request(raw=tmp_path / "raw", out=tmp_path / "out", masks=word))
    assert (read(tmp_path / "out/train_masks/a.png") == square()).all()
    assert done.rows[0].share == Fraction(6 * 5, 24 * 20)


def test_masks_of_two_codings_are_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    add(tmp_path / "raw", "1/a", mask=square(value=123))
    add(tmp_path / "raw", "1/b")
    request = Request(raw=tmp_path / "raw", out=tmp_path / "out")
    with pytest.raises(InputError, match="coded in different ways") as caught:
        prepare(request)
    assert "--masks" in caught.value.hint
    prepare(replace(request, masks="threshold:0"))
    assert (read(tmp_path / "out/train_masks/a.png") == square()).all()


def test_class_numbers_are_kept(tmp_path: Path) -> None:
    classes = square(value=2)
    classes[0, 0] = 1
    add(tmp_path / "raw", "1/a", mask=classes)
    prepare(Request(raw=tmp_path / "raw", out=tmp_path / "out", masks="class-ids"))
    assert (read(tmp_path / "out/train_masks/a.png") == classes).all()


def test_a_second_run_changes_no_byte_and_no_time(raw: Path, tmp_path: Path) -> None:
    request = Request(raw=raw, out=tmp_path / "out", size=(16, 16))
    first = prepare(request)
    before = state(tmp_path / "out")
    second = prepare(request)
    assert state(tmp_path / "out") == before
    assert (first.written, second.written) == (6, 0)
    assert second.rows == first.rows


def test_one_thread_and_many_write_the_same(raw: Path, tmp_path: Path) -> None:
    for jobs in (1, 8):
        prepare(Request(raw=raw, out=tmp_path / str(jobs), jobs=jobs))
    assert hashes(tmp_path / "1") == hashes(tmp_path / "8")


def test_a_run_that_was_killed_goes_on(raw: Path, tmp_path: Path) -> None:
    for number in range(200):
        add(raw, f"3/x{number}", image=photo(seed=number))

    def kill(stage: str, done: int, _total: int) -> None:
        if stage == "writing" and done == 10:
            raise KeyboardInterrupt

    request = Request(raw=raw, out=tmp_path / "out")
    with pytest.raises(KeyboardInterrupt):
        prepare(request, kill)
    half = tmp_path / "out/train/.x199.png.part"  # what a power cut would leave
    half.write_bytes(b"half")
    before = state(tmp_path / "out")
    done = prepare(request)
    after = state(tmp_path / "out")
    assert 0 < done.written < 206
    assert 206 - done.written >= 10
    finished = [name for name in before if name.startswith("train_masks/")]
    assert all(after[name] == before[name] for name in finished[:-1])
    prepare(replace(request, out=tmp_path / "fresh"))
    assert hashes(tmp_path / "out") == hashes(tmp_path / "fresh")


_KILLED = """
import os, signal, sys
from pathlib import Path
from answers.data.prepare.preparing import Request, prepare
def kill(stage, done, total):
    if stage == "writing" and done == 3:
        os.kill(os.getpid(), signal.SIGKILL)
prepare(Request(raw=Path(sys.argv[1]), out=Path(sys.argv[2]), jobs=2), kill)
"""


def test_a_process_that_is_killed_outright_leaves_whole_files_only(
    raw: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    archive = zipped(raw, tmp_path / "raw.zip")
    words = [sys.executable, "-c", _KILLED, str(archive), str(out)]
    done = subprocess.run(words, check=False, timeout=120)
    assert done.returncode == -9
    assert not (out / "pairs.csv").exists()
    for path in out.glob("train*/*.png"):
        read(path)
    prepare(Request(raw=archive, out=out))
    prepare(Request(raw=raw, out=tmp_path / "fresh"))
    assert hashes(out) == hashes(tmp_path / "fresh")


def test_a_changed_source_is_written_again_and_a_removed_one_is_removed(
    raw: Path, tmp_path: Path
) -> None:
    request = Request(raw=raw, out=tmp_path / "out")
    prepare(request)
    add(raw, "2/c", image=photo(seed=99))
    for name in ("10/d.bmp", "10/d_label.bmp"):
        (raw / name).unlink()
    done = prepare(request)
    assert (done.written, done.removed) == (1, 2)
    assert (read(tmp_path / "out/train/c.png") == photo(seed=99)).all()
    assert not (tmp_path / "out/train/d.png").exists()
    assert len(table(tmp_path / "out")) == 5


def test_a_file_of_somebody_else_is_never_overwritten(raw: Path, tmp_path: Path) -> None:
    (tmp_path / "out/train").mkdir(parents=True)
    mine = tmp_path / "out/train/c.png"
    Image.fromarray(photo(seed=50)).save(mine)
    before = state(tmp_path / "out")
    with pytest.raises(InputError, match=r"c\.png' is there already"):
        prepare(Request(raw=raw, out=tmp_path / "out"))
    assert state(tmp_path / "out") == before


def test_a_table_of_somebody_else_is_never_overwritten(raw: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out/pairs.csv").write_text("split,folder,name\n")
    with pytest.raises(InputError, match=r"pairs\.csv' is there already"):
        prepare(Request(raw=raw, out=tmp_path / "out"))


def test_what_is_unpaired_unreadable_or_mismatched_is_listed_and_the_rest_is_made(
    raw: Path, tmp_path: Path
) -> None:
    (raw / "1/a_label.bmp").unlink()
    (raw / "2/a.bmp").unlink()
    (raw / "2/c.bmp").write_bytes(b"BM no picture")
    add(raw, "10/d", mask=square(30, 20))
    add(raw, "10/e", ending=".png")
    done = prepare(Request(raw=raw, out=tmp_path / "out"))
    assert [row.source for row in done.rows] == ["1/b_1.bmp", "10/e.bmp"]
    for words in (
        "'1/a.bmp' has no mask",
        "the mask '2/a_label.bmp' has no picture",
        "The picture '2/c.bmp' cannot be read",
        "'10/d' is 24 × 20, but its mask is 30 × 20",
        "'10/e' is there twice: e.bmp and e.png",
    ):
        assert any(words in fault for fault in done.left_out), words


def test_no_whole_pair_is_an_error_with_the_faults(tmp_path: Path) -> None:
    add(tmp_path / "raw", "1/a", mask=square(30, 20))
    with pytest.raises(InputError, match="its mask is 30 × 20"):
        prepare(Request(raw=tmp_path / "raw", out=tmp_path / "out"))


def test_a_split_by_folder_keeps_folders_whole(raw: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = prepare(Request(raw=raw, out=out, grouped=GroupedSplit(share=0.34)))
    test = {row.source.split("/")[0] for row in done.rows if row.split == "test"}
    train = {row.source.split("/")[0] for row in done.rows if row.split == "train"}
    assert len(test) == 1
    assert not test & train
    assert {path.stem for path in (out / "test").iterdir()} == {
        path.stem for path in (out / "test_masks").iterdir()
    }
    assert len(list((out / "train").iterdir())) == 4


def test_another_split_leaves_no_file_of_the_earlier_one(raw: Path, tmp_path: Path) -> None:
    request = Request(raw=raw, out=tmp_path / "out")
    prepare(replace(request, grouped=GroupedSplit(share=0.34)))
    prepare(request)
    assert not (tmp_path / "out/test").exists()
    prepare(replace(request, out=tmp_path / "fresh"))
    assert hashes(tmp_path / "out") == hashes(tmp_path / "fresh")


def test_the_split_of_a_raw_table_is_kept_and_what_it_does_not_name_is_listed(
    raw: Path, tmp_path: Path
) -> None:
    lines = ["split,folder,name", "test,1,a", "train,1,b_1", "train,2,a", "train,2,c", "test,10,d"]
    (raw / "pairs.csv").write_text("\n".join(lines))
    done = prepare(Request(raw=raw, out=tmp_path / "out"))
    assert sorted(row.source for row in done.rows if row.split == "test") == ["1/a.bmp", "10/d.bmp"]
    assert "'10/e.bmp' is not in pairs.csv" in done.left_out


def test_two_folders_of_equal_names_are_taken_too(tmp_path: Path) -> None:
    for split, seed in (("train", 1), ("test", 2)):
        for folder, pixels in ((split, photo(seed=seed)), (f"{split}_masks", square())):
            (tmp_path / "raw" / folder).mkdir(parents=True)
            Image.fromarray(pixels).save(tmp_path / "raw" / folder / "a.png")
    done = prepare(Request(raw=tmp_path / "raw", out=tmp_path / "out"))
    assert {row.split for row in done.rows} == {"train", "test"}
    assert (read(tmp_path / "out/test" / Path(done.rows[0].image).name) == photo(seed=2)).all()


def zipped(raw: Path, path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(raw.rglob("*.bmp")):
            archive.write(file, f"homework/{file.relative_to(raw)}")
    return path


def test_an_archive_gives_what_its_folder_gives_and_leaves_nothing(
    raw: Path, tmp_path: Path
) -> None:
    prepare(Request(raw=raw, out=tmp_path / "folder"))
    done = prepare(Request(raw=zipped(raw, tmp_path / "raw.zip"), out=tmp_path / "archive"))
    assert hashes(tmp_path / "archive") == hashes(tmp_path / "folder")
    assert done.rows[0].source == "1/a.bmp"
    again = prepare(Request(raw=tmp_path / "raw.zip", out=tmp_path / "archive"))
    assert again.written == 0


def test_a_hostile_archive_leaves_nothing_behind(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "raw.zip", "w") as archive:
        archive.writestr("a.png", b"1")
        archive.writestr("../b.png", b"2")
    with pytest.raises(RefusedError, match="would leave the folder"):
        prepare(Request(raw=tmp_path / "raw.zip", out=tmp_path / "out"))
    assert list((tmp_path / "out").iterdir()) == []
    assert not (tmp_path / "b.png").exists()


def test_a_full_disk_is_said_and_leaves_no_half_file(
    raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(preparing, "write_png", full)
    with pytest.raises(MissingError, match="no room") as caught:
        prepare(Request(raw=raw, out=tmp_path / "out"))
    assert caught.value.code == "disk-full"
    assert state(tmp_path / "out") == {}


WRONG: dict[str, tuple[Callable[[Path], Request], str]] = {
    "no raw": (lambda at: Request(raw=at / "none", out=at / "out"), "There is no file or folder"),
    "out inside raw": (lambda at: Request(raw=at / "raw", out=at / "raw/out"), "lies inside"),
    "out is raw": (lambda at: Request(raw=at / "raw", out=at / "raw"), "lies inside"),
    "a picture": (lambda at: Request(raw=at / "raw/1/a.bmp", out=at / "out"), "neither a folder"),
    "size 0": (lambda at: Request(raw=at / "raw", out=at / "out", size=(0, 0)), "The size is 0"),
    "coding": (lambda at: Request(raw=at / "raw", out=at / "out", masks="x"), "no known coding"),
    "out is a file": (lambda at: Request(raw=at / "raw", out=at / "raw/1/a.bmp/"), "lies inside"),
}


@pytest.mark.parametrize(("request_at", "words"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_request_writes_nothing(
    raw: Path, tmp_path: Path, request_at: Callable[[Path], Request], words: str
) -> None:
    before = state(raw)
    with pytest.raises(InputError, match=words):
        prepare(request_at(tmp_path))
    assert state(raw) == before
    assert not (tmp_path / "out").exists()


def test_an_empty_folder_has_no_pairs(tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    with pytest.raises(InputError, match="holds no pictures with masks"):
        prepare(Request(raw=tmp_path / "raw", out=tmp_path / "out"))


def test_a_split_name_that_is_a_path_is_refused(raw: Path, tmp_path: Path) -> None:
    (raw / "pairs.csv").write_text("split,folder,name\n../../up,1,a\n")
    with pytest.raises(InputError, match="no name of a split"):
        prepare(Request(raw=raw, out=tmp_path / "out"))


def test_a_source_that_looks_like_a_formula_is_text_in_the_table(tmp_path: Path) -> None:
    add(tmp_path / "raw", "=1+1/a")
    add(tmp_path / "raw", "2/b")
    prepare(Request(raw=tmp_path / "raw", out=tmp_path / "out"))
    assert sorted(row["source"] for row in table(tmp_path / "out")) == ["./=1+1/a.bmp", "2/b.bmp"]


def test_a_grade_opens_what_was_prepared(raw: Path, tmp_path: Path) -> None:
    grouped = GroupedSplit(share=0.34)
    done = prepare(Request(raw=raw, out=tmp_path / "out", size=(16, 16), grouped=grouped))
    split = open_split(tmp_path / "out", task="segmentation")
    assert split.name == "test"
    assert split.count == sum(row.split == "test" for row in done.rows)
    shares = [Fraction(int(s.mask.sum()), 256) for s in split.read() if s.mask is not None]
    assert shares == [row.share for row in done.rows if row.split == "test"]


@pytest.mark.corpus
@pytest.mark.slow
@pytest.mark.parametrize(
    ("archive", "counts"),
    [("nuclei", {"train": 201, "test": 49}), ("tiles", {"train": 200, "test": 60})],
)
def test_the_real_sets_have_their_published_counts_and_mask_pixels(
    corpus: Path, tmp_path: Path, archive: str, counts: dict[str, int]
) -> None:
    import tarfile

    path = corpus / "data" / f"{archive}_bmp.tar.xz"
    done = prepare(Request(raw=path, out=tmp_path / "out"))
    assert done.left_out == ()
    assert {s: sum(row.split == s for row in done.rows) for s in counts} == counts
    with tarfile.open(path) as packed:
        stream = packed.extractfile(f"{archive}/sources.csv")
        assert stream is not None
        lines = stream.read().decode().splitlines()
    published = {f"{r['folder']}/{r['name']}.bmp": r for r in csv.DictReader(lines)}
    assert len(published) == len(done.rows)
    for row in done.rows:
        said = published[row.source]
        pixels = int(said["width"]) * int(said["height"])
        assert row.share == Fraction(int(said["mask_pixels"]), pixels), row.source
