"""Every hostile file ends as the manifest of the corpus says, and never as a graded model."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hostile_corpus import CASES, KNOWN_DIFFERENCES, Outcome, wanted
from written_by_keras import saved

from answers.errors import CompanionError, ModelFileError, RefusedError
from checkers.engine.reading import reading
from checkers.engine.submission import submission
from checkers.model_file import limits
from checkers.model_file.reader import open_model

pytestmark = pytest.mark.corpus

# The HDF5 library itself may crash on these: they are opened in a child only.
NATIVE = [name for name in CASES if name.startswith("h5_")]
HERE = [name for name in CASES if name not in NATIVE]

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
    outcome, reason = wanted(name)
    return ("grade", "ok") if name in TOO_LARGE or outcome == "grade" else (outcome, reason)


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
    assert len(KNOWN_DIFFERENCES) <= 3


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
def test_an_honest_model_with_a_lambda_for_a_loss_is_opened_and_its_code_left(
    tmp_path: Path,
) -> None:
    """The counter-example to a refusal of cfg_lambda_loss.keras: Keras writes the same."""
    import zipfile

    import keras

    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    model.compile(loss=lambda _, found: keras.ops.mean(found))
    path = saved(model, tmp_path / "model.keras")
    assert b'"__lambda__"' in zipfile.ZipFile(path).read("config.json")
    read_here(path)


def test_an_honest_name_may_hold_a_slash() -> None:
    """The counter-example to a refusal of txt_rich_unbalanced.h5: DenseNet's names in Keras 2."""
    from checkers.model_file.graph_config import check_name

    assert check_name("conv2_block1_0_bn/gamma") == "conv2_block1_0_bn/gamma"
    assert check_name("[/bold]") == "[/bold]"


def test_the_file_of_many_layers_says_more_than_any_honest_one() -> None:
    """Keras's own EfficientNetB7 has 0.8 MB; as many layers as may be stay below the limit too."""
    import json

    entry = {"class_name": "Activation", "config": {"name": "a" * 60, "activation": "relu"}}
    assert len(json.dumps([entry] * limits.LAYERS)) < limits.JSON_BYTES
