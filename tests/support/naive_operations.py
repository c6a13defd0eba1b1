"""Operations on tensors and joins of inputs, number by number in float64, for one sample.

Axes are counted with the batch axis, which is not there. Truths are 1 and 0.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import reduce
from itertools import product
from typing import Any

import numpy as np
from naive_functions import Array, each, gelu_tanh

Arrays = list[Array]
Judge = Callable[..., Array]


def place(axis: int, x: Array) -> int:
    """The axis of a sample."""
    return axis - 1 if axis > 0 else axis + x.ndim


def paired(join: Callable[[float, float], float], a: Array, b: Array) -> Array:
    """A function of two numbers, of all pairs; sizes of 1 are stretched."""
    first, second = np.broadcast_arrays(a, b)
    pairs = zip(first.ravel(), second.ravel(), strict=True)
    return np.array([float(join(float(v), float(w))) for v, w in pairs]).reshape(first.shape)


def joined(join: Callable[[float, float], float]) -> Judge:
    """Two or more inputs, one after the other."""

    def judge(layer: Any, weights: Arrays, *inputs: Array) -> Array:  # noqa: ARG001  # all alike
        return reduce(lambda a, b: paired(join, a, b), inputs)

    return judge


def average(layer: Any, weights: Arrays, *inputs: Array) -> Array:  # noqa: ARG001  # all alike
    return np.asarray(sum(inputs) / len(inputs))


def concatenated(layer: Any, weights: Arrays, *inputs: Array) -> Array:  # noqa: ARG001  # all alike
    return np.concatenate(inputs, axis=place(layer.axis, inputs[0]))


def scaled_sum(layer: Any, weights: Arrays, a: Array, b: Array) -> Array:  # noqa: ARG001  # all alike
    return np.asarray(a + layer.scale * b)


def dot(layer: Any, weights: Arrays, a: Array, b: Array) -> Array:  # noqa: ARG001  # all alike
    """Products summed over an axis of each; what is left of the first, then of the second."""
    axes = layer.axes if isinstance(layer.axes, tuple) else (layer.axes, layer.axes)
    first, second = np.moveaxis(a, place(axes[0], a), 0), np.moveaxis(b, place(axes[1], b), 0)
    out = np.zeros((*first.shape[1:], *second.shape[1:]))
    for left, right in product(np.ndindex(first.shape[1:]), np.ndindex(second.shape[1:])):
        v, w = first[(slice(None), *left)], second[(slice(None), *right)]
        length = math.sqrt((v @ v) * (w @ w)) if layer.normalize else 1.0
        out[(*left, *right)] = v @ w / length
    return out.reshape(out.shape or (1,))


# --- numbers -----------------------------------------------------------------------------------

JOINS: dict[str, Callable[[float, float], float]] = {
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "multiply": lambda a, b: a * b,
    "divide": lambda a, b: a / b,
    "power": lambda a, b: a**b,
    "maximum": max,
    "minimum": min,
    "floor_divide": lambda a, b: math.floor(a / b),
    "mod": lambda a, b: a - b * math.floor(a / b),
    "arctan2": math.atan2,
    "logaddexp": lambda a, b: math.log(math.exp(a) + math.exp(b)),
    "divide_no_nan": lambda a, b: a / b if b else 0.0,
    "squared_difference": lambda a, b: (a - b) ** 2,
    "greater": lambda a, b: a > b,
    "greater_equal": lambda a, b: a >= b,
    "less": lambda a, b: a < b,
    "less_equal": lambda a, b: a <= b,
    "equal": lambda a, b: a == b,
    "not_equal": lambda a, b: a != b,
    "and": lambda a, b: bool(a) and bool(b),
    "or": lambda a, b: bool(a) or bool(b),
    "xor": lambda a, b: bool(a) != bool(b),
}


def arithmetic(layer: Any, weights: Arrays, *inputs: Array) -> Array:  # noqa: ARG001  # all alike
    """Two inputs, or one and numbers of the file, in float32 as the file has them."""
    join = JOINS[layer.operation]
    if layer.number is None:
        return paired(join, *inputs)
    (x,) = inputs
    numbers = np.asarray(layer.number, np.float32).astype(np.float64)
    if layer.sizes:
        numbers = numbers.reshape(layer.sizes)
        numbers = numbers[0] if numbers.ndim > x.ndim else numbers
    return paired(join, numbers, x) if layer.number_first else paired(join, x, numbers)


def logical(layer: Any, weights: Arrays, a: Array, b: Array) -> Array:  # noqa: ARG001  # all alike
    return paired(JOINS[layer.operation], a, b)


FUNCTIONS: dict[str, Callable[[float], float]] = {
    "absolute": abs,
    "square": lambda v: v * v,
    "sqrt": math.sqrt,
    "rsqrt": lambda v: 1 / math.sqrt(v),
    "exp": math.exp,
    "expm1": math.expm1,
    "log": math.log,
    "log1p": math.log1p,
    "negative": lambda v: -v,
    "sign": lambda v: (v > 0) - (v < 0),
    "sin": math.sin,
    "cos": math.cos,
    "tan": math.tan,
    "sinh": math.sinh,
    "cosh": math.cosh,
    "floor": math.floor,
    "ceil": math.ceil,
    "round": round,
    "reciprocal": lambda v: 1 / v,
    "trunc": math.trunc,
    "erf": math.erf,
    "exp2": lambda v: 2**v,
    "log2": math.log2,
    "log10": math.log10,
    "arcsin": math.asin,
    "arccos": math.acos,
    "arctan": math.atan,
    "arcsinh": math.asinh,
    "arccosh": math.acosh,
    "arctanh": math.atanh,
    "gelu_tanh": gelu_tanh,
}


def of_each(layer: Any, weights: Arrays, x: Array) -> Array:  # noqa: ARG001  # all alike
    return each(lambda v: float(FUNCTIONS[layer.function](v)), x)


def chosen(layer: Any, weights: Arrays, truth: Array, *inputs: Array) -> Array:  # noqa: ARG001  # all alike
    """The yes where the first input is not 0, the no elsewhere."""
    left = list(inputs)
    yes, no = (left.pop(0) if n is None else np.array(n) for n in (layer.yes, layer.no))
    return np.where(truth != 0, yes, no)


def clipped(layer: Any, weights: Arrays, x: Array) -> Array:  # noqa: ARG001  # all alike
    return each(lambda v: min(max(v, layer.low), layer.high), x)


def whole_part(layer: Any, weights: Arrays, x: Array) -> Array:  # noqa: ARG001  # all alike
    return each(math.trunc, x)


def filled(layer: Any, weights: Arrays, x: Array) -> Array:  # noqa: ARG001  # all alike
    return np.full(x.shape, layer.value)


def one_hot(layer: Any, weights: Arrays, x: Array) -> Array:  # noqa: ARG001  # all alike
    """A number is cut to a whole one first; one that names no class gives zeros."""
    rows = [[float(c == math.trunc(v)) for c in range(layer.classes)] for v in x.ravel()]
    return np.array(rows).reshape(*x.shape, -1)


# --- along an axis -----------------------------------------------------------------------------

REDUCTIONS: dict[str, Callable[[Array], float]] = {
    "mean": lambda v: float(v.sum() / len(v)),
    "sum": lambda v: float(v.sum()),
    "prod": math.prod,
    "max": max,
    "min": min,
    "var": lambda v: float(((v - v.mean()) ** 2).mean()),
    "std": lambda v: math.sqrt(((v - v.mean()) ** 2).mean()),
    "logsumexp": lambda v: math.log(sum(map(math.exp, v))),
    "norm": lambda v: math.sqrt(sum(v * v)),
}


def reduced(layer: Any, weights: Arrays, x: Array) -> Array:  # noqa: ARG001  # all alike
    """One number of all numbers along the axes."""
    said = range(1, x.ndim + 1) if layer.axis is None else layer.axis
    gone = sorted(place(axis, x) for axis in said)
    kept = [axis for axis in range(x.ndim) if axis not in gone]
    turned = x.transpose(*kept, *gone).reshape([x.shape[a] for a in kept] + [-1])
    found = np.apply_along_axis(REDUCTIONS[layer.operation], -1, turned)
    return np.asarray(np.expand_dims(found, tuple(gone)) if layer.keepdims else found)


def extreme(layer: Any, weights: Arrays, x: Array) -> Array:  # noqa: ARG001  # all alike
    """The first place of the largest or smallest number."""
    best = max if layer.operation == "argmax" else min
    axis = place(layer.axis, x)
    found = np.apply_along_axis(lambda v: float(list(v).index(best(v))), axis, x)
    return np.expand_dims(found, axis) if layer.keepdims else found


def ordered(layer: Any, weights: Arrays, x: Array) -> Array:  # noqa: ARG001  # all alike
    def row(v: Array) -> list[float]:
        return sorted(v, reverse=layer.descending)

    return np.apply_along_axis(row, place(layer.axis, x), x)


def cumulated(layer: Any, weights: Arrays, x: Array) -> Array:  # noqa: ARG001  # all alike
    """The sum or product of what stands before, with or without each itself, or of what follows."""
    total = sum if layer.operation == "sum" else math.prod

    def row(v: Array) -> list[float]:
        own = 0 if layer.exclusive else 1
        parts = [v[i + 1 - own :] if layer.reverse else v[: i + own] for i in range(len(v))]
        return [float(total(part)) for part in parts]

    return np.apply_along_axis(row, place(layer.axis, x), x)


# --- other places ------------------------------------------------------------------------------


def flattened(layer: Any, weights: Arrays, x: Array) -> Array:  # noqa: ARG001  # all alike
    return np.array([x[at] for at in np.ndindex(x.shape)])


def reshaped(layer: Any, weights: Arrays, x: Array) -> Array:  # noqa: ARG001  # all alike
    return x.reshape(layer.target_shape)


def permuted(layer: Any, weights: Arrays, x: Array) -> Array:  # noqa: ARG001  # all alike
    return x.transpose([axis - 1 for axis in layer.dims])


def repeated_vector(layer: Any, weights: Arrays, x: Array) -> Array:  # noqa: ARG001  # all alike
    return np.array([x for _ in range(layer.n)])


def cut(layer: Any, weights: Arrays, x: Array) -> Array:  # noqa: ARG001  # all alike
    """What Python's index cuts out of a batch of one."""
    index = [_index(part) for part in layer.parts]
    return np.asarray(x[None][tuple(index)][0])


