"""The filter programs, run by a small interpreter of classic BPF, on both machines."""

from __future__ import annotations

import re
import struct
from pathlib import Path

import pytest

from checkers.isolation import seccomp
from checkers.isolation.seccomp import ALLOW, ENOSYS, EPERM, KILL, Step
from checkers.isolation.syscalls import FORBIDDEN, IMPORT, LOCK, MACHINES, RUN, number

PID = 4711
HEADERS = {
    "x86_64": Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
    "aarch64": Path("/usr/include/asm-generic/unistd.h"),
}


def run(program: list[Step], machine: int, call: int, arguments: tuple[int, ...] = ()) -> int:
    """What the kernel would do: the meaning of the five instructions, from its documentation."""
    given = [*arguments, *[0] * (6 - len(arguments))]
    data = struct.pack("<IIQ6Q", call, machine, 0, *given)
    accumulator, at = 0, 0
    while True:
        code, yes, no, value = program[at]
        at += 1
        if code == 0x20:
            accumulator = struct.unpack_from("<I", data, value)[0]
        elif code == 0x06:
            return value
        else:
            holds = {0x15: accumulator == value, 0x35: accumulator >= value}
            holds[0x45] = bool(accumulator & value)
            at += yes if holds[code] else no


def outcome(which: seccomp.Which, machine: str, name: str, *arguments: int) -> int:
    call = number({**RUN, **IMPORT, **FORBIDDEN}, name, machine)
    assert call is not None
    program = seccomp.program(which, machine, PID)
    return run(program, seccomp.ARCHITECTURES[machine], call, arguments)


CASES = [
    ("a thread may be started", "run", "clone", (0x3D0F00,), ALLOW),
    ("fork is shut", "run", "clone", (17,), EPERM),
    ("clone3 is not there, so that glibc falls back", "run", "clone3", (), ENOSYS),
    ("own signals are possible", "run", "tgkill", (PID, PID, 6), ALLOW),
    ("others get no signal", "run", "tgkill", (1, 1, 9), EPERM),
    ("private memory", "run", "mmap", (0, 4096, 3, 0x22), ALLOW),
    ("shared memory", "run", "mmap", (0, 4096, 3, 0x21), EPERM),
    ("shared memory, validated", "run", "mmap", (0, 4096, 3, 0x3), EPERM),
    ("libraries map files", "import", "mmap", (0, 4096, 5, 0x1), ALLOW),
    ("the limits can be read", "run", "prlimit64", (0, 2, 0, 1 << 40), ALLOW),
    ("the limits can't be set", "run", "prlimit64", (0, 2, 0x7F0000000000, 0), EPERM),
    ("the limits can't be set by a low address", "import", "prlimit64", (0, 2, 4096, 0), EPERM),
    ("a descriptor can be doubled", "run", "fcntl", (3, 1030, 0), ALLOW),
    ("no signals by descriptors", "run", "fcntl", (3, 8, 1), EPERM),
    ("no flags are set", "run", "fcntl", (3, 4, 0o20000), EPERM),
    ("the size of an open file", "run", "newfstatat", (3, 0, 0, 0x1000), ALLOW),
    ("the size by a path", "run", "newfstatat", (3, 0, 0, 0), EPERM),
    ("files are opened while importing", "import", "openat", (), ALLOW),
    ("and never later", "run", "openat", (), EPERM),
    ("no device is asked", "run", "ioctl", (), EPERM),
]


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize(
    ("which", "name", "arguments", "wanted"),
    [case[1:] for case in CASES],
    ids=[case[0] for case in CASES],
)
def test_the_filter_decides(
    machine: str, which: seccomp.Which, name: str, arguments: tuple[int, ...], wanted: int
) -> None:
    assert outcome(which, machine, name, *arguments) == wanted


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("which", ["import", "run"])
@pytest.mark.parametrize("name", FORBIDDEN)
def test_what_no_child_needs_is_shut(machine: str, which: seccomp.Which, name: str) -> None:
    assert outcome(which, machine, name) == EPERM


@pytest.mark.parametrize("machine", MACHINES)
def test_of_all_numbers_only_the_listed_ones_are_open(machine: str) -> None:
    program = seccomp.program("run", machine, PID)
    listed = {number(RUN, name, machine) for name in RUN}
    for call in range(600):
        if run(program, seccomp.ARCHITECTURES[machine], call) == ALLOW:
            assert call in listed


def test_the_numbers_of_another_machine_end_the_process() -> None:
    for machine in MACHINES:
        program = seccomp.program("import", machine, PID)
        assert run(program, 0x40000003, 0) == KILL  # 32-bit x86
    x32 = seccomp.program("import", "x86_64", PID)
    assert run(x32, seccomp.ARCHITECTURES["x86_64"], 0x40000000) == KILL


@pytest.mark.parametrize("machine", MACHINES)
def test_the_numbers_are_those_of_the_kernel_headers(machine: str) -> None:
    path = HEADERS[machine]
    if not path.exists():
        pytest.skip("the kernel's headers are not installed here")
    text = path.read_text()
    found = dict(re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", text))
    found["newfstatat"] = found.get("newfstatat", found.get("fstatat", ""))
    for table in (RUN, IMPORT, LOCK, FORBIDDEN):
        for name in table:
            value = number(table, name, machine)
            assert value == (int(found[name]) if name in found else None), name
