"""Long texts on a terminal go through the reader's pager, and quitting it ends in silence."""

from __future__ import annotations

import sys
from pathlib import Path

import pexpect
import pytest


def spawned(
    environment: dict[str, str],
    folder: Path,
    *words: str,
    rows: int = 24,
    columns: int = 80,
    **more: str,
) -> pexpect.spawn:
    """`companion explain …` on a terminal."""
    return pexpect.spawn(
        sys.executable,
        ["-m", "companion", "explain", *words],
        env={**environment, "TERM": "xterm", **more},
        cwd=str(folder),
        dimensions=(rows, columns),
        encoding="utf-8",
        timeout=60,
    )


@pytest.fixture
def pager(tmp_path: Path) -> str:
    """A pager that shows one line, waits for a key, and leaves what it got in a file."""
    script = tmp_path / "pager.py"
    script.write_text(
        "import sys\n"
        "text = sys.stdin.readline()\n"
        "print('PAGED', text, flush=True)\n"
        "open('/dev/tty').readline()\n"
        "rest = text + sys.stdin.read()\n"
        f"open({str(tmp_path / 'paged.txt')!r}, 'w', encoding='utf-8').write(rest)\n",
        "utf-8",
    )
    return f'"{sys.executable}" "{script}"'


def test_a_long_topic_is_paged_with_its_styles(
    environment: dict[str, str], tmp_path: Path, pager: str
) -> None:
    child = spawned(environment, tmp_path, "receptive-field", PAGER=pager)
    child.expect("PAGED.*Receptive fields")
    child.sendline("")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    text = (tmp_path / "paged.txt").read_text("utf-8")
    assert "\x1b[1mReceptive fields\x1b[0m" in text
    assert "See also" in text


def test_a_pager_that_is_quit_early_ends_in_silence(
    environment: dict[str, str], tmp_path: Path
) -> None:
    quitting = f'"{sys.executable}" -c "print(input()[:3])"'
    child = spawned(environment, tmp_path, "receptive-field", PAGER=quitting)
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    assert "Error" not in child.before
    assert "Traceback" not in child.before


def test_a_terminal_that_cannot_page_gets_the_text_at_once(
    environment: dict[str, str], tmp_path: Path
) -> None:
    less = tmp_path / "bin" / "less"
    less.parent.mkdir()
    less.write_text("#!/bin/sh\necho PAGED\nsleep 60\n", "utf-8")
    less.chmod(0o755)
    path = f"{less.parent}:{environment.get('PATH', '')}"
    plain = {key: value for key, value in environment.items() if key != "PAGER"}
    child = spawned(plain, tmp_path, "receptive-field", TERM="dumb", PATH=path)
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    assert "See also" in child.before
    assert "PAGED" not in child.before
    paged = spawned(plain, tmp_path, "receptive-field", TERM="xterm", PATH=path)
    paged.expect("PAGED")
    paged.close(force=True)


def test_ctrl_c_is_the_pager_s_to_answer(
    environment: dict[str, str], tmp_path: Path, pager: str
) -> None:
    child = spawned(environment, tmp_path, "receptive-field", PAGER=pager)
    child.expect("PAGED")
    child.sendintr()
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    assert "Interrupted" not in child.before


def test_a_short_answer_is_not_paged(
    environment: dict[str, str], tmp_path: Path, pager: str
) -> None:
    child = spawned(environment, tmp_path, "hdf5-external-link", PAGER=pager)
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    assert "PAGED" not in child.before
    assert "external link" in child.before


@pytest.mark.parametrize("named", ["no-such-program-here", "'", ""])
def test_without_a_pager_the_text_is_printed(
    environment: dict[str, str], tmp_path: Path, named: str
) -> None:
    child = spawned(environment, tmp_path, "pooling", PAGER=named)
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    assert "See also" in child.before


def test_a_pipe_is_not_paged(environment: dict[str, str], tmp_path: Path, pager: str) -> None:
    import subprocess

    done = subprocess.run(
        [sys.executable, "-m", "companion", "explain", "pooling"],
        env={**environment, "PAGER": pager},
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.startswith("Strides and pooling\n")


@pytest.mark.parametrize("columns", [40, 60, 100])
def test_a_topic_fits_the_terminal(
    environment: dict[str, str], tmp_path: Path, columns: int
) -> None:
    child = spawned(
        environment, tmp_path, "receptive-field", columns=columns, PAGER="", NO_COLOR="1"
    )
    child.expect(pexpect.EOF)
    child.close()
    lines = child.before.replace("\r", "").split("\n")
    assert max(map(len, lines)) <= columns


def test_the_linter_shows_how_far_it_is_on_a_terminal(
    environment: dict[str, str], tmp_path: Path
) -> None:
    from small_textbook import copied

    words = ["-m", "companion", "content", "check", "--folder", str(copied(tmp_path))]
    child = pexpect.spawn(
        sys.executable,
        [*words, "--no-commands"],
        env={**environment, "TERM": "xterm"},
        cwd=str(tmp_path),
        dimensions=(24, 80),
        encoding="utf-8",
        timeout=60,
    )
    child.expect("topics .*2/2")
    child.expect("Nothing is wrong with the 2 topics.")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
