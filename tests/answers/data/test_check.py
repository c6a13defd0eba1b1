"""A check finds what is planted, names it, and finds nothing where nothing is."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageEnhance, ImageFilter

from answers.data.check.checking import Checked, Finding, check
from answers.data.check.fingerprint import Fingerprint, exact_pairs, near_pairs
from answers.data.check.mask_facts import MaskFacts
from answers.data.prepare.raw_pairs import every_split
from answers.errors import InputError

Photo = NDArray[np.uint8]


def photo(seed: int, side: int = 40) -> Photo:
    """A smooth picture of its own for each seed."""
    coarse = np.random.default_rng(seed).integers(0, 256, (6, 6, 3), np.uint8)
    return np.asarray(Image.fromarray(coarse).resize((side, side), Image.Resampling.BICUBIC))


def blob(seed: int, side: int = 40, *, value: int = 255) -> Photo:
    mask = np.zeros((side, side), np.uint8)
    mask[5 : 15 + seed % 9, 8:20] = value
    return mask


def add(root: Path, split: str, name: str, image: Photo, mask: Photo) -> None:
    for folder, pixels in ((split, image), (f"{split}_masks", mask)):
        (root / folder).mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(root / folder / f"{name}.png")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Twelve sound pairs to train, six to test."""
    for seed in range(18):
        add(tmp_path / "d", "train" if seed < 12 else "test", f"p{seed}", photo(seed), blob(seed))
    return tmp_path / "d"


def finding(found: Checked, code: str) -> Finding:
    (one,) = [each for each in found.findings if each.code == code]
    return one


def test_a_sound_set_has_no_finding(data: Path) -> None:
    found = check(data)
    assert found.findings == ()
    assert found.is_clean
    assert {split.name: split.pairs for split in found.splits} == {"train": 12, "test": 6}


def test_the_counts_of_a_split_are_those_of_its_masks(data: Path) -> None:
    (test,) = [split for split in check(data).splits if split.name == "test"]
    assert test.object == sum(int((blob(seed) > 0).sum()) for seed in range(12, 18))
    assert test.pixels == 6 * 40 * 40


def grey(mask: Photo) -> Photo:
    small = Image.fromarray(mask).resize((13, 13), Image.Resampling.BILINEAR)
    return np.asarray(small.resize(mask.shape[::-1], Image.Resampling.BILINEAR))


