"""A deep dense network with its forward and backward pass, and the Jacobian of each layer.

Layer l: z = N(h W + b), h' = φ(z), plus h with a residual connection. N is layer normalisation
without scale and shift (Ba, Kiros, Hinton 2016) or nothing. At the end a dense layer of ten
classes, softmax, and the cross-entropy, averaged over the batch. Rows are samples.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from answers.errors import InputError, RefusedError
from answers.gradient_flow.activations import Activation, Floats
from answers.gradient_flow.initialisation import Initialisation

CLASSES = 10
BATCH = 32
MOST_DEPTH = 200
MOST_WIDTH = 256
MOST_WORK = 200 * 128**2
LARGEST_SEED = 2**32 - 1
_EPSILON = 1e-5


@dataclass(frozen=True, kw_only=True)
class Design:
    """What the network is.

    depth: hidden layers, 1 to 200. width: units of each, 2 to 256. depth·width² is bounded, too.
    Raises: InputError `size-out-of-range`; RefusedError `network-too-large`.
    """

    depth: int
    width: int
    activation: Activation
    initialisation: Initialisation
    residual: bool = False
    norm: bool = False
    seed: int = 0

    def __post_init__(self) -> None:
        for name, value, least, most in (
            ("depth", self.depth, 1, MOST_DEPTH),
            ("width", self.width, 2, MOST_WIDTH),
            ("seed", self.seed, 0, LARGEST_SEED),
        ):
            if not least <= value <= most:
                raise InputError(
                    "size-out-of-range",
                    f"The {name} is {value:,}; it lies between {least} and {most:,}.",
                    hint=f"Give another --{name}.",
                    where=f"--{name}",
                )
        if self.depth * self.width**2 > MOST_WORK:
            raise RefusedError(
                "network-too-large",
                f"A depth of {self.depth} with a width of {self.width} is too much work: depth x "
                f"width² is at most {MOST_WORK:,}.",
                hint="Take a smaller --width or --depth: the effect shows in small networks, too.",
            )


@dataclass(frozen=True, eq=False)
class Layer:
    """Weights (n_in, n_out) and biases (n_out,)."""

    weights: Floats
    biases: Floats


@dataclass(frozen=True, eq=False)
class Pass:
    """What a forward pass leaves: h of each layer, from the input on; z and what N divided by."""

    signals: tuple[Floats, ...]
    sums: tuple[Floats, ...]
    deviations: tuple[Floats | None, ...]
    logits: Floats
    loss: float


@dataclass(frozen=True, eq=False)
class Gradients:
    """The slope of the loss by each layer's weights, its biases, and by each signal (batch, width)."""

    weights: tuple[Floats, ...]
    biases: tuple[Floats, ...]
    signals: tuple[Floats, ...]


@dataclass(frozen=True, eq=False)
class Network:
    """The layers of a design, and the batch they are tried on: inputs (n, width), labels (n,)."""

    design: Design
    layers: tuple[Layer, ...]
    head: Layer
    inputs: Floats
    labels: NDArray[np.intp]

    @classmethod
    def of(cls, design: Design) -> Network:
        """Draw weights, standard normal inputs, and labels at random, from the seed."""
        random = np.random.default_rng(design.seed)
        n = design.width
        layers = tuple(
            Layer(design.initialisation.draw(random, n, n), np.zeros(n))
            for _ in range(design.depth)
        )
        head = Layer(Initialisation("glorot").draw(random, n, CLASSES), np.zeros(CLASSES))
        inputs = random.normal(size=(BATCH, n))
        return cls(design, layers, head, inputs, random.integers(0, CLASSES, BATCH))

    def forward(self) -> Pass:
        """The pass of the batch. Numbers that overflow become infinite or NaN, without a warning."""
        signals, sums, deviations = [self.inputs], [], []
        with np.errstate(all="ignore"):
            for layer in self.layers:
                z, deviation = self._normed(signals[-1] @ layer.weights + layer.biases)
                h = self.design.activation.of(z)
                signals.append(signals[-1] + h if self.design.residual else h)
                sums.append(z)
                deviations.append(deviation)
            logits = signals[-1] @ self.head.weights + self.head.biases
            return Pass(tuple(signals), tuple(sums), tuple(deviations), logits, self._loss(logits))

    def backward(self, done: Pass) -> Gradients:
        """The gradients of the loss, layer by layer, from the end to the start."""
        weights, biases, signals = [], [], []
        with np.errstate(all="ignore"):
            back = self._slope(done.logits) @ self.head.weights.T
            signals.append(back)
            for place in reversed(range(len(self.layers))):
                inner = self._through(back, done, place)
                weights.append(done.signals[place].T @ inner)
                biases.append(inner.sum(axis=0))
                before = inner @ self.layers[place].weights.T
                back = back + before if self.design.residual else before
                signals.append(back)
        return Gradients(tuple(weights[::-1]), tuple(biases[::-1]), tuple(signals[::-1]))

    def jacobian(self, done: Pass, place: int, sample: int = 0) -> Floats:
        """The Jacobian d h_(l+1) / d h_l of one sample at layer `place`: row i is unit i's slope.

        diag(φ'(z)) N' Wᵀ, plus the identity with a residual connection.
        """
        z, deviation = done.sums[place][sample], done.deviations[place]
        inner = self.layers[place].weights.T
        with np.errstate(all="ignore"):
            if deviation is not None:
                inner = _norm_jacobian(z, float(deviation[sample, 0])) @ inner
            own = self.design.activation.slope(z)[:, np.newaxis] * inner
        return own + np.eye(len(z)) if self.design.residual else np.asarray(own)

    def _normed(self, a: Floats) -> tuple[Floats, Floats | None]:
        if not self.design.norm:
            return a, None
        centred = a - a.mean(axis=1, keepdims=True)
        deviation = np.sqrt((centred**2).mean(axis=1, keepdims=True) + _EPSILON)
        return centred / deviation, deviation

    def _through(self, back: Floats, done: Pass, place: int) -> Floats:
        """From the slope by h' to the slope by h W + b: through φ and N."""
        z, deviation = done.sums[place], done.deviations[place]
        slope = back * self.design.activation.slope(z)
        if deviation is None:
            return np.asarray(slope)
        mean = slope.mean(axis=1, keepdims=True)
        along = (slope * z).mean(axis=1, keepdims=True)
        return np.asarray((slope - mean - z * along) / deviation)

    def _loss(self, logits: Floats) -> float:
        shifted = logits - logits.max(axis=1, keepdims=True)
        log_sum = np.log(np.exp(shifted).sum(axis=1))
        return float((log_sum - shifted[np.arange(len(logits)), self.labels]).mean())

    def _slope(self, logits: Floats) -> Floats:
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        chances = powers / powers.sum(axis=1, keepdims=True)
        chances[np.arange(len(logits)), self.labels] -= 1
        return np.asarray(chances / len(logits))


def _norm_jacobian(z: Floats, deviation: float) -> Floats:
    """(1 − 1/n − z zᵀ/n)/σ: exact with the epsilon in σ, too."""
    n = len(z)
    return np.asarray((np.eye(n) - 1 / n - np.outer(z, z) / n) / deviation)
