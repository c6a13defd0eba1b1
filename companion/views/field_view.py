"""The receptive field in words."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from fractions import Fraction
from math import prod
from typing import Any

from answers.errors import InputError
from answers.expressions.size import is_symbolic
from answers.layers.base import Shape
from answers.network.graph import Network
from answers.network.shapes import input_shapes
from answers.receptive_field.field import AxisField, Field, phases_of
from answers.receptive_field.influence import Influence, influence
from answers.receptive_field.positions import Seen, positions
from answers.receptive_field.walk import receptive_field
from companion.options import Everywhere
from companion.views.formula_text import FormulaText
from companion.views.paper import Paper

_AXES = {1: ("length",), 2: ("height", "width"), 3: ("depth", "height", "width")}
_MOST_PHASES = 8


def describe(network: Network, source: str | None, everywhere: Everywhere) -> None:
    """The size in one bold line, then jump, start, alignment, holes, borders."""
    words, paper = FormulaText.of(sys.stdout), Paper.of(everywhere)
    field = receptive_field(network, source=source)
    paper.line()
    paper.line(headline(field, words), bold=True)
    if field.whole:  # jump and place are those of the field before
        return
    for names, axis in _grouped(field):
        for sentence in _sentences(axis, words):
            paper.line(f"{names}: {sentence}" if names else sentence)
    for sentence in (*_borders(network, source), *_corners(network, source, field)):
        paper.line(sentence)


def headline(field: Field, words: FormulaText) -> str:
    """'A unit sees 5x5 of the input', or what else holds."""
    if field.unknown and all(size is None for size in field.sizes):
        return f"Not known: {field.unknown}."
    if not field.axes:
        return "The input has no places, only channels: a unit sees all of them."
    if field.unknown:
        return f"At least {words.shape(field.sizes)}: {field.unknown.rstrip('.')}."
    local = words.shape(field.sizes)
    if field.whole:
        before = "" if 0 in field.sizes else f" Before that layer a unit sees {local}."
        return f"Every unit sees {_shared(field)}.{before}"
    return f"A unit sees {local} of the input."


def _shared(field: Field) -> str:
    """What all units see: 'the whole input, through …', or which part of it."""
    cause = f"through {field.axes[0].whole}"
    if all(axis.complete for axis in field.axes):
        return f"the whole input, {cause}"
    if any(axis.shared is None for axis in field.axes):
        return f"everything that is read before, {cause}"
    parts = [
        f"{_seen(axis.shared)} along {_joined(names)}"
        for names, axis in _by_text([_seen(axis.shared) for axis in field.axes], field)
    ]
    return f"a part of the input, {cause}: positions {', '.join(parts)}"


def _joined(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _by_text(texts: list[str], field: Field) -> Iterator[tuple[list[str], AxisField]]:
    """Axes of which the same is said, with their names."""
    alike: dict[str, list[int]] = {}
    for number, text in enumerate(texts):
        alike.setdefault(text, []).append(number)
    names = _names(len(field.axes))
    for numbers in alike.values():
        yield [names[number] for number in numbers], field.axes[numbers[0]]


def _names(count: int) -> tuple[str, ...]:
    return _AXES.get(count, tuple(f"axis {number + 1}" for number in range(count)))


def _grouped(field: Field) -> Iterator[tuple[str, AxisField]]:
    """Equal axes once; the names are left out where all are equal."""
    for names, axis in _by_text(list(map(repr, field.axes)), field):
        alone = len(names) == len(field.axes)
        yield "" if alone else " and ".join(names).capitalize(), axis


def _sentences(axis: AxisField, words: FormulaText) -> Iterator[str]:
    if axis.jump is not None:
        jump = _exact(axis.jump_value, words)
        yield f"Jump {jump}: the fields of neighbouring units are {_positions(jump)} apart."
    if axis.classes:
        yield from _by_size(axis, words)
    elif axis.local is None and type(axis.input_size) is int:
        return  # the headline says why
    elif axis.local is None or axis.open:
        yield "Where it starts depends on the input's size; give one: in 32x32x3: …"
    elif not axis.phases:
        yield "No unit reads anything."
    elif len(axis.phases) == 1 and axis.period == 1:
        yield _place(axis, words)
    else:
        yield from _phases(axis, words)
    if axis.holes:
        yield f"It has holes: {axis.holes} positions between its ends are not read."
    if axis.larger_than_input:
        yield (
            f"That is more than the input's {words.value(axis.input_size)}: units near the middle "
            "see all of it."
        )


def _place(axis: AxisField, words: FormulaText) -> str:
    phase = axis.phases[0]
    padding = ""
    if type(phase.first) is int and phase.first < 0:
        padding = f", {-phase.first} of them padding"
    read = _interval(phase.first, phase.last, words)
    return f"Unit 0 reads {read}{padding}; {_alignment(axis, words)}."


def _alignment(axis: AxisField, words: FormulaText) -> str:
    """Where the centre stands, and how far from the middle of the unit's own patch of the input."""
    centre, offset = _exact(axis.centre, words), axis.alignment[0] if axis.alignment else None
    if offset == 0:
        return f"the centre, {centre}, is the middle of its own patch of the input"
    off = _positions(_exact(offset, words))
    return f"the centre, {centre}, is {off} off the middle of its own patch of the input"


