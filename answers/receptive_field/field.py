"""What is said of one axis, and of one tensor: records with every figure of a receptive field."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, TypeVar

from answers.errors import InputError
from answers.expressions.size import Size, is_symbolic, quotient_of, surely
from answers.layers.base import Dim
from answers.receptive_field.positions import Seen
from answers.receptive_field.spread import Reach, Spread, jump_text, tidy

T = TypeVar("T")
Exact = Any  # a Fraction, or a SymPy expression where a symbol stands


@dataclass(frozen=True, kw_only=True)
class Phase:
    """What units offset, offset + period, … read, as the first of them reads it.

    first, last: positions of the input from 0; below 0 lies padding.
    count: how many are really read; None where only the ends are known.
    """

    offset: int
    first: Size
    last: Size
    count: int | None

    @property
    def size(self) -> Size:
        """From first to last, holes included."""
        return tidy(self.last - self.first + 1)

    @property
    def centre(self) -> Exact:
        """The middle of the field."""
        return _half(self.first + self.last)


@dataclass(frozen=True)
class SizeClass:
    """The field where the open size of the input leaves one of `rests` when divided by `modulus`.

    spread: None where the network has no output at these sizes.
    """

    modulus: int
    rests: tuple[int, ...]
    spread: Spread | None


@dataclass(frozen=True, kw_only=True)
class AxisField:
    """The field of one axis, away from the borders.

    input_size: of this axis; None where it is left open.
    spread: over the paths that see only a part; None where there is none, or it is not known.
    before: where every path sees everything: what was seen before that.
    whole: the layer from which on every unit sees all that is read of this axis; '' where none.
    shared: there, what every unit sees, borders included; None where it is not worked out.
    unknown: why the field, or a part of it, is not known; '' where it is.
    open: the field depends on the input's size, which is left open.
    classes: the field by the size's rest, where it depends on that.
    sketch: where that can't be told either: a field whose size and jump hold, but not its place.
    fault: where two branches can't be brought together.
    """

    input_size: Dim
    spread: Spread | None
    before: Spread | None = None
    whole: str = ""
    shared: Seen | None = None
    unknown: str = ""
    open: bool = False
    classes: tuple[SizeClass, ...] = ()
    sketch: Spread | None = None
    fault: InputError | None = None

    @property
    def local(self) -> Spread | None:
        """The field without what sees everything."""
        return self.spread or self.before

    @property
    def phases(self) -> tuple[Phase, ...]:
        """A record for each phase that reads anything; none where the start is not known."""
        return phases_of(self.local) if self.local else ()

    @property
    def period(self) -> int | None:
        """After how many units the fields repeat; None where it is not known."""
        return _common({spread.period for spread in self._spreads})

    @property
    def jump(self) -> str | None:
        """How far the field moves from one unit to the next, exactly: 4, 1/2, s**2."""
        return _common({jump_text(spread) for spread in self._spreads})

    @property
    def jump_value(self) -> Exact | None:
        """The same as a number: an int where it is whole, else a Fraction, or an expression."""
        return _common({_jump(spread) for spread in self._spreads})

    @property
    def size(self) -> Size | None:
        """Of the largest phase, holes included; 0 where nothing is read; None: not known."""
        return _common({_largest(spread) for spread in self._spreads})

    @property
    def smallest(self) -> Size | None:
        """Of the smallest phase that reads anything."""
        return _common({_smallest(spread) for spread in self._spreads})

    @property
    def sizes(self) -> tuple[tuple[Size, int], ...]:
        """Each size with how many of the `period` phases have it; 0: they read nothing."""
        reaches = self.local.phases if self.local else ()
        counts = Counter(reach.size if reach else 0 for reach in reaches)
        return tuple(sorted(counts.items(), key=lambda pair: str(pair[0]).zfill(20)))

    @property
    def start(self) -> Size | None:
        """The first position that unit 0 would read; below 0 it lies in the padding.

        None where it reads nothing, or where that is not known.
        """
        reach = self.local.phases[0] if self.local else None
        return tidy(reach.first) if reach else None

    @property
    def starts_with_nothing(self) -> bool:
        """Whether unit 0 is known to read nothing."""
        return self.local is not None and self.local.phases[0] is None

    @property
    def centre(self) -> Exact | None:
        """The middle of unit 0's field; it moves by `jump` a unit, in the mean over a period."""
        return self.phases[0].centre if self.phases and self.phases[0].offset == 0 else None

    @property
    def alignment(self) -> tuple[Exact, ...]:
        """For each phase that reads: how far its centre stands from the middle of its own patch.

        A unit's own patch is [i·jump, (i + 1)·jump − 1]: 0 means that it stands right over it.
        """
        spread = self.local
        return tuple(_offset(phase, spread) for phase in self.phases) if spread else ()

    @property
    def holes(self) -> int | None:
        """How many positions within the field are not read, in the phase where most are not."""
        found = {_holes(spread) for spread in self._spreads}
        return _common(found)

    @property
    def complete(self) -> bool:
        """Whether it is known that every unit sees every position."""
        return self.shared is not None and self.shared.count == self.input_size

    @property
    def larger_than_input(self) -> bool:
        """Whether a field of this size does not fit into the input."""
        if self.size is None or self.input_size is None:
            return False
        return surely(self.size > self.input_size)

    @property
    def _spreads(self) -> list[Spread]:
        if self.local is not None:
            return [self.local]
        classes = [part.spread for part in self.classes if part.spread is not None]
        return classes or ([self.sketch] if self.sketch else [])


