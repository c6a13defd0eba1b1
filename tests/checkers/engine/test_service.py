"""A child's end of the conversation: replies in order, those that are promised among them."""

from __future__ import annotations

import random
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Thread
from typing import Any

import pytest

from answers.errors import RunError
from checkers.engine.frames import Decoder, Frame, encode
from checkers.engine.service import Promise, serve

ERRORS = {"memory": ("memory-limit", MemoryError), "value": ("engine-failed", ValueError)}


@dataclass
class Ends:
    """Our end of the channel, and the thread that serves the other one."""

    ours: socket.socket
    serving: Thread

    def replies(self, count: int) -> Iterator[dict[str, Any]]:
        decoder, found = Decoder(), 0
        while found < count:
            for frame in decoder.feed(self.ours.recv(65_536)):
                found += 1
                yield frame.header


@pytest.fixture
def ends() -> Iterator[Ends]:
    pool = ThreadPoolExecutor(2)

    def answer(frame: Frame) -> Frame | Promise:
        asked = frame.header
        if asked["promised"]:
            return pool.submit(work, asked).result
        return work(asked)

    ours, theirs = socket.socketpair()
    with ours, theirs, pool:
        arguments = (theirs.fileno(), answer, lambda error: RunError("engine-failed", repr(error)))
        serving = Thread(target=serve, args=arguments, daemon=True)
        serving.start()
        yield Ends(ours, serving)
        ours.shutdown(socket.SHUT_WR)
        serving.join(10)
        assert not serving.is_alive()


def work(asked: dict[str, Any]) -> Frame:
    time.sleep(asked.get("seconds", 0))  # longer than the next one takes
    if asked.get("fails"):
        raise ERRORS[asked["fails"]][1]
    return Frame({"number": asked["number"]})


def drawn(chance: random.Random, number: int) -> dict[str, Any]:
    return {
        "number": number,
        "promised": chance.random() < 0.7,
        "seconds": chance.choice([0, 0, 0.002]),
        "fails": chance.choice(["", "", "", "memory", "value"]),
    }


@pytest.mark.parametrize("seed", range(3))
def test_replies_come_in_the_order_of_the_requests(ends: Ends, seed: int) -> None:
    """Whether promised, immediate or failed, and however the bytes of the requests come in."""
    chance = random.Random(seed)  # noqa: S311  # no secret: which requests are drawn
    asked = [drawn(chance, number) for number in range(150)]
    data = b"".join(encode(Frame(header)) for header in asked)

    def feed() -> None:
        left = data
        while left:
            size = chance.randint(1, 400)
            ends.ours.sendall(left[:size])
            left = left[size:]

    Thread(target=feed, daemon=True).start()
    for header, reply in zip(asked, ends.replies(len(asked)), strict=True):
        if header["fails"]:
            assert reply["error"]["code"] == ERRORS[header["fails"]][0]
        else:
            assert reply == {"number": header["number"]}


def test_a_promise_is_kept_when_nothing_else_is_asked(ends: Ends) -> None:
    ends.ours.sendall(encode(Frame({"number": 7, "promised": True})))
    assert list(ends.replies(1)) == [{"number": 7}]


def test_who_is_not_asked_any_more_keeps_no_promise(ends: Ends) -> None:
    for number in range(3):
        ends.ours.sendall(encode(Frame({"number": number, "promised": True, "seconds": 0.3})))
    ends.ours.shutdown(socket.SHUT_WR)
    ends.serving.join(10)
    assert not ends.serving.is_alive()
