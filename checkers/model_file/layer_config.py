"""One layer of a Keras configuration → the record of that layer, by an allow-list of classes.

Keras 2 and Keras 3 name some arguments differently, and write others that change nothing at
prediction. A recipe says so for each class; a setting that no recipe knows is refused, because
it might change what the layer computes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, get_args

from answers.errors import CompanionError, InputError, ModelFileError, RefusedError
from answers.layers.activation import ActivationLayer
from answers.layers.base import Layer
from answers.layers.catalogue import FAMILIES, LAYERS
from answers.layers.fields import schema, shown
from answers.layers.preprocessing import RandomLayer
from answers.layers.resampling import Interpolation
from answers.network.graph import Network
from checkers.model_file import limits

_PACKAGES = ("keras", "tf_keras", "tensorflow")

# Records without a Keras layer that computes what they say: see their docstrings.
NOT_GRADED = frozenset({"RandomCrop", "Unknown"})

# What a file may call a layer; our own records of operations are no classes of Keras.
_NAMES = frozenset(LAYERS) - NOT_GRADED - {*FAMILIES["arithmetic"]}

# Settings that change nothing at prediction: names, flags read elsewhere, training only.
_IGNORED = frozenset(
    """
    activity_regularizer alpha_constraint alpha_initializer alpha_regularizer batch_input_shape
    batch_shape beta_constraint beta_initializer beta_regularizer bias_constraint
    bias_initializer bias_regularizer depthwise_constraint depthwise_initializer
    depthwise_regularizer dtype embeddings_constraint embeddings_initializer
    embeddings_regularizer gamma_constraint gamma_initializer gamma_regularizer
    input_dtype kernel_constraint kernel_initializer kernel_regularizer lora_alpha lora_rank
    momentum moving_mean_initializer moving_variance_initializer name noise_shape optional
    pointwise_constraint pointwise_initializer pointwise_regularizer recurrent_constraint
    recurrent_initializer recurrent_regularizer registered_name renorm_clipping renorm_momentum seed synchronized trainable virtual_batch_size
    """.split()  # noqa: SIM905  # thirty names read better as a text than as a column
)


def _axis(value: Any) -> Any:
    """Keras 2 writes the axis of a normalisation as a list of one."""
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _interpolation(value: Any) -> Any:
    word = value.lower() if isinstance(value, str) else value
    if isinstance(word, str) and word not in get_args(Interpolation):
        raise _not_yet("A layer", "interpolation", value)
    return word


def _flat(value: Any) -> Any:
    """Keras 2 writes the numbers of a Normalization inside lists of one, an axis each."""
    while isinstance(value, list) and len(value) == 1 and isinstance(value[0], list):
        value = value[0]
    return value


def _list_of_one(value: Any) -> Any:
    return [value] if type(value) is int else value


_CONVERT: Mapping[str, Callable[[Any], Any]] = {
    "axis": _axis,
    "interpolation": _interpolation,
    "mean": _flat,
    "variance": _flat,
}


class Anything(tuple[Any, ...]):
    """Every value: the setting changes nothing at prediction."""

    __slots__ = ()

    def __contains__(self, value: object) -> bool:
        return True


@dataclass(frozen=True)
class Recipe:
    """How a class's settings are read.

    renamed: another name for a field. fixed: settings without a field, and the values with
    which the layer does what our record does. convert: beside the common conversions.
    """

    renamed: Mapping[str, str] = field(default_factory=dict)
    fixed: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    convert: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)


_ONE_GROUP = Recipe(fixed={"groups": (1,)})
_TRAINING_ONLY = {
    name: Anything() for name in ("dropout", "recurrent_dropout", "implementation", "unroll")
}
_STEPS = Recipe(
    fixed={
        **_TRAINING_ONLY,
        **dict.fromkeys(("return_state", "stateful", "time_major"), (False,)),
        "unit_forget_bias": (True, False),
    }
)
_DROPOUT = Recipe(fixed={"dropout": Anything(), "causal": (False,)})
_HEADS = Recipe(
    renamed={"output_shape": "projected_shape"},
    fixed={
        **{name: Anything() for name in ("dropout", "flash_attention")},
        **{f"{name}_shape": Anything() for name in ("query", "key", "value")},
    },
    convert={"projected_shape": _list_of_one},
)
_RECIPES: Mapping[str, Recipe] = {
    **dict.fromkeys(("AdditiveAttention", "Attention"), _DROPOUT),
    "BatchNormalization": Recipe(fixed={"renorm": (False,), "fused": (True, False)}),
    **dict.fromkeys(("ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D"), _STEPS),
    **dict.fromkeys(("GRU", "LSTM", "SimpleRNN"), _STEPS),
    "Conv1DTranspose": _ONE_GROUP,
    "Conv2DTranspose": _ONE_GROUP,
    "Conv3DTranspose": _ONE_GROUP,
    "DepthwiseConv1D": _ONE_GROUP,
    "DepthwiseConv2D": _ONE_GROUP,
    "Embedding": Recipe(fixed={"input_length": Anything(), "sparse": (False, True)}),
    **dict.fromkeys(("GroupQueryAttention", "MultiHeadAttention"), _HEADS),
    "InputLayer": Recipe(fixed={"sparse": (False,), "ragged": (False,)}),
    "LeakyReLU": Recipe(renamed={"alpha": "negative_slope"}),
    "Resizing": Recipe(fixed={"fill_mode": ("constant",), "fill_value": (0, 0.0)}),
    "SeparableConv1D": _ONE_GROUP,
    "SeparableConv2D": _ONE_GROUP,
}
_PLAIN = Recipe()

_FUNCTIONS = {
    "swish": "silu",
    "hard_swish": "hard_silu",
    "softmax_v2": "softmax",
    "log_softmax_v2": "log_softmax",
    "elu_v2": "elu",
}


# The class behind a name of keras.layers, where they differ.
_CLASSES = {"GroupedQueryAttention": "GroupQueryAttention"}
_READ_BY_THEMSELVES = ("activation", "recurrent_activation", "layer", "backward_layer")


def read_layer(
    kind: Any, config: Any, module: Any = None, registered: Any = None, *, depth: int = 1
) -> Layer:
    """The record of a layer entry, which lies in `depth` − 1 wrappers.

    Raises: RefusedError code-lambda, code-module, layer-not-allowed, channels-first,
    config-object, and config-value for a setting that we don't know; ModelFileError config-value
    for a value that no Keras writes; and what the record itself refuses.
    """
    kind = _CLASSES.get(kind, kind) if isinstance(kind, str) else kind
    check_class(kind, module, registered)
    if not isinstance(config, dict):
        raise ModelFileError("config-value", f"The settings of a {kind} should be an object.")
    for key, value in config.items():
        if key not in _READ_BY_THEMSELVES:
            _check_objects(value, key)
    record = LAYERS[kind]
    settings: dict[str, Any] = {"dtype": policy(config.get("dtype"))}
    if kind == "InputLayer":
        settings["shape"] = _input_shape(config)
    if not issubclass(record, RandomLayer):
        settings |= _settings(kind, config, depth)
    try:
        return record(**settings)
    except InputError as error:
        raise of_the_file(error) from None
    except TypeError:
        raise ModelFileError("config-value", f"The {kind} lacks a setting that it needs.") from None


def of_the_file(error: InputError) -> CompanionError:
    """What a record says of a file's value: Keras writes no impossible one."""
    kind = ModelFileError if error.code == "config-value" else RefusedError
    return kind(error.code, error.message, hint=error.hint, where=error.where)


