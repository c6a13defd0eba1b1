"""What Keras 1 called otherwise, by the table of Keras 2.2.4's `legacy/interfaces.py`."""

from __future__ import annotations

from typing import Any

import pytest

from answers.errors import RefusedError
from answers.layers.catalogue import LAYERS
from checkers.model_file.layer_config import read_layer

CASES: list[tuple[str, dict[str, Any], str, dict[str, Any]]] = [
    (
        "Convolution2D",
        {"nb_filter": 4, "nb_row": 3, "nb_col": 2, "border_mode": "same", "subsample": [2, 1],
         "dim_ordering": "tf", "bias": False, "init": "glorot_uniform", "W_regularizer": None},
        "Conv2D",
        {"filters": 4, "kernel_size": (3, 2), "padding": "same", "strides": (2, 1), "use_bias": False},
    ),
    (
        "AtrousConvolution1D",
        {"nb_filter": 4, "filter_length": 3, "atrous_rate": 2, "input_dim": 5, "input_length": 7},
        "Conv1D",
        {"filters": 4, "kernel_size": 3, "dilation_rate": 2},
    ),
    (
        "Convolution3D",
        {"nb_filter": 4, "kernel_dim1": 1, "kernel_dim2": 2, "kernel_dim3": 3},
        "Conv3D",
        {"filters": 4, "kernel_size": (1, 2, 3)},
    ),
    (
        "SeparableConvolution2D",
        {"nb_filter": 4, "nb_row": 3, "nb_col": 3, "depth_multiplier": 2},
        "SeparableConv2D",
        {"filters": 4, "kernel_size": 3, "depth_multiplier": 2},
    ),
    ("MaxPooling1D", {"pool_length": 2, "stride": 1, "border_mode": "same"}, "MaxPooling1D",
     {"pool_size": 2, "strides": 1, "padding": "same"}),
    ("Dense", {"output_dim": 3, "input_dim": 4, "bias": True, "activation": "relu"}, "Dense",
     {"units": 3, "activation": "relu"}),
    ("TimeDistributedDense", {"output_dim": 3}, "Dense", {"units": 3}),
    ("Dropout", {"p": 0.25}, "Dropout", {"rate": 0.25}),
    ("GaussianNoise", {"sigma": 0.5}, "GaussianNoise", {"stddev": 0.5}),
    ("LSTM", {"output_dim": 3, "inner_activation": "relu", "consume_less": "cpu", "dropout_W": 0.1},
     "LSTM", {"units": 3, "recurrent_activation": "relu"}),
    ("GRU", {"output_dim": 3}, "GRU", {"units": 3, "reset_after": False}),
    ("Embedding", {"input_dim": 9, "output_dim": 3, "dropout": 0.1}, "Embedding",
     {"input_dim": 9, "output_dim": 3}),
    ("UpSampling1D", {"length": 3}, "UpSampling1D", {"size": 3}),
    ("ZeroPadding2D", {"padding": [1, 2, 3, 4], "dim_ordering": "tf"}, "ZeroPadding2D",
     {"padding": ((1, 2), (3, 4))}),
    ("ZeroPadding2D", {"padding": {"top_pad": 1, "right_pad": 2}}, "ZeroPadding2D",
     {"padding": ((1, 0), (0, 2))}),
    ("BatchNormalization", {"mode": 0, "axis": -1, "epsilon": 0.1, "beta_init": "zero"},
     "BatchNormalization", {"epsilon": 0.1}),
    ("Merge", {"mode": "concat", "mode_type": "raw", "concat_axis": 3, "dot_axes": -1},
     "Concatenate", {"axis": 3}),
    ("Merge", {"mode": "dot", "dot_axes": 1}, "Dot", {"axes": 1}),
    *(("Merge", {"mode": mode, "concat_axis": -1}, kind, {}) for mode, kind in (
        ("sum", "Add"), ("mul", "Multiply"), ("ave", "Average"), ("max", "Maximum"))),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "config", "today", "settings"), CASES)
def test_a_layer_of_keras_1_is_read_in_todays_words(
    kind: str, config: dict[str, Any], today: str, settings: dict[str, Any]
) -> None:
    named = {"name": "x", "trainable": True}
    assert read_layer(kind, named | config) == LAYERS[today](**settings)


REFUSED: list[tuple[str, dict[str, Any], str, str]] = [
    ("Convolution2D", {"nb_filter": 1, "nb_row": 1, "nb_col": 1, "dim_ordering": "th"},
     "channels-first", "only channels_last"),
    ("BatchNormalization", {"mode": 2}, "config-value", "mode 1 or 2"),
    ("Merge", {"mode": "cos"}, "config-value", "'mode' = 'cos'"),
    ("Merge", {"mode": ["…"], "mode_type": "lambda"}, "code-lambda", "Python code"),
    ("Highway", {}, "layer-not-allowed", "'Highway' can't be graded yet"),
    ("MaxoutDense", {"output_dim": 2}, "layer-not-allowed", "'MaxoutDense' can't be graded yet"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "config", "code", "words"), REFUSED)
def test_what_keras_2_has_no_layer_for_is_refused(
    kind: str, config: dict[str, Any], code: str, words: str
) -> None:
    with pytest.raises(RefusedError, match=words) as caught:
        read_layer(kind, config)
    assert caught.value.code == code
