"""Attention of one sample, pair by pair in float64.

Sources: Luong et al. 2015 ('dot'), Bahdanau et al. 2015 (additive), Vaswani et al. 2017 (heads),
Ainslie et al. 2023 (shared key heads). Inputs are (query, value) or (query, value, key).
"""

from __future__ import annotations

from math import sqrt, tanh
from typing import Any

import numpy as np
from naive_functions import Array, each, sigmoid, softmax

Arrays = list[Array]


def _shared(inputs: tuple[Array, ...]) -> tuple[Array, Array, Array]:
    query, value, *key = inputs
    return query, value, key[0] if key else value


def attention(layer: Any, weights: Arrays, *inputs: Array) -> Any:
    """Scores q·k, or w·Σ tanh(q + k) for 'concat'; a scale stands at the score, or in the tanh."""
    left = list(weights)
    scale = float(left.pop(0)) if layer.use_scale else 1.0
    if layer.score_mode == "dot":
        return _means(layer, lambda q, k: scale * float(q @ k), inputs)
    weight = float(left.pop(0))
    return _means(layer, lambda q, k: weight * float(each(tanh, scale * (q + k)).sum()), inputs)


def additive(layer: Any, weights: Arrays, *inputs: Array) -> Any:
    """Scores Σ scale·tanh(q + k), the scale a number a channel."""
    scale = weights[0] if layer.use_scale else 1.0
    return _means(layer, lambda q, k: float((scale * each(tanh, q + k)).sum()), inputs)


def _means(layer: Any, score: Any, inputs: tuple[Array, ...]) -> Any:
    """For each query the mean of the values, weighted by the softmax of the scores.

    use_causal_mask: of the values up to the query's own place.
    """
    query, value, key = _shared(inputs)
    out = np.zeros((*query.shape[:-1], value.shape[-1]))
    weights = np.zeros((*query.shape[:-1], value.shape[-2]))
    for place in np.ndindex(query.shape[:-1]):
        rows, until = place[:-1], place[-1] + 1 if layer.use_causal_mask else None
        shares = softmax(np.array([score(query[place], k) for k in key[rows][:until]]))
        weights[place][: len(shares)] = shares
        out[place] = sum(s * v for s, v in zip(shares, value[rows][:until], strict=True))
    return (out, weights) if layer.return_attention_scores else out


def many_heads(layer: Any, weights: Arrays, *inputs: Array) -> Any:
    """Projections, attention over some axes head by head, the gate, and the last projection."""
    query, value, key = _shared(inputs)
    left = list(weights)
    q, k = (_projected(layer, left, given) for given in (query, key))
    gate = each(sigmoid, _projected(layer, left, query)) if layer.use_gate else 1.0
    v = _projected(layer, left, value)
    means, scores = _heads(q, k, v, _attended(layer, query), causal=layer.use_causal_mask)
    kernel, *bias = left
    made = np.tensordot(means * gate, kernel, axes=2)  # over heads and their width
    result = np.asarray(made + bias[0] if bias else made)
    return (result, scores) if layer.return_attention_scores else result


def _projected(layer: Any, left: Arrays, x: Array) -> Array:
    """(…, heads, width): a matrix a head, and its bias."""
    made = np.tensordot(x, left.pop(0), axes=1)
    return np.asarray(made + left.pop(0) if layer.use_bias else made)


def _attended(layer: Any, query: Array) -> list[int]:
    """The axes of the sample that attention goes over: all places, unless the layer says which."""
    axes = getattr(layer, "attention_axes", None)
    if axes is None:
        return list(range(query.ndim - 1))
    return [axis - 1 if axis > 0 else axis + query.ndim for axis in axes]


def _heads(
    q: Array, k: Array, v: Array, attended: list[int], *, causal: bool
) -> tuple[Array, Array]:
    """softmax(q·k/√width)·v; several query heads in a row share a head of keys and values.

    Then the shares: rows kept apart, head, places of the query, places of the value.
    """
    count, few = q.shape[-2], k.shape[-2]
    out = np.zeros((*q.shape[:-1], v.shape[-1]))
    apart = [n for n in range(q.ndim - 2) if n not in attended]
    scores = np.zeros(
        [
            *(q.shape[n] for n in apart), count,
            *(q.shape[n] for n in attended), *(k.shape[n] for n in attended),
        ]
    )  # fmt: skip
    for *place, h in np.ndindex(q.shape[:-1]):
        other = h // (count // few)
        seen = [
            source
            for source in np.ndindex(k.shape[:-2])
            if all(
                a == b or n in attended for n, (a, b) in enumerate(zip(place, source, strict=True))
            )
            and not (causal and source > tuple(place))
        ]
        mine = q[(*place, h)]
        shares = softmax(np.array([mine @ k[(*s, other)] / sqrt(len(mine)) for s in seen]))
        front = (*(place[n] for n in apart), h, *(place[n] for n in attended))
        for source, share in zip(seen, shares, strict=True):
            scores[(*front, *(source[n] for n in attended))] = share
        values = (v[(*source, other)] for source in seen)
        out[(*place, h)] = sum(share * w for share, w in zip(shares, values, strict=True))
    return out, scores
