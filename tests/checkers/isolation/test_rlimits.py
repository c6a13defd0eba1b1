"""The kernel's limits of a child."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

import pytest

from checkers.engine import reading as module
from checkers.engine.child import Child
from checkers.isolation import rlimits

SPIN = "from checkers.isolation import rlimits; rlimits.take(1 << 30)\nwhile True: pass"


def test_a_child_that_computes_on_and_on_is_ended_by_the_kernel() -> None:
    start = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-I", "-B", "-c", SPIN], env={rlimits.CPU: "1"}, timeout=60, check=False
    )
    assert done.returncode == -signal.SIGKILL
    assert time.monotonic() - start >= 1


def test_the_reader_gets_its_time_of_the_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, str] = {}

    def started(*_: object, environment: dict[str, str], **__: object) -> None:
        given.update(environment)
        raise RuntimeError("far enough")

    monkeypatch.setattr(Child, "__init__", started)
    with pytest.raises(RuntimeError, match="far enough"), module.reading(0, seconds=7):
        pass
    assert given == {rlimits.CPU: "14"}
