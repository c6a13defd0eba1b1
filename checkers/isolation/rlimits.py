"""Limits of the kernel for one process: memory, time of the processor, files, core."""

from __future__ import annotations

import os
import resource
import sys
from contextlib import suppress

CPU = "COMPANION_CPU"  # set by the parent for a child whose seconds are known when it starts
_DESCRIPTORS = 512
WRITTEN = 2 << 30  # of the memory that the reader puts the weights into


def take(memory: int) -> None:
    """Private memory of `memory` bytes at the most, and no core file with somebody's data.

    The parent keeps the time by the clock; the kernel's own limit holds when the parent is stopped.
    """
    _lower(resource.RLIMIT_CORE, 0)
    if CPU in os.environ:
        _lower(resource.RLIMIT_CPU, int(os.environ[CPU]))
    if sys.platform == "linux":
        _lower(resource.RLIMIT_DATA, memory)


def take_files() -> None:
    """Few descriptors, and no endless file."""
    _lower(resource.RLIMIT_NOFILE, _DESCRIPTORS)
    _lower(resource.RLIMIT_FSIZE, WRITTEN)


def _lower(which: int, value: int) -> None:
    _, hard = resource.getrlimit(which)
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    with suppress(ValueError):  # Python's word for EPERM: this process is locked already
        resource.setrlimit(which, (value, value))
