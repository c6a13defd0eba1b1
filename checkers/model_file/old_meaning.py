"""What Keras 1 and 2 meant by a word that means something else since Keras 3."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from typing import Any, TypeVar

from answers.errors import RefusedError
from answers.layers.attention import MultiHeadAttention
from answers.layers.base import Layer
from answers.layers.fields import shown
from answers.layers.normalization import UnitNormalization
from answers.layers.recurrent import Recurrent
from answers.layers.resampling import UpSampling2D
from answers.layers.wrappers import Bidirectional, TimeDistributed
from answers.network.graph import Network
from checkers.model_file.masks import makes_masks

# The hard_sigmoid of Keras 1 and 2 is 0.2·x + 0.5, that of Keras 3 x/6 + 0.5, between 0 and 1.
_THEN = {"hard_sigmoid": "hard_sigmoid_keras2"}
_ALONE = re.compile(r"2\.[23]\.\d+")  # the Keras in TensorFlow ends in -tf
_BEFORE_2_3 = re.compile(r"[01]\.|2\.[012]\.")
_BEFORE_2_10 = re.compile(r"2\.\d\.")  # attention with heads took no notice of masks
_FUNCTIONS = ("activation", "recurrent_activation")
L = TypeVar("L", bound=Layer)


def as_keras2_meant(network: Network, version: str = "", backend: str | None = None) -> Network:
    """The network of a file of Keras 1 or 2, with the functions that it computed with.

    version: what the file says; Keras alone and the one in TensorFlow differ. backend: on which
    Keras alone ran.
    Raises: RefusedError config-value for pictures that Theano enlarged; call-argument for words with
    a mask that a layer answers from its first state on.
    """
    if _BEFORE_2_3.match(version) and not version.endswith("-tf"):
        _check_begun(network, masked=makes_masks(network))
    nodes = tuple(
        replace(
            node,
            layer=as_keras2_meant(node.layer, version, backend)
            if isinstance(node.layer, Network)
            else _of_version(_meant(node.layer), version, backend),
        )
        for node in network.nodes
    )
    return replace(network, nodes=nodes) if nodes != network.nodes else network


def _of_version(layer: Layer, version: str, backend: str | None) -> Layer:
    if isinstance(layer, MultiHeadAttention) and _BEFORE_2_10.match(version):
        return replace(layer, sees_masks=False)
    return _enlarged(layer, version, backend)


def _check_begun(network: Network, *, masked: bool) -> None:
    """Refuse a sequence that begins with masked steps: Keras gave the first state for them."""
    for node in network.nodes:
        if isinstance(node.layer, Network):
            _check_begun(node.layer, masked=masked)
            continue
        steps = node.layer.layer if isinstance(node.layer, Bidirectional) else node.layer
        begun = isinstance(steps, Recurrent) and any(len(call) > 1 for call in node.calls)
        if masked and begun and getattr(steps, "return_sequences", False):
            raise RefusedError(
                "call-argument",
                "Keras before 2.3 answers masked steps with the state that a layer begins with, "
                "which can't be graded.",
                hint="Load the model with Keras 2.3 or later, and save it again.",
                where=f"layer {node.name}",
            )


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
