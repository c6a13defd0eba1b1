"""Which kernel, how many filters or input channels give a number of parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Literal

from answers.derivation.derivation import Step, unit_text
from answers.errors import InputError
from answers.expressions.expression import (
    Expression,
    Name,
    Number,
    Sum,
    evaluate,
    substitute,
    written,
)
from answers.expressions.size import Size, is_symbolic
from answers.layers.base import Layer, Shape
from answers.solving.solved import Near, Solved, Span, at_least, largest_up_to

Unknown = Literal["kernel", "filters", "channels"]
_WORDS: Mapping[Unknown, str] = {
    "kernel": "kernel size",
    "filters": "number of filters",
    "channels": "number of input channels",
}
_KERNEL = {"k", "k_d", "k_h", "k_w"}


def setting_for_parameters(wanted: int, unknown: Unknown, layer: Layer, shape: Shape) -> Solved:
    """Which value of one setting gives the layer `wanted` parameters.

    layer, shape: the layer and its input; what they say of the unknown does not matter.
    A kernel is square (the same along each axis); with groups, filters and channels are multiples.
    Raises: InputError `nothing-to-solve` where the layer's parameters don't depend on it.
    """
    at_least(wanted, 1, "number of parameters")
    count = _count(unknown, layer, shape)
    lower = largest_up_to(count.at, wanted)
    exact = count.at(lower) == wanted
    steps = (count.step(wanted), *count.tried(lower, wanted))
    if lower and exact:
        value = count.value(lower)
        return Solved(
            unknown=_words(unknown, layer),
            solutions=(Span(value, value),),
            answer=f"{_given(unknown, value, layer)} {_parameters(wanted)} exactly.",
            steps=steps,
        )
    below = Near(count.value(lower), count.at(lower)) if lower else None
    above = Near(count.value(lower + 1), count.at(lower + 1))
    return Solved(
        unknown=_words(unknown, layer),
        solutions=(),
        answer=_none(unknown, wanted, layer, below, above),
        steps=steps,
        below=below,
        above=above,
    )


@dataclass(frozen=True)
class _Counted:
    """The parameters as a function of how many steps of `each` the unknown makes."""

    formula: Expression
    known: Mapping[str, Size]
    letters: tuple[str, ...]
    symbol: str
    each: int

    def value(self, steps: int) -> int:
        return steps * self.each

    def at(self, steps: int) -> int:
        values = {**self.known, **dict.fromkeys(self.letters, self.value(steps))}
        return evaluate(self.formula, values)

    def step(self, wanted: int) -> Step:
        """The formula with everything but the unknown put in."""
        put_in: dict[str, Expression] = {name: Number(size) for name, size in self.known.items()}
        put_in |= dict.fromkeys(self.letters, Name(self.symbol))
        return Step(
            rule=f"The parameters depend on {self.symbol} alone; they must come to {wanted:,}.",
            formula=self.formula,
            substitution=substitute(self.formula, put_in),
            value=wanted,
            unit="parameters",
        )

    def tried(self, lower: int, wanted: int) -> tuple[Step, ...]:
        """The last setting that is not too large, and the next one where it does not fit."""
        more = () if self.at(lower) == wanted else (lower + 1,)
        return tuple(self._try(steps) for steps in (lower, *more) if steps)

    def _try(self, steps: int) -> Step:
        value = self.value(steps)
        put_in = {name: Number(size) for name, size in self.known.items()}
        put_in |= dict.fromkeys(self.letters, Number(value))
        return Step(
            rule=f"Put in {self.symbol} = {value:,}.",
            substitution=substitute(self.formula, put_in),
            value=self.at(steps),
            unit="parameters",
        )


def _count(unknown: Unknown, layer: Layer, shape: Shape) -> _Counted:
    groups = getattr(layer, "groups", 1)
    free, given = _freed(unknown, layer, shape, groups)
    letters = dict(free.letters(given))
    weights = free.weights(given)
    formula = Sum(tuple(w.count if w.count is not None else written(w.size) for w in weights))
    wanted = [name for name in letters if name in _letters(unknown)]
    known = {n: s for n, s in letters.items() if n not in wanted and s is not None}
    if any(is_symbolic(size) for size in known.values()):
        raise InputError("nothing-to-solve", "Give every letter a number first.")
    each = 1 if unknown == "kernel" else groups
    counted = _Counted(formula, known, tuple(wanted), _symbol(unknown, wanted), each)
    if not wanted or counted.at(1) == counted.at(2):
        raise InputError(
            "nothing-to-solve",
            f"The parameters of a {layer.kind} don't depend on its {_WORDS[unknown]}.",
        )
    return counted


def _freed(unknown: Unknown, layer: Layer, shape: Shape, groups: int) -> tuple[Layer, Shape]:
    """The layer with a possible value in the place of the unknown, on an input that it fits."""
    sizes = tuple(None for _ in shape[:-1])
    if unknown == "channels":
        return layer, (*sizes, groups)
    names = {field.name for field in fields(layer)}
    settings = {"kernel": ("kernel_size",), "filters": ("filters", "units")}[unknown]
    setting = next((name for name in settings if name in names), None)
    if setting is None:
        raise InputError("nothing-to-solve", f"A {layer.kind} has no {_WORDS[unknown]}.")
    value = groups if unknown == "filters" else (1,) * len(getattr(layer, "kernel_size", ()))
    changes: dict[str, Any] = {setting: value}
    return replace(layer, **changes), (*sizes, shape[-1])


def _letters(unknown: Unknown) -> set[str]:
    return {"kernel": _KERNEL, "filters": {"filters", "units"}, "channels": {"c_in"}}[unknown]


def _symbol(unknown: Unknown, letters: list[str]) -> str:
    return "k" if unknown == "kernel" else (letters or [""])[0]


def _given(unknown: Unknown, value: int, layer: Layer) -> str:
    """The setting as the subject of a sentence, with its verb."""
    if unknown == "kernel":
        sides = "x".join([f"{value}"] * len(getattr(layer, "kernel_size", (1,))))
        return f"A kernel of {sides} gives"
    noun = "input channel" if unknown == "channels" else _unit(layer)
    return f"{value:,} {noun}{'s give' if value != 1 else ' gives'}"


def _words(unknown: Unknown, layer: Layer) -> str:
    return f"number of {_unit(layer)}s" if unknown == "filters" else _WORDS[unknown]


def _unit(layer: Layer) -> str:
    return "filter" if hasattr(layer, "filters") else "unit"


def _none(
    unknown: Unknown, wanted: int, layer: Layer, below: Near | None, above: Near | None
) -> str:
    """That there is none, and what comes next to it."""
    near = [f"{_given(unknown, at.value, layer)} {at.gives:,}" for at in (below, above) if at]
    shown = ", ".join(text if i == 0 else text[0].lower() + text[1:] for i, text in enumerate(near))
    return f"No whole {_words(unknown, layer)} gives {_parameters(wanted)}. {shown}."


def _parameters(count: int) -> str:
    return f"{count:,} {unit_text(count, 'parameters')}"
