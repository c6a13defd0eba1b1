"""How far a kernel reaches: the first step of most questions about windows."""

from __future__ import annotations

from answers.derivation.derivation import Step, worked_out
from answers.layers.window import REACH


def reach_step(kernel: int, dilation: int) -> Step:
    """(k − 1)·d + 1 with its numbers."""
    values = {"k": kernel, "d": dilation}
    return worked_out("How far the kernel reaches.", REACH, values, unit="positions")