def _check_objects(value: Any, key: str) -> None:
    """Refuse serialised objects that are not Keras's own, even in settings that we never use."""
    if isinstance(value, list):
        for item in value:
            _check_objects(item, key)
    elif isinstance(value, dict):
        _check_object(value, key)
        for item in value.values():
            _check_objects(item, key)


def _check_object(value: dict[str, Any], key: str) -> None:
    kind, module = value.get("class_name"), value.get("module")
    if kind in ("__lambda__", "Lambda"):
        raise _lambda()
    if _foreign(module) or ">" in f"{kind}{value.get('registered_name')}":
        raise RefusedError(
            "code-module",
            f"The setting {shown(key)} holds {shown(kind)} of the module {shown(module)}, which "
            "is not Keras's own.",
            hint="Build the model from Keras's own layers.",
        )
    if isinstance(kind, str) and kind.startswith("__"):
        raise RefusedError("config-object", f"The setting {shown(key)} holds a {shown(kind)}.")


def _foreign(module: Any) -> bool:
    return module is not None and str(module).split(".")[0] not in _PACKAGES


def _lambda() -> RefusedError:
    return RefusedError(
        "code-lambda",
        "A Lambda layer carries Python code, which is never run.",
        hint="Use Keras's own layers instead, for example Rescaling.",
    )


