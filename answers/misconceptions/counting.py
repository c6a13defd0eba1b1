"""Slips of counting: what one layer is wrongly said to have, with everything around it right.

A rule gets a run of a layer and how its numbers are counted (weights, or multiply-accumulates), and
answers a wrong count, or None where the slip can't happen. Many slips are one letter of the layer's
own formula read wrongly, so they hold for both.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import fields, replace
from math import prod
from typing import Any

from answers.expressions.expression import evaluate
from answers.expressions.size import Size, largest_of, quotient_of
from answers.layers.base import Layer, Weight, known
from answers.misconceptions.use import OUTPUT_LETTERS, Use, along

Letters = Mapping[str, Size | None]
Counter = Callable[[Use, Letters], Size]  # how many numbers, with some letters read otherwise
CountRule = Callable[[Use, Counter], Size | None]
RIGHTLY: Letters = {}

_K, _N = ({letter, *(f"{letter}_{axis}" for axis in "dhw")} for letter in "kn")


def family(layer: Layer) -> str:
    """Keras's class name without its rank: Conv, DepthwiseConv, ConvTranspose, Dense …"""
    kind = layer.kind
    for rank in ("1D", "2D", "3D"):
        kind = kind.replace(rank, "")
    return kind


def inner_family(layer: Layer) -> str:
    """The family of what a Bidirectional or a TimeDistributed holds; else the layer's own."""
    inside: Layer | None = getattr(layer, "layer", None)
    return family(layer) if inside is None else inner_family(inside)


def parameters_of(use: Use, changed: Letters = RIGHTLY) -> Size:
    """The weights of a run's layer, by its formulas."""
    letters = {**use.letters, **changed}
    return sum(_count(weight, letters) for weight in use.weights)


def macs_of(use: Use, changed: Letters = RIGHTLY) -> Size:
    """The multiply-accumulates of a run, by its formula."""
    rule = use.layer.mac_rule(*use.inputs) if use.before else None
    if rule is not None:
        return evaluate(rule, {**use.letters, **changed})
    return use.layer.macs(*use.inputs) if use.before else 0


def _count(weight: Weight, letters: dict[str, Size | None]) -> Size:
    return weight.size if weight.count is None else evaluate(weight.count, letters)


def _bias(use: Use) -> Size | None:
    sizes = [w.size for w in use.weights if w.name.rpartition("/")[2] == "bias"]
    return sum(sizes) if sizes else None


def _read(name: str, value: Callable[[Use], Size | None]) -> CountRule:
    """A slip that reads one letter as something else."""

    def rule(use: Use, count: Counter) -> Size | None:
        if name not in use.letters or not hasattr(use.layer, "kernel_size"):
            return None
        other = value(use)
        return None if other is None else count(use, {name: other})

    return rule


def _places(letter: Collection[str], use: Use) -> list[str]:
    return [name for name in use.letters if name in letter]


def bias_forgotten(use: Use, count: Counter) -> Size | None:
    """Kernels only."""
    bias = _bias(use)
    return None if bias is None else count(use, RIGHTLY) - bias


def _bias_in(use: Use, count: Counter) -> Size:
    """The biases among what is counted: no multiplication is one."""
    return (_bias(use) or 0) if count is parameters_of else 0


def _other_bias(value: Callable[[Use, Size], Size | None]) -> CountRule:
    """A slip about how many biases there are."""

    def rule(use: Use, count: Counter) -> Size | None:
        bias = _bias(use) if family(use.layer) in _FILTERED else None
        other = None if bias is None else value(use, bias)
        return None if bias is None or other is None else count(use, RIGHTLY) - bias + other

    return rule


_FILTERED = {
    "Conv",
    "ConvTranspose",
    "SeparableConv",
    "DepthwiseConv",
    "LocallyConnected",
    "Dense",
}


def _channels(use: Use) -> Size:
    return known(use.inputs[0][-1], "The number of channels")


