"""Changes of a model's configuration that know what stands where: layers, calls, arguments, models.

A value put anywhere at random ends at the first check; these keep the document's form, and so come
further in.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Iterator
from typing import Any

from answers.layers.catalogue import LAYERS

_OPERATIONS = (
    *("Add", "Multiply", "Einsum", "Matmul", "Split", "Stack", "GetItem", "Where", "Mean", "Norm"),
    *("TFOpLambda", "SlicingOpLambda", "StackedRNNCells", "LSTMCell", "Functional", "Sequential"),
    *("NotEqual", "Any", "Cast", "Repeat", "Tile", "Transpose", "Reshape", "NoSuchLayer"),
)
_HUGE = (1 << 15, 1 << 31, (1 << 31) - 1, 1 << 40, 1 << 62, 10**18, 10**29, 1e9, 1e38, 1e300)
_DEPTHS = (2, 3, 9, 40, 150)  # the reader takes 100


def changed(document: Any, chance: random.Random) -> Any:
    """The document with one to three such changes; the one that is given is changed as well."""
    for _ in range(chance.choice((1, 1, 2, 3))):
        document = chance.choice(_CHANGES)(document, chance)
    return document


def _swap_classes(document: Any, chance: random.Random) -> Any:
    """Two layers exchange their classes, and keep their settings."""
    layers = list(_layers(document))
    if layers:
        one, other = chance.choice(layers), chance.choice(layers)
        one["class_name"], other["class_name"] = other["class_name"], one["class_name"]
    return document


def _another_class(document: Any, chance: random.Random) -> Any:
    layers = list(_layers(document))
    if layers:
        chance.choice(layers)["class_name"] = chance.choice((*LAYERS, *_OPERATIONS))
    return document


def _double_a_layer(document: Any, chance: random.Random) -> Any:
    """A layer stands twice, under its name or another one."""
    rows = [row for row in _lists(document) if row]
    if rows:
        row = chance.choice(rows)
        double = copy.deepcopy(chance.choice(row))
        if isinstance(double, dict) and chance.random() < 0.5:
            double["name"] = "another"
        row.insert(chance.randrange(len(row) + 1), double)
    return document


def _other_order(document: Any, chance: random.Random) -> Any:
    rows = [row for row in _lists(document) if len(row) > 1]
    if rows:
        chance.shuffle(chance.choice(rows))
    return document


def _without_a_layer(document: Any, chance: random.Random) -> Any:
    rows = [row for row in _lists(document) if row]
    if rows:
        row = chance.choice(rows)
        del row[chance.randrange(len(row))]
    return document


def _join_elsewhere(document: Any, chance: random.Random) -> Any:
    """A call reads another layer's output: a later one, its own (a circle), or one that isn't."""
    tensors = list(_tensors(document))
    if tensors:
        tensor = chance.choice(tensors)
        kind = chance.randrange(4)
        if kind < 2:
            tensor[0] = chance.choice(tensors)[0]
        elif kind == 2:
            tensor[0] = chance.choice([*_names(document), "no such layer"])
        else:
            tensor[chance.choice((1, 2))] = chance.choice((1, 2, -1, 1 << 31, 1 << 70, True, "0"))
    return document


def _call_again(document: Any, chance: random.Random) -> Any:
    """A layer is called once more, or what it is called with stands twice."""
    nodes = [each["inbound_nodes"] for each in _layers(document) if each.get("inbound_nodes")]
    nodes = [node for node in nodes if isinstance(node, list)]
    if nodes:
        node = chance.choice(nodes)
        for _ in range(chance.choice((1, 1, 50))):
            node.append(copy.deepcopy(chance.choice(nodes)[0]))
    return document


def _call_with(document: Any, chance: random.Random) -> Any:
    """An argument of a call: a mask, a flag, a state."""
    calls = [each["kwargs"] for each in _objects(document) if isinstance(each.get("kwargs"), dict)]
    tensors = [each for each in _objects(document) if each.get("class_name") == "__keras_tensor__"]
    if calls:
        name = chance.choice(("mask", "training", "initial_state", "axis", "y", "attention_mask"))
        values = (None, True, 0, -1, 1 << 40, [0, 1], "x", *(copy.deepcopy(tensors[:3])))
        chance.choice(calls)[name] = chance.choice(values)
    return document


def _another_type(document: Any, chance: random.Random) -> Any:
    """A setting of a layer as something else that says nearly the same."""
    places = list(_settings(document))
    if places:
        holder, key = chance.choice(places)
        holder[key] = _as_another_type(holder[key], chance)
    return document


def _as_another_type(value: Any, chance: random.Random) -> Any:
    ways: list[Callable[[Any], Any]] = [
        str, lambda v: [v], lambda v: [v, v, v], lambda v: {"value": v}, lambda _: None, bool,
        lambda v: {"class_name": "__tuple__", "items": [v]},
        lambda v: {"class_name": "__numpy__", "config": {"value": v, "dtype": "float32"}},
        lambda v: v[0] if isinstance(v, list) and v else -1,
        lambda v: float(v) if isinstance(v, int) else [],
        lambda v: {"module": "keras.layers", "class_name": str(v), "config": {}},
    ]  # fmt: skip
    return chance.choice(ways)(value)


def _huge_number(document: Any, chance: random.Random) -> Any:
    places = [(h, k) for h, k in _settings(document) if isinstance(h[k], int | float | list)]
    if places:
        holder, key = chance.choice(places)
        huge = chance.choice(_HUGE) * chance.choice((1, 1, 1, -1))
        old = holder[key]
        if isinstance(old, list) and old:
            old[chance.randrange(len(old))] = huge
        else:
            holder[key] = huge
    return document


def _nest_a_value(document: Any, chance: random.Random) -> Any:
    places = list(_settings(document))
    if places:
        holder, key = chance.choice(places)
        value, as_list = holder[key], chance.random() < 0.5
        for _ in range(chance.choice(_DEPTHS)):
            value = [value] if as_list else {"config": value}
        holder[key] = value
    return document


def _nest_the_model(document: Any, chance: random.Random) -> Any:
    """The model, or a layer of it, inside Sequential models."""
    rows = [row for row in _lists(document) if row]
    if rows and chance.random() < 0.6:
        row = chance.choice(rows)
        at = chance.randrange(len(row))
        row[at] = _wrapped(row[at], chance)
        return document
    return _wrapped(document, chance)


def _wrapped(inner: Any, chance: random.Random) -> Any:
    kind = chance.choice(("Sequential", "TimeDistributed", "Bidirectional"))
    for number in range(chance.choice(_DEPTHS[:4])):
        key, value = ("layers", [inner]) if kind == "Sequential" else ("layer", inner)
        inner = {"class_name": kind, "config": {"name": f"wrapped_{number}", key: value}}
    return inner


def _other_ends(document: Any, chance: random.Random) -> Any:
    """The inputs or outputs of a model are other ones."""
    models = [each for each in _objects(document) if "output_layers" in each]
    if models:
        model = chance.choice(models)
        key = chance.choice(("output_layers", "input_layers"))
        ends: list[Any] = [copy.deepcopy(model[key]), [], {}, None, "x", [[n, 0, 0] for n in "ab"]]
        ends += [{"a": model[key]}, [model[key], model[key]]]
        ends += [[[name, 0, 0]] for name in list(_names(document))[:5]]
        model[key] = chance.choice(ends)
    return document


def _rename(document: Any, chance: random.Random) -> Any:
    """A layer has another's name, or a strange one."""
    named = [each for each in _objects(document) if isinstance(each.get("name"), str)]
    if named:
        strange = ("", "a/b", "../../x", "\0", "x" * 10_000, "\u202e", chance.choice(named)["name"])
        chance.choice(named)["name"] = chance.choice(strange)
    return document