def check_class(kind: Any, module: Any, registered: Any) -> None:
    """Refuse a class that is not one of Keras's own that we rebuild."""
    if not isinstance(kind, str):
        raise ModelFileError("config-value", "A layer has no class name.")
    if kind == "Lambda":
        raise _lambda()
    if kind == "function":
        raise RefusedError("code-module", f"A function of {shown(module)} stands for a layer.")
    foreign = _foreign(module)
    if kind not in _NAMES or foreign:
        raise _unknown(kind, module, own=foreign or ">" in kind or ">" in str(registered or ""))


def _unknown(kind: str, module: Any, *, own: bool) -> RefusedError:
    near = get_close_matches(kind, sorted(_NAMES), 1)
    if own:
        return RefusedError(
            "code-module" if kind in LAYERS else "layer-not-allowed",
            f"The layer class {shown(kind)} is not Keras's own: it carries Python code"
            f"{f' from {shown(module)}' if module else ''}, which is never run.",
            hint="Build the model from Keras's own layers.",
        )
    return RefusedError(
        "layer-not-allowed",
        f"Layers of the class {shown(kind)} can't be graded yet.",
        hint=f"The nearest class that can is {near[0]}." if near else "",
    )


def policy(value: Any) -> str:
    """The dtype policy, as every Keras writes it: a name, or an object whose name it is."""
    if isinstance(value, dict):
        inner = value.get("config")
        value = inner.get("name") if isinstance(inner, dict) else value.get("name")
    # an input may be uint8 or int32: what we feed is float32, and the numbers are the same
    words = ("float16", "float64", "bfloat16", "mixed_float16", "mixed_bfloat16")
    return value if value in words else "float32"


def _settings(kind: str, config: dict[str, Any], depth: int) -> dict[str, Any]:
    _check_hard_sigmoid(kind, config)
    recipe = _RECIPES.get(kind, _PLAIN)
    wanted = set(schema(LAYERS[kind]))
    settings: dict[str, Any] = {}
    for key, value in config.items():
        name = recipe.renamed.get(key, key)
        if key == "merge_mode" and value is None:
            raise _not_yet(kind, key, value)  # two outputs
        if key in _IGNORED or (value is None and "activation" not in key):
            continue
        if name in wanted:
            settings[name] = _converted(name, value, recipe, depth)
        elif key == "data_format":
            _check_format(value)
        elif key not in recipe.fixed or value not in recipe.fixed[key]:
            raise _not_yet(kind, key, value)
    return settings


def _check_hard_sigmoid(kind: str, config: dict[str, Any]) -> None:
    """Keras 2, whose recurrent layers say time_major, has another function of that name."""
    functions = config.get("activation"), config.get("recurrent_activation")
    if "time_major" in config and "hard_sigmoid" in functions:
        raise RefusedError(
            "config-value",
            f"{kind} uses the hard_sigmoid of Keras 2, 0.2·x + 0.5 between 0 and 1, which Keras 3 "
            "does not have.",
            hint="Use recurrent_activation='sigmoid'.",
        )


