"""Fields that depend on a size which is left open.

'same' with a stride pads by the input's size, so the field's start depends on what the size
leaves when it is divided by the strides so far. Each such rest is worked out with a number of its
own; rests with equal fields stand together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
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
        where that is not known, or too many, or where a layer's own settings hold the size, or
        where a layer reads by the whole size, as a crop to a fixed size does.
        """
        waiting = [number for number, step in enumerate(self._steps) if _open_taps(step)]
        periodic = all(taps.periodic for n in waiting for taps in _open_taps(self._steps[n]))
        found = self.at(REFERENCE) if periodic and not self._open_inside() else None
        if found is None:
            return []
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


def _open_taps(step: Step) -> list[Open]:
    """What a layer reads by an open size; none where all of it is known."""
    axes = (axis for taps in step.taps if isinstance(taps, tuple) for axis in taps)
    return [axis for axis in axes if isinstance(axis, Open)]


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
    possible = _rests(axis.input_size, len(tries))
    known = [found for rest in possible if (found := tries[rest]) is not None]
    if not known or any(found.unknown for found in known):
        return axis
    classes = _grouped({rest: _local(tries[rest]) for rest in possible}, len(tries))
    only = classes[0].spread if len(classes) == 1 else None
    settled = replace(axis, unknown="", open=only is None, classes=() if only else classes)
    if known[0].spread is None:
        return replace(settled, before=only)
    return replace(settled, spread=only, before=None)


def _local(found: AxisField | None) -> Spread | None:
    return None if found is None else found.local


def _rests(size: Dim, modulus: int) -> list[int]:
    """What can be left of a size: 2·n + 1 is never even; all that is possible where not known."""
    every = list(range(modulus))
    letters = sorted(_letters(size), key=str)
    if len(letters) != 1 or size is None:
        return every
    import sympy

    try:
        formula = sympy.Poly(size, letters[0], domain=sympy.ZZ)
    except sympy.PolynomialError:  # a floor, or a fraction
        return every
    except sympy.CoercionFailed:
        return every
    return sorted({int(formula.eval(value)) % modulus for value in every})


def _grouped(spreads: Mapping[int, Spread | None], modulus: int) -> tuple[SizeClass, ...]:
    """Rests with equal fields together; the modulus as small as it can be."""
    smallest = next(
        part for part in range(1, modulus + 1) if modulus % part == 0 and _settles(spreads, part)
    )
    rests: dict[Spread | None, set[int]] = {}
    for rest, spread in spreads.items():
        rests.setdefault(spread, set()).add(rest % smallest)
    return tuple(
        SizeClass(smallest, tuple(sorted(found)), spread) for spread, found in rests.items()
    )


def _settles(spreads: Mapping[int, Spread | None], modulus: int) -> bool:
    """Whether the rest by this modulus is enough to tell the field."""
    kept: dict[int, Spread | None] = {}
    return all(kept.setdefault(rest % modulus, found) == found for rest, found in spreads.items())
