"""An engine that turns against us: inside the lock it gets nowhere, without it it does.

It holds the lock as the predictor does, and has NumPy, whose threads started under the first lock.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from checkers.isolation import lock

pytestmark = pytest.mark.skipif(not lock.possible(), reason="the lock is for Linux")
ENGINE = Path(__file__).with_name("hostile_engine.py")


def attack(marker: Path, *, locked: bool) -> set[str]:
    """What the engine got done. marker: a file that it tries to make in several ways."""
    given = [sys.executable, "-I", "-B", str(ENGINE), str(marker), str(int(locked))]
    done = subprocess.run(given, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def test_a_locked_engine_gets_nothing_done(tmp_path: Path) -> None:
    marker = tmp_path / "marker"
    assert attack(marker, locked=True) == set()
    assert not marker.exists()


def test_the_same_engine_unlocked_does_it_all(tmp_path: Path) -> None:
    marker = tmp_path / "marker"
    done = attack(marker, locked=False)
    assert done >= {"system", "popen", "write", "secret", "connect", "fork", "kill"}
    assert marker.exists()


def test_the_parent_lives_on(tmp_path: Path) -> None:
    attack(tmp_path / "marker", locked=True)
    assert os.getppid() > 0