def _index(part: str) -> Any:
    if part in ("...", "new"):
        return ... if part == "..." else None
    numbers = [int(word) if word else None for word in part.split(":")]
    return slice(*numbers) if ":" in part else numbers[0]


def part_of(layer: Any, weights: Arrays, x: Array) -> Array:  # noqa: ARG001  # all alike
    """One of equal parts, of the parts between cuts, or a single position without its axis."""
    axis = place(layer.axis, x)
    if layer.sections is None:
        return np.asarray(np.take(x, layer.place, axis))
    sections = list(layer.sections) if isinstance(layer.sections, tuple) else layer.sections
    return np.asarray(np.split(x, sections, axis)[layer.place])


def stacked(layer: Any, weights: Arrays, *inputs: Array) -> Array:  # noqa: ARG001  # all alike
    axis = layer.axis - 1 if layer.axis > 0 else layer.axis
    return np.stack(inputs, axis)


def tiled(layer: Any, weights: Arrays, x: Array) -> Array:  # noqa: ARG001  # all alike
    """Place i of the copies is place i modulo the size."""
    out = np.zeros([n * times for n, times in zip(x.shape, layer.repeats, strict=True)])
    for at in np.ndindex(out.shape):
        out[at] = x[tuple(i % n for i, n in zip(at, x.shape, strict=True))]
    return out


