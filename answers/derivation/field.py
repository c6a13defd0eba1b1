"""How far a unit sees, layer by layer: r ← r + (e − 1)·j along a chain, the hull where paths meet.

The numbers are those of `answers/receptive_field`, which follows sets of positions; the recurrence
is shown where it gives the same number, which it does for everything but phases and global layers.
"""

from __future__ import annotations

from collections.abc import Iterator

from answers.derivation.derivation import Derivation, Step, computed, worked_out
from answers.derivation.rules import named, rule, size_text
from answers.errors import InputError
from answers.expressions.expression import Expression, Largest, evaluate, names
from answers.expressions.size import Size, is_symbolic, same
from answers.expressions.symbolic import to_expression
from answers.layers.taps import InputTaps, Taps
from answers.network.graph import Network
from answers.network.shapes import Shapes
from answers.receptive_field.field import AxisField, Field
from answers.receptive_field.unfolded import Step as Run
from answers.receptive_field.unfolded import unfold
from answers.receptive_field.walk import Fields, fields

_UNIT = "positions"
_AXES = {1: ("length",), 2: ("height", "width"), 3: ("depth", "height", "width")}
r, e, j = names("r e j")
WINDOW: Expression = r + (e - 1) * j
Axis = tuple[int, str]


def of_network(
    network: Network, inputs: Shapes | None = None, *, source: str | None = None
) -> tuple[Derivation, ...]:
    """How the field of the first output grows, a derivation for each axis; equal axes share one.

    source: the network's input that is looked at, where there are several.
    Raises: InputError as `answers.receptive_field` does.
    """
    table = _Table(network, inputs, source)
    shown: dict[str, list[str]] = {}
    found: dict[str, tuple[Step, ...]] = {}
    for axis, name in enumerate(_axis_names(table.output)):
        steps = tuple(table.steps(axis))
        key = repr(steps)
        shown.setdefault(key, []).append(name)
        found[key] = steps
    return tuple(
        _derivation(network, " and ".join(axes), found[key]) for key, axes in shown.items()
    )


def _derivation(network: Network, axes: str, steps: tuple[Step, ...]) -> Derivation:
    return Derivation(
        title=f"Receptive field of {network.name}, {axes}",
        steps=steps,
        value=steps[-1].value,
        unit=_UNIT,
    )


def _axis_names(field: Field) -> tuple[str, ...]:
    count = len(field.axes)
    return _AXES.get(count, tuple(f"axis {number + 1}" for number in range(count)))


class _Table:
    """The steps of a network beside the field that each of them makes."""

    def __init__(self, network: Network, inputs: Shapes | None, source: str | None) -> None:
        unfolded = unfold(network, inputs)
        self.fields: Fields = fields(network, inputs, source=source)
        needed = set(unfolded.needed(unfolded.outputs[0]))
        self.runs = unfolded.steps
        self.order = [number for number in range(len(self.runs)) if number in needed]
        self.by_number = {
            number: self.fields.by_path[path][place]
            for path, numbers in unfolded.places.items()
            for place, number in enumerate(numbers)
        }
        self.entry = unfolded.inputs[self.fields.source]

    @property
    def output(self) -> Field:
        """The field of the first output."""
        field = self.fields.outputs[0]
        if field is None:
            raise InputError(
                "no-field", f"The output does not depend on the input {self.fields.source!r}."
            )
        return field.checked()

    def steps(self, axis: int) -> Iterator[Step]:
        """The lines of one axis: a layer that changes nothing has none."""
        first = rule("field", "start", "rule", {})
        yield Step(
            rule=first.sentence,
            about=self.fields.source,
            value=1,
            unit=_UNIT,
            source=first.source,
        )
        for number in self.order:
            after = self.axis(number, axis)
            before = [self.axis(given, axis) for given in self.runs[number].inputs]
            seen = [one for one in before if one is not None]
            if number == self.entry or after is None or (len(seen) == 1 and after == seen[0]):
                continue
            yield _step(self.runs[number], after, seen, axis)

    def axis(self, number: int, axis: int) -> AxisField | None:
        """The field of a step's output along one axis."""
        field = self.by_number.get(number)
        return None if field is None or axis >= len(field.axes) else field.axes[axis]


