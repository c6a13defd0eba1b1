"""Where the reference material lies, and how a test table is read from it.

Tables are read while tests are collected, so a machine without the corpus gets an empty table;
such tests carry the marker `corpus` and are skipped there, and say so.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


def corpus_path() -> Path | None:
    """The folder of reference material, or None where this machine has none."""
    named = os.environ.get("COMPANION_CORPUS")
    path = Path(named) if named else ROOT.parent / "shared"
    return path if (path / "reference").is_dir() else None


def load_json(relative: str) -> Any:
    """A JSON file of the corpus, or None where there is no corpus."""
    path = corpus_path()
    return None if path is None else json.loads((path / relative).read_text("utf-8"))
