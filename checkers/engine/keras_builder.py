"""A Network → a Keras 3 model, built by hand out of Keras's own layers; one function a class.

Runs in the predicting child alone. Nothing of a submitted file reaches Keras but numbers and
words that the records have checked; nested networks become one flat graph.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from answers.errors import RunError
from answers.layers import (
    activation,
    attention,
    convolution,
    convolved_steps,
    core,
    einsum,
    embedding,
    locally_connected,
    merging,
    normalization,
    pooling,
    preprocessing,
    recurrent,
    resampling,
    scaling,
    wrappers,
)
from answers.layers.base import Layer
from answers.layers.catalogue import LAYERS
from answers.network.graph import Network, Tensor
from answers.network.parameters import leaves
from checkers.engine import cudnn, keras_layers, keras_operations

Path = tuple[str, ...]
Make = Callable[[Any], Any]


def _function(value: str | activation.ActivationLayer) -> Any:
    if not isinstance(value, str):
        return _MAKE[type(value)](value)
    own = {"hard_sigmoid_keras2": keras_layers.hard_sigmoid_keras2}
    return own.get(value) or keras.activations.get(value)


def _window(layer: Any) -> dict[str, Any]:
    return {
        "kernel_size": layer.kernel_size,
        "strides": layer.strides,
        "padding": layer.padding,
        "dilation_rate": layer.dilation_rate,
        "use_bias": layer.use_bias,
        "activation": _function(layer.activation),
        "dtype": layer.dtype,
    }


# settings that Keras does not have, or has in calls
_OF_CALLS = ("return_attention_scores", "use_causal_mask")
_OURS = ("masked_with_states", "sees_masks", *_OF_CALLS)


def _settings(layer: Layer) -> dict[str, Any]:
    return {i.name: getattr(layer, i.name) for i in fields(layer) if i.name not in _OURS}


def _as_keras(layer: Layer) -> Any:
    """The fields of the record are the arguments of the Keras layer."""
    settings = _settings(layer)
    for name in ("activation", "recurrent_activation"):
        if name in settings:
            settings[name] = _function(settings[name])
    return getattr(keras.layers, layer.kind)(**settings)


def _cell(kind: Any, layer: Layer) -> Any:
    """A layer of that class with the settings of a record that has another name."""
    settings = _settings(layer)
    for name in ("activation", "recurrent_activation"):
        settings[name] = _function(settings[name])
    return kind(**settings)


def _newer(*names: str) -> Make:
    """Settings that older versions of Keras 3 don't know are given where they are switched on."""

    def make(layer: Layer) -> Any:
        settings = _settings(layer)
        kept = {k: v for k, v in settings.items() if v or k not in names}
        if "projected_shape" in kept:
            kept["output_shape"] = kept.pop("projected_shape")
        return getattr(keras.layers, layer.kind)(**kept)

    return make


def _one_cell(layer: Any) -> Any:
    settings = {
        "units": layer.units,
        "activation": _function(layer.activation),
        "use_bias": layer.use_bias,
        "dtype": layer.dtype,
    }
    if isinstance(layer, recurrent.LSTM | recurrent.GRU):
        settings["recurrent_activation"] = _function(layer.recurrent_activation)
    if isinstance(layer, recurrent.GRU):
        settings["reset_after"] = layer.reset_after
    return getattr(keras.layers, f"{layer.kind}Cell")(**settings)


def _rnn(layer: recurrent.RNN) -> Any:
    cells: Any = [_one_cell(cell) for cell in layer.cells]
    stacked = isinstance(layer.cell, recurrent.StackedRNNCells)
    return keras.layers.RNN(
        keras.layers.StackedRNNCells(cells, dtype=layer.cell.dtype) if stacked else cells[0],
        return_sequences=layer.return_sequences,
        return_state=layer.return_state,
        go_backwards=layer.go_backwards,
        zero_output_for_mask=layer.zero_output_for_mask,
        dtype=layer.dtype,
    )


def _einsum_dense(layer: einsum.EinsumDense) -> Any:
    return keras.layers.EinsumDense(
        layer.equation,
        output_shape=layer.output_sizes,
        activation=_function(layer.activation),
        bias_axes=layer.bias_axes,
        dtype=layer.dtype,
    )


def _spectral(layer: normalization.SpectralNormalization) -> Any:
    inner = _MAKE[type(layer.layer)](layer.layer)
    return keras.layers.SpectralNormalization(inner, dtype=layer.dtype)


