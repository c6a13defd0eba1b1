"""Whether a model's answers are numbers that can be measured at all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from checkers.measuring.answer import Answer
from checkers.model_file.record import Finding

# A softmax in float32 may miss 0 and 1 by its last digits.
_SLACK = 1e-5


@dataclass
class Validity:
    """Counts, over a whole split, the numbers that are no answer."""

    numbers: int = 0
    not_finite: int = 0
    out_of_range: int = 0
    lowest: float = float("inf")
    highest: float = float("-inf")

    def add(self, values: NDArray[np.float32], answer: Answer) -> bool:
        """Count one batch or sample; says whether all of it can be measured."""
        finite = np.isfinite(values)
        bad = int(values.size - np.count_nonzero(finite))
        self.numbers += values.size
        self.not_finite += bad
        if bad:
            values = values[finite]
        if values.size:
            self.lowest = min(self.lowest, float(values.min()))
            self.highest = max(self.highest, float(values.max()))
        if answer.is_logits or answer.is_numbers:
            return not bad
        outside = int(np.count_nonzero((values < -_SLACK) | (values > 1 + _SLACK)))
        self.out_of_range += outside
        return not bad and not outside

    @property
    def faults(self) -> tuple[Finding, ...]:
        """What makes the answers unmeasurable; empty where they can be measured."""
        found = []
        if self.not_finite:
            found.append(
                Finding(
                    "outputs-not-finite",
                    f"{self.not_finite:,} of the {self.numbers:,} numbers that the model answers "
                    "are not finite (NaN or infinity).",
                )
            )
        if self.out_of_range:
            found.append(
                Finding(
                    "outputs-out-of-range",
                    f"{self.out_of_range:,} of the {self.numbers:,} numbers that the model answers "
                    f"lie outside 0 to 1 (from {self.lowest:.4g} to {self.highest:.4g}).",
                )
            )
        return tuple(found)

    @property
    def remarks(self) -> tuple[Finding, ...]:
        """What is worth saying about answers that can be measured."""
        if self.numbers and self.lowest == self.highest:
            return (Finding("constant-output", f"The model answers {self.lowest:.4g} everywhere."),)
        return ()