def _filters(use: Use) -> Size:
    """Before glu, which halves the channels that come out."""
    own: Size | None = getattr(use.layer, "filters", None) or getattr(use.layer, "units", None)
    if own is not None:
        return own
    return _channels(use) * getattr(use.layer, "depth_multiplier", 1)


def _bias_per_channel(use: Use, bias: Size) -> Size | None:
    return quotient_of(bias, _filters(use)) * _channels(use)


def _bias_per_slice(use: Use, bias: Size) -> Size | None:
    return None if family(use.layer) == "DepthwiseConv" else bias * _channels(use)


def _bias_of_positions(use: Use, bias: Size) -> Size | None:
    plain = family(use.layer) in ("Conv", "ConvTranspose")
    return bias * prod(known(size, "A size") for size in use.output[:-1]) if plain else None


def _shared_bias(use: Use, _bias: Size) -> Size | None:
    return _filters(use) if family(use.layer) == "LocallyConnected" else None


def bias_added(use: Use, count: Counter) -> Size | None:
    """An addition for each number that comes out, counted like a multiplication."""
    if _bias(use) is None or family(use.layer) not in _FILTERED:
        return None
    positions = prod(known(size, "A size") for size in use.output[:-1])
    return count(use, RIGHTLY) + positions * _filters(use)


def kernel_not_squared(use: Use, count: Counter) -> Size | None:
    """One side of the kernel only."""
    places = _places(_K, use)
    if len(places) < 2 or not hasattr(use.layer, "kernel_size"):
        return None
    letters = use.letters
    side = largest_of(*(known(letters[place], place) for place in places))
    return count(use, dict.fromkeys(places, 1) | {places[0]: side})


def kernel_doubled(use: Use, count: Counter) -> Size | None:
    """The two sides of the kernel added up."""
    places = _places(_K, use)
    if len(places) < 2 or not hasattr(use.layer, "kernel_size"):
        return None
    side = sum(known(use.letters[place], place) for place in places)
    return count(use, dict.fromkeys(places, 1) | {places[0]: side})


def _one_channel(use: Use) -> Size | None:
    groups: Size = getattr(use.layer, "groups", 1)
    return groups


def _no_groups(use: Use) -> Size | None:
    return 1 if _one_channel(use) != 1 else None


def groups_twice(use: Use, count: Counter) -> Size | None:
    """Input channels and filters both divided by the groups."""
    groups = _one_channel(use) if family(use.layer) in ("Conv", "ConvTranspose") else None
    if groups is None or groups == 1:
        return None
    bias = _bias_in(use, count)
    return quotient_of(count(use, RIGHTLY) - bias, groups) + bias


def _picture_channels(use: Use) -> Size | None:
    """The channels of the picture at the start instead of the layer's own input."""
    start = use
    while start.before:
        start = start.before[0]
    return start.output[-1] if start is not use and start.output else None


def depthwise_as_full(use: Use, count: Counter) -> Size | None:
    """Every kernel over all channels."""
    if family(use.layer) != "DepthwiseConv":
        return None
    bias = _bias_in(use, count)
    return (count(use, RIGHTLY) - bias) * _channels(use) + bias


def full_as_depthwise(use: Use, count: Counter) -> Size | None:
    """One kernel a channel."""
    if family(use.layer) != "Conv":
        return None
    return count(use, {"groups": 1, "filters": _channels(use), "c_in": 1})


def separable_as_full(use: Use, count: Counter) -> Size | None:
    """The kernel of a plain convolution."""
    return _as_plain(use, count) if family(use.layer) == "SeparableConv" else None


def _as_plain(use: Use, count: Counter) -> Size | None:
    plain = _relative(use.layer, "Conv")
    return None if plain is None else count(replace(use, layer=plain), RIGHTLY)


def _relative(layer: Layer, kind: str) -> Layer | None:
    """The plain layer with the same settings."""
    from answers.layers import convolution

    rank = len(getattr(layer, "kernel_size", ()))
    record: type[Layer] | None = getattr(convolution, f"{kind}{rank}D", None)
    if record is None:
        return None
    shared = {field.name for field in fields(record)} & {field.name for field in fields(layer)}
    settings: dict[str, Any] = {name: getattr(layer, name) for name in shared}
    return record(**settings)


