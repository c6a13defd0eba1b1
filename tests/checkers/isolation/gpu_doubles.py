"""A predictor that may use a GPU, and does so inside its lock or not; run in place of ours.

Arguments: the memory limit, the channel, the hands, and what happens inside the lock.
"""

from __future__ import annotations

import os
import signal
import sys

from answers.errors import CompanionError, MissingError, RunError
from checkers.engine.frames import Frame
from checkers.engine.service import serve, start
from checkers.isolation import lock

SWITCH = os.environ.get(lock.SWITCH, "whole")


def answer(frame: Frame) -> Frame:
    """Say what the engine is, as the behaviour has it."""
    if frame.header["ask"] != "engine":
        os.kill(os.getpid(), signal.SIGSEGV)  # 'fails-later': at its first work
    inside = BEHAVIOUR if SWITCH != lock.OFF or BEHAVIOUR == "is-blind" else "sees-it"
    if inside == "crashes":
        os.kill(os.getpid(), signal.SIGSEGV)
    if inside == "says-it-is-missing":
        raise MissingError("gpu-missing", f"No GPU is seen to {frame.header['ask']}.")
    locks = [] if SWITCH == lock.OFF else ["devices"] if SWITCH == lock.DEVICES else ["paths"]
    facts = {"versions": {}, "device": SWITCH, "seconds": 0.1, "locks": locks}
    return Frame({**facts, "gpu": inside in ("sees-it", "fails-later")})


def _unexpected(error: Exception) -> CompanionError:
    return RunError("engine-failed", repr(error))


if __name__ == "__main__":
    BEHAVIOUR = sys.argv.pop()
    serve(start().channel, answer, _unexpected)