def repeated(layer: Any, weights: Arrays, x: Array) -> Array:  # noqa: ARG001  # all alike
    axis = place(layer.axis, x)
    count = x.shape[axis] * layer.repeats
    return np.take(x, [i // layer.repeats for i in range(count)], axis)


def gathered(layer: Any, weights: Arrays, x: Array) -> Array:  # noqa: ARG001  # all alike
    return np.asarray(np.take(x, layer.places, place(layer.axis, x)))


def rolled(layer: Any, weights: Arrays, x: Array) -> Array:  # noqa: ARG001  # all alike
    """Place i goes to place i + shift, around the end."""
    for shift, axis in zip(layer.shift, layer.axis, strict=True):
        size = x.shape[place(axis, x)]
        x = np.take(x, [(i - shift) % size for i in range(size)], place(axis, x))
    return x


def moved_axis(layer: Any, weights: Arrays, x: Array) -> Array:  # noqa: ARG001  # all alike
    move = np.swapaxes if layer.swap else np.moveaxis
    return move(x, place(layer.source, x), place(layer.destination, x))


# --- sums of products --------------------------------------------------------------------------


def einsum(terms: list[str], out: str, *inputs: Array) -> Array:
    """For each value of all letters the product of the inputs, added to its place."""
    sizes = {
        letter: size
        for term, x in zip(terms, inputs, strict=True)
        for letter, size in zip(term, x.shape, strict=True)
    }
    found = np.zeros([sizes[letter] for letter in out])
    for values in np.ndindex(*sizes.values()):
        at = dict(zip(sizes, values, strict=True))
        numbers = (x[tuple(at[n] for n in term)] for term, x in zip(terms, inputs, strict=True))
        found[tuple(at[n] for n in out)] += math.prod(numbers)
    return found


def einsum_layer(layer: Any, weights: Arrays, *inputs: Array) -> Array:  # noqa: ARG001  # all alike
    """The equation without the letter of the batch."""
    before, _, out = layer.subscripts.partition("->")
    return einsum([term[1:] for term in before.split(",")], out[1:], *inputs)


def matmul(layer: Any, weights: Arrays, a: Array, b: Array) -> Array:  # noqa: ARG001  # all alike
    """The product of each pair of matrices; axes of 1 before them are stretched."""
    a = a.swapaxes(-1, -2) if layer.transpose_a else a
    b = b.swapaxes(-1, -2) if layer.transpose_b else b
    before = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    first = np.broadcast_to(a, before + a.shape[-2:])
    second = np.broadcast_to(b, before + b.shape[-2:])
    out = np.zeros((*before, a.shape[-2], b.shape[-1]))
    for *at, row, column in np.ndindex(out.shape):
        mine = tuple(at)
        out[(*mine, row, column)] = first[mine][row] @ second[mine][:, column]
    return out
