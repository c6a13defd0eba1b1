"""Layers of which more than the first output is used, in files that Keras writes: read and rebuilt.

States that come out and go in, two directions that are not merged, scores of attention. Keras's own
outputs are the judge of both engines; of masks beside states, which Keras 3 forgets, too.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from one_layer import onnx_answers
from written_by_keras import assert_opened_exactly, saved, with_noise

from answers.errors import RefusedError
from checkers.engine.onnx.coverage import uncovered
from checkers.model_file.reader import open_model

pytestmark = pytest.mark.slow
Make = Callable[[Any, Any], Any]  # of keras.layers and an input: the output


def translator(layers: Any, x: Any) -> Any:
    _, h, c = layers.LSTM(4, return_state=True)(x)
    y = layers.LSTM(4, return_sequences=True)(layers.Dense(3)(x), initial_state=[h, c])
    return layers.Dense(6, activation="softmax")(y)


def gates(layers: Any, x: Any) -> Any:
    y, h = layers.GRU(4, return_state=True, return_sequences=True, reset_after=False)(x)
    z, h = layers.GRU(4, return_state=True, return_sequences=True)(y, initial_state=h)
    z, h = layers.SimpleRNN(4, return_state=True, go_backwards=True)(z, initial_state=[h])
    return layers.Concatenate()([z, h])


def both_ways(layers: Any, x: Any) -> Any:
    lstm = layers.Bidirectional(layers.LSTM(3, return_state=True, return_sequences=True))
    y, *states = lstm(x)
    y, *states = layers.Bidirectional(layers.LSTM(3, return_state=True))(y, initial_state=states)
    gru = layers.Bidirectional(layers.GRU(3, return_state=True, return_sequences=True), "sum")
    z, *more = gru(x)
    return layers.Concatenate()([y, *states, *more, layers.Flatten()(z)])


def not_merged(layers: Any, x: Any) -> Any:
    first, second = layers.Bidirectional(layers.GRU(3, return_sequences=True), None)(x)
    a, b = layers.Bidirectional(layers.SimpleRNN(3), merge_mode=None)(layers.Add()([first, second]))
    return layers.Subtract()([a, b])


def shared(layers: Any, x: Any) -> Any:
    cell = layers.GRU(4, return_state=True)
    y, h = cell(x)
    z, h = cell(x, initial_state=h)
    return layers.Concatenate()([y, z, h])


def cells(layers: Any, x: Any) -> Any:
    y, h, c = layers.RNN(layers.LSTMCell(3), return_state=True, return_sequences=True)(x)
    return layers.RNN(layers.LSTMCell(3))(y, initial_state=[h, c])


def scores(layers: Any, x: Any) -> Any:
    y, many = layers.MultiHeadAttention(2, 3)(x, x, return_attention_scores=True)
    z, few = layers.Attention()([y, x], return_attention_scores=True)
    z, other = layers.AdditiveAttention()([z, x], return_attention_scores=True)
    again = layers.GroupQueryAttention(4, 4, 2)(z, x, return_attention_scores=True)[1]
    flat = [layers.Flatten()(it) for it in (many, few, other, again, z)]
    return layers.Concatenate()(flat)


def looking_back(layers: Any, x: Any) -> Any:
    y = layers.MultiHeadAttention(2, 3)(x, x, use_causal_mask=True)
    y = layers.GroupQueryAttention(4, 4, 2)(y, y, use_causal_mask=True)
    y = layers.Attention(use_scale=True)([y, y], use_causal_mask=True)
    return layers.AdditiveAttention()([y, x], use_causal_mask=True)


def by_words_alone(layers: Any, x: Any) -> Any:
    """A generator of text, as Keras's own examples have it."""
    z = layers.LayerNormalization()(x)
    attended = layers.MultiHeadAttention(num_heads=2, key_dim=3)(
        query=z, value=z, key=z, use_causal_mask=True
    )
    return layers.Dense(7)(layers.Add()([x, attended]))


def pictures(layers: Any, x: Any) -> Any:
    steps = layers.Reshape((3, 4, 5))(x)
    y, h, c = layers.ConvLSTM1D(2, 3, padding="same", return_sequences=True, return_state=True)(
        steps
    )
    return layers.ConvLSTM1D(2, 3, padding="same")(y, initial_state=[h, c])


NETWORKS: list[Make] = [
    *(translator, gates, both_ways, not_merged, shared, cells, scores, looking_back),
    *(by_words_alone, pictures),
]
OF_KERAS_ALONE = (pictures,)


