"""Pictures with their masks over them: as pixels, as a contact sheet, as a page."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from importlib.resources import files
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

from answers.data.check.shown import Shown
from companion.views.printable import printable

_OBJECT = (0, 158, 115)  # Okabe and Ito's green: told apart by everybody
_STRENGTH = 0.55
_GAP = 4
_PAPER = 245
_COVERED = 64  # of 255: a quarter of a shown pixel


def fitted(shown: Shown, height: int, width: int) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """The photo (height, width, 3) and the object (height, width) at a size of the screen's."""
    from PIL import Image

    picture = Image.fromarray(shown.photo).convert("RGB").resize((width, height))
    marks = Image.fromarray(shown.marks.astype(np.uint8) * np.uint8(255))
    # by nearest a thin crack would vanish from a small picture
    small = marks.resize((width, height), Image.Resampling.BOX)
    return np.asarray(picture), np.asarray(small) >= _COVERED


def overlay(photo: NDArray[np.uint8], marks: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """The photo (height, width, 3) with the object tinted."""
    mixed = photo.astype(np.float32)
    mixed[marks] = (1 - _STRENGTH) * mixed[marks] + _STRENGTH * np.array(_OBJECT, np.float32)
    return mixed.round().astype(np.uint8)


def size_within(shown: Shown, side: int) -> tuple[int, int]:
    """Height and width of a picture whose longer side is `side`."""
    height, width = shown.photo.shape[:2]
    scale = side / max(height, width)
    return max(1, round(height * scale)), max(1, round(width * scale))


def contact_sheet(pictures: Sequence[Shown], *, side: int = 128, across: int = 6) -> bytes:
    """A PNG with all pictures in rows, each with its mask over it."""
    columns = min(across, len(pictures))
    rows = -(-len(pictures) // columns)
    step = side + _GAP
    sheet = np.full((rows * step + _GAP, columns * step + _GAP, 3), _PAPER, np.uint8)
    for number, shown in enumerate(pictures):
        height, width = size_within(shown, side)
        top = _GAP + number // columns * step + (side - height) // 2
        left = _GAP + number % columns * step + (side - width) // 2
        sheet[top : top + height, left : left + width] = overlay(*fitted(shown, height, width))
    return png(sheet)


def png(pixels: NDArray[np.uint8]) -> bytes:
    """The pixels as a PNG file."""
    from PIL import Image

    file = BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def page(pictures: Sequence[Shown], title: str) -> str:
    """One HTML page that needs nothing else; Jinja2 escapes every text on its way in."""
    import jinja2

    source = files("companion.views").joinpath("templates", "data.html").read_text("utf-8")
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
    rows = [_entry(shown) for shown in pictures]
    return environment.from_string(source).render(title=printable(title), pictures=rows)


def _entry(shown: Shown) -> dict[str, Any]:
    photo, marks = fitted(shown, *size_within(shown, 256))
    return {
        "name": printable(shown.name),
        "split": printable(shown.split),
        "share": f"{float(shown.share):.1%}",
        "picture": _inline(photo),
        "marked": _inline(overlay(photo, marks)),
    }


def _inline(pixels: NDArray[np.uint8]) -> str:
    return "data:image/png;base64," + base64.b64encode(png(pixels)).decode("ascii")
