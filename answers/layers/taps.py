"""Which positions of its input a layer's output reads, axis by axis.

Unit i = q·m + r of an axis with m phases reads the input positions q·step + (what phase r says).
Positions outside the axis are padding: nothing is read there. A convolution has one phase and
its stride as the step; a transposed convolution has as many phases as its stride, and the step 1.
"""

from __future__ import annotations

from answers.expressions.size import Size
from answers.record import record

MOST_PHASES = 1024  # that an axis is written down with, one by one; with more it is Open


@record()
class Run:
    """Positions first, first + spacing, …, `count` of them."""

    first: Size
    count: Size = 1
    spacing: Size = 1

    @property
    def last(self) -> Size:
        """The last position."""
        return self.first + (self.count - 1) * self.spacing


@record()
class Taps:
    """What the units of one axis read: a run for each phase, None for a phase that reads nothing."""

    step: Size
    runs: tuple[Run | None, ...]


@record()
class Everything:
    """Every unit reads every position of this axis (global pooling)."""


@record()
class Open:
    """The taps depend on a size that is left open; `needs` says in words which.

    periodic: only what the size leaves when it is divided matters, not how large it is.
    """

    needs: str
    periodic: bool = False


AxisTaps = Taps | Everything | Open
ITSELF = Taps(1, (Run(0),))
EVERYTHING = Everything()


@record()
class Rearranged:
    """The output holds the same numbers in other places (Flatten, Reshape): no axis is followed."""


@record()
class Unruled:
    """Nobody knows what the layer reads."""


REARRANGED = Rearranged()
UNRULED = Unruled()
# for one input: what each axis of the output reads, or that there is no such thing
InputTaps = tuple[AxisTaps, ...] | Everything | Rearranged | Unruled
