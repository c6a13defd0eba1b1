"""The numbers of Linux's system calls, for x86-64 and 64-bit ARM.

A wrong number would pass silently: a test compares them with the kernel's headers.
"""

from __future__ import annotations

import errno
from collections.abc import Mapping

Numbers = tuple[int | None, int | None]  # x86-64, aarch64; None: this machine has no such call
MACHINES = ("x86_64", "aarch64")

# Enough to compute, to talk over descriptors that are there, and to end. Nothing takes a path.
RUN: Mapping[str, Numbers] = {
    "read": (0, 63),
    "write": (1, 64),
    "readv": (19, 65),
    "writev": (20, 66),
    "pread64": (17, 67),
    "close": (3, 57),
    "fstat": (5, 80),
    "lseek": (8, 62),
    "poll": (7, None),
    "ppoll": (271, 73),
    "mmap": (9, 222),
    "mprotect": (10, 226),
    "munmap": (11, 215),
    "mremap": (25, 216),
    "brk": (12, 214),
    "madvise": (28, 233),
    "mincore": (27, 232),
    "msync": (26, 227),
    "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139),
    "sigaltstack": (131, 132),
    "sched_yield": (24, 124),
    "sched_getaffinity": (204, 123),
    "getcpu": (309, 168),
    "nanosleep": (35, 101),
    "clock_nanosleep": (230, 115),
    "clock_gettime": (228, 113),
    "clock_getres": (229, 114),
    "gettimeofday": (96, 169),
    "time": (201, None),
    "times": (100, 153),
    "futex": (202, 98),
    "set_robust_list": (273, 99),
    "set_tid_address": (218, 96),
    "rseq": (334, 293),
    "membarrier": (324, 283),
    "getrandom": (318, 278),
    "getpid": (39, 172),
    "gettid": (186, 178),
    "getppid": (110, 173),
    "getuid": (102, 174),
    "geteuid": (107, 175),
    "getgid": (104, 176),
    "getegid": (108, 177),
    "uname": (63, 160),
    "sysinfo": (99, 179),
    "getrusage": (98, 165),
    "getrlimit": (97, 163),
    "exit": (60, 93),
    "exit_group": (231, 94),
    "restart_syscall": (219, 128),
    "fcntl": (72, 25),
    "dup": (32, 23),
    "eventfd2": (290, 19),
    "pipe2": (293, 59),
    "get_mempolicy": (239, 236),
    "mbind": (237, 235),
    "sched_getscheduler": (145, 120),
    "sched_getparam": (143, 121),
    "sched_getattr": (315, 275),
    "arch_prctl": (158, None),
    "epoll_wait": (232, None),
    "epoll_pwait": (281, 22),
    "clone": (56, 220),
    "clone3": (435, 435),
    "tgkill": (234, 131),
    "newfstatat": (262, 79),
    "recvmsg": (47, 212),
    "getsockname": (51, 204),
    "getsockopt": (55, 209),
    "prlimit64": (302, 261),
}

# What importing libraries and starting threads needs besides.
IMPORT: Mapping[str, Numbers] = {
    "open": (2, None),
    "openat": (257, 56),
    "stat": (4, None),
    "lstat": (6, None),
    "statx": (332, 291),
    "readlink": (89, None),
    "readlinkat": (267, 78),
    "access": (21, None),
    "faccessat": (269, 48),
    "faccessat2": (439, 439),
    "getdents": (78, None),
    "getdents64": (217, 61),
    "getcwd": (79, 17),
    "ioctl": (16, 29),
    "prctl": (157, 167),
    "seccomp": (317, 277),
    "statfs": (137, 43),
    "epoll_create1": (291, 20),
    "epoll_ctl": (233, 21),
    "sched_setaffinity": (203, 122),
}

# Those that the locks themselves use, and the probes.
LOCK: Mapping[str, Numbers] = {
    "seccomp": (317, 277),
    "landlock_create_ruleset": (444, 444),
    "landlock_add_rule": (445, 445),
    "landlock_restrict_self": (446, 446),
}
FORBIDDEN: Mapping[str, Numbers] = {
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "pidfd_open": (434, 434),
    "io_uring_setup": (425, 425),
    "bpf": (321, 280),
    "keyctl": (250, 219),
    "mount": (165, 40),
    "unshare": (272, 97),
    "userfaultfd": (323, 282),
    "perf_event_open": (298, 241),
}


def existing(table: Mapping[str, Numbers], name: str, machine: str) -> int:
    """The number of a system call that must be there.

    Raises: OSError on another machine.
    """
    value = number(table, name, machine)
    if value is None:
        raise OSError(errno.ENOSYS, f"There is no {name} on {machine}.")
    return value


def number(table: Mapping[str, Numbers], name: str, machine: str) -> int | None:
    """The number of a system call on a machine, or None where there is none."""
    return table[name][MACHINES.index(machine)] if machine in MACHINES else None