def _interval(first: Any, last: Any, words: FormulaText) -> str:
    if first == last:
        return f"position {words.value(first)} alone"
    return f"positions {words.value(first)} to {words.value(last)}"


def _phases(axis: AxisField, words: FormulaText) -> Iterator[str]:
    if axis.period == axis.input_size and len(axis.sizes) == axis.period:  # a recurrent layer
        smallest, largest = axis.sizes[0][0], axis.sizes[-1][0]
        yield f"Each unit has a field of its own, from {smallest} to {largest} positions."
        return
    counts = ", ".join(_counted(size, count, words) for size, count in axis.sizes)
    yield f"The units take turns, in groups of {axis.period}: {counts}."
    by_offset = {phase.offset: phase for phase in axis.phases}
    for offset in range(min(axis.period or 0, _MOST_PHASES)):
        phase = by_offset.get(offset)
        read = _interval(phase.first, phase.last, words) if phase else "nothing"
        yield f"  Unit {offset} reads {read}."
    if (axis.period or 0) > _MOST_PHASES:
        yield f"  … and {(axis.period or 0) - _MOST_PHASES} more (--json has all)."


def _counted(size: Any, count: int, words: FormulaText) -> str:
    seen = "nothing" if size == 0 else _positions(words.value(size))
    return f"{count} {'sees' if count == 1 else 'see'} {seen}"


def _positions(number: str) -> str:
    return f"{number} position" if number in ("1", "1/2", "1/3", "1/4") else f"{number} positions"


def _by_size(axis: AxisField, words: FormulaText) -> Iterator[str]:
    size = "" if axis.input_size is None else words.value(axis.input_size)
    yield (
        f"Where it starts depends on the input's size{size and f', {size}'} "
        "('same' with a stride pads by it):"
    )
    divided = size if size.isalnum() else f"({size})" if size else "size"
    for part in axis.classes[:_MOST_PHASES]:
        rests = ", ".join(map(str, part.rests[:6])) + (", …" if len(part.rests) > 6 else "")
        phases = phases_of(part.spread) if part.spread else ()
        said = "unit 0 reads " + (
            _interval(phases[0].first, phases[0].last, words) if phases else "nothing"
        )
        yield f"  {divided} mod {part.modulus} = {rests}: {said if phases else 'no output'}."


def _borders(network: Network, source: str | None) -> Iterator[str]:
    """What the units at the ends see, where sizes are known."""
    try:
        found = positions(network, source=source)
    except InputError:
        return
    if all(len(axis) <= 1 for axis in found.axes):
        return
    shown = dict.fromkeys(_ends(axis) for axis in found.axes)
    names = _AXES.get(len(found.axes), ())
    for number, (axis, sentence) in enumerate(zip(found.axes, map(_ends, found.axes), strict=True)):
        if sentence and len(axis) > 1 and (number == 0 or len(shown) > 1):
            title = f"{names[number].capitalize()}: " if len(shown) > 1 and names else ""
            yield title + sentence


def _ends(axis: tuple[Seen | None, ...]) -> str:
    first, last = axis[0], axis[-1]
    return f"Inside the input unit 0 sees {_seen(first)}, the last one ({len(axis) - 1}) {_seen(last)}."


def _corners(network: Network, source: str | None, field: Field) -> Iterator[str]:
    """Where branches of different shapes meet, the field is no rectangle."""
    found = joint(network, source, field)
    if found is not None and not found.is_product_of_axes:
        within = prod(last - first + 1 for first, last in filter(None, found.area.intervals))
        yield (
            f"It is no rectangle: a unit reads {found.count:,} of the {within:,} positions between "
            "its ends."
        )


def joint(network: Network, source: str | None, field: Field) -> Influence | None:
    """What the middle unit reads in all axes together; None where that can't be followed.

    Sizes that are left open are taken large enough for the field.
    """
    if len(field.axes) < 2 or field.whole or field.unknown or None in field.sizes:
        return None
    if any(is_symbolic(size) for size in field.sizes):
        return None
    shapes = tuple(_sized(shape, field) for shape in input_shapes(network))
    try:
        return influence(network, inputs=shapes, source=source)
    except InputError:  # it would take too long, or other inputs have other axes
        return None


def _sized(shape: Shape, field: Field) -> Shape:
    """A shape with numbers for its open sizes."""
    room = [
        2 * (size or 0) + 2 * (axis.period or 1)
        for size, axis in zip(field.sizes, field.axes, strict=True)
    ]
    return tuple(
        (room[n] if n < len(room) else 1) if size is None or is_symbolic(size) else size
        for n, size in enumerate(shape)
    )


def _seen(seen: Seen | None) -> str:
    if seen is None:
        return "nothing"
    whole = seen.count == seen.last - seen.first + 1
    if seen.first == seen.last:
        return f"{seen.first} alone"
    return f"{seen.first} to {seen.last}" + ("" if whole else f" ({seen.count} of them)")


def _exact(value: Any, words: FormulaText) -> str:
    if isinstance(value, int | Fraction) or value is None:
        return str(value)
    from answers.expressions.symbolic import to_expression

    return words.formula(to_expression(value))
