"""One layer of a Keras configuration → the record of that layer, by an allow-list of classes.

Keras 2 and Keras 3 name some arguments differently, and write others that change nothing at
prediction. A recipe says so for each class; a setting that no recipe knows is refused, because
it might change what the layer computes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Any, get_args

from answers.errors import CompanionError, InputError, ModelFileError, RefusedError
from answers.layers.activation import ActivationLayer
from answers.layers.base import Layer
from answers.layers.catalogue import LAYERS, OPERATIONS
from answers.layers.fields import schema, shown
from answers.layers.preprocessing import RandomLayer
from answers.layers.recurrent import MOST_CELLS, StackedRNNCells
from answers.layers.resampling import Interpolation
from checkers.model_file import limits
from checkers.model_file.keras1 import in_words_of_keras2

_PACKAGES = ("keras", "tf_keras", "tensorflow")
# Layers lie in modules with one of these parts (keras.src.engine.input_layer), or in the package.
# The last holds the layers of Keras's ready-made networks.
_LAYER_MODULES = frozenset({"layers", "engine", "models", "applications"})

# Classes of Keras that load what lies elsewhere, and what stands in the file for it.
_LOADED = {
    "TFSMLayer": ("filepath", "file-reference", "the SavedModel of another folder"),
    "StringLookup": ("vocabulary", "file-reference", "the words of another file"),
    "IntegerLookup": ("vocabulary", "file-reference", "the numbers of another file"),
    "TextVectorization": ("vocabulary", "file-reference", "the words of another file"),
    "TorchModuleWrapper": ("module", "code-pickle", "a Python pickle"),
}

_OF_TEXTS = frozenset({"StringLookup", "TextVectorization"})

# Records without a Keras layer that computes what they say: see their docstrings.
NOT_GRADED = frozenset({"RandomCrop", "Unknown"})

# What a file may call a layer; our own records of operations are no classes of Keras, and cells
# stand in an RNN alone.
_NAMES = frozenset(LAYERS) - NOT_GRADED - OPERATIONS - {"StackedRNNCells"}
_CELLS = {"GRUCell": "GRU", "LSTMCell": "LSTM", "SimpleRNNCell": "SimpleRNN"}

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
    if isinstance(value, list) and any(isinstance(item, list) for item in value):
        raise RefusedError(
            "config-value",
            "A Normalization has given numbers along several axes, which can't be graded yet.",
            hint="Normalise along the channels alone, axis=-1, or let adapt() measure the numbers.",
        )
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
    which the layer does what our record does. convert: beside the common conversions. unsaid: what
    an old file means that does not have the setting, where that is not our default.
    """

    renamed: Mapping[str, str] = field(default_factory=dict)
    fixed: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    convert: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)
    unsaid: Mapping[str, Any] = field(default_factory=dict)


_ONE_GROUP = Recipe(fixed={"groups": (1,)})
_TRAINING_ONLY = {
    name: Anything() for name in ("dropout", "recurrent_dropout", "implementation", "unroll")
}
_STEPS = Recipe(
    fixed={
        **_TRAINING_ONLY,
        "stateful": (False, True),  # a finding, see `reader`
        "time_major": (False,),
        "unit_forget_bias": (True, False),
    }
)
_PLAIN_ATTENTION = Recipe(renamed={"causal": "use_causal_mask"}, fixed={"dropout": Anything()})
_HEADS = Recipe(
    renamed={"output_shape": "projected_shape"},
    fixed={
        **{name: Anything() for name in ("dropout", "flash_attention")},
        **{f"{name}_shape": Anything() for name in ("query", "key", "value")},
    },
    convert={"projected_shape": _list_of_one},
)
_RECIPES: Mapping[str, Recipe] = {
    **dict.fromkeys(("AdditiveAttention", "Attention"), _PLAIN_ATTENTION),
    "BatchNormalization": Recipe(fixed={"fused": (True, False)}),
    **dict.fromkeys(("ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D"), _STEPS),
    **dict.fromkeys(("CuDNNGRU", "CuDNNLSTM", "LSTM", "SimpleRNN"), _STEPS),
    "GRU": replace(_STEPS, unsaid={"reset_after": False}),
    "Conv1DTranspose": _ONE_GROUP,
    "Conv2DTranspose": _ONE_GROUP,
    "Conv3DTranspose": _ONE_GROUP,
    "DepthwiseConv1D": _ONE_GROUP,
    "DepthwiseConv2D": _ONE_GROUP,
    "EinsumDense": Recipe(renamed={"output_shape": "output_sizes"}),
    "Embedding": Recipe(fixed={"input_length": Anything(), "sparse": (False, True)}),
    **dict.fromkeys(("GroupQueryAttention", "MultiHeadAttention"), _HEADS),
    "InputLayer": Recipe(fixed={"sparse": (False,), "ragged": (False,)}),
    "LeakyReLU": Recipe(renamed={"alpha": "negative_slope"}),
    "RNN": _STEPS,
    "Resizing": Recipe(fixed={"fill_mode": ("constant",), "fill_value": (0, 0.0)}),
    "SeparableConv1D": _ONE_GROUP,
    "SeparableConv2D": _ONE_GROUP,
    "SpectralNormalization": Recipe(fixed={"power_iterations": Anything()}),
}
_PLAIN = Recipe()

