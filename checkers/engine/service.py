"""What both children do first and last: take limits on, answer requests, send errors."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass

from answers.errors import CompanionError, RunError
from checkers.engine.frames import Frame, error_frame, receive, send
from checkers.isolation import rlimits

Answer = Callable[[Frame], Frame]


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
    """Answer frame after frame until the parent closes the channel, or an error ends it."""
    while (frame := receive(channel)) is not None:
        try:
            reply = answer(frame)
        except CompanionError as error:
            reply = error_frame(error)
        except MemoryError:
            reply = error_frame(RunError("memory-limit", "The child ran out of memory."))
        except Exception as error:  # noqa: BLE001  # every end of a child is a typed error
            reply = error_frame(unexpected(error))
        send(channel, reply)
