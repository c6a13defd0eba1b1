"""Landlock (Linux 5.13 and later): from now on only these files can be read, none written.

It binds the calling thread and the threads it starts later, so it comes before any other thread.
Sizes and bits must be those of the version that the kernel has; more is refused.
"""

from __future__ import annotations

import ctypes
import os
import stat
import struct
from collections.abc import Iterable

from checkers.isolation import kernel
from checkers.isolation.syscalls import LOCK, existing

_WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 1, 1 << 2, 1 << 3
_ASK_DEVICE = 1 << 15  # from version 5 on; before, whoever has a device open may ask it
_ASK_VERSION = 1
_PATH_BENEATH = 1
_O_PATH = 0o10000000  # the same on both machines


def version(machine: str) -> int:
    """The version of Landlock in this kernel; 0 where there is none."""
    try:
        create = existing(LOCK, "landlock_create_ruleset", machine)
        return kernel.call(create, 0, 0, _ASK_VERSION)
    except OSError:
        return 0


def ruleset(version: int) -> bytes:
    """The kernel's record of everything that is governed (and so forbidden)."""
    rights = 13 + (version >= 2) + (version >= 3) + (version >= 5)  # REFER, TRUNCATE, IOCTL_DEV
    files = (1 << rights) - 1
    if version < 4:
        return struct.pack("<Q", files)
    network = 0b11  # TCP bind and connect
    if version < 6:
        return struct.pack("<QQ", files, network)
    return struct.pack("<QQQ", files, network, 0b11)  # abstract sockets, signals


def restrict(
    machine: str, readable: Iterable[str], listable: Iterable[str], usable: Iterable[str] = ()
) -> None:
    """Allow reading beneath `readable`, names alone beneath `listable`, and nothing else.

    usable: what is read, written, and asked as a device (ioctl).
    Needs no-new-privileges. Raises: OSError.
    """
    create, add, enforce = (existing(LOCK, name, machine) for name in _CALLS)
    found = version(machine)
    record = ctypes.create_string_buffer(ruleset(found))
    rules = kernel.call(create, ctypes.addressof(record), len(record) - 1, 0)
    try:
        for path in readable:
            _allow(add, rules, path, _READ_FILE | _READ_DIR)
        for path in listable:
            _allow(add, rules, path, _READ_DIR)
        for path in usable:
            _allow(add, rules, path, _READ_FILE | _READ_DIR | _WRITE_FILE | _asking(found))
        kernel.call(enforce, rules, 0)
    finally:
        os.close(rules)


def _asking(version: int) -> int:
    return _ASK_DEVICE if version >= 5 else 0


_CALLS = ("landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self")


def _allow(add: int, rules: int, path: str, rights: int) -> None:
    try:
        descriptor = os.open(path, _O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # what is not there needs no rule
    try:
        if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
            rights &= ~_READ_DIR  # the kernel refuses it for a file
        if rights:
            rule = ctypes.create_string_buffer(struct.pack("<Qi", rights, descriptor))
            kernel.call(add, rules, _PATH_BENEATH, ctypes.addressof(rule), 0)
    finally:
        os.close(descriptor)