@pytest.mark.parametrize("ending", ["keras", "h5"])
@pytest.mark.parametrize("make", NETWORKS, ids=lambda make: make.__name__)
def test_a_model_is_read_and_rebuilt_to_the_number(make: Make, ending: str, tmp_path: Path) -> None:
    import keras

    x = keras.Input((12, 5))
    model = with_noise(keras.Model(x, make(keras.layers, x)))
    given = np.random.default_rng(3).uniform(-1, 1, (4, 12, 5)).astype("float32")
    path = tmp_path / f"model.{ending}"
    assert_opened_exactly(model, path, given)
    if make in OF_KERAS_ALONE:
        return
    with path.open("rb") as file:
        opened = open_model(file)
        arrays = list(opened.weights())
    network = opened.model.network
    assert uncovered(network, [(12, 5)]) == ""
    wanted = model.predict(given, verbose=0)
    np.testing.assert_allclose(onnx_answers(network, arrays, [given]), wanted, rtol=1e-4, atol=1e-5)


# --- masks beside states ------------------------------------------------------------------------

WORDS = np.array([[1, 2, 3, 0, 0, 0], [4, 0, 5, 6, 0, 0], [0, 0, 0, 0, 0, 1], [7, 8, 1, 2, 3, 4]])


def masked_translator(layers: Any, x: Any) -> Any:
    _, h, c = layers.LSTM(4, return_state=True)(layers.Embedding(9, 3, mask_zero=True)(x))
    y = layers.Embedding(9, 3, mask_zero=True)(x)
    y, *_ = layers.LSTM(4, return_sequences=True, return_state=True)(y, initial_state=[h, c])
    return layers.Dense(6, activation="softmax")(y)


def masked_both_ways(layers: Any, x: Any) -> Any:
    words = layers.Embedding(9, 3, mask_zero=True)(x)
    y, *states = layers.Bidirectional(layers.GRU(4, return_state=True, return_sequences=True))(
        words
    )
    z = layers.Bidirectional(layers.GRU(4, return_sequences=True))(words, initial_state=states)
    return layers.Add()([y, z])


def masked_scores(layers: Any, x: Any) -> Any:
    words = layers.Embedding(9, 3, mask_zero=True)(x)
    y, scores = layers.MultiHeadAttention(2, 3)(
        words, words, return_attention_scores=True, use_causal_mask=True
    )
    y = layers.Attention()([y, words], use_causal_mask=True)
    return layers.Concatenate()([layers.Flatten()(y), layers.Flatten()(scores)])


def masked_by_hand(layers: Any, x: Any) -> Any:
    embedding = layers.Embedding(9, 3, mask_zero=True)
    words, mask = embedding(x), embedding.compute_mask(x)
    y, h = layers.GRU(4, return_state=True)(words)
    z, h = layers.GRU(4, return_state=True)(words, initial_state=h, mask=mask)
    return layers.Concatenate()([y, z, h])


MASKED: list[Make] = [masked_translator, masked_both_ways, masked_scores, masked_by_hand]


@pytest.mark.filterwarnings("ignore:Layer .* was passed an input with a mask:UserWarning")
@pytest.mark.parametrize("ending", ["keras", "h5"])
@pytest.mark.parametrize("make", MASKED, ids=lambda make: make.__name__)
def test_masks_are_where_keras_has_them(make: Make, ending: str, tmp_path: Path) -> None:
    import keras

    x = keras.Input((6,))
    model = with_noise(keras.Model(x, make(keras.layers, x)))
    assert_opened_exactly(model, tmp_path / f"model.{ending}", WORDS.astype("float32"))


# --- what has no meaning ------------------------------------------------------------------------


def test_an_output_that_a_layer_does_not_give_is_refused() -> None:
    import json

    import keras

    from checkers.model_file.graph_config import read_model_config

    x = keras.Input((12, 5))
    y = keras.layers.LSTM(3, return_state=True)(x)[2]
    document = json.loads(keras.Model(x, y).to_json())
    document["config"]["layers"][1]["config"]["return_state"] = False
    with pytest.raises(RefusedError, match="takes output 2 of a layer that gives 1"):
        read_model_config(document)


def test_a_layer_that_looks_back_in_one_call_alone_is_refused(tmp_path: Path) -> None:
    import keras

    x = keras.Input((12, 5))
    layer = keras.layers.MultiHeadAttention(2, 3)
    y = layer(layer(x, x, use_causal_mask=True), x)
    with (
        saved(keras.Model(x, y), tmp_path / "model.keras").open("rb") as file,
        pytest.raises(RefusedError, match="looks back only in one of its calls"),
    ):
        open_model(file)
