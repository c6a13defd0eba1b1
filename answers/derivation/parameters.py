"""How many parameters a layer or a network has, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from answers.derivation.derivation import Derivation, Step, computed, letters_put_in
from answers.derivation.rules import Rule, family, has_rule, places_of, rule, shape_text, size_text
from answers.expressions.expression import (
    Expression,
    Number,
    Product,
    Sum,
    Values,
    substitute,
)
from answers.expressions.size import Size
from answers.expressions.symbolic import to_expression
from answers.layers.base import Layer, Shape, Weight

if TYPE_CHECKING:  # one layer is explained without the rooms of networks: start-up time
    from answers.network.graph import Network
    from answers.network.summary import Row

_UNIT = "parameters"
MOST_TERMS = 40  # a longer sum is no line that anybody reads


def of_layer(layer: Layer, *inputs: Shape) -> Derivation:
    """The parameters of a layer that is built on `inputs`, in one step.

    Raises: InputError of the layer, where it does not fit its input.
    """
    weights = layer.weights(*inputs)
    step = _step(layer, inputs, weights)
    return Derivation(
        title=f"Parameters of {layer.kind}",
        steps=(step,),
        value=step.value,
        unit=_UNIT,
        notes=_untrained(weights),
    )


def of_network(network: Network) -> Derivation:
    """The parameters of a network: a step for each layer that has some, then their sum.

    Raises: InputError of a layer that does not fit its input.
    """
    from answers.network.summary import summary

    rows = summary(network).rows
    steps = tuple(_of_row(row) for row in rows if row.weights is None or row.weights)
    total = added_up(steps, rule("parameters", "sum", "rule", {}), _UNIT)
    return Derivation(
        title=f"Parameters of {network.name}",
        steps=(*steps, total) if len(steps) != 1 else steps,
        value=total.value,
        unit=_UNIT,
        notes=tuple(_remarks(rows)),
        at_least=any(row.weights is None for row in rows),
    )


def added_up(steps: Iterable[Step], words: Rule, unit: str) -> Step:
    """The step that adds up others; what is not known is left out."""
    values = [step.value for step in steps if type(step.value) is not tuple]
    known = [value for value in values if value is not None and not isinstance(value, tuple)]
    terms = Sum(tuple(map(to_expression, known)))
    total = sum(known)
    return Step(
        rule=words.sentence,
        source=words.source,
        value=total,
        substitution=terms if 1 < len(known) <= MOST_TERMS else None,
        unit=unit,
    )


def _of_row(row: Row) -> Step:
    from answers.layers.unknown import Unknown

    name = "/".join(row.path)
    if row.weights is None:
        variant = "unknown" if isinstance(row.layer, Unknown) else "open"
        words = rule("parameters", "other", variant, {"kind": row.layer.kind})
        return Step(rule=words.sentence, about=name, value=None, unit=_UNIT)
    inputs = tuple(shape for shape in row.inputs if shape is not None)
    return _step(row.layer, inputs, row.weights, about=name)


def _step(
    layer: Layer, inputs: tuple[Shape, ...], weights: tuple[Weight, ...], about: str = ""
) -> Step:
    words = _words(layer, inputs, weights)
    if not weights:
        return Step(rule=words.sentence, about=about, value=0, unit=_UNIT, source=words.source)
    formula, put_in = _terms(layer.letters(*inputs), weights)
    step = computed(
        words.sentence,
        put_in,
        sum(weight.size for weight in weights),
        unit=_UNIT,
        about=about,
        source=words.source,
    )
    return replace(step, formula=None if formula == put_in else formula)


def _terms(letters: Values, weights: tuple[Weight, ...]) -> tuple[Expression | None, Expression]:
    """The formula in letters (None where an array has none), and with numbers in their place."""
    counts = [weight.count for weight in weights]
    known = [count for count in counts if count is not None]
    put_in = letters_put_in(letters)
    numbers = [
        _product(weight.shape) if weight.count is None else substitute(weight.count, put_in)
        for weight in weights
    ]
    if len(known) < len(counts):
        return None, _sum(numbers)
    return _sum(known), substitute(_sum(known), put_in)


def _sum(counts: list[Expression]) -> Expression:
    """A term for each array; arrays that are counted alike are put together, as 4·c_in."""
    alike = Counter(counts)
    terms = [
        count if times == 1 else Product((Number(times), count)) for count, times in alike.items()
    ]
    return terms[0] if len(terms) == 1 else Sum(tuple(terms))


def _product(sizes: tuple[Size, ...]) -> Expression:
    factors = tuple(map(to_expression, sizes)) or (Number(1),)
    return factors[0] if len(factors) == 1 else Product(factors)


def _words(layer: Layer, inputs: tuple[Shape, ...], weights: tuple[Weight, ...]) -> Rule:
    names = _listed([weight.name for weight in weights])
    places = places_of(layer, inputs, arrays=_arrays(weights), names=names)
    if not weights:
        return rule("parameters", "other", "none", places)
    name, variant = family(layer), _variant(layer, weights)
    if has_rule("parameters", name, variant):
        return rule("parameters", name, variant, places)
    if has_rule("parameters", name):
        return rule("parameters", name, "rule", places)
    return rule("parameters", "other", "rule", places)


def _variant(layer: Layer, weights: tuple[Weight, ...]) -> str:
    grouped = "grouped_" if getattr(layer, "groups", 1) != 1 else ""
    has_bias = any(weight.name == "bias" for weight in weights)
    return grouped + ("bias" if has_bias else "plain")


def _arrays(weights: tuple[Weight, ...]) -> str:
    texts = [f"{weight.name} ({shape_text(weight.shape)})" for weight in weights]
    return _listed(texts)


def _listed(words: list[str]) -> str:
    *most, last = words or [""]
    return f"{', '.join(most)} and {last}" if most else last


def _untrained(weights: tuple[Weight, ...]) -> tuple[str, ...]:
    names = [weight.name for weight in weights if not weight.trainable]
    if not names:
        return ()
    count = size_text(sum(weight.size for weight in weights if not weight.trainable))
    return (f"Training leaves {count} of them alone: {_listed(names)}.",)


def _left_open(inputs: tuple[Shape | None, ...]) -> bool:
    return any(shape is not None and None in shape for shape in inputs)


def _remarks(rows: tuple[Row, ...]) -> Iterable[str]:
    shared = ["/".join(row.path) for row in rows if row.calls > 1 and row.weights]
    if shared:
        yield f"Used several times, counted once: {_listed(shared)}."
    unknown = ["/".join(row.path) for row in rows if row.weights is None]
    if unknown:
        yield f"Not known, and so not in the sum: {_listed(unknown)}."
    if any(row.weights is None and _left_open(row.inputs) for row in rows):
        yield "Give the input all its sizes, channels included: in 32x32x3: …"
    still = [row for row in rows if row.frozen or _untrained(row.weights or ())]
    count = sum((row.parameters or 0) - (row.trainable or 0) for row in still)
    if still and count != 0:
        yield f"Training leaves {size_text(count)} of them alone."
