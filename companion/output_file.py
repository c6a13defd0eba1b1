"""Writing a file that somebody asked for: whole or not at all."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from answers.errors import CompanionError, InputError, MissingError

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextmanager
def written(path: Path) -> Iterator[BinaryIO]:
    """A file to write into, which takes its name only when all of it is written.

    Raises: MissingError disk-full; InputError cannot-write.
    """
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent or None)
    except OSError as error:
        raise trouble(path, error) from None
    beside = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        beside.chmod(0o666 & ~_umask())
        beside.replace(path)
    except OSError as error:
        raise trouble(path, error) from None
    finally:
        beside.unlink(missing_ok=True)


def check_place(path: Path) -> None:
    """Refuse a place that can't be written, before minutes of work are spent on its content."""
    if path.is_dir():
        raise InputError("cannot-write", f"{path} is a folder, not a file.", hint="Name a file.")
    if not path.absolute().parent.is_dir():
        raise InputError(
            "cannot-write", f"The folder {path.parent} does not exist.", hint="Make it first."
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
