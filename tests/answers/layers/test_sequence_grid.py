"""Normalisation, embedding, recurrent and attention layers against the reference table and Keras.

A record names its arguments as Keras does (attention's `output_shape` apart), so that the Keras
layer is made from the record's settings.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from corpus import load_json

from answers.errors import InputError
from answers.expressions.expression import evaluate
from answers.layers.base import Layer, Shape
from answers.layers.catalogue import LAYERS

KINDS = [
    "AdditiveAttention",
    "Attention",
    "BatchNormalization",
    "Bidirectional",
    "ConvLSTM1D",
    "ConvLSTM2D",
    "ConvLSTM3D",
    "Embedding",
    "GroupNormalization",
    "GroupQueryAttention",
    "GRU",
    "LayerNormalization",
    "LSTM",
    "MultiHeadAttention",
    "RMSNormalization",
    "SimpleRNN",
    "TimeDistributed",
    "UnitNormalization",
]
TABLE: dict[str, Any] = load_json("reference/params_table.json") or {"layer_grid": {"cases": []}}
CASES = [case for case in TABLE["layer_grid"]["cases"] if case["layer"] in KINDS]
Made = tuple[str, dict[str, Any], tuple[Shape, ...]]
Facts = tuple[Shape, list[tuple[str, Shape, bool]]]


def ours(kind: str, settings: dict[str, Any]) -> Layer:
    """Our record: inner layers are given as (kind, settings) or as the table writes them."""
    config = {key: inner(value, ours) for key, value in settings.items()}
    if "output_shape" in config:
        size = config.pop("output_shape")
        config["projected_shape"] = (size,) if type(size) is int else size
    return LAYERS[kind](**config)


def inner(value: Any, make: Any) -> Any:
    if isinstance(value, dict):
        return make(value["class_name"], value["config"])
    return value


def shapes_of(case: dict[str, Any]) -> tuple[Shape, ...]:
    given = case["input_shape"]
    return tuple(map(tuple, given)) if isinstance(given[0], list) else (tuple(given),)


def name(case: dict[str, Any]) -> str:
    return f"{case['layer']} {case['config']} on {case['input_shape']}"


@pytest.mark.corpus
@pytest.mark.parametrize("case", CASES, ids=name)
def test_shape_and_weights_are_those_of_the_table(case: dict[str, Any]) -> None:
    layer, given = ours(case["layer"], case["config"]), shapes_of(case)
    weights = layer.weights(*given)
    assert list(layer.output_shape(*given)) == case["output_shape"]
    assert sum(weight.size for weight in weights) == case["params"]
    assert [[weight.name, list(weight.shape)] for weight in weights] == case["weights"]
    assert sum(w.size for w in weights if not w.trainable) == case["non_trainable"]


@pytest.mark.corpus
def test_the_table_has_cases_of_most_kinds() -> None:
    assert {case["layer"] for case in CASES} == {*KINDS} - {
        *("AdditiveAttention", "Attention", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D"),
        "TimeDistributed",
    }
    assert len(CASES) == 64


# --- a generated grid -----------------------------------------------------------------------

FLAGS = (True, False)


def normalisations() -> Iterator[Made]:
    shapes: list[Shape] = [(6,), (4, 6), (4, 5, 6), (3, 4, 5, 6), (None, 6)]
    axes = [-1, 1, 2, 3, -2, [1, 2], [-1, -2], [2, 1], [-1, 1], 5, -6]
    for shape, axis in product(shapes, axes):
        if shape == (6,) and axis in (-2, [-1, -2], [-1, 1]):
            continue  # the batch, or an axis twice: Keras lets it pass, we don't
        for center, scale in product(FLAGS, FLAGS):
            both = {"axis": axis, "center": center, "scale": scale}
            yield "LayerNormalization", both, (shape,)
            if type(axis) is int:
                yield "BatchNormalization", both, (shape,)
                for groups in (1, 2, 3, 4, -1, 32):
                    yield "GroupNormalization", both | {"groups": groups}, (shape,)
        yield "RMSNormalization", {"axis": axis}, (shape,)
        yield "UnitNormalization", {"axis": axis}, (shape,)
    for groups in (0, -2):
        yield "GroupNormalization", {"groups": groups}, ((4, 6),)


def cells() -> Iterator[tuple[str, dict[str, Any]]]:
    for kind, units, bias, sequences in product(("SimpleRNN", "GRU", "LSTM"), (1, 5), FLAGS, FLAGS):
        settings = {"units": units, "use_bias": bias, "return_sequences": sequences}
        yield kind, settings
        if kind == "GRU":
            yield kind, settings | {"reset_after": False}


def recurrent() -> Iterator[Made]:
    shapes: list[Shape] = [(7, 3), (None, 3), (1, 1)]
    for (kind, settings), shape in product(cells(), shapes):
        yield kind, settings, (shape,)
        yield kind, settings | {"go_backwards": True}, (shape,)
        for mode in ("concat", "sum", "mul", "ave"):
            inside = {"class_name": kind, "config": settings}
            yield "Bidirectional", {"layer": inside, "merge_mode": mode}, (shape,)
    yield "SimpleRNN", {"units": 0}, ((7, 3),)


def convolutional() -> Iterator[Made]:
    steps = [((1,), (1,)), ((2,), (1,)), ((1,), (2,)), ((2,), (2,))]
    choices = product((1, 2, 3), (1, 3, 4), steps, ("valid", "same"), FLAGS, FLAGS)
    for rank, kernel, (strides, dilation), padding, bias, sequences in choices:
        settings = {
            "filters": 3,
            "kernel_size": (kernel,) * rank,
            "strides": strides * rank,
            "dilation_rate": dilation * rank,
            "padding": padding,
            "use_bias": bias,
            "return_sequences": sequences,
        }
        yield f"ConvLSTM{rank}D", settings, ((4, *(7, 6, 8)[:rank], 2),)


def distributed() -> Iterator[Made]:
    insides: list[tuple[str, dict[str, Any]]] = [
        ("Dense", {"units": 4}),
        ("Conv2D", {"filters": 4, "kernel_size": (3, 3)}),
        ("BatchNormalization", {}),
        ("LSTM", {"units": 4, "return_sequences": True}),
        ("GRU", {"units": 4}),
        ("Flatten", {}),
    ]
    shapes: list[Shape] = [(5, 6), (5, 6, 3), (4, 9, 8, 3)]
    for (kind, config), shape in product(insides, shapes):
        inside = {"class_name": kind, "config": config}
        if kind in ("LSTM", "GRU") and len(shape) == 4:
            continue  # Keras builds it, and fails when it is called
        yield "TimeDistributed", {"layer": inside}, (shape,)
        twice = {"class_name": "TimeDistributed", "config": {"layer": inside}}
        yield "TimeDistributed", {"layer": twice}, (shape,)


QUERIES: list[tuple[Shape, ...]] = [
    ((5, 8), (5, 8)),
    ((5, 8), (4, 6)),
    ((None, 8), (4, 6)),
    ((5, 8), (4, 6), (4, 7)),
    ((5, 8), (4, 6), (3, 6)),
    ((2, 5, 8), (2, 4, 6)),
    ((2, 3, 5, 8), (2, 3, 4, 6)),
]


def heads() -> Iterator[Made]:
    for shapes, values, bias, out in product(QUERIES, (None, 3), FLAGS, (None, 7, (2, 3))):
        settings = {"num_heads": 2, "key_dim": 4, "value_dim": values, "use_bias": bias}
        yield "MultiHeadAttention", settings | {"output_shape": out}, shapes
        yield "MultiHeadAttention", settings | {"use_gate": True}, shapes
    for axes in ((1,), (2,), (-2,), (1, 2)):
        over: dict[str, Any] = {"num_heads": 2, "key_dim": 4, "attention_axes": axes}
        yield "MultiHeadAttention", over, ((3, 5, 8), (3, 5, 8))
    for few, bias, gate, shapes in product((1, 2, 4), FLAGS, FLAGS, QUERIES[:4]):
        settings = {"head_dim": 3, "num_query_heads": 4, "num_key_value_heads": few}
        yield "GroupQueryAttention", settings | {"use_bias": bias, "use_gate": gate}, shapes
    wrong = {"head_dim": 3, "num_query_heads": 4, "num_key_value_heads": 3}
    yield "GroupQueryAttention", wrong, ((5, 8), (5, 8))


def plain_attention() -> Iterator[Made]:
    same: list[tuple[Shape, ...]] = [
        ((5, 8), (4, 8)),
        ((5, 8), (4, 6), (4, 8)),
        ((2, 5, 8), (2, 4, 8)),
    ]
    for shapes, scale in product(same, FLAGS):
        yield "AdditiveAttention", {"use_scale": scale}, shapes
        for mode in ("dot", "concat"):
            yield "Attention", {"use_scale": scale, "score_mode": mode}, shapes
    for words, width, shape in product((1, 50), (1, 8), ((7,), (3, 7), (None,))):
        yield "Embedding", {"input_dim": words, "output_dim": width}, (shape,)


GROUPS = [normalisations, recurrent, convolutional, distributed, heads, plain_attention]


def keras_layer(kind: str, settings: dict[str, Any]) -> Any:
    import keras

    config = {key: inner(value, keras_layer) for key, value in settings.items()}
    return getattr(keras.layers, kind)(**config)


def keras_facts(made: Made) -> Facts | None:
    """Output shape and weights as Keras says, None where Keras refuses."""
    import keras

    kind, settings, shapes = made
    try:
        layer, inputs = keras_layer(kind, settings), [keras.Input(shape) for shape in shapes]
        if kind in ("MultiHeadAttention", "GroupQueryAttention"):
            output = layer(*inputs)
        else:
            output = layer(inputs if len(inputs) > 1 else inputs[0])
    except (ValueError, TypeError, IndexError):
        return None
    weights = [(w.name, tuple(w.shape), w.trainable) for w in layer.weights]
    return tuple(output.shape[1:]), weights


def our_facts(made: Made) -> Facts | None:
    kind, settings, shapes = made
    try:
        layer = ours(kind, settings)
        shape, weights = layer.output_shape(*shapes), layer.weights(*shapes)
    except InputError:
        return None
    return shape, [(weight.name, weight.shape, weight.trainable) for weight in weights]


@pytest.mark.slow
@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.__name__)
def test_shapes_weights_and_refusals_are_those_of_keras(group: Any) -> None:
    wrong = [
        (made, mine, theirs)
        for made in group()
        if (mine := our_facts(made)) != (theirs := keras_facts(made))
    ]
    assert wrong == []


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.__name__)
def test_the_formula_of_each_weight_gives_its_size(group: Any) -> None:
    formulas = 0
    for kind, settings, shapes in filter(our_facts, group()):
        layer = ours(kind, settings)
        letters = layer.letters(*shapes)
        for weight in layer.weights(*shapes):
            if weight.count is not None:
                formulas += 1
                assert evaluate(weight.count, letters) == weight.size, (kind, settings, weight)
    assert formulas > 20


def test_the_grid_holds_many_layers_of_every_kind_that_work_and_some_that_do_not() -> None:
    facts = [(made[0], our_facts(made)) for group in GROUPS for made in group()]
    assert len(facts) > 2_000
    assert {kind for kind, found in facts if found} == set(KINDS)
    assert sum(found is None for _, found in facts) > 500
