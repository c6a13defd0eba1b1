"""Both engines against plain loops in float64 (`naive_layers`), a third opinion beside Keras's.

A bounded part of the grid: every class, every value of every setting, odd and even sizes. Largest
difference allowed: 1e-5 of the largest answer.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, fields
from typing import Any, Literal, get_args, get_origin

import numpy as np
import pytest
from layer_grid import CASES, DOES_NOTHING, Case, inputs_of, named
from naive_cases import KERAS_ALONE, MORE, ONNX_ALONE, bounded
from naive_functions import sparsemax
from naive_layers import JUDGES, LEFT_OUT, naive_answers
from one_layer import Array, keras_answers, made, network_of, onnx_answers, random_arrays

from answers.layers.catalogue import FAMILIES, LAYERS
from answers.layers.fields import schema
from answers.network.graph import Network
from checkers.engine.onnx.coverage import uncovered

pytest.importorskip("onnxruntime")

TOLERANCE = 1e-5
BOTH = [*bounded(CASES), *MORE]
ASKED = [*BOTH, *KERAS_ALONE, *ONNX_ALONE]


def assert_naive(item: Case, engine: Callable[[Network, list[Array], list[Array]], Array]) -> None:
    kind, taken, settings = item
    layer = made(kind, **settings)
    network = network_of(layer, *taken)
    arrays, inputs = random_arrays(network), inputs_of(item)
    wanted = naive_answers(layer, arrays, inputs)
    found = engine(network, arrays, inputs)
    shapes = layer.output_shapes(*taken)
    sizes = [math.prod(map(int, filter(None, shape))) for shape in shapes]
    row = shapes[0] if len(shapes) == 1 else (sum(sizes),)  # see `in_one`
    assert found.shape == wanted.shape == (len(inputs[0]), *row)
    assert np.isfinite(wanted).all()
    assert np.abs(found - wanted).max() <= TOLERANCE * max(1.0, float(np.abs(wanted).max()))


# --- the engines -------------------------------------------------------------------------------


@pytest.mark.parametrize("item", [*BOTH, *ONNX_ALONE], ids=named)
def test_onnx_runtime_answers_as_plain_loops_do(item: Case) -> None:
    assert_naive(item, onnx_answers)


def one_of_each_family() -> list[Case]:
    by_kind = {item[0]: item for item in BOTH}
    firsts = (
        next((by_kind[n] for n in names if n in by_kind), None) for names in FAMILIES.values()
    )
    return [item for item in firsts if item is not None]


# older Keras 3 files have it, and Keras still computes it as it did
@pytest.mark.filterwarnings("ignore:You passed `rms_scaling=True`:UserWarning")
@pytest.mark.parametrize("item", one_of_each_family(), ids=named)
def test_keras_answers_as_plain_loops_do_in_each_family(item: Case) -> None:
    assert_naive(item, keras_answers)


@pytest.mark.filterwarnings("ignore:You passed `rms_scaling=True`:UserWarning")
@pytest.mark.slow
@pytest.mark.parametrize("item", [*BOTH, *KERAS_ALONE], ids=named)
def test_keras_answers_as_plain_loops_do(item: Case) -> None:
    assert_naive(item, keras_answers)


@pytest.mark.parametrize("item", KERAS_ALONE, ids=named)
def test_what_keras_alone_is_asked_is_left_to_it(item: Case) -> None:
    kind, taken, settings = item
    assert uncovered(network_of(made(kind, **settings), *taken), list(taken))


def test_a_scale_of_rms_normalization_that_does_not_fit_the_last_axes_is_left_to_keras() -> None:
    layer = made("RMSNormalization", axis=1)
    assert "RMSNormalization" in uncovered(network_of(layer, (5, 4, 6)), [(5, 4, 6)])


# --- what is judged ----------------------------------------------------------------------------


def test_every_layer_class_has_a_naive_judge_or_a_reason_to_have_none() -> None:
    assert sorted([*JUDGES, *LEFT_OUT]) == sorted(LAYERS)


def test_every_judged_class_is_asked() -> None:
    assert {kind for kind, _, _ in ASKED} == set(JUDGES)


_MASKED = "it says something of masks only, which test_masks.py judges"
_CUDNN = "such a layer has no other"
# class and option, or an option of all classes → why no case has another value of it
NOT_VARIED: Mapping[str, str] = {
    "dtype": "the engines compute in float32; other types are left to Keras",
    "masked_with_states": _MASKED,
    "sees_masks": _MASKED,
    "zero_output_for_mask": _MASKED,
    **{
        f"{kind}.{name}": _CUDNN
        for kind in ("CuDNNGRU", "CuDNNLSTM")
        for name in ("activation", "recurrent_activation", "use_bias", "reset_after")
    },
}


def unvaried(kind: str) -> Iterator[str]:
    """Options of a class of which the cases lack a value: any of a few words, another of many."""
    cases = [settings for name, _, settings in ASKED if name == kind]
    hints = schema(LAYERS[kind])
    for field in fields(LAYERS[kind]):
        seen = {repr(settings.get(field.name, field.default)) for settings in cases}
        few = choices(hints[field.name]) if "activation" not in field.name else ()
        missing = {repr(value) for value in few} - seen
        lone = not few and (
            seen == {repr(field.default)} or (field.default is MISSING and len(seen) < 2)
        )
        if missing or lone:
            yield f"{kind}.{field.name}"


def choices(hint: Any) -> tuple[Any, ...]:
    if hint is bool:
        return (True, False)
    return get_args(hint) if get_origin(hint) is Literal else ()


@pytest.mark.parametrize("kind", sorted(set(JUDGES) - DOES_NOTHING))
def test_every_option_of_a_judged_class_is_asked_with_other_values(kind: str) -> None:
    lacking = [name for name in unvaried(kind) if name.partition(".")[2] not in NOT_VARIED]
    assert [name for name in lacking if name not in NOT_VARIED] == []


@pytest.mark.parametrize("kind", sorted({kind for kind, taken, _ in CASES if len(taken[0]) == 3}))
def test_pictures_come_in_odd_and_even_sizes(kind: str) -> None:
    sides = {size % 2 for name, taken, _ in ASKED if name == kind for size in taken[0][:-1]}
    assert sides == {0, 1} or kind in ("DepthToSpace", "SpaceToDepth")


# --- the judge ---------------------------------------------------------------------------------


def answer(kind: str, numbers: list[Any], *weights: Any, **settings: Any) -> Any:
    return naive_answers(made(kind, **settings), weights, [np.array([numbers])])[0].tolist()


def column(*numbers: float) -> list[list[float]]:
    return [[number] for number in numbers]


def test_the_judge_finds_what_is_worked_out_by_hand() -> None:
    kernel = np.reshape([1.0, 10.0, 100.0], (3, 1, 1))
    conv: dict[str, Any] = {"filters": 1, "kernel_size": (3,), "use_bias": False}
    steps = column(1, 2, 3, 4)
    assert answer("Conv1D", steps, kernel, **conv) == column(321, 432)
    assert answer("Conv1D", steps, kernel, padding="causal", **conv) == column(100, 210, 321, 432)
    assert answer("Conv1D", steps, kernel, padding="same", strides=(2,), **conv) == column(321, 43)
    assert answer("Conv1DTranspose", column(1, 2), kernel, strides=(2,), **conv) == column(
        1, 10, 102, 20, 200
    )
    pool: dict[str, Any] = {"pool_size": (2,), "strides": (1,), "padding": "same"}
    assert answer("AveragePooling1D", column(1, 2, 6), **pool) == column(1.5, 4, 6)
    assert (
        answer("UpSampling2D", [column(0, 4)], interpolation="bilinear") == [column(0, 1, 3, 4)] * 2
    )
    one = [np.array([[1.0]]), np.array([[0.5]])]
    plain: dict[str, Any] = {"units": 1, "use_bias": False, "activation": "linear"}
    assert answer("SimpleRNN", column(1, 2, 4), *one, **plain) == [4 + (2 + 1 / 2) / 2]


def test_sparsemax_is_that_of_keras_whose_shares_may_lack_a_sum_of_1() -> None:
    """The paper has the shares 0.75 and 0.25 here: τ = (1 + 0.5 − 1) / 2."""
    row = np.array([[1.0, 0.5, -1.0]])
    assert sparsemax(row).tolist() == [[0.25, 0.0, 0.0]]
    layer = made("Activation", activation="sparsemax")
    found = keras_answers(network_of(layer, (3,)), [], [row.astype("f4")])
    assert found.tolist() == [[0.25, 0.0, 0.0]]
