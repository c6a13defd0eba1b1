"""Proving the lock: a child is locked as the real ones are, and tries what it must not do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

from answers.errors import RunError
from answers.record import record
from checkers.isolation import lock
from checkers.isolation.level import BLOCKED, Level, level_of

SECONDS = 30.0
_MEMORY = 1 << 30
_MOST_BYTES = 1 << 16
_UNLOCKED = "import sys; from checkers.isolation.probe_child import main; main()"


@record(kw_only=True)
class Outcome:
    """One thing that was tried, and how it ended: 'blocked' is what it should say."""

    name: str
    outcome: str

    @property
    def fine(self) -> bool:
        """Whether the lock did what it must: everything blocked, and threads still work."""
        return self.outcome in (BLOCKED, "works")


@record(kw_only=True)
class Proof:
    """What a locked child held, and the outcome of every probe."""

    held: tuple[str, ...]
    outcomes: tuple[Outcome, ...]

    @property
    def level(self) -> Level:
        """What may be said of children that hold the same lock."""
        return level_of(self.held, {item.name for item in self.outcomes if not item.fine})


def prove(*, locked: bool = True, devices: bool = False) -> Proof:
    """Run every probe in a child of its own. Unlocked only to see what is open without a lock.

    devices: in the lock of a child that uses a GPU.
    Raises: RunError probes-failed where the child gives no answer.
    """
    given = os.memfd_create("probe", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING) if _LINUX else None
    if given is None:
        return Proof(held=(), outcomes=())
    try:
        os.write(given, b"a submission")
        if locked:
            _seal(given)
        return _answer(_run(given, {lock.SWITCH: lock.DEVICES} if devices else {}, locked=locked))
    finally:
        os.close(given)


_LINUX = sys.platform == "linux"


def _seal(descriptor: int) -> None:
    import fcntl

    fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, 0xF)


def _run(given: int, environment: dict[str, str], *, locked: bool) -> bytes:
    ours, theirs = os.pipe()
    try:
        numbers = (str(_MEMORY), str(theirs), str(given))
        module = ("-m", "checkers.isolation.entry", "checkers.isolation.probe_child")
        begin = module if locked else ("-c", _UNLOCKED)
        subprocess.run(  # noqa: S603  # our own interpreter and module
            [sys.executable, "-I", "-B", *begin, *numbers],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(theirs, given),
            cwd="/",
            env=environment,
            timeout=SECONDS,
            start_new_session=True,
            check=False,
        )
        os.close(theirs)
        theirs = -1
        return os.read(ours, _MOST_BYTES)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise RunError("probes-failed", f"The probes could not be run: {error}.") from None
    finally:
        os.close(ours)
        if theirs >= 0:
            os.close(theirs)


def _answer(said: bytes) -> Proof:
    try:
        document: dict[str, Any] = json.loads(said)
        outcomes = tuple(
            Outcome(name=str(name), outcome=str(text)) for name, text in document["tried"].items()
        )
        return Proof(held=tuple(map(str, document["held"])), outcomes=outcomes)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise RunError("probes-failed", "The probing child died before it answered.") from None
