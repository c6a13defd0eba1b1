"""A child that tries everything it must not do, and says how each attempt ended.

Begun by the entry as the real children are, with two descriptors: where to answer, and sealed
memory as a submission is. Nothing here harms: what succeeds is undone or ends with the process.
"""

from __future__ import annotations

import errno
import fcntl
import json
import mmap
import os
import resource
import socket
import sys
import termios
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from checkers.isolation import kernel, lock
from checkers.isolation.syscalls import FORBIDDEN, number

_NEW_USER = 0x10000000
_SEIZE, _KEYRING = 0x4206, 0
# What the kernel answers to a call that is shut; anything else means that it was looked at.
_SHUT = (errno.EPERM, errno.EACCES, errno.ENOSYS)


def main() -> None:
    """Try everything, and answer with one line of JSON."""
    memory, answer, given = map(int, sys.argv[1:])
    thread = _Waiting()
    lock.last()
    tried = {name: _tried(attempt) for name, attempt in _attempts(memory, given)}
    tried["read a file from another thread"] = thread.outcome()
    tried["start a thread"] = _thread_works()
    document = {"held": lock.held(), "tried": tried}
    os.write(answer, json.dumps(document).encode())


def _tried(attempt: Callable[[], object]) -> str:
    """'blocked', 'open', or what else was said."""
    try:
        attempt()
    except MemoryError:
        return "blocked"
    except OSError as error:
        shut = error.errno in (*_SHUT, errno.ENOMEM)
        return "blocked" if shut else f"open ({error.strerror})"
    return "open"


class _Waiting:
    """A thread from before the last lock, as libraries have them: it must be bound too."""

    def __init__(self) -> None:
        self._go, self._said = threading.Event(), ""
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        self._go.wait()
        self._said = _tried(lambda: os.close(os.open("/etc/passwd", os.O_RDONLY)))

    def outcome(self) -> str:
        self._go.set()
        self._thread.join(10)
        return self._said or "open (no answer)"


def _thread_works() -> str:
    said: list[str] = []
    thread = threading.Thread(target=lambda: said.append("works"))
    try:
        thread.start()
    except RuntimeError as error:
        return str(error)
    thread.join(10)
    return said[0]


def _attempts(memory: int, given: int) -> Iterator[tuple[str, Callable[[], object]]]:
    yield from _network()
    yield from _files(given)
    yield from _processes()
    yield from _memory(memory)
    yield from _kernel()


def _network() -> Iterator[tuple[str, Callable[[], object]]]:
    yield "internet socket", lambda: socket.socket(socket.AF_INET).close()
    yield "unix socket", lambda: socket.socket(socket.AF_UNIX).close()
    yield "netlink socket", lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW).close()


def _files(given: int) -> Iterator[tuple[str, Callable[[], object]]]:
    yield "read a file", lambda: os.close(os.open("/etc/passwd", os.O_RDONLY))
    yield "read a file of the interpreter", lambda: os.close(os.open(os.__file__, os.O_RDONLY))
    yield "list a folder", lambda: list(Path("/").iterdir())
    yield "look at a file", lambda: Path("/etc/passwd").stat()
    yield "write a file", _write_a_file
    yield "make a folder", _make_a_folder
    yield "delete a file", lambda: _missing_is_open(os.unlink, "/tmp/companion-no-such-file")  # noqa: S108  # no file is made
    yield "make memory with a name", lambda: os.close(os.memfd_create("probe"))
    yield "change the submission", lambda: os.pwrite(given, b"x", 0)
    yield "cut the submission", lambda: os.ftruncate(given, 0)


def _write_a_file() -> None:
    descriptor = os.open("/tmp", os.O_TMPFILE | os.O_WRONLY, 0o600)  # noqa: S108  # has no name
    os.close(descriptor)


def _make_a_folder() -> None:
    path = Path(f"/tmp/companion-probe-{os.getpid()}")  # noqa: S108  # removed at once
    path.mkdir()
    path.rmdir()