def separable_two_biases(use: Use, count: Counter) -> Size | None:
    """A bias after the depthwise half too."""
    if family(use.layer) != "SeparableConv" or _bias(use) is None:
        return None
    multiplier: Size = getattr(use.layer, "depth_multiplier", 1)
    return count(use, RIGHTLY) + _channels(use) * multiplier


def pointwise_forgotten(use: Use, count: Counter) -> Size | None:
    """The depthwise half of a separable convolution only, and the bias."""
    if family(use.layer) != "SeparableConv":
        return None
    return count(use, {"filters": 0}) + _bias_in(use, count)


def separable_swapped(use: Use, count: Counter) -> Size | None:
    """Input channels and filters of a separable convolution exchanged."""
    if family(use.layer) != "SeparableConv":
        return None
    letters = use.letters
    return count(use, {"c_in": letters["filters"], "filters": letters["c_in"]})


def local_as_shared(use: Use, count: Counter) -> Size | None:
    """A locally connected layer's weights, shared over the positions."""
    if family(use.layer) != "LocallyConnected":
        return None
    return count(use, dict.fromkeys(_places(OUTPUT_LETTERS, use), 1))


def shared_as_local(use: Use, count: Counter) -> Size | None:
    """A convolution's weights, anew at every position of the output."""
    if family(use.layer) != "Conv":
        return None
    return count(use, RIGHTLY) * prod(known(size, "A size") for size in use.output[:-1])


def one_position(use: Use, count: Counter) -> Size | None:
    """The multiplications of a single position."""
    return (
        count(use, dict.fromkeys(_places(OUTPUT_LETTERS | _N, use), 1))
        if _places(OUTPUT_LETTERS, use)
        else None
    )


def positions_of_input(use: Use, count: Counter) -> Size | None:
    """The output's positions taken for as many as the input's."""
    places = _places(OUTPUT_LETTERS, use)
    return count(use, along(places, use.inputs[0])) if places else None


def positions_of_layer_before(use: Use, count: Counter) -> Size | None:
    """The same mistake where there is a layer before."""
    second = any(earlier.before for earlier in use.before)
    return positions_of_input(use, count) if second else None


def transposed_output_positions(use: Use, count: Counter) -> Size | None:
    """A transposed convolution multiplies at each position of its input, not of its output."""
    if family(use.layer) != "ConvTranspose":
        return None
    return count(use, along(_places(_N, use), use.output))


def moving_statistics_forgotten(use: Use, count: Counter) -> Size | None:
    """2 a channel for 4: gamma and beta only."""
    if use.layer.kind != "BatchNormalization":
        return None
    return count(use, RIGHTLY) - sum(w.size for w in use.weights if not w.trainable)


def normalised_per_position(use: Use, count: Counter) -> Size | None:
    """A set of weights for each position."""
    if not use.layer.kind.endswith("Normalization") or not _by_channel(use):
        return None
    return count(use, RIGHTLY) * prod(known(size, "A size") for size in use.output[:-1])


def normalised_once(use: Use, _count: Counter) -> Size | None:
    """One set of 4 weights for the layer."""
    whole = use.layer.kind == "BatchNormalization" and len(use.weights) == 4
    return 4 if whole and _by_channel(use) else None


def _by_channel(use: Use) -> bool:
    """Whether a normalisation has weights for each channel, and for nothing else."""
    axis = getattr(use.layer, "axis", None)
    return axis in (-1, (-1,), len(use.inputs[0]), (len(use.inputs[0]),))


_GATES = {"LSTM": 4, "GRU": 3}


def one_gate(use: Use, count: Counter) -> Size | None:
    """A recurrent layer with gates counted like one without."""
    gates = _GATES.get(use.layer.kind)
    if gates is None:
        return None
    bias = 0
    if use.layer.kind == "GRU" and getattr(use.layer, "reset_after", False):
        bias = quotient_of(_bias(use) or 0, 2)
    return quotient_of(count(use, RIGHTLY) - bias, gates)


