"""Activations that Keras did not have when the file was written: functions of the writer's own.

A custom object leaves its name alone in the file; 'swish' of 2018 is such a one. People gave them the
names that Keras has for them today, so they are taken for these, and it is said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from answers.layers.base import Layer
from answers.network.graph import Network
from checkers.model_file.record import Finding

# Keras alone, and the Keras of TensorFlow 1.4 to 2.1; TensorFlow 2.2 brought 'swish'.
_OLD = re.compile(r"1\.|2\.[0-2]\.|2\.3\.\d+$")
_KNOWN = frozenset(
    """
    elu exponential hard_sigmoid hard_sigmoid_keras2 linear relu relu6 selu sigmoid softmax softplus
    softsign tanh
    """.split()  # noqa: SIM905  # a dozen names read better as a text than as a column
)

_SAID = {"silu": "swish", "hard_silu": "hard_swish"}  # as it was said at that time


def own_functions(network: Network, version: str) -> tuple[Finding, ...]:
    """What is worth saying of the activations of a file that a Keras without them wrote."""
    if not _OLD.match(version):
        return ()
    names = dict.fromkeys(name for layer in _layers(network) for name in _functions(layer))
    return tuple(
        Finding(
            "function-of-the-writer",
            f"Keras {version} had no activation '{_SAID.get(name, name)}': it was a function of the program that "
            "wrote the file. It is taken for the one that Keras has today.",
        )
        for name in names
    )


def _layers(network: Network) -> Iterator[Layer]:
    for node in network.nodes:
        if isinstance(node.layer, Network):
            yield from _layers(node.layer)
        else:
            yield node.layer


def _functions(layer: Layer) -> Iterator[str]:
    for field in ("activation", "recurrent_activation"):
        name = getattr(layer, field, None)
        if isinstance(name, str) and name not in _KNOWN:
            yield name
    inside = [getattr(layer, field, None) for field in ("layer", "backward_layer")]
    for inner in (*inside, *getattr(layer, "cells", ())):
        if isinstance(inner, Layer):
            yield from _functions(inner)
