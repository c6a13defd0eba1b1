"""How many bytes a network needs: its weights, what training keeps, what prediction holds."""

from __future__ import annotations

from collections.abc import Iterable

from answers.derivation.derivation import Derivation, Step, computed, worked_out
from answers.derivation.parameters import added_up
from answers.derivation.rules import Rule, named, notes, rule
from answers.errors import InputError
from answers.expressions.expression import Name, Number, Product, Sum
from answers.expressions.size import Size
from answers.expressions.symbolic import to_expression
from answers.layers.base import Layer, Shape, known
from answers.layers.core import InputLayer
from answers.network.cost import cost, numbers
from answers.network.graph import Network
from answers.network.shapes import Shapes, ShapeTable
from answers.network.summary import summary
from answers.network.symbols import letters_of

_UNIT = "bytes"
_STORED = {"float16": 2, "bfloat16": 2, "float32": 4, "float64": 8}
# a mixed policy computes in 16 bits and stores its weights in 32
_KEPT = {**_STORED, "mixed_float16": 4, "mixed_bfloat16": 4}
_COMPUTED = {**_STORED, "mixed_float16": 2, "mixed_bfloat16": 2}
_Alike = dict[int, list[Size]]  # numbers of values, by how many bytes one takes


def weights(network: Network) -> Derivation:
    """The bytes of all parameters, as they are stored.

    Raises: InputError of a layer that does not fit its input.
    """
    rows = summary(network).rows
    alike: _Alike = {}
    for row in rows:
        if row.parameters is not None:
            alike.setdefault(_KEPT[row.layer.dtype], []).append(row.parameters)
    steps = _steps("weights", {size: [sum(counts)] for size, counts in alike.items()})
    return _derivation(
        f"Memory of the weights of {network.name}",
        steps,
        notes("memory", "weights"),
        at_least=any(row.weights is None for row in rows),
    )


def activations(network: Network, *, batch: Size = 1) -> Derivation:
    """The bytes of the outputs of all layers, which training keeps for the way back.

    Raises: InputError `size-unknown` where a size is left open, and of layers that don't fit.
    """
    made = tuple(_made(network))
    kept = tuple(_kept(name, layer, shape) for name, layer, shapes in made for shape in shapes)
    return _derivation(
        f"Memory of the activations of {network.name} in training",
        _for_a_batch(kept, batch),
        notes("memory", "activations"),
    )


def _kept(name: str, layer: Layer, shape: Shape) -> Step:
    width = _COMPUTED[layer.dtype]
    words = rule("memory", "output", "rule", named(bytes=width, output=shape))
    sizes = tuple(to_expression(known(size, "A size")) for size in shape)
    put_in = Product((Product(sizes), Number(width)) if sizes else (Number(width),))
    return computed(words.sentence, put_in, numbers(shape) * width, unit=_UNIT, about=name)


def live(network: Network, *, batch: Size = 1) -> Derivation:
    """The most bytes of outputs that prediction holds at once.

    Layers of different types: each number is taken as large as the largest.
    Raises: InputError `size-symbolic` where letters stand, `size-unknown` where a size is left
    open, and of layers that don't fit.
    """
    letters = letters_of(network)
    if letters:
        raise InputError(
            "size-symbolic",
            f"Which layer needs the most depends on {', '.join(letters)}: a number is needed.",
            hint="Put numbers in place of the letters.",
        )
    width = max(_COMPUTED[layer.dtype] for _, layer, _ in _made(network))
    steps = _steps("live", {width: [cost(network).live]})
    return _derivation(
        f"Memory of the largest live set of {network.name}",
        _for_a_batch(steps, batch),
        notes("memory", "live"),
    )


def _made(network: Network) -> Iterable[tuple[str, Layer, Shapes]]:
    """Every layer that is run, with its name and what it makes."""
    summary(network)  # bounds the number of calls before they are walked
    return _walk(network, (), None, ShapeTable())


def _walk(
    network: Network, path: tuple[str, ...], inputs: Shapes | None, table: ShapeTable
) -> Iterable[tuple[str, Layer, Shapes]]:
    shapes = table.calls(network, inputs)
    for call in network.order:
        layer, here = call.node.layer, (*path, call.node.name)
        if isinstance(layer, Network):
            yield from _walk(layer, here, table.taken(network, call, inputs), table)
        elif not (path and isinstance(layer, InputLayer)):  # it only hands on what it was given
            yield "/".join(here), layer, shapes[call.key]


def _steps(name: str, alike: _Alike) -> tuple[Step, ...]:
    return tuple(_bytes(name, width, counts) for width, counts in alike.items())


def _bytes(name: str, width: int, counts: list[Size]) -> Step:
    """Numbers times bytes: (a + b + …)·4."""
    words = rule("memory", name, "rule", named(bytes=width))
    terms = tuple(map(to_expression, counts))
    total = terms[0] if len(terms) == 1 else Sum(terms)
    return computed(
        words.sentence, Product((total, Number(width))), sum(counts) * width, unit=_UNIT
    )


def _for_a_batch(steps: tuple[Step, ...], batch: Size) -> tuple[Step, ...]:
    if type(batch) is int and batch == 1:
        return steps
    total = added_up(steps, _sum(), _UNIT)
    words = rule("memory", "batch", "rule", named(batch=batch))
    values = {"batch": batch, "sample": total.value}
    formula = Product((Name("batch"), Name("sample")))
    times = worked_out(words.sentence, formula, values, unit=_UNIT)  # type: ignore[arg-type]  # bytes are never a shape
    return (*steps, times) if len(steps) == 1 else (*steps, total, times)


def _sum() -> Rule:
    return rule("memory", "sum", "rule", {})


def _derivation(
    title: str, steps: tuple[Step, ...], remarks: tuple[str, ...], *, at_least: bool = False
) -> Derivation:
    batched = bool(steps) and steps[-1].formula is not None
    if len(steps) != 1 and not batched:
        steps = (*steps, added_up(steps, _sum(), _UNIT))
    return Derivation(
        title=title,
        steps=steps,
        value=steps[-1].value,
        unit=_UNIT,
        notes=remarks,
        at_least=at_least,
    )
