from __future__ import annotations

import mmap
import os
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkers.engine.sealed_memory import fix_size, memory, seal, write, written_and_read

linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux seals memory")


@given(st.lists(st.binary(max_size=50), max_size=6))
def test_what_is_written_in_pieces_is_read_in_one(pieces: list[bytes]) -> None:
    with memory("test") as descriptor:
        assert write(descriptor, pieces) == sum(map(len, pieces))
        seal(descriptor)
        assert os.pread(descriptor, 1000, 0) == b"".join(pieces)


@linux
def test_memory_of_a_fixed_size_takes_that_much_and_no_more() -> None:
    with memory("test") as descriptor:
        fix_size(descriptor, 7)
        assert write(descriptor, [b"weights"]) == 7
        for change in (lambda: os.write(descriptor, b"+"), lambda: os.ftruncate(descriptor, 9)):
            with pytest.raises(PermissionError):
                change()
        seal(descriptor)
        assert os.pread(descriptor, 100, 0) == b"weights"


@linux
def test_sealed_memory_can_be_read_and_never_changed() -> None:
    with memory("test") as descriptor:
        write(descriptor, [b"weights"])
        seal(descriptor)
        for change in (
            lambda: os.pwrite(descriptor, b"W", 0),
            lambda: os.write(descriptor, b"more"),
            lambda: os.ftruncate(descriptor, 3),
            lambda: os.ftruncate(descriptor, 100),
            lambda: mmap.mmap(descriptor, 7, flags=mmap.MAP_SHARED, prot=mmap.PROT_WRITE),
        ):
            with pytest.raises(PermissionError):
                change()
        assert os.pread(descriptor, 100, 0) == b"weights"


@linux
def test_memory_that_somebody_can_still_write_to_is_not_sealed() -> None:
    with memory("test") as descriptor:
        write(descriptor, [b"weights"])
        with mmap.mmap(descriptor, 7), pytest.raises(OSError, match="busy"):
            seal(descriptor)


@pytest.mark.parametrize("proc", [True, False], ids=["with /proc", "without /proc"])
def test_one_side_writes_what_the_other_only_reads(
    proc: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_there = os.open

    def opened(path: str, flags: int, *mode: int) -> int:
        if not proc and str(path).startswith("/proc/"):
            raise FileNotFoundError(path)
        return open_there(path, flags, *mode)

    monkeypatch.setattr(os, "open", opened)
    writing, reading = written_and_read("test", 6)
    try:
        os.pwrite(writing, b"pixels", 0)
        assert os.pread(reading, 100, 0) == b"pixels"
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.pwrite(reading, b"P", 0)
    finally:
        os.close(writing)
        os.close(reading)


def test_the_descriptor_is_closed_at_the_end() -> None:
    with memory("test") as descriptor:
        pass
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(descriptor)
