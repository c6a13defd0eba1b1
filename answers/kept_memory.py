"""Memory that is freed and asked for again, step after step: kept by the process meanwhile."""

from __future__ import annotations

import ctypes
import platform

# mallopt(3) of glibc
_M_TRIM_THRESHOLD, _M_TOP_PAD, _M_MMAP_MAX = -1, -2, -4
_TOP_PAD = 64 << 20


def keep_memory() -> None:
    """Let the C library keep what is freed, instead of giving it back to the system.

    The arrays of each batch are as large as those of the batch before. Given back and asked for
    anew, every page of them is cleared again by the kernel: up to half of an epoch's time.
    """
    if platform.libc_ver()[0] != "glibc":
        return
    library = ctypes.CDLL(None)
    library.mallopt(_M_MMAP_MAX, 0)
    library.mallopt(_M_TRIM_THRESHOLD, 2**31 - 1)
    library.mallopt(_M_TOP_PAD, _TOP_PAD)
