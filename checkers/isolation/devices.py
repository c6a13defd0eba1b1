"""What a child that uses a GPU may reach besides: the nodes of the devices, and what drivers read.

No GPU was here to measure it. The places are those that others found CUDA to need under Landlock
(github.com/NVIDIA/OpenShell, pull request 710; github.com/nolabs-ai/nono, 639 and 652): nodes are
opened for writing, threads are named by writing to their `comm`, and /sys is read. Where no GPU
answers inside the lock, the child is started again without one, and the level is none; where none
answers there either, and none was asked for, on the processor with the whole lock.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

NODES: tuple[str, ...] = (
    "/dev/nvidia*",
    "/dev/kfd",
    "/dev/dri/renderD*",
    "/dev/dxg",
    "/dev/nvmap",
    "/dev/nvhost*",
)
_NAMES_OF_THREADS = "/proc/self/task"  # a rule binds to the folder of this very process
_READ = (
    *(
        "/sys",
        "/proc/devices",
        "/proc/driver/nvidia",
        "/proc/modules",
        "/proc/sys/vm",
        "/proc/version",
    ),
    *("/usr/local/cuda*", "/usr/lib/wsl", "/opt/rocm*", "/etc/nvidia", "/usr/share/nvidia"),
)


def usable() -> Iterator[str]:
    """What is read, written, and asked as a device."""
    for pattern in NODES:
        yield from _there(pattern)
    yield _NAMES_OF_THREADS


def readable() -> Iterator[str]:
    """What drivers and their libraries read."""
    for pattern in _READ:
        yield from _there(pattern)


def _there(pattern: str) -> list[str]:
    return sorted(map(str, Path("/").glob(pattern.removeprefix("/"))))
