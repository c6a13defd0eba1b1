"""Archives that one program would read in one way, and another in another."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable, Mapping

import pytest

from answers.errors import CompanionError, ModelFileError, RefusedError
from checkers.model_file.archive import read_archive


def archive(
    method: int = zipfile.ZIP_STORED, extra: Mapping[str, bytes] | None = None
) -> bytearray:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as written:
        written.writestr("config.json", b"{}" * 50)
        written.writestr("model.weights.h5", b"weights" * 50)
        for name, data in (extra or {}).items():
            written.writestr(name, data)
    return bytearray(made.getvalue())


def with_comment() -> bytes:
    made = io.BytesIO(archive())
    with zipfile.ZipFile(made, "a") as written:
        written.comment = b"a comment"
    return made.getvalue()


def streamed() -> bytes:
    """As a program writes it that can't go back: sizes and CRC follow each member."""

    class Pipe(io.RawIOBase):
        data = b""

        def writable(self) -> bool:
            return True

        def write(self, data: bytes) -> int:  # type: ignore[override]  # narrower than a buffer
            self.data += bytes(data)
            return len(data)

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as written:
        written.writestr("config.json", b"{}" * 50)
        written.writestr("model.weights.h5", b"weights" * 50)
    return pipe.data


def changed(at: int, data: bytes) -> bytes:
    made = archive()
    made[at : at + len(data)] = data
    return bytes(made)


def padded() -> bytes:
    """A gap between the members and the directory, whose place is said in the end record."""
    made = archive()
    directory = made.index(b"PK\x01\x02")
    made[directory:directory] = bytes(100)
    made[-6:-2] = struct.pack("<L", directory + 100)
    return bytes(made)


def overlapping() -> bytes:
    """Two entries of the directory that share one member's bytes."""
    made = archive(extra={"copy": b"other"})
    directory = made.index(b"PK\x01\x02")
    third = made.rindex(b"PK\x01\x02", directory)
    made[third + 42 : third + 46] = bytes(4)
    return bytes(made)


def named(name: str) -> Callable[[], bytes]:
    return lambda: bytes(archive(extra={name: b"x"}))


def special() -> bytes:
    made = io.BytesIO(archive())
    with zipfile.ZipFile(made, "a") as written:
        link = zipfile.ZipInfo("metadata.json")
        link.external_attr = 0o120777 << 16
        written.writestr(link, "/etc/hostname")
    return made.getvalue()


HOSTILE: list[tuple[str, Callable[[], bytes], type[CompanionError], str]] = [
    ("a comment", with_comment, RefusedError, "trailing-data"),
    ("bytes behind the end", lambda: bytes(archive() + b"more"), RefusedError, "trailing-data"),
    ("two archives", lambda: bytes(archive() + archive()), RefusedError, "zip-ambiguous"),
    ("a gap", padded, RefusedError, "zip-ambiguous"),
    ("members in each other", overlapping, RefusedError, "zip-overlap"),
    (
        "another name in the header",
        lambda: changed(30, b"Config"),
        RefusedError,
        "zip-header-mismatch",
    ),
    (
        "another size in the header",
        lambda: changed(18, b"\x01"),
        RefusedError,
        "zip-header-mismatch",
    ),
    (
        "another CRC in the header",
        lambda: changed(14, b"\x01"),
        RefusedError,
        "zip-header-mismatch",
    ),
    ("other data", lambda: changed(41, b"["), ModelFileError, "zip-crc"),
    ("a path upwards", named("../evil"), RefusedError, "zip-path"),
    ("a path from the root", named("/evil"), RefusedError, "zip-path"),
    ("a path of Windows", named("a\\evil"), RefusedError, "zip-path"),
    ("a further member", named("evil.py"), RefusedError, "zip-extra-member"),
    ("a file among the assets", named("assets/evil"), RefusedError, "zip-extra-member"),
    ("a link", special, RefusedError, "zip-special-member"),
    (
        "17 members",
        lambda: bytes(archive(extra={f"__MACOSX/{n}": b"" for n in range(15)})),
        RefusedError,
        "zip-too-many-members",
    ),
    (
        "a member of 4 MB in 4 kB",
        lambda: bytes(archive(zipfile.ZIP_DEFLATED, {"metadata.json": bytes(4 << 20)})),
        RefusedError,
        "zip-bomb",
    ),
    (
        "a member packed with LZMA",
        lambda: bytes(archive(zipfile.ZIP_LZMA)),
        RefusedError,
        "zip-method",
    ),
    ("a cut", lambda: bytes(archive()[:-30]), ModelFileError, "zip-damaged"),
]


@pytest.mark.parametrize(
    ("make", "kind", "code"), [row[1:] for row in HOSTILE], ids=[row[0] for row in HOSTILE]
)
def test_an_archive_that_could_be_read_in_two_ways_is_refused(
    make: Callable[[], bytes], kind: type[CompanionError], code: str
) -> None:
    with pytest.raises(kind) as caught:
        read_archive(io.BytesIO(make()))
    assert caught.value.code == code


HONEST: list[tuple[str, Callable[[], bytes]]] = [
    ("stored", lambda: bytes(archive())),
    ("deflated", lambda: bytes(archive(zipfile.ZIP_DEFLATED))),
    ("streamed", streamed),
    ("with what a Mac leaves behind", named("__MACOSX/._config.json")),
    ("with an empty folder of assets", named("assets/")),
]


@pytest.mark.parametrize("make", [row[1] for row in HONEST], ids=[row[0] for row in HONEST])
def test_an_honest_archive_gives_its_members(make: Callable[[], bytes]) -> None:
    read = read_archive(io.BytesIO(make()))
    assert (read.config, read.weights, read.metadata) == (b"{}" * 50, b"weights" * 50, None)


@pytest.mark.parametrize(
    ("name", "code", "words"),
    [
        ("archive/data.pkl", "not-a-model", "PyTorch"),
        ("weights.npy", "zip-missing-member", "NumPy archive"),
        ("word/document.xml", "zip-missing-member", "no config.json and no model.weights.h5"),
    ],
)
def test_another_kind_of_archive_is_named(name: str, code: str, words: str) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as written:
        written.writestr(name, b"")
    with pytest.raises(ModelFileError, match=words) as caught:
        read_archive(made)
    assert caught.value.code == code
