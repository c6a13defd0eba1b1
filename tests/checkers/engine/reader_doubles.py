"""Readers that fail or lie, each in one way; run by the tests in place of ours.

Arguments: the memory limit, the channel, the hands, the memory for the weights, and the name of the
behaviour. The file is handed over.
"""

from __future__ import annotations

import mmap
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from answers.errors import CompanionError, InputError, RunError
from checkers.engine.frames import Frame
from checkers.engine.service import Start, serve, start, take_over
from checkers.model_file.reader import open_model
from checkers.model_file.record import to_document

_MAPS: list[mmap.mmap] = []


def _signal(number: signal.Signals) -> Callable[[Start], Frame]:
    def behave(_: Start) -> Frame:
        os.kill(os.getpid(), number)
        return Frame({})

    return behave


def _hang(_: Start) -> Frame:
    signal.pause()
    return Frame({})


def _document(begin: Start) -> dict[str, Any]:
    with os.fdopen(take_over(begin.hands), "rb") as file:
        return to_document(open_model(file).model)


def _bad_layer(begin: Start) -> Frame:
    document = _document(begin)
    document["network"]["network"]["nodes"][0]["layer"]["class"] = "Lambda"
    return Frame({"model": document})


def _blame(_: Start) -> Frame:
    raise InputError("config-value", "A sentence.")


def _keep(begin: Start) -> None:
    _MAPS.append(mmap.mmap(begin.given[0], 4 * 2520))


def _take_more(begin: Start) -> None:
    os.ftruncate(begin.given[0], 1 << 30)


MODEL: dict[str, Callable[[Start], Frame]] = {
    "crashes": _signal(signal.SIGSEGV),
    "dies": _signal(signal.SIGKILL),
    "hangs": _hang,
    "no-model": lambda _: Frame({"model": 3}),
    "bad-layer": _bad_layer,
    "blames-the-command": _blame,
}
WEIGHTS: dict[str, Callable[[Start], None]] = {
    "too-few-weights": lambda _: None,
    "too-much-memory": _take_more,
    "keeps-the-memory": _keep,
}


def _unexpected(error: Exception) -> CompanionError:
    return RunError("double", repr(error))


def _answer(begin: Start, behaviour: str, frame: Frame) -> Frame:
    if frame.header["ask"] == "weights":
        WEIGHTS[behaviour](begin)
        return Frame({"bytes": 4 if behaviour == "too-few-weights" else 4 * 2520})
    if behaviour in MODEL:
        return MODEL[behaviour](begin)
    return Frame({"model": _document(begin)})


if __name__ == "__main__":
    name = sys.argv.pop()
    begin = start()
    serve(begin.channel, lambda frame: _answer(begin, name, frame), _unexpected)
