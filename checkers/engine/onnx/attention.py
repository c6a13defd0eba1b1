"""Attention: with projections and heads, and without."""

from __future__ import annotations

from collections.abc import Callable
from math import prod, sqrt
from typing import Any

import numpy as np

from answers.layers import attention
from answers.layers.base import axis_of
from checkers.engine.onnx.graph import Arrays, Graph, NotCovered, Sizes, Value, known_sizes

Attend = Callable[[Any, Graph, list[Value], Arrays], list[Value]]
_NOT_SEEN = -1e9  # what Keras adds to the score of what is masked


def many_heads(layer: Any, graph: Graph, values: list[Value], arrays: Arrays) -> list[Value]:
    """MultiHeadAttention, GroupQueryAttention: (query, value) or (query, value, key)."""
    query, value, key = (*values, values[1])[:3]
    places = _attended(layer, query)
    if key.shape[:-1] != value.shape[:-1] or not _alike(query, value, places):
        raise NotCovered(f"{layer.kind} over positions of different shapes")
    left = list(arrays)

    def projected(taken: Value) -> Value:
        return _projected(graph, taken, left, use_bias=layer.use_bias)

    asking, asked = projected(query), projected(key)
    gate = projected(query) if layer.use_gate else None
    told = projected(value)
    heads = asking.shape[-2]
    rows = _rows(graph, asking, places, told.shape[-2])
    scores = graph.matmul(
        graph.each("Mul", rows, graph.number(1 / sqrt(asking.shape[-1]))),
        _turned(graph, _rows(graph, asked, places, told.shape[-2])),
    )
    weights = _weights(layer, graph, scores)
    means = graph.matmul(weights, _rows(graph, told, places, told.shape[-2]))
    made = _back(graph, means, places, (*query.shape[:-1], heads, told.shape[-1]))
    if gate is not None:
        made = graph.both("Mul", made, graph.each("Sigmoid", gate))
    result = _put_out(layer, graph, made, left)
    if not layer.return_attention_scores:
        return [result]
    axes = getattr(layer, "attention_axes", None) or ()
    if [axis_of(axis, query.shape) for axis in axes] != sorted(places)[: len(axes)]:
        raise NotCovered(f"{layer.kind} with scores of axes in another order")
    shapes = layer.output_shapes(*(given.shape for given in values))
    return [result, graph.reshape(weights, known_sizes(shapes[1]))]


def _weights(layer: Any, graph: Graph, scores: Value) -> Value:
    """The softmax of scores (…, positions of the query, of the value)."""
    if layer.use_causal_mask:
        asked, told = scores.shape[-2:]
        later = np.triu(np.full((asked, told), _NOT_SEEN, np.float32), 1)
        scores = graph.each("Add", scores, graph.constant(later))
    return graph.each("Softmax", scores, axis=-1)


def _attended(layer: Any, query: Value) -> Sizes:
    """The places of the axes that attention goes over, in rising order: their sum has none."""
    axes = getattr(layer, "attention_axes", None)
    if axes is None:
        return tuple(range(len(query.shape) - 1))
    return tuple(sorted(axis_of(axis, query.shape) for axis in axes))


def _alike(query: Value, value: Value, places: Sizes) -> bool:
    """Whether both have the same axes, and as many positions along those that are kept apart."""
    if len(query.shape) != len(value.shape):
        return False
    apart = (i for i in range(len(query.shape) - 1) if i not in places)
    return all(query.shape[i] == value.shape[i] for i in apart)


def _projected(graph: Graph, value: Value, left: Arrays, *, use_bias: bool) -> Value:
    """(…, channels) → (…, heads, width) by the next of the arrays that are left."""
    kernel = left.pop(0)
    heads, width = kernel.shape[1:]
    matrix = kernel.reshape(len(kernel), heads * width)
    made = graph.linear(value, matrix, heads * width)
    if use_bias:
        made = graph.each("Add", made, graph.constant(left.pop(0).reshape(-1)))
    return graph.reshape(made, (*value.shape[:-1], heads, width))


