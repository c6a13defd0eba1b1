"""The classes and settings of Keras 1 (2015 to 2017), said in the words of Keras 2.

Source: `legacy/interfaces.py` of Keras 2.2.4, which does the same for arguments, and the
`get_config` methods of Keras 1.2.2. How the arrays lie is `stored_form`'s part.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from answers.errors import RefusedError
from answers.layers.fields import shown

Config = Mapping[str, Any]

_CLASSES: Mapping[str, str] = {
    "AtrousConvolution1D": "Conv1D",
    "AtrousConvolution2D": "Conv2D",
    "Convolution1D": "Conv1D",
    "Convolution2D": "Conv2D",
    "Convolution3D": "Conv3D",
    "Deconvolution2D": "Conv2DTranspose",
    "SeparableConvolution2D": "SeparableConv2D",
    "TimeDistributedDense": "Dense",  # a dense layer works along the last axis by itself
}
_MERGES: Mapping[str, str] = {
    "ave": "Average",
    "concat": "Concatenate",
    "dot": "Dot",
    "max": "Maximum",
    "mul": "Multiply",
    "sum": "Add",
}
# Settings that change nothing at prediction, and sizes that the shapes say again.
_DROPPED = frozenset(
    """
    W_constraint W_regularizer U_constraint U_regularizer b_constraint b_regularizer beta_init
    consume_less dropout_U dropout_W forget_bias_init gamma_init init inner_init input_length
    """.split()  # noqa: SIM905  # a text reads better than a column
)
_WINDOW = {
    "atrous_rate": "dilation_rate",
    "bias": "use_bias",
    "border_mode": "padding",
    "dim_ordering": "data_format",
    "filter_length": "kernel_size",
    "nb_filter": "filters",
    "subsample": "strides",
    "subsample_length": "strides",
}
_STEPS = {"inner_activation": "recurrent_activation", "output_dim": "units"}
_RATE = {"p": "rate", "dim_ordering": "data_format"}
_POOL = {
    "border_mode": "padding",
    "dim_ordering": "data_format",
    "pool_length": "pool_size",
    "stride": "strides",
}
_FORMAT = {"dim_ordering": "data_format"}
# Keras 2's class → the settings that Keras 1 called otherwise.
_RENAMED: Mapping[str, Mapping[str, str]] = {
    **dict.fromkeys(("Conv1D", "Conv2D", "Conv3D", "Conv2DTranspose", "SeparableConv2D"), _WINDOW),
    **dict.fromkeys(("LocallyConnected1D", "LocallyConnected2D"), _WINDOW),
    **dict.fromkeys(("GRU", "LSTM", "SimpleRNN"), _STEPS),
    **dict.fromkeys(("Dropout", "GaussianDropout"), _RATE),
    **dict.fromkeys(("SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D"), _RATE),
    **{f"{kind}Pooling{rank}D": _POOL for kind in ("Max", "Average") for rank in (1, 2, 3)},
    **{f"Global{kind}Pooling2D": _FORMAT for kind in ("Max", "Average")},
    **{f"Cropping{rank}D": _FORMAT for rank in (2, 3)},
    **{f"ZeroPadding{rank}D": _FORMAT for rank in (1, 2, 3)},
    **{f"UpSampling{rank}D": _FORMAT | {"length": "size"} for rank in (1, 2, 3)},
    "BatchNormalization": {},
    "ConvLSTM2D": _WINDOW | _STEPS,
    "Dense": {"bias": "use_bias", "output_dim": "units"},
    "Embedding": {},
    "GaussianNoise": {"sigma": "stddev"},
    "PReLU": {},
}
_FORMATS = {"tf": "channels_last", "th": "channels_first"}
_KERNEL_SIZES = (("nb_row", "nb_col"), ("kernel_dim1", "kernel_dim2", "kernel_dim3"))


def in_words_of_keras2(kind: str, config: Config) -> tuple[str, Config]:
    """Class and settings of a layer as Keras 2 writes them; what is no Keras 1 stays as it is.

    Raises: RefusedError config-value, code-lambda for what Keras 2 has no layer for.
    """
    if kind == "Merge":
        return _merge(config)
    today = _CLASSES.get(kind, kind)
    renamed = _RENAMED.get(today)
    if renamed is None:
        return today, config
    kept = {key: value for key, value in config.items() if key not in _DROPPED}
    if kind != "Embedding":
        kept.pop("input_dim", None)
    said = {renamed.get(key, key): value for key, value in _one_kernel_size(kept).items()}
    if "dim_ordering" in config:
        said["data_format"] = _FORMATS.get(config["dim_ordering"], config["dim_ordering"])
    return today, _special(kind, today, said)


def _one_kernel_size(config: dict[str, Any]) -> dict[str, Any]:
    """Rows and columns of a kernel as one setting."""
    for names in _KERNEL_SIZES:
        if all(name in config for name in names):
            config["kernel_size"] = [config.pop(name) for name in names]
    return config


def _special(kind: str, today: str, said: dict[str, Any]) -> dict[str, Any]:
    """The few settings that have no other name, but another form."""
    if today == "BatchNormalization" and said.pop("mode", 0) != 0:
        raise RefusedError(
            "config-value",
            "A BatchNormalization of Keras 1 with mode 1 or 2 normalises by what it is given, "
            "which can't be graded.",
            hint="Use mode=0, the default.",
        )
    if kind == "Deconvolution2D":
        said.pop("output_shape", None)  # see `recorded_shape`
    if kind == "Embedding":
        said.pop("dropout", None)
    if today == "ZeroPadding2D":
        said["padding"] = _margins(said.get("padding"))
    return said


def recorded_shape(entry: Config) -> Any:
    """The shape, batch axis first, that a Deconvolution2D of Keras 1 says it makes; else None."""
    config = entry.get("config")
    if entry.get("class_name") != "Deconvolution2D" or not isinstance(config, dict):
        return None
    return config.get("output_shape")


def merged_models(entry: Config) -> list[Any]:
    """The models that a Merge layer holds, which then begins a Sequential; none elsewhere."""
    config = entry.get("config")
    if entry.get("class_name") != "Merge" or not isinstance(config, dict):
        return []
    models = config.get("layers")
    return models if isinstance(models, list) else []


def _margins(value: Any) -> Any:
    """(top, bottom, left, right), or these by name, as a pair of pairs."""
    if isinstance(value, dict):
        value = [value.get(f"{side}_pad", 0) for side in ("top", "bottom", "left", "right")]
    return [value[:2], value[2:]] if isinstance(value, list) and len(value) == 4 else value


def _merge(config: Config) -> tuple[str, Config]:
    """A Merge layer as the layer that each of its modes became."""
    mode, how = config.get("mode"), config.get("mode_type", "raw")
    if how != "raw":
        raise RefusedError(
            "code-lambda",
            "A Merge layer carries Python code, which is never run.",
            hint="Use Keras's own layers instead, for example Add or Concatenate.",
        )
    if not isinstance(mode, str) or mode not in _MERGES:
        raise RefusedError(
            "config-value",
            f"Merge has the setting 'mode' = {shown(mode)}, which can't be graded yet.",
        )
    axes = {"concat": ("axis", "concat_axis"), "dot": ("axes", "dot_axes")}.get(mode)
    said = {key: config[key] for key in ("name", "trainable") if key in config}
    return _MERGES[mode], said | ({axes[0]: config.get(axes[1], -1)} if axes else {})
