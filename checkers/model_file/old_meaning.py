"""What Keras 1 and 2 meant by a word that means something else since Keras 3."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from typing import Any, TypeVar

from answers.errors import RefusedError
from answers.layers.base import Layer
from answers.layers.fields import shown
from answers.layers.normalization import UnitNormalization
from answers.layers.recurrent import TimeDistributed
from answers.layers.resampling import UpSampling2D
from answers.network.graph import Network

# The hard_sigmoid of Keras 1 and 2 is 0.2·x + 0.5, that of Keras 3 x/6 + 0.5, between 0 and 1.
_THEN = {"hard_sigmoid": "hard_sigmoid_keras2"}
_ALONE = re.compile(r"2\.[23]\.\d+")  # the Keras in TensorFlow ends in -tf
_FUNCTIONS = ("activation", "recurrent_activation")
L = TypeVar("L", bound=Layer)


def as_keras2_meant(network: Network, version: str = "", backend: str | None = None) -> Network:
    """The network of a file of Keras 1 or 2, with the functions that it computed with.

    version: what the file says; Keras alone and the one in TensorFlow differ. backend: on which
    Keras alone ran.
    Raises: RefusedError config-value for pictures that Theano enlarged.
    """
    nodes = tuple(
        replace(
            node,
            layer=as_keras2_meant(node.layer, version, backend)
            if isinstance(node.layer, Network)
            else _enlarged(_meant(node.layer), version, backend),
        )
        for node in network.nodes
    )
    return replace(network, nodes=nodes) if nodes != network.nodes else network


def _enlarged(layer: Layer, version: str, backend: str | None) -> Layer:
    """Keras 2.2 and 2.3 called TensorFlow's `resize_bilinear`, which knows no half pixels."""
    if isinstance(layer, TimeDistributed):
        return replace(layer, layer=_enlarged(layer.layer, version, backend))
    if not isinstance(layer, UpSampling2D) or not _ALONE.fullmatch(version):
        return layer
    straight = layer.interpolation == "bilinear"
    if straight and backend not in (None, "tensorflow"):
        raise RefusedError(
            "config-value",
            f"The model enlarged pictures (UpSampling2D, bilinear) on the backend {shown(backend)}, "
            "which has a rule of its own for that.",
            hint="Save the model with TensorFlow as the backend.",
        )
    return replace(layer, interpolation="bilinear_keras2") if straight else layer


def _meant(layer: L) -> L:
    found: dict[str, Any] = {}
    if isinstance(layer, UnitNormalization):  # TensorFlow bounds the sum of squares, by 1e-12
        found["least"] = 1e-6
    for item in fields(layer):
        value = getattr(layer, item.name)
        if isinstance(value, Layer):  # what a wrapper holds
            found[item.name] = _meant(value)
        elif isinstance(value, tuple) and value and all(isinstance(v, Layer) for v in value):
            found[item.name] = tuple(map(_meant, value))  # cells
        elif item.name in _FUNCTIONS and isinstance(value, str):
            found[item.name] = _THEN.get(value, value)
    return replace(layer, **found) if found else layer