_FUNCTIONS = {
    "swish": "silu",
    "hard_swish": "hard_silu",
    "softmax_v2": "softmax",
    "log_softmax_v2": "log_softmax",
    "elu_v2": "elu",
}


_NO_WORDS_OF_KERAS = ("hard_sigmoid_keras2",)  # ours, see `old_meaning`

# as well, and what Keras says in calls
_NO_SETTINGS_OF_KERAS = frozenset(
    {"least", "masked_with_states", "return_attention_scores", "sees_masks", "use_causal_mask"}
)

# The class behind a name of keras.layers, where they differ, and behind the names of TensorFlow
# 1.13 and the first 2.0 (the first two: `_DESERIALIZATION_TABLE` of Keras 2).
_CLASSES = {
    "GroupedQueryAttention": "GroupQueryAttention",
    "BatchNormalizationV1": "BatchNormalization",
    "BatchNormalizationV2": "BatchNormalization",
    "UnifiedGRU": "GRU",
    "UnifiedLSTM": "LSTM",
}
_READ_BY_THEMSELVES = ("activation", "recurrent_activation", "layer", "backward_layer", "cell")


def class_of_today(kind: str) -> str:
    """What a class is called that had another name for some versions."""
    return _CLASSES.get(kind, kind)


def read_layer(
    kind: Any, config: Any, module: Any = None, registered: Any = None, *, depth: int = 1
) -> Layer:
    """The record of a layer entry, which lies in `depth` − 1 wrappers.

    Raises: RefusedError code-lambda, code-module, code-pickle, file-reference,
    layer-not-allowed, channels-first, config-object, and config-value for a setting that we don't know; ModelFileError config-value
    for a value that no Keras writes; and what the record itself refuses.
    """
    kind = class_of_today(kind) if isinstance(kind, str) else kind
    _check_loaded(kind, config)
    if isinstance(kind, str) and isinstance(config, dict):
        kind, config = in_words_of_keras2(kind, config)
    check_class(kind, module, registered)
    if not isinstance(config, dict):
        raise ModelFileError("config-value", f"The settings of a {kind} should be an object.")
    config = {key: _plain(key, value) for key, value in config.items()}
    for key, value in config.items():
        if key not in _READ_BY_THEMSELVES:
            check_objects(value, key)
    record = LAYERS[kind]
    settings: dict[str, Any] = {"dtype": policy(config.get("dtype"))}
    if kind == "InputLayer":
        settings |= {"shape": _input_shape(config), "cast": _cast(config)}
    if not issubclass(record, RandomLayer):
        settings |= _settings(kind, config, depth)
    try:
        return record(**settings)
    except InputError as error:
        raise of_the_file(error) from None
    except TypeError:
        raise ModelFileError("config-value", f"The {kind} lacks a setting that it needs.") from None


_ONE_A_CHANNEL = ("scale", "offset", "mean", "variance")


