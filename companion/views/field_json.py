"""The receptive field as a document: the names that scripts rely on."""

from __future__ import annotations

from typing import Any

from answers.derivation.document import value_document
from answers.errors import InputError
from answers.network.graph import Network
from answers.receptive_field.field import AxisField, Field, Phase, phases_of
from answers.receptive_field.positions import Seen, positions
from answers.receptive_field.walk import receptive_field
from companion.views.field_view import joint

_MOST_POSITIONS = 4_096  # of an axis; more would drown the document


def document(network: Network, source: str | None) -> dict[str, Any]:
    """The result of `rf --json`.

    axes[]: size (of the largest phase), jump (an exact string), start, holes, period, phases[]
    (offset = unit modulo period; positions from 0, below 0 lies padding). positions: for each axis
    and unit [first, last, count] inside the input, null for a unit that sees nothing; null where
    the input's size is open. whole: from which layer on every unit sees all that is read of the
    axis; shared: there [first, last, count] of what all see, null where not worked out. unit: the middle unit in all axes together, null where not followed.
    """
    field = receptive_field(network, source=source)
    return {
        "input": field.source,
        "whole": field.whole,
        "unknown": field.unknown or None,
        "axes": list(map(_axis, field.axes)),
        "positions": _positions(network, source),
        "unit": _unit(network, source, field),
    }


def _unit(network: Network, source: str | None, field: Field) -> dict[str, Any] | None:
    """How many positions the middle unit reads in all axes together, and whether a rectangle."""
    found = joint(network, source, field)
    if found is None:
        return None
    return {"count": found.count, "is_product_of_axes": found.is_product_of_axes}


def _axis(axis: AxisField) -> dict[str, Any]:
    return {
        "size": value_document(axis.size),
        "smallest": value_document(axis.smallest),
        "jump": axis.jump,
        "start": value_document(axis.start),
        "centre": _exact(axis.centre),
        "holes": axis.holes,
        "period": axis.period,
        "phases": [_phase(phase) for phase in axis.phases],
        "input_size": value_document(axis.input_size),
        "larger_than_input": axis.larger_than_input,
        "whole": axis.whole or None,
        "shared": None if axis.shared is None else _seen(axis.shared),
        "unknown": axis.unknown or None,
        "depends_on_size": [
            {
                "modulus": part.modulus,
                "rests": list(part.rests),
                "phases": [] if part.spread is None else list(map(_phase, phases_of(part.spread))),
            }
            for part in axis.classes
        ],
    }


def _phase(phase: Phase) -> dict[str, Any]:
    return {
        "offset": phase.offset,
        "first": value_document(phase.first),
        "last": value_document(phase.last),
        "count": phase.count,
        "centre": _exact(phase.centre),
    }


def _exact(value: Any) -> str | None:
    return None if value is None else str(value)


def _positions(network: Network, source: str | None) -> list[list[list[int] | None]] | None:
    try:
        found = positions(network, source=source)
    except InputError:
        return None
    if any(len(axis) > _MOST_POSITIONS for axis in found.axes):
        return None
    return [list(map(_seen, axis)) for axis in found.axes]


def _seen(seen: Seen | None) -> list[int] | None:
    return None if seen is None else [seen.first, seen.last, seen.count]
