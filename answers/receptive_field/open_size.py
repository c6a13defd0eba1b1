"""Fields that depend on a size which is left open.

'same' with a stride pads by the input's size, so the field's start depends on what the size
leaves when it is divided by the strides so far. Each such rest is worked out with a number of its
own; rests with equal fields stand together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import fields, replace
from math import lcm
from typing import Any

from answers.errors import InputError
from answers.expressions.size import is_symbolic
from answers.layers.base import Dim, Shape
from answers.layers.taps import Open
from answers.network.graph import Network
from answers.network.shapes import Shapes
from answers.receptive_field.field import AxisField, Field, SizeClass
from answers.receptive_field.spread import Spread
from answers.receptive_field.unfolded import Step, Unfolded, unfold

Found = list[Field | None]
Along = Callable[[Unfolded, str], Found]
MOST_RESTS = 64
# large enough for the fields of common networks, and a multiple of the strides people use
REFERENCE = 20_160


def settled(network: Network, unfolded: Unfolded, source: str, plain: Found, along: Along) -> Found:
    """The fields with what depends on an open size worked out by the size's rest."""
    if not any(axis.open for field in plain if field for axis in field.axes):
        return plain
    trial = _Trial(network, unfolded, source, along)
    moduli = trial.moduli()
    tries: list[Found | None] = []
    for modulus in moduli:
        tries = [trial.at(modulus * -(-REFERENCE // modulus) + rest) for rest in range(modulus)]
        if None not in tries:
            break
    return _each(plain, tries)


def _each(plain: Found, tries: list[Found | None]) -> Found:
    """Settle each open axis of each field by what was found for it at one size of each rest."""
    return [
        field
        and field.with_axes(
            tuple(
                _by_rest(axis, [_axis_of(found, number, place) for found in tries])
                if axis.open
                else axis
                for place, axis in enumerate(field.axes)
            )
        )
        for number, field in enumerate(plain)
    ]


def _axis_of(found: Found | None, number: int, place: int) -> AxisField | None:
    field = found and found[number]
    return field.axes[place] if field else None


class _Trial:
    """A network at a number in place of its open sizes."""

    def __init__(self, network: Network, unfolded: Unfolded, source: str, along: Along) -> None:
        self._network, self._source, self._along = network, source, along
        self._steps = unfolded.steps
        self._inputs = tuple(
            (unfolded.steps[at].shape or (), unfolded.rank(at)) for at in unfolded.inputs.values()
        )

    def at(self, size: int) -> Found | None:
        """The fields at this size; None where the network has no output there."""
        shapes: Shapes = tuple(_filled(shape, rank, size) for shape, rank in self._inputs)
        try:
            return self._along(unfold(self._network, shapes), self._source)
        except InputError:
            return None

    def moduli(self) -> list[int]:
        """After how many sizes the fields repeat, and after how many the shapes do, too.

        Only layers whose taps are open depend on the size: with what is left of it when it is
        divided by the strides up to there. Shapes that must fit may depend on all strides. None
        where that is not known, or too many, or where a layer's own settings hold the size.
        """
        found = None if self._open_inside() else self.at(REFERENCE)
        if found is None:
            return []
        waiting = [number for number, step in enumerate(self._steps) if _waits(step)]
        some = _common_multiple(found[number] for number in waiting)
        every = _common_multiple(found)
        return [modulus for modulus in (some, every) if 0 < modulus <= MOST_RESTS]

    def _open_inside(self) -> bool:
        """Whether a letter of an open size stands in a layer, too."""
        sizes = [size for shape, rank in self._inputs for size in shape[:rank] if is_symbolic(size)]
        if not sizes:
            return False
        letters = set().union(*map(_letters, sizes))
        settings = (
            getattr(s.layer, f.name) for s in self._steps if s.inputs for f in fields(s.layer)
        )
        return any(letters & _letters(setting) for setting in settings)


def _letters(value: Any) -> set[Any]:
    """The symbols in a setting of a layer."""
    if isinstance(value, tuple):
        return set().union(*map(_letters, value))
    return set(value.free_symbols) if is_symbolic(value) else set()


def _waits(step: Step) -> bool:
    """Whether what a layer reads depends on an open size."""
    axes = (axis for taps in step.taps if isinstance(taps, tuple) for axis in taps)
    return any(isinstance(axis, Open) for axis in axes)


def _common_multiple(found: Iterable[Field | None]) -> int:
    """Of the steps of all fields; 0 where a symbol stands in one."""
    spreads = [spread for field in found if field for spread in _spreads(field)]
    if any(is_symbolic(spread.step) for spread in spreads):
        return 0
    return lcm(*(max(spread.step, 1) for spread in spreads))


def _filled(shape: Shape, rank: int, size: int) -> Shape:
    """The shape with a number for each open size; channels stay."""
    return (*(size if _is_open(old) else old for old in shape[:rank]), *shape[rank:])


def _is_open(size: Dim) -> bool:
    return size is None or is_symbolic(size)


def _spreads(field: Field) -> Iterable[Spread]:
    return (axis.local for axis in field.axes if axis.local is not None)


def _by_rest(axis: AxisField, tries: list[AxisField | None]) -> AxisField:
    """An open axis by the size's rest, or plainly where all rests have the same field."""
    known = [found for found in tries if found is not None]
    if not known or any(found.unknown for found in known):
        return axis
    spreads = [found.local if found is not None else None for found in tries]
    classes = _grouped(spreads)
    only = classes[0].spread if len(classes) == 1 else None
    settled = replace(axis, unknown="", open=only is None, classes=() if only else classes)
    if known[0].spread is None:
        return replace(settled, before=only)
    return replace(settled, spread=only, before=None)


def _grouped(spreads: list[Spread | None]) -> tuple[SizeClass, ...]:
    """Rests with equal fields together; the modulus as small as it can be."""
    modulus = len(spreads)
    while modulus % 2 == 0 and spreads[: modulus // 2] == spreads[modulus // 2 :]:
        modulus //= 2
        spreads = spreads[:modulus]
    rests: dict[Spread | None, list[int]] = {}
    for rest, spread in enumerate(spreads):
        rests.setdefault(spread, []).append(rest)
    return tuple(SizeClass(modulus, tuple(found), spread) for spread, found in rests.items())
