"""The arrays of CuDNNLSTM and CuDNNGRU, against the way back that Keras 2.2.4 gives.

`_convert_rnn_weights` there makes them of plain ones: each gate's kernel transposed and read row by
row, each recurrent one transposed, half of the bias twice (LSTM) or both biases flat (GRU).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from answers.errors import InputError
from answers.layers.catalogue import LAYERS
from checkers.engine.cudnn import as_plain

Array = NDArray[np.float32]


def for_cudnn(kind: str, arrays: list[Array]) -> list[Array]:
    gates = 4 if "LSTM" in kind else 3
    kernel, recurrent, bias = arrays
    inputs = np.hstack([k.T.reshape(k.shape) for k in np.hsplit(kernel, gates)])
    states = np.hstack([k.T for k in np.hsplit(recurrent, gates)])
    return [inputs, states, np.tile(0.5 * bias, 2) if gates == 4 else bias.reshape(-1)]


def plain(kind: str) -> list[Array]:
    random = np.random.default_rng(4)
    shapes = [w.shape for w in LAYERS[kind](units=3).weights((6, 4))]  # type: ignore[call-arg]  # every cell has units
    return [random.normal(size=shape).astype("f4") for shape in shapes]


@pytest.mark.parametrize("kind", ["LSTM", "GRU"])
def test_the_arrays_of_a_cudnn_layer_become_those_of_a_plain_one(kind: str) -> None:
    record: Any = LAYERS[f"CuDNN{kind}"](units=3)  # type: ignore[call-arg]  # every cell has units
    arrays = plain(kind)
    stored = for_cudnn(kind, arrays)
    assert [array.shape for array in stored] == [w.shape for w in record.weights((6, 4))]
    for found, wanted in zip(as_plain(record, stored), arrays, strict=True):
        np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-7)


def test_both_directions_of_a_bidirectional_cudnn_layer_are_turned() -> None:
    inner: Any = LAYERS["CuDNNGRU"](units=3)  # type: ignore[call-arg]  # every cell has units
    both = LAYERS["Bidirectional"](layer=inner)  # type: ignore[call-arg]  # a wrapper has a layer
    arrays = plain("GRU")
    found = as_plain(both, 2 * for_cudnn("GRU", arrays))
    assert all(np.array_equal(*pair) for pair in zip(found, 2 * arrays, strict=True))


@pytest.mark.parametrize("ways", [("CuDNNGRU", "GRU"), ("GRU", "CuDNNGRU"), ("LSTM", "GRU")])
@pytest.mark.parametrize("bias", [True, False], ids=["bias", "no bias"])
def test_each_direction_gets_its_own_arrays_whatever_the_other_is(
    ways: tuple[str, str],
    bias: bool,
) -> None:
    other = {"use_bias": bias}
    settings: list[Any] = [{} if "CuDNN" in kind else other for kind in ways]
    forth, back = (
        LAYERS[kind](units=3, go_backwards=n == 1, **given)  # type: ignore[call-arg]  # every cell has units
        for n, (kind, given) in enumerate(zip(ways, settings, strict=True))
    )
    both = LAYERS["Bidirectional"](layer=forth, backward_layer=back)  # type: ignore[call-arg]  # a wrapper has layers
    random = np.random.default_rng(4)
    stored, wanted = [], []
    for layer in (forth, back):
        if "CuDNN" in layer.kind:
            wanted += plain("GRU")
            stored += for_cudnn("GRU", plain("GRU"))
        else:
            own = [random.normal(size=w.shape).astype("f4") for w in layer.weights((6, 4))]
            wanted, stored = wanted + own, stored + own
    found = as_plain(both, stored)
    for ours, theirs in zip(found, wanted, strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize(
    "setting", [{"use_bias": False}, {"activation": "relu"}, {"reset_after": False}]
)
def test_a_cudnn_cell_without_what_it_always_has_is_refused(setting: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="A CuDNNGRU has a bias, tanh, sigmoid"):
        LAYERS["CuDNNGRU"](units=3, **setting)  # type: ignore[call-arg]  # every cell has units


@pytest.mark.parametrize(("kind", "count"), [("CuDNNLSTM", 108), ("CuDNNGRU", 81)])
def test_a_cudnn_layer_has_two_biases_a_gate(kind: str, count: int) -> None:
    # 4 gates: 4·(4·3 + 3·3 + 2·3) = 108; 3 gates: 3·27 = 81
    record = LAYERS[kind](units=3)  # type: ignore[call-arg]  # every cell has units
    assert sum(weight.size for weight in record.weights((6, 4))) == count
