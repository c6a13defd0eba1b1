"""PNG files that say what they were made from, and take their name only when they are whole."""

from __future__ import annotations

import contextlib
import io
import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

# A text chunk inside the PNG: a run that was killed knows what is done, with no list beside it.
_KEY = "companion-prepare"
PART = ".part"


def made_from(path: Path) -> str | None:
    """The key that a PNG of ours holds, or None for any other file."""
    from PIL import Image

    try:
        with Image.open(path, formats=("PNG",)) as image:
            found = image.info.get(_KEY)
    except (OSError, SyntaxError, ValueError):
        return None
    return found if isinstance(found, str) else None


def write_png(path: Path, values: NDArray[np.uint8], key: str) -> None:
    """Write a picture (height, width) or (height, width, 3) with its key."""
    from PIL import Image, PngImagePlugin

    chunk = PngImagePlugin.PngInfo()
    chunk.add_text(_KEY, key)
    file = io.BytesIO()
    Image.fromarray(values).save(file, "PNG", pnginfo=chunk)
    write_whole(path, file.getvalue())


def write_whole(path: Path, data: bytes) -> None:
    """Write a file beside its place, then give it its name: a killed run leaves no half file."""
    beside = path.with_name(f".{path.name}{PART}")
    try:
        beside.write_bytes(data)
        os.replace(beside, path)  # noqa: PTH105  # the pair of calls reads as what it is
    except OSError:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise


def resized(values: NDArray[np.uint8], size: tuple[int, int] | None) -> NDArray[Any]:
    """The photo at (height, width), by Lanczos with a filter as wide as it is made smaller."""
    if size is None or values.shape[:2] == size:
        return values
    from PIL import Image

    image = Image.fromarray(values)
    return np.asarray(image.resize((size[1], size[0]), Image.Resampling.LANCZOS))
