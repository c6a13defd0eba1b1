"""Unpack the pictures of a .zip or .tar.* archive into a folder, and trust nothing in it.

Only plain files that are pictures or tables are written. A path that would leave the folder, a
link or a device refuses the whole archive: it was made by nobody who only packed pictures.
"""

from __future__ import annotations

import lzma
import shutil
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any

from answers.data.pictures import MAX_BYTES, is_picture_name
from answers.data.tar_stream import is_tar, open_packed
from answers.errors import CompanionError, InputError, RefusedError

MAX_MEMBERS = 400_000
MAX_UNPACKED = 20_000_000_000
_CHUNK = 1 << 20
_LARGEST_READ = 16 << 20
_DEEPEST = 32
_LONGEST = 240
_DAMAGE = (
    tarfile.TarError, zipfile.BadZipFile, EOFError, zlib.error, lzma.LZMAError, ValueError,
    NotImplementedError, RuntimeError,
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How much of an archive is unpacked: members in it, bytes of all files, bytes of one file."""

    members: int = MAX_MEMBERS
    total: int = MAX_UNPACKED
    each: int = MAX_BYTES


@dataclass(frozen=True, kw_only=True)
class _Member:
    """One entry of an archive; `plain` is false for links, devices and the like."""

    name: str
    plain: bool
    folder: bool
    handle: Any


def is_archive(path: Path) -> bool:
    """Whether the file is a zip or tar archive, by its content."""
    return path.is_file() and (zipfile.is_zipfile(path) or is_tar(path))


def unpack(path: Path, into: Path, limits: Limits | None = None) -> int:
    """Write the pictures and tables of the archive below the folder; the number of files.

    Raises InputError (archive-damaged) and RefusedError (archive-member, archive-limit); what was
    written before it is the caller's to remove.
    """
    limits = limits or Limits()
    try:
        with _opened(path, limits) as (members, open_member):
            return _unpack(path, into, limits, members, open_member)
    except CompanionError:
        raise
    except _DAMAGE as error:
        raise _damaged(path, error) from error
    except OSError as error:
        # gzip and bz2 say damage with an OSError that has no number; the disk's errors have one
        if error.errno is None:
            raise _damaged(path, error) from error
        raise


def _unpack(path: Path, into: Path, limits: Limits, members: Any, open_member: Any) -> int:
    written, left = 0, limits.total
    for number, member in enumerate(members):
        if number >= limits.members:
            raise _over(path, f"it holds more than {limits.members:,} entries")
        target = _target(path, member, into)
        if target is None:
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        with open_member(member.handle) as source:
            left -= _write(path, source, target, limits.each, left)
        written += 1
    return written


def _target(path: Path, member: _Member, into: Path) -> Path | None:
    """Where the member goes, or None for what is no picture and no table."""
    parts = _safe_parts(path, member.name)
    if member.folder:
        return None
    if not member.plain:
        raise _refused(path, member.name, "is a link or a device")
    target = into.joinpath(*parts)
    if any(part.startswith((".", "__MACOSX")) for part in parts):
        return None
    if not (is_picture_name(target) or target.suffix.lower() == ".csv"):
        return None
    if target.exists():
        raise _refused(path, member.name, "is there twice")
    return target


def _safe_parts(path: Path, name: str) -> tuple[str, ...]:
    pure = PurePosixPath(name)
    parts = tuple(part for part in pure.parts if part != ".")
    if pure.is_absolute() or ".." in parts or "\\" in name or ":" in name:
        raise _refused(path, name, "would leave the folder it is unpacked into")
    if (
        not name.isprintable()
        or len(parts) > _DEEPEST
        or max(map(len, parts), default=0) > _LONGEST
    ):
        raise _refused(path, name, "has a name that no picture needs")
    return parts


def _write(path: Path, source: IO[bytes], target: Path, each: int, left: int) -> int:
    size = 0
    with target.open("xb") as file:
        while chunk := source.read(_CHUNK):
            size += len(chunk)
            if size > each:
                raise _over(path, f"'{target.name:.60}' has more than {each:,} bytes")
            if size > left:
                raise _over(path, "it unpacks to too many bytes")
            file.write(chunk)
    return size


class _Guarded:
    """An unpacked tar whose headers can't ask for more memory or more bytes than is sensible."""

    def __init__(self, inner: IO[bytes], path: Path, most: int) -> None:
        self._inner, self._path, self._most = inner, path, most
        self.tell = inner.tell

    def read(self, size: int = -1) -> bytes:
        # a header of its own length (a long name) is read into memory at once
        if not 0 <= size <= _LARGEST_READ:
            raise _over(self._path, "a header in it is too long")
        return self._inner.read(size)

    def seek(self, place: int, whence: int = 0) -> int:
        if place > self._most:
            raise _over(self._path, "it unpacks to too many bytes")
        return self._inner.seek(place, whence)


@contextmanager
def _opened(path: Path, limits: Limits) -> Iterator[tuple[Iterator[_Member], Any]]:
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            yield (_of_zip(info) for info in archive.infolist()), archive.open
    else:
        with open_packed(path) as stream:
            most = max(2 * limits.total, _LARGEST_READ)
            guarded: Any = _Guarded(stream, path, most)
            with tarfile.open(fileobj=guarded, mode="r:") as packed:
                yield (_of_tar(info) for info in packed), packed.extractfile


def _of_zip(info: zipfile.ZipInfo) -> _Member:
    # the upper half holds Unix's kind of file; 0 where the writer knew no Unix
    kind = (info.external_attr >> 28) & 0xF
    return _Member(
        name=info.filename,
        plain=kind in {0, 8},
        folder=info.is_dir() and kind in {0, 4},
        handle=info,
    )


def _of_tar(info: tarfile.TarInfo) -> _Member:
    plain = info.isreg() and not info.issparse()
    return _Member(name=info.name, plain=plain, folder=info.isdir(), handle=info)


def clear(folder: Path) -> None:
    """Remove what was unpacked."""
    if folder.is_dir() and not folder.is_symlink():
        shutil.rmtree(folder)


def _refused(path: Path, name: str, why: str) -> RefusedError:
    return RefusedError(
        "archive-member",
        f"{name!r:.120} in the archive '{path}' {why}.",
        hint="Nothing of it is used. Pack the pictures again as plain files, or give the folder.",
        where=str(path),
    )


def _over(path: Path, fact: str) -> RefusedError:
    return RefusedError(
        "archive-limit",
        f"The archive '{path}' is larger than companion unpacks: {fact}.",
        hint="Unpack it yourself, and give the folder.",
        where=str(path),
    )


def _damaged(path: Path, error: Exception) -> InputError:
    return InputError(
        "archive-damaged",
        f"The archive '{path}' cannot be read: {error.args[0] if error.args else error}.",
        hint="It may have been cut off: fetch it again, and compare its size.",
        where=str(path),
    )
