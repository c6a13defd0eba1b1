"""What is said on macOS and Windows, tried with all that Python lacks there taken away.

Only what can be pretended: how their kernels behave is not measured here.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[2]
PRETENDED = TESTS / "support" / "pretended_system.py"
MODEL = TESTS / "fixtures" / "models" / "cnn.keras"
GRADE = ("grade", "sample-cnn", "--assignment", "sample-cnn")
SYSTEMS = ("darwin", "win32")
# All that the parent of a grade and both children import, besides an engine.
MODULES = (
    *("checkers.grading", "checkers.several", "checkers.isolation.entry", "companion.cli.grade"),
    *("checkers.isolation.proven", "checkers.isolation.probes", "checkers.isolation.advice"),
    *("checkers.engine.reader_child", "checkers.engine.onnx_child", "checkers.engine.received"),
    *("companion.cli.inspect", "companion.cli.params", "companion.cli.doctor"),
)


def pretend(system: str, *words: str) -> subprocess.CompletedProcess[str]:
    given = [sys.executable, "-I", "-B", str(PRETENDED), system, *words]
    return subprocess.run(given, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.parametrize("system", SYSTEMS)
def test_what_a_grade_needs_can_be_imported(system: str) -> None:
    done = pretend(system, "import", *MODULES)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == list(MODULES)


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_calculator_works_everywhere(system: str) -> None:
    done = pretend(system, "run", "params", "--kernel", "3", "--in", "16", "--out", "32")
    assert done.returncode == 0, done.stderr
    assert "4,640 parameters" in done.stdout


@pytest.mark.parametrize("system", SYSTEMS)
def test_no_lock_is_claimed(system: str) -> None:
    done = pretend(system, "run", "doctor", "--isolation", "--json")
    facts = {row["name"]: row for row in json.loads(done.stdout)["result"]["facts"]}
    assert facts["Isolation"]["value"].startswith("none")
    assert not any(row["fine"] for name, row in facts.items() if name.startswith("Lock: "))
    assert done.returncode == 6


def test_macos_opens_a_model_file_in_a_child_without_a_lock() -> None:
    done = pretend("darwin", "run", "params", str(MODEL))
    assert done.returncode == 0, done.stderr
    assert "2,520 parameters" in done.stdout


@pytest.mark.slow
def test_macos_grades_and_says_that_nothing_is_locked() -> None:
    done = pretend("darwin", "run", *GRADE, "--json")
    assert done.returncode == 0, done.stderr
    (model,) = json.loads(done.stdout)["result"]["models"]
    assert model["isolation"] == "none"
    assert model["counts"]["correct"] > 0


@pytest.mark.parametrize("command", ["params", "inspect", "grade"])
def test_windows_says_that_no_model_file_can_be_opened(command: str) -> None:
    done = pretend("win32", "run", command, str(MODEL))
    assert done.returncode == 6
    assert done.stdout == ""
    assert "Model files can't be opened on this system (win32)" in done.stderr
    assert "Windows Subsystem for Linux" in done.stderr


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_level_that_is_asked_for_is_refused(system: str) -> None:
    done = pretend(system, "run", *GRADE, "--require-isolation", "partial")
    assert done.returncode == 6
    assert "The isolation reached here is 'none', and 'partial' is asked for" in done.stderr
