"""A textbook of two topics, which a test may spoil."""

from __future__ import annotations

import shutil
from pathlib import Path

from corpus import ROOT

SMALL = ROOT / "tests" / "fixtures" / "textbook"


def copied(folder: Path) -> Path:
    """A copy of the small textbook in a folder of its own."""
    return Path(shutil.copytree(SMALL, folder / "textbook"))


def changed(folder: Path, file: str, old: str, new: str) -> None:
    """Put other words into a file of a copy; the old ones must stand there."""
    path = folder / file
    text = path.read_text("utf-8")
    assert old in text, f"{file} does not hold {old!r}"
    path.write_text(text.replace(old, new, 1), "utf-8")
