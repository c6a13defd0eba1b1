"""What the layer algebra knows of a network, or of one layer of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from answers.errors import InputError
from answers.network.graph import Network, Tensor
from answers.network.summary import Row, summary
from answers.notation.reading import parse
from answers.record import record
from answers.textbook.requests import NetworkText, OfNetwork
from answers.worked.value import Derive, Figure, underived

if TYPE_CHECKING:
    from answers.derivation.derivation import Derivation
    from answers.receptive_field.field import AxisField
    from answers.receptive_field.walk import Fields

_FILE_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")


@record()
class Taken:
    """A figure, what it counts, and what says how it comes about."""

    figure: Figure
    unit: str = ""
    derive: Derive = underived


def read(text: NetworkText, folder: Path) -> Network:
    """The network of a request; folder: where the long ones lie.

    Raises: InputError `network-missing`, and of the notation.
    """
    if not text.file:
        return _parsed(text.notation)
    path = folder / f"{text.file}.txt"
    if not _FILE_NAME.fullmatch(text.file) or not path.is_file():
        known = sorted(item.stem for item in folder.glob("*.txt"))
        raise InputError(
            "network-missing",
            f"There is no network {text.file!r:.40} in networks.",
            hint=f"There is {', '.join(known) or 'none'}.",
        )
    return _parsed(path.read_text(encoding="utf-8"))


@lru_cache(maxsize=64)
def _parsed(notation: str) -> Network:
    """A text asks for many figures of the same network."""
    return parse(notation)


def take(request: OfNetwork, folder: Path) -> Taken:
    """What a request asks of its network.

    Raises: InputError `unknown-layer`, `take-of-a-layer`, `not-known`, and of the layer algebra.
    """
    network = read(request.network, folder)
    if request.at:
        from answers.network.symbols import substituted

        network = substituted(network, dict(request.at))
    if request.take in ("field", "jump"):
        return _OF_FIELDS[request.take](network, request.layer)
    if not request.layer:
        return _OF_NETWORKS[request.take](network)
    row = _row(network, request.layer)
    rule = _OF_LAYERS.get(request.take)
    if rule is None:
        raise InputError(
            "take-of-a-layer", f"{request.take} is taken of a whole network, not of one layer."
        )
    return rule(row)


def _row(network: Network, layer: str) -> Row:
    rows = {"/".join(row.path): row for row in summary(network).rows}
    if layer not in rows:
        raise _unknown(layer, list(rows))
    return rows[layer]


def _unknown(layer: str, known: list[str]) -> InputError:
    near = get_close_matches(layer, known, 1)
    return InputError(
        "unknown-layer",
        f"The network has no layer {layer!r:.60}.",
        hint=f"Did you mean {near[0]!r}?" if near else f"Its layers are {', '.join(known[:12])}.",
    )


def _known(value: Any, what: str) -> Any:
    if value is None:
        raise InputError("not-known", f"{what} can't be known: a size is open, or a rule missing.")
    return value


def _of(derivation: Derivation) -> Taken:
    if derivation.at_least:
        raise InputError("not-known", "The value is only a lower bound: a layer has no rule.")
    figure = _known(derivation.value, "The value")
    return Taken(figure, derivation.unit, lambda: (derivation,))


# -- a whole network ---------------------------------------------------------------------------


def _parameters(network: Network) -> Taken:
    from answers.derivation import parameters

    return _of(parameters.of_network(network))


def _trainable(network: Network) -> Taken:
    return Taken(summary(network).trainable.value)


def _macs(network: Network) -> Taken:
    from answers.derivation import macs

    return _of(macs.of_network(network))


def _flops(network: Network) -> Taken:
    from answers.derivation import macs

    return _of(macs.flops(macs.of_network(network)))


def _memory(network: Network) -> Taken:
    from answers.derivation import memory

    return _of(memory.weights(network))


def _activations(network: Network) -> Taken:
    from answers.derivation import memory

    return _of(memory.activations(network))


def _live(network: Network) -> Taken:
    from answers.derivation import memory

    return _of(memory.live(network))


def _output(network: Network) -> Taken:
    from answers.derivation import shapes

    (output, *_) = summary(network).outputs
    return Taken(_known(output, "The shape"), derive=lambda: (shapes.of_network(network),))


# -- one layer ---------------------------------------------------------------------------------


def _inputs(row: Row) -> tuple[Any, ...]:
    return tuple(_known(shape, "The layer's input") for shape in row.inputs)


def _layer_parameters(row: Row) -> Taken:
    from answers.derivation import parameters

    return _of(parameters.of_layer(row.layer, *_inputs(row)))


def _layer_trainable(row: Row) -> Taken:
    return Taken(_known(row.trainable, "The number"))


def _layer_macs(row: Row) -> Taken:
    from answers.derivation import macs

    return _of(macs.of_layer(row.layer, *_inputs(row)))


def _layer_flops(row: Row) -> Taken:
    from answers.derivation import macs

    return _of(macs.flops(macs.of_layer(row.layer, *_inputs(row))))


def _layer_output(row: Row) -> Taken:
    from answers.derivation import shapes

    inputs = _inputs(row)
    figure = _known(row.output, "The shape")
    return Taken(figure, derive=lambda: (shapes.of_layer(row.layer, *inputs),))


# -- receptive fields --------------------------------------------------------------------------


def _field(network: Network, layer: str) -> Taken:
    axes = _axes(network, layer)
    return Taken(_alike(list(map(_side, axes))), "positions", lambda: _growth(network, layer))


def _axes(network: Network, layer: str) -> tuple[AxisField, ...]:
    """What the units of a layer see; of the first output where none is named."""
    if layer and layer not in network.by_name:
        raise _unknown(layer, list(network.by_name))
    found = _walked(_Same(network)).of(Tensor(layer) if layer else network.outputs[0])
    return found.checked().axes if found else ()


class _Same:
    """A network that is equal to itself alone: comparing two takes longer than looking one up."""

    def __init__(self, network: Network) -> None:
        self.network = network

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.network is other.network

    def __hash__(self) -> int:
        return id(self.network)


@lru_cache(maxsize=8)
def _walked(same: _Same) -> Fields:
    """One walk says what every layer sees: a text asks for them one by one."""
    from answers.receptive_field.walk import fields

    return fields(same.network)


def _growth(network: Network, layer: str) -> tuple[Derivation, ...]:
    from answers.derivation import field

    if layer:
        network = replace(network, outputs=(Tensor(layer),), output_names=(layer,))
    return field.of_network(network)


def _side(axis: AxisField) -> Any:
    """What a unit sees along an axis, from the first position to the last."""
    seen = axis.shared
    return seen.last - seen.first + 1 if seen else _known(axis.size, "The field")


def _jump(network: Network, layer: str) -> Taken:
    axes = _axes(network, layer)
    return Taken(_alike([_known(axis.jump_value, "The jump") for axis in axes]))


def _alike(values: list[Any]) -> Figure:
    """One number where all axes have the same; else one for each."""
    if not values:
        raise InputError("not-known", "The input has no places, only channels.")
    found: Figure = values[0] if all(item == values[0] for item in values) else tuple(values)
    return found


_OF_NETWORKS: dict[str, Callable[[Network], Taken]] = {
    "parameters": _parameters,
    "trainable": _trainable,
    "macs": _macs,
    "flops": _flops,
    "memory": _memory,
    "activations": _activations,
    "live": _live,
    "output": _output,
}
_OF_LAYERS: dict[str, Callable[[Row], Taken]] = {
    "parameters": _layer_parameters,
    "trainable": _layer_trainable,
    "macs": _layer_macs,
    "flops": _layer_flops,
    "output": _layer_output,
}
_OF_FIELDS: dict[str, Callable[[Network, str], Taken]] = {"field": _field, "jump": _jump}
