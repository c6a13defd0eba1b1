"""Children that misbehave, each in one way; run by the tests in place of ours.

Arguments: the memory limit, the channel, the hands, and the name of the behaviour.
"""

from __future__ import annotations

import os
import signal
import struct
import subprocess
import sys
from collections.abc import Callable

from answers.errors import CompanionError, RunError
from checkers.engine import frames
from checkers.engine.frames import Frame
from checkers.engine.service import Start, serve, start

BIG = 50 << 20
LOUD = 5 << 20


def _unexpected(error: Exception) -> CompanionError:
    return RunError("engine-failed", repr(error))


def _die(_: Start) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _crash(_: Start) -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def _leave(_: Start) -> None:
    print("last words", file=sys.stderr)  # noqa: T201  # what the parent keeps of stderr
    sys.exit(3)


def _hang(_: Start) -> None:
    signal.pause()


def _raw(data: bytes) -> Callable[[Start], None]:
    def behave(begin: Start) -> None:
        os.write(begin.channel, data)
        signal.pause()

    return behave


def _header(data: bytes) -> bytes:
    return struct.pack("<IQ", len(data), 0) + data


def _deep(begin: Start) -> None:
    view = memoryview(_header(b"[" * 200_000))
    while view:
        view = view[os.write(begin.channel, view) :]
    signal.pause()


def _trickle(begin: Start) -> None:
    """Announces a long answer, and sends it byte by byte, as long as anybody listens."""
    os.write(begin.channel, struct.pack("<IQ", 2, 1 << 29) + b"{}")
    while True:
        os.write(begin.channel, b"x")


def _echo(begin: Start) -> None:
    serve(begin.channel, lambda frame: frame, _unexpected)


def _loud(begin: Start) -> None:
    sys.stderr.write("x" * LOUD + "the end")
    sys.stderr.flush()
    _echo(begin)


def _stubborn(begin: Start) -> None:
    """Talks before it listens: both pipes are full."""
    frames.send(begin.channel, Frame({}, bytes(BIG)))
    _echo(begin)


def _environment(begin: Start) -> None:
    serve(begin.channel, lambda _: Frame({"environment": dict(os.environ)}), _unexpected)


def _greedy(begin: Start) -> None:
    serve(begin.channel, lambda frame: Frame({}, bytes(frame.header["bytes"])), _unexpected)


def _parent_of_another(begin: Start) -> None:
    other = subprocess.Popen(["/bin/sleep", "600"])
    frames.send(begin.channel, Frame({"pid": other.pid}))
    signal.pause()


def _five_rows(begin: Start) -> None:
    def answer(frame: Frame) -> Frame:
        if frame.header["ask"] == "engine":
            return Frame({"versions": {}, "device": "CPU", "gpu": False, "seconds": 0.1})
        return Frame({"shape": [5, 2]}, bytes(4 * 5 * 2))

    serve(begin.channel, answer, _unexpected)


BEHAVIOURS: dict[str, Callable[[Start], None]] = {
    "announces": _raw(struct.pack("<IQ", 2, 10 << 30)),
    "crashes": _crash,
    "dies": _die,
    "echoes": _echo,
    "environment": _environment,
    "five-rows-of-two": _five_rows,
    "garbage": _raw(b"\xff" * 64),
    "greedy": _greedy,
    "hangs": _hang,
    "is-loud": _loud,
    "leaves": _leave,
    "no-object": _raw(_header(b"[1]")),
    "no-json": _raw(_header(b"hello")),
    "nests-deep": _deep,
    "odd-error": _raw(_header(b'{"error": 7}')),
    "parent-of-another": _parent_of_another,
    "strange-kind": _raw(
        _header(b'{"error":{"kind":"SystemExit","code":"","message":"","hint":"","where":""}}')
    ),
    "stubborn": _stubborn,
    "trickles": _trickle,
}


if __name__ == "__main__":
    name = sys.argv.pop()
    BEHAVIOURS[name](start())
