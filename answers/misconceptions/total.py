"""Slips about the whole number: the right sum, in the wrong unit or of the wrong thing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from answers.expressions.size import Size, floor_of, quotient_of
from answers.layers.base import Layer
from answers.misconceptions.counting import inner_family, macs_of, parameters_of
from answers.misconceptions.use import Unfolded

_STORED = {"float16": 2, "bfloat16": 2, "float64": 8}


def bytes_of(layer: Layer) -> int:
    """How many bytes one number of a layer's weights takes; mixed policies store 32 bits."""
    return _STORED.get(layer.dtype, 4)


def parameters_in(runs: Unfolded) -> Size:
    """All weights, a shared layer's once."""
    return sum(parameters_of(use) for use in runs.uses if use.first)


def macs_in(runs: Unfolded) -> Size:
    """All multiply-accumulates, a shared layer's at each run."""
    return sum(macs_of(use) for use in runs.uses)


def weight_bytes_in(runs: Unfolded) -> Size:
    """What the weights take in memory or in a file, in bytes."""
    return sum(parameters_of(use) * bytes_of(use.layer) for use in runs.uses if use.first)


@dataclass(frozen=True)
class Study:
    """A network, unfolded, with the right number."""

    runs: Unfolded
    right: tuple[Size, ...]


TotalRule = Callable[[Study], tuple[Size, ...] | None]


def _scaled(top: int, bottom: int = 1) -> TotalRule:
    def rule(study: Study) -> tuple[Size, ...] | None:
        wrong = tuple(size * top for size in study.right)
        whole = all(type(size) is not int or size % bottom == 0 for size in wrong)
        return tuple(quotient_of(size, bottom) for size in wrong) if whole else None

    return rule


def _shared_again(study: Study) -> tuple[Size, ...]:
    return (sum(parameters_of(use) for use in study.runs.uses),)


def _shared_once(study: Study) -> tuple[Size, ...]:
    return (sum(macs_of(use) for use in study.runs.uses if use.first),)


def _area(study: Study) -> tuple[Size, ...] | None:
    if len(study.right) != 2:
        return None
    return (study.right[0] * study.right[1],)


def _half(study: Study) -> tuple[Size, ...] | None:
    """How far it goes to one side: 2 for 5. An even field has no middle."""
    if any(type(size) is not int or size % 2 == 0 for size in study.right):
        return None
    return tuple(floor_of(size - 1, 2) for size in study.right)


def _taken_for_four_bytes(rule: TotalRule) -> TotalRule:
    """A slip about numbers of 4 bytes, where all weights are."""

    def checked(study: Study) -> tuple[Size, ...] | None:
        plain = all(bytes_of(use.layer) == 4 for use in study.runs.uses if use.weights)
        return rule(study) if plain else None

    return checked


def _numbers(study: Study) -> tuple[Size, ...]:
    return (parameters_in(study.runs),)


def _numbers_of_convolutions(study: Study) -> tuple[Size, ...] | None:
    """Where a layer uses its weights again at each position."""
    convolved = any("Conv" in inner_family(use.layer) for use in study.runs.uses)
    return _numbers(study) if convolved else None


TOTALS: dict[str, TotalRule] = {
    "flops-for-macs": _scaled(2),
    "macs-for-flops": _scaled(1, 2),
    "parameters-for-macs": _numbers_of_convolutions,
    "shared-layer-again": _shared_again,
    "shared-layer-once": _shared_once,
    "numbers-for-bytes": _taken_for_four_bytes(_numbers),
    "bits-for-bytes": _scaled(8),
    "double-precision": _taken_for_four_bytes(_scaled(2)),
    "area-for-side": _area,
    "one-side-of-field": _half,
}