def _missing_is_open(function: Callable[[str], object], path: str) -> None:
    with suppress(FileNotFoundError):  # it got as far as looking
        function(path)


def _processes() -> Iterator[tuple[str, Callable[[], object]]]:
    parent = os.getppid()
    yield "fork", _fork
    yield "run a program", _run_a_program
    yield "become a program", lambda: os.execv("/companion/no/such/program", ["x"])  # noqa: S606  # there is none
    yield "signal the parent", lambda: os.kill(parent, 0)
    yield "signal the parent's thread", lambda: _raw("tgkill", parent, parent, 0)
    yield "signal by descriptor", lambda: _own_signals(parent)
    yield "hold the parent", lambda: os.close(_raw("pidfd_open", parent, 0))
    yield "trace the parent", lambda: _trace(parent)
    yield "read the parent's memory", lambda: _read_memory(parent)
    yield (
        "read the parent's memory file",
        lambda: os.close(os.open(f"/proc/{parent}/mem", os.O_RDONLY)),
    )


def _fork() -> None:
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)


def _run_a_program() -> None:
    child = os.posix_spawn("/bin/true", ["true"], {})
    os.waitpid(child, 0)


def _own_signals(parent: int) -> None:
    """Make the kernel signal the parent when a descriptor is ready (F_SETOWN)."""
    one, other = os.pipe()
    try:
        fcntl.fcntl(one, fcntl.F_SETOWN, parent)
    finally:
        os.close(one)
        os.close(other)


def _trace(parent: int) -> None:
    _raw("ptrace", _SEIZE, parent, 0, 0)  # stops nobody, and ends with this process


def _read_memory(parent: int) -> None:
    _raw("process_vm_readv", parent, 0, 0, 0, 0, 0)  # nothing is asked for: success means open


def _memory(memory: int) -> Iterator[tuple[str, Callable[[], object]]]:
    shared = mmap.MAP_SHARED | mmap.MAP_ANONYMOUS
    yield (
        "more memory than allowed",
        lambda: mmap.mmap(
            -1, memory + mmap.PAGESIZE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS
        ).close(),
    )
    yield "shared memory", lambda: mmap.mmap(-1, mmap.PAGESIZE, flags=shared).close()
    yield "raise a limit", _raise_a_limit


def _raise_a_limit() -> None:
    limits = resource.getrlimit(resource.RLIMIT_DATA)
    try:
        resource.setrlimit(resource.RLIMIT_DATA, limits)
    except ValueError:  # Python's word for EPERM
        raise PermissionError(errno.EPERM, "not allowed") from None


def _kernel() -> Iterator[tuple[str, Callable[[], object]]]:
    yield "user namespace", lambda: _raw("unshare", _NEW_USER)
    yield "io_uring", lambda: _raw("io_uring_setup", 1, 0)
    yield "bpf", lambda: _raw("bpf", 0, 0, 0)
    yield "keys", lambda: _raw("keyctl", _KEYRING, 0, 0)
    yield "mount", lambda: _raw("mount", 0, 0, 0, 0, 0)
    yield "page faults", lambda: os.close(_raw("userfaultfd", 0))
    yield "performance counters", lambda: _raw("perf_event_open", 0, 0, 0, 0, 0)
    yield "ask a device", _ask_a_device


def _ask_a_device() -> None:
    one, other = os.pipe()
    try:
        fcntl.ioctl(one, termios.FIONREAD, b"\0\0\0\0")
    finally:
        os.close(one)
        os.close(other)


def _raw(name: str, *arguments: int) -> int:
    machine = os.uname().machine
    table = {**FORBIDDEN, "tgkill": (234, 131)}
    value = number(table, name, machine) if lock.possible() else None
    if value is None:
        raise OSError(errno.EOPNOTSUPP, "not tried here")
    return kernel.call(value, *arguments)


if __name__ == "__main__":
    main()
