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
