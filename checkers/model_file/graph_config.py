"""A Keras model configuration → the Network: Sequential and Functional, of Keras 2 and 3."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from answers.errors import CompanionError, InputError, ModelFileError, RefusedError
from answers.layers.base import Layer, Shape
from answers.layers.core import InputLayer
from answers.layers.fields import shown
from answers.layers.unknown import Unknown
from answers.network.graph import Network, Node, Tensor
from answers.network.shapes import output_shapes
from checkers.model_file import limits
from checkers.model_file.call_settings import as_called, said_apart
from checkers.model_file.calls import (
    Reference,
    is_reference,
    reference,
    references_in,
    tensors_in,
)
from checkers.model_file.computed_sizes import ComputedSizes
from checkers.model_file.drafts import (
    Draft,
    Refs,
    check_outputs,
    in_order,
    inbound,
    parts_taken,
    shifted,
    shifts,
)
from checkers.model_file.each_step import at_each_step
from checkers.model_file.inner_inputs import MOST, saying, with_inner_inputs
from checkers.model_file.keras1 import merged_models, recorded_shape
from checkers.model_file.layer_config import carried_code, check_class, is_foreign, read_layer
from checkers.model_file.masks import check_masks, check_operations, written_masks
from checkers.model_file.operations import check_kinds, is_operation, read_operation
from checkers.model_file.outline import calls_in, place_of_code
from checkers.model_file.recorded_shapes import check_recorded, read_shape, with_lost_sizes

_MODELS = {"Sequential": "Sequential", "Functional": "Functional", "Model": "Functional"}


def read_model_config(document: Any, *, keep_unknown: bool = False) -> Network:
    """The network of a model's configuration.

    keep_unknown: a layer that we don't rebuild becomes an `Unknown` record instead of a refusal;
        calculators may look at such a network, nobody may run it.
    Raises: RefusedError for what we don't rebuild; ModelFileError json-structure for what no
    Keras writes.
    """
    if not isinstance(document, dict) or "class_name" not in document:
        raise ModelFileError("json-structure", "The configuration describes no model.")
    kind = document["class_name"]
    if not _is_model(kind) or is_foreign(document.get("module")):
        raise RefusedError(
            "layer-not-allowed",
            f"The model is of the class {shown(kind)}: a class of its own keeps its computation "
            "in Python code, which is not in the file.",
            hint="Build the model with keras.Sequential or keras.Model(inputs, outputs).",
        )
    config = document.get("config")
    _check_calls(config.get("layers") if isinstance(config, dict) else config)
    if not keep_unknown:
        _check_code(config)
    network = _Reader(keep_unknown).model(document, "model", 1)
    limits.check_calls(_calls_of(network))
    return network


def _distributed_model(entry: dict[str, Any]) -> Any:
    """The entry of the model that a TimeDistributed holds; None for any other layer."""
    config = entry["config"]
    inner = config.get("layer") if isinstance(config, dict) else None
    if entry.get("class_name") != "TimeDistributed" or not isinstance(inner, dict):
        return None
    check_class("TimeDistributed", entry.get("module"), entry.get("registered_name"))
    whole = _is_model(inner.get("class_name")) and not is_foreign(inner.get("module"))
    return inner if whole else None


def _holds_unknown(layer: Layer | Network) -> bool:
    """Whether a layer is, or a model holds, one that is kept for looking at: its shapes aren't known."""
    if isinstance(layer, Network):
        return any(_holds_unknown(node.layer) for node in layer.nodes)
    return isinstance(layer, Unknown)


def _is_model(kind: Any) -> bool:
    return isinstance(kind, str) and kind in _MODELS


