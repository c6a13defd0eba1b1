"""A small textbook of questions for the tests, with the misconceptions that are shipped."""

from __future__ import annotations

import shutil
from pathlib import Path

import answers.textbook as shipped

SHIPPED = Path(shipped.__file__).parent
FIXTURE = Path(__file__).parents[1] / "fixtures" / "practice"


def small_textbook(folder: Path) -> Path:
    """The questions of the fixture in a folder of their own, to be read or spoilt."""
    shutil.copytree(FIXTURE, folder, dirs_exist_ok=True)
    for path in SHIPPED.glob("misconceptions*.toml"):
        shutil.copy(path, folder)
    return folder
