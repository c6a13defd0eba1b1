"""What both children do first and last: take limits on, answer requests, send errors."""

from __future__ import annotations

import os
import select
import socket
import sys
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from answers.errors import CompanionError, RunError
from checkers.engine.frames import Frame, error_frame, receive, send
from checkers.isolation import rlimits

Promise = Callable[[], Frame]
Answer = Callable[[Frame], Frame | Promise]

_Made = TypeVar("_Made")


@dataclass(frozen=True)
class Start:
    """What a child begins with.

    channel: where it talks. hands: where descriptors come in later. given: those it has.
    """

    channel: int
    hands: int
    given: tuple[int, ...]


def start() -> Start:
    """Read the command line, and take the memory limit on before anything is opened."""
    memory, channel, hands, *given = map(int, sys.argv[1:])
    rlimits.take(memory)  # once more where the child began without the entry
    return Start(channel, hands, tuple(given))


def take_over(hands: int) -> int:
    """A descriptor that the parent has handed over."""
    own = os.dup(hands)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, fileno=own) as incoming:
        _, descriptors, _, _ = socket.recv_fds(incoming, 1, 1)
    if len(descriptors) != 1:
        raise RunError("protocol", "The parent handed over no descriptor.")
    return descriptors[0]


def serve(channel: int, answer: Answer, unexpected: Callable[[Exception], CompanionError]) -> None:
    """Answer frame after frame, in their order, until the parent closes the channel.

    What is promised is waited for when no other request has come: that one is at work by then.
    """

    def tried(work: Callable[[], _Made]) -> _Made | Frame:
        try:
            return work()
        except CompanionError as error:
            return error_frame(error)
        except MemoryError:
            return error_frame(RunError("memory-limit", "The child ran out of memory."))
        except Exception as error:  # noqa: BLE001  # every end of a child is a typed error
            return error_frame(unexpected(error))

    promised = deque[Promise]()
    while True:
        while promised and not _has_come(channel):
            send(channel, tried(promised.popleft()))
        if (frame := receive(channel)) is None:
            return
        reply = tried(partial(answer, frame))
        if isinstance(reply, Frame):
            while promised:
                send(channel, tried(promised.popleft()))
            send(channel, reply)
        else:
            promised.append(reply)


def _has_come(channel: int) -> bool:
    """Whether there is something to read, or nothing any more."""
    watching = select.poll()
    watching.register(channel, select.POLLIN)
    return bool(watching.poll(0))
