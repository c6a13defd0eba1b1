"""How much memory pictures take: plain multiplication, done before anything is loaded."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from pathlib import Path

from answers.errors import MissingError

FLOAT32 = 4
UINT8 = 1

_MEMINFO = Path("/proc/meminfo")


@dataclass(frozen=True, kw_only=True)
class Holding:
    """Arrays that are to be held: what they are, their shape, and the bytes of one number."""

    what: str
    shape: tuple[int, ...]
    number: int

    @property
    def bytes(self) -> int:
        """The product of all sides, and of the bytes of a number."""
        return prod(self.shape) * self.number

    @property
    def formula(self) -> str:
        """The product as it is written: '50,000 · 224 · 224 · 3 · 4 bytes = 30.1 GB'."""
        factors = " · ".join(f"{side:,}" for side in (*self.shape, self.number))
        return f"{factors} bytes = {in_words(self.bytes)}"


def in_words(count: int) -> str:
    """Bytes in the unit that leaves 1 to 999 before the point; 1 GB is 10⁹ bytes."""
    for unit, size in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if count >= size:
            return f"{count / size:,.1f} {unit}"
    return f"{count} bytes"


def available() -> int | None:
    """The bytes that this machine can still give, or None where it does not say (not on Linux)."""
    try:
        lines = _MEMINFO.read_text("ascii").splitlines()
    except OSError:
        return None
    found = [int(line.split()[1]) for line in lines if line.startswith("MemAvailable:")]
    return found[0] * 1024 if found else None


def require_room(*holdings: Holding) -> None:
    """Refuse to begin what would not fit. Raises MissingError (memory-missing)."""
    needed, free = sum(holding.bytes for holding in holdings), available()
    if free is not None and needed > free:
        parts = "; ".join(f"{holding.what}: {holding.formula}" for holding in holdings)
        raise MissingError(
            "memory-missing",
            f"This needs {in_words(needed)} of memory, and {in_words(free)} are free ({parts}).",
            hint="Use a smaller --size, or fewer pictures.",
        )
