"""The lock that a child puts on itself, in two steps, before it opens anything of a submission.

`first`, with one thread and nothing imported: no new privileges, limits, files of the interpreter
alone (Landlock), no sockets, no other processes (seccomp). Both bind the threads that libraries
start later. `last`, when everything is imported: no path at all, on all threads.

A child that uses a GPU can't do without paths: its driver opens nodes and libraries at any time. It
stays with `first`, to which the nodes are added (`devices`).

Where the machine has no such lock, nothing fails: `held` says what is in place, and the level of
the report follows from it. Not for use in the parent: a lock can't be taken off.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Literal

from checkers.isolation import rlimits

Part = Literal["privileges", "limits", "files", "calls", "paths", "devices"]
ALL: tuple[Part, ...] = ("privileges", "limits", "files", "calls", "paths")

# set by the parent for a child that needs a GPU
SWITCH, OFF, DEVICES = "COMPANION_LOCK", "off", "devices"
PARENT = "COMPANION_PARENT"  # its process number, set by the parent

_held: list[Part] = []
_SYSTEM = (
    "/usr/lib", "/lib", "/lib64", "/usr/lib64", "/etc/ld.so.cache", "/proc/cpuinfo", "/proc/meminfo",
    "/proc/self", "/sys/devices/system/cpu", "/sys/devices/system/node", "/dev/urandom",
)  # fmt: skip
_OURS = ("answers", "checkers")


def held() -> tuple[Part, ...]:
    """The parts of the lock that are in place."""
    return tuple(_held)


def possible() -> bool:
    """Whether this is a machine that the locks are written for."""
    return sys.platform == "linux" and _machine() in ("x86_64", "aarch64")


def die_with_the_parent() -> None:
    """Have the kernel end this process when whoever started it is gone, however that ended.

    The kernel takes the thread that started us for the parent: it must live as long as we do.
    """
    if sys.platform != "linux":
        return  # the channel to the parent ends, which shows when it is read from
    from checkers.isolation import kernel

    with suppress(OSError):
        kernel.control(kernel.DEATH_SIGNAL, signal.SIGKILL)
    if os.environ.get(PARENT, str(os.getppid())) != str(os.getppid()):
        os._exit(1)  # it went before we asked


def first() -> None:
    """The part before libraries are imported. Call it with one thread."""
    if not possible() or os.environ.get(SWITCH) == OFF:
        return
    _try("privileges", _give_up_privileges)
    _try("limits", rlimits.take_files)
    if "privileges" in _held:
        _try("files", _lock_files)
        _try("calls", lambda: _filter("import"))
    if _uses_devices() and {"files", "calls"} <= set(_held):
        _held.append("devices")


def last() -> None:
    """The part after the imports: from now on nothing is opened, on no thread."""
    if "calls" in _held and "paths" not in _held and not _uses_devices():
        _try("paths", lambda: _filter("run"))


def _try(part: Part, lock: Callable[[], None]) -> None:
    try:
        lock()
    except OSError:
        return  # `held` tells it
    _held.append(part)


def _give_up_privileges() -> None:
    from checkers.isolation import kernel

    kernel.control(kernel.NO_NEW_PRIVILEGES, 1)
    kernel.control(kernel.DUMPABLE, 0)


def _lock_files() -> None:
    from checkers.isolation import landlock

    machine = _machine()
    if landlock.version(machine) == 0:
        raise OSError("This kernel has no Landlock.")
    if not _uses_devices():
        landlock.restrict(machine, readable(), sys.path)
        return
    from checkers.isolation import devices

    read = (*readable(), *devices.readable())
    landlock.restrict(machine, read, sys.path, devices.usable())


def _uses_devices() -> bool:
    return os.environ.get(SWITCH) == DEVICES


def _filter(which: Literal["import", "run"]) -> None:
    from checkers.isolation import seccomp

    seccomp.install(which, _machine(), os.getpid())


def _machine() -> str:
    return os.uname().machine


def readable() -> Iterator[str]:
    """What importing needs: the interpreter's folders, installed packages, our two floors."""
    yield from _SYSTEM
    yield from _library_folders()
    for prefix in {sys.base_prefix, sys.prefix}:
        yield from (f"{prefix}/{name}" for name in ("lib", "lib64"))
    for folder in sys.path:
        if folder.endswith(("/site-packages", "/dist-packages")):
            yield folder
        yield from (f"{folder}/{name}" for name in _OURS)


def _library_folders() -> Iterator[str]:
    """Those that the person names. A child begins in the root: a relative one would open all of it."""
    for folder in os.environ.get("LD_LIBRARY_PATH", "").split(os.pathsep):
        if os.path.isabs(folder) and os.path.realpath(folder) != "/":  # noqa: PTH117  # a word, no path yet
            yield folder
