"""A value of a text that has been worked out, and how it came about."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING

from answers.expressions.size import Size
from answers.record import record

if TYPE_CHECKING:
    from answers.derivation.derivation import Derivation

Derive = Callable[[], "tuple[Derivation, ...]"]

Figure = Size | Fraction | float | tuple[Size | None, ...]
"""A whole number, a formula with letters, a fraction, a measured number, or a shape."""


def underived() -> tuple[Derivation, ...]:
    """The derivations of a fact that was given or measured: none."""
    return ()


@record(kw_only=True)
class Worked:
    """A value by its name.

    derive: says how it comes about, when that is asked for: most texts show the number alone.
    source: the key of where a given fact is from.
    """

    name: str
    figure: Figure
    unit: str = ""
    derive: Derive = underived
    source: str = ""

    @property
    def derivations(self) -> tuple[Derivation, ...]:
        """How it comes about: one for each kind of axis of a field; may be none.

        Raises: InputError of a layer that has no derivation.
        """
        return self.derive()
