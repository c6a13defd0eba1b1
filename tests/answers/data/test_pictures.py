"""Photos as Pillow decodes them, and what is refused, by name and with a reason."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from corpus import load_json
from numpy.typing import NDArray
from PIL import Image

from answers.data.pictures import read_photo, read_pixels
from answers.errors import InputError, RefusedError

MASKS = (load_json("reference/masks/expected.json") or {"files": []})["files"]
PHOTOS = [case["file"] for case in MASKS if case["file"].startswith("photo_")]
CUT = [case["file"] for case in MASKS if case["file"].startswith(("cut_", "empty"))]
COLOUR = np.random.default_rng(1).integers(0, 256, (6, 8, 3), np.uint8)
GREY = np.ascontiguousarray(COLOUR[..., 0])


@pytest.mark.corpus
@pytest.mark.parametrize("name", PHOTOS)
def test_a_photo_has_the_pixels_of_pillow_unturned(name: str, corpus: Path) -> None:
    path = corpus / "reference/masks" / name
    with Image.open(path) as image:
        mode = "L" if image.mode in {"L", "LA"} else "RGB"
        expected = np.asarray(image.convert(mode))
    assert np.array_equal(read_photo(path), expected)


@pytest.mark.corpus
@pytest.mark.parametrize(
    ("name", "orientation"),
    [("photo_exif6.jpg", 6), ("photo_exif3.jpg", 3), ("photo_plain.jpg", 1)],
)
def test_the_exif_tag_is_told_and_not_applied(name: str, orientation: int, corpus: Path) -> None:
    pixels = read_pixels(corpus / "reference/masks" / name)
    plain = read_pixels(corpus / "reference/masks/photo_plain.jpg")
    assert pixels.orientation == orientation
    assert np.array_equal(pixels.values, plain.values)


@pytest.mark.corpus
@pytest.mark.parametrize("name", CUT)
def test_a_cut_file_is_an_error_with_its_name(name: str, corpus: Path) -> None:
    with pytest.raises(InputError, match=name) as raised:
        read_photo(corpus / "reference/masks" / name)
    assert raised.value.code == "picture-unreadable"


@pytest.mark.parametrize(
    ("image", "suffix", "expected"),
    [
        (Image.fromarray(COLOUR), ".bmp", COLOUR),
        (Image.fromarray(COLOUR), ".png", COLOUR),
        (Image.fromarray(GREY), ".tif", GREY),
        (Image.fromarray(np.dstack([COLOUR, GREY])), ".png", COLOUR),
        (Image.fromarray(GREY > 127), ".png", np.where(GREY > 127, 255, 0)),
        (Image.fromarray(GREY.astype(np.uint16) * 257), ".png", GREY),
        (Image.fromarray(COLOUR), ".webp", COLOUR),
    ],
    ids=["RGB bmp", "RGB png", "grey tif", "alpha is dropped", "1 bit", "16 bit", "webp"],
)
def test_each_mode_becomes_eight_bits(
    image: Image.Image, suffix: str, expected: NDArray[Any], tmp_path: Path
) -> None:
    path = tmp_path / f"picture{suffix}"
    image.save(path, lossless=True)
    photo = read_photo(path)
    assert photo.dtype == np.uint8
    assert np.array_equal(photo, expected)


def test_a_palette_is_expanded_and_its_numbers_are_kept(tmp_path: Path) -> None:
    index = GREY % 3
    image = Image.frombytes("P", (8, 6), index.tobytes())
    image.putpalette([0, 0, 0, 200, 10, 20, 30, 40, 250])
    image.save(tmp_path / "palette.png")
    pixels = read_pixels(tmp_path / "palette.png")
    colours = np.array([[0, 0, 0], [200, 10, 20], [30, 40, 250]], np.uint8)
    assert np.array_equal(pixels.values, colours[index])
    assert pixels.indices is not None
    assert np.array_equal(pixels.indices, index)


@pytest.mark.parametrize("suffix", [".gif", ".tif", ".png"])
def test_more_than_one_frame_is_refused(suffix: str, tmp_path: Path) -> None:
    frames = [Image.fromarray(GREY), Image.fromarray(255 - GREY)]
    frames[0].save(tmp_path / f"two{suffix}", save_all=True, append_images=frames[1:])
    with pytest.raises(RefusedError, match="more than one frame"):
        read_photo(tmp_path / f"two{suffix}")


@pytest.mark.parametrize("side", [7_100, 20_000], ids=["above our limit", "above Pillow's too"])
def test_a_picture_of_too_many_pixels_is_refused_before_it_is_decoded(
    side: int, tmp_path: Path
) -> None:
    Image.new("1", (side, side)).save(tmp_path / "huge.png")
    with pytest.raises(RefusedError, match="larger than companion reads") as raised:
        read_photo(tmp_path / "huge.png")
    assert raised.value.code == "picture-too-large"


def test_a_format_that_starts_a_program_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "figure.png"
    path.write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n%%EndComments\n")
    with pytest.raises(InputError, match="no known picture format"):
        read_photo(path)


def test_floating_point_pictures_are_refused(tmp_path: Path) -> None:
    Image.fromarray(GREY.astype(np.float32)).save(tmp_path / "float.tif")
    with pytest.raises(RefusedError, match="floating-point numbers"):
        read_photo(tmp_path / "float.tif")


def test_a_missing_file_and_a_folder_are_no_pictures(tmp_path: Path) -> None:
    for path in (tmp_path / "no.png", tmp_path):
        with pytest.raises(InputError, match="no picture file"):
            read_photo(path)
