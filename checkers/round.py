"""What the files of one call share: the data, and the children that wait for the next file."""

from __future__ import annotations

from dataclasses import dataclass, field

from checkers.engine.ready import Ready
from checkers.measuring.source import Source


@dataclass
class Round:
    """One call. more: whether another file follows the one that is graded now.

    no_gpu: whether a GPU is there that did not answer; the other files don't ask it again.
    """

    source: Source = field(default_factory=Source)
    ready: Ready = field(default_factory=Ready)
    more: bool = False
    no_gpu: bool = False

    def close(self) -> None:
        """End the children that wait."""
        self.ready.close()
