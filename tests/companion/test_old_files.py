"""Old and unpacked files of Keras, at the command line."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path
from typing import Any

import pytest

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures"


@pytest.fixture
def keras1_file(tmp_path: Path) -> Path:
    path = tmp_path / "old.h5"
    shutil.copy(FIXTURES / "old_models" / "steps-1.2.2.h5", path)
    return path


def test_a_file_of_keras_1_is_shown_with_its_writer(run: Any, keras1_file: Path) -> None:
    done = run("inspect", keras1_file.name, "--json")
    assert done.code == 0
    result = done.document["result"]
    assert result["writer"] == "Keras 1.2.2"
    assert [layer["kind"] for layer in result["layers"]][:3] == [
        "InputLayer", "Bidirectional", "LSTM",
    ]  # fmt: skip


def test_the_summary_of_an_unpacked_archive_is_that_of_the_archive(
    run: Any, tmp_path: Path
) -> None:
    archive = FIXTURES / "models" / "cnn.keras"
    shutil.copy(archive, tmp_path / "model.keras")
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(tmp_path / "unpacked")
    whole, folder = run("summary", "model.keras", "--json"), run("summary", "unpacked", "--json")
    assert (whole.code, folder.code) == (0, 0)
    assert folder.document["result"]["layers"] == whole.document["result"]["layers"]
