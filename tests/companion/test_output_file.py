"""Files that a person asks for: whole or not at all, and nothing else is replaced by them."""

from __future__ import annotations

import errno
import json
import os
import stat
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from answers.errors import InputError
from answers.samples.shipped import shipped_models
from companion import boundary
from companion.output_file import check_place, written

SAMPLE = next(model.path for model in shipped_models() if model.name == "sample-cnn")


def put(path: Path, content: bytes = b"new") -> None:
    check_place(path)
    with written(path) as file:
        file.write(content)


def no_room(*_: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_link_stays_one_and_its_file_is_written(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    real, link = tmp_path / "elsewhere" / "real.svg", tmp_path / "link.svg"
    real.write_text("old")
    link.symlink_to(real)
    put(link)
    assert link.is_symlink()
    assert real.read_bytes() == b"new"
    assert [path.name for path in real.parent.iterdir()] == ["real.svg"]


def test_a_link_to_nothing_makes_its_file(tmp_path: Path) -> None:
    (tmp_path / "link.svg").symlink_to("made.svg")
    put(tmp_path / "link.svg")
    assert (tmp_path / "made.svg").read_bytes() == b"new"


def test_a_pipe_is_written_into(tmp_path: Path) -> None:
    pipe, got = tmp_path / "pipe", list[bytes]()
    os.mkfifo(pipe)
    reader = Thread(target=lambda: got.append(pipe.read_bytes()), daemon=True)
    reader.start()
    put(pipe)
    reader.join(10)
    assert got == [b"new"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_what_fails_half_way_leaves_what_was_there(tmp_path: Path) -> None:
    place = tmp_path / "a.txt"
    place.write_text("old")

    def half() -> None:
        with written(place) as file:
            file.write(b"half")
            raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011  # our own, without words
        half()
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]
    assert place.read_text() == "old"


def test_a_place_without_the_right_to_it_is_refused_before_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may write everywhere
    with pytest.raises(InputError, match="no right to"):
        check_place(tmp_path / "a.txt")


def test_a_full_disk_is_a_document_where_one_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os, "fsync", no_room)
    code = boundary.run(["explain", "unet", "--output", str(tmp_path / "a.html"), "--json"])
    assert code == 6
    assert json.loads(capfd.readouterr().out)["error"]["code"] == "disk-full"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("as_json", [False, True], ids=["words", "json"])
def test_a_grade_is_shown_though_its_report_can_not_be_written(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    *,
    as_json: bool,
) -> None:
    monkeypatch.setattr(os, "fsync", no_room)
    words = [
        "grade",
        str(SAMPLE),
        "--assignment",
        "sample-cnn",
        "--output",
        str(tmp_path / "r.html"),
    ]
    code = boundary.run([*words, "--json"] if as_json else words)
    shown: Any = capfd.readouterr()
    assert code == 6
    assert "There is no room to write" in shown.err
    if as_json:
        assert json.loads(shown.out)["result"]["models"][0]["parameters"]["total"] > 0
    else:
        assert "number of parameters" in shown.out


def test_a_sheet_that_has_no_room_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(os, "fsync", no_room)
    assert boundary.run(["practice", "--sheet"]) == 6
    assert "homework.toml" in capfd.readouterr().err
    assert list(tmp_path.iterdir()) == []
