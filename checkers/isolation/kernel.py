"""System calls that Python has no function for, by ctypes."""

from __future__ import annotations

import ctypes
import os

_C = ctypes.CDLL(None, use_errno=True)
_C.syscall.restype = ctypes.c_long

# prctl's requests
DEATH_SIGNAL = 1
DUMPABLE = 4
NO_NEW_PRIVILEGES = 38


def call(number: int, *arguments: int) -> int:
    """The result of a system call.

    Raises: OSError.
    """
    result = int(_C.syscall(ctypes.c_long(number), *map(ctypes.c_ulong, arguments)))
    return _checked(result)


def control(request: int, value: int) -> None:
    """Ask prctl for something.

    Raises: OSError.
    """
    _checked(int(_C.prctl(request, *map(ctypes.c_ulong, (value, 0, 0, 0)))))


def _checked(result: int) -> int:
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result
