"""Models of recurrent, attention and normalisation layers: saved by Keras, read, rebuilt.

Keras writes each model in both of its formats; what we read must have every number, and what we
build of it must compute what the model computes.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from written_by_keras import assert_opened_exactly, rebuilt, saved, with_noise

from answers.network.parameters import leaves
from checkers.model_file.reader import open_model

pytestmark = pytest.mark.slow
Make = Callable[[Any, Any], Any]  # of keras.layers and an input: the output


def bidirectional(layers: Any, x: Any) -> Any:
    for mode in ("concat", "sum", "mul", "ave"):
        x = layers.Bidirectional(layers.GRU(3, return_sequences=True), merge_mode=mode)(x)
    back = layers.LSTM(2, go_backwards=True, recurrent_activation="relu")
    return layers.Bidirectional(layers.LSTM(2), backward_layer=back)(x)


def cells(layers: Any, x: Any) -> Any:
    x = layers.LSTM(4, return_sequences=True, go_backwards=True, use_bias=False)(x)
    x = layers.GRU(5, return_sequences=True, reset_after=False, dropout=0.5)(x)
    x = layers.GRU(5, return_sequences=True, activation="relu", recurrent_activation="tanh")(x)
    return layers.SimpleRNN(3, activation=None, unroll=True)(x)


def distributed(layers: Any, x: Any) -> Any:
    x = layers.Reshape((3, 4, 5))(x)
    x = layers.TimeDistributed(layers.TimeDistributed(layers.Dense(4, activation="relu")))(x)
    x = layers.TimeDistributed(layers.BatchNormalization())(x)
    x = layers.TimeDistributed(layers.Dropout(0.5))(x)
    x = layers.TimeDistributed(layers.LSTM(3, return_sequences=True))(x)
    return layers.TimeDistributed(layers.Bidirectional(layers.SimpleRNN(2)))(x)


def heads(layers: Any, x: Any) -> Any:
    y = layers.Dense(7)(x)
    z = layers.MultiHeadAttention(2, 3)(x, x)
    z = layers.MultiHeadAttention(2, 3, value_dim=4, use_bias=False)(z, y)
    z = layers.MultiHeadAttention(1, 3, output_shape=6)(query=z, value=y, key=x)
    z = layers.MultiHeadAttention(3, 2, attention_axes=(1,))(z, value=y, use_causal_mask=False)
    return layers.GroupQueryAttention(4, 4, 2)(z, z)


def plain(layers: Any, x: Any) -> Any:
    y = layers.Dense(5)(x)
    z = layers.Attention(use_scale=True, dropout=0.5)([x, y])
    z = layers.Attention(use_scale=True, score_mode="concat")([z, y, x])
    return layers.AdditiveAttention()([z, y])


def norms(layers: Any, x: Any) -> Any:
    x = layers.LayerNormalization(epsilon=0.1)(x)
    x = layers.LayerNormalization(axis=(1, 2), scale=False)(x)
    x = layers.Reshape((4, 3, 5))(x)
    x = layers.Dense(6)(x)
    x = layers.GroupNormalization(groups=3)(x)
    x = layers.GroupNormalization(groups=-1, center=False)(x)
    x = layers.RMSNormalization(axis=-1)(x)
    return layers.UnitNormalization(axis=(1, 3))(x)


def rows(layers: Any, x: Any) -> Any:
    x = layers.Reshape((3, 4, 5))(x)
    x = layers.ConvLSTM1D(3, 2, padding="same", return_sequences=True)(x)
    return layers.ConvLSTM1D(2, 3, strides=2, go_backwards=True)(x)


def pictures(layers: Any, x: Any) -> Any:
    x = layers.Reshape((3, 2, 2, 5))(x)
    x = layers.ConvLSTM2D(3, (1, 2), padding="same", return_sequences=True, dropout=0.1)(x)
    x = layers.ConvLSTM2D(2, 1, use_bias=False)(x)
    return layers.Bidirectional(layers.ConvLSTM1D(2, 1))(x)


def frozen(layers: Any, x: Any) -> Any:
    both, held = layers.Bidirectional(layers.LSTM(2, return_sequences=True)), layers.Dense(3)
    both.trainable = held.trainable = False
    return layers.GRU(2)(layers.TimeDistributed(held)(both(x)))


def cells_along_steps(layers: Any, x: Any) -> Any:
    x = layers.RNN(layers.LSTMCell(4, dropout=0.3), return_sequences=True)(x)
    x = layers.RNN(layers.GRUCell(3, reset_after=False), return_sequences=True)(x)
    x = layers.RNN(layers.SimpleRNNCell(3, use_bias=False), return_sequences=True)(x)
    x = layers.RNN(layers.GRUCell(5, activation="relu"), True, go_backwards=True)(x)
    return layers.RNN(layers.LSTMCell(2, recurrent_activation="relu"))(x)


def cells_on_cells(layers: Any, x: Any) -> Any:
    cells = [layers.LSTMCell(4), layers.LSTMCell(3), layers.GRUCell(5), layers.LSTMCell(2)]
    x = layers.RNN(cells, return_sequences=True)(x)
    cells = [layers.SimpleRNNCell(3), layers.SimpleRNNCell(3)]
    x = layers.RNN(layers.StackedRNNCells(cells), return_sequences=True)(x)
    return layers.RNN([layers.GRUCell(3)])(x)


def cells_both_ways(layers: Any, x: Any) -> Any:
    x = layers.Bidirectional(layers.RNN(layers.GRUCell(3), return_sequences=True))(x)
    x = layers.Bidirectional(layers.RNN([layers.LSTMCell(3), layers.SimpleRNNCell(2)], True))(x)
    back = layers.RNN(layers.LSTMCell(2), go_backwards=True)
    return layers.Bidirectional(layers.LSTM(2), backward_layer=back, merge_mode="sum")(x)


def sums(layers: Any, x: Any) -> Any:
    x = layers.EinsumDense("abc,bcd->abd", (12, 3), bias_axes="bd")(x)
    x = layers.EinsumDense("abc,bd->adc", (5, 3), bias_axes="d")(x)
    x = layers.TimeDistributed(layers.EinsumDense("ab,bc->ac", 4, bias_axes="c"))(x)
    x = layers.EinsumDense("abc,cd->abd", (None, 6), bias_axes="d", activation="relu")(x)
    x = layers.EinsumDense("abc,cde->abde", (None, 2, 3), bias_axes="de")(x)
    x = layers.EinsumDense("abde,dec->abc", (None, 4), bias_axes="c")(x)
    x = layers.EinsumDense("...x,xy->...y", 4)(x)
    return layers.EinsumDense("...x,xy->...y", 6, bias_axes="y")(x)


def spectral(layers: Any, x: Any) -> Any:
    x = layers.SpectralNormalization(layers.Conv1D(4, 3, activation="relu"))(x)
    x = layers.SpectralNormalization(layers.Dense(3), power_iterations=2)(x)
    x = layers.SpectralNormalization(layers.Conv1DTranspose(5, 2, use_bias=False))(x)
    return layers.SpectralNormalization(layers.DepthwiseConv1D(2, depth_multiplier=2))(x)


NETWORKS: list[Make] = [
    bidirectional,
    cells,
    distributed,
    heads,
    plain,
    norms,
    rows,
    pictures,
    frozen,
    *(cells_along_steps, cells_on_cells, cells_both_ways),
    *(sums, spectral),
]


def words(layers: Any, keras: Any) -> Any:
    """A masked sentence; the mask lies on no wire of its own in a Sequential."""
    return keras.Sequential(
        [
            keras.Input((6,)),
            layers.Embedding(9, 4, mask_zero=True),
            layers.LSTM(3, return_sequences=True),
            layers.Bidirectional(layers.GRU(3)),
            layers.Dense(2),
        ]
    )


@pytest.mark.parametrize("ending", ["keras", "h5"])
@pytest.mark.parametrize("make", NETWORKS, ids=lambda make: make.__name__)
def test_a_model_is_read_and_rebuilt_to_the_number(make: Make, ending: str, tmp_path: Path) -> None:
    import keras

    x = keras.Input((12, 5))
    model = with_noise(keras.Model(x, make(keras.layers, x)))
    given = np.random.default_rng(3).uniform(-1, 1, (4, 12, 5)).astype("float32")
    assert_opened_exactly(model, tmp_path / f"model.{ending}", given)


@pytest.mark.parametrize("ending", ["keras", "h5"])
def test_a_masked_sentence_is_answered_as_keras_does(ending: str, tmp_path: Path) -> None:
    import keras

    model = with_noise(words(keras.layers, keras))
    path = saved(model, tmp_path / f"model.{ending}")
    given = np.array([[1, 2, 3, 0, 0, 0], [4, 0, 5, 6, 0, 0], [0, 0, 0, 0, 0, 1]], "float32")
    wanted = model.predict(given, verbose=0)
    np.testing.assert_allclose(rebuilt(path, given), wanted, rtol=1e-4, atol=1e-5)


def test_the_leaves_of_a_file_keep_the_names_of_the_wrappers(tmp_path: Path) -> None:
    import keras

    model = with_noise(words(keras.layers, keras))
    with saved(model, tmp_path / "model.keras").open("rb") as file:
        network = open_model(file).model.network
    kinds = [leaf.layer.kind for leaf in leaves(network) if leaf.weights]
    assert kinds == ["Embedding", "LSTM", "Bidirectional", "Dense"]


@pytest.mark.parametrize("ending", ["keras", "h5"])
def test_augmentation_that_is_called_in_a_functional_model(ending: str, tmp_path: Path) -> None:
    # Keras 3 writes training=True into these calls by itself, and overrides it at prediction
    import keras

    layers = keras.layers
    x = keras.Input((8, 8, 3))
    y = layers.RandomContrast(0.5, value_range=(0, 1))(layers.RandomFlip()(x))
    y = layers.Conv2D(2, 3)(layers.Resizing(6, 6)(layers.RandomRotation(0.5)(y)))
    model = keras.Model(x, y)
    path = saved(model, tmp_path / f"model.{ending}")
    given = np.random.default_rng(4).uniform(0, 1, (3, 8, 8, 3)).astype("float32")
    np.testing.assert_allclose(rebuilt(path, given), model.predict(given, verbose=0), atol=1e-5)