def _plain(key: str, value: Any) -> Any:
    """What a number of NumPy says, or several one a channel; any other value as it is."""
    if not isinstance(value, dict) or value.get("class_name") != "__numpy__":
        return value
    inner = value.get("config")
    found = inner.get("value") if isinstance(inner, dict) else None
    row = found if isinstance(found, list) and key in _ONE_A_CHANNEL else [found]
    return found if all(type(number) in (int, float) for number in row) else value


def of_the_file(error: InputError) -> CompanionError:
    """What a record says of a file's value: Keras writes no impossible one."""
    kind = ModelFileError if error.code == "config-value" else RefusedError
    return kind(error.code, error.message, hint=error.hint, where=error.where)


def check_objects(value: Any, key: str) -> None:
    """Refuse serialised objects that are not Keras's own, even in settings that we never use."""
    if isinstance(value, list):
        for item in value:
            check_objects(item, key)
    elif isinstance(value, dict):
        _check_object(value, key)
        for item in value.values():
            check_objects(item, key)


def _check_object(value: dict[str, Any], key: str) -> None:
    kind, module = value.get("class_name"), value.get("module")
    if kind in ("__lambda__", "Lambda"):
        raise carried_code()
    if is_foreign(module) or ">" in f"{kind}{value.get('registered_name')}":
        raise RefusedError(
            "code-module",
            f"The setting {shown(key)} holds {shown(kind)} of the module {shown(module)}, which "
            "is not Keras's own.",
            hint="Build the model from Keras's own layers.",
        )
    if isinstance(kind, str) and kind.startswith("__"):
        raise RefusedError("config-object", f"The setting {shown(key)} holds a {shown(kind)}.")


def _check_loaded(kind: Any, config: Any) -> None:
    """Refuse a layer that would load something from outside its own settings."""
    key, code, what = _LOADED.get(kind, ("", "", "")) if isinstance(kind, str) else ("", "", "")
    if key and isinstance(config, dict) and isinstance(config.get(key), str):
        raise RefusedError(
            code,
            f"A {kind} loads {what}, which is never opened.",
            hint="Build the model from layers that keep all they need in the file.",
        )


def is_foreign(module: Any) -> bool:
    """Whether a class of this module is none of Keras's own."""
    return module is not None and str(module).split(".")[0] not in _PACKAGES


def carried_code() -> RefusedError:
    """Python code in a file, as an error."""
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
        raise carried_code()
    if kind == "function":
        raise RefusedError("code-module", f"A function of {shown(module)} stands for a layer.")
    foreign = is_foreign(module)
    if not foreign and not _holds_layers(module):
        raise RefusedError(
            "code-module",
            f"{shown(kind)} of the module {shown(module)} stands for a layer, and is none.",
            hint="Build the model from Keras's own layers.",
        )
    if kind not in _NAMES or foreign:
        raise _unknown(kind, module, own=foreign or _is_own(kind, module, registered))


def _is_own(kind: str, module: Any, registered: Any) -> bool:
    """Whether a class that no module is said of is a student's: Keras 3 registers those of the
    program itself under their own name, and Keras's layers under none.
    """
    return ">" in kind or ">" in str(registered or "") or (module is None and registered == kind)


def _holds_layers(module: Any) -> bool:
    parts = str(module).split(".")
    return module is None or len(parts) == 1 or not _LAYER_MODULES.isdisjoint(parts)


