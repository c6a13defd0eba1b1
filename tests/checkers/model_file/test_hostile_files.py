"""Every hostile file ends as the manifest of the corpus says, and never as a graded model."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from corpus import load_json

from answers.errors import CompanionError, ModelFileError, RefusedError
from checkers.engine.reading import reading
from checkers.engine.submission import submission
from checkers.model_file.reader import open_model

pytestmark = pytest.mark.corpus

Outcome = tuple[str, str]
CASES: dict[str, Any] = {
    item["file"]: item for item in (load_json("hostile/manifest.json") or {"cases": []})["cases"]
}
# The HDF5 library itself may crash on these: they are opened in a child only.
NATIVE = [name for name in CASES if name.startswith("h5_")]
HERE = [name for name in CASES if name not in NATIVE]

# Where the reader says something else than the manifest's first answer, and why that is right.
# Each is one of the manifest's further right answers, or is judged after the reader.
OTHER_CODE = "the class is not on the allow-list, whatever it would do"
KNOWN_DIFFERENCES: dict[str, tuple[Outcome, str]] = {
    "cfg_call_argument_object.keras": (
        ("refuse-attack", "call-argument"),
        "no call argument but None is accepted, so its module is not looked at",
    ),
    "cfg_enable_unsafe.keras": (
        ("refuse-attack", "code-module"),
        "the function that stands for a layer comes before the Lambda",
    ),
    "cfg_keras_src_utils.keras": (("refuse-attack", "layer-not-allowed"), OTHER_CODE),
    "cfg_lambda_loss.keras": (("grade", "ok"), "how a model was compiled is never read as code"),
    "cfg_lookup_vocabulary_path.keras": (("refuse-attack", "layer-not-allowed"), OTHER_CODE),
    "cfg_text_vectorization_path.h5": (("refuse-attack", "layer-not-allowed"), OTHER_CODE),
    "cfg_tfsm_layer.keras": (("refuse-attack", "layer-not-allowed"), OTHER_CODE),
    "cfg_torch_pickle.keras": (("refuse-attack", "layer-not-allowed"), OTHER_CODE),
    "json_huge_integer.keras": (
        ("refuse-damaged", "json-number"),
        "no Keras writes a whole number of 100,000 digits",
    ),
    "res_many_layers.keras": (
        ("refuse-attack", "zip-bomb"),
        "the size of config.json is judged before it is unpacked",
    ),
    "res_nested_doubling.keras": (
        ("refuse-attack", "model-too-deep"),
        "the depth is judged before the calls are counted",
    ),
    "txt_rich_unbalanced.h5": (("grade", "ok"), "a printable name is escaped where it is shown"),
    "zip_bomb_bzip2.keras": (
        ("refuse-attack", "zip-method"),
        "bzip2 is refused before its ratio is looked at",
    ),
}
# Networks that are too large: the reader gives the configuration, and the limits of a grade
# (checkers/measuring/fitting.py) refuse them before a weight is read.
TOO_LARGE = {
    "res_conv_filters.h5",
    "res_dense_units.keras",
    "res_input_shape.keras",
    "res_shared_compute.keras",
    "res_upsampling.keras",
}
SECONDS = 60


def expected(name: str) -> Outcome:
    """What the reader should say. Findings about outputs come after it, when the model runs."""
    if name in KNOWN_DIFFERENCES:
        return KNOWN_DIFFERENCES[name][0]
    case = CASES[name]
    if name in TOO_LARGE or case["expected"] == "grade":
        return "grade", "ok"
    return case["expected"], case["reason"]


def outcome(read: Callable[[Path], None], path: Path) -> Outcome:
    try:
        read(path)
    except ModelFileError as error:
        return "refuse-damaged", error.code
    except RefusedError as error:
        return "refuse-attack", error.code
    except CompanionError as error:
        return type(error).__name__, error.code
    return "grade", "ok"


def read_here(path: Path) -> None:
    with submission(path) as copy, open(copy.descriptor, "rb", closefd=False) as file:
        opened = open_model(file)
        if path.name not in TOO_LARGE:
            list(opened.weights())


def read_in_child(path: Path) -> None:
    with submission(path) as copy, reading(copy.descriptor) as reader:
        model = reader.model()
        if path.name not in TOO_LARGE:
            reader.weights(model)


def test_the_known_differences_are_differences_and_right_too() -> None:
    for name, (found, _) in KNOWN_DIFFERENCES.items():
        case = CASES[name]
        assert found != (case["expected"], case["reason"])
        assert list(found) in case["also"]
    assert len(KNOWN_DIFFERENCES) <= 13


def test_only_what_the_limits_judge_is_left_to_them() -> None:
    reasons = {CASES[name]["reason"] for name in TOO_LARGE}
    assert reasons == {"too-many-parameters", "too-much-activation-memory", "too-much-compute"}


@pytest.mark.parametrize("name", HERE)
def test_a_hostile_file_ends_as_the_manifest_says(corpus: Path, name: str) -> None:
    assert outcome(read_here, corpus / "hostile" / "files" / name) == expected(name)


@pytest.mark.parametrize("name", NATIVE)
def test_hostile_hdf5_ends_as_the_manifest_says(corpus: Path, name: str) -> None:
    start = time.monotonic()
    assert outcome(read_in_child, corpus / "hostile" / "files" / name) == expected(name)
    assert time.monotonic() - start < SECONDS


@pytest.mark.slow
@pytest.mark.parametrize("name", HERE)
def test_the_reading_child_says_the_same_in_time(corpus: Path, name: str) -> None:
    start = time.monotonic()
    assert outcome(read_in_child, corpus / "hostile" / "files" / name) == expected(name)
    assert time.monotonic() - start < SECONDS
