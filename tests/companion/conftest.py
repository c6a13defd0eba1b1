"""The command line as whole processes, in a folder and an environment of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest


@dataclass(frozen=True)
class Done:
    """What a finished command left: its exit code and its two streams."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        """Its stdout as the one JSON document it must be."""
        found = json.loads(self.out)
        assert isinstance(found, dict)
        return found


Run = Callable[..., Done]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """An environment in which nothing is found by accident."""
    home = tmp_path / "home"
    home.mkdir()
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("COMPANION_", "KERAS_"))}
    for key in ("NO_COLOR", "FORCE_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "COLUMNS"):
        kept.pop(key, None)
    return kept | {"HOME": str(home), "KERAS_HOME": str(home / ".keras"), "PYTHONUTF8": "1"}


@pytest.fixture
def run(tmp_path: Path, environment: dict[str, str]) -> Run:
    """Run `companion …` in an empty folder."""

    def call(*words: str, **more: str) -> Done:
        done = subprocess.run(
            [sys.executable, "-m", "companion", *words],
            cwd=tmp_path,
            env=environment | more,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=300,
            check=False,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    return call


@pytest.fixture(scope="session")
def cifar_small(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first hundred test pictures of each class of CIFAR-10 as .npz."""
    import tarfile

    import numpy as np
    from PIL import Image

    folder = tmp_path_factory.mktemp("cifar_small")
    with tarfile.open(corpus / "data" / "cifar10_test_jpeg.tar.xz") as archive:
        archive.extractall(folder, filter="data")
    classes = sorted((folder / "test").iterdir())
    rows = [(path, label) for label, c in enumerate(classes) for path in sorted(c.iterdir())[:100]]
    images = np.stack([np.asarray(Image.open(path).convert("RGB")) for path, _ in rows])
    path = folder / "small.npz"
    np.savez(path, x_test=images, y_test=np.array([label for _, label in rows], np.uint8))
    return path
