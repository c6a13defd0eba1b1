"""The field of every tensor of a network, worked out once along its steps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from answers.errors import InputError
from answers.layers.taps import (
    ITSELF,
    AxisTaps,
    Everything,
    Open,
    Rearranged,
    Taps,
    Unruled,
)
from answers.network.graph import Network, Tensor
from answers.network.shapes import Shapes
from answers.receptive_field.field import AxisField, Field
from answers.receptive_field.open_size import settled
from answers.receptive_field.positions import Seen, shared
from answers.receptive_field.source import chosen_input
from answers.receptive_field.spread import AT_INPUT, JumpsDiffer, Spread, through, together, work
from answers.receptive_field.unfolded import Path, Step, Unfolded, unfold

T = TypeVar("T")
MOST_WORK = 300_000  # sets that are joined; about a second


@dataclass(frozen=True)
class Fields:
    """The field of every call.

    source: the network's input that is looked at.
    by_path: for each call, nested ones too, the fields of its outputs; None where an output does
        not depend on that input.
    outputs: of the network's outputs.
    """

    source: str
    by_path: Mapping[Path, tuple[Field | None, ...]]
    outputs: tuple[Field | None, ...]

    def of(self, tensor: Tensor) -> Field | None:
        """The field of a tensor of the outermost network."""
        return self.by_path[((tensor.node, tensor.call),)][tensor.output]


def fields(network: Network, inputs: Shapes | None = None, *, source: str | None = None) -> Fields:
    """What every tensor sees of the input `source` (default: the only one with positions).

    inputs: shapes for the network's inputs in place of what they ask for.
    Raises: InputError `input-choice` where there are several such inputs; what the shapes raise.
    """
    unfolded = unfold(network, inputs)
    name = chosen_input(unfolded, source)
    plain = along(unfolded, name)
    found = _shared(settled(network, unfolded, name, plain, along), unfolded, name)
    by_path = {
        path: tuple(found[number] for number in numbers)
        for path, numbers in unfolded.places.items()
    }
    return Fields(name, by_path, tuple(found[number] for number in unfolded.outputs))


def _shared(found: list[Field | None], unfolded: Unfolded, source: str) -> list[Field | None]:
    """The fields with what every unit really sees, where a layer lets them all see the same."""
    if not any(axis.whole for field in found if field for axis in field.axes):
        return found
    seen = shared(unfolded, source)
    return [
        field and (_with_shared(field, seen[number]) if number in seen else field)
        for number, field in enumerate(found)
    ]


def _with_shared(field: Field, seen: tuple[Seen | None, ...]) -> Field:
    pairs = zip(field.axes, seen, strict=True)
    return field.with_axes(
        tuple(replace(axis, shared=by_all) if axis.whole else axis for axis, by_all in pairs)
    )


def receptive_field(
    network: Network,
    tensor: Tensor | None = None,
    inputs: Shapes | None = None,
    *,
    source: str | None = None,
) -> Field:
    """The field of one tensor (default: the network's first output).

    Raises: InputError `jumps-differ`, which names the node where two branches move at different
    speeds; `no-field` where the tensor does not depend on the input.
    """
    found = fields(network, inputs, source=source)
    tensor = tensor or network.outputs[0]
    field = found.of(tensor)
    if field is None:
        raise InputError(
            "no-field", f"{tensor.node!r} does not depend on the input {found.source!r}."
        )
    return field.checked()


def along(unfolded: Unfolded, source: str) -> list[Field | None]:
    """The field of every step's output."""
    follower = _Follower(source)
    found: list[Field | None] = []
    for number, step in enumerate(unfolded.steps):
        if number == unfolded.inputs[source]:
            sizes = (step.shape or ())[: unfolded.rank(number)]
            axes = tuple(AxisField(input_size=size, spread=AT_INPUT) for size in sizes)
            found.append(Field(source=source, axes=axes, units=sizes))
        else:
            found.append(follower.after(step, [found[index] for index in step.inputs]))
    return found


@dataclass
class _Follower:
    """Follows fields through layers. Equal axes of a picture are worked out once."""

    source: str
    _known: dict[tuple[int, Taps], Spread] = field(default_factory=dict)
    _joined: dict[tuple[int, ...], Spread] = field(default_factory=dict)
    _work: int = 0
    _kept: list[Spread] = field(default_factory=list)  # ids stay those of living objects

    def after(self, step: Step, inputs: list[Field | None]) -> Field | None:
        """The field after a layer: the union of what it reads of its inputs."""
        read = [
            self._read(step, number, seen) for number, seen in enumerate(inputs) if seen is not None
        ]
        if not read:
            return None
        axes = tuple(
            self._union(step, axes) for axes in zip(*(one.axes for one in read), strict=True)
        )
        flattened = next((one.flattened for one in read if one.flattened), "")
        return Field(
            source=self.source, axes=axes, units=(step.shape or ())[:-1], flattened=flattened
        )

    def _read(self, step: Step, number: int, seen: Field) -> Field:
        taps = step.taps[number]
        if seen.flattened and step.layer.mixes_channels:
            taps, seen = Everything(), replace(seen, flattened="")
        match taps:
            case Everything():
                return seen.with_axes(tuple(_everything(axis, step) for axis in seen.axes))
            case Unruled():
                return seen.with_axes(
                    tuple(_unknown(axis, f"{_named(step)} has no rule") for axis in seen.axes)
                )
            case Rearranged():
                return _rearranged(seen, step)
        if seen.flattened:
            return seen
        along = (*taps, *(Everything(),) * len(seen.axes))  # what has no axis any more sees all
        return seen.with_axes(
            tuple(
                self._axis(step, axis, along[place], (number, place))
                for place, axis in enumerate(seen.axes)
            )
        )

    def _axis(
        self, step: Step, axis: AxisField, taps: AxisTaps, place: tuple[int, int]
    ) -> AxisField:
        if taps == ITSELF:
            return axis
        if isinstance(taps, Everything) or _stretches(taps):
            return _everything(axis, step)
        try:
            if isinstance(taps, Open):
                return self._open(step, axis, taps, place)
            return self._followed(axis, taps)
        except InputError as error:
            return replace(_unknown(axis, error.message), fault=error.at(step.name))

    def _followed(self, axis: AxisField, taps: Taps) -> AxisField:
        if axis.sketch is not None:
            axis = replace(axis, sketch=self._through(axis.sketch, taps))
        if axis.spread is not None:
            axis = replace(axis, spread=self._through(axis.spread, taps))
        return axis

    def _open(self, step: Step, axis: AxisField, taps: Open, place: tuple[int, int]) -> AxisField:
        """An axis whose place over the input is not known from here on; its size may be."""
        start, shape_of_window = axis.spread or axis.sketch, _unpadded(step, place)
        sketch = None
        if start is not None and shape_of_window is not None:
            sketch = self._through(start, shape_of_window)
        unknown = _unknown(axis, f"{_named(step)}: {taps.needs}")
        return replace(unknown, sketch=sketch, open=True)

    def _through(self, spread: Spread, taps: Taps) -> Spread:
        key = (id(spread), taps)
        if key not in self._known:
            self._work += work(spread, taps)
            if self._work > MOST_WORK:
                raise InputError("field-too-large", "The field has too many phases to follow.")
            self._kept.append(spread)
            self._known[key] = through(spread, taps)
        return self._known[key]

    def _union(self, step: Step, axes: tuple[AxisField, ...]) -> AxisField:
        """The union over the inputs of a layer; what sees everything stands beside the rest."""
        if len(axes) == 1 or all(axis is axes[0] for axis in axes):
            return axes[0]
        spreads = [axis.spread for axis in axes if axis.spread is not None]
        joined = AxisField(
            input_size=axes[0].input_size,
            spread=None,
            before=None if spreads else _first(axis.before for axis in axes),
            whole=next((axis.whole for axis in axes if axis.whole), ""),
            unknown=next((axis.unknown for axis in axes if axis.unknown), ""),
            open=any(axis.open for axis in axes),
            fault=_first(axis.fault for axis in axes),
            sketch=axes[0].sketch if _one_sketch(axes) else None,
        )
        try:
            return replace(joined, spread=self._together(spreads) if spreads else None)
        except JumpsDiffer as found:
            error = _jumps_differ(step, *found.jumps)
        except InputError as found:
            error = found.at(step.name)
        return replace(_unknown(joined, error.message), fault=joined.fault or error)

    def _together(self, spreads: list[Spread]) -> Spread:
        spreads = list({id(spread): spread for spread in spreads}.values())
        key = tuple(map(id, spreads))
        if key not in self._joined:
            self._kept += spreads
            self._joined[key] = together(spreads)
        return self._joined[key]


def _unpadded(step: Step, place: tuple[int, int]) -> Taps | None:
    """The window of a layer with 'same' padding, without the padding: how large it is, not where."""
    known = tuple(shape for shape in step.taken if shape is not None)
    if getattr(step.layer, "padding", None) != "same":
        return None
    taps = replace(step.layer, padding="valid").taps(*known)[place[0]]  # type: ignore[call-arg]  # it has such a field
    found = taps[place[1]] if isinstance(taps, tuple) else None
    return found if isinstance(found, Taps) else None


def _one_sketch(axes: tuple[AxisField, ...]) -> bool:
    """Whether all branches end in the very same field, so that their union is that, too."""
    return all(axis.sketch is axes[0].sketch and axis.spread is None for axis in axes)


def _stretches(taps: AxisTaps) -> bool:
    """Whether every unit reads the same place: an axis of size 1 stretched over a picture."""
    return isinstance(taps, Taps) and type(taps.step) is int and taps.step == 0


def _everything(axis: AxisField, step: Step) -> AxisField:
    if axis.spread is None and not axis.unknown:
        return axis
    return replace(axis, spread=None, before=axis.local, whole=axis.whole or _named(step))


def _unknown(axis: AxisField, why: str) -> AxisField:
    return replace(axis, spread=None, unknown=axis.unknown or why)


def _rearranged(seen: Field, step: Step) -> Field:
    """Flatten keeps each unit's field, until a layer mixes them; other moves are not followed."""
    if all(axis.spread is None for axis in seen.axes):
        return seen
    if step.shape is not None and len(step.shape) == 1:
        return replace(seen, flattened=seen.flattened or step.name)
    why = f"{_named(step)} puts positions elsewhere"
    return replace(seen, axes=tuple(_unknown(axis, why) for axis in seen.axes), flattened="")


def _named(step: Step) -> str:
    return f"{step.name} ({step.layer.kind})"


def _jumps_differ(step: Step, one: str, other: str) -> InputError:
    return InputError(
        "jumps-differ",
        f"{_named(step)} joins branches that move over the input at different speeds: by {one} "
        f"and by {other} positions a unit. No single field describes their sum.",
        hint="Give the branches the same strides.",
        where=step.name,
    )


def _first(found: Iterable[T | None]) -> T | None:
    return next((one for one in found if one is not None), None)
