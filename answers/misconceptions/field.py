"""Slips about receptive fields: how the field is wrongly said to grow at a layer.

Along a chain r ← r + (e − 1)·j and j ← j·s, where j is the jump before the layer and e how far its
kernel reaches (Araujo, Norris, Sim 2019, 'Computing Receptive Fields of Convolutional Neural
Networks', eq. 2); branches take the largest. What sees everything (dense, global pooling) leaves the
local field as it is. Networks that enlarge have no such chain: where this rule does not give the
right field, no slips are looked for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from answers.expressions.size import Size, largest_of
from answers.misconceptions.reshaping import (
    is_pool,
    reaches_of,
    strides_of,
    window_of,
)
from answers.misconceptions.use import Unfolded, Use


@dataclass(frozen=True)
class Field:
    """Along one axis: how many positions are seen, and how far it is from unit to unit."""

    size: Size = 1
    jump: Size = 1


@dataclass(frozen=True)
class Window:
    """A layer's window along one axis. reach: (side − 1)·dilation + 1. pool: it is a pool's."""

    side: Size
    dilation: Size
    stride: Size
    reach: Size
    pool: bool


@dataclass(frozen=True)
class FieldSlip:
    """What is done wrongly: the growth at a window, or how branches come together."""

    grow: Callable[[Window, Field], Field | None] | None = None
    join: Callable[[tuple[Size, ...]], Size] | None = None


# where a layer has such a slip, and None where it is taken rightly
Wrong = Callable[[Use], FieldSlip | None]


def fields_of(runs: Unfolded, wrong: Wrong = lambda _use: None) -> tuple[Size, ...]:
    """The field of the first output along each axis of the picture."""
    axes = max((len(use.output) - 1 for use in runs.uses if not use.before), default=0)
    return tuple(_field_along(runs, axis, wrong) for axis in range(axes))


def grown(window: Window, field: Field) -> Field:
    """The right rule."""
    return Field(field.size + (window.reach - 1) * field.jump, field.jump * window.stride)


def _field_along(runs: Unfolded, axis: int, wrong: Wrong) -> Size:
    fields: dict[int, Field] = {}
    for use in runs.uses:
        slip = wrong(use) or FieldSlip()
        field = _joined([fields[id(before)] for before in use.before], slip)
        window = _window(use, axis)
        if window is not None:
            other = slip.grow(window, field) if slip.grow else None
            field = other or grown(window, field)
        fields[id(use)] = field
    return fields[id(runs.outputs[0])].size


def _joined(before: list[Field], slip: FieldSlip) -> Field:
    if len(before) < 2:
        return before[0] if before else Field()
    sizes = tuple(field.size for field in before)
    size = slip.join(sizes) if slip.join else largest_of(*sizes)
    return Field(size, largest_of(*(field.jump for field in before)))


def _window(use: Use, axis: int) -> Window | None:
    sides = window_of(use)
    if sides is None or axis >= len(sides):
        return None
    dilation = getattr(use.layer, "dilation_rate", (1,) * len(sides))
    settings = sides[axis], dilation[axis], strides_of(use)[axis], reaches_of(use)[axis]
    return Window(*settings, is_pool(use))


def _sizes_added(window: Window, field: Field) -> Field:
    start = field.size if field != Field() else 0
    return Field(start + window.reach * field.jump, field.jump * window.stride)


def _sizes_multiplied(window: Window, field: Field) -> Field:
    return Field(field.size * window.reach, field.jump * window.stride)


def _strides_ignored(window: Window, field: Field) -> Field:
    return Field(field.size + window.reach - 1, field.jump)


def _dilation_ignored(window: Window, field: Field) -> Field:
    return Field(field.size + (window.side - 1) * field.jump, field.jump * window.stride)


def _dilation_multiplied(window: Window, field: Field) -> Field:
    reach = window.side * window.dilation
    return Field(field.size + (reach - 1) * field.jump, field.jump * window.stride)


def _jump_after(window: Window, field: Field) -> Field:
    jump = field.jump * window.stride
    return Field(field.size + (window.reach - 1) * jump, jump)


def _pooling_forgotten(window: Window, field: Field) -> Field | None:
    return field if window.pool else None


def _pool_stride_only(window: Window, field: Field) -> Field | None:
    return Field(field.size, field.jump * window.stride) if window.pool else None


def _whole_kernel(window: Window, field: Field) -> Field:
    return Field(field.size + window.reach * field.jump, field.jump * window.stride)


def _largest_alone(window: Window, field: Field) -> Field:
    return Field(largest_of(field.size, window.reach), field.jump)


def _branches_summed(sizes: tuple[Size, ...]) -> Size:
    return 1 + sum(size - 1 for size in sizes)


def _sizes_summed(sizes: tuple[Size, ...]) -> Size:
    return sum(sizes)


FIELDS: dict[str, tuple[FieldSlip, ...]] = {
    "field-sizes-added": (FieldSlip(_sizes_added), FieldSlip(_whole_kernel)),
    "strides-ignored": (FieldSlip(_strides_ignored),),
    "jump-after": (FieldSlip(_jump_after),),
    "dilation-ignored": (FieldSlip(_dilation_ignored),),
    "dilation-multiplied": (FieldSlip(_dilation_multiplied),),
    "pooling-without-field": (FieldSlip(_pooling_forgotten), FieldSlip(_pool_stride_only)),
    "branches-summed": (FieldSlip(join=_branches_summed), FieldSlip(join=_sizes_summed)),
    "first-branch-only": (FieldSlip(join=lambda sizes: sizes[0]),),
    "field-sizes-multiplied": (FieldSlip(_sizes_multiplied),),
    "one-kernel-alone": (FieldSlip(_largest_alone),),
}
