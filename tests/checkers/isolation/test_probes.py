"""The lock proves itself: each thing is possible without it, and shut with it."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import pytest

from checkers.isolation import landlock, lock, proven
from checkers.isolation.level import Level, level_of, reaches, weaker
from checkers.isolation.probes import Outcome, Proof, prove

pytestmark = pytest.mark.skipif(not lock.possible(), reason="the lock is for Linux")
# Allowed or not without a lock, as the machine, the user and the container have it.
OF_THE_MACHINE = {"user namespace", "io_uring", "bpf", "keys", "mount", "page faults"}
OF_THE_MACHINE |= {"performance counters", "netlink socket", "trace the parent"}
OF_THE_MACHINE |= {"read the parent's memory", "read the parent's memory file"}


@pytest.fixture(scope="module")
def locked() -> Proof:
    return prove()


@pytest.fixture(scope="module")
def unlocked() -> Proof:
    return prove(locked=False)


def test_every_probe_is_blocked_in_a_locked_child(locked: Proof) -> None:
    if "paths" not in locked.held:
        pytest.skip("this machine has no seccomp")
    assert [item for item in locked.outcomes if not item.fine] == []
    assert len(locked.outcomes) >= 36


def test_without_the_lock_the_same_probes_are_open(locked: Proof, unlocked: Proof) -> None:
    assert unlocked.held == ()
    assert unlocked.level == "none"
    shut = {item.name for item in unlocked.outcomes if item.outcome == "blocked"}
    assert shut <= OF_THE_MACHINE
    assert {i.name for i in locked.outcomes} == {i.name for i in unlocked.outcomes}


def test_threads_work_inside_the_lock(locked: Proof) -> None:
    assert Outcome(name="start a thread", outcome="works") in locked.outcomes


def test_the_level_is_what_the_machine_allows(locked: Proof) -> None:
    if "paths" not in locked.held:
        assert locked.level == "none"
    else:
        has_landlock = landlock.version(os.uname().machine) > 0
        assert locked.level == ("strong" if has_landlock else "partial")


LEVELS = [
    ("everything", lock.ALL, (), "strong"),
    ("no Landlock", ("privileges", "limits", "calls", "paths"), (), "partial"),
    ("no second filter", ("privileges", "limits", "files", "calls"), (), "none"),
    ("one probe open", lock.ALL, ("fork",), "none"),
    ("nothing", (), (), "none"),
]


@pytest.mark.parametrize(
    ("held", "opened", "wanted"), [case[1:] for case in LEVELS], ids=[case[0] for case in LEVELS]
)
def test_a_level_needs_its_parts_and_every_probe(
    held: tuple[str, ...], opened: tuple[str, ...], wanted: Level
) -> None:
    assert level_of(held, opened) == wanted


def test_levels_have_an_order() -> None:
    assert weaker("strong", "partial") == "partial"
    assert reaches("strong", "partial")
    assert not reaches("none", "partial")


@pytest.mark.parametrize(("version", "size"), [(1, 8), (3, 8), (4, 16), (5, 16), (6, 24), (7, 24)])
def test_landlock_gets_the_record_of_its_version(version: int, size: int) -> None:
    assert len(landlock.ruleset(version)) == size


def test_landlock_governs_all_rights_of_a_version() -> None:
    bits = {1: 13, 2: 14, 3: 15, 5: 16, 7: 16}
    for version, count in bits.items():
        assert int.from_bytes(landlock.ruleset(version)[:8], "little") == (1 << count) - 1


def test_the_probes_run_once_a_boot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    level = proven.proven_level(tmp_path)
    monkeypatch.setattr(proven, "prove", lambda: pytest.fail("the probes ran again"))
    assert proven.proven_level(tmp_path) == level
    boot = tmp_path / "boot"
    boot.write_text("another one")
    monkeypatch.setattr(proven, "_BOOT", boot)
    monkeypatch.setattr(proven, "prove", lambda: Proof(held=(), outcomes=()))
    assert proven.proven_level(tmp_path) == "none"


@pytest.mark.parametrize("text", ["", "[]", '{"level": "strong"}', '{"key": 1, "level": 2}'])
def test_a_kept_answer_that_is_damaged_counts_for_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    (tmp_path / "isolation.json").write_text(text)
    monkeypatch.setattr(proven, "prove", lambda: Proof(held=(), outcomes=()))
    assert proven.proven_level(tmp_path) == "none"
    assert json.loads((tmp_path / "isolation.json").read_text())["level"] == "none"


def test_a_part_that_the_machine_lacks_is_not_held(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused() -> None:
        raise OSError(errno.ENOSYS, "no such call")

    monkeypatch.setattr(lock, "_held", [])
    lock._try("files", refused)  # the step that decides what is said, without locking this process
    assert lock.held() == ()