@dataclass(frozen=True, kw_only=True)
class Field:
    """What the units of one tensor see of one input of the network.

    axes: one for each axis of the input.
    flattened: the layer that put all positions side by side; the next one that mixes sees all.
    units: the tensor's own sizes along these axes; () once positions are gone.
    """

    source: str
    axes: tuple[AxisField, ...]
    units: tuple[Dim, ...]
    flattened: str = ""

    @property
    def whole(self) -> bool:
        """Whether every unit sees all that is read of the input at all."""
        return bool(self.axes) and all(axis.whole for axis in self.axes)

    @property
    def unknown(self) -> str:
        """Why a part of the field is not known: what is said is then 'at least'."""
        return next((axis.unknown for axis in self.axes if axis.unknown), "")

    @property
    def sizes(self) -> tuple[Size | None, ...]:
        """The local size along each axis; None where it is not known."""
        return tuple(axis.size for axis in self.axes)

    def checked(self) -> Field:
        """The field itself. Raises: what keeps its branches from being brought together."""
        for axis in self.axes:
            if axis.fault is not None:
                raise axis.fault
        return self

    def with_axes(self, axes: tuple[AxisField, ...]) -> Field:
        """The same field with other axes."""
        return replace(self, axes=axes)


def phases_of(spread: Spread) -> tuple[Phase, ...]:
    """A record for each phase of a spread that reads anything."""
    return tuple(
        Phase(offset=offset, first=tidy(reach.first), last=tidy(reach.last), count=reach.count)
        for offset, reach in enumerate(spread.phases)
        if reach is not None
    )


def _common(found: set[T]) -> T | None:
    """The only value of a set; None where they differ."""
    return next(iter(found)) if len(found) == 1 else None


def _reaches(spread: Spread) -> list[Reach]:
    return [reach for reach in spread.phases if reach is not None]


def _largest(spread: Spread) -> Size:
    return _extreme([reach.size for reach in _reaches(spread)], largest=True)


def _smallest(spread: Spread) -> Size:
    return _extreme([reach.size for reach in _reaches(spread)], largest=False)


def _extreme(sizes: list[Size], *, largest: bool) -> Size:
    if not any(map(is_symbolic, sizes)):
        return (max if largest else min)(sizes, default=0)
    import sympy

    chosen: Size = (sympy.Max if largest else sympy.Min)(*sizes)
    return chosen


def _holes(spread: Spread) -> int | None:
    reaches = _reaches(spread)
    if any(reach.bits is None for reach in reaches):
        return None
    return max((reach.size - (reach.count or 0) for reach in reaches), default=0)


def _jump(spread: Spread) -> Exact:
    if is_symbolic(spread.step):
        return quotient_of(spread.step, spread.period)
    exact = Fraction(spread.step, spread.period)
    return int(exact) if exact.denominator == 1 else exact


def _half(whole: Size) -> Exact:
    return tidy(quotient_of(whole, 2)) if is_symbolic(whole) else Fraction(whole, 2)


def _offset(phase: Phase, spread: Spread) -> Exact:
    if any(map(is_symbolic, (spread.step, phase.first, phase.last))):
        jump: Any = quotient_of(spread.step, spread.period)
        return tidy(phase.centre - phase.offset * jump - (jump - 1) / _two(jump))
    jump = Fraction(spread.step, spread.period)
    return phase.centre - phase.offset * jump - (jump - 1) / 2


def _two(jump: Any) -> Any:
    return 2 if is_symbolic(jump) else Fraction(2)
