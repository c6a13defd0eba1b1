"""A child with the lock of a GPU's child, /dev/random standing for the GPU; says what it got done."""

from __future__ import annotations

import fcntl
import os
import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from checkers.isolation import devices, lock

_HOW_MUCH = 0x80045200  # RNDGETENTCNT: how much entropy there is


def main() -> None:
    """Lock, and try."""
    devices.NODES = ("/dev/random",)
    lock.first()
    lock.last()
    for name, attempt in ATTEMPTS.items():
        try:
            attempt()
        except (OSError, RuntimeError):
            continue
        sys.stdout.write(f"{name} ")


def _opened(path: str, flags: int) -> Callable[[], None]:
    return lambda: os.close(os.open(path, flags))


def _asked(path: str) -> Callable[[], None]:
    def ask() -> None:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            fcntl.ioctl(descriptor, _HOW_MUCH, b"\0\0\0\0")
        finally:
            os.close(descriptor)

    return ask


def _name_a_thread() -> None:
    path = f"/proc/self/task/{threading.get_native_id()}/comm"
    descriptor = os.open(path, os.O_WRONLY)
    try:
        os.write(descriptor, b"renamed")
    finally:
        os.close(descriptor)


def _start_a_thread() -> None:
    thread = threading.Thread(target=int)
    thread.start()
    thread.join()


def _fork() -> None:
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)


def _program() -> None:
    os.waitpid(os.posix_spawn("/bin/true", ["true"], {}), 0)


ATTEMPTS: dict[str, Callable[[], object]] = {
    "use-the-device": _opened("/dev/random", os.O_RDWR),
    "ask-the-device": _asked("/dev/random"),
    "use-another-device": _opened("/dev/null", os.O_RDWR),
    "ask-another-device": _asked("/dev/urandom"),
    "name-a-thread": _name_a_thread,
    "start-a-thread": _start_a_thread,
    "read-a-library": _opened(os.__file__, os.O_RDONLY),
    "read-a-secret": _opened("/etc/passwd", os.O_RDONLY),
    "list-the-root": lambda: list(Path("/").iterdir()),
    "write-a-file": _opened("/tmp", os.O_TMPFILE | os.O_WRONLY),  # noqa: S108  # has no name
    "read-the-parent": _opened(f"/proc/{os.getppid()}/environ", os.O_RDONLY),
    "signal-the-parent": lambda: os.kill(os.getppid(), 0),
    "socket": lambda: socket.socket(socket.AF_UNIX).close(),
    "fork": _fork,
    "program": _program,
}


if __name__ == "__main__":
    main()
