"""What a network itself does to the pictures first, and which feed that asks for."""

from __future__ import annotations

from dataclasses import dataclass

from answers.data.input_contract import Scale, ScaleKind
from answers.layers.arithmetic import Arithmetic
from answers.layers.base import Layer
from answers.layers.preprocessing import RandomLayer, Rescaling
from answers.layers.resampling import Resizing
from answers.network.graph import Call, Network, Tensor
from checkers.model_file.record import Finding


@dataclass(frozen=True)
class Preprocessing:
    """x·scale + offset, as the network computes it before its first other layer.

    kind: the feed that such constants ask for, None where they don't say.
    """

    scale: float
    offset: float

    @property
    def kind(self) -> ScaleKind | None:
        """'raw' where 0–255 becomes a range of about 1, 'unit' where 0–1 does."""
        if self.scale <= 0:
            return None
        if 1 / 300 <= self.scale <= 1 / 50:
            return "raw"
        return "unit" if 0.5 <= self.scale <= 10 else None

    @property
    def words(self) -> str:
        """The layer in words."""
        return f"Rescaling({self.scale:.6g}, {self.offset:.6g})"


def preprocessing(network: Network) -> Preprocessing | None:
    """The rescaling at the front of a network; None where there is none, or one a channel."""
    scale, offset, found = 1.0, 0.0, False
    for layer in _front(network, network.inputs[0]):
        if isinstance(layer.scale, tuple) or isinstance(layer.offset, tuple):
            return None
        scale, offset = scale * layer.scale, offset * layer.scale + layer.offset
        found = True
    return Preprocessing(scale, offset) if found else None


def _front(network: Network, tensor: Tensor) -> list[Rescaling]:
    """The rescalings between an input and the first layer that is none."""
    found: list[Rescaling] = []
    while (call := _only_user(network, tensor)) is not None:
        layer = call.node.layer
        rescaling = _rescaling(layer)
        if rescaling is not None:
            found.append(rescaling)
        elif isinstance(layer, Network):
            return found + _front(layer, layer.inputs[0])
        elif not isinstance(layer, RandomLayer | Resizing):
            break
        tensor = Tensor(*call.key)
    return found


def _rescaling(layer: Layer | Network) -> Rescaling | None:
    """A rescaling, or arithmetic with a number that is one: x / 127.5, x - 1, 1 - x."""
    if isinstance(layer, Rescaling):
        return layer
    if not isinstance(layer, Arithmetic) or not isinstance(layer.number, float):
        return None
    number, operation = layer.number, layer.operation
    if operation == "divide" and (layer.number_first or not number):
        return None
    sign = -1.0 if layer.number_first else 1.0
    terms = {
        "add": (1.0, number),
        "subtract": (sign, -sign * number),
        "multiply": (number, 0.0),
        "divide": (1.0 / (number or 1.0), 0.0),
    }
    found = terms.get(operation)
    return None if found is None else Rescaling(scale=found[0], offset=found[1])


def _only_user(network: Network, tensor: Tensor) -> Call | None:
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
    return Feed(assigned, "the model holds no preprocessing that says otherwise")
