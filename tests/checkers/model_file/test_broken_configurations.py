"""A configuration with one value replaced is a network or a typed error, never another end."""

from __future__ import annotations

import copy
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from answers.errors import CompanionError, ModelFileError, RefusedError
from answers.network.graph import Network
from checkers.model_file.graph_config import read_model_config

MODELS = Path(__file__).resolve().parents[2] / "fixtures" / "models"
Place = tuple[str | int, ...]


def document(name: str) -> Any:
    with zipfile.ZipFile(MODELS / f"{name}.keras") as archive:
        return json.loads(archive.read("config.json"))


def places(value: Any, here: Place = ()) -> Iterator[Place]:
    """Where a value stands in a document, the document itself left out."""
    items: Any = ()
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    for key, inner in items:
        yield (*here, key)
        yield from places(inner, (*here, key))


def replaced(original: Any, place: Place, value: Any) -> Any:
    result = copy.deepcopy(original)
    inner = result
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    return result


def ending(config: Any) -> Network | CompanionError:
    try:
        return read_model_config(config)
    except CompanionError as error:
        return error


DOCUMENTS = {name: document(name) for name in ("cnn", "unet")}
PLACES = [(name, place) for name, value in DOCUMENTS.items() for place in places(value)]
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-2, 1 << 70)
    | st.floats(allow_nan=False)
    | st.sampled_from(["", "cnn", "Dense", "Functional", "\ud800"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["class_name", "config", "module", "keras_history", "layers"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=6,
)


@settings(max_examples=400, deadline=None)
@given(where=st.sampled_from(PLACES), value=VALUES)
def test_a_replaced_value_gives_a_network_or_a_typed_error(
    where: tuple[str, Place], value: Any
) -> None:
    name, place = where
    found = ending(replaced(DOCUMENTS[name], place, value))
    assert isinstance(found, Network | ModelFileError | RefusedError)
    if isinstance(found, CompanionError):
        assert found.message.endswith(".")


NO_NAMES: list[Any] = [[], {}, ["Sequential"], {"class_name": "Sequential"}]


@pytest.mark.parametrize("kind", NO_NAMES, ids=str)
def test_a_model_s_class_that_is_no_text_is_refused(kind: Any) -> None:
    with pytest.raises(RefusedError, match="a class of its own"):
        read_model_config(replaced(DOCUMENTS["cnn"], ("class_name",), kind))


@pytest.mark.parametrize("kind", NO_NAMES, ids=str)
def test_a_layer_s_class_that_is_no_text_is_damage(kind: Any) -> None:
    with pytest.raises(ModelFileError, match="no class name") as caught:
        read_model_config(replaced(DOCUMENTS["unet"], ("config", "layers", 2, "class_name"), kind))
    assert caught.value.code == "config-value"


# --- found by changing files (tests/support/reader_fuzz.py) ------------------------------------


def tensor(layer: str, *shape: int | None) -> dict[str, Any]:
    return {
        "class_name": "__keras_tensor__",
        "config": {"shape": shape and [None, *shape], "keras_history": [layer, 0, 0]},
    }


def entry(name: str, kind: Any, *taken: Any, **config: Any) -> dict[str, Any]:
    nodes = [{"args": list(taken), "kwargs": {}}] if taken else []
    config = {"name": name} | config
    return {"class_name": kind, "name": name, "config": config, "inbound_nodes": nodes}


def functional(*layers: dict[str, Any]) -> dict[str, Any]:
    ends = {"input_layers": [["x", 0, 0]], "output_layers": [[layers[-1]["name"], 0, 0]]}
    given = entry("x", "InputLayer", batch_shape=[None, 4])
    return {"class_name": "Functional", "config": {"layers": [given, *layers], **ends}}


@pytest.mark.parametrize("kind", [["Add"], {"Add": 1}, 7, None], ids=str)
@pytest.mark.parametrize("keep_unknown", [False, True])
def test_a_class_that_is_no_word_is_refused(kind: Any, *, keep_unknown: bool) -> None:
    config = functional(entry("y", kind, tensor("x")))
    with pytest.raises((ModelFileError, RefusedError)):
        read_model_config(config, keep_unknown=keep_unknown)


def test_an_operation_without_a_class_is_refused() -> None:
    layer = entry("y", "Add", tensor("x")) | {"module": "keras.src.ops.numpy"}
    del layer["class_name"]
    with pytest.raises((ModelFileError, RefusedError)):
        read_model_config(functional(layer))


@pytest.mark.parametrize("history", [["elsewhere", 0, 0], ["y", 3, 0], ["y", 0, 7]], ids=str)
def test_a_shape_that_is_recorded_of_another_network_says_nothing(history: list[Any]) -> None:
    other = tensor("elsewhere", 9)
    other["config"]["keras_history"] = history
    given = entry("x", "InputLayer", batch_shape=[None, 4])
    layers = [given, entry("y", "Dense", other, units=3, activation="linear")]
    network = read_model_config({"class_name": "Sequential", "config": {"layers": layers}})
    assert [node.name for node in network.nodes] == ["x", "y"]
