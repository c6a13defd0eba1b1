"""What a person sees and asks of the isolation, as whole processes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from checkers.isolation import lock, proven

Run = Any


@pytest.fixture
def unproven(tmp_path: Path) -> dict[str, str]:
    """A state in which the probes of this boot have reached nothing."""
    folder = tmp_path / "state"
    folder.mkdir()
    kept = {"key": proven._key(), "level": "none"}
    (folder / "isolation.json").write_text(json.dumps(kept))
    return {"COMPANION_STATE": str(folder)}


@pytest.mark.skipif(not lock.possible(), reason="the lock is for Linux")
def test_doctor_shows_each_part_and_each_probe(run: Run) -> None:
    done = run("doctor", "--isolation", "--json")
    facts = {fact["name"]: fact for fact in done.document["result"]["facts"]}
    assert done.code == (0 if all(fact["fine"] for fact in facts.values()) else 6)
    assert facts["Isolation"]["value"].split()[0] in ("strong", "partial", "none")
    assert sum(name.startswith("Lock: ") for name in facts) == len(lock.ALL)
    assert {"Try: fork", "Try: internet socket", "Try: read the parent's memory"} <= set(facts)


def test_a_level_that_is_not_reached_refuses_before_the_file_is_read(
    run: Run, unproven: dict[str, str]
) -> None:
    done = run("grade", "sample-unet", "--require-isolation", "partial", "--json", **unproven)
    assert done.code == 6
    error = done.document["error"]
    assert error["code"] == "isolation-missing"
    assert "'none'" in error["message"]
    assert "doctor --isolation" in error["hint"]
    model = done.document["result"]["models"][0]
    assert (model["sha256"], model["isolation"]) == (None, "none")


def test_several_models_at_a_low_level_give_a_warning(
    run: Run, unproven: dict[str, str], tmp_path: Path
) -> None:
    for name in ("a.h5", "b.h5"):
        (tmp_path / name).write_bytes(b"nothing")
    done = run("grade", "a.h5", "b.h5", **unproven)
    assert "2 files are graded at isolation level 'none'" in done.err


def test_one_model_at_a_low_level_gives_none(
    run: Run, unproven: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "a.h5").write_bytes(b"nothing")
    assert "isolation level" not in run("grade", "a.h5", **unproven).err
