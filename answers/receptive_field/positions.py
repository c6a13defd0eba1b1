"""What every position of a tensor reads, borders included: where all sizes are known.

Sets of input positions are sent through the network along each axis, cut at the ends of every
tensor on the way, as the network does. A set is the bits of a Python int.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import and_, or_

from answers.errors import InputError
from answers.expressions.size import is_symbolic
from answers.layers.base import text
from answers.layers.taps import (
    ITSELF,
    AxisTaps,
    Everything,
    InputTaps,
    Open,
    Rearranged,
    Taps,
    Unruled,
)
from answers.network.graph import Network, Tensor
from answers.network.shapes import Shapes
from answers.receptive_field.source import chosen_input
from answers.receptive_field.spread import numeric
from answers.receptive_field.unfolded import Step, Unfolded, unfold

MOST_WORK = 30_000_000  # words of 64 bits that are joined; about a second
MOST_SHARED = 10_000_000  # the same for `shared`, which is worked out beside the fields
Sets = tuple[int, ...]  # for each position of an axis, what it reads


@dataclass(frozen=True)
class Seen:
    """What one position reads along an axis; count < last − first + 1 means holes."""

    first: int
    last: int
    count: int


@dataclass(frozen=True)
class Positions:
    """For each axis of the input, what each position of the tensor reads of it; None: nothing.

    A tensor that has no positions left (after global pooling, or Flatten) has one entry an axis:
    what all of it reads.
    """

    source: str
    axes: tuple[tuple[Seen | None, ...], ...]

    @property
    def largest(self) -> tuple[int, ...]:
        """The largest last − first + 1 along each axis, inside the input."""
        sizes = ((s.last - s.first + 1 for s in axis if s) for axis in self.axes)
        return tuple(max(axis, default=0) for axis in sizes)

    def counted(self) -> tuple[tuple[tuple[int, int], ...], ...]:
        """For each axis, each size that occurs with how many positions have it."""
        return tuple(_counts(axis) for axis in self.axes)


def positions(
    network: Network,
    tensor: Tensor | None = None,
    inputs: Shapes | None = None,
    *,
    source: str | None = None,
) -> Positions:
    """What each position of a tensor (default: the first output) reads of an input.

    Raises: InputError `size-unknown` where a size is open; `field-unknown` where a layer has no
    rule or moves positions about; `field-too-large` where it would take too long.
    """
    unfolded = unfold(network, inputs)
    name = chosen_input(unfolded, source)
    target = unfolded.step_of(tensor or network.outputs[0])
    found: dict[int, tuple[Sets, ...]] = {}
    sender = _Sender()
    for number in unfolded.needed(target):
        sets = _at(unfolded, number, name, found, sender)
        if sets is not None:
            found[number] = sets
    if target not in found:
        raise InputError("no-field", f"This tensor does not depend on the input {name!r}.")
    return Positions(name, tuple(tuple(map(_seen, axis)) for axis in found[target]))


def shared(unfolded: Unfolded, source: str) -> dict[int, tuple[Seen | None, ...]]:
    """For each step that can be followed: what all of its output's positions see, axis by axis.

    It is empty where a size is open.
    """
    found: dict[int, tuple[Sets, ...]] = {}
    sender = _Sender(most=MOST_SHARED)
    try:
        for number in range(len(unfolded.steps)):
            sets = _at(unfolded, number, source, found, sender)
            if sets is not None:
                found[number] = sets
    except InputError:  # what stands after such a layer is not followed
        pass
    return {number: tuple(map(_by_all, axes)) for number, axes in found.items()}


def _by_all(axis: Sets) -> Seen | None:
    return _seen(reduce(and_, axis)) if axis else None


def _at(
    unfolded: Unfolded,
    number: int,
    source: str,
    found: dict[int, tuple[Sets, ...]],
    sender: _Sender,
) -> tuple[Sets, ...] | None:
    step = unfolded.steps[number]
    if number == unfolded.inputs[source]:
        return tuple(
            sender.input_axis(_number(size, step))
            for size in (step.shape or ())[: unfolded.rank(number)]
        )
    pairs = zip(step.inputs, step.taps, strict=False)
    read = [_jointly(sender.through(step, found[n], taps)) for n, taps in pairs if n in found]
    return sender.union(read) if read else None


def _jointly(axes: tuple[Sets, ...]) -> tuple[Sets, ...]:
    """What is read along all axes together: nothing where one of them reads padding only."""
    if all(map(any, axes)):
        return axes
    return tuple((0,) * len(axis) for axis in axes)


def _number(size: object, step: Step) -> int:
    if type(size) is not int:
        shown = f"{size}" if is_symbolic(size) else "left open"
        raise InputError(
            "size-unknown",
            f"A size of {text(step.shape or ())} is {shown}; the borders need a number.",
            hint="Give the input a size.",
            where=step.name,
        )
    return size


@dataclass
class _Sender:
    """Sends sets through layers; equal axes of a picture are worked out once."""

    most: int = MOST_WORK
    _known: dict[tuple[int, Taps, int], Sets] = field(default_factory=dict)
    _kept: list[Sets] = field(default_factory=list)  # ids stay those of living objects
    _inputs: dict[int, Sets] = field(default_factory=dict)
    _joined: dict[tuple[int, ...], Sets] = field(default_factory=dict)
    _work: int = 0

    def input_axis(self, size: int) -> Sets:
        """Each position of the input reads itself."""
        self._count(size * size // 64)
        if size not in self._inputs:
            self._inputs[size] = tuple(1 << position for position in range(size))
        return self._inputs[size]

    def through(self, step: Step, axes: tuple[Sets, ...], taps: InputTaps) -> tuple[Sets, ...]:
        """What a layer's output reads, by what its input reads."""
        if isinstance(taps, Rearranged) and (len(step.shape or ()) == 1 or _alike(axes)):
            return tuple(_all(axis) for axis in axes)
        if isinstance(taps, Rearranged | Unruled):
            raise InputError(
                "field-unknown",
                f"What {step.name} ({step.layer.kind}) reads is not followed position by position.",
            )
        if isinstance(taps, Everything):
            return tuple(_all(axis) for axis in axes)
        sizes = (*(step.shape or ()), *(1,) * len(axes))
        return tuple(
            self._axis(step, axis, taps[number], sizes[number])
            if number < len(taps)
            else _all(axis)
            for number, axis in enumerate(axes)
        )

    def union(self, read: Sequence[tuple[Sets, ...]]) -> tuple[Sets, ...]:
        """The union over the inputs of a layer."""
        return tuple(self._join(axes) for axes in zip(*read, strict=True))

    def _axis(self, step: Step, sets: Sets, taps: AxisTaps, size: object) -> Sets:
        units = _number(size, step)
        if isinstance(taps, Everything):
            return _all(sets) * units
        if isinstance(taps, Open):
            raise InputError("field-unknown", f"{step.name}: {taps.needs}.")
        if taps == ITSELF and units == len(sets):
            return sets
        if not numeric(taps):
            raise InputError(
                "size-unknown", f"{step.name} has a symbol; the borders need a number."
            )
        key = (id(sets), taps, units)
        if key not in self._known:
            self._kept.append(sets)
            self._known[key] = self._windows(sets, taps, units)
        return self._known[key]

    def _windows(self, sets: Sets, taps: Taps, units: int) -> Sets:
        words = 1 + max(sets, default=0).bit_length() // 64
        widest = max((run.count for run in taps.runs if run), default=0)
        self._count(units * (2 + min(widest, len(sets))) * (4 + words) // 4)
        return tuple(_window(sets, taps, unit) for unit in range(units))

    def _join(self, axes: tuple[Sets, ...]) -> Sets:
        kinds = list({id(axis): axis for axis in axes}.values())
        if len(kinds) == 1:
            return kinds[0]
        key = tuple(map(id, kinds))
        if key not in self._joined:
            self._kept += kinds
            self._count(len(kinds) * len(kinds[0]))
            self._joined[key] = tuple(reduce(or_, parts) for parts in zip(*kinds, strict=True))
        return self._joined[key]

    def _count(self, work: int) -> None:
        self._work += work
        if self._work > self.most:
            raise InputError(
                "field-too-large",
                "The network is too large to follow every position of it.",
                hint="Ask for a smaller input; the field away from the borders is the same.",
            )


def _window(sets: Sets, taps: Taps, unit: int) -> int:
    """The union of what the positions of one window read; padding reads nothing."""
    periods, phase = divmod(unit, len(taps.runs))
    run = taps.runs[phase]
    if run is None:
        return 0
    first = periods * taps.step + run.first
    skipped = max(0, -(first // run.spacing)) if first < 0 else 0
    start = first + skipped * run.spacing
    return reduce(or_, sets[start : max(run.last + periods * taps.step + 1, 0) : run.spacing], 0)


def _all(axis: Iterable[int]) -> Sets:
    """What all positions read together."""
    return (reduce(or_, axis, 0),)


def _alike(axes: tuple[Sets, ...]) -> bool:
    """Whether every position reads the same."""
    return all(len(set(axis)) == 1 for axis in axes)


def _seen(bits: int) -> Seen | None:
    if not bits:
        return None
    return Seen((bits & -bits).bit_length() - 1, bits.bit_length() - 1, bits.bit_count())


def _counts(axis: tuple[Seen | None, ...]) -> tuple[tuple[int, int], ...]:
    sizes = [0 if seen is None else seen.last - seen.first + 1 for seen in axis]
    return tuple((size, sizes.count(size)) for size in sorted(set(sizes)))
