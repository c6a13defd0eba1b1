"""Practice on a real terminal (a pty): the dialogue, going on later, Ctrl-C, and a watched sheet."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pexpect
import pytest

# Python 3.12 warns where a process with threads forks; another test may have started some
pytestmark = pytest.mark.filterwarnings("ignore:This process.*multi-threaded:DeprecationWarning")

SHEET = '["locally-connected/first-layer"]\nanswer = "{}"\n'


@pytest.fixture
def terminal(environment: dict[str, str], tmp_path: Path) -> Iterator[Any]:
    """Start `companion practice …` on a terminal; what is left running in the end is ended."""
    started: list[Any] = []
    env = environment | {"COMPANION_STATE": str(tmp_path / "state"), "TERM": "dumb"}

    def start(*words: str) -> Any:
        child = pexpect.spawn(
            sys.executable,
            ["-m", "companion", "practice", *words],
            cwd=str(tmp_path),
            env=env,
            encoding="utf-8",
            timeout=120,
            dimensions=(30, 100),
        )
        started.append(child)
        return child

    yield start
    for child in started:
        child.close(force=True)


def ended(child: Any) -> int:
    child.expect(pexpect.EOF)
    child.close()
    return int(child.exitstatus)


def test_a_dialogue_is_left_and_goes_on_with_the_same_question(
    terminal: Any, tmp_path: Path
) -> None:
    first = terminal("locally-connected")
    first.expect("first-layer")
    first.expect("> ")
    first.sendline("432(n-2)^2")
    first.expect("bias forgotten")
    first.expect("> ")
    first.sendline("448(n-2")
    first.expect(r"\^")
    first.expect("> ")
    first.sendline("448(n-2)^2")
    first.expect("Right")
    first.expect("> ")
    first.sendline("quit")
    first.expect("Till next time")
    assert ended(first) == 0
    progress = json.loads((tmp_path / "state" / "practice.json").read_text("utf-8"))
    assert progress["questions"]["locally-connected/first-layer"]["in_a_row"] == 0

    second = terminal("locally-connected")
    second.expect(progress["open"])
    second.expect("> ")
    second.sendintr()
    second.expect("Interrupted")
    assert ended(second) == 130


def test_the_end_of_the_input_leaves_as_quit_does(terminal: Any) -> None:
    child = terminal("locally-connected", "--no-praise")
    child.expect("> ")
    child.sendeof()
    child.expect("Till next time")
    assert ended(child) == 0


def test_a_watched_sheet_is_checked_at_each_save_until_it_is_right(
    terminal: Any, tmp_path: Path
) -> None:
    file = tmp_path / "homework.toml"
    file.write_text(SHEET.format(""), "utf-8")
    child = terminal("--watch", "homework.toml")
    child.expect("0 of 1 right, 1 empty")
    child.expect("Waiting")
    file.write_text(SHEET.format("448(n-1)^2"), "utf-8")
    child.expect("not right")
    child.expect("Waiting")
    file.write_text("half a", "utf-8")
    child.expect("can't be read")
    fresh = tmp_path / "homework.toml.new"  # as editors save: another file in its place
    fresh.write_text(SHEET.format("448(n-2)^2"), "utf-8")
    fresh.replace(file)
    child.expect("1 of 1 right")
    assert ended(child) == 0
