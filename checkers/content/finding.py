"""Something that an author has to mend."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Finding:
    """file, line: where; line 0 where the whole file is meant. code: stable. message: sentences."""

    file: Path
    line: int
    code: str
    message: str