_CHANGES: tuple[Callable[[Any, random.Random], Any], ...] = (
    *(_swap_classes, _another_class, _double_a_layer, _other_order, _without_a_layer),
    *(_join_elsewhere, _call_again, _call_with, _another_type, _another_type, _huge_number),
    *(_huge_number, _nest_a_value, _nest_the_model, _other_ends, _rename),
)


# --- what stands where ----------------------------------------------------------------------


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    """Every object of a document, the outer one first."""
    if isinstance(value, dict):
        yield value
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _objects(inner)


def _layers(document: Any) -> Iterator[dict[str, Any]]:
    for each in _objects(document):
        if isinstance(each.get("class_name"), str) and isinstance(each.get("config"), dict | list):
            yield each


def _lists(document: Any) -> Iterator[list[Any]]:
    """Every list of layers."""
    for each in _objects(document):
        if isinstance(each.get("layers"), list):
            yield each["layers"]


def _settings(document: Any) -> Iterator[tuple[dict[str, Any], str]]:
    for layer in _layers(document):
        config = layer["config"]
        if isinstance(config, dict):
            yield from ((config, key) for key in config if key != "layers")


def _tensors(value: Any) -> Iterator[list[Any]]:
    """Every [layer, call, output] in it, of Keras 2 and 3."""
    if isinstance(value, list) and len(value) >= 3 and isinstance(value[0], str):
        if isinstance(value[1], int) and isinstance(value[2], int):
            yield value
        return
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _tensors(inner)


def _names(document: Any) -> Iterator[str]:
    for each in _layers(document):
        if isinstance(each["config"], dict) and isinstance(each["config"].get("name"), str):
            yield each["config"]["name"]