def _wrapper(layer: Any) -> Any:
    """A wrapper around the layer that it holds; around one that does nothing it does nothing."""
    inner = _MAKE[type(layer.layer)](layer.layer)
    if inner is None:
        return None
    if isinstance(layer, wrappers.TimeDistributed):
        return keras.layers.TimeDistributed(inner, dtype=layer.dtype)
    backward = layer.backward
    return keras.layers.Bidirectional(
        inner,
        merge_mode=layer.merge_mode,
        backward_layer=_MAKE[type(backward)](backward),
        dtype=layer.dtype,
    )


def _local(layer: Any) -> Any:
    return keras_layers.LocallyConnected(layer, _function(layer.activation))


def _separable_1d(layer: convolution.SeparableConv1D) -> Any:
    if layer.padding == "causal":  # Keras 2 has it, Keras 3 refuses it
        window = _window(layer) | {"padding": "valid"}
        return keras_layers.CausalSeparableConv1D(layer, **window)
    return _as_keras(layer)


def _conv(layer: convolution.Conv2D) -> Any:
    return keras.layers.Conv2D(layer.filters, groups=layer.groups, **_window(layer))


def _depthwise(layer: convolution.DepthwiseConv2D) -> Any:
    return keras.layers.DepthwiseConv2D(depth_multiplier=layer.depth_multiplier, **_window(layer))


def _separable(layer: convolution.SeparableConv2D) -> Any:
    return keras.layers.SeparableConv2D(
        layer.filters, depth_multiplier=layer.depth_multiplier, **_window(layer)
    )


def _transposed(layer: convolution.Conv2DTranspose) -> Any:
    return keras.layers.Conv2DTranspose(
        layer.filters, output_padding=layer.output_padding, **_window(layer)
    )


def _dense(layer: core.Dense) -> Any:
    return keras.layers.Dense(
        layer.units,
        activation=_function(layer.activation),
        use_bias=layer.use_bias,
        dtype=layer.dtype,
    )


def _batch_norm(layer: normalization.BatchNormalization) -> Any:
    return keras.layers.BatchNormalization(
        axis=layer.axis,
        epsilon=layer.epsilon,
        center=layer.center,
        scale=layer.scale,
        dtype=layer.dtype,
    )


def _pool(kind: str) -> Make:
    def make(layer: Any) -> Any:
        return getattr(keras.layers, kind)(
            layer.pool_size, layer.strides, layer.padding, dtype=layer.dtype
        )

    return make


def _global_pool(kind: str) -> Make:
    return lambda layer: getattr(keras.layers, kind)(keepdims=layer.keepdims, dtype=layer.dtype)


def _relu(layer: activation.ReLU) -> Any:
    return keras.layers.ReLU(
        layer.max_value, layer.negative_slope, layer.threshold, dtype=layer.dtype
    )


def _resizing(layer: resampling.Resizing) -> Any:
    return keras.layers.Resizing(
        layer.height,
        layer.width,
        interpolation=layer.interpolation,
        crop_to_aspect_ratio=layer.crop_to_aspect_ratio,
        pad_to_aspect_ratio=layer.pad_to_aspect_ratio,
        antialias=layer.antialias,
        dtype=layer.dtype,
    )


def _up_sampling(layer: resampling.UpSampling2D) -> Any:
    if layer.interpolation == "bilinear_keras2":
        return keras_layers.UpSamplingOfKeras2(layer)
    return keras.layers.UpSampling2D(
        layer.size, interpolation=layer.interpolation, dtype=layer.dtype
    )


def _nothing(layer: Layer) -> None:
    """The layer is the identity at prediction."""


