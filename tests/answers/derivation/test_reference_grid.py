"""Derivations of the single layers of the reference table end with Keras's own counts."""

from __future__ import annotations

from typing import Any

import pytest
from corpus import load_json

from answers.derivation import macs, parameters, shapes
from answers.derivation.derivation import chain
from answers.derivation.text import to_lines
from answers.layers.base import Layer, Shape
from answers.layers.catalogue import LAYERS

pytestmark = pytest.mark.corpus

TABLE: dict[str, Any] = load_json("reference/params_table.json") or {"layer_grid": {"cases": []}}
CASES: list[dict[str, Any]] = [
    case
    for case in TABLE["layer_grid"]["cases"]
    if "params" in case and case["layer"] in LAYERS and case["layer"] != "Bidirectional"
]


def name(case: dict[str, Any]) -> str:
    settings = (f"{key}={value}" for key, value in case["config"].items())
    return f"{case['layer']} on {case['input_shape']}: {' '.join(settings)}"


def record(case: dict[str, Any]) -> Layer:
    """Our record; what attention makes has another name here than in Keras."""
    config = dict(case["config"])
    if "output_shape" in config:
        config["projected_shape"] = (config.pop("output_shape"),)
    return LAYERS[case["layer"]](**config)


def inputs(case: dict[str, Any]) -> tuple[Shape, ...]:
    shape = case["input_shape"]
    many = bool(shape) and isinstance(shape[0], list)
    shapes_given = tuple(map(tuple, shape)) if many else (tuple(shape),)
    attention = case["layer"] in ("MultiHeadAttention", "GroupQueryAttention")
    return shapes_given * 2 if attention and len(shapes_given) == 1 else shapes_given


@pytest.mark.parametrize("case", CASES, ids=name)
def test_the_count_is_keras_s_and_is_explained(case: dict[str, Any]) -> None:
    layer = record(case)
    found = parameters.of_layer(layer, *inputs(case))
    assert found.value == case["params"]
    assert all("{" not in step.rule for step in found.steps)
    if case["params"]:
        assert len(chain(found.steps[0])) > 1
    for other in (macs.of_layer, shapes.of_layer):
        assert list(to_lines(other(layer, *inputs(case))))
