"""Batches on their way to a child: each arrives as it was, whatever came before and after it."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from answers.errors import RunError
from checkers.engine import sealed_memory
from checkers.engine.frames import Frame
from checkers.engine.picture_memory import PictureMemory, Place
from checkers.engine.received import Pictures

_AT_ONCE = 2


@dataclass
class Ends:
    """Both ends, in one process."""

    memory: PictureMemory
    pictures: Pictures
    handed: list[int]

    def arrived(self, batch: Any, place: Place) -> Any:
        assert place.shape == np.shape(batch)
        header = {"shape": list(place.shape), "dtype": place.dtype}
        return self.pictures.of(Frame({**header, "at": place.at, "handed": place.handed}))


def both() -> Iterator[Ends]:
    ours, theirs = socket.socketpair()
    handed: list[int] = []

    def hand_over(descriptor: int) -> None:
        handed.append(os.fstat(descriptor).st_size)
        socket.send_fds(ours, [b"+"], [descriptor])

    with ours, theirs:
        memory = PictureMemory(hand_over, _AT_ONCE)
        yield Ends(memory, Pictures(theirs.fileno()), handed)
        memory.close()


@pytest.fixture
def ends() -> Iterator[Ends]:
    yield from both()


def drawn(rows: int, dtype: str, seed: int) -> Any:
    return np.random.default_rng(seed).integers(0, 256, (rows, 2, 3, 3)).astype(dtype)


@given(
    st.lists(
        st.tuples(st.integers(1, 5), st.sampled_from(["uint8", "float32"])),
        min_size=1,
        max_size=9,
    )
)
def test_every_batch_arrives_while_the_next_one_waits(sizes: list[tuple[int, str]]) -> None:
    """Read one behind, as a child does that computes; larger ones come in new memory."""
    for ends in both():
        waiting: list[tuple[Any, Place]] = []
        for seed, (rows, dtype) in enumerate(sizes):
            batch = drawn(rows, dtype, seed)
            waiting.append((batch, ends.memory.put(batch)))
            if len(waiting) == _AT_ONCE:
                sent, place = waiting.pop(0)
                assert np.array_equal(ends.arrived(sent, place), sent)
        for sent, place in waiting:
            assert np.array_equal(ends.arrived(sent, place), sent)


def test_pictures_of_both_types_arrive_as_floats(ends: Ends) -> None:
    batch = [drawn(1, "uint8", 1)[0], drawn(1, "float32", 2)[0] / 7]
    arrived = ends.arrived(batch, ends.memory.put(batch))
    assert arrived.dtype == np.float32
    assert all(map(np.array_equal, arrived, batch))


def test_pictures_of_different_shape_are_no_batch(ends: Ends) -> None:
    """Also where they have as many numbers together as alike ones would have."""
    batch = [np.zeros((height, 2, 3), np.uint8) for height in (2, 1, 3)]
    with pytest.raises(ValueError, match="dimension"):
        ends.memory.put(batch)


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError])
def test_what_stops_the_writing_is_not_hidden_by_the_closing(
    monkeypatch: pytest.MonkeyPatch, error: type[BaseException]
) -> None:
    """The array that looks into the memory still lives in the traceback."""

    def stopped(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(np, "concatenate", stopped)
    memory = PictureMemory(lambda _: None, _AT_ONCE)
    with pytest.raises(error):
        put_and_close(memory)


def put_and_close(memory: PictureMemory) -> None:
    try:
        memory.put(drawn(2, "uint8", 1))
    finally:
        memory.close()


def test_batches_of_one_size_are_handed_over_once(ends: Ends) -> None:
    places = [ends.memory.put(drawn(4, "uint8", seed)) for seed in range(5)]
    assert [place.handed for place in places] == [True, False, False, False, False]
    assert [place.at for place in places] == [0, 72, 0, 72, 0]
    assert ends.handed == [_AT_ONCE * 72]


def test_the_child_can_read_and_not_write(ends: Ends) -> None:
    batch = drawn(4, "uint8", 1)
    ends.arrived(batch, ends.memory.put(batch))
    child = ends.pictures._memory
    assert child is not None
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.pwrite(child, b"+", 0)
    with pytest.raises(OSError, match="Invalid argument"):
        os.ftruncate(child, 10_000)


def test_a_request_before_any_memory_is_an_error(ends: Ends) -> None:
    with pytest.raises(RunError, match="no pictures"):
        ends.arrived(drawn(1, "uint8", 1), Place(0, handed=False, shape=(1, 2, 3, 3), dtype="|u1"))


def test_without_the_kernels_memory_a_file_without_a_name_serves(
    ends: Ends, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "memfd_create")
    written, write = [], sealed_memory.write
    monkeypatch.setattr(sealed_memory, "write", lambda *given: written.append(write(*given)))
    batch = drawn(4, "float32", 1)
    assert np.array_equal(ends.arrived(batch, ends.memory.put(batch)), batch)
    assert ends.pictures._memory is not None
    there = os.fstat(ends.pictures._memory)
    assert there.st_nlink == 0
    assert (
        there.st_blocks * 512 >= there.st_size
    )  # no holes, into which a full disk lets nobody write
