"""The single layers of the reference table against what real Keras says.

Normalisation, embedding, recurrent and attention layers have a test of their own.
"""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest
from corpus import corpus_path, load_json

from answers.errors import InputError
from answers.layers.base import Layer
from answers.layers.catalogue import LAYERS

pytestmark = pytest.mark.corpus

ELSEWHERE = """
    BatchNormalization Bidirectional Embedding GroupNormalization GroupQueryAttention GRU
    LayerNormalization LSTM MultiHeadAttention RMSNormalization SimpleRNN UnitNormalization
""".split()  # noqa: SIM905  # a text of names reads better
TABLE: dict[str, Any] = load_json("reference/params_table.json") or {"layer_grid": {"cases": []}}
CASES: list[dict[str, Any]] = [
    case for case in TABLE["layer_grid"]["cases"] if case["layer"] not in ELSEWHERE
]
BUILT = [case for case in CASES if "params" in case]
REFUSED = [case for case in CASES if "params" not in case]


def record(case: dict[str, Any]) -> Layer:
    """Our record of a case, from the arguments that Keras got."""
    kind = LAYERS[case["layer"]]
    assert set(case["config"]) <= {field.name for field in fields(kind)}
    return kind(**case["config"])


def name(case: dict[str, Any]) -> str:
    settings = (f"{key}={value}" for key, value in case["config"].items())
    return f"{case['layer']} on {case['input_shape']}: {' '.join(settings)}"


def test_the_table_covers_as_many_cases_as_we_claim() -> None:
    if corpus_path() is not None:
        assert (len(CASES), len(BUILT), len(REFUSED)) == (192, 182, 10)


@pytest.mark.parametrize("case", BUILT, ids=name)
def test_shape_and_weights_are_those_of_keras(case: dict[str, Any]) -> None:
    layer, given = record(case), tuple(case["input_shape"])
    weights = layer.weights(given)
    shape = case.get("output_shape", case.get("symbolic_output_shape"))
    assert list(layer.output_shape(given)) == shape
    assert sum(weight.size for weight in weights) == case["params"]
    if "weights" in case:  # absent where Keras builds the layer, but can't run it here
        assert [[weight.name, list(weight.shape)] for weight in weights] == case["weights"]
        fixed = sum(weight.size for weight in weights if not weight.trainable)
        assert fixed == case["non_trainable"]


@pytest.mark.parametrize("case", REFUSED, ids=name)
def test_what_keras_refuses_is_refused(case: dict[str, Any]) -> None:
    with pytest.raises(InputError) as caught:
        record(case).output_shape(tuple(case["input_shape"]))
    reasons = {
        "Computed output size": "window-too-large",
        "`strides > 1` not": "stride-and-dilation",
        "The number of": "groups-do-not-divide",
    }
    text = case["error"].removeprefix("ValueError: ")
    assert caught.value.code == next(c for start, c in reasons.items() if text.startswith(start))
