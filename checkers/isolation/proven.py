"""What the probes have proven on this machine, kept until it is booted again."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from contextlib import suppress
from pathlib import Path

from answers.errors import RunError
from checkers.isolation import lock
from checkers.isolation.level import ORDER, Level
from checkers.isolation.probes import prove

_FILE = "isolation.json"
_BOOT = Path("/proc/sys/kernel/random/boot_id")


def proven_level(folder: Path) -> Level:
    """The level that the probes reach here: run once a boot, and once for each change of ours.

    folder: where the answer is kept; where that can't be, the probes run each time.
    """
    if not lock.possible():
        return "none"
    path, key = folder / _FILE, _key()
    kept = _kept(path, key)
    if kept is not None:
        return kept
    try:
        level = prove().level
    except RunError:
        return "none"  # and not kept: it may have been a full machine
    _keep(path, key, level)
    return level


def _key() -> str:
    """What the answer depends on: boot, kernel, interpreter, user, and the lock itself."""
    digest = hashlib.sha256()
    with suppress(OSError):
        digest.update(_BOOT.read_bytes())
    system = os.uname()
    facts = (*system, sys.version, sys.executable, str(os.geteuid()))
    digest.update("\0".join(facts).encode())
    for source in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(source.read_bytes())
    return digest.hexdigest()


def _kept(path: Path, key: str) -> Level | None:
    try:
        document = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(document, dict) or document.get("key") != key:
        return None
    return next((level for level in ORDER if level == document.get("level")), None)


def _keep(path: Path, key: str, level: Level) -> None:
    new = path.with_suffix(f".{os.getpid()}")
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        new.write_text(json.dumps({"key": key, "level": level}), "utf-8")
        new.replace(path)