def _unknown(kind: str, module: Any, *, own: bool) -> RefusedError:
    near = get_close_matches(kind, sorted(_NAMES), 1)
    if own:
        return RefusedError(
            "code-module" if kind in LAYERS else "layer-not-allowed",
            f"The layer class {shown(kind)} is not Keras's own: it carries Python code"
            f"{f' from {shown(module)}' if module else ''}, which is never run.",
            hint="Build the model from Keras's own layers.",
        )
    told = f" The nearest class that can is {near[0]}." if near else ""
    if kind in _OF_TEXTS:
        return RefusedError(
            "layer-not-allowed",
            f"A {kind} takes texts, and a model that is graded takes numbers.",
            hint="Turn the texts into numbers in front of the model, and hand in what comes behind "
            "this layer.",
        )
    return RefusedError(
        "layer-not-allowed",
        f"Layers of the class {shown(kind)} can't be graded yet.",
        hint="Use other layers of Keras in its place; a class of your own, or of another package, "
        f"never can be: its code is not in the file.{told}",
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
    recipe = _RECIPES.get(kind, _PLAIN)
    wanted = set(schema(LAYERS[kind]))
    settings: dict[str, Any] = dict(recipe.unsaid)
    for key, value in config.items():
        name = recipe.renamed.get(key, key)
        if key in _IGNORED or (value is None and not _means_none(key)):
            continue
        if name in wanted and key not in _NO_SETTINGS_OF_KERAS:
            settings[name] = _converted(name, value, recipe, depth)
        elif key == "data_format":
            _check_format(value)
        elif key not in recipe.fixed or value not in recipe.fixed[key]:
            raise _not_yet(kind, key, value)
    return settings


def _means_none(key: str) -> bool:
    """Whether null is a value of a setting and not its absence."""
    return "activation" in key or key == "merge_mode"


def _not_yet(kind: str, key: str, value: Any) -> RefusedError:
    return RefusedError(
        "config-value",
        f"{kind} has the setting {shown(key)} = {shown(value)}, which can't be graded yet.",
        hint=f"Build the layer without {key}.",
    )


def _converted(name: str, value: Any, recipe: Recipe, depth: int) -> Any:
    if name in ("activation", "recurrent_activation"):
        return read_activation(value)
    if name in ("layer", "backward_layer"):
        return _inner_layer(value, depth + 1)
    if name == "cell":
        return _cell(value, depth + 1)
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


def _cell(value: Any, depth: int) -> Layer:
    """The cell of an RNN, as the layer that does the same along the steps; or several."""
    if not isinstance(value, dict) or not isinstance(value.get("class_name"), str):
        raise ModelFileError("config-value", f"An RNN holds {shown(value)} for a cell.")
    kind, config = value["class_name"], value.get("config")
    if kind != "StackedRNNCells" and kind not in _CELLS:
        raise _unknown(
            kind, value.get("module"), own=is_foreign(value.get("module")) or ">" in kind
        )
    if kind in _CELLS:
        return _inner_layer(value | {"class_name": _CELLS[kind]}, depth)
    check_class("RNN", value.get("module"), value.get("registered_name"))
    config = config if isinstance(config, dict) else {}
    cells = config.get("cells")
    if not isinstance(cells, list) or any(_is_stack(cell) for cell in cells):
        raise ModelFileError("config-value", "A StackedRNNCells has no list of cells.")
    settings: dict[str, Any] = {"dtype": policy(config.get("dtype"))}
    settings["cells"] = [_cell(cell, depth + 1) for cell in cells[: MOST_CELLS + 1]]
    try:
        return StackedRNNCells(**settings)
    except InputError as error:
        raise of_the_file(error) from None


def _is_stack(value: Any) -> bool:
    return isinstance(value, dict) and value.get("class_name") == "StackedRNNCells"


def _check_format(value: Any) -> None:
    if value != "channels_last":
        raise RefusedError(
            "channels-first",
            f"The layer has data_format {shown(value)}; only channels_last can be graded.",
            hint="Build the model with data_format='channels_last', Keras's default.",
        )


def _cast(config: Mapping[str, Any]) -> str:
    """The type of an Input: what Keras 3 writes as a policy, Keras 2 as a word."""
    value = config.get("dtype", config.get("input_dtype"))
    if isinstance(value, dict):
        value = policy(value)
    return value if isinstance(value, str) else "float32"


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


def _function(name: str) -> str:
    known = schema(LAYERS["Activation"])["activation"]
    words = [word for word in known.__args__[0].__args__ if word not in _NO_WORDS_OF_KERAS]
    plain = _FUNCTIONS.get(name, name)
    if plain not in words:
        raise RefusedError(
            "code-module",
            f"The activation {shown(name)} is not one of Keras's that can be graded.",
            hint=f"These can: {', '.join(words)}.",
        )
    return plain
