"""Every hostile file through the whole story of a grade, watched from all sides.

Each ends as the manifest of the corpus says and for the reason that it gives; nothing in it runs,
no child is told a label, the predictor never gets a byte of a refused file. The table in the
README is what came out: where it differs, the test prints the table as it should be.
"""

from __future__ import annotations

import json
import math
import os
import resource
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from corpus import ROOT
from hostile_corpus import CASES, OF_FILE_SYSTEMS, Outcome, wanted

from answers.errors import ModelFileError, RefusedError
from checkers.assignment.catalogue import load_built_in
from checkers.engine.child import Child
from checkers.engine.frames import Frame
from checkers.engine.picture_memory import Batch, PictureMemory, Place
from checkers.grading import grade
from checkers.measuring.data_source import DataRequest
from checkers.report import Report
from checkers.request import Request
from companion.cli.grade_session import exit_code
from companion.views import grade_html, grade_json, grade_markdown, grade_terminal

pytestmark = [pytest.mark.corpus, pytest.mark.slow]

SECONDS, MEMORY = 60, 4 << 30
EXITS = {"refuse-damaged": (3,), "refuse-attack": (4,), "grade": (0, 1)}
FAULTS = {"outputs-not-finite", "outputs-out-of-range", "constant-output", "wrong-output-shape"}
ASSIGNMENTS = {"cifar": "cifar10", "unet": "unet"}
# What a child may be told: no key for a label, a name or a path.
KEYS = {
    "ask",
    "backend",
    "device",
    "network",
    "output",
    "shape",
    "dtype",
    "scale",
    "sizes",
    "expected",
    *("pictures", "rows"),  # of which type they are, and how many at once
    *("at", "handed"),  # where they lie in memory
}
# Reasons that need the stored arrays; then the predictor has begun to import its engine.
OF_WEIGHTS = {"weights-shape", "weights-missing", "weights-extra", "weights-dtype"}
OF_WEIGHTS |= {"weights-not-finite", "hdf5-bomb"}
# Rights don't bind root, so this one ends otherwise for root than for others.
RIGHTS = "unreadable.h5"
ALL = [*CASES, *(name for name in OF_FILE_SYSTEMS if name != RIGHTS)]


@dataclass
class Watched:
    """What the parent did with its children during one grade."""

    started: list[str] = field(default_factory=list)
    handed: list[str] = field(default_factory=list)
    sent: list[tuple[str, Frame]] = field(default_factory=list)
    written: list[bytes] = field(default_factory=list)  # into memory that is handed over

    def asked(self, child: str) -> list[str]:
        return [frame.header["ask"] for name, frame in self.sent if name == child]


@dataclass
class Ended:
    """How one file ended, and what was seen on the way."""

    report: Report
    watched: Watched

    @property
    def outcome(self) -> Outcome:
        error = self.report.error
        if isinstance(error, ModelFileError):
            return "refuse-damaged", error.code
        if isinstance(error, RefusedError):
            return "refuse-attack", error.code
        if error is not None:
            return type(error).__name__, error.code
        found = [finding.code for finding in self.report.findings if finding.code in FAULTS]
        return "grade", found[0] if found else "ok"


class Stage:
    """Grades a file the first time it is asked for."""

    def __init__(self, corpus: Path, folder: Path) -> None:
        self.files, self.fresh, self.data = corpus / "hostile" / "files", folder / "fs", folder
        made = [
            sys.executable,
            str(corpus / "hostile" / "make_hostile.py"),
            "--fs",
            str(self.fresh),
        ]
        subprocess.run(made, check=True, stdout=subprocess.DEVNULL)
        self.pictures = _data(folder)
        self._ended: dict[str, Ended] = {}
        self.watched = Watched()

    def path(self, name: str) -> Path:
        return (self.files if name in CASES else self.fresh) / name

    def of(self, name: str) -> Ended:
        if name not in self._ended:
            task = CASES[name]["task"] if name in CASES else "cifar"
            self.watched = Watched()
            request = Request(
                path=self.path(name),
                assignment=load_built_in(ASSIGNMENTS[task]),
                data=DataRequest(path=self.data / f"{task}.npz"),
                device="cpu",
            )
            self._ended[name] = Ended(grade(request), self.watched)
        return self._ended[name]


