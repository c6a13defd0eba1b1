"""What the calls of a layer say of what it computes: looking back only, scores, states to begin with.

Keras keeps these in the arguments of a call; our records have them as settings of the layer.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from answers.errors import RefusedError
from answers.layers.attention import ManyHeads, PlainAttention
from answers.layers.base import Layer
from answers.layers.recurrent import Recurrent
from answers.layers.wrappers import Bidirectional
from answers.network.graph import Network

CAUSAL, SCORES = "use_causal_mask", "return_attention_scores"
_SAID_OF_ATTENTION = frozenset({CAUSAL, SCORES})


def said_apart(layer: Layer | Network) -> frozenset[str]:
    """The arguments of calls that `as_called` reads."""
    attends = isinstance(layer, ManyHeads | PlainAttention)
    return _SAID_OF_ATTENTION if attends else frozenset()


def as_called(layer: Layer | Network, nodes: list[Any]) -> Layer | Network:
    """The layer as its calls say, in the words of Keras 2 or 3.

    Raises: RefusedError call-argument where two calls say what one layer can't be, or no truth.
    """
    if isinstance(layer, ManyHeads | PlainAttention):
        calls = list(map(_arguments, nodes))
        causal = {_truth(call, CAUSAL) for call in calls} or {False}
        if len(causal) > 1:
            raise RefusedError(
                "call-argument",
                "A layer that looks back only in one of its calls can't be graded yet.",
            )
        scores = True in {_truth(call, SCORES) for call in calls}
        looks_back = layer.use_causal_mask or causal == {True}
        return replace(layer, use_causal_mask=looks_back, return_attention_scores=scores)
    if isinstance(layer, Recurrent | Bidirectional):
        return _without_mask(layer) if _forgets_mask(nodes) else layer
    return layer


def _arguments(node: Any) -> dict[str, Any]:
    """What stands beside the tensors of a call."""
    if isinstance(node, dict):
        found = node.get("kwargs")
        return found if isinstance(found, dict) else {}
    items = node if isinstance(node, list) and node and isinstance(node[0], list) else [node]
    return dict(_pairs(items))


def _pairs(items: list[Any]) -> Iterator[tuple[str, Any]]:
    for item in items:
        if isinstance(item, list) and len(item) > 3 and isinstance(item[3], dict):
            yield from item[3].items()


def _truth(arguments: dict[str, Any], name: str) -> bool:
    value = arguments.get(name)
    if value is not None and type(value) is not bool:
        raise RefusedError("call-argument", f"A layer is called with {name} = {str(value)[:40]!r}.")
    return value is True


def _forgets_mask(nodes: list[Any]) -> bool:
    """Keras 3 hands no mask on to a layer that is called with a second tensor.

    Raises: RefusedError call-argument where one such call says a mask and another one says none.
    """
    calls = [_arguments(node) for node in nodes if isinstance(node, dict)]
    begun = [call for call in calls if call.get("initial_state") is not None]
    forgotten = {call.get("mask") is None for call in begun}
    if len(forgotten) > 1:
        raise RefusedError(
            "call-argument",
            "A layer that begins with states has a mask only in some of its calls, which can't be "
            "graded yet.",
            hint="Call it with mask each time, or never.",
        )
    return forgotten == {True}


def _without_mask(layer: Recurrent | Bidirectional) -> Layer:
    if isinstance(layer, Recurrent):
        return replace(layer, masked_with_states=False)
    back = layer.backward_layer
    return replace(
        layer,
        layer=replace(layer.layer, masked_with_states=False),
        backward_layer=None if back is None else replace(back, masked_with_states=False),
    )
