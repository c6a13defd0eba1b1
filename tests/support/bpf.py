"""A small interpreter of classic BPF, as the kernel runs it for seccomp: bytes in, a verdict out.

Source: the kernel's Documentation/networking/filter.rst and Documentation/userspace-api/
seccomp_filter.rst; the record is `struct seccomp_data`, the instruction `struct sock_filter`.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from functools import cache

_INSTRUCTION = struct.Struct("<HBBI")
_DATA = struct.Struct("<IIQ6Q")
MOST_INSTRUCTIONS = 4096
_LOAD, _RETURN = 0x20, 0x06
_JUMPS: dict[int, Callable[[int, int], bool]] = {
    0x15: lambda a, k: a == k,
    0x25: lambda a, k: a > k,
    0x35: lambda a, k: a >= k,
    0x45: lambda a, k: bool(a & k),
}


class RefusedError(ValueError):
    """A program that the kernel would not take."""


@cache
def instructions(code: bytes) -> tuple[tuple[int, int, int, int], ...]:
    """The instructions of a program, looked at as the kernel does before it takes it.

    Raises: RefusedError for an unknown instruction, a jump out of the program, a load from outside the
    record or from between its words, and for a program that doesn't end in an answer.
    """
    if not code or len(code) % _INSTRUCTION.size or len(code) > 8 * MOST_INSTRUCTIONS:
        raise RefusedError("no whole program, or too long a one")
    found = tuple(_INSTRUCTION.iter_unpack(code))
    for at, (kind, yes, no, value) in enumerate(found):
        if kind == _LOAD and (value % 4 or value >= _DATA.size):
            raise RefusedError(f"{at}: loads from {value}")
        if kind in _JUMPS and at + 1 + max(yes, no) >= len(found):
            raise RefusedError(f"{at}: jumps out")
        if kind not in (_LOAD, _RETURN, *_JUMPS):
            raise RefusedError(f"{at}: instruction {kind:#x}")
    if found[-1][0] != _RETURN:
        raise RefusedError("has no end")
    return found


def verdict(code: bytes, machine: int, call: int, arguments: Sequence[int] = ()) -> int:
    """What the program answers to a system call.

    machine: the value of AUDIT_ARCH_…. arguments: up to six, the others are 0.
    """
    given = [*arguments, *[0] * (6 - len(arguments))]
    data = _DATA.pack(call, machine, 0, *given)
    program, accumulator, at = instructions(code), 0, 0
    while True:
        kind, yes, no, value = program[at]
        at += 1
        if kind == _RETURN:
            return int(value)
        if kind == _LOAD:
            (accumulator,) = struct.unpack_from("<I", data, value)
        else:
            at += yes if _JUMPS[kind](accumulator, value) else no