_MAKE: dict[type[Layer], Make] = {
    activation.Activation: lambda x: keras.layers.Activation(
        _function(x.activation), dtype=x.dtype
    ),
    activation.LeakyReLU: lambda x: keras.layers.LeakyReLU(x.negative_slope, dtype=x.dtype),
    activation.ReLU: _relu,
    activation.Softmax: lambda x: keras.layers.Softmax(x.axis, dtype=x.dtype),
    convolution.Conv2D: _conv,
    convolution.Conv2DTranspose: _transposed,
    convolution.DepthwiseConv2D: _depthwise,
    convolution.SeparableConv2D: _separable,
    core.Dense: _dense,
    core.Flatten: lambda x: keras.layers.Flatten(dtype=x.dtype),
    core.Reshape: lambda x: keras.layers.Reshape(x.target_shape, dtype=x.dtype),
    merging.Add: lambda x: keras.layers.Add(dtype=x.dtype),
    merging.Concatenate: lambda x: keras.layers.Concatenate(x.axis, dtype=x.dtype),
    normalization.BatchNormalization: _batch_norm,
    pooling.AveragePooling2D: _pool("AveragePooling2D"),
    pooling.GlobalAveragePooling2D: _global_pool("GlobalAveragePooling2D"),
    pooling.GlobalMaxPooling2D: _global_pool("GlobalMaxPooling2D"),
    pooling.MaxPooling2D: _pool("MaxPooling2D"),
    pooling.AdaptiveMaxPooling1D: keras_layers.AdaptiveMaxPooling,
    pooling.AdaptiveMaxPooling2D: keras_layers.AdaptiveMaxPooling,
    pooling.AdaptiveMaxPooling3D: keras_layers.AdaptiveMaxPooling,
    preprocessing.Rescaling: lambda x: keras.layers.Rescaling(x.scale, x.offset, dtype=x.dtype),
    resampling.Resizing: _resizing,
    resampling.UpSampling2D: _up_sampling,
    resampling.ZeroPadding2D: lambda x: keras.layers.ZeroPadding2D(x.padding, dtype=x.dtype),
    **keras_operations.MADE,
    activation.ThresholdedReLU: keras_layers.ThresholdedReLU,
    convolution.SeparableConv1D: _separable_1d,
    core.Identity: _nothing,
    locally_connected.LocallyConnected1D: _local,
    locally_connected.LocallyConnected2D: _local,
    scaling.CustomScaleLayer: keras_layers.ScaledSum,
    scaling.LayerScale: keras_layers.LayerScale,
    attention.GroupQueryAttention: _newer("use_gate"),
    attention.MultiHeadAttention: _newer("use_gate"),
    normalization.LayerNormalization: _newer("rms_scaling"),
    einsum.EinsumDense: _einsum_dense,
    normalization.SpectralNormalization: _spectral,
    normalization.UnitNormalization: keras_layers.UnitNormalization,
    wrappers.Bidirectional: _wrapper,
    recurrent.RNN: _rnn,
    recurrent.CuDNNGRU: lambda x: _cell(keras.layers.GRU, x),
    recurrent.CuDNNLSTM: lambda x: _cell(keras.layers.LSTM, x),
    wrappers.TimeDistributed: _wrapper,
}
_SAME: tuple[type[Layer], ...] = (
    *(activation.ELU, activation.PReLU),
    *(convolution.Conv1D, convolution.Conv1DTranspose, convolution.Conv3D),
    *(convolution.Conv3DTranspose, convolution.DepthwiseConv1D),
    *(core.Masking, core.Permute, core.RepeatVector),
    *(merging.Average, merging.Dot, merging.Maximum, merging.Minimum, merging.Multiply),
    merging.Subtract,
    preprocessing.Normalization,
    *(attention.AdditiveAttention, attention.Attention, embedding.Embedding),
    *(normalization.GroupNormalization, normalization.RMSNormalization),
    *(convolved_steps.ConvLSTM1D, convolved_steps.ConvLSTM2D, convolved_steps.ConvLSTM3D),
    *(recurrent.GRU, recurrent.LSTM, recurrent.SimpleRNN),
    *(resampling.CenterCrop, resampling.Cropping1D, resampling.Cropping2D, resampling.Cropping3D),
    *(resampling.UpSampling1D, resampling.UpSampling3D),
    *(resampling.ZeroPadding1D, resampling.ZeroPadding3D),
)
_MAKE |= dict.fromkeys(_SAME, _as_keras)
_MAKE |= {
    record: _as_keras
    for record in LAYERS.values()
    if record.__module__ == pooling.__name__ and record not in _MAKE
}
_MAKE |= {record: _nothing for record in LAYERS.values() if issubclass(record, core.TrainingOnly)}
_WITH_KERNELS = (attention, convolution, convolved_steps, locally_connected, recurrent, wrappers)
_ON_FLOATS: tuple[type[Layer], ...] = (
    *(core.Dense, einsum.EinsumDense),
    *(pooling.AveragePooling1D, pooling.AveragePooling2D, pooling.AveragePooling3D),
    *(kind for kind in LAYERS.values() if kind.__module__ in {m.__name__ for m in _WITH_KERNELS}),
)
COVERED = frozenset(kind.__name__ for kind in _MAKE) | {"InputLayer"}


@dataclass
class Built:
    """The tensors of a network as Keras made them.

    layers: the Keras layer of each leaf that is not the identity, by its path.
    normalised: what goes into each batch normalisation, by its path, in the order of calls.
    """

    inputs: list[Any] = field(default_factory=list)
    outputs: list[Any] = field(default_factory=list)
    layers: dict[Path, Any] = field(default_factory=dict)
    normalised: dict[Path, Any] = field(default_factory=dict)


def build(network: Network) -> Built:
    """Make every layer once, and call it where the network calls it."""
    built = Built()
    for tensor in network.inputs:
        layer = network.by_name[tensor.node].layer
        if isinstance(layer, core.InputLayer):
            built.inputs.append(keras.Input(layer.shape, dtype=layer.cast))
    built.outputs = _connect(built, network, (), built.inputs)
    return built


