"""Writing a file that somebody asked for: whole or not at all."""

from __future__ import annotations

import errno
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from answers.errors import CompanionError, InputError, MissingError
from companion.views.printable import printable

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextmanager
def written(path: Path) -> Iterator[BinaryIO]:
    """A file to write into, which takes its name only when all of it is written.

    A link stays one: the file is written that it leads to. A device or a pipe is written into.
    Raises: MissingError disk-full; InputError cannot-write.
    """
    target = Path(os.path.realpath(path))
    try:
        with _beside(target) if _is_plain(target) else target.open("wb") as file:
            yield file
    except OSError as error:
        raise trouble(path, error) from None


@contextmanager
def _beside(target: Path) -> Iterator[BinaryIO]:
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    beside = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        beside.chmod(0o666 & ~_umask())
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)


def _is_plain(target: Path) -> bool:
    return target.is_file() or not target.exists()


def check_output(path: Path, endings: tuple[str, ...], *, where: str = "--output") -> None:
    """Refuse a file whose ending says no form that can be written, or a place that can't be.

    A device or a pipe has no ending: it is taken where there is one form.
    where: the option that names it.
    Raises: InputError output-format, cannot-write.
    """
    nameless = len(endings) == 1 and not _is_plain(path)
    if path.suffix.lower() not in endings and not nameless:
        known = " or ".join(filter(None, (", ".join(endings[:-1]), endings[-1])))
        raise InputError(
            "output-format",
            f"{path.name!r:.60} does not end in {known}.",
            hint=f"The ending says the form: name the file {known}.",
            where=where,
        )
    check_place(path)


def say_written(path: Path) -> None:
    """On stderr, as the answer itself may go into a pipe."""
    sys.stderr.write(printable(f"Written: {path}.") + "\n")


def check_place(path: Path) -> None:
    """Refuse a place that can't be written, before minutes of work are spent on its content."""
    if path.is_dir():
        raise InputError("cannot-write", f"{path} is a folder, not a file.", hint="Name a file.")
    target = Path(os.path.realpath(path))
    if not target.parent.is_dir():
        raise InputError(
            "cannot-write", f"The folder {target.parent} does not exist.", hint="Make it first."
        )
    if not os.access(target.parent if _is_plain(target) else target, os.W_OK):
        raise InputError(
            "cannot-write",
            f"{path} can't be written: you have no right to.",
            hint="Name another place.",
        )


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def trouble(path: Path, error: OSError) -> CompanionError:
    """What kept a file from being written, as a typed error."""
    if error.errno in _NO_ROOM:
        return MissingError(
            "disk-full",
            f"There is no room to write {path}; nothing was left behind.",
            hint="Free some space, or name another place.",
        )
    what = error.strerror or type(error).__name__
    return InputError("cannot-write", f"{path} can't be written: {what}.", hint="Check the path.")
