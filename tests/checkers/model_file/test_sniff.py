from __future__ import annotations

import io
import pickle
import zipfile

import pytest

from answers.errors import CompanionError, ModelFileError, RefusedError
from checkers.model_file.sniff import Container, sniff


def zipped() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("config.json", "{}")
    return made.getvalue()


FOREIGN: list[tuple[str, bytes, type[CompanionError], str, str]] = [
    ("nothing", b"", ModelFileError, "not-a-model", "The file is empty"),
    ("an empty line", b"\r\n", ModelFileError, "not-a-model", "white space only"),
    ("a pickle", pickle.dumps({"w": [1.0]}), RefusedError, "pickle", "Python pickle"),
    ("a PNG picture", b"\x89PNG\r\n\x1a\n....", ModelFileError, "not-a-model", "PNG picture"),
    ("a GIF picture", b"GIF89a....", ModelFileError, "not-a-model", "GIF picture"),
    ("a GIF that is an archive too", b"GIF89a" + zipped(), RefusedError, "polyglot", "in front of"),
    ("a script before an archive", b"#!/bin/sh\n" + zipped(), RefusedError, "polyglot", "in front"),
    (
        "a script before HDF5",
        b"#!/bin/sh\n".ljust(1024) + b"\x89HDF\r\n\x1a\n",
        RefusedError,
        "hdf5-user-block",
        "in front of the HDF5",
    ),
    ("a page", b"\n <!DOCTYPE html>", ModelFileError, "not-a-model", "web page"),
    ("a NumPy array", b"\x93NUMPY\x01\x00", ModelFileError, "not-a-model", "NumPy array"),
    ("a program", b"\x7fELF\x02\x01", ModelFileError, "not-a-model", "a program"),
    ("JSON", b'{"a": 1}', ModelFileError, "not-a-model", "JSON text"),
    (
        "an architecture",
        b'{"class_name": "Sequential", "config": {}}',
        ModelFileError,
        "architecture-only",
        "the weights are missing",
    ),
    ("a text", b"accuracy 0.91", ModelFileError, "not-a-model", "begins with b'accuracy'"),
    ("an empty archive", b"PK\x05\x06" + bytes(18), ModelFileError, "not-a-model", "empty zip"),
]


@pytest.mark.parametrize(
    ("data", "kind", "code", "words"), [row[1:] for row in FOREIGN], ids=[r[0] for r in FOREIGN]
)
def test_what_is_no_model_is_told_by_its_first_bytes(
    data: bytes, kind: type[CompanionError], code: str, words: str
) -> None:
    with pytest.raises(kind, match=words) as caught:
        sniff(io.BytesIO(data))
    assert caught.value.code == code


def test_the_two_containers_are_told_apart() -> None:
    assert sniff(io.BytesIO(zipped())) is Container.ZIP
    assert sniff(io.BytesIO(b"\x89HDF\r\n\x1a\n")) is Container.HDF5


def test_a_pointer_of_git_lfs_is_told_how_the_file_is_fetched() -> None:
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 4\n"
    with pytest.raises(ModelFileError, match="Git LFS pointer") as caught:
        sniff(io.BytesIO(pointer))
    assert "git lfs pull" in caught.value.hint
