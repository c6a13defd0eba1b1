"""What is said of a slip is true of the layer at hand, by hand-worked numbers."""

from __future__ import annotations

from typing import Any

import pytest

from answers.misconceptions.recognise import Recognised, recognise
from answers.misconceptions.slip import MIXED, Quantity, slips
from answers.notation.reading import parse


def found(quantity: Quantity, row: str, claimed: Any) -> dict[str, Recognised]:
    items = recognise(quantity, parse(row), claimed).slips
    return {item.slip.code: item for item in items}


NEVER: list[tuple[str, Quantity, str, int]] = [
    ("groups-twice", "parameters", "in 8x8x8: gn4", 16 // 4),
    ("double-precision", "memory", "in 4: dense-3/dtype=float64", 2 * 8 * 15),
    ("double-precision", "memory", "in 4: dense-3/dtype=float16", 2 * 2 * 15),
    ("numbers-for-bytes", "memory", "in 4: dense-3/dtype=float16", 15),
    ("one-side-of-field", "receptive-field", "in 32x32x3: conv4-8", 1),
    ("parameters-for-macs", "macs", "in 4: dense-3", 15),
    ("normalised-once", "parameters", "in 8x8x16: bn/scale=false", 3),
    ("normalised-once", "parameters", "in 8x8x16: bn/scale=false/center=false", 2),
    ("normalised-per-position", "parameters", "in 4x5x6: ln/axis=(1,2,3)", 2 * 120 * 20),
    ("normalised-per-position", "parameters", "in 4x5x6: bn/axis=1", 4 * 4 * 20),
]


@pytest.mark.parametrize("case", NEVER, ids=lambda case: f"{case[0]} {case[2]}")
def test_a_slip_is_not_named_where_its_sentence_would_be_untrue(
    case: tuple[str, Quantity, str, int],
) -> None:
    code, quantity, row, claimed = case
    assert code not in found(quantity, row, claimed)


SAID: list[tuple[str, Quantity, str, Any, str]] = [
    ("stride-forgotten", "shape", "in 8x8x3: deconv3-4/s2/same", 8, "makes each axis s times longer"),
    ("stride-forgotten", "shape", "in 8x8x3: conv3-4/s2/same", 8, "only every s-th position is"),
    ("bias-forgotten", "parameters", "in 5x3: lstm-8", 4 * 88, "LSTM has four biases"),
    ("bias-forgotten", "parameters", "in 5x3: bilstm-8", 2 * 4 * 88, "LSTM has four biases"),
    ("bias-forgotten", "parameters", "in 5x3: gru-8", 3 * 88, "six with Keras's reset_after"),
    ("bias-forgotten", "parameters", "in 7x7x3: local3-16", 27 * 16 * 25, "each position and filter"),
    ("bias-forgotten", "parameters", "in 5x3: lstm-8, dense-2", 4 * 88 + 16, "these layers has biases"),
    ("bias-forgotten", "parameters", "in 5x5x3: conv3-8, dense-2", 216 + 16, "filter (or unit) has one"),
    ("bias-forgotten", "parameters", "in 4x8x8x3: ConvLSTM2D/filters=2/kernel_size=3", 9 * 5 * 8, "each filter of a convolutional LSTM"),
    ("bias-once", "parameters", "in 7x7x3: local3-16", 27 * 16 * 25 + 1, "one for each position and filter"),
    ("kernel-not-squared", "parameters", "in 8x8x8x3: conv3-4", 3 * 3 * 4 + 4, "the product of its sides"),
    ("parameters-for-macs", "macs", "in 8x8x3: conv3-4", 112, "at every position"),
    ("parameters-for-macs", "macs", "in 5x8x8x3: TimeDistributed/layer=Conv2D(filters=4,kernel_size=3)", 112, "at every position"),
    ("moving-statistics-forgotten", "parameters", "in 8x8x16: bn/scale=false", 16, "where it has all of them"),
    ("normalised-per-position", "parameters", "in 4x5x6: ln/axis=3", 2 * 6 * 20, "one set for each channel"),
    ("bias-per-input-channel", "parameters", "in 8x8x3: conv3-4/activation=glu", 27 * 4 + 3, "each filter"),
    ("bias-added", "macs", "in 8x8x3: conv3-4/activation=glu", 36 * (108 + 4), "a bias adds none"),
    ("groups-twice", "parameters", "in 8x8x8: conv3-4/g2", 9 * 4 * 2 + 4, "divided by the groups"),
    ("double-precision", "memory", "in 4: dense-3", 8 * 15, "a double of 8 bytes"),
]  # fmt: skip


@pytest.mark.parametrize("case", SAID, ids=lambda case: f"{case[0]} {case[2]}")
def test_a_slip_is_explained_by_what_is_true_of_the_layer(
    case: tuple[str, Quantity, str, Any, str],
) -> None:
    code, quantity, row, claimed, words = case
    assert words in found(quantity, row, claimed)[code].sentence


def test_a_slip_with_sentences_of_families_has_one_for_mixed_ones_too() -> None:
    with_own = [slip for slip in slips() if slip.own]
    assert with_own
    for slip in with_own:
        assert MIXED in {item.family for item in slip.own}
        assert all(item.sentence.endswith(".") for item in slip.own)
