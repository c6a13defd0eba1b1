"""Pixels and pictures that don't count, because the masks say so with the label to ignore."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from checkers.model_file.record import Finding


@dataclass
class Uncounted:
    """Counts, over a split, what the label to ignore takes away. label: None for nothing."""

    label: int | None = None
    pixels: int = 0
    pictures: int = 0

    def takes(self, truth: NDArray[Any]) -> bool:
        """Take one truth in; says whether nothing of the picture is left."""
        if self.label is None:
            return False
        ignored = int(np.count_nonzero(truth == self.label))
        self.pixels += ignored
        self.pictures += ignored == truth.size
        return ignored == truth.size

    @property
    def remarks(self) -> tuple[Finding, ...]:
        """That whole pictures don't count."""
        if not self.pictures:
            return ()
        return (
            Finding(
                "pictures-ignored",
                f"Every pixel of {self.pictures:,} pictures holds the label {self.label}, which "
                "does not count; these pictures are left out of every score.",
            ),
        )
