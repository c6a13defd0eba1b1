"""The field of an axis away from the borders: one set of positions for each phase.

Unit i = q·m + r of an axis with m phases reads the input positions q·step + x, x in the set of
phase r, or nothing. A chain of convolutions keeps m = 1 (jump, start and size as in Araujo, Norris,
Sim 2019, 'Computing Receptive Fields of Convolutional Neural Networks'); what enlarges an axis
makes several phases.

Sets are bits of a Python int, so holes are exact. Where a symbol stands in a kernel, stride or
dilation, and where a set would be enormous, only the two ends are kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import reduce
from math import gcd, lcm

from answers.errors import InputError
from answers.expressions.size import Size, is_symbolic, largest_of, quotient_of, same
from answers.layers.taps import Run, Taps

MOST_PHASES = 4096
MOST_BITS = 2**20  # of all phases together


@dataclass(frozen=True)
class Reach:
    """The positions that one unit reads.

    bits: bit t is set where position first + t is read; None where only the ends are known.
    """

    first: Size
    last: Size
    bits: int | None

    @property
    def size(self) -> Size:
        """From the first to the last position, holes included."""
        return tidy(self.last - self.first + 1)

    @property
    def count(self) -> int | None:
        """How many positions are really read; None where only the ends are known."""
        return None if self.bits is None else self.bits.bit_count()

    def moved(self, by: Size) -> Reach:
        """The same set, `by` positions further on."""
        return Reach(self.first + by, self.last + by, self.bits)


@dataclass(frozen=True)
class Spread:
    """What the units of an axis read of the input: a set for each phase, `step` a period."""

    step: Size
    phases: tuple[Reach | None, ...]

    @property
    def period(self) -> int:
        """After how many units the sets repeat, `step` positions further on."""
        return len(self.phases)

    def unit(self, number: int) -> Reach | None:
        """What unit `number` would read if the axis had no ends."""
        periods, phase = divmod(number, self.period)
        reach = self.phases[phase]
        return reach and reach.moved(periods * self.step)


AT_INPUT = Spread(1, (Reach(0, 0, 1),))


def numeric(taps: Taps) -> bool:
    """Whether no symbol stands in what a layer reads."""
    runs = [(run.first, run.count, run.spacing) for run in taps.runs if run]
    return not any(map(is_symbolic, (taps.step, *(size for run in runs for size in run))))


def tidy(size: Size) -> Size:
    """A size with its terms brought together."""
    if not is_symbolic(size):
        return size
    expanded: Size = size.expand()  # type: ignore[attr-defined]  # a SymPy expression, see size.py
    return int(expanded) if getattr(expanded, "is_Integer", False) else expanded


def work(spread: Spread, taps: Taps) -> int:
    """How many sets `through` joins."""
    if spread.period == 1 or not numeric(taps):
        return len(taps.runs)
    widest = max((run.count for run in taps.runs if run), default=0)
    return _rounds(spread.period, taps.step) * len(taps.runs) * min(spread.period, widest)


def through(spread: Spread, taps: Taps) -> Spread:
    """The field after a layer that reads `taps` of an axis with this field.

    Raises: InputError `too-many-phases`; `phases-unknown` where a symbolic stride meets phases.
    """
    rounds = _rounds(spread.period, taps.step)
    units = rounds * len(taps.runs)
    _bounded(units)
    phases = tuple(_read(spread, taps, unit, MOST_BITS // units) for unit in range(units))
    step = quotient_of(taps.step * rounds * spread.step, spread.period)
    return minimal(Spread(step, phases))


def together(spreads: Iterable[Spread]) -> Spread:
    """The union over branches, phase by phase.

    Raises: JumpsDiffer where they don't move in step; InputError `too-many-phases`.
    """
    return reduce(_pair, spreads)


class JumpsDiffer(Exception):  # noqa: N818  # a private signal: the caller knows the node's name
    """Two branches move over the input at different speeds, so no field describes their sum."""

    def __init__(self, one: Spread, other: Spread) -> None:
        super().__init__()
        self.jumps = jump_text(one), jump_text(other)


def jump_text(spread: Spread) -> str:
    """How far the field moves from one unit to the next, exactly: 4, 1/2, s**2."""
    if is_symbolic(spread.step):
        return str(quotient_of(spread.step, spread.period))
    common = gcd(spread.step, spread.period)
    top, bottom = spread.step // common, spread.period // common
    return str(top) if bottom == 1 else f"{top}/{bottom}"


def minimal(spread: Spread) -> Spread:
    """The same field with the smallest period."""
    if is_symbolic(spread.step) or spread.period == 1:
        return spread
    for period in _divisors(spread.period):
        step, rest = divmod(spread.step * period, spread.period)
        if not rest and _repeats(spread.phases, period, step):
            return Spread(step, spread.phases[:period])
    return spread


def _divisors(number: int) -> Iterator[int]:
    return (small for small in range(1, number) if number % small == 0)


def _repeats(phases: tuple[Reach | None, ...], period: int, step: Size) -> bool:
    pairs = zip(phases, phases[period:], strict=False)
    return all((a and a.moved(step)) == b for a, b in pairs)


def _rounds(period: int, step: Size) -> int:
    """How many periods of the layer's phases fill whole periods of the field."""
    if period == 1:
        return 1
    if is_symbolic(step):
        raise InputError(
            "phases-unknown",
            f"A stride of {step} on an axis with {period} phases: give the stride a number.",
        )
    return period // gcd(period, step)


