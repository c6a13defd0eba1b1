"""Memory with a descriptor, for another process: on Linux a memfd, elsewhere an unlinked file.

Written once, then sealed by the kernel itself; or written again and again by one side, and read by
the other, whose descriptor can't write.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_SEALS = 0x1 | 0x2 | 0x4 | 0x8  # F_SEAL_SEAL, SHRINK, GROW, WRITE
_SIZE_SEALS = 0x2 | 0x4
_ADD_SEALS = 1033  # fcntl's F_ADD_SEALS
_PIECE = 1 << 20


def create(name: str) -> int:
    """A new descriptor of empty memory."""
    if hasattr(os, "memfd_create"):
        return os.memfd_create(name, os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())


def written_and_read(name: str, size: int) -> tuple[int, int]:
    """Two descriptors of the same memory of exactly `size` bytes: to write it, and to read it only."""
    if hasattr(os, "memfd_create"):
        descriptor = create(name)
        try:
            fix_size(descriptor, size)
            with suppress(OSError):  # where /proc is not there
                return descriptor, os.open(
                    f"/proc/self/fd/{descriptor}", os.O_RDONLY | os.O_CLOEXEC
                )
        except OSError:
            os.close(descriptor)
            raise
        os.close(descriptor)
    descriptor, path = tempfile.mkstemp()
    try:
        # a file has no seals, and needs none: nobody can reopen it; zeros, because a full disk ends
        # whoever writes later into a mapped hole
        zeros = bytes(min(size, _PIECE))
        write(descriptor, (zeros[: size - at] for at in range(0, size, _PIECE)))
        return descriptor, os.open(path, os.O_RDONLY)
    except OSError:
        os.close(descriptor)
        raise
    finally:
        Path(path).unlink()


def seal(descriptor: int) -> None:
    """Nobody can change the contents from now on."""
    _add(descriptor, _SEALS)


def fix_size(descriptor: int, size: int) -> None:
    """Memory of exactly so many bytes from now on: whoever writes can't take more."""
    os.ftruncate(descriptor, size)
    _add(descriptor, _SIZE_SEALS)


def _add(descriptor: int, seals: int) -> None:
    if hasattr(os, "memfd_create"):
        import fcntl

        fcntl.fcntl(descriptor, _ADD_SEALS, seals)


def write(descriptor: int, pieces: Iterable[bytes | memoryview]) -> int:
    """Append pieces; returns how many bytes were written."""
    total = 0
    for piece in pieces:
        view = memoryview(piece).cast("B")
        total += len(view)
        while view:
            view = view[os.write(descriptor, view) :]
    return total


@contextmanager
def memory(name: str) -> Iterator[int]:
    """A descriptor that is closed at the end."""
    descriptor = create(name)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
