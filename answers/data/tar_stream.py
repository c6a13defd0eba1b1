"""Read single files out of a tar archive as a stream: nothing is extracted, links are ignored."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

from answers.errors import InputError, RefusedError

# CIFAR-10 unpacks to 186 MB; tar headers may claim any size, and are read into memory.
MAX_UNPACKED = 400_000_000
MAX_MEMBERS = 200_000


def _open_xz(path: Path) -> IO[bytes]:
    return lzma.open(path)


def _open_plain(path: Path) -> IO[bytes]:
    return path.open("rb")


_OPENERS: dict[bytes, Callable[[Path], IO[bytes]]] = {
    b"\x1f\x8b": lambda path: cast("IO[bytes]", gzip.GzipFile(path)),
    b"BZ": lambda path: cast("IO[bytes]", bz2.BZ2File(path)),
    b"\xfd7": _open_xz,
}
_DAMAGE = (tarfile.TarError, EOFError, OSError, zlib.error, lzma.LZMAError, ValueError)


class _Bounded(io.RawIOBase):
    """A stream that stops with an error after so many bytes."""

    def __init__(self, inner: IO[bytes], left: int, path: Path) -> None:
        self._inner, self._left, self._path = inner, left, path

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        data = self._inner.read(size)
        self._left -= len(data)
        if self._left < 0:
            raise RefusedError(
                "archive-limit",
                f"The archive '{self._path}' unpacks to more than {MAX_UNPACKED:,} bytes.",
                hint="CIFAR-10 has less than half of that: is it the right archive?",
                where=str(self._path),
            )
        return data


def open_packed(path: Path) -> IO[bytes]:
    """The file's bytes as they are when unpacked, whatever packed them."""
    with path.open("rb") as stream:
        opener = _OPENERS.get(stream.read(2), _open_plain)
    return opener(path)


def is_tar(path: Path) -> bool:
    """Whether the file looks like a tar archive, packed or not, by its content."""
    with path.open("rb") as stream:
        start = stream.read(265)
    return start[:2] in _OPENERS or start[257:262] == b"ustar"


def member_paths(path: Path) -> tuple[str, ...]:
    """The paths of the plain files in the archive.

    Raises InputError (archive-damaged) and RefusedError (archive-limit).
    """
    with _archive(path) as archive:
        return tuple(member.name for member in _files(archive, path))


def read_member(path: Path, name: str, limit: int) -> bytes:
    """The content of the first plain file of that path, of at most `limit` bytes.

    Raises InputError (archive-damaged) and RefusedError (archive-limit).
    """
    with _archive(path) as archive:
        for member in _files(archive, path):
            if member.name == name:
                return _content(archive, member, path, limit)
    raise _damaged(path, KeyError(f"it holds no '{name}'"))


def _content(archive: tarfile.TarFile, member: tarfile.TarInfo, path: Path, limit: int) -> bytes:
    stream = archive.extractfile(member)
    if member.size > limit or stream is None:
        raise RefusedError(
            "archive-limit",
            f"'{member.name}' of '{path}' has {member.size:,} bytes, at most {limit:,} are read.",
            hint="It is larger than any batch of CIFAR-10: is it the right archive?",
            where=str(path),
        )
    return stream.read()


def _files(archive: tarfile.TarFile, path: Path) -> Iterator[tarfile.TarInfo]:
    for number, member in enumerate(archive):
        # A member that is kept in the list would make memory grow with the archive.
        archive.members = []  # type: ignore[attr-defined]  # documented nowhere, there since 2.3
        if number >= MAX_MEMBERS:
            raise _damaged(path, ValueError(f"more than {MAX_MEMBERS:,} files"))
        if member.isreg():
            yield member


@contextmanager
def _archive(path: Path) -> Iterator[tarfile.TarFile]:
    try:
        with open_packed(path) as unpacked:
            bounded = cast("IO[bytes]", _Bounded(unpacked, MAX_UNPACKED, path))
            with tarfile.open(fileobj=bounded, mode="r|") as archive:
                yield archive
    except _DAMAGE as error:
        raise _damaged(path, error) from error


def _damaged(path: Path, error: Exception) -> InputError:
    return InputError(
        "archive-damaged",
        f"The archive '{path}' cannot be read: {error.args[0] if error.args else error}.",
        hint="The download may have broken off: fetch it again and compare its size "
        "(cifar-10-python.tar.gz has 170,498,071 bytes).",
        where=str(path),
    )
