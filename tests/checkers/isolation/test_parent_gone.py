"""A grader that is killed leaves no child behind, locked or not, waiting or computing."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from checkers.isolation import lock

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the signal is Linux's")
PARENT = Path(__file__).with_name("parent_that_waits.py")


def children_of(kind: str, locked: str) -> list[psutil.Process]:
    """Processes that a parent started which is no more: it was ended by SIGKILL."""
    with subprocess.Popen(
        [sys.executable, "-I", "-B", str(PARENT), kind, locked], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        started = [psutil.Process(int(word)) for word in parent.stdout.readline().split()]
        parent.send_signal(signal.SIGKILL)
        parent.wait(timeout=30)
    return started


@pytest.mark.parametrize("locked", ["on", lock.OFF])
@pytest.mark.parametrize("kind", ["spins", "waits"])
def test_a_child_ends_with_its_parent(kind: str, locked: str) -> None:
    started = children_of(kind, locked)
    assert len(started) == 1
    _, alive = psutil.wait_procs(started, timeout=30)
    assert alive == []


def test_a_child_that_asks_the_kernel_for_nothing_goes_on() -> None:
    (started,) = children_of("spins-free", "on")
    try:
        assert started.is_running()
        assert psutil.wait_procs([started], timeout=2)[1] == [started]
    finally:
        started.kill()


def test_the_reader_and_the_predictor_end_with_the_grader() -> None:
    started = children_of("real", "on")
    assert len(started) == 2
    _, alive = psutil.wait_procs(started, timeout=30)
    assert alive == []


def test_a_child_whose_parent_went_before_it_could_say_so_ends_at_once() -> None:
    code = "from checkers.isolation import lock; lock.die_with_the_parent(); print('lives')"
    for parent, said in (("1", ""), (None, "lives\n")):
        done = subprocess.run(
            [sys.executable, "-I", "-B", "-c", code],
            env={} if parent is None else {lock.PARENT: parent},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.stdout == said