def put_weights(built: Built, network: Network, arrays: Iterator[NDArray[np.float32]]) -> None:
    """Put the arrays, which come in the order of the leaves, into the layers."""
    for leaf in leaves(network):
        variables = built.layers[leaf.path].weights if leaf.weights else []
        values = cudnn.as_plain(leaf.layer, [next(arrays) for _ in leaf.weights])
        if [tuple(v.shape) for v in variables] != [v.shape for v in values]:
            raise RunError("engine-layer", f"Keras built {leaf.path} with other arrays.")
        for variable, value in zip(variables, values, strict=True):
            variable.assign(value)
        if isinstance(leaf.layer, preprocessing.Normalization):
            built.layers[leaf.path].finalize_state()  # it computes with copies of its weights


def _connect(built: Built, network: Network, path: Path, given: list[Any]) -> list[Any]:
    made: dict[Tensor, Any] = {
        Tensor(tensor.node): value for tensor, value in zip(network.inputs, given, strict=True)
    }
    for call in network.order:
        layer, here = call.node.layer, (*path, call.node.name)
        if isinstance(layer, core.InputLayer):
            continue
        taken = [made[tensor] for tensor in call.inputs]
        if isinstance(layer, Network):
            results = _connect(built, layer, here, taken)
        else:
            results = _call(built, layer, here, taken)
        made |= {Tensor(*call.key, number): value for number, value in enumerate(results)}
    return [made[tensor] for tensor in network.outputs]


def _undrawn(layer: Any) -> Any:
    """The layer with weights of zeros until it gets its own.

    Random ones would be drawn in vain; JAX compiles a function for each shape of them, which took
    nine tenths of the time in which a U-Net is built.
    """
    for name in () if layer is None else tuple(vars(layer)):
        if name.endswith("_initializer"):
            setattr(layer, name, keras.initializers.Zeros())
    return layer


def _call(built: Built, layer: Layer, path: Path, taken: list[Any]) -> list[Any]:
    """Every tensor that a layer makes."""
    if path not in built.layers:
        built.layers[path] = _undrawn(_MAKE[type(layer)](layer))
    if isinstance(layer, normalization.BatchNormalization):
        built.normalised.setdefault(path, taken[0])
    keras_layer = built.layers[path]
    if isinstance(layer, _ON_FLOATS):
        taken = list(map(_as_floats, taken))
    if keras_layer is None:
        random = isinstance(layer, preprocessing.RandomLayer)
        return [keras_layers.without_mask(taken[0]) if random else taken[0]]
    made: list[Any] = keras.tree.flatten(_made(layer, keras_layer, taken))
    return made


def _as_floats(tensor: Any) -> Any:
    """Whole numbers of an Input, where Keras runs a layer on floats alone.

    They became floats before it, by what is not built here: a cast, the Input of an inner model, a
    random layer.
    """
    whole = "int" in keras.backend.standardize_dtype(tensor.dtype)
    return keras.ops.cast(tensor, "float32") if whole else tensor


def _made(layer: Layer, keras_layer: Any, taken: list[Any]) -> Any:
    if isinstance(layer, attention.ManyHeads | attention.PlainAttention):
        said = {name: True for name in _OF_CALLS if getattr(layer, name)}
        listed = isinstance(layer, attention.PlainAttention)
        if not getattr(layer, "sees_masks", True):
            taken = list(map(keras_layers.without_mask, taken))
        return keras_layer(taken, **said) if listed else keras_layer(*taken, **said)
    if isinstance(layer, recurrent.Recurrent | wrappers.Bidirectional) and len(taken) > 1:
        return _from_states(layer, keras_layer, *taken)
    return keras_layer(taken if isinstance(layer, merging.Joining) else taken[0])


def _from_states(
    layer: recurrent.Recurrent | wrappers.Bidirectional, keras_layer: Any, steps: Any, *given: Any
) -> Any:
    """A recurrent layer that begins with states, cell by cell."""
    ways = [layer] if isinstance(layer, recurrent.Recurrent) else [layer.layer, layer.backward]
    left, states = list(given), list[Any]()
    for way in ways:
        for cell in way.cells if isinstance(way, recurrent.RNN) else (way,):
            own, left = left[: cell.state_count], left[cell.state_count :]
            stacked = isinstance(way, recurrent.RNN) and len(way.cells) > 1
            states += [own] if stacked else own
    mask = getattr(steps, "_keras_mask", None) if ways[0].masked_with_states else None
    if mask is None:
        return keras_layer(steps, initial_state=states)
    return keras_layer(steps, initial_state=states, mask=mask)
