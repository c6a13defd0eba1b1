"""What a layer computes, by a plain definition: the judge of both engines beside Keras.

A judge takes a layer's record, its weights in Keras's order, and one sample of each input; all in
float64, slow and in loops, from the layer's published formula. Nothing here asks Keras, an engine,
or the layer algebra what comes out; of our records only the arguments are read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import naive_attention as heads
import naive_functions as functions
import naive_grid as grid
import naive_norms as norms
import naive_operations as operations
import naive_sequences as sequences
import naive_windows as windows
import numpy as np
from naive_functions import Array
from naive_operations import Judge

from answers.layers import core
from answers.layers.base import Layer
from answers.layers.catalogue import LAYERS

# class → why it has no judge
LEFT_OUT: Mapping[str, str] = {
    "InputLayer": "it computes nothing",
    "RandomCrop": "Keras's versions differ in what it does at prediction; such a model is refused",
    "StackedRNNCells": "it stands in an RNN alone, and is judged there",
    "Unknown": "nobody knows what it computes",
}


def naive_answers(layer: Layer, weights: Sequence[Any], inputs: Sequence[Any]) -> Array:
    """What the layer makes of each sample of a batch."""
    plain = [np.asarray(weight, np.float64) for weight in weights]
    batch = zip(*(np.asarray(values, np.float64) for values in inputs), strict=True)
    made = [judged(layer, plain, *sample) for sample in batch]
    return np.array([in_one(sample) if isinstance(sample, tuple) else sample for sample in made])


def in_one(outputs: tuple[Array, ...]) -> Array:
    """The numbers of several outputs in a row."""
    return np.concatenate([part.ravel() for part in outputs])


def judged(layer: Layer, weights: list[Array], *inputs: Array) -> Any:
    """What the layer makes of one sample; a tuple where that are several tensors."""
    return JUDGES[layer.kind](layer, weights, *inputs)


def dense(layer: Any, weights: list[Array], x: Array) -> Array:
    """Each row of channels times the matrix, and the bias."""
    kernel, *bias = weights
    out = np.zeros((*x.shape[:-1], layer.units))
    for at in np.ndindex(x.shape[:-1]):
        out[at] = [sum(x[at] * column) for column in kernel.T]
    return windows.finished(layer, out, bias)


def einsum_dense(layer: Any, weights: list[Array], x: Array) -> Array:
    """The equation with the kernel as its second input; '...' stands for axes in front."""
    kernel, *bias = weights
    terms, _, out = layer.equation.replace(" ", "").partition("->")
    given, taken = terms.split(",")
    if "..." in given:
        given, out = given[3:], out[3:]
        before = "ABCDEFG"[: x.ndim - len(given)]
        given, out = before + given, before + out
    else:
        given, out = given[1:], out[1:]
    return windows.finished(layer, operations.einsum([given, taken], out, x, kernel), bias)


def unchanged(layer: Any, weights: list[Array], x: Array) -> Array:  # noqa: ARG001  # all alike
    """What only trains does nothing at prediction."""
    return x


def of_function(layer: Any, weights: list[Array], x: Array) -> Array:  # noqa: ARG001  # all alike
    return functions.LAYERS[layer.kind](layer, x)


def activation(layer: Any, weights: list[Array], x: Array) -> Array:  # noqa: ARG001  # all alike
    return functions.activated(layer.activation, x)


def spectral(layer: Any, weights: list[Array], x: Array) -> Any:
    """At prediction the layer inside with the kernel as it is; the second array trains."""
    return judged(layer.layer, [weights[0], *weights[2:]], x)


def _ranked(name: str, judge: Judge, ranks: Sequence[int]) -> dict[str, Judge]:
    return {name.format(rank): judge for rank in ranks}


ALL = (1, 2, 3)
JUDGES: Mapping[str, Judge] = {
    **{
        name: unchanged
        for name, kind in LAYERS.items()
        if issubclass(kind, core.TrainingOnly | core.Identity)
    },
    # windows
    **_ranked("Conv{}D", windows.convolution, ALL),
    **_ranked("Conv{}DTranspose", windows.transposed, ALL),
    **_ranked("DepthwiseConv{}D", windows.depthwise, (1, 2)),
    **_ranked("SeparableConv{}D", windows.separable, (1, 2)),
    **_ranked("LocallyConnected{}D", windows.locally_connected, (1, 2)),
    **_ranked("MaxPooling{}D", windows.pool(np.max), ALL),
    **_ranked("AveragePooling{}D", windows.pool(np.mean), ALL),
    **_ranked("GlobalMaxPooling{}D", windows.global_pool(np.max), ALL),
    **_ranked("GlobalAveragePooling{}D", windows.global_pool(np.mean), ALL),
    **_ranked("AdaptiveMaxPooling{}D", windows.adaptive_pool(np.max), ALL),
    **_ranked("AdaptiveAveragePooling{}D", windows.adaptive_pool(np.mean), ALL),
    # the grid
    **_ranked("ZeroPadding{}D", grid.padded, ALL),
    **_ranked("Cropping{}D", grid.cropped, ALL),
    **_ranked("UpSampling{}D", grid.enlarged, ALL),
    "Resizing": grid.resizing,
    "CenterCrop": grid.centre,
    "Pad": grid.pad,
    "DepthToSpace": grid.depth_to_space,
    "SpaceToDepth": grid.space_to_depth,
    "Patches": grid.patches,
    "PictureStandardization": grid.standardised,
    "Grey": grid.grey,
    # matrices, tables, functions
    "Dense": dense,
    "EinsumDense": einsum_dense,
    "Embedding": sequences.embedded,
    "SpectralNormalization": spectral,
    "Activation": activation,
    **dict.fromkeys(functions.LAYERS, of_function),
    "PReLU": norms.prelu,
    # norms and scales
    "BatchNormalization": norms.batch,
    "LayerNormalization": norms.layer_norm,
    "RMSNormalization": norms.rms,
    "GroupNormalization": norms.group,
    "UnitNormalization": norms.unit,
    "UnitLength": norms.unit_length,
    "Normalization": norms.data_norm,
    "Rescaling": norms.rescaled,
    "LayerScale": norms.layer_scale,
    # sequences
    "SimpleRNN": sequences.one_cell(sequences.simple),
    "LSTM": sequences.one_cell(sequences.lstm, 2),
    "GRU": sequences.one_cell(sequences.gru),
    "CuDNNLSTM": sequences.of_cudnn(sequences.one_cell(sequences.lstm, 2)),
    "CuDNNGRU": sequences.of_cudnn(sequences.one_cell(sequences.gru)),
    "RNN": sequences.stacked,
    **_ranked("ConvLSTM{}D", sequences.convolving, ALL),
    "Bidirectional": sequences.both_ways(judged),
    "TimeDistributed": sequences.at_each_step(judged),
    "Masking": sequences.masked,
    # attention
    "Attention": heads.attention,
    "AdditiveAttention": heads.additive,
    "MultiHeadAttention": heads.many_heads,
    "GroupQueryAttention": heads.many_heads,
    # joins
    "Add": operations.joined(lambda a, b: a + b),
    "Subtract": operations.joined(lambda a, b: a - b),
    "Multiply": operations.joined(lambda a, b: a * b),
    "Maximum": operations.joined(max),
    "Minimum": operations.joined(min),
    "Average": operations.average,
    "Concatenate": operations.concatenated,
    "CustomScaleLayer": operations.scaled_sum,
    "Dot": operations.dot,
    "Stack": operations.stacked,
    "Matmul": operations.matmul,
    "Einsum": operations.einsum_layer,
    # numbers
    "Arithmetic": operations.arithmetic,
    "Comparison": operations.arithmetic,
    "Logical": operations.logical,
    "MathFunction": operations.of_each,
    "Where": operations.chosen,
    "Clip": operations.clipped,
    "WholePart": operations.whole_part,
    "Filled": operations.filled,
    "OneHot": operations.one_hot,
    # along an axis
    "Reduction": operations.reduced,
    "Extreme": operations.extreme,
    "Sort": operations.ordered,
    "Cumulative": operations.cumulated,
    # other places
    "Flatten": operations.flattened,
    "Reshape": operations.reshaped,
    "Permute": operations.permuted,
    "RepeatVector": operations.repeated_vector,
    "GetItem": operations.cut,
    "Part": operations.part_of,
    "Tile": operations.tiled,
    "Repeat": operations.repeated,
    "Gather": operations.gathered,
    "Roll": operations.rolled,
    "MoveAxis": operations.moved_axis,
}
