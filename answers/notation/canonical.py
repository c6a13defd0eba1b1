"""One record for layers that say the same in two ways."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from answers.layers.base import Layer


def canonical(layer: Layer) -> Layer:
    """The layer with a pool's strides left out where they are its size, as Keras takes them."""
    if getattr(layer, "strides", None) is None or not _touches(layer):
        return layer
    without: dict[str, Any] = {"strides": None}  # of a class that the type checker can't know
    return replace(layer, **without)


def _touches(layer: Layer) -> bool:
    return bool(getattr(layer, "pool_size", None) == getattr(layer, "strides", None))


def has_weights(layer: Layer) -> bool:
    """Whether a layer of this class may have anything to train."""
    return type(layer).weights is not Layer.weights
