"""Decode one picture file with Pillow, and say what was found on the way.

TensorFlow's JPEG decoder gives other pixels than Pillow's (up to 8 of 255), so the decoder is
part of every result. EXIF orientation is not applied, as neither TensorFlow nor Keras does it.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from answers.data.bmp_palette import BmpHeader, read_two_colours
from answers.errors import CompanionError, InputError, RefusedError

if TYPE_CHECKING:
    from PIL import Image

SUFFIXES = frozenset({".bmp", ".gif", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"})
# Pillow knows many more; its EPS reader would start a program, and nobody keeps pictures in the others.
FORMATS = ("BMP", "GIF", "JPEG", "PNG", "TIFF", "WEBP")
MAX_PIXELS = 50_000_000
MAX_BYTES = 512_000_000
_ORIENTATION = 274
_WITH_ALPHA = frozenset({"LA", "La", "RGBA", "RGBa", "PA"})


@dataclass(frozen=True, kw_only=True)
class Pixels:
    """What a picture file holds, as it holds it.

    values: (height, width) or (height, width, 3); uint8, or uint16 in a 16-bit file; a palette
        is expanded to its colours, one bit becomes 0 and 255.
    alpha: (height, width) uint8, or None.
    indices: (height, width) uint8 numbers of the palette's colours, where there is a palette.
    orientation: the EXIF tag, 1 where there is none.
    """

    values: NDArray[Any]
    alpha: NDArray[np.uint8] | None = None
    indices: NDArray[np.uint8] | None = None
    orientation: int = 1

    @property
    def size(self) -> tuple[int, int]:
        """Height and width."""
        return self.values.shape[0], self.values.shape[1]


def is_picture_name(path: Path) -> bool:
    """Whether the name is one of a picture, and not hidden."""
    return path.suffix.lower() in SUFFIXES and not path.name.startswith(".")


def read_pixels(path: Path) -> Pixels:
    """Decode a file of one frame.

    Raises InputError (path-missing, picture-unreadable) and RefusedError (picture-animated,
    picture-depth, picture-too-large); the message names the file.
    """
    _check_file(path)
    from PIL import Image

    try:
        with warnings.catch_warnings():
            # Pillow warns of odd palettes and of large pictures; the size is ours to check.
            warnings.simplefilter("ignore")
            with Image.open(path, formats=FORMATS) as image:
                return _pixels(image, path)
    except CompanionError:
        raise
    except Image.DecompressionBombError as error:
        raise _too_large(path, str(error)) from error
    except Exception as error:  # Pillow raises nearly any class on a damaged file
        raise _unreadable(path, error) from error


def read_photo(path: Path) -> NDArray[np.uint8]:
    """Decode a photo: (height, width) or (height, width, 3), uint8. Raises as `read_pixels`."""
    return as_photo(read_pixels(path))


def as_photo(pixels: Pixels) -> NDArray[np.uint8]:
    """Photo values: alpha is dropped, and of 16 bits the upper eight are kept, as TensorFlow does."""
    if pixels.values.dtype == np.uint16:
        return (pixels.values >> 8).astype(np.uint8)
    return pixels.values


def _check_file(path: Path) -> None:
    if not path.is_file():
        raise InputError(
            "path-missing",
            f"There is no picture file '{path}'.",
            hint="Check the name and the folder.",
            where=str(path),
        )
    if path.stat().st_size > MAX_BYTES:
        raise _too_large(path, f"{path.stat().st_size:,} bytes, at most {MAX_BYTES:,}")


def _too_large(path: Path, fact: str) -> RefusedError:
    return RefusedError(
        "picture-too-large",
        f"The picture '{path}' is larger than companion reads: {fact}.",
        hint=f"Make it smaller: at most {MAX_PIXELS:,} pixels.",
        where=str(path),
    )


def _unreadable(path: Path, error: Exception) -> InputError:
    fact = "is empty" if path.stat().st_size == 0 else f"cannot be read ({_fact(error)})"
    return InputError(
        "picture-unreadable",
        f"The picture '{path}' {fact}.",
        hint="It is damaged or no picture: take it from its source again. "
        f"Formats that are read: {', '.join(FORMATS)}.",
        where=str(path),
    )


def _fact(error: Exception) -> str:
    from PIL import UnidentifiedImageError

    if isinstance(error, UnidentifiedImageError):
        return "no known picture format"
    return f"{type(error).__name__}: {error}"


def _pixels(image: Image.Image, path: Path) -> Pixels:
    if image.width * image.height > MAX_PIXELS:
        raise _too_large(path, f"{image.width} × {image.height} pixels")
    # A phone's MPO holds the photo first, and then previews of the same.
    if image.format != "MPO" and getattr(image, "is_animated", False):
        raise RefusedError(
            "picture-animated",
            f"The picture '{path}' has more than one frame.",
            hint="Save the frame that is meant as a picture of its own.",
            where=str(path),
        )
    misread = _two_colours(image, path)
    if misread is not None:
        return Pixels(values=misread, indices=(misread[..., 0] > 0).astype(np.uint8))
    image.load()
    values, alpha = _split_alpha(image, path)
    indices = np.array(image) if image.mode == "P" else None
    return Pixels(
        values=values,
        alpha=alpha,
        indices=indices,
        orientation=int(image.getexif().get(_ORIENTATION, 1)),
    )


def _two_colours(image: Image.Image, path: Path) -> NDArray[np.uint8] | None:
    """The colours of a BMP that Pillow would misread, or None for every other file."""
    if image.format != "BMP" or image.mode != "1":
        return None
    data = path.read_bytes()
    header = BmpHeader.read(data)
    return read_two_colours(data, header) if header and header.is_misread else None


def _split_alpha(image: Image.Image, path: Path) -> tuple[NDArray[Any], NDArray[np.uint8] | None]:
    if image.mode in {"L", "RGB"}:
        return np.array(image), None
    if image.mode == "1":
        return np.array(image.convert("L")), None
    if image.mode == "I" or image.mode.startswith("I;16"):
        return _sixteen_bits(image, path), None
    if image.mode == "F":
        raise _unknown_depth(path, "floating-point numbers")
    if image.mode in {"LA", "La"}:
        both = np.array(image.convert("LA"))
        return both[..., 0], both[..., 1]
    if image.mode in _WITH_ALPHA or "transparency" in image.info:
        four = np.array(image.convert("RGBA"))
        return four[..., :3], four[..., 3]
    return np.array(image.convert("RGB")), None


def _sixteen_bits(image: Image.Image, path: Path) -> NDArray[np.uint16]:
    # Some releases of Pillow open a 16-bit PNG as 32-bit integers (mode I).
    values = np.array(image)
    if values.min() < 0 or values.max() > 65_535:
        raise _unknown_depth(path, "32-bit numbers")
    return values.astype(np.uint16)


def _unknown_depth(path: Path, what: str) -> RefusedError:
    return RefusedError(
        "picture-depth",
        f"The picture '{path}' holds {what}, not values of 8 or 16 bits.",
        hint="Save it as an 8-bit PNG.",
        where=str(path),
    )