def _bounded(phases: int) -> None:
    if phases > MOST_PHASES:
        raise InputError(
            "too-many-phases",
            f"The field repeats only after {phases:,} units; the limit is {MOST_PHASES:,}.",
        )


def _read(spread: Spread, taps: Taps, unit: int, most_bits: int) -> Reach | None:
    """What one unit reads: the union of what its taps' positions read."""
    periods, phase = divmod(unit, len(taps.runs))
    run = taps.runs[phase]
    if run is None:
        return None
    moved = Run(periods * taps.step + run.first, run.count, run.spacing)
    return _union(_parts(spread, moved, most_bits))


def _parts(spread: Spread, run: Run, most_bits: int) -> Iterator[Reach]:
    """For each phase of the field that a run meets, what is read there."""
    for part in _by_phase(run, spread.period):
        periods, phase = divmod(part.first, spread.period) if spread.period > 1 else (part.first, 0)
        reach = spread.phases[phase]
        if reach is not None:
            shift = quotient_of(part.spacing * spread.step, spread.period)
            yield _repeated(reach.moved(periods * spread.step), part.count, shift, most_bits)


def _by_phase(run: Run, period: int) -> Iterator[Run]:
    """A run as runs that stay in one phase each."""
    if period == 1:
        yield run
        return
    if any(map(is_symbolic, (run.first, run.count, run.spacing))):
        raise InputError(
            "phases-unknown",
            f"A kernel with a symbol on an axis with {period} phases: give it a number.",
        )
    classes = period // gcd(period, run.spacing)
    for k in range(min(classes, run.count)):
        count = -(-(run.count - k) // classes)
        yield Run(run.first + k * run.spacing, count, run.spacing * classes)


def _repeated(reach: Reach, count: Size, shift: Size, most_bits: int) -> Reach:
    """The union of a set and its copies, each `shift` further on."""
    last = reach.last + (count - 1) * shift
    numbers = not any(map(is_symbolic, (count, shift)))
    if reach.bits is None or not numbers:
        return Reach(reach.first, last, reach.bits if numbers and count == 1 else None)
    if reach.bits.bit_length() + (count - 1) * shift > most_bits:
        return Reach(reach.first, last, None)
    return Reach(reach.first, last, _copies(reach.bits, count, shift))


def _copies(bits: int, count: int, shift: int) -> int:
    """The union of `count` copies, by doubling."""
    done = 1
    while done < count:
        more = min(done, count - done)
        bits |= bits << (more * shift)
        done += more
    return bits


def _union(reaches: Iterable[Reach]) -> Reach | None:
    found = list(reaches)
    if len(found) < 2:
        return found[0] if found else None
    first = tidy(-largest_of(*(-reach.first for reach in found)))
    last = tidy(largest_of(*(reach.last for reach in found)))
    return Reach(first, last, _common_bits(found, first))


def _common_bits(reaches: list[Reach], first: Size) -> int | None:
    """The bits of a union; None where a shift between the sets is not known as a number."""
    bits = 0
    for reach in reaches:
        shift = tidy(reach.first - first)
        if reach.bits is None or is_symbolic(shift):
            return None
        bits |= reach.bits << shift
    return bits if bits.bit_length() <= MOST_BITS else None


def _pair(one: Spread, other: Spread) -> Spread:
    if one == other:
        return one
    if not same(one.step * other.period, other.step * one.period):
        raise JumpsDiffer(one, other)
    period = lcm(one.period, other.period)
    _bounded(period)
    step = quotient_of(one.step * period, one.period)
    pairs = ((one.unit(unit), other.unit(unit)) for unit in range(period))
    return minimal(Spread(step, tuple(_union(filter(None, pair)) for pair in pairs)))