PLANTED: dict[str, tuple[Callable[[Photo], Photo], str, str]] = {
    "the 123 trap": (lambda m: m // 255 * np.uint8(123), "mask-below-half", "cut at 0.5"),
    "0 and 1": (lambda m: m // np.uint8(255), "mask-below-half", "no value above 127"),
    "0 and 127": (lambda m: m // 255 * np.uint8(127), "mask-below-half", "no value above 127"),
    "another coding": (lambda m: m // 255 * np.uint8(200), "mask-codings-differ", "200 in 1"),
    "resized with a filter": (grey, "mask-grey", "resized with a filter"),
    "inverted": (lambda m: np.uint8(255) - m, "mask-inverted", "are they inverted"),
}


@pytest.mark.parametrize(("change", "code", "words"), PLANTED.values(), ids=PLANTED.keys())
def test_an_odd_mask_is_found_by_name_and_is_to_be_mended(
    data: Path, change: Callable[[Photo], Photo], code: str, words: str
) -> None:
    add(data, "train", "p3", photo(3), change(blob(3)))
    found = check(data)
    planted = finding(found, code)
    assert planted.weight == "fault"
    assert planted.names == ("train/p3",)
    assert words in planted.message
    assert planted.hint
    assert not found.is_clean


def test_128_is_above_half() -> None:
    assert not MaskFacts.of(blob(0, value=128)).vanishes
    assert MaskFacts.of(blob(0, value=127)).vanishes


def test_empty_and_full_masks_are_to_be_known_and_no_fault(data: Path) -> None:
    add(data, "train", "p3", photo(3), blob(3) * 0)
    add(data, "train", "p4", photo(4), np.full((40, 40), 255, np.uint8))
    found = check(data)
    assert finding(found, "mask-empty").names == ("train/p3",)
    assert finding(found, "mask-full").names == ("train/p4",)
    assert found.is_clean
    assert sum(split.empty for split in found.splits) == 1


def test_a_set_of_empty_masks_is_a_fault(tmp_path: Path) -> None:
    for seed in range(3):
        add(tmp_path / "d", "train", f"p{seed}", photo(seed), blob(seed) * 0)
    assert finding(check(tmp_path / "d"), "mask-all-empty").weight == "fault"


def test_pairs_that_can_not_be_used_are_listed(data: Path) -> None:
    (data / "train_masks/p1.png").unlink()
    (data / "train/p2.png").write_bytes(b"no picture")
    add(data, "test", "p13", photo(13), blob(13, 30))
    found = finding(check(data), "pairs-faulty")
    assert len(found.names) == 3
    assert "'train/p1.png' has no mask" in found.names
    assert "'test/p13' is 40 × 40 pixels, but its mask is 30 × 30" in found.names
    assert any("train/p2.png' cannot be read" in name for name in found.names)


def test_sizes_that_differ_and_a_rare_object_are_to_be_known(data: Path) -> None:
    small = np.zeros((300, 300), np.uint8)
    small[0, 0] = 255
    for seed in range(12):
        add(data, "train", f"p{seed}", photo(seed, 300), small)
    found = check(data)
    assert "300 × 300 is the commonest (12 of 18)" in finding(found, "sizes-differ").message
    assert finding(found, "object-rare").weight == "note"
    assert found.is_clean


def test_an_equal_picture_in_both_splits_is_a_fault_and_in_one_to_be_known(data: Path) -> None:
    add(data, "test", "copy", photo(3), blob(5))
    add(data, "test", "twice", photo(13), blob(5))
    found = check(data)
    across = finding(found, "exact-duplicates-between-splits")
    assert across.weight == "fault"
    assert set(across.names[0].split(" = ")) == {"train/p3", "test/copy"}
    within = finding(found, "exact-duplicates")
    assert within.weight == "note"
    assert set(within.names[0].split(" = ")) == {"test/p13", "test/twice"}


def test_flat_pictures_are_no_near_duplicates() -> None:
    flat = [Fingerprint.of(np.full((9, 9), value, np.uint8)) for value in (0, 7, 255)]
    assert list(near_pairs(flat)) == []
    assert list(exact_pairs([*flat, flat[1]])) == [(1, 3)]


def test_near_pairs_agree_with_comparing_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    from answers.data.check import fingerprint

    monkeypatch.setattr(fingerprint, "_BLOCK", 3)
    pictures = [photo(seed) for seed in range(5)]
    pictures += [np.clip(p.astype(int) + 9, 0, 255).astype(np.uint8) for p in pictures[:3]]
    prints = [Fingerprint.of(picture) for picture in pictures]
    assert sorted(near_pairs(prints)) == [(0, 5), (1, 6), (2, 7)]


def test_a_folder_without_pairs_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="There is no folder"):
        check(tmp_path / "none")
    with pytest.raises(InputError, match="holds no pictures with masks"):
        check(tmp_path)


# The real pictures: what is planted is found, and what is not there is not.


@pytest.fixture(scope="session", params=["nuclei", "tiles"])
def real(
    request: pytest.FixtureRequest, corpus: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    folder = tmp_path_factory.mktemp("real")
    with tarfile.open(corpus / "data" / f"{request.param}_bmp.tar.xz") as archive:
        archive.extractall(folder, filter="data")
    return folder / str(request.param)


def prints_of(root: Path) -> Iterator[tuple[str, Image.Image, Fingerprint]]:
    for split in every_split(root):
        for pair in split.pairs:
            with Image.open(pair.image) as opened:
                image = opened.convert("RGB")
            yield split.split, image, Fingerprint.of(np.asarray(image))


@pytest.mark.corpus
@pytest.mark.slow
def test_real_sets_have_at_most_one_percent_of_false_alarms(real: Path) -> None:
    found = check(real)
    assert found.is_clean
    alarms = [f for f in found.findings if f.code == "near-duplicates-between-splits"]
    named = {name for alarm in alarms for pair in alarm.names for name in pair.split(" = ")}
    assert len(named) <= 0.01 * sum(split.pairs for split in found.splits)
    assert all(f.code in {"mask-empty", "sizes-differ", "near-duplicates"} for f in found.findings)


def jpeg(image: Image.Image) -> Image.Image:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=50)
    return Image.open(file)


def noisy(image: Image.Image) -> Image.Image:
    noise = np.random.default_rng(1).normal(0, 4, (image.height, image.width, 3))
    return Image.fromarray(np.clip(np.asarray(image) + noise, 0, 255).astype(np.uint8))


def scaled(factor: float) -> Callable[[Image.Image], Image.Image]:
    return lambda image: image.resize(
        (round(image.width * factor), round(image.height * factor)), Image.Resampling.BICUBIC
    )


COPIES: dict[str, Callable[[Image.Image], Any]] = {
    "JPEG of quality 50": jpeg,
    "half the size": scaled(0.5),
    "twice the size": scaled(2),
    "made square": lambda image: image.resize((128, 128), Image.Resampling.BICUBIC),
    "brighter": lambda image: ImageEnhance.Brightness(image).enhance(1.15),
    "darker": lambda image: ImageEnhance.Brightness(image).enhance(0.75),
    "more contrast": lambda image: ImageEnhance.Contrast(image).enhance(1.25),
    "blurred": lambda image: image.filter(ImageFilter.GaussianBlur(1)),
    "noisy": noisy,
}


@pytest.mark.corpus
@pytest.mark.slow
def test_every_planted_copy_is_found(real: Path) -> None:
    originals = [(image, mark) for split, image, mark in prints_of(real) if split == "train"]
    for kind, change in COPIES.items():
        planted = [change(image).convert("RGB") for image, _ in originals]
        copies = [Fingerprint.of(np.asarray(image)) for image in planted]
        prints = [mark for _, mark in originals] + copies
        found = set(near_pairs(prints)) | set(exact_pairs(prints))
        missed = [n for n in range(len(originals)) if (n, n + len(originals)) not in found]
        assert not missed, (kind, len(missed))