def _rows(graph: Graph, value: Value, places: Sizes, few: int) -> Value:
    """(…, heads, width) → (apart…, few, heads/few, positions, width).

    few: how many heads keys and values have: each of them serves a row of the query's.
    """
    last = len(value.shape) - 2
    apart = [place for place in range(last) if place not in places]
    order = (0, *(place + 1 for place in (*apart, last, *places, last + 1)))
    turned = graph.transpose(value, order)
    kept, heads, width = (value.shape[i] for i in apart), value.shape[-2], value.shape[-1]
    many = prod(value.shape[i] for i in places)
    return graph.reshape(turned, (*kept, few, heads // few, many, width))


def _turned(graph: Graph, value: Value) -> Value:
    """The last two axes change places."""
    return graph.transpose(value, (*range(value.rank - 2), value.rank - 1, value.rank - 2))


def _back(graph: Graph, value: Value, places: Sizes, shape: Sizes) -> Value:
    """What `_rows` did, undone; shape: (…, heads, width) of what comes out."""
    last = len(shape) - 2
    apart = [place for place in range(last) if place not in places]
    order = [*apart, last, *places, last + 1]
    apart_again = graph.reshape(value, tuple(shape[place] for place in order))
    return graph.transpose(apart_again, (0, *(order.index(i) + 1 for i in range(len(order)))))


def _put_out(layer: Any, graph: Graph, value: Value, left: Arrays) -> Value:
    """(…, heads, width) → (…, out…)."""
    kernel = left.pop(0)
    out, wide = kernel.shape[2:], kernel.shape[0] * kernel.shape[1]
    flat = graph.reshape(value, (*value.shape[:-2], wide))
    made = graph.linear(flat, kernel.reshape(wide, prod(out)), prod(out))
    if layer.use_bias:
        made = graph.each("Add", made, graph.constant(left.pop(0).reshape(-1)))
    return graph.reshape(made, (*value.shape[:-2], *out))


def plain(
    layer: attention.Attention, graph: Graph, values: list[Value], arrays: Arrays
) -> list[Value]:
    """Attention: products of query and key, or sums of tanh(query + key) over the channels."""
    left = list(arrays)
    scale = left.pop(0) if layer.use_scale else np.float32(1)
    query, value, key = (*values, values[1])[:3]
    if layer.score_mode == "dot":
        found = graph.matmul(query, _turned(graph, key))
        scores = graph.each("Mul", found, graph.constant(scale))
    else:
        bent = graph.each("Mul", _sums(graph, query, key), graph.constant(scale))
        scores = _total(graph, graph.each("Tanh", bent))
        scores = graph.each("Mul", scores, graph.constant(left.pop(0)))
    return _mean(layer, graph, scores, value)


def additive(
    layer: attention.AdditiveAttention, graph: Graph, values: list[Value], arrays: Arrays
) -> list[Value]:
    """AdditiveAttention: sums of scale·tanh(query + key) over the channels."""
    query, value, key = (*values, values[1])[:3]
    bent = graph.each("Tanh", _sums(graph, query, key))
    if layer.use_scale:
        bent = graph.each("Mul", bent, graph.constant(arrays[0]))
    return _mean(layer, graph, _total(graph, bent), value)


def _sums(graph: Graph, query: Value, key: Value) -> Value:
    """(…, t_query, t_value, channels): each position of the query with each of the key."""
    rows = graph.reshape(query, (*query.shape[:-1], 1, query.shape[-1]))
    columns = graph.reshape(key, (*key.shape[:-2], 1, *key.shape[-2:]))
    return graph.both("Add", rows, columns)


def _total(graph: Graph, value: Value) -> Value:
    """The sum over the channels."""
    axis = graph.whole(value.rank - 1)
    return graph.do("ReduceSum", value, axis, shape=value.shape[:-1], keepdims=0)


def _mean(
    layer: attention.PlainAttention, graph: Graph, scores: Value, value: Value
) -> list[Value]:
    weights = _weights(layer, graph, scores)
    return [graph.matmul(weights, value), weights][: layer.output_count]


ATTENTION: dict[type, Attend] = {
    attention.MultiHeadAttention: many_heads,
    attention.GroupQueryAttention: many_heads,
    attention.Attention: plain,
    attention.AdditiveAttention: additive,
}
