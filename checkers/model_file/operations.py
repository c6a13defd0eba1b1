"""Operations on tensors that stand in a graph without a layer → the records of what they compute.

Keras 2 keeps them as TFOpLambda and SlicingOpLambda layers that name a function of TensorFlow;
Keras 3 as nodes of a class of `keras.ops`. Both say a word; the word is looked up in a short list of
what we compute ourselves. Nothing is ever imported by such a name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from answers.errors import InputError, ModelFileError, RefusedError
from answers.layers import pooling, resampling
from answers.layers.activation import Activation, ReLU
from answers.layers.arithmetic import Arithmetic, GetItem
from answers.layers.base import Layer
from answers.layers.catalogue import OPERATIONS
from answers.layers.core import (
    Flatten,
    Identity,
    InputLayer,
    Permute,
    RepeatVector,
    Reshape,
    TrainingOnly,
)
from answers.layers.embedding import Embedding
from answers.layers.fields import shown
from answers.layers.merging import Concatenate, Joining, Maximum, Minimum
from answers.layers.preprocessing import RandomLayer
from answers.layers.selection import Extreme, Logical, OneHot, WholePart
from answers.layers.tensor_operations import Comparison, MoveAxis, Part, Repeat, Where
from answers.network.graph import Tensor
from checkers.model_file import node_def
from checkers.model_file.calls import MASKED, Reference, is_reference, reference
from checkers.model_file.layer_config import of_the_file
from checkers.model_file.operation_arguments import Arguments, Read
from checkers.model_file.operation_meaning import (
    AS_FLOATS,
    COMPARISONS,
    MORE_FUNCTIONS,
    MORE_OF_TWO,
    PLAIN_ACTIVATIONS,
    READERS,
    TRUTHS,
)

_KERAS2 = ("TFOpLambda", "SlicingOpLambda")
_ONE, _TWO = ("x",), ("x", "y")
_NAMED = (
    *("depth_to_space", "space_to_depth", "one_hot", "zeros_like", "ones_like", "logical_not"),
    *("max_pool", "average_pool"),
)
_KERAS3: Mapping[str, tuple[str, tuple[str, ...]]] = {
    **{
        name.title().replace("_", ""): (name, _TWO)
        for name in ("add", "subtract", "multiply", "power", "maximum", "minimum", "divide")
    },
    **{name.title().replace("_", ""): (name, _TWO) for name in (*COMPARISONS, *MORE_OF_TWO)},
    **{
        name.title().replace("_", ""): (name, _ONE)
        for name in (*PLAIN_ACTIVATIONS, "absolute", "square", "sqrt", "rsqrt", "exp", "log")
    },
    **{name.title(): (name, _ONE) for name in ("negative", "sign", *MORE_FUNCTIONS)},
    **{name.title(): (name, _ONE) for name in ("prod", "std", "var")},
    **{name.title(): (name, _ONE) for name in ("mean", "sum", "max", "min", "gelu", "softmax")},
    **{name.title(): (name, _ONE) for name in ("concatenate", "pad", "transpose", "resize")},
    **{name.title(): (name, _ONE) for name in ("stack", "unstack", "split", "tile", "flip")},
    **{name.title(): (name, _ONE) for name in ("logsumexp", "norm", "repeat")},
    **{f"Logical{name.title()}": (f"logical_{name}", _TWO) for name in TRUTHS},
    **{name.title(): (name, _ONE) for name in ("argmax", "argmin", "cumprod", "cumsum", "sort")},
    **{name.title().replace("_", ""): (name, _ONE) for name in _NAMED},
    "Abs": ("absolute", _ONE),
    "ConvertToTensor": ("tensor", _ONE),
    "Copy": ("identity", _ONE),
    "ExtractPatches": ("patches", _ONE),
    "Fabs": ("absolute", _ONE),
    "FullLike": ("full_like", ("x", "fill_value")),
    "RGBToGrayscale": ("rgb_to_grayscale", _ONE),
    "Roll": ("roll", _ONE),
    "Take": ("gather", ("x", "indices")),
    "Amax": ("max", _ONE),
    "Amin": ("min", _ONE),
    "Average": ("mean", _ONE),
    "Cast": ("cast", ("x", "dtype")),
    "Clip": ("clip", ("x", "x_min", "x_max")),
    "Einsum": ("einsum", _ONE),
    "ExpandDims": ("expand_dims", ("x", "axis")),
    "GetItem": ("get_item", ("x", "key")),
    "HardTanh": ("hard_tanh", _ONE),
    "Hstack": ("side_by_side", _ONE),
    "LeakyRelu": ("leaky_relu", _ONE),
    "Log1p": ("log1p", _ONE),
    "Matmul": ("matmul", _TWO),
    "Moveaxis": ("move_axis", _ONE),
    "Normalize": ("unit_length", _ONE),
    "Relu6": ("relu6", _ONE),
    "Reshape": ("reshape", ("x", "shape")),
    "Squeeze": ("squeeze", ("x", "axis")),
    "StopGradient": ("identity", _ONE),
    "Swapaxes": ("swap_axes", _ONE),
    "TanhShrink": ("tanh_shrink", _ONE),
    "TrueDivide": ("divide", _TWO),
    "Where": ("where", ("condition", "x", "y")),
}
_TENSORFLOW: Mapping[str, str] = {
    **{f"nn.{name}": name for name in ("relu", "relu6", "elu", "selu", "sigmoid", "tanh", "silu")},
    **{f"math.{name}": name for name in ("sigmoid", "tanh", "softplus", "add", "subtract")},
    **{f"math.{name}": name for name in ("multiply", "divide", "maximum", "minimum", "square")},
    **{f"math.{name}": name for name in ("sqrt", "rsqrt", "exp", "log", "negative", "sign")},
    **{f"math.{name}": name for name in MORE_FUNCTIONS},
    **{f"math.reduce_{name}": name for name in ("mean", "sum", "prod", "max", "min")},
    **{f"math.{name}": name for name in (*COMPARISONS, "erf", "divide_no_nan")},
    **{f"math.{name}": name for name in ("argmax", "argmin", "cumsum", "cumprod", "add_n")},
    **{f"math.logical_{name}": f"logical_{name}" for name in (*TRUTHS, "not")},
    **{f"math.a{name}": f"arc{name}" for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh")},
    **{f"image.{name}": name for name in ("flip_left_right", "flip_up_down")},
    **{f"image.{name}": name for name in ("grayscale_to_rgb", "rgb_to_grayscale")},
    **{f"{part}nn.depth_to_space": "depth_to_space" for part in ("", "compat.v1.")},
    **{f"{part}nn.space_to_depth": "space_to_depth" for part in ("", "compat.v1.")},
    **{f"{part}pad": "pad" for part in ("", "compat.v1.")},
    **{f"{part}squeeze": "squeeze" for part in ("", "compat.v1.")},
    **{f"{part}norm": "norm" for part in ("", "linalg.", "compat.v1.")},
    **{f"{part}gather": "gather" for part in ("", "compat.v1.")},
    **dict.fromkeys(("nn.max_pool2d", "compat.v1.nn.max_pool"), "max_pool"),
    **dict.fromkeys(("nn.avg_pool2d", "compat.v1.nn.avg_pool"), "average_pool"),
    **dict.fromkeys(("math.scalar_mul", "compat.v1.math.scalar_mul"), "multiply"),
    "compat.v1.floor_div": "floor_divide",
    "convert_to_tensor": "tensor",
    "ensure_shape": "ensured",
    "dtypes.saturate_cast": "cast",
    "image.adjust_brightness": "brighter",
    "image.crop_to_bounding_box": "box",
    "image.extract_patches": "patches",
    "image.per_image_standardization": "per_image_standardization",
    "keras.backend.batch_flatten": "flatten",
    "linalg.matrix_transpose": "matrix_transpose",
    "math.floordiv": "floor_divide",
    "math.reduce_euclidean_norm": "norm",
    "math.rint": "round",
    "math.squared_difference": "squared_difference",
    "one_hot": "one_hot",
    "ones_like": "ones_like",
    "realdiv": "divide",
    "roll": "roll",
    "slice": "slice",
    "sort": "sort",
    "where": "where",
    "zeros_like": "zeros_like",
    "math.floormod": "mod",
    "math.reduce_logsumexp": "logsumexp",
    "math.reduce_std": "std",
    "math.reduce_variance": "var",
    "__operators__.add": "add",
    "__operators__.getitem": "get_item",
    "cast": "cast",
    "clip_by_value": "clip",
    "compat.v1.transpose": "transpose",
    "concat": "concatenate",
    "expand_dims": "expand_dims",
    "identity": "identity",
    "image.resize": "resize",
    "linalg.l2_normalize": "unit",
    "linalg.matmul": "matmul",
    "math.abs": "absolute",
    "math.l2_normalize": "unit",
    "math.pow": "power",
    "math.truediv": "divide",
    "nn.bias_add": "add",
    "nn.gelu": "gelu",
    "nn.leaky_relu": "leaky_relu",
    "nn.log_softmax": "log_softmax",
    "nn.softmax": "softmax",
    "nn.softplus": "softplus",
    "nn.softsign": "softsign",
    "nn.swish": "silu",
    "repeat": "repeat",
    "reshape": "reshape",
    "reverse": "flip",
    "split": "split",
    "stack": "stack",
    "stop_gradient": "identity",
    "tile": "tile",
    "transpose": "transpose",
    "unstack": "unstack",
}


# What the first argument of a function is, where it is not x.
_FIRST = {"where": ("condition",), "math.scalar_mul": ("y",), "compat.v1.math.scalar_mul": ("y",)}


def is_operation(entry: Mapping[str, Any]) -> bool:
    """Whether an entry of a graph is an operation and no layer.

    Keras 3 leaves the module out of an HDF5 file, where Add or Softmax may be either: the settings
    of a layer say whether it is trainable.
    """
    kind, module, config = entry.get("class_name"), entry.get("module"), entry.get("config")
    if not isinstance(kind, str):
        return False  # which is said where a layer's class is looked at
    if kind in (*_KERAS2, node_def.KIND):
        return True
    if module is not None:
        return isinstance(module, str) and module.startswith("keras.src.ops.")
    nodes = entry.get("inbound_nodes")
    keras3 = isinstance(nodes, list) and any(isinstance(node, dict) for node in nodes)
    return keras3 and kind in _KERAS3 and isinstance(config, dict) and "trainable" not in config


def read_operation(entry: Mapping[str, Any]) -> tuple[Layer, tuple[tuple[Reference, ...], ...]]:
    """What an operation computes, and the tensors of each of its calls.

    Raises: RefusedError layer-not-allowed for one that is not on the list, call-argument for an
    argument that we have no meaning for; ModelFileError json-structure.
    """
    config, nodes = entry.get("config"), entry.get("inbound_nodes")
    if not isinstance(config, dict) or not isinstance(nodes, list) or not nodes:
        raise ModelFileError("json-structure", "An operation has no settings or no call.")
    kind = entry["class_name"]
    if kind == node_def.KIND:
        reads = [_read_node(config, node) for node in nodes]
    else:
        found = _keras2_word(config) if kind in _KERAS2 else _keras3_word(entry)
        reads = [_read(found, config, node) for node in nodes]
    if any(read.layer != reads[0].layer for read in reads):
        raise RefusedError("call-argument", "An operation is called twice, with different numbers.")
    calls = tuple(tuple((t.node, t.call, t.output) for t in read.tensors) for read in reads)
    return reads[0].layer, calls


Call = tuple[str, Any, tuple[Reference, ...]]  # a name, its layer, and the tensors of one call
_MAKE_TRUTHS, _MAKE_WHOLE = (Comparison, Logical), (Extreme, WholePart)
_LAY_OUT = (
    *(Concatenate, Flatten, GetItem, Identity, MoveAxis, Part, Permute, Repeat, RepeatVector),
    *(Reshape, TrainingOnly),
    *(resampling.Cropping1D, resampling.Cropping2D, resampling.Cropping3D),
    *(resampling.UpSampling1D, resampling.UpSampling2D, resampling.UpSampling3D),
    *(resampling.ZeroPadding1D, resampling.ZeroPadding2D, resampling.ZeroPadding3D),
)
_CHOOSE = (
    *(Activation, Maximum, Minimum, ReLU),
    *(pooling.MaxPooling1D, pooling.MaxPooling2D, pooling.MaxPooling3D),
    *(pooling.GlobalMaxPooling1D, pooling.GlobalMaxPooling2D, pooling.GlobalMaxPooling3D),
)


def check_kinds(calls: Sequence[Call]) -> None:
    """Refuse truths and whole numbers that are computed with: Keras does that otherwise than we.

    They may be cast, chosen by, compared, and laid out in another shape.
    Raises: RefusedError call-argument.
    """
    truths = _made_by(calls, lambda layer: isinstance(layer, _MAKE_TRUTHS))
    whole = _made_by(calls, lambda layer: isinstance(layer, _MAKE_WHOLE))
    given = _made_by(calls, _gives_whole)
    for _, layer, taken in calls:
        found = [name in truths for name, _, _ in taken]
        if any(found) and not _takes_truths(layer, found):
            raise _of_another_kind("A comparison of tensors", layer)
        made = given | whole if _computes_as_given(layer) else whole
        if any(name in made for name, _, _ in taken) and not _takes_whole(layer):
            raise _of_another_kind("A tensor of whole numbers", layer)


def _gives_whole(layer: Any) -> bool:
    return isinstance(layer, InputLayer) and "int" in layer.cast


def _computes_as_given(layer: Any) -> bool:
    """Whether the whole numbers of an input stay whole here; most layers make floats of them."""
    return getattr(layer, "kind", "") in OPERATIONS or isinstance(layer, Joining) or _blends(layer)


def _blends(layer: Any) -> bool:
    return isinstance(layer, resampling.UpSampling2D) and layer.interpolation != "nearest"


def _keeps_the_kind(layer: Any) -> bool:
    if layer is AS_FLOATS or isinstance(layer, RandomLayer) or _blends(layer):
        return False
    return isinstance(layer, (*_LAY_OUT, *_CHOOSE))


def _takes_whole(layer: Any) -> bool:
    """Whether a layer makes floats of whole numbers, or leaves them as they are."""
    if isinstance(layer, Arithmetic) and layer.number is not None:
        numbers = layer.number if isinstance(layer.number, tuple) else (layer.number,)
        return layer.operation == "divide" or any(number % 1 for number in numbers)
    return isinstance(layer, _TAKE_WHOLE) or _keeps_the_kind(layer)


def _made_by(calls: Sequence[Call], makes: Callable[[Any], bool]) -> set[str]:
    """The names of what makes tensors of a kind, and of what only lays them out."""
    readers: dict[str, list[str]] = {}
    for name, layer, taken in calls:
        for source, _, _ in taken if _keeps_the_kind(layer) else ():
            readers.setdefault(source, []).append(name)
    found: set[str] = set()
    left = [name for name, layer, _ in calls if makes(layer)]
    while left:
        name = left.pop()
        if name not in found:
            found.add(name)
            left += readers.get(name, [])
    return found


_CAST = (Identity, WholePart)
_TAKE_WHOLE = (*_CAST, Comparison, Embedding, OneHot)


def _takes_truths(layer: Any, truths: list[bool]) -> bool:
    chosen = isinstance(layer, Where) and not any(truths[1:])
    factor = layer == Arithmetic(operation="multiply") and truths.count(True) == 1
    turned = isinstance(layer, Comparison) and layer.number == 0
    return chosen or factor or turned or isinstance(layer, (*_CAST, *_LAY_OUT, Logical))


def _of_another_kind(what: str, layer: Any) -> RefusedError:
    return RefusedError(
        "call-argument",
        f"{what} goes into a {getattr(layer, 'kind', 'model')}, which can't be graded yet.",
        hint="Cast it to float32 first, or choose with ops.where.",
    )


def _keras2_word(config: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    word = config.get("function")
    if not isinstance(word, str) or word not in _TENSORFLOW:
        raise _unknown(word)
    return _TENSORFLOW[word], _FIRST.get(word, _ONE)


def _keras3_word(entry: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    kind = entry.get("class_name")
    if not isinstance(kind, str) or kind not in _KERAS3:
        raise _unknown(kind)
    return _KERAS3[kind]


_INSTEAD = "Use a layer of Keras in its place, for example Rescaling, Add or Resizing."
_MASKS = ("Any", "LogicalOr")  # Keras 3 writes them where it makes a mask


def _unknown(word: Any) -> RefusedError:
    return RefusedError(
        "layer-not-allowed",
        f"The operation {shown(word)} on tensors can't be graded yet.",
        hint=MASKED if word in _MASKS else _INSTEAD,
    )


def _read(found: tuple[str, tuple[str, ...]], config: Mapping[str, Any], node: Any) -> Read:
    word, names = found
    keras3 = isinstance(node, dict)
    if keras3:
        return _computed(word, _keras3_values(config, node, names))
    return _computed(word, _keras2_values(node, names[0]))


def _read_node(config: Mapping[str, Any], node: Any) -> Read:
    """An operation of TensorFlow 1.15 to 2.3."""
    said = node_def.operation(config)
    if not isinstance(said, str) or said not in node_def.WORDS:
        raise _unknown(said)
    items = [node] if is_reference(node) else node
    tensors = [Tensor(*reference(item)) for item in items] if isinstance(items, list) else []
    word = node_def.WORDS[said]
    return _computed(word, node_def.values(config, word, tensors))


def _computed(word: str, values: Mapping[str, Any]) -> Read:
    """What an operation with these arguments computes.

    Raises: RefusedError call-argument, and what the record refuses.
    """
    given = Arguments(word, values)
    try:
        read = READERS[word](given)
    except InputError as error:
        raise of_the_file(error) from None
    given.end()
    return read


def _keras3_values(
    config: Mapping[str, Any], node: Mapping[str, Any], names: tuple[str, ...]
) -> dict[str, Any]:
    args, kwargs = node.get("args"), node.get("kwargs", {})
    if not isinstance(args, list) or not isinstance(kwargs, dict):
        raise ModelFileError("json-structure", "A call of an operation is no object.")
    if config.get("subscripts") is not None:
        args = [args]  # an Einsum takes its tensors one by one
    if len(args) > len(names):
        raise RefusedError("call-argument", f"An operation is called on {len(args)} things.")
    given = dict(zip(names, args, strict=False)) | kwargs
    return dict(config) | {name: _keras3_value(value) for name, value in given.items()}


def _keras3_value(value: Any) -> Any:
    if isinstance(value, list):
        return [_keras3_value(item) for item in value]
    if isinstance(value, dict) and value.get("class_name") == "__keras_tensor__":
        inner = value.get("config")
        return Tensor(*reference(inner.get("keras_history") if isinstance(inner, dict) else None))
    return value


def _keras2_values(node: Any, first: str) -> dict[str, Any]:
    """The four forms of a call: [x, …], with a number as x, with tensors as arguments, a list.

    first: what the first argument is called.
    """
    if not isinstance(node, list) or not node:
        raise ModelFileError("json-structure", "A call of an operation is no list.")
    listed = isinstance(node[0], list)
    items = node if listed else [node]
    if not all(isinstance(item, list) and len(item) == 4 for item in items):
        raise ModelFileError("json-structure", "A call of an operation can't be read.")
    arguments = items[0][3]
    if not isinstance(arguments, dict):
        raise ModelFileError("json-structure", "The arguments of an operation are no object.")
    taken = [_keras2_first(item) for item in items]
    named = {name: _keras2_value(value) for name, value in arguments.items()}
    return {first: taken if listed else taken[0]} | named


def _keras2_first(item: list[Any]) -> Any:
    if item[0] == "_CONSTANT_VALUE" and item[1] == -1:
        return item[2]
    return Tensor(*reference(item[:3]))


def _keras2_value(value: Any) -> Any:
    return Tensor(*reference(value)) if is_reference(value) and len(value) == 3 else value