@dataclass(frozen=True)
class _Reader:
    """Reads models and their layers, which may be models."""

    keep_unknown: bool
    operations: dict[int, Layer] = field(default_factory=dict)  # their records, by their id
    tries: Iterator[int] = field(default_factory=lambda: iter(range(MOST)))  # of inner inputs

    def model(self, entry: dict[str, Any], name: str, depth: int) -> Network:
        """A model of a configuration, with the models in it."""
        if depth > limits.NESTING:
            raise RefusedError(
                "model-too-deep", f"Models lie more than {limits.NESTING} levels inside each other."
            )
        config = entry.get("config")
        if isinstance(config, list):  # Keras 2.0 to 2.2.2 wrote a Sequential as the list alone
            config = {"layers": config}
        if not isinstance(config, dict) or not isinstance(config.get("layers"), list):
            raise ModelFileError(
                "json-structure", f"The model {shown(name)} has no list of layers."
            )
        if len(config["layers"]) > limits.LAYERS:
            raise RefusedError(
                "too-many-layers",
                f"The model has {len(config['layers']):,} layers; the limit is {limits.LAYERS:,}.",
            )
        label = check_name(config.get("name", name))
        read = (
            self._sequential if _MODELS[entry["class_name"]] == "Sequential" else self._functional
        )
        try:
            return read(config, label, depth)
        except InputError as error:  # what the graph itself refuses
            raise RefusedError(error.code, error.message, where=error.where) from None

    def _layer(self, entry: dict[str, Any], name: str, depth: int) -> Layer | Network:
        kind = entry.get("class_name")
        try:
            if _is_model(kind) and not is_foreign(entry.get("module")):
                return self.model(entry, name, depth + 1)
            inner = _distributed_model(entry)
            if inner is not None:
                return at_each_step(name, self.model(inner, "model", depth + 2))
            return read_layer(
                kind, entry["config"], entry.get("module"), entry.get("registered_name")
            )
        except RefusedError as error:
            if self.keep_unknown and isinstance(kind, str) and not _is_model(kind):
                return Unknown(class_name=check_name(kind))
            raise error.at(f"layer {name}") from None
        except CompanionError as error:
            raise error.at(f"layer {name}") from None

    def _draft(self, name: str, entry: dict[str, Any], depth: int, sizes: ComputedSizes) -> Draft:
        nodes = entry.get("inbound_nodes", [])
        if not isinstance(nodes, list):
            raise ModelFileError("json-structure", f"The calls of layer {shown(name)} are no list.")
        keras2 = any(isinstance(node, list) for node in nodes)
        if is_operation(entry):
            read = self._operation(entry, name, sizes)
            return Draft(name, *read, trainable=True, keras2=keras2)
        layer = self._layer(entry, name, depth)
        if isinstance(layer, Unknown):
            calls = tuple(map(references_in, nodes))
        else:
            layer = as_called(layer, nodes)
            named = [in_order(node, layer, entry) for node in nodes]
            calls = inbound(named, name, entry.get("class_name"), said_apart(layer))
        return Draft(name, layer, calls or ((),), trainable=_flag(entry), keras2=keras2)

    def _operation(
        self, entry: dict[str, Any], name: str, sizes: ComputedSizes
    ) -> tuple[Layer, tuple[Refs, ...]]:
        try:
            read = read_operation(sizes.put_in(entry))
        except CompanionError as error:
            if self.keep_unknown and isinstance(error, RefusedError):
                kind = check_name(entry["class_name"])
                calls = tuple(map(references_in, entry["inbound_nodes"]))
                return Unknown(class_name=kind), sizes.without(calls)
            raise error.at(f"layer {name}") from None
        self.operations[id(read[0])] = read[0]
        return read

    def _sequential(self, config: dict[str, Any], name: str, depth: int) -> Network:
        nodes: list[Node] = []
        for label, entry in _entries(config):
            taken = [Tensor(nodes[-1].name)] if nodes else []
            if not nodes and merged_models(entry):
                nodes.extend(self._branches(merged_models(entry), depth))
                taken = [Tensor(node.name) for node in nodes if isinstance(node.layer, Network)]
            elif not nodes:
                nodes.extend(_missing_input(entry, config))
                taken = [Tensor(node.name) for node in nodes]
            lost = nodes and says_no_input(entry)
            whole = saying(entry, output_shapes(_so_far(name, nodes))[0]) if lost else entry
            layer = self._layer(whole, label, depth)
            nodes.append(Node(label, layer, (tuple(taken),), _flag(entry)))
        if not nodes:
            raise RefusedError("graph-ends", f"The model {shown(name)} has no layers.")
        flag = config.get("trainable") is not False
        network = replace(_so_far(name, nodes), trainable=flag)
        recorded = list(_recorded(config))
        known = recorded and not _holds_unknown(network)
        return check_recorded(network, recorded) if known else network

    def _branches(self, models: list[Any], depth: int) -> Iterator[Node]:
        """The models that the first layer of a Sequential of Keras 1 merges, each with its input."""
        for number, entry in enumerate(models, start=1):
            shape = _said_shape(entry)
            if shape is None or not _is_model(entry["class_name"]):
                raise RefusedError("config-value", f"Branch {number} does not say its input.")
            name = f"branch_{number}"
            given = read_layer("InputLayer", {"batch_input_shape": shape})
            yield Node(f"{name}_input", given, ((),))
            model = self.model(entry, name, depth + 1)
            yield Node(name, model, ((Tensor(f"{name}_input"),),))

    def _with_inner_inputs(self, config: dict[str, Any], depth: int) -> dict[str, Any]:
        """The settings of a graph in which each Sequential says the shape of its input."""
        lost = [name for name, entry in _entries(config) if says_no_input(entry)]
        entries = dict(_entries(config))
        if not lost or len(entries) != len(config["layers"]):
            return config

        def shape_of(part: dict[str, Any]) -> Shape:
            if next(self.tries, None) is None:  # models in it are read again for each of its own
                raise RefusedError(
                    "config-value",
                    "The model holds too many Sequentials that do not say their inputs.",
                    hint="Begin each Sequential with keras.Input(shape=…).",
                )
            return output_shapes(self._functional(part, "part", depth))[0]

        return config | {"layers": list(with_inner_inputs(entries, lost, shape_of).values())}

    def _functional(self, config: dict[str, Any], name: str, depth: int) -> Network:
        config = self._with_inner_inputs(config, depth)
        recorded = list(_recorded(config))
        entries = with_lost_sizes(_entries(config), recorded)
        masks = written_masks(_entries(config))
        sizes = ComputedSizes(dict(_entries(config)))
        drafts: list[Draft] = []
        for label, entry in entries:
            if label not in masks.nodes and label not in sizes.names:
                drafts.append(self._draft(label, entry, depth, sizes))
                sizes.follow(label, drafts[-1].layer, drafts[-1].calls)
        inside = depth > 1
        inputs = _ends(config.get("input_layers"), inside=inside)
        outputs = _ends(config.get("output_layers"), inside=inside)
        inner, outer = shifts(drafts, [reference for _, reference in outputs])
        check_kinds([(d.name, d.layer, call) for d in drafts for call in d.calls])
        check_outputs(drafts, [reference for _, reference in outputs])
        parts = parts_taken(drafts, [reference for _, reference in outputs])

        def named(said: Reference, shifts: dict[str, int] = inner) -> Tensor:
            return parts.tensor(shifted(said, shifts))

        nodes = (
            Node(
                draft.name,
                draft.layer,
                tuple(tuple(map(named, call)) for call in draft.calls),
                draft.trainable,
            )
            for draft in drafts
        )
        network = Network(
            name=name,
            kind="Functional",
            nodes=tuple(ours for node in nodes for ours in parts.nodes(node)),
            inputs=tuple(named(reference) for _, reference in inputs),
            outputs=tuple(named(reference, outer) for _, reference in outputs),
            output_names=tuple(key or reference[0] for key, reference in outputs),
            trainable=config.get("trainable") is not False,
        )
        if _holds_unknown(network):
            return network
        check_masks(network, masks, named)
        check_operations(network, self.operations)
        known = [(t, shape) for t, shape in recorded if t.node not in masks.nodes]
        return check_recorded(network, [(parts.tensor(t), shape) for t, shape in known])


