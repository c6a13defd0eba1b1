"""What is measured of a network: gradients layer by layer, and the Jacobians multiplied."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import Literal

import numpy as np

from answers.errors import InputError
from answers.gradient_flow.activations import Floats
from answers.gradient_flow.network import Design, Gradients, Network, Pass

_MOST_PRODUCTS = 25
_LOST = 1e-12  # singular values below so much of the largest are rounding, no fact
_GONE = 1e-6
_GROWN = 1e6
_EVEN = 10.0

Verdict = Literal["overflow", "dead", "vanishing", "shrinking", "even", "growing", "exploding"]


@dataclass(frozen=True, kw_only=True)
class LayerFlow:
    """One hidden layer, counted from 1 at the input.

    signal_gradient: ‖dL/dh‖ of what comes into the layer (of layer 1: the input). weight_gradient:
    ‖dL/dW‖; both are roots of sums of squares. deviation: of what comes out, over batch and units.
    clipped: the weight gradient after clipping, None without. A number that overflowed is infinite
    or NaN.
    """

    number: int
    signal_gradient: float
    weight_gradient: float
    deviation: float
    clipped: float | None = None


@dataclass(frozen=True, kw_only=True)
class Product:
    """The singular values of J_L … J_l of one sample: from what comes into layer l to the end.

    seen: how many are above 1e-12 of the largest; what lies below can't be told from rounding.
    median: half of them are larger; None where it, and smallest where it, is not among those seen.
    """

    first_layer: int
    largest: float
    median: float | None
    smallest: float | None
    seen: int


@dataclass(frozen=True, kw_only=True)
class Clipping:
    """Clipping by the norm of all gradients together: they are multiplied by `factor` ≤ 1."""

    limit: float
    norm: float
    factor: float


@dataclass(frozen=True, kw_only=True)
class Flow:
    """What was measured.

    last_signal_gradient: ‖dL/dh_L‖ of what comes out of the last hidden layer. overflow: the first
    layer whose output is not finite, None where all are.
    """

    design: Design
    loss: float
    layers: tuple[LayerFlow, ...]
    last_signal_gradient: float
    products: tuple[Product, ...]
    clipping: Clipping | None = None
    overflow: int | None = None

    @property
    def ratio(self) -> float | None:
        """‖dL/dh_0‖ over ‖dL/dh_L‖: what is left of the gradient at the input; None: not known."""
        return _ratio(self.layers[0].signal_gradient, self.last_signal_gradient)

    @property
    def weight_ratio(self) -> float | None:
        """‖dL/dW‖ of the first hidden layer over that of the last; None where it can't be said."""
        return _ratio(self.layers[0].weight_gradient, self.layers[-1].weight_gradient)

    @property
    def verdict(self) -> Verdict:
        """What happens to the gradient on its way back to the input."""
        first, last, ratio = self.layers[0].signal_gradient, self.last_signal_gradient, self.ratio
        if self.overflow is not None or not (isfinite(first) and isfinite(last)):
            return "overflow"
        if ratio is None or not ratio:
            return "exploding" if first else "dead"
        if ratio < 1 / _EVEN:
            return "vanishing" if ratio < _GONE else "shrinking"
        if ratio > _EVEN:
            return "exploding" if ratio > _GROWN else "growing"
        return "even"


def _ratio(first: float, last: float) -> float | None:
    if not (isfinite(first) and isfinite(last) and last):
        return None
    ratio = first / last
    return ratio if isfinite(ratio) else None


def measure(design: Design, clip: float | None = None) -> Flow:
    """Build the network, send its batch through, and measure.

    clip: the largest norm of all gradients together.
    Raises: InputError `size-out-of-range` for a clip that is not above 0; those of `Design`.
    """
    if clip is not None and not (isfinite(clip) and 0 < clip <= 1e12):
        raise InputError(
            "size-out-of-range",
            f"The clip is {clip:g}; it lies above 0, and up to 1e12.",
            hint="1 is usual.",
            where="--clip",
        )
    network = Network.of(design)
    done = network.forward()
    slopes = network.backward(done)
    clipping = None if clip is None else _clipping(slopes, clip)
    overflow = _overflow(done)
    return Flow(
        design=design,
        loss=done.loss,
        layers=_layers(done, slopes, clipping),
        last_signal_gradient=norm_of(slopes.signals[-1]),
        products=() if overflow is not None else tuple(_products(network, done)),
        clipping=clipping,
        overflow=overflow,
    )


def norm_of(values: Floats) -> float:
    """The root of the sum of squares, without overflow or underflow on the way."""
    most = float(np.abs(values).max())
    if not most or not isfinite(most):
        return most
    return most * float(np.sqrt(np.square(values / most).sum()))


def deviation_of(values: Floats) -> float:
    """The standard deviation, without overflow or underflow on the way."""
    most = float(np.abs(values).max())
    if not most or not isfinite(most):
        return most
    return most * float((values / most).std())


def _overflow(done: Pass) -> int | None:
    for number, signal in enumerate(done.signals[1:], start=1):
        if not np.isfinite(signal).all():
            return number
    return None


def _clipping(slopes: Gradients, limit: float) -> Clipping:
    norms = np.array([norm_of(item) for item in (*slopes.weights, *slopes.biases)])
    norm = norm_of(norms)
    factor = limit / norm if norm > limit else 1.0
    return Clipping(limit=limit, norm=norm, factor=factor)


def _layers(done: Pass, slopes: Gradients, clipping: Clipping | None) -> tuple[LayerFlow, ...]:
    deviations = [deviation_of(signal) for signal in done.signals[1:]]
    norms = [norm_of(item) for item in slopes.weights]
    return tuple(
        LayerFlow(
            number=place + 1,
            signal_gradient=norm_of(slopes.signals[place]),
            weight_gradient=norms[place],
            deviation=deviations[place],
            clipped=None if clipping is None else norms[place] * clipping.factor,
        )
        for place in range(len(norms))
    )


def _products(network: Network, done: Pass) -> list[Product]:
    """Products of the Jacobians, from the last layer down to the first; of many every so manieth."""
    depth = len(network.layers)
    step = -(-depth // _MOST_PRODUCTS)
    product, found = np.eye(network.design.width), []
    with np.errstate(all="ignore"):
        for place in reversed(range(depth)):
            product = product @ network.jacobian(done, place)
            if place % step == 0 or place == depth - 1:
                found.append(_product(product, place + 1))
    return [item for item in found[::-1] if item is not None]


def _product(matrix: Floats, first_layer: int) -> Product | None:
    """The singular values; None where a number has overflowed."""
    most = float(np.abs(matrix).max())
    if not isfinite(most * len(matrix)):
        return None
    values = np.linalg.svd(matrix / most, compute_uv=False) * most if most else matrix[0]
    seen = int(np.count_nonzero(values > _LOST * values[0]))
    return Product(
        first_layer=first_layer,
        largest=float(values[0]),
        median=float(np.median(values)) if 2 * seen > len(values) + 1 else None,
        smallest=float(values[-1]) if seen == len(values) else None,
        seen=seen,
    )