def reset_bias_forgotten(use: Use, count: Counter) -> Size | None:
    """A GRU's second bias, which reset_after brings."""
    if use.layer.kind != "GRU" or not getattr(use.layer, "reset_after", False):
        return None
    return count(use, RIGHTLY) - quotient_of(_bias(use) or 0, 2)


def reset_bias_added(use: Use, count: Counter) -> Size | None:
    """A second bias where there is one only."""
    two = use.layer.kind == "GRU" and getattr(use.layer, "reset_after", False)
    if use.layer.kind not in ("GRU", "LSTM", "SimpleRNN") or two or _bias(use) is None:
        return None
    return count(use, RIGHTLY) + (_bias(use) or 0)


def recurrent_kernel_forgotten(use: Use, count: Counter) -> Size | None:
    """The weights from the state before."""
    held = [w.size for w in use.weights if w.name.endswith("recurrent_kernel")]
    return count(use, RIGHTLY) - sum(held) if held else None


def one_direction(use: Use, count: Counter) -> Size | None:
    """A bidirectional layer reads in two directions, each with its own weights."""
    if use.layer.kind != "Bidirectional":
        return None
    return quotient_of(count(use, RIGHTLY), 2)


def every_step_anew(use: Use, count: Counter) -> Size | None:
    """Weights for each time step, or each word of a text."""
    if use.layer.kind not in ("Embedding", "GRU", "LSTM", "SimpleRNN", "Bidirectional"):
        return None
    steps = use.inputs[0][0]
    return None if steps is None else count(use, RIGHTLY) * steps


def layer_forgotten(use: Use, count: Counter) -> Size | None:
    """The layer left out."""
    return 0 if count(use, RIGHTLY) != 0 else None


def layer_twice(use: Use, count: Counter) -> Size | None:
    """The layer counted twice."""
    return 2 * count(use, RIGHTLY)


COUNTS: dict[str, CountRule] = {
    "bias-forgotten": bias_forgotten,
    "bias-per-input-channel": _other_bias(_bias_per_channel),
    "bias-once": _other_bias(lambda _use, _bias: 1),
    "bias-per-slice": _other_bias(_bias_per_slice),
    "bias-per-position": _other_bias(_bias_of_positions),
    "bias-shared-over-positions": _other_bias(_shared_bias),
    "bias-added": bias_added,
    "kernel-not-squared": kernel_not_squared,
    "kernel-sides-added": kernel_doubled,
    "input-channels-ignored": _read("c_in", _one_channel),
    "picture-channels": _read("c_in", _picture_channels),
    "filters-ignored": _read("filters", lambda _use: 1),
    "groups-ignored": _read("groups", _no_groups),
    "groups-twice": groups_twice,
    "depthwise-as-full": depthwise_as_full,
    "full-as-depthwise": full_as_depthwise,
    "separable-as-full": separable_as_full,
    "separable-two-biases": separable_two_biases,
    "pointwise-forgotten": pointwise_forgotten,
    "channels-swapped": separable_swapped,
    "local-as-shared": local_as_shared,
    "shared-as-local": shared_as_local,
    "positions-forgotten": one_position,
    "positions-of-input": positions_of_input,
    "positions-of-layer-before": positions_of_layer_before,
    "transposed-output-positions": transposed_output_positions,
    "moving-statistics-forgotten": moving_statistics_forgotten,
    "normalised-per-position": normalised_per_position,
    "normalised-once": normalised_once,
    "gates-forgotten": one_gate,
    "reset-bias-forgotten": reset_bias_forgotten,
    "two-recurrent-biases": reset_bias_added,
    "recurrent-kernel-forgotten": recurrent_kernel_forgotten,
    "one-direction": one_direction,
    "every-step-anew": every_step_anew,
    "layer-forgotten": layer_forgotten,
    "layer-twice": layer_twice,
}
