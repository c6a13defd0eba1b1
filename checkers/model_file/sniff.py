"""What a file is, told by its first bytes and never by its name."""

from __future__ import annotations

import zipfile
from enum import Enum
from typing import BinaryIO

from answers.errors import CompanionError, ModelFileError, RefusedError

HAND_IN = 'Hand in the file that model.save("model.keras") or model.save("model.h5") writes.'

_FETCH = "Get the file itself with git lfs pull, and hand that in."


class Container(Enum):
    """The two containers that hold a whole Keras model."""

    HDF5 = "hdf5"
    ZIP = "zip"


# First bytes → what the file is, in one sentence. Longer signatures come first.
_FOREIGN: tuple[tuple[bytes, str, str], ...] = (
    (b"<!DOCTYPE", "not-a-model", "This is a web page (a download behind a login?)."),
    (b"<!doctype", "not-a-model", "This is a web page (a download behind a login?)."),
    (b"<html", "not-a-model", "This is a web page (a download behind a login?)."),
    (b"<HTML", "not-a-model", "This is a web page (a download behind a login?)."),
    (b"<?xml", "not-a-model", "This is an XML document."),
    (b"\x93NUMPY", "not-a-model", "This is a NumPy array (.npy)."),
    (b"\x89PNG", "not-a-model", "This is a PNG picture."),
    (b"\xff\xd8\xff", "not-a-model", "This is a JPEG picture."),
    (b"GIF8", "not-a-model", "This is a GIF picture."),
    (b"%PDF", "not-a-model", "This is a PDF document."),
    (b"\x1f\x8b", "not-a-model", "This is a gzip archive."),
    (b"Rar!", "not-a-model", "This is a RAR archive."),
    (b"7z\xbc\xaf", "not-a-model", "This is a 7z archive."),
    (b"\xfd7zXZ", "not-a-model", "This is an xz archive."),
    (b"\x7fELF", "not-a-model", "This is a program."),
    (b"MZ", "not-a-model", "This is a Windows program."),
    (b"504b 0304", "not-a-model", "This is a hex dump of an archive, as text."),
    (b"PK\x05\x06", "not-a-model", "This is an empty zip archive."),
)


def sniff(file: BinaryIO) -> Container:
    """The container of a seekable file.

    Raises: RefusedError pickle, polyglot, hdf5-user-block; ModelFileError architecture-only or
    not-a-model, with a sentence that says what the file is.
    """
    file.seek(0)
    head = file.read(4096)
    if head.startswith(b"\x89HDF\r\n\x1a\n"):
        return Container.HDF5
    if head.startswith(b"PK\x03\x04"):
        return Container.ZIP
    raise _foreign(head, file)


def _foreign(head: bytes, file: BinaryIO) -> CompanionError:
    if not head:
        return ModelFileError("not-a-model", "The file is empty.", hint=HAND_IN)
    if head.isspace() and not file.read(1):
        return ModelFileError("not-a-model", "The file holds white space only.", hint=HAND_IN)
    if not head.startswith(b"PK") and zipfile.is_zipfile(file):
        return RefusedError("polyglot", "Something lies in front of the archive.", hint=HAND_IN)
    if head.startswith(b"version https://git-lfs"):
        pointer = "This is a Git LFS pointer, not the file itself."
        return ModelFileError("not-a-model", pointer, hint=_FETCH)
    for signature, code, sentence in _FOREIGN:
        if head.lstrip().startswith(signature):
            return ModelFileError(code, sentence, hint=HAND_IN)
    return _by_structure(head, file) or ModelFileError(
        "not-a-model", f"The file begins with {head[:8]!r}, which is no Keras model.", hint=HAND_IN
    )


def _by_structure(head: bytes, file: BinaryIO) -> CompanionError | None:
    if head[:1] == b"\x80" and len(head) > 1 and head[1] <= 5:
        sentence = "This is a Python pickle. It is never opened, whatever it holds."
        return RefusedError("pickle", sentence, hint=HAND_IN)
    if head[4:8] == b"TFL3":
        return ModelFileError("not-a-model", "This is a TensorFlow Lite model.", hint=HAND_IN)
    if head[:1] == b"\x08" and b"onnx" in head[:256].lower():
        return ModelFileError("not-a-model", "This is an ONNX model.", hint=HAND_IN)
    if head.lstrip()[:1] in (b"{", b"["):
        return _json(head)
    if _user_block(file):
        return RefusedError(
            "hdf5-user-block", "Something lies in front of the HDF5 data.", hint=HAND_IN
        )
    return None


def _json(head: bytes) -> ModelFileError:
    if b'"class_name"' in head and b'"config"' in head:
        return ModelFileError(
            "architecture-only",
            "This is the architecture of a model as JSON; the weights are missing.",
            hint=HAND_IN,
        )
    return ModelFileError("not-a-model", "This is a JSON text.", hint=HAND_IN)


def _user_block(file: BinaryIO) -> bool:
    """HDF5 allows a block of 512·2^k bytes in front of its signature; no Keras writes one."""
    for power in range(9, 21):
        file.seek(1 << power)
        if file.read(8) == b"\x89HDF\r\n\x1a\n":
            return True
    return False
