"""Honest files with bytes or settings changed: each is read, or refused with a typed error.

The series is the same in every run; `python tests/support/reader_fuzz.py 10000` reads more.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import reader_fuzz
from reader_fuzz import MEMORY, SECONDS, Campaign, campaign, changed, sources

from answers.errors import ModelFileError
from checkers.model_file import hdf5

pytestmark = pytest.mark.corpus
COUNT, SEED = 1_200, 2026


@pytest.fixture(scope="module")
def found(corpus: Path) -> Campaign:
    return campaign(corpus, count=COUNT, seed=SEED)


@pytest.mark.slow
def test_a_changed_file_is_read_or_refused_with_a_typed_error(found: Campaign) -> None:
    assert found.untyped == []
    assert found.ended.total() + len(found.killed) == COUNT
    assert found.ended["opened"] > COUNT // 20  # some changes do no harm
    assert len(found.ended) > 20  # and the others end in many ways


@pytest.mark.slow
def test_reading_a_changed_file_takes_little_time_and_memory(found: Campaign) -> None:
    assert found.longest < SECONDS
    assert found.largest < MEMORY // 4


@pytest.mark.slow
def test_what_kills_the_worker_is_the_library_of_hdf5(found: Campaign) -> None:
    assert {death.file for death in found.killed.values()} <= {"hdf5.py"}
    assert len(found.killed) <= COUNT // 100


def test_an_input_can_be_made_again_from_its_number(corpus: Path) -> None:
    files = sources(corpus)
    assert changed(files, 1, 7) == changed(files, 1, 7)
    assert changed(files, 1, 7) != changed(files, 1, 8)


def test_a_worker_that_is_killed_is_started_again_behind_that_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = tmp_path / "worker.py"
    worker.write_text(
        "import json, os, signal, sys\n"
        "for number in range(int(sys.argv[4]), int(sys.argv[5])):\n"
        "    print(json.dumps(['begin', number]), flush=True)\n"
        "    if number == 2:\n"
        "        os.kill(os.getpid(), signal.SIGSEGV)\n"
        "    print(json.dumps(['end', number, 0.5, 3, 'opened']), flush=True)\n"
    )
    monkeypatch.setattr(reader_fuzz, "__file__", str(worker))
    found = campaign(tmp_path, count=5, seed=1)
    assert found.ended == {"opened": 4}
    assert {number: death.how for number, death in found.killed.items()} == {2: "signal 11"}


def test_a_size_that_no_processor_can_count_is_damage() -> None:
    # found by the series: HDF5 asks h5py for more bytes than a Python size can say
    with pytest.raises(ModelFileError, match="damaged or cut off: too large"), hdf5._typed():
        raise OverflowError("too large")
