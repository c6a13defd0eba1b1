"""Which shape comes out of a layer, axis by axis, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from answers.derivation.derivation import Derivation, Step, computed, worked_out
from answers.derivation.rules import (
    Rule,
    family,
    has_rule,
    named,
    places_of,
    rule,
    shape_text,
)
from answers.expressions.expression import Expression, Negative, Product, Sum, names
from answers.expressions.size import Size, is_symbolic
from answers.expressions.symbolic import to_expression
from answers.layers.base import Layer, Shape, axis_of, known, one
from answers.layers.window import REACH, extent, length_rule, transposed_rule

if TYPE_CHECKING:  # one layer is explained without the rooms of networks: start-up time
    from answers.network.graph import Network
    from answers.network.summary import Row

_UNIT = "positions"
_AXES = {1: ("length",), 2: ("height", "width"), 3: ("depth", "height", "width")}
n, before, after, f = names("n before after f")
Inputs = tuple[Shape, ...]
Steps = Iterator[Step]


def of_layer(layer: Layer, *inputs: Shape) -> Derivation:
    """The output shape of a layer.

    Raises: InputError of the layer, where it does not fit its input.
    """
    output = layer.output_shape(*inputs)
    return Derivation(
        title=f"Output of {layer.kind}",
        steps=_steps(layer, inputs, output),
        value=output,
        unit="",
    )


def of_network(network: Network) -> Derivation:
    """The shapes through a network, layer by layer; the value is that of the first output.

    Raises: InputError of a layer that does not fit its input.
    """
    from answers.network.summary import summary

    table = summary(network)
    steps = (step for row in table.rows for step in _of_row(row))
    return Derivation(
        title=f"Shapes of {network.name}", steps=tuple(steps), value=table.outputs[0], unit=""
    )


def _of_row(row: Row) -> Steps:
    name = "/".join(row.path)
    inputs = tuple(shape for shape in row.inputs if shape is not None)
    if row.output is None:
        words = rule("shapes", "other", "unknown", {"kind": row.layer.kind})
        yield _stated(words, None, name)
        return
    for step in _steps(row.layer, inputs, row.output):
        yield _at(step, name)


def _at(step: Step, name: str) -> Step:
    return replace(step, about=f"{name}, {step.about}" if step.about else name)


def _steps(layer: Layer, inputs: Inputs, output: Shape) -> tuple[Step, ...]:
    own = _OWN_RULES.get(family(layer))
    found = tuple(own(layer, inputs)) if own else ()
    return found or (_whole(layer, inputs, output),)


def _whole(layer: Layer, inputs: Inputs, output: Shape) -> Step:
    """A layer whose shape is said in one sentence."""
    places = places_of(layer, inputs, output=shape_text(output))
    name = family(layer)
    if not has_rule("shapes", name):
        name = "same_as_input" if inputs and output == inputs[0] else "other"
    return _stated(rule("shapes", name, "rule", places), output, "")


def _stated(words: Rule, value: Any, about: str) -> Step:
    return Step(rule=words.sentence, source=words.source, about=about, value=value)


# One axis of a window: its name, and what the letters of its rule stand for.
Axis = tuple[str, dict[str, Size | None]]


def _merged(axes: list[Axis]) -> Iterator[Axis]:
    """Axes that are worked out alike, under one name: 'height and width'."""
    alike: dict[str, list[Axis]] = {}
    for axis in axes:
        alike.setdefault(repr(axis[1]), []).append(axis)
    for group in alike.values():
        yield " and ".join(name for name, _ in group), group[0][1]


def _axes(layer: Any, inputs: Inputs, **letters: tuple[Size | None, ...]) -> list[Axis]:
    sizes = one(inputs)[: layer.rank]
    columns = {"n": sizes, **letters}
    return [
        (name, {letter: column[i] for letter, column in columns.items()})
        for i, name in enumerate(_AXES[layer.rank])
    ]


def _worked(axes: list[Axis], formula: Expression, words: Callable[[Any], Rule]) -> Steps:
    for name, values in _merged(axes):
        found = words(named(**values))
        if values["n"] is None:
            yield _stated(found, None, name)
            continue
        yield worked_out(
            found.sentence, formula, values, unit=_UNIT, about=name, source=found.source
        )


def _window(layer: Any, inputs: Inputs) -> Steps:
    """Convolutions: how far the kernel reaches, each axis, then the channels."""
    kernel, stride, dilation = layer.kernel_size, layer.strides, _dilation(layer)
    reach = tuple(map(extent, kernel, dilation))
    yield from _reaches(layer, kernel, dilation)
    axes = _axes(layer, inputs, e=reach, s=stride)
    padding = layer.padding
    yield from _worked(axes, length_rule(padding), lambda p: rule("shapes", padding, "rule", p))
    yield _channels(layer, inputs)


def _dilation(layer: Any) -> tuple[Size, ...]:
    rates: tuple[Size, ...] = getattr(layer, "dilation_rate", (1,) * layer.rank)
    return rates


def _reaches(layer: Any, kernel: tuple[Size, ...], dilation: tuple[Size, ...]) -> Steps:
    values = zip(kernel, dilation, strict=True)
    axes: list[Axis] = [
        (name, {"k": k, "d": d}) for name, (k, d) in zip(_AXES[layer.rank], values, strict=True)
    ]
    for name, letters in _merged(axes):
        if is_symbolic(letters["d"]) or letters["d"] != 1:
            found = rule("shapes", "reach", "rule", named(**letters))
            yield worked_out(
                found.sentence, REACH, letters, unit=_UNIT, about=name, source=found.source
            )


def _channels(layer: Any, inputs: Inputs) -> Step:
    output = layer.output_shape(*inputs)[-1]
    if hasattr(layer, "filters"):
        name = "filters"
    else:
        name = "depthwise" if hasattr(layer, "depth_multiplier") else "kept"
    words = rule("shapes", name, "rule", places_of(layer, inputs))
    return Step(rule=words.sentence, about="channels", value=output, unit="channels")


def _pool(layer: Any, inputs: Inputs) -> Steps:
    """Pooling: each axis; the channels stay."""
    axes = _axes(layer, inputs, e=layer.pool_size, s=layer.strides or layer.pool_size)
    padding = layer.padding
    yield from _worked(axes, length_rule(padding), lambda p: rule("shapes", padding, "rule", p))
    yield _channels(layer, inputs)


def _transposed(layer: Any, inputs: Inputs) -> Steps:
    """Transposed convolutions: each axis, then the channels."""
    yield from _reaches(layer, layer.kernel_size, layer.dilation_rate)
    reach = tuple(map(extent, layer.kernel_size, layer.dilation_rate))
    padded = layer.output_padding is not None
    extra = layer.output_padding or (0,) * layer.rank
    axes = _axes(layer, inputs, e=reach, s=layer.strides, p=extra)
    formula = transposed_rule(layer.padding, output_padding=padded)
    variant = f"padded_{layer.padding}" if padded else layer.padding
    yield from _worked(axes, formula, lambda p: rule("shapes", "transposed", variant, p))
    yield _channels(layer, inputs)


def _sides(layer: Any, inputs: Inputs) -> Steps:
    """Padding and cropping: what is put to both ends, or taken from them."""
    first, last = zip(*layer.sides, strict=True)
    axes = _axes(layer, inputs, before=first, after=last)
    grows = family(layer) == "ZeroPadding"
    formula = Sum((n, before, after) if grows else (n, Negative(before), Negative(after)))
    yield from _own(layer, axes, formula)
    yield _channels(layer, inputs)


def _enlarged(layer: Any, inputs: Inputs) -> Steps:
    """Up-sampling: each axis times its factor."""
    yield from _own(layer, _axes(layer, inputs, f=layer.factors), Product((n, f)))
    yield _channels(layer, inputs)


def _own(layer: Layer, axes: list[Axis], formula: Expression) -> Steps:
    name = family(layer)
    return _worked(axes, formula, lambda p: rule("shapes", name, "rule", {**p, "kind": layer.kind}))


def _flat(layer: Layer, inputs: Inputs) -> Steps:
    """The product of all axes."""
    shape = one(inputs)
    if None in shape or not shape:
        return
    words = rule("shapes", "Flatten", "rule", places_of(layer, inputs))
    factors = tuple(to_expression(size) for size in shape if size is not None)
    value = known(layer.output_shape(*inputs)[0], "The size")
    yield computed(words.sentence, Product(factors), value, unit="numbers", source=words.source)


def _side_by_side(layer: Any, inputs: Inputs) -> Steps:
    """The sum along the axis; the other axes are equal."""
    place = axis_of(layer.axis, inputs[0])
    sizes = [shape[place] for shape in inputs]
    if None in sizes:
        return
    words = rule("shapes", "Concatenate", "rule", places_of(layer, inputs))
    terms = tuple(to_expression(size) for size in sizes if size is not None)
    last = place == len(inputs[0]) - 1
    unit = "channels" if last else _UNIT
    yield computed(
        words.sentence,
        Sum(terms),
        known(layer.output_shape(*inputs)[place], "The size"),
        unit=unit,
        about="channels" if last else f"axis {place + 1}",
        source=words.source,
    )


_OWN_RULES: dict[str, Callable[[Any, Inputs], Steps]] = {
    "Conv": _window,
    "DepthwiseConv": _window,
    "SeparableConv": _window,
    "LocallyConnected": _window,
    "MaxPooling": _pool,
    "AveragePooling": _pool,
    "ConvTranspose": _transposed,
    "ZeroPadding": _sides,
    "Cropping": _sides,
    "UpSampling": _enlarged,
    "Flatten": _flat,
    "Concatenate": _side_by_side,
}
