"""A child that attacks whoever started it, and says on stdout what it got done.

Arguments: a file to make, and 1 where the lock is to be held.
"""

from __future__ import annotations

import ctypes
import os
import socket
import subprocess
import sys
from collections.abc import Callable

from checkers.isolation import lock


def main() -> None:
    """Lock, import an engine's library, and attack."""
    marker, locked = sys.argv[1], sys.argv[2] == "1"
    if locked:
        lock.first()
    import numpy as np

    np.ones((64, 64)) @ np.ones((64, 64))
    if locked:
        lock.last()
    for name, attempt in _attacks(marker).items():
        try:
            fine = attempt()
        except Exception:  # noqa: BLE001, S112  # whatever stops it, it is stopped
            continue
        if fine:
            sys.stdout.write(f"{name} ")
    sys.stdout.flush()


def _attacks(marker: str) -> dict[str, Callable[[], bool]]:
    return {
        "system": lambda: os.system(f"touch {marker}") == 0,  # noqa: S605  # the attack
        "popen": lambda: subprocess.run(["/bin/true"], check=True).returncode == 0,
        "write": lambda: _write(marker),
        "secret": lambda: _read("/etc/passwd"),
        "connect": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).fileno() >= 0,
        "fork": _fork,
        "kill": _kill,
        "memory": lambda: _read(f"/proc/{os.getppid()}/mem", at_all=True),
        "environment": lambda: _read(f"/proc/{os.getppid()}/environ"),
        "libc": lambda: ctypes.CDLL(None).system(f"touch {marker}".encode()) == 0,
    }


def _write(path: str) -> bool:
    with open(path, "w", encoding="utf-8") as file:  # noqa: PTH123  # as an attacker would
        return file.write("fired") == len("fired")


def _read(path: str, *, at_all: bool = False) -> bool:
    with open(path, "rb") as file:  # noqa: PTH123  # as an attacker would
        return at_all or bool(file.read(1))


def _kill() -> bool:
    os.kill(os.getppid(), 0)
    return True


def _fork() -> bool:
    child = os.fork()
    if child == 0:
        os._exit(0)
    return os.waitpid(child, 0)[1] == 0


if __name__ == "__main__":
    main()