def _data(folder: Path) -> set[bytes]:
    """Write pictures that no resizing changes; gives the bytes of each."""
    rng = np.random.default_rng(11)
    small = rng.integers(0, 256, (20, 32, 32, 3), np.uint8)
    large = rng.integers(0, 256, (4, 128, 128, 3), np.uint8)
    masks = rng.integers(0, 2, (4, 128, 128), np.uint8) * np.uint8(255)
    np.savez(folder / "cifar.npz", x_test=small, y_test=np.arange(20) % 10)
    np.savez(folder / "unet.npz", images=large, masks=masks)
    return {picture.tobytes() for pictures in (small, large) for picture in pictures}


@pytest.fixture(scope="module")
def stage(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """All files, the marker that a payload would make, and baits beside the working folder."""
    folder = tmp_path_factory.mktemp("hostile")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COMPANION_MARKER", str(folder / "fired"))
        patch.chdir(_baits(corpus, folder / "here"))
        made = Stage(corpus, folder)
        _watch(patch, made)
        yield made


def _baits(corpus: Path, folder: Path) -> Path:
    """What payloads look for where they run."""
    folder.mkdir()
    files = corpus / "hostile" / "files"
    for bait in ("not-a-secret.keras", "other.h5"):
        shutil.copyfile(files / "ctl_keras_stored.keras", folder / bait)
    for bait in ("not-a-secret.txt", "not-a-secret.bin"):
        (folder / bait).write_bytes(b"0.5 " * 100)
    shutil.copytree(files / "sm_write_file", folder / "sm_write_file")
    return folder


def _watch(patch: pytest.MonkeyPatch, stage: Stage) -> None:
    begin, send, hand_over = Child.__init__, Child.send, Child.hand_over

    def begun(self: Child, name: str, *given: Any, **named: Any) -> None:
        stage.watched.started.append(name)
        begin(self, name, *given, **named)

    def sent(self: Child, frame: Frame) -> None:
        stage.watched.sent.append((self.name, frame))
        send(self, frame)

    def handed(self: Child, descriptor: int) -> None:
        stage.watched.handed.append(self.name)
        hand_over(self, descriptor)

    put = PictureMemory.put

    def written(self: PictureMemory, batch: Batch) -> Place:
        place = put(self, batch)
        end = place.at + math.prod(place.shape) * np.dtype(place.dtype).itemsize
        assert self._memory is not None
        stage.watched.written.append(self._memory[place.at : end])
        return place

    patch.setattr(PictureMemory, "put", written)
    patch.setattr(Child, "__init__", begun)
    patch.setattr(Child, "send", sent)
    patch.setattr(Child, "hand_over", handed)


@pytest.mark.parametrize("name", ALL)
def test_a_file_ends_as_the_manifest_says_and_in_time(stage: Stage, name: str) -> None:
    ended = stage.of(name)
    assert ended.outcome == wanted(name)
    assert exit_code(ended.report) in EXITS[wanted(name)[0]]
    assert ended.report.seconds < SECONDS
    if ended.report.error is not None:
        assert ended.report.verdicts == ()


@pytest.mark.parametrize("name", [name for name in ALL if wanted(name)[0] != "grade"])
def test_the_predictor_gets_nothing_of_a_refused_file(stage: Stage, name: str) -> None:
    watched = stage.of(name).watched
    assert "predictor" not in watched.handed
    assert set(watched.asked("predictor")) <= {"engine"}
    if wanted(name)[1] not in OF_WEIGHTS:
        assert "predictor" not in watched.started


def test_a_file_that_is_no_plain_file_starts_no_child(stage: Stage) -> None:
    refused = [name for name in ALL if name in OF_FILE_SYSTEMS and wanted(name)[0] != "grade"]
    assert len(refused) == 8
    assert all(stage.of(name).watched.started == [] for name in refused)


@pytest.mark.parametrize("name", [name for name in ALL if wanted(name)[0] == "grade"])
def test_the_children_are_told_pictures_and_no_labels(stage: Stage, name: str) -> None:
    watched = stage.of(name).watched
    for child, frame in watched.sent:
        assert set(frame.header) <= KEYS
        assert (child, frame.body) == (child, b"")
    shapes = [frame.header["shape"] for _, frame in watched.sent if "shape" in frame.header]
    assert len(shapes) == len(watched.written)
    assert watched.written or wanted(name)[1] == "wrong-output-shape"
    for (rows, *_), batch in zip(shapes, watched.written, strict=True):
        one = len(batch) // rows
        assert {batch[i : i + one] for i in range(0, len(batch), one)} <= stage.pictures


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_said_so(stage: Stage) -> None:
    assert stage.of(RIGHTS).outcome == wanted(RIGHTS)


def test_no_payload_fires_and_nothing_is_left_behind(stage: Stage) -> None:
    before = {path.name for path in stage.data.rglob("*")}
    for name in ALL:
        stage.of(name)
    after = {path.name for path in stage.data.rglob("*")}
    assert after == before
    assert not any("marker" in name or name == "fired" for name in after)
    assert psutil.Process().children(recursive=True) == []
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 < MEMORY


# The escape, marks of direction, and half of a pair: what these files try to get to a screen.
STEERING = "\x1b\u202e\u2066\ud83d"
SHOWN = [name for name in CASES if "must_not_print" in CASES[name]]


@pytest.mark.parametrize("name", SHOWN)
def test_no_output_holds_raw_what_steers_it(
    stage: Stage, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    report = stage.of(name).report
    grade_terminal.draw([report], "never")
    said = [capsys.readouterr().out, grade_markdown.document([report]), grade_html.page([report])]
    said.append(json.dumps(grade_json.result([report], asked=1)))
    assert not any(mark in output for mark in STEERING for output in said)
    assert "<script>" not in said[2]


@pytest.mark.parametrize("name", [name for name in CASES if "must_print" in CASES[name]])
def test_a_harmless_name_is_shown_letter_by_letter(corpus: Path, name: str) -> None:
    path = corpus / "hostile" / "files" / name
    done = subprocess.run(
        [sys.executable, "-m", "companion", "inspect", str(path)],
        capture_output=True,
        encoding="utf-8",
        check=True,
        env={**os.environ, "COLUMNS": "160", "PYTHONUTF8": "1"},
    )
    for text in CASES[name]["must_print"]:
        assert text in done.stdout


PROCESSES = [("pipe.h5", 4), ("link_zero.h5", 4), ("folder.h5", 3), ("sparse_4gib.h5", 4)]


@pytest.mark.parametrize(("name", "code"), PROCESSES)
def test_the_command_ends_with_the_code_of_the_table(stage: Stage, name: str, code: int) -> None:
    command = [sys.executable, "-m", "companion", "grade", "--json", "--", name]
    done = subprocess.run(command, cwd=stage.fresh, capture_output=True, text=True, check=False)
    assert done.returncode == code
    assert json.loads(done.stdout)["error"]["code"] == wanted(name)[1]


def test_a_path_may_look_like_an_option_or_hold_steering_characters(stage: Stage) -> None:
    names = [name for name in OF_FILE_SYSTEMS if wanted(name)[0] == "grade"]
    command = [sys.executable, "-m", "companion", "inspect"]
    for name in names:
        done = subprocess.run(
            [*command, "--", name], cwd=stage.fresh, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        assert "\x1b" not in done.stdout + done.stderr
    assert len(names) == 2


# --- the table ------------------------------------------------------------------------------

HEAD = [
    "| files | how many | graded | graded, with a finding | no whole model (3) | refused (4) |",
    "|---|---|---|---|---|---|",
]
GROUPS = {
    "control": "honest ones, oddly packed or named",
    "cheat": "answers that cheat or mean nothing",
    "config": "code and objects in the configuration",
    "zip": "archives",
    "hdf5": "HDF5",
    "json": "JSON",
    "resource": "too large for memory or time",
    "data": "arrays",
    "format": "other formats, two formats in one",
    "savedmodel": "SavedModel folders",
    "text": "names that steer a screen",
    "file system": "links, pipes, sockets, holes, odd paths",
}


def column(outcome: Outcome) -> str:
    kind, reason = outcome
    return "finding" if kind == "grade" and reason != "ok" else kind


def table(stage: Stage) -> Iterator[str]:
    counts: dict[str, Counter[str]] = {group: Counter() for group in GROUPS}
    for name in ALL:
        group = CASES[name]["group"] if name in CASES else "file system"
        counts[group][column(stage.of(name).outcome)] += 1
    yield from HEAD
    for group, words in GROUPS.items():
        found = counts[group]
        kinds = ("grade", "finding", "refuse-damaged", "refuse-attack")
        cells = " | ".join(str(found[kind] or "–") for kind in kinds)
        yield f"| {words} | {found.total()} | {cells} |"
        assert found.total() == sum(found[kind] for kind in kinds)


def test_the_readme_says_how_each_group_ends(stage: Stage) -> None:
    wanted_table = "\n".join(table(stage))
    said = (ROOT / "README.md").read_text("utf-8")
    assert wanted_table in said, f"the table should be:\n{wanted_table}"
