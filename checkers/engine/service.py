"""What both children do first and last: take limits on, answer requests, send errors."""

from __future__ import annotations

import resource
import sys
from collections.abc import Callable

from answers.errors import CompanionError, RunError
from checkers.engine.frames import Frame, error_frame, receive, send

Answer = Callable[[Frame], Frame]


def arguments() -> list[int]:
    """The descriptors after the memory limit, which is taken on before anything is opened."""
    memory, *descriptors = map(int, sys.argv[1:])
    take_limits(memory)
    return descriptors


def take_limits(memory: int) -> None:
    """Private memory of `memory` bytes at the most, and no core file with somebody's data."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))


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
