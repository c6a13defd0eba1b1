"""The kernel's limits of a child."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from answers.errors import RunError
from checkers.engine import child as child_module
from checkers.engine import reading as module
from checkers.engine.child import Child
from checkers.engine.choice import KERAS
from checkers.engine.predicting import ENGINE_SECONDS, Predictor
from checkers.isolation import lock, rlimits

linux = pytest.mark.skipif(not lock.possible(), reason="the limit is set on Linux alone")

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
    assert given[rlimits.CPU] == "14"


IGNORES = "import signal; signal.signal(signal.SIGXCPU, signal.SIG_IGN)\n"
WAITS = "import sys; sys.stdin.read()\n"


@pytest.fixture
def spinning() -> Iterator[subprocess.Popen[bytes]]:
    """A process that computes when its input ends, and takes no notice of SIGXCPU."""
    code = IGNORES + WAITS + "while True: pass"
    with subprocess.Popen(
        [sys.executable, "-I", "-B", "-c", code], stdin=subprocess.PIPE
    ) as process:
        yield process
        process.kill()


@linux
def test_the_predictor_gets_the_time_that_all_cores_have_by_the_clock(
    spinning: subprocess.Popen[bytes],
) -> None:
    cores = os.cpu_count() or 1
    rlimits.allow_time(spinning.pid, 10)
    limits = resource.prlimit(spinning.pid, resource.RLIMIT_CPU)
    assert limits == (10 * cores, 80 * cores)
    rlimits.allow_time(spinning.pid, 30)  # more is allowed for more runs
    limits = resource.prlimit(spinning.pid, resource.RLIMIT_CPU)
    assert limits == (30 * cores, 80 * cores)


@linux
def test_whoever_ignores_the_limit_is_ended_by_the_hard_one(
    spinning: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    monkeypatch.setattr(rlimits, "_ROOM", 2)
    rlimits.allow_time(spinning.pid, 1)
    spinning.communicate(timeout=60)
    assert spinning.returncode == -signal.SIGKILL


def test_a_process_that_is_gone_needs_no_limit() -> None:
    process = subprocess.Popen([sys.executable, "-I", "-c", ""])
    process.wait()
    rlimits.allow_time(process.pid, 1)


@linux
def test_a_child_that_uses_its_time_up_is_a_run_that_was_too_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    code = "while True: pass"
    monkeypatch.setattr(child_module, "_command", lambda *_: [sys.executable, "-I", "-c", code])
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    with Child("predictor", "", descriptors=(), seconds=60, memory=1 << 30) as child:
        rlimits.allow_time(child.pid, 1)
        with pytest.raises(RunError, match="did not finish within 60 s") as caught:
            child.receive()
    assert caught.value.code == "time-limit"


def test_every_run_that_a_predictor_is_asked_for_adds_to_its_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given: list[tuple[int, float]] = []
    monkeypatch.setattr(rlimits, "allow_time", lambda *each: given.append(each))
    code = "import sys; sys.stdin.read()"
    monkeypatch.setattr(child_module, "_command", lambda *_: [sys.executable, "-I", "-c", code])
    monkeypatch.setattr(Child, "alive", True)
    with Child("predictor", "", descriptors=(), seconds=60, memory=1 << 30) as child:
        predictor = Predictor(child, KERAS, "tensorflow")
        predictor.allow(5)
        predictor.allow(7)
    assert given == [(child.pid, ENGINE_SECONDS + 5), (child.pid, ENGINE_SECONDS + 12)]
