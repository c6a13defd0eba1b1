"""What a network itself does to the pictures first, and which feed that asks for."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from answers.data.input_contract import Scale, ScaleKind
from answers.layers.arithmetic import Arithmetic, GetItem
from answers.layers.base import Layer
from answers.layers.core import Flatten, Identity, InputLayer, Permute, Reshape, TrainingOnly
from answers.layers.preprocessing import Normalization, Rescaling
from answers.layers.resampling import CenterCrop, Cropping2D, Resizing, ZeroPadding2D
from answers.network.graph import Call, Network, Tensor
from checkers.model_file.record import Finding

# What moves, leaves out or adds places, or acts in training only: the numbers stay on their scale.
_KEEP_THE_SCALE = (
    TrainingOnly,
    Identity,
    Flatten,
    Reshape,
    Permute,
    GetItem,
    Resizing,
    CenterCrop,
    Cropping2D,
    ZeroPadding2D,
)
_MOST_SHOWN = 4
_LEAST_SPREAD = 1e-7  # Keras divides by it where the variance is less


@dataclass(frozen=True)
class Preprocessing:
    """What a network itself does to the numbers of a picture, before anything else.

    kind: the feed that it asks for, None where it doesn't say. words: what stands there.
    """

    kind: ScaleKind | None
    words: str


@dataclass(frozen=True)
class _Line:
    """x·scale + offset, with one number each, or one a channel."""

    scale: NDArray[np.float64]
    offset: NDArray[np.float64]

    @classmethod
    def of(cls, scale: Any, offset: Any) -> _Line:
        return cls(np.asarray(scale, np.float64), np.asarray(offset, np.float64))

    def then(self, other: _Line) -> _Line:
        """First this one, then the other."""
        return _Line(self.scale * other.scale, self.offset * other.scale + other.offset)

    @property
    def kind(self) -> ScaleKind | None:
        """The feed that the numbers of every channel ask for; None where they don't agree."""
        pairs = zip(*np.broadcast_arrays(np.ravel(self.scale), np.ravel(self.offset)), strict=True)
        kinds = {_kind(float(scale), float(offset)) for scale, offset in pairs}
        return kinds.pop() if len(kinds) == 1 else None

    @property
    def words(self) -> str:
        return f"Rescaling({_text(self.scale)}, {_text(self.offset)})"


def _kind(scale: float, offset: float) -> ScaleKind | None:
    """'raw' where 0–255 becomes a range of about 1, 'unit' where 0–1 does, 'symmetric' for −1 to 1.

    A value that becomes 0 lies among those that are fed, however they are stretched then.
    """
    if not scale or (scale, offset) == (1, 0):
        return None
    stretched, zero = abs(scale), -offset / scale
    if zero < -0.5:
        return "symmetric" if abs(zero + 1) < 0.01 else None
    if 2 < zero <= 255 or 1 / 300 <= stretched <= 1 / 50:
        return "raw"
    return "unit" if 0.5 <= stretched <= 10 or 200 <= stretched <= 300 else None


def _text(numbers: NDArray[np.float64]) -> str:
    found = [f"{number + 0.0:.6g}" for number in np.ravel(numbers)[:_MOST_SHOWN]]  # -0 is 0
    if numbers.size > _MOST_SHOWN:
        return f"({', '.join(found)}, …)"
    return found[0] if len(set(found)) == 1 else f"({', '.join(found)})"


def preprocessing(network: Network) -> Preprocessing | None:
    """The scaling at the front of a network, else its Input of whole numbers; None without."""
    with np.errstate(all="ignore"):
        try:
            scaling = list(_scaling(network))
            if scaling:
                whole = reduce(_Line.then, (line for _, line in scaling))
                alone = len(scaling) == 1 and isinstance(scaling[0][0], Rescaling)
                return Preprocessing(
                    whole.kind, ("" if alone else "what amounts to ") + whole.words
                )
        except ValueError:  # as many numbers as no picture has channels: it will not run
            return None
    first = next(node.layer for node in network.nodes if node.name == network.inputs[0].node)
    if isinstance(first, InputLayer) and "int" in first.cast:
        return Preprocessing("raw", f"an Input of {first.cast}")
    return None


