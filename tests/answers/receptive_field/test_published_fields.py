"""The receptive fields of published networks, on Keras's own models.

Araujo, Norris, Sim 2019 (Distill) give the sizes; the rows and jumps were measured on the Keras
models. All seven that Keras has agree with the paper: no difference is left to explain. (The paper's
'effective padding' belongs to one input size; with 'same' and a stride it depends on that.)
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from corpus import load_json

from answers.network.graph import Network
from answers.receptive_field.positions import positions
from answers.receptive_field.walk import fields, receptive_field
from checkers.model_file.graph_config import read_model_config

pytestmark = [pytest.mark.corpus, pytest.mark.slow]

TABLE = load_json("reference/params_table.json") or {}
ROWS = TABLE.get("receptive_fields_measured_keras", {"models": []})["models"]
PAPER = TABLE.get("receptive_fields_published", {"models": []})["models"]
BY_PAPER = {row["keras"]: row for row in PAPER if "keras" in row}
QUICK = ("VGG16", "MobileNet", "ResNet50", "InceptionV3", "DenseNet121")


def keras_network(name: str, **arguments: Any) -> Network:
    import keras

    model = getattr(keras.applications, name)(weights=None, **arguments)
    text = model.to_json()
    keras.backend.clear_session()
    return read_model_config(json.loads(text))


@pytest.mark.parametrize("row", ROWS, ids=[row["model"] for row in ROWS])
def test_a_published_network_sees_what_was_measured(row: dict[str, Any]) -> None:
    network = keras_network(row["model"], include_top=False, input_shape=tuple(row["input"]))
    rows = receptive_field(network).axes[0]
    assert rows.size == row["receptive_field"]
    assert rows.jump == str(row["jump"])
    assert rows.holes == 0
    assert rows.spread is not None
    reach = rows.spread.unit(row["output_row"])
    assert reach is not None
    assert (reach.first, reach.last) == (row["first_input_row"], row["last_input_row"])
    seen = positions(network).axes[0][row["output_row"]]
    assert seen is not None
    assert (seen.first, seen.last) == (row["first_input_row"], row["last_input_row"])


@pytest.mark.parametrize("name", sorted(BY_PAPER))
def test_the_measured_fields_are_those_of_the_paper(name: str) -> None:
    measured = next(row for row in ROWS if row["model"] == name)
    assert measured["receptive_field"] == BY_PAPER[name]["receptive_field"]
    assert measured["jump"] == BY_PAPER[name]["effective_stride"]


@pytest.mark.parametrize("name", QUICK)
def test_with_its_classifier_a_published_network_sees_everything(name: str) -> None:
    found = fields(keras_network(name)).outputs[0]
    row = next(row for row in ROWS if row["model"] == name)
    assert found is not None
    assert found.whole
    assert found.sizes == (row["receptive_field"],) * 2


def test_the_start_of_mobilenet_depends_on_whether_the_size_is_even() -> None:
    # the paper's effective padding of MobileNet is 126; on odd sizes it is 127
    network = keras_network("MobileNet", include_top=False, input_shape=(None, None, 3))
    rows = receptive_field(network).axes[0]
    starts = {
        rest: part.spread.phases[0].first
        for part in rows.classes
        for rest in part.rests
        if part.spread is not None and part.spread.phases[0] is not None
    }
    assert rows.size == 315
    assert starts == {0: -126, 1: -127}
