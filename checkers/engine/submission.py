"""The file somebody handed in: looked at without following links, copied, sealed and hashed."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from answers.errors import CompanionError, InputError, ModelFileError, RefusedError
from checkers.engine import sealed_memory
from checkers.engine.reading import reading
from checkers.model_file import limits
from checkers.model_file.archive import CONFIG, METADATA, WEIGHTS, Member
from checkers.model_file.names import ARCHIVE
from checkers.model_file.sniff import HAND_IN

_PIECE = 1 << 20
# Windows has no links to follow unasked, and its files are bytes only if one says so.
_FLAGS = ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY")
_READ_ONLY = os.O_RDONLY | sum(getattr(os, flag, 0) for flag in _FLAGS)


@dataclass(frozen=True)
class Submission:
    """A private copy of a file. descriptor: sealed memory that holds it."""

    path: Path
    size: int
    sha256: str
    descriptor: int


@contextmanager
def submission(path: Path, member: Member | None = None) -> Iterator[Submission]:
    """The copy of a file, closed at the end.

    member: of a zip file of several models, which a child of its own unpacks; of the rest of that file
    no copy is made, for a class may hand in more than fits into memory.
    Raises: InputError path-missing; ModelFileError is-a-directory, cannot-read; RefusedError
    savedmodel, not-a-regular-file, file-too-large. Of a member also as `Reading.unpack`.
    """
    if member is None:
        with _copy(path) as whole:
            yield whole
        return
    _check_size(member.size, limits.FILE_BYTES)
    with looked_at(path, limits.COLLECTION_BYTES) as source, reading(source) as reader:
        descriptor = os.dup(reader.unpack(member))
    try:
        name = member_path(path, member)
        yield Submission(name, member.size, _digest(descriptor), descriptor)
    finally:
        os.close(descriptor)


def member_path(path: Path, member: Member) -> Path:
    """What a member of a zip file is called: always something below the archive."""
    return path.joinpath(*(part for part in member.name.split("/") if part not in ("", "..")))


@contextmanager
def _copy(path: Path) -> Iterator[Submission]:
    source = _packed(path) if is_unpacked(path) else _opened(path)
    try:
        with sealed_memory.memory("submission") as copy:
            digest, size = hashlib.sha256(), 0
            while piece := _piece(source, path):
                size += sealed_memory.write(copy, [piece])
                digest.update(piece)
                _check_size(size, limits.FILE_BYTES)
            sealed_memory.seal(copy)
            os.lseek(copy, 0, os.SEEK_SET)
            yield Submission(path, size, digest.hexdigest(), copy)
    finally:
        os.close(source)


def _digest(descriptor: int) -> str:
    os.lseek(descriptor, 0, os.SEEK_SET)
    with os.fdopen(os.dup(descriptor), "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def looked_at(path: Path, most: int) -> Iterator[int]:
    """The descriptor of the file itself, read-only: for looking at it, where nothing is judged.

    most: bytes that it may have.
    Raises: as `submission`.
    """
    source = _packed(path) if is_unpacked(path) else _open(path, most)
    try:
        yield source
    finally:
        os.close(source)


def _opened(path: Path) -> int:
    """The descriptor of a file that is small enough to be a model.

    Raises: as `submission`; of an archive, which may be larger, what is damaged in it.
    """
    try:
        return _open(path, limits.FILE_BYTES)
    except RefusedError as error:
        if error.code == "file-too-large" and path.suffix.lower() == ARCHIVE:
            with looked_at(path, limits.COLLECTION_BYTES) as source, reading(source) as reader:
                reader.contents()
        raise


def _open(path: Path, most: int) -> int:
    try:
        facts = path.lstat()
    except (OSError, ValueError) as error:
        raise _no_file(path, error) from None
    if stat.S_ISDIR(facts.st_mode):
        raise _directory(path)
    _check_kind(path, facts.st_mode)
    _check_size(facts.st_size, most)
    try:
        source = os.open(path, _READ_ONLY)
    except OSError as error:
        raise _no_file(path, error) from None
    try:
        _check_kind(path, os.fstat(source).st_mode)  # it may be another one by now
    except RefusedError:
        os.close(source)
        raise
    return source


def is_unpacked(path: Path) -> bool:
    """Whether a folder is a `.keras` archive that somebody unpacked."""
    try:
        whole = stat.S_ISDIR(path.lstat().st_mode)
        return whole and all((path / name).exists() for name in (CONFIG, WEIGHTS))
    except (OSError, ValueError):
        return False


def _packed(folder: Path) -> int:
    """A descriptor of the archive that such a folder was: its files under their names, stored."""
    packed = sealed_memory.create("packed")
    try:
        with (
            os.fdopen(os.dup(packed), "wb") as file,
            zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive,
        ):
            for name in (METADATA, CONFIG, WEIGHTS):
                if name != METADATA or (folder / name).exists():
                    _pack(archive, folder / name)
        os.lseek(packed, 0, os.SEEK_SET)
    except BaseException:
        os.close(packed)
        raise
    return packed


def _pack(archive: zipfile.ZipFile, path: Path) -> None:
    source, size = _open(path, limits.FILE_BYTES), 0
    try:
        # without a date, so that the same folder has the same hash
        with archive.open(zipfile.ZipInfo(path.name), "w", force_zip64=False) as member:
            while piece := _piece(source, path):
                size += len(piece)
                _check_size(size, limits.FILE_BYTES)
                member.write(piece)
    finally:
        os.close(source)


def _check_kind(path: Path, mode: int) -> None:
    if not stat.S_ISREG(mode):
        kind = "a link" if stat.S_ISLNK(mode) else "a device, a pipe or a socket"
        raise RefusedError(
            "not-a-regular-file", f"{path.name} is {kind}, not a file.", hint=HAND_IN
        )


def _piece(source: int, path: Path) -> bytes:
    try:
        return os.read(source, _PIECE)
    except OSError as error:
        raise ModelFileError("cannot-read", f"{path} can't be read: {error.strerror}.") from None


def _check_size(size: int, most: int) -> None:
    if size > most:
        raise RefusedError(
            "file-too-large",
            f"The file has {size:,} bytes; the limit is {most:,}.",
            hint="Save it without the optimizer: model.save(path, include_optimizer=False). An "
            "archive of many models is graded with --all.",
        )


def _no_file(path: Path, error: OSError | ValueError) -> CompanionError:
    if isinstance(error, OSError) and error.errno == errno.EACCES:
        return _may_not_be_read(path)
    return InputError(
        "path-missing", f"There is no file {path}.", hint="Check the spelling of the path."
    )


def _may_not_be_read(path: Path) -> ModelFileError:
    return ModelFileError("cannot-read", f"{path} may not be read.", hint="Check its rights.")


def _directory(path: Path) -> CompanionError:
    try:
        os.scandir(path).close()
        saved_model = (path / "saved_model.pb").exists()
    except PermissionError:
        return _may_not_be_read(path)
    if saved_model:
        return RefusedError(
            "savedmodel",
            f"{path.name} is a SavedModel folder: a program, which is never run.",
            hint=f'Where you trained it: model = tf.keras.models.load_model("{path.name}"), and '
            'then model.save("model.keras"). Hand in that file.',
        )
    return ModelFileError("is-a-directory", f"{path} is a folder, not a model file.", hint=HAND_IN)