def _entries(config: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for number, entry in enumerate(config["layers"]):
        if not isinstance(entry, dict):
            raise ModelFileError("json-structure", f"Layer number {number} is no object.")
        if not isinstance(entry.get("config"), dict | list):
            check_class(entry.get("class_name"), entry.get("module"), entry.get("registered_name"))
            raise ModelFileError("json-structure", f"Layer number {number} has no settings.")
        inner = entry["config"] if isinstance(entry["config"], dict) else {}
        name = entry.get("name", inner.get("name", f"layer_{number}"))
        yield check_name(name), entry


def check_name(name: Any) -> str:
    """A layer's name, if it can be shown to a person.

    Raises: RefusedError unsafe-text for control, format and surrogate characters;
    ModelFileError config-value where it is no text.
    """
    if not isinstance(name, str) or not name:
        raise ModelFileError("config-value", f"A layer's name should be a text, not {shown(name)}.")
    if len(name) > limits.NAME_CHARACTERS or not name.isprintable():
        raise RefusedError(
            "unsafe-text",
            f"The layer name {ascii(name)[:60]} is too long or holds invisible characters.",
            hint="Give the layers plain names.",
        )
    return name


_HELD = ("layer", "backward_layer")


def _flag(entry: dict[str, Any]) -> bool:
    """Whether what a layer's entry says is trained; a wrapper around a frozen layer is not.

    Raises: RefusedError config-value for a Bidirectional that is half frozen: the order of its arrays
    in HDF5 would be another one.
    """
    config = entry["config"]
    held = [config.get(key) for key in _HELD] if isinstance(config, dict) else []
    flags = {
        _flag(it) for it in held if isinstance(it, dict) and isinstance(it.get("config"), dict)
    }
    if len(flags) > 1:
        raise RefusedError(
            "config-value",
            "A Bidirectional of which one direction alone is frozen can't be graded yet.",
            hint="Set trainable of the Bidirectional, and save the model again.",
        )
    if False in flags:
        return False
    return not (isinstance(config, dict) and config.get("trainable") is False)


# --- Sequential -----------------------------------------------------------------------------


def _missing_input(entry: dict[str, Any], config: dict[str, Any]) -> Iterator[Node]:
    """Old Sequentials have no InputLayer: the first layer, or the model, says the input shape."""
    if entry.get("class_name") == "InputLayer":
        return
    shape = _said_shape(entry) or config.get("build_input_shape")
    if shape is None:
        raise RefusedError(
            "config-value",
            "The model does not say the shape of its input.",
            hint="Begin the model with keras.Input(shape=…), or call it once before saving.",
        )
    taken = {name for name, _ in _entries(config)}
    names = ("input", *(f"input_{number}" for number in range(1, len(taken) + 1)))
    name = next(name for name in names if name not in taken)
    yield Node(name, read_layer("InputLayer", {"batch_input_shape": shape}), ((),))


def _so_far(name: str, nodes: list[Node]) -> Network:
    """The Sequential of these nodes."""
    last = nodes[-1]
    return Network(
        name=name,
        kind="Sequential",
        nodes=tuple(nodes),
        inputs=tuple(Tensor(n.name) for n in nodes if isinstance(n.layer, InputLayer)),
        outputs=(Tensor(last.name),),
        output_names=(last.name,),
    )


def says_no_input(document: Any) -> bool:
    """Whether a Sequential has layers, and neither it nor its first layer says the input shape."""
    if not isinstance(document, dict) or document.get("class_name") != "Sequential":
        return False
    config = document.get("config")
    layers = config.get("layers") if isinstance(config, dict) else config
    if not isinstance(layers, list) or not layers or not isinstance(layers[0], dict):
        return False
    first = layers[0]
    if not isinstance(first.get("config"), dict) or merged_models(first):
        return False
    built = isinstance(config, dict) and config.get("build_input_shape") is not None
    return not built and first.get("class_name") != "InputLayer" and _said_shape(first) is None


def _said_shape(entry: Any) -> Any:
    """The input shape that an entry says; a model says that of its first layer."""
    inner = entry.get("config") if isinstance(entry, dict) else None
    if _is_model(entry.get("class_name") if isinstance(entry, dict) else None):
        layers = inner.get("layers") if isinstance(inner, dict) else inner
        return _said_shape(layers[0]) if isinstance(layers, list) and layers else None
    if not isinstance(inner, dict):
        return None
    return inner.get("batch_input_shape", inner.get("batch_shape"))


# --- Functional -----------------------------------------------------------------------------


def _recorded(config: dict[str, Any]) -> Iterator[tuple[Tensor, Shape]]:
    """The shapes of tensors that stand in the file.

    Keras 3 writes them in the calls; Keras 1 for one class, where the shape does not follow.
    """
    for name, entry in _entries(config):
        shape = read_shape(recorded_shape(entry))
        if shape is not None:
            yield Tensor(name), shape
        calls = entry.get("inbound_nodes")  # in a Sequential nobody has looked at them yet
        for node in calls if isinstance(calls, list) else ():
            for tensor in tensors_in(node) if isinstance(node, dict) else ():
                shape = read_shape(tensor.get("shape"))
                if shape is not None:
                    yield Tensor(*reference(tensor.get("keras_history"))), shape


def _ends(value: Any, *, inside: bool = False) -> list[tuple[str, Reference]]:
    """Inputs or outputs: one flat reference, a list of them, or named ones.

    inside: of a model inside a model, whose named tensors Keras counts in the order of the names.
    """
    if isinstance(value, dict):
        items = sorted(value.items()) if inside else value.items()
        return [(check_name(key), reference(item)) for key, item in items]
    if is_reference(value):
        return [("", reference(value))]
    if isinstance(value, list):
        return [end for item in value for end in _ends(item)]
    raise ModelFileError("json-structure", "The model does not say its inputs and outputs.")


# --- the whole of it, before a layer is read ------------------------------------------------


def _check_code(config: Any) -> None:
    """Refuse Python code wherever it stands: what lies in front of it must not hide it."""
    place = place_of_code(config)
    if place is not None:
        error = carried_code()
        for name in reversed(place):
            error.at(f"layer {check_name(name)}")
        raise error


def _check_calls(layers: Any) -> None:
    """Refuse a network whose nested models unfold to too many calls."""
    limits.check_calls(calls_in(layers))


def _calls_of(network: Network) -> int:
    """How many layers a network runs: a call of a model counts as those inside."""
    each = ((node.layer, len(node.calls)) for node in network.nodes)
    return sum(n * (_calls_of(it) if isinstance(it, Network) else 1) for it, n in each)