def _scaling(network: Network) -> Iterator[tuple[Layer, _Line]]:
    """The layers that scale, in front of the first one that does something else."""
    for layer in _first_layers(network):
        line = _line(layer)
        if line is not None:
            yield layer, line
        elif not isinstance(layer, _KEEP_THE_SCALE):
            return


def _first_layers(network: Network) -> Generator[Layer, None, Tensor]:
    """What a picture goes through, one after another, until it goes two ways; returns the place."""
    tensor = network.inputs[0]
    while (call := _only_user(network, tensor)) is not None:
        layer = call.node.layer
        if isinstance(layer, Network):
            last = yield from _first_layers(layer)
            if layer.outputs != (last,):
                return tensor
        else:
            yield layer
        tensor = Tensor(*call.key)
    return tensor


def _line(layer: Layer) -> _Line | None:
    """A layer that scales, or arithmetic with numbers that does: x / 127.5, x - 1, 1 - x."""
    if isinstance(layer, Rescaling):
        return _Line.of(layer.scale, layer.offset)
    if isinstance(layer, Normalization):
        return _of_normalization(layer)
    if isinstance(layer, Arithmetic) and layer.number is not None and not layer.sizes:
        return _of_arithmetic(layer, np.asarray(layer.number, np.float64))
    return None


def _of_normalization(layer: Normalization) -> _Line | None:
    """By the numbers that stand in the file; those that are measured lie among the weights."""
    if layer.mean is None or layer.variance is None:
        return None
    mean, variance = np.asarray(layer.mean), np.asarray(layer.variance)
    spread = np.maximum(np.sqrt(variance), _LEAST_SPREAD)
    return _Line(spread, mean) if layer.invert else _Line(1 / spread, -mean / spread)


def _of_arithmetic(layer: Arithmetic, number: NDArray[np.float64]) -> _Line | None:
    match layer.operation:
        case "add":
            return _Line.of(1, number)
        case "subtract":
            return _Line.of(-1, number) if layer.number_first else _Line.of(1, -number)
        case "multiply":
            return _Line.of(number, 0)
        case "divide" if not layer.number_first and number.all():
            return _Line.of(1 / number, 0)
    return None


def _only_user(network: Network, tensor: Tensor) -> Call | None:
    if tensor in network.outputs:
        return None
    users = [call for call in network.order if tensor in call.inputs]
    return users[0] if len(users) == 1 else None


@dataclass(frozen=True)
class Feed:
    """The scale to feed, why, and what is worth saying about it."""

    scale: Scale
    reason: str
    findings: tuple[Finding, ...] = ()


def check_feed(word: str) -> None:
    """Refuse a word that names no scale. Raises: InputError scale-unknown."""
    if word not in ("assignment", "auto"):
        Scale.parse(word)


def settle_feed(word: str, assigned: Scale, network: Network) -> Feed:
    """The scale for a model.

    word: 'assignment', 'auto' (what the model's own preprocessing asks for), or a scale's word.
    Raises: InputError scale-unknown.
    """
    inside = preprocessing(network)
    if word == "auto":
        return _automatic(assigned, inside)
    if word != "assignment":
        return Feed(Scale.parse(word), "asked for with --feed")
    if inside is None or inside.kind in (None, assigned.kind):
        return Feed(assigned, "the assignment says so")
    contradiction = Finding(
        "rescaling-inside",
        f"The model itself begins with {inside.words}, which asks for '{inside.kind}' pictures; "
        f"the assignment feeds '{assigned.kind}', and the assignment wins. See --feed auto.",
    )
    return Feed(assigned, "the assignment says so", (contradiction,))


def _automatic(assigned: Scale, inside: Preprocessing | None) -> Feed:
    if inside is not None and inside.kind is not None:
        return Feed(Scale(inside.kind), f"the model itself begins with {inside.words}")
    return Feed(assigned, "nothing that the file says of the model's front asks for another")
