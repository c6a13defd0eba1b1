"""A file that is refused for one of its layers is still shown by `inspect`."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

MODEL = Path(__file__).resolve().parents[1] / "fixtures" / "models" / "cnn.keras"


@pytest.fixture
def own_layer(tmp_path: Path) -> Path:
    """A classifier with a layer of a student's own behind it."""
    path = tmp_path / "own.keras"
    with zipfile.ZipFile(MODEL) as source, zipfile.ZipFile(path, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            if name == "config.json":
                config = json.loads(data)
                own = {"class_name": "Mine", "module": "zoo", "registered_name": "zoo>Mine"}
                config["config"]["layers"].append(own | {"config": {"name": "scale"}})
                data = json.dumps(config).encode()
            target.writestr(name, data)
    return path


def test_the_layers_around_one_that_is_refused_are_shown(run: Any, own_layer: Path) -> None:
    done = run("inspect", own_layer.name)
    assert done.code == 4
    assert "'Mine' is not Keras's own" in " ".join(done.err.split())
    assert "Conv2D" in done.out
    assert "at least" in done.out


def test_the_document_of_a_refusal_holds_what_is_known(run: Any, own_layer: Path) -> None:
    done = run("inspect", own_layer.name, "--json")
    assert done.code == 4
    document = done.document
    assert (document["ok"], document["error"]["code"]) == (False, "layer-not-allowed")
    assert document["error"]["where"] == "layer scale"
    assert document["result"]["parameters"]["at_least"] is True
    assert document["result"]["parameters"]["total"] > 0
    assert document["result"]["layers"][-1]["parameters"] is None
