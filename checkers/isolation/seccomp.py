"""Filters of system calls: an allow-list as a program that the kernel runs at every call.

What is not on the list gets EPERM, so that libraries cope and probes can tell; a call by the
numbers of another machine kills. The program is classic BPF, assembled here.
"""

from __future__ import annotations

import ctypes
import errno
import struct
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, NamedTuple

from checkers.isolation import kernel
from checkers.isolation.syscalls import IMPORT, LOCK, RUN, Numbers, existing, number

Step = tuple[int, int, int, int]  # code, jump if true, jump if false, value
Which = Literal["import", "run"]

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
ALLOW, KILL = 0x7FFF0000, 0x80000000
EPERM, ENOSYS = 0x00050000 | errno.EPERM, 0x00050000 | errno.ENOSYS
ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_X32 = 0x40000000
_STEP = struct.Struct("<HBBI")
_SET_FILTER, _ALL_THREADS = 1, 1

_MAP_SHARED, _CLONE_THREAD, _EMPTY_PATH = 0x1, 0x10000, 0x1000
# duplicate, read flags, read and set close-on-exec, read seals: F_SETOWN would send signals
_FCNTL = (0, 1, 2, 3, 1030, 1034)


class Condition(NamedTuple):
    """What half of an argument must be: argument i is the halves 2i (low) and 2i + 1."""

    half: int
    test: Literal["equal", "any", "none"]
    value: int


def conditions(which: Which, pid: int) -> Mapping[str, tuple[tuple[Condition, ...], ...]]:
    """Calls that are allowed with certain arguments only: one of the alternatives must hold."""
    common = {
        "clone": ((Condition(0, "any", _CLONE_THREAD),),),
        "tgkill": ((Condition(0, "equal", pid),),),
        "fcntl": tuple((Condition(2, "equal", command),) for command in _FCNTL),
        "prlimit64": ((Condition(4, "equal", 0), Condition(5, "equal", 0)),),
    }
    if which == "import":
        return common
    return common | {
        "mmap": ((Condition(6, "none", _MAP_SHARED),),),
        "newfstatat": ((Condition(6, "any", _EMPTY_PATH),),),
    }


def program(which: Which, machine: str, pid: int) -> list[Step]:
    """The filter's instructions."""
    allowed = RUN if which == "run" else {**RUN, **IMPORT}
    steps = [
        (_LOAD, 0, 0, 4),
        (_EQUAL, 1, 0, ARCHITECTURES[machine]),
        (_RETURN, 0, 0, KILL),
        (_LOAD, 0, 0, 0),
    ]
    if machine == "x86_64":
        steps += [(_AT_LEAST, 0, 1, _X32), (_RETURN, 0, 0, KILL)]
    steps += _plain(allowed, machine, conditions(which, pid))
    for name, alternatives in conditions(which, pid).items():
        for wanted in alternatives:
            steps += _conditional(number(allowed, name, machine), wanted)
    return [*steps, (_RETURN, 0, 0, EPERM)]


def _plain(allowed: Mapping[str, Numbers], machine: str, special: Iterable[str]) -> Iterator[Step]:
    for name in allowed:
        value = number(allowed, name, machine)
        if name in special or value is None:
            continue
        # glibc falls back to clone, whose flags the filter can see
        yield (_EQUAL, 0, 1, value)
        yield (_RETURN, 0, 0, ENOSYS if name == "clone3" else ALLOW)


def _conditional(call: int | None, wanted: tuple[Condition, ...]) -> list[Step]:
    """Allow a call when all conditions hold; else go on behind this block."""
    if call is None:
        return []
    block: list[Step] = [(_RETURN, 0, 0, ALLOW)]
    for condition in reversed(wanted):
        ends = len(block)
        code = _EQUAL if condition.test == "equal" else _ANY_BIT
        jumps = (ends, 0) if condition.test == "none" else (0, ends)
        block = [
            (_LOAD, 0, 0, 16 + 4 * condition.half),
            (code, *jumps, condition.value),
            *block,
        ]
    return [(_LOAD, 0, 0, 0), (_EQUAL, 0, len(block), call), *block]


def assembled(steps: Iterable[Step]) -> bytes:
    """The instructions as the kernel takes them."""
    return b"".join(_STEP.pack(*step) for step in steps)


def install(which: Which, machine: str, pid: int) -> None:
    """Bind every thread of this process, and all it starts, to the list.

    Needs no-new-privileges. Raises: OSError.
    """
    steps = assembled(program(which, machine, pid))
    code = ctypes.create_string_buffer(steps)
    pointer = struct.pack("<HxxxxxxQ", len(steps) // _STEP.size, ctypes.addressof(code))
    record = ctypes.create_string_buffer(pointer)
    seccomp = existing(LOCK, "seccomp", machine)
    thread = kernel.call(seccomp, _SET_FILTER, _ALL_THREADS, ctypes.addressof(record))
    if thread:
        raise OSError(errno.ESRCH, f"Thread {thread} can't be bound.")
