"""How a field grows: of each layer the unit that stands nearest the middle, and what it sees."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from answers.errors import InputError
from answers.expressions.size import is_symbolic
from answers.network.graph import Network
from answers.receptive_field.field import AxisField
from answers.receptive_field.spread import Reach, Spread
from answers.receptive_field.unfolded import unfold
from answers.receptive_field.walk import fields


@dataclass(frozen=True)
class Sight:
    """What one unit sees of an axis: positions first to last, of which bits says which are read."""

    first: int
    last: int
    bits: int

    def __contains__(self, position: int) -> bool:
        return self.first <= position <= self.last and bool(self.bits >> position - self.first & 1)

    @property
    def size(self) -> int:
        """From first to last, holes included."""
        return self.last - self.first + 1


@dataclass(frozen=True)
class Grown:
    """One layer: its name, and what its middle unit sees along each axis of the input."""

    name: str
    axes: tuple[Sight, ...]


def growth(network: Network, *, source: str | None = None) -> tuple[Grown, ...]:
    """The layers on the way to the first output at which the field changes, the input first.

    All of them are looked at around the same place: the centre of one unit of the output.
    Raises: InputError `no-drawing` where a field can't be drawn (letters, an open start, the whole
    input), and what fields raise.
    """
    unfolded = unfold(network)
    found = fields(network, source=source)
    output = found.outputs[0]
    if output is None:
        raise InputError("no-field", f"The output does not depend on the input {found.source!r}.")
    needed = set(unfolded.needed(unfolded.outputs[0]))
    centres = tuple(_centre(axis) for axis in output.checked().axes)
    rows: list[Grown] = []
    for path, numbers in unfolded.places.items():
        field = found.by_path[path][0] if numbers else None
        if field is None or numbers[0] not in needed:
            continue
        axes = tuple(_nearest(*pair) for pair in zip(field.axes, centres, strict=True))
        name = "/".join(name for name, _ in path)
        if not rows or axes != rows[-1].axes:
            rows.append(Grown(name, axes))
    return tuple(rows)


def _spread(axis: AxisField) -> Spread:
    spread = axis.local
    if spread is None or any(map(_unclear, (*spread.phases, spread.step))):
        raise InputError(
            "no-drawing",
            "This field can't be drawn: it holds letters, or its place is not known.",
            hint="Give the input's size, and numbers for the letters (--set).",
        )
    return spread


def _unclear(part: object) -> bool:
    return part.bits is None if isinstance(part, Reach) else is_symbolic(part)


def _centre(axis: AxisField) -> Fraction:
    """The centre of the first unit that reads anything."""
    return next(middle for middle, _ in _units(_spread(axis)))


def _nearest(axis: AxisField, centre: Fraction) -> Sight:
    """What the unit sees whose centre is nearest to a place; of two the first."""
    spread = _spread(axis)
    found = []
    for middle, reach in _units(spread):
        rounds = round((centre - middle) / spread.step) if spread.step else 0
        for turn in (rounds - 1, rounds, rounds + 1):
            shift = turn * spread.step
            distance = abs(middle + shift - centre)
            found.append(
                (distance, turn, Sight(reach.first + shift, reach.last + shift, _bits(reach)))
            )
    return min(found, key=lambda item: item[:2])[2]


def _bits(reach: Reach) -> int:
    return reach.bits or 0


def _units(spread: Spread) -> Iterator[tuple[Fraction, Reach]]:
    """The phases that read anything, with their centres."""
    for reach in spread.phases:
        if reach is not None:
            yield Fraction(reach.first + reach.last, 2), reach
