"""Every network of keras.applications: parameters, multiplications and output, against Keras.

The model is made by Keras without pretrained weights, written as JSON, and read by our reader;
the table holds what Keras counted. Three small ones are in the default run.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
from corpus import load_json

from answers.network.cost import cost
from answers.network.graph import Network
from answers.network.parameters import leaves, parameters
from answers.network.shapes import Shapes, ShapeTable, output_shapes
from checkers.model_file.graph_config import read_model_config

pytestmark = pytest.mark.corpus

TABLE: dict[str, Any] = load_json("reference/params_table.json") or {"applications": []}
SMALL = ("MobileNet", "MobileNetV2", "MobileNetV3Small")
FAMILIES = {
    "Conv2D": "conv",
    "Dense": "dense",
    "DepthwiseConv2D": "depthwise",
    "SeparableConv2D": "separable",
}
CASES = [
    pytest.param(case, id=case["name"], marks=[] if case["name"] in SMALL else pytest.mark.slow)
    for case in TABLE["applications"]
]


def configuration(name: str) -> Any:
    """What Keras writes of a model that it has just made, as plain JSON."""
    import keras

    model = getattr(keras.applications, name)(weights=None)
    keras.backend.clear_session()
    return json.loads(model.to_json())


def with_layers_for_numbers(document: Any) -> Any:
    """MobileNetV3 writes x + 3 and x·(1/6) as bare operations: the same as a Rescaling.

    Reading operations on numbers is the business of another test.
    """
    for entry in document["config"]["layers"]:
        if entry["module"] == "keras.src.ops.numpy":
            tensor, number = entry["inbound_nodes"][0]["args"]
            if not isinstance(number, float):
                continue  # the sum of two tensors is an Add
            added = {"scale": 1.0, "offset": number}
            multiplied = {"scale": number, "offset": 0.0}
            change = {"Add": added, "Multiply": multiplied}[entry["class_name"]]
            entry["config"] |= change
            entry |= {"module": "keras.layers", "class_name": "Rescaling", "registered_name": None}
            entry["inbound_nodes"] = [{"args": [tensor], "kwargs": {}}]
    return document


def multiplications(network: Network, inputs: Shapes | None, table: ShapeTable) -> Counter[str]:
    """By the families of the table; a layer that is called twice counts twice."""
    found: Counter[str] = Counter()
    for call in network.order:
        layer, taken = call.node.layer, table.taken(network, call, inputs)
        if isinstance(layer, Network):
            found += multiplications(layer, taken, table)
        elif macs := layer.macs(*taken):
            found[FAMILIES[layer.kind]] += macs
    return found


@pytest.mark.parametrize("case", CASES)
def test_an_application_has_the_numbers_that_keras_counted(case: dict[str, Any]) -> None:
    network = read_model_config(with_layers_for_numbers(configuration(case["name"])))
    inputs = (tuple(case["input"]),)
    found = parameters(network)
    assert found.total == case["total"]
    assert (found.trainable, found.non_trainable) == (case["trainable"], case["non_trainable"])
    assert output_shapes(network, inputs) == (tuple(case["output"]),)
    assert multiplications(network, inputs, ShapeTable()) == case["macs"]
    assert cost(network, inputs).macs == case["macs_total"]
    assert len(list(leaves(network))) >= case["layers"] - 1


def test_all_applications_of_the_table_are_here() -> None:
    assert len(CASES) == len({case["name"] for case in TABLE["applications"]}) == 40
