"""A command on a system that this machine is not: what Python lacks there is taken away first.

    python pretended_system.py SYSTEM run ARGUMENT…      the command `companion ARGUMENT…`
    python pretended_system.py SYSTEM import MODULE…     modules of ours, one after the other

Children are begun in the same way. What is missing where is from the documentation of Python's
modules ("Availability"). Paths and shells stay those of this machine.
"""

from __future__ import annotations

import importlib
import mmap
import os
import select
import signal
import socket
import sys
from types import ModuleType

_UNIX = ("fcntl", "grp", "pty", "pwd", "readline", "resource", "syslog", "termios", "tty")
_OF_CHILDREN = ("h5py", "onnxruntime", "multiprocessing")
_LINUX: dict[ModuleType, tuple[str, ...]] = {
    os: (
        *("memfd_create", "MFD_CLOEXEC", "MFD_ALLOW_SEALING", "pidfd_open", "sched_getaffinity"),
        *("sched_setaffinity", "O_PATH", "eventfd", "splice", "getresuid"),
    ),
    select: ("epoll",),
}
_POSIX: dict[ModuleType, tuple[str, ...]] = {
    os: (
        *("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "fork", "geteuid", "getuid", "getgid", "killpg"),
        *("pread", "pwrite", "uname", "mkfifo", "wait4", "getpgid", "setsid", "statvfs"),
    ),
    signal: ("SIGKILL", "SIGBUS", "SIGXCPU", "SIGALRM", "SIGHUP", "SIGPIPE", "pause", "alarm"),
    socket: ("AF_UNIX", "AF_NETLINK", "send_fds", "recv_fds"),
    select: ("poll",),
    mmap: ("MAP_PRIVATE", "MAP_SHARED", "PROT_READ", "PROT_WRITE", "MAP_ANONYMOUS"),
}


def pretend(system: str) -> None:
    """Take away what `system` ('darwin' or 'win32') has not."""
    _import_first()
    without = [_LINUX] + [_POSIX] * (system == "win32")
    for table in without:
        for module, names in table.items():
            for name in names:
                vars(module).pop(name, None)
    if system == "darwin":
        vars(importlib.import_module("resource")).pop("prlimit", None)
    for name in _UNIX if system == "win32" else ():
        sys.modules[name] = None  # type: ignore[assignment]  # Python's way to say: not there
    sys.platform = system
    _begin_children_so(system)


def _import_first() -> None:
    """Libraries choose their side when they are imported; it is ours that is looked at."""
    for name in ("subprocess", "tempfile", "typer", "rich.console", "platformdirs", "numpy", "PIL"):
        importlib.import_module(name)
    for name in _OF_CHILDREN if mode == "child" else ():
        importlib.import_module(name)
    importlib.import_module("sysconfig").get_config_vars()


def _begin_children_so(system: str) -> None:
    from checkers.engine import child

    begin = child._command

    def command(module: str, memory: int, numbers: tuple[int, ...]) -> list[str]:
        _, _, _, _, entry, *rest = begin(module, memory, numbers)
        return [sys.executable, "-I", "-B", __file__, system, "child", entry, *rest]

    child._command = command


def _child() -> None:
    entry = sys.argv.pop(1)
    importlib.import_module(entry).main()


def _run() -> None:
    from companion.__main__ import main

    sys.argv[0] = "companion"
    main()


def _import() -> None:
    for name in sys.argv[1:]:
        importlib.import_module(name)
        sys.stdout.write(f"{name}\n")


if __name__ == "__main__":
    pretended, mode = sys.argv[1:3]
    del sys.argv[1:3]
    pretend(pretended)
    {"child": _child, "run": _run, "import": _import}[mode]()
