from __future__ import annotations

import resource
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from toy_history import OVERFITS

from answers.errors import InputError, MissingError
from answers.solutions.training_state import Snapshot, StateFile


def some_state() -> Snapshot:
    return Snapshot(
        model=(np.arange(6, dtype=np.float32).reshape(2, 3), np.array([7, 8], np.uint32)),
        optimizer=(np.array(12, np.int64), np.ones((2, 3), np.float32)),
        best=(np.zeros((2, 3), np.float32), np.array([1, 2], np.uint32)),
        history=OVERFITS,
        done=True,
    )


def test_a_state_comes_back_bit_for_bit(tmp_path: Path) -> None:
    file = StateFile(tmp_path / "deep" / "state.npz", "print")
    file.write(replace(some_state(), done=False))
    file.write(some_state())
    found = file.read()
    assert found is not None
    for group in ("model", "optimizer", "best"):
        pairs = zip(getattr(found, group), getattr(some_state(), group), strict=True)
        assert all(a.dtype == b.dtype and np.array_equal(a, b) for a, b in pairs)
    assert (found.history, found.done) == (OVERFITS, True)
    assert [path.name for path in file.path.parent.iterdir()] == ["state.npz"]


def test_no_state_is_none(tmp_path: Path) -> None:
    assert StateFile(tmp_path / "state.npz", "print").read() is None


def test_the_state_of_another_run_is_never_taken_up(tmp_path: Path) -> None:
    StateFile(tmp_path / "state.npz", "print").write(some_state())
    with pytest.raises(InputError, match="other data, options or versions") as caught:
        StateFile(tmp_path / "state.npz", "another").read()
    assert "--fresh" in caught.value.hint


def test_what_differs_from_an_unfinished_run_is_named(tmp_path: Path) -> None:
    there = (("seed", 0), ("learning_rate", 0.1), ("patience", None), ("keras", "3.14.0"))
    now = (("seed", 9), ("learning_rate", 0.1), ("patience", 5), ("keras", "3.15.1"))
    StateFile(tmp_path / "state.npz", "print", there).write(some_state())
    said = r": seed 0 \(now 9\), patience none \(now 5\), keras 3\.14\.0 \(now 3\.15\.1\)\.$"
    with pytest.raises(InputError, match=said):
        StateFile(tmp_path / "state.npz", "another", now).read()


def test_discarding_removes_an_empty_folder_and_no_other(tmp_path: Path) -> None:
    alone, shared = tmp_path / "alone" / "state.npz", tmp_path / "shared" / "state.npz"
    for path in (alone, shared):
        StateFile(path, "print").write(some_state())
    (tmp_path / "shared" / "mine.txt").write_text("mine")
    for path in (alone, shared):
        StateFile(path, "print").discard()
    assert not alone.parent.exists()
    assert [path.name for path in shared.parent.iterdir()] == ["mine.txt"]
    StateFile(alone, "print").discard()


def _pickled(path: Path) -> None:
    np.savez(path, about=np.array([{"fingerprint": "print"}], object))


def _cut(path: Path) -> None:
    StateFile(path, "print").write(some_state())
    path.write_bytes(path.read_bytes()[:300])


def _foreign(path: Path) -> None:
    path.write_bytes(b"something else")


def _odd_settings(path: Path) -> None:
    about = b'{"fingerprint": "other", "made_with": [1, 2]}'
    np.savez(path, about=np.frombuffer(about, np.uint8))


def _incomplete(path: Path) -> None:
    np.savez(path, about=np.frombuffer(b'{"fingerprint": "print"}', np.uint8))


def _packed(path: Path) -> None:
    np.savez_compressed(path, about=np.frombuffer(b'{"fingerprint": "print"}', np.uint8))


DAMAGED = {
    "packed": _packed,
    "pickled": _pickled,
    "cut off": _cut,
    "foreign": _foreign,
    "incomplete": _incomplete,
    "settings that are none": _odd_settings,
}


@pytest.mark.parametrize("damage", DAMAGED.values(), ids=DAMAGED.keys())
def test_a_damaged_state_is_said_and_nothing_in_it_is_run(
    tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    path = tmp_path / "state.npz"
    damage(path)
    with pytest.raises(InputError, match="can't be read") as caught:
        StateFile(path, "print").read()
    assert caught.value.code == "state-damaged"


def test_a_full_disk_is_said_and_leaves_the_old_state(tmp_path: Path) -> None:
    file = StateFile(tmp_path / "state.npz", "print")
    file.write(some_state())
    before = file.path.read_bytes()
    large = replace(some_state(), best=(np.zeros(100_000, np.float32),))
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, limits[1]))
    try:
        with pytest.raises(MissingError, match="There is no room to write") as caught:
            file.write(large)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert "the run goes on" in caught.value.hint
    assert file.path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [file.path]
