"""Limits of the kernel for one process: memory, time of the processor, files, core."""

from __future__ import annotations

import math
import os
import sys
from contextlib import suppress

CPU = "COMPANION_CPU"  # set by the parent for a child whose seconds are known when it starts
_DESCRIPTORS = 512
_ROOM = 8  # more than one run, with both engines and under every scale, is asked for
WRITTEN = 2 << 30  # of the memory that the reader puts the weights into


def take(memory: int) -> None:
    """Private memory of `memory` bytes at the most, and no core file with somebody's data.

    The parent keeps the time by the clock; the kernel's own limit holds when the parent is stopped.
    """
    _lower("RLIMIT_CORE", 0)
    if CPU in os.environ:
        _lower("RLIMIT_CPU", int(os.environ[CPU]))
    if sys.platform == "linux":
        _lower("RLIMIT_DATA", memory)


def take_files() -> None:
    """Few descriptors, and no endless file."""
    _lower("RLIMIT_NOFILE", _DESCRIPTORS)
    _lower("RLIMIT_FSIZE", WRITTEN)


def allow_time(process: int, seconds: float) -> None:
    """Let a child that runs have all cores for so many seconds since it was started, and no more.

    No honest child comes to the limit: its time by the clock ends first. It is for one whose parent
    stands still. What exceeds it ends by SIGXCPU; the hard limit, which nobody can ignore, can't be
    raised again by an ordinary user, and so leaves room for what may still be asked of this child.
    """
    try:
        import resource

        limit_of = resource.prlimit
    except (ImportError, AttributeError):
        return  # Linux alone has it
    soft = math.ceil(seconds * (os.cpu_count() or 1))
    with suppress(OSError, ValueError):  # it has ended, which shows when it is read from
        _, hard = limit_of(process, resource.RLIMIT_CPU)
        hard = _ROOM * soft if hard == resource.RLIM_INFINITY else hard
        limit_of(process, resource.RLIMIT_CPU, (min(soft, hard), hard))


def _lower(name: str, value: int) -> None:
    try:
        import resource
    except ImportError:
        return  # Windows has no such limits
    which = getattr(resource, name)
    _, hard = resource.getrlimit(which)
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    with suppress(ValueError):  # Python's word for EPERM: this process is locked already
        resource.setrlimit(which, (value, value))
