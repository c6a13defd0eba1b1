"""Exactly which input positions one unit depends on: not always a rectangle.

The unit is followed backwards. On the way the positions of a tensor that it reads are an `Area`:
along the first axis, sets of places that share the same area of the axes after it. A 1x7 and a 7x1
branch added up make a cross of 13 positions, which no pair of intervals describes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from answers.errors import InputError
from answers.layers.base import Shape, text
from answers.layers.taps import AxisTaps, Everything, InputTaps, Open, Rearranged, Taps, Unruled
from answers.network.graph import Network, Tensor
from answers.network.shapes import Shapes
from answers.receptive_field.source import chosen_input
from answers.receptive_field.spread import numeric
from answers.receptive_field.unfolded import Path, Step, Unfolded, unfold

MOST_AXES = 3
MOST_WORK = 3_000_000  # places and groups of places that are looked at; about a second


@dataclass(frozen=True)
class Area:
    """A set of positions of `rank` axes.

    groups: sets of places along the first axis (bits), disjoint, each with the area of the other
        axes that belongs to it; areas differ between groups and hold something.
    holds: for rank 0, whether its only position is in the set.
    """

    rank: int
    groups: tuple[tuple[int, Area], ...] = ()
    holds: bool = False

    @property
    def count(self) -> int:
        """How many positions it holds."""
        if not self.rank:
            return int(self.holds)
        return sum(bits.bit_count() * inner.count for bits, inner in self.groups)

    @property
    def is_product_of_axes(self) -> bool:
        """Whether it is (some rows) x (some columns) x …; a rectangle, perhaps with holes."""
        if not self.rank:
            return True
        return len(self.groups) < 2 and all(inner.is_product_of_axes for _, inner in self.groups)

    @property
    def axes(self) -> tuple[int, ...]:
        """For each axis the places that occur, as bits."""
        if not self.rank:
            return ()
        first, inner = 0, (0,) * (self.rank - 1)
        for bits, area in self.groups:
            first |= bits
            inner = tuple(a | b for a, b in zip(inner, area.axes, strict=True))
        return (first, *inner)

    @property
    def intervals(self) -> tuple[tuple[int, int] | None, ...]:
        """For each axis the first and last place that occurs; None where the set is empty."""
        return tuple(
            ((bits & -bits).bit_length() - 1, bits.bit_length() - 1) if bits else None
            for bits in self.axes
        )

    def __contains__(self, position: tuple[int, ...]) -> bool:
        if not position:
            return self.holds
        here = [inner for bits, inner in self.groups if bits >> position[0] & 1]
        return bool(here) and position[1:] in here[0]

    def __iter__(self) -> Iterator[tuple[int, ...]]:
        if self.holds:
            yield ()
        for place, inner in sorted(
            ((place, inner) for bits, inner in self.groups for place in _places(bits)),
            key=lambda pair: pair[0],
        ):
            yield from ((place, *rest) for rest in inner)

    def __or__(self, other: Area) -> Area:
        if not self.rank:
            return self if self.holds else other
        return joined(self.rank, (*self.groups, *other.groups))


@dataclass(frozen=True)
class Influence:
    """What one unit reads.

    area: of the network's input. by_path: of the output of every layer on the way, in order, so
        that the field can be drawn as it grows; the unit itself is the last.
    exact: False where positions are moved about on the way: then it is all that they may be.
    """

    source: str
    unit: tuple[int, ...]
    area: Area
    by_path: Mapping[Path, Area]
    exact: bool

    @property
    def count(self) -> int:
        """How many input positions the unit depends on."""
        return self.area.count

    @property
    def is_product_of_axes(self) -> bool:
        """Whether these are (some rows) x (some columns): a rectangle, perhaps with holes."""
        return self.area.is_product_of_axes


def influence(
    network: Network,
    unit: tuple[int, ...] | None = None,
    tensor: Tensor | None = None,
    inputs: Shapes | None = None,
    *,
    source: str | None = None,
) -> Influence:
    """What one unit of a tensor (default: the middle one of the first output) reads.

    Raises: InputError `no-such-unit`; `size-unknown` where a size is open; `field-unknown` where
    a layer has no rule; `field-too-large` where it would take too long.
    """
    unfolded = unfold(network, inputs)
    name = chosen_input(unfolded, source)
    target = unfolded.step_of(tensor or network.outputs[0])
    unit = _unit(unfolded, target, unit)
    follower = _Follower(unfolded)
    areas = follower.back(target, box(tuple(1 << place for place in unit)))
    entry = unfolded.inputs[name]
    if entry not in unfolded.needed(target):
        raise InputError("no-field", f"This tensor does not depend on the input {name!r}.")
    steps = unfolded.steps
    by_path = {steps[number].path: areas[number] for number in sorted(areas)}
    area = areas.get(entry, Area(unfolded.rank(entry)))
    return Influence(name, unit, area, by_path, follower.exact)


def box(axes: tuple[int, ...]) -> Area:
    """All combinations of the places of each axis (bits)."""
    area = Area(0, holds=True)
    for rank, bits in enumerate(reversed(axes), 1):
        area = Area(rank, ((bits, area),) if bits and _holds(area) else ())
    return area


def joined(rank: int, groups: tuple[tuple[int, Area], ...]) -> Area:
    """The area of groups whose places may overlap."""
    apart: list[tuple[int, Area]] = []
    for places, area in groups:
        apart = _added(apart, places, area)
    same: dict[Area, int] = {}
    for bits, area in apart:
        same[area] = same.get(area, 0) | bits
    return Area(rank, tuple(sorted(((bits, area) for area, bits in same.items()), key=_lowest)))


def _added(groups: list[tuple[int, Area]], places: int, area: Area) -> list[tuple[int, Area]]:
    """Disjoint groups with one more: where it overlaps, areas are united."""
    found: list[tuple[int, Area]] = []
    for bits, inner in groups:
        common = bits & places
        if common and inner != area:
            found.append((common, inner | area))
            found += [(bits & ~common, inner)] if bits & ~common else []
            places &= ~common
        else:
            found.append((bits, inner))
            places &= ~common
    return [*found, (places, area)] if places else found


def _lowest(group: tuple[int, Area]) -> int:
    return group[0] & -group[0]


def _holds(area: Area) -> bool:
    return bool(area.groups) or area.holds


def _places(bits: int) -> Iterator[int]:
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest


def _unit(unfolded: Unfolded, target: int, unit: tuple[int, ...] | None) -> tuple[int, ...]:
    sizes = _sizes(unfolded, target)
    unit = tuple(size // 2 for size in sizes) if unit is None else unit
    inside = len(unit) == len(sizes) and all(0 <= u < n for u, n in zip(unit, sizes, strict=True))
    if not inside:
        raise InputError(
            "no-such-unit",
            f"There is no unit {unit}: the positions of this tensor are {text(sizes)}.",
        )
    return unit


def _sizes(unfolded: Unfolded, number: int) -> tuple[int, ...]:
    step = unfolded.steps[number]
    sizes: Shape = (step.shape or ())[: unfolded.rank(number)]
    if len(sizes) > MOST_AXES:
        raise InputError(
            "too-many-axes", f"A unit is followed in at most {MOST_AXES} axes, not {len(sizes)}."
        )
    numbers = tuple(size for size in sizes if type(size) is int)
    if len(numbers) != len(sizes):
        raise InputError(
            "size-unknown",
            f"A size of {text(step.shape or ())} is not a number.",
            hint="Give the input a size.",
            where=step.name,
        )
    return numbers


@dataclass
class _Follower:
    """Follows one unit backwards, each step once."""

    unfolded: Unfolded
    exact: bool = True
    _work: int = 0
    _known: dict[tuple[int, Taps, int], int] = field(default_factory=dict)

    def back(self, target: int, area: Area) -> dict[int, Area]:
        """For each step on the way what the unit reads of its output."""
        areas = {target: area}
        for number in reversed(self.unfolded.needed(target)):
            step = self.unfolded.steps[number]
            if number not in areas:
                continue
            for source, taps in zip(step.inputs, step.taps, strict=False):
                read = self._read(step, areas[number], taps, _sizes(self.unfolded, source))
                if _holds(read):
                    areas[source] = areas[source] | read if source in areas else read
        return areas

    def _read(self, step: Step, area: Area, taps: InputTaps, sizes: tuple[int, ...]) -> Area:
        if isinstance(taps, Unruled):
            raise InputError(
                "field-unknown", f"{step.name} ({step.layer.kind}) has no rule for what it reads."
            )
        if isinstance(taps, Rearranged):
            # a vector unit means all its channels, so everything that was put there
            self.exact = self.exact and len(step.shape or ()) == 1
        if isinstance(taps, Everything | Rearranged):
            return box(tuple(map(_full, sizes)))
        return self._axes(step, area, taps, sizes)

    def _axes(
        self, step: Step, area: Area, taps: tuple[AxisTaps, ...], sizes: tuple[int, ...]
    ) -> Area:
        """The area that is read of an input, axis by axis."""
        if not area.rank or not sizes:
            return box(tuple(map(_full, sizes)))
        groups = tuple(
            (
                self._axis(step, bits, taps[0] if taps else Everything(), sizes[0]),
                self._axes(step, inner, taps[1:], sizes[1:]),
            )
            for bits, inner in area.groups
        )
        self._count(len(groups) ** 2)
        return joined(len(sizes), tuple(g for g in groups if g[0] and _holds(g[1])))

    def _axis(self, step: Step, places: int, taps: AxisTaps, size: int) -> int:
        if isinstance(taps, Everything):
            return _full(size)
        if isinstance(taps, Open):
            raise InputError("field-unknown", f"{step.name}: {taps.needs}.")
        if not numeric(taps):
            raise InputError("size-unknown", f"{step.name} has a symbol; a unit needs numbers.")
        key = (places, taps, size)
        if key not in self._known:
            self._count(places.bit_count() * (1 + size // 512))
            self._known[key] = self._places_read(places, taps, size)
        return self._known[key]

    def _places_read(self, places: int, taps: Taps, size: int) -> int:
        found = 0
        for place in _places(places):
            periods, phase = divmod(place, len(taps.runs))
            run = taps.runs[phase]
            if run is not None:
                first = periods * taps.step + run.first
                found |= self._run(first, run.count, run.spacing, size)
        return found

    def _run(self, first: int, count: int, spacing: int, size: int) -> int:
        """A run as bits, cut at the ends of the axis."""
        skipped = max(0, -(first // spacing)) if first < 0 else 0
        inside = min(count - skipped, -(-(size - first) // spacing) - skipped)
        self._count(max(inside, 0) // 8)
        bits = 0
        for place in range(
            first + skipped * spacing, first + (skipped + inside) * spacing, spacing
        ):
            bits |= 1 << place
        return bits

    def _count(self, work: int) -> None:
        self._work += work
        if self._work > MOST_WORK:
            raise InputError(
                "field-too-large",
                "The network is too large to follow a unit through it.",
                hint="Ask for a smaller input.",
            )


def _full(size: int) -> int:
    return (1 << size) - 1
