"""Activations of dense layers, and their slopes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from answers.errors import InputError

Floats = NDArray[np.float64]
_LEAK = 0.3  # Keras' LeakyReLU(negative_slope=0.3)


@dataclass(frozen=True)
class Activation:
    """A function of each number, its slope at the number, and the largest slope it has."""

    name: str
    of: Callable[[Floats], Floats]
    slope: Callable[[Floats], Floats]
    steepest: float


def _sigmoid(z: Floats) -> Floats:
    small = np.exp(-np.abs(z))
    return np.where(z >= 0, 1 / (1 + small), small / (1 + small))


def _sigmoid_slope(z: Floats) -> Floats:
    small = np.exp(-np.abs(z))
    return np.asarray(small / (1 + small) ** 2)


def _elu(z: Floats) -> Floats:
    return np.where(z > 0, z, np.expm1(np.minimum(z, 0)))


ACTIVATIONS = {
    found.name: found
    for found in (
        Activation("sigmoid", _sigmoid, _sigmoid_slope, 0.25),
        # sech² from a decaying exponential: 1 − tanh² would lose every digit of a small slope
        Activation("tanh", np.tanh, lambda z: 4 * _sigmoid_slope(2 * z), 1.0),
        Activation("relu", lambda z: np.maximum(z, 0), lambda z: (z > 0).astype(np.float64), 1.0),
        Activation(
            "leaky-relu",
            lambda z: np.where(z > 0, z, _LEAK * z),
            lambda z: np.where(z > 0, 1.0, _LEAK),
            1.0,
        ),
        Activation("elu", _elu, lambda z: np.where(z > 0, 1.0, np.exp(np.minimum(z, 0))), 1.0),
        Activation("linear", lambda z: z, np.ones_like, 1.0),
    )
}


def activation_of(name: str) -> Activation:
    """The activation of a name.

    Raises: InputError `activation-unknown`, with those that are known.
    """
    if name not in ACTIVATIONS:
        raise InputError(
            "activation-unknown",
            f"There is no activation {name!r:.40} here.",
            hint=f"Known are {', '.join(ACTIVATIONS)}.",
        )
    return ACTIVATIONS[name]
