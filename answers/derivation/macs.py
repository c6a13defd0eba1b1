"""How many multiply-accumulates one sample costs, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from answers.derivation.derivation import Derivation, Step, worked_out
from answers.derivation.parameters import added_up
from answers.derivation.rules import Rule, family, has_rule, notes, places_of, rule
from answers.expressions.expression import Expression, Name, Number, Product
from answers.expressions.size import same
from answers.layers.base import Layer, Shape

if TYPE_CHECKING:  # one layer is explained without the rooms of networks: start-up time
    from answers.network.graph import Network
    from answers.network.summary import Row

_UNIT = "multiply-accumulates"


def of_layer(layer: Layer, *inputs: Shape) -> Derivation:
    """The multiply-accumulates of a layer for one sample, in one step.

    Raises: InputError of the layer; `size-unknown` where a size is left open.
    """
    step = _step(layer, inputs)
    return Derivation(
        title=f"Multiply-accumulates of {layer.kind}",
        steps=(step,),
        value=step.value,
        unit=_UNIT,
        notes=notes("macs", "sum"),
    )


def of_network(network: Network) -> Derivation:
    """The multiply-accumulates of a network: a step for each layer that multiplies, and the sum.

    Raises: InputError of a layer that does not fit its input.
    """
    from answers.network.summary import summary

    rows = summary(network).rows
    steps = tuple(_of_row(row) for row in rows if row.macs is None or row.macs != 0)
    total = added_up(steps, rule("macs", "sum", "rule", {}), _UNIT)
    return Derivation(
        title=f"Multiply-accumulates of {network.name}",
        steps=(*steps, total) if len(steps) != 1 else steps,
        value=total.value,
        unit=_UNIT,
        notes=notes("macs", "sum"),
        at_least=any(row.macs is None for row in rows),
    )


def flops(multiplications: Derivation) -> Derivation:
    """The same in floating-point operations: twice as many."""
    words = rule("macs", "sum", "flops", {})
    values = {"MACs": multiplications.value}
    formula = Product((Number(2), Name("MACs")))
    step = worked_out(words.sentence, formula, values, unit="floating-point operations")  # type: ignore[arg-type]  # a number of MACs is never a shape
    return Derivation(
        title=multiplications.title.replace("Multiply-accumulates", "Floating-point operations"),
        steps=(step,),
        value=step.value,
        unit=step.unit,
        at_least=multiplications.at_least,
    )


def _of_row(row: Row) -> Step:
    from answers.layers.unknown import Unknown

    name = "/".join(row.path)
    if row.macs is None:
        variant = "unknown" if isinstance(row.layer, Unknown) else "open"
        words = rule("macs", "other", variant, {"kind": row.layer.kind})
        return Step(rule=words.sentence, about=name, value=None, unit=_UNIT)
    inputs = tuple(shape for shape in row.inputs if shape is not None)
    step = _step(row.layer, inputs, calls=row.calls, about=name)
    if same(step.value, row.macs):  # type: ignore[arg-type]  # a number of MACs is never a shape
        return step
    # a shared layer that meets inputs of several sizes: no one formula holds for all its calls
    return Step(rule=step.rule, about=name, value=row.macs, unit=_UNIT, source=step.source)


def _step(layer: Layer, inputs: tuple[Shape, ...], *, calls: int = 1, about: str = "") -> Step:
    formula = layer.mac_rule(*inputs)
    words = _words(layer, inputs, formula, calls)
    if formula is None:
        value = calls * layer.macs(*inputs)
        return Step(rule=words.sentence, about=about, value=value, unit=_UNIT, source=words.source)
    return worked_out(
        words.sentence,
        formula if calls == 1 else Product((Number(calls), formula)),
        layer.letters(*inputs),
        unit=_UNIT,
        about=about,
        source=words.source,
    )


def _words(layer: Layer, inputs: tuple[Shape, ...], formula: Expression | None, calls: int) -> Rule:
    places = places_of(layer, inputs, calls=calls)
    name = family(layer) if has_rule("macs", family(layer)) else "other"
    variant = "none" if formula is None and layer.macs(*inputs) == 0 else "rule"
    if getattr(layer, "groups", 1) != 1 and has_rule("macs", name, "grouped"):
        variant = "grouped"
    found = rule("macs", "other" if variant == "none" else name, variant, places)
    if calls == 1:
        return found
    return Rule(found.sentence + rule("macs", "other", "called", places).sentence, found.source)