def _not_yet(kind: str, key: str, value: Any) -> RefusedError:
    return RefusedError(
        "config-value",
        f"{kind} has the setting {shown(key)} = {shown(value)}, which can't be graded yet.",
    )


def _converted(name: str, value: Any, recipe: Recipe, depth: int) -> Any:
    if name in ("activation", "recurrent_activation"):
        return read_activation(value)
    if name in ("layer", "backward_layer"):
        return _inner_layer(value, depth + 1)
    convert = recipe.convert.get(name) or _CONVERT.get(name)
    return convert(value) if convert else value


def _inner_layer(value: Any, depth: int) -> Layer:
    """The layer that a wrapper holds."""
    if depth > limits.NESTING:
        raise RefusedError(
            "model-too-deep", f"Layers lie more than {limits.NESTING} levels inside each other."
        )
    if not isinstance(value, dict):
        raise ModelFileError("config-value", f"A wrapper holds {shown(value)} for a layer.")
    kind, module, registered = (value.get(k) for k in ("class_name", "module", "registered_name"))
    return read_layer(kind, value.get("config"), module, registered, depth=depth)


def _check_format(value: Any) -> None:
    if value != "channels_last":
        raise RefusedError(
            "channels-first",
            f"The layer has data_format {shown(value)}; only channels_last can be graded.",
            hint="Build the model with data_format='channels_last', Keras's default.",
        )


def _input_shape(config: dict[str, Any]) -> Any:
    shape = config.get("batch_shape", config.get("batch_input_shape"))
    if not isinstance(shape, list) or len(shape) < 1:
        raise ModelFileError("config-value", "An InputLayer does not say its shape.")
    return shape[1:]


def read_activation(value: Any) -> str | ActivationLayer:
    """An activation: a name, a serialised function, or a layer used as one.

    Raises: RefusedError code-module for a function that is not Keras's own.
    """
    if value is None:
        return "linear"
    if isinstance(value, str):
        return _function(value)
    if not isinstance(value, dict):
        raise ModelFileError("config-value", f"The activation {shown(value)} can't be read.")
    kind, config = value.get("class_name"), value.get("config")
    if kind == "function" and isinstance(config, str):
        return _function(config)
    layer = read_layer(kind, config, value.get("module"), value.get("registered_name"))
    if not isinstance(layer, ActivationLayer):
        raise RefusedError("config-value", f"A {layer.kind} can't be used as an activation.")
    return layer


def check_meaning(network: Network, version: str) -> None:
    """Refuse a function that meant something else in the Keras that wrote the file.

    Raises: RefusedError config-value for the hard_sigmoid of Keras 2, which is 0.2·x + 0.5; since
    Keras 3 it is x/6 + 0.5.
    """
    if version.startswith("3."):
        return
    for node in network.nodes:
        if isinstance(node.layer, Network):
            check_meaning(node.layer, version)
        elif "hard_sigmoid" in _words(node.layer):
            raise RefusedError(
                "config-value",
                "The hard_sigmoid of Keras 2 is another function than that of Keras 3, and can't "
                "be graded.",
                where=f"layer {node.name}",
            )


def _words(layer: Layer) -> set[str]:
    """The texts among a layer's settings, and among those of layers that it carries."""
    values = [getattr(layer, name) for name in schema(type(layer))]
    inner = [word for value in values if isinstance(value, Layer) for word in _words(value)]
    return {value for value in values if isinstance(value, str)} | set(inner)


def _function(name: str) -> str:
    known = schema(LAYERS["Activation"])["activation"]
    words = known.__args__[0].__args__
    plain = _FUNCTIONS.get(name, name)
    if plain not in words:
        raise RefusedError(
            "code-module",
            f"The activation {shown(name)} is not one of Keras's that can be graded.",
            hint=f"These can: {', '.join(words)}.",
        )
    return plain
