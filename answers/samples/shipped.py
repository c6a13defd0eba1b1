"""The sample models that travel with the package, and how a person gets a copy of everything.

`models/make.sh` says how they were made: by the commands of `companion train`, whose records lie
beside them.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.resources import files
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from answers.errors import CompanionError, InputError, MissingError
from answers.samples.collection import Collection
from answers.samples.pictures import CLASSES, PICTURES
from answers.samples.surfaces import SURFACES

PICTURES_PER_CLASS = 10
# The homework's raw layout: numbered folders, the mask beside its picture.
SURFACE_FOLDER = "surfaces/1"


@dataclass(frozen=True, kw_only=True)
class ShippedModel:
    """A sample model inside the package.

    name: also the name of the assignment that grades it.
    sha256: of the file as it was trained; a test holds the file to it.
    description: one sentence, which says that it is a sample.
    """

    name: str
    sha256: str
    description: str

    @property
    def file(self) -> str:
        """The file's name."""
        return f"{self.name}.h5"

    @property
    def path(self) -> Path:
        """Where the installed file lies."""
        return Path(str(files("answers.samples").joinpath("models", self.file)))


def shipped_models() -> tuple[ShippedModel, ...]:
    """The two shipped models: one classifies, one segments."""
    return (
        ShippedModel(
            name="sample-cnn",
            sha256="06d750854a595ed555cfb8b5cd9d606423ff2b9ee248f324329a696008fddbbc",
            description="A sample: a small convolutional network, trained on the drawn pictures "
            "of ten classes.",
        ),
        ShippedModel(
            name="sample-unet",
            sha256="8ae22eb20717cf5ed348d237ea3321559694fa8c3fcac38e70072eaf4fb138ea",
            description="A sample: a small U-Net, trained to mark the defects of the drawn "
            "surfaces.",
        ),
    )


def copy_samples(folder: Path) -> list[Path]:
    """Write the sample models and test pictures into a folder, and return the written paths.

    The models as .h5; the first ten pictures of each class as `pictures/CLASS/NAME.png`; all
    surfaces as `surfaces/1/NAME.bmp` with the mask (0 and 255) in `NAME_label.bmp`, which is the
    homework's raw layout. A file that is there already with the same content is left alone and not
    returned.

    Raises InputError `file-exists` before anything is written where a different file stands at
    one of the places, InputError `cannot-write`, and MissingError `disk-full`.
    """
    return _copied(folder, _contents())


def copy_arrays(folder: Path) -> list[Path]:
    """Write all drawn samples into a folder as arrays, and return the written paths.

    `pictures.npz` for `companion train cifar`, `surfaces.npz` for `companion train unet`: 38 MB in a
    few seconds. Raises as `copy_samples`.
    """
    return _copied(folder, ((f"{each.name}.npz", _arrays(each)) for each in (PICTURES, SURFACES)))


def _copied(folder: Path, contents: Iterable[tuple[str, bytes]]) -> list[Path]:
    copies = {folder / relative: content for relative, content in contents}
    # A link that leads nowhere is there too, and is not ours to replace.
    missing = [path for path in copies if not os.path.lexists(path)]
    _refuse_other_files({path: copies[path] for path in copies.keys() - set(missing)})
    for path in missing:
        _write(path, copies[path])
    return missing


def _contents() -> Iterator[tuple[str, bytes]]:
    """Each file to write: its path below the folder, and its bytes."""
    for model in shipped_models():
        yield model.file, model.path.read_bytes()
    shown = PICTURES_PER_CLASS * len(CLASSES)
    for sample in islice(PICTURES.split("test").read(), shown):
        place = f"pictures/{CLASSES[sample.label or 0]}"
        yield f"{place}/{sample.name}.png", _encoded(sample.image, "PNG")
    for sample in SURFACES.split("test").read():
        place = f"{SURFACE_FOLDER}/{sample.name}"
        yield f"{place}.bmp", _encoded(sample.image, "BMP")
        if sample.mask is not None:
            yield f"{place}_label.bmp", _encoded(sample.mask * 255, "BMP")


def _arrays(collection: Collection) -> bytes:
    """Each split of a collection, as the bytes of an .npz: x_train, y_train, x_test, …"""
    import numpy as np

    arrays: dict[str, Any] = {}
    for name in collection.counts:
        samples = list(collection.split(name).read())
        truths = [each.label if each.mask is None else each.mask for each in samples]
        arrays[f"x_{name}"] = np.stack([each.image for each in samples])
        arrays[f"y_{name}"] = np.array(truths, np.uint8)
    file = BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def _encoded(pixels: NDArray[Any], kind: str) -> bytes:
    """A picture as the bytes of a file."""
    from PIL import Image

    file = BytesIO()
    Image.fromarray(pixels).save(file, kind)
    return file.getvalue()


def _refuse_other_files(expected: dict[Path, bytes]) -> None:
    """Raise where what stands at a place is not the file that would be written there."""
    others = sorted(path for path, content in expected.items() if not _holds(path, content))
    if others:
        rest = f" (and {len(others) - 1} more)" if len(others) > 1 else ""
        raise InputError(
            "file-exists",
            f"'{others[0]}'{rest} is there already and is not the sample's file; "
            "nothing was written.",
            hint="Choose an empty folder, or move what is there away.",
            where=str(others[0]),
        )


def _holds(path: Path, content: bytes) -> bool:
    """Whether this is a regular file with exactly this content."""
    try:
        same_size = path.is_file() and path.stat().st_size == len(content)
        return same_size and path.read_bytes() == content
    except OSError as fault:
        raise _cannot("read", path, fault) from fault


def _write(path: Path, content: bytes) -> None:
    """Write beside the place, then rename: nobody ever sees half a file."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            beside.write_bytes(content)
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as fault:
        raise _cannot("write", path, fault) from fault


def _cannot(verb: str, path: Path, fault: OSError) -> CompanionError:
    """The error for a person, made from the system's."""
    reason = os.strerror(fault.errno) if fault.errno else str(fault)
    message = f"Cannot {verb} '{path}': {reason}."
    if fault.errno in (errno.ENOSPC, errno.EDQUOT):
        return MissingError("disk-full", message, hint="Make room, or choose another disk.")
    return InputError(f"cannot-{verb}", message, hint="Choose a folder that you may write to.")