def _step(run: Run, after: AxisField, before: list[AxisField], axis: int) -> Step:
    if after.unknown:
        words = rule("field", "unknown", "rule", {"why": after.unknown})
        return Step(rule=words.sentence, about=run.name, value=after.size, unit=_UNIT)
    if after.whole:
        seen = after.shared
        read = {"first": seen.first, "last": seen.last, "count": seen.count} if seen else {}
        variant = "rule" if after.complete else "part" if seen else "open"
        places = named(whole=after.whole, r=after.size, **read)
        words = rule("field", "whole", variant, places)
        return Step(
            rule=words.sentence,
            about=run.name,
            value=None if seen is None else seen.count,
            unit=_UNIT,
        )
    window = _window(run, axis) if len(before) == 1 else None
    step = window and _grown(run, after, before[0], window)
    return step or _joined(run, after, before) or _stated(run, after)


def _window(run: Run, axis: int) -> Taps | None:
    """What the layer reads of its one input along an axis, where that is one run."""
    taps: InputTaps = run.taps[0]
    if not isinstance(taps, tuple) or axis >= len(taps):
        return None
    found = taps[axis]
    return found if isinstance(found, Taps) and len(found.runs) == 1 and found.runs[0] else None


def _grown(run: Run, after: AxisField, before: AxisField, window: Taps) -> Step | None:
    """A window along one path, where the recurrence gives what the sets of positions give."""
    taken = window.runs[0]
    size, jump = before.size, before.jump_value
    if taken is None or size is None or before.period != 1 or not _is_size(jump):
        return None
    reach = (taken.count - 1) * taken.spacing + 1
    values = {"r": size, "e": reach, "j": jump}
    if after.size is None or not same(evaluate(WINDOW, values), after.size):
        return None
    places = {**named(e=reach, j=jump), "jump": after.jump, "start": _start(after)}
    if _only_moves(window, reach):
        words = rule("field", "window", "shift", places)
        return Step(rule=words.sentence, about=run.name, value=after.size, unit=_UNIT)
    words = rule("field", "window", "rule", places)
    return worked_out(
        words.sentence, WINDOW, values, unit=_UNIT, about=run.name, source=words.source
    )


def _only_moves(window: Taps, reach: Size) -> bool:
    """Whether each unit reads one position, and the next unit the next: a crop, or padding."""
    return not is_symbolic(reach) and reach == 1 and same(window.step, 1)


def _is_size(jump: object) -> bool:
    """Whether a jump is known, and no fraction."""
    return type(jump) is int or is_symbolic(jump)


def _start(field: AxisField) -> str:
    """What the first unit does: 'starts at −1'."""
    if field.starts_with_nothing:
        return "reads nothing"
    if field.start is None:
        return "starts at a place that depends on the input's size"
    return f"starts at {_text(field.start)}"


def _text(size: Size) -> str:
    return size_text(size)


def _joined(run: Run, after: AxisField, before: list[AxisField]) -> Step | None:
    """Paths that meet: the field spans those of all of them."""
    sizes = [field.size for field in before if field.size is not None]
    if len(before) < 2 or len(sizes) < len(before) or after.size is None:
        return None
    listed = " and ".join(dict.fromkeys(map(_text, sizes)))
    words = rule("field", "joined", "rule", {"sizes": listed, "r": _text(after.size)})
    different = tuple(dict.fromkeys(map(to_expression, sizes)))
    largest = different[0] if len(different) == 1 else Largest(different)
    hull_is_largest = any(same(size, after.size) for size in sizes)
    if not hull_is_largest:
        return Step(
            rule=words.sentence, about=run.name, value=after.size, unit=_UNIT, source=words.source
        )
    return computed(
        words.sentence, largest, after.size, unit=_UNIT, about=run.name, source=words.source
    )


def _stated(run: Run, after: AxisField) -> Step:
    """A layer whose units take turns, or whose field depends on an open size."""
    sizes = " and ".join(dict.fromkeys(_text(size) for size, _ in after.sizes))
    places = {
        "r": "?" if after.size is None else _text(after.size),
        "jump": after.jump or "?",
        "start": _start(after),
        "sizes": sizes,
    }
    words = rule("field", "stated", "phases" if len(after.sizes) > 1 else "rule", places)
    return Step(rule=words.sentence, about=run.name, value=after.size, unit=_UNIT)
