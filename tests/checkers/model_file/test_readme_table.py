"""The README's table of writers and containers says what happens to the files of the corpus.

Where it differs, the test prints the table as it should be.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from corpus import ROOT, load_json

from answers.errors import CompanionError
from answers.network.parameters import parameters
from checkers.model_file.reader import open_model
from checkers.model_file.sniff import Container, sniff

pytestmark = pytest.mark.corpus

FILES = (load_json("models/dialects/manifest.json") or {"files": []})["files"]
HEAD = ["| written by | `.h5` (HDF5) | `.keras` (zip) |", "|---|---|---|"]


def outcome(path: Path, truth: dict[str, int]) -> tuple[bool, bool]:
    """Whether a file opens to the last array, and whether its parameters are the writer's."""
    try:
        with path.open("rb") as file:
            opened = open_model(file)
            for _ in opened.weights():
                pass
    except CompanionError:
        return False, False
    found = parameters(opened.model.network)
    return True, (found.total, found.trainable) == (truth["total"], truth["trainable"])


def writer_of(row: dict[str, Any]) -> str:
    library, version = row["writer"]["library"], row["writer"]["version"]
    return f"tf_keras {version}" if library.startswith("tf_keras") else f"Keras {version}"


def cell(results: list[tuple[bool, bool]]) -> str:
    """How many of the files are opened, and how many of these are exact."""
    if not results:
        return "–"
    opened, exact = (sum(column) for column in zip(*results, strict=True))
    return f"{opened} of {len(results)} opened, {exact} exact"


def table(folder: Path) -> Iterator[str]:
    found: dict[str, dict[Container, list[tuple[bool, bool]]]] = {}
    for row in FILES:
        if row["expect"] != "grade":
            continue
        path = folder / row["file"]
        with path.open("rb") as file:
            container = sniff(file)
        columns = found.setdefault(writer_of(row), {kind: [] for kind in Container})
        columns[container].append(outcome(path, row["params"]))
    yield from HEAD
    for writer in sorted(found, key=version_of):
        hdf5, archive = (cell(found[writer][kind]) for kind in (Container.HDF5, Container.ZIP))
        yield f"| {writer} | {hdf5} | {archive} |"


def version_of(writer: str) -> tuple[int, ...]:
    return tuple(map(int, writer.split()[1].split(".")))


def test_the_readme_says_what_becomes_of_each_writers_files(corpus: Path) -> None:
    wanted = "\n".join(table(corpus / "models" / "dialects"))
    assert wanted in (ROOT / "README.md").read_text("utf-8"), f"the table should be:\n{wanted}"
