"""Operations on tensors that stand in a graph without a layer → the records of what they compute.

Keras 2 keeps them as TFOpLambda and SlicingOpLambda layers that name a function of TensorFlow;
Keras 3 as nodes of a class of `keras.ops`. Both say a word; the word is looked up in a short list of
what we compute ourselves. Nothing is ever imported by such a name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from answers.errors import InputError, ModelFileError, RefusedError
from answers.layers import resampling
from answers.layers.activation import Activation, LeakyReLU, ReLU, Softmax
from answers.layers.arithmetic import Arithmetic, GetItem, MathFunction, Reduction
from answers.layers.base import Layer
from answers.layers.core import Identity, Permute, Reshape
from answers.layers.fields import shown
from answers.layers.merging import Concatenate
from answers.layers.normalization import UnitNormalization
from answers.layers.tensor_operations import (
    Clip,
    Comparison,
    Einsum,
    Matmul,
    MoveAxis,
    Part,
    Repeat,
    Stack,
    Tile,
    UnitLength,
    Where,
)
from answers.network.graph import Tensor
from checkers.model_file import node_def
from checkers.model_file.calls import MASKED, Reference, is_reference, reference
from checkers.model_file.layer_config import of_the_file

_KERAS2 = ("TFOpLambda", "SlicingOpLambda")
_FLOATS = ("float16", "float32", "float64", "bfloat16")
_ROWS = ("channels_last", "NHWC", "NWC", "NDHWC")
# Another name of an argument → the name that the readers below use.
_SAME_ARGUMENT = {
    **dict.fromkeys(("x1", "a", "features", "logits", "input", "inputs", "input_tensor"), "x"),
    **dict.fromkeys(("tensor", "image", "images", "value", "xs", "values"), "x"),
    **dict.fromkeys(("x2", "bias", "b"), "y"),
    **dict.fromkeys(("slice_spec",), "key"),
    **dict.fromkeys(("newshape",), "shape"),
    **dict.fromkeys(("perm", "axes"), "axis"),
    **dict.fromkeys(("multiples",), "repeats"),
    **dict.fromkeys(("equation",), "subscripts"),
    **dict.fromkeys(("adjoint_a", "adj_x"), "transpose_a"),
    **dict.fromkeys(("adjoint_b", "adj_y"), "transpose_b"),
    **dict.fromkeys(("paddings",), "pad_width"),
    **dict.fromkeys(("method",), "interpolation"),
    **dict.fromkeys(("keep_dims",), "keepdims"),
    **dict.fromkeys(("alpha",), "negative_slope"),
}


class Arguments:
    """What an operation is called with, by name; each is taken once, and none may be left."""

    def __init__(self, word: str, values: Mapping[str, Any]) -> None:
        self.word = word
        named = {_SAME_ARGUMENT.get(key, key): value for key, value in values.items()}
        self.values = {
            k: v for k, v in named.items() if v is not None and k not in ("name", "dtype")
        }
        if self.values.pop("data_format", _ROWS[0]) not in _ROWS:
            raise RefusedError(
                "channels-first",
                f"The operation {word} runs with channels first; only channels_last can be graded.",
            )
        self.dtype = values.get("dtype")

    def take(self, name: str, default: Any = None) -> Any:
        """The argument, or the default where it is not given."""
        return self.values.pop(name, default)

    def tensor(self, name: str = "x") -> Tensor:
        """An argument that must be a tensor."""
        value = self.take(name)
        if not isinstance(value, Tensor):
            raise self.refused(name, value)
        return value

    def refused(self, name: str, value: Any) -> RefusedError:
        """The refusal of a value that we have no meaning for."""
        return RefusedError(
            "call-argument",
            f"The operation {self.word} is called with {name} = {shown(value)}, which can't be "
            "graded yet.",
        )

    def end(self) -> None:
        """Refuse what no reader asked for."""
        for name, value in self.values.items():
            if value is not False and value not in ("constant", "CONSTANT", 0):
                raise self.refused(name, value)


@dataclass(frozen=True)
class _Read:
    """An operation: what it computes, and on which tensors."""

    layer: Layer
    tensors: tuple[Tensor, ...]


_Reader = Callable[[Arguments], _Read]


# --- one reader an operation ------------------------------------------------------------------


def _arithmetic(operation: Any, record: Callable[..., Layer] = Arithmetic) -> _Reader:
    def read(given: Arguments) -> _Read:
        x, y = given.take("x"), given.take("y")
        if isinstance(x, Tensor) and isinstance(y, Tensor):
            return _Read(record(operation=operation), (x, y))
        if isinstance(x, Tensor):
            return _Read(record(operation=operation, number=_number(given, y)), (x,))
        if isinstance(y, Tensor):
            number = _number(given, x)
            return _Read(record(operation=operation, number=number, number_first=True), (y,))
        raise given.refused("x", x)

    return read


def _number(given: Arguments, value: Any) -> float | tuple[float, ...]:
    """A number, or a vector of one a channel, which may lie in lists of one."""
    if isinstance(value, dict) and value.get("class_name") in ("__tensor__", "__numpy__"):
        inner = value.get("config")
        value = inner.get("value") if isinstance(inner, dict) else None
    while isinstance(value, list) and len(value) == 1:
        value = value[0]
    if type(value) in (int, float):
        return float(value)
    if isinstance(value, list) and value and all(type(item) in (int, float) for item in value):
        return tuple(map(float, value))
    raise given.refused("y", value)


def _activation(name: Any) -> _Reader:
    """An activation with the settings that are Keras's own when nobody says any."""

    def read(given: Arguments) -> _Read:
        for key, value in _UNTOLD.get(name, {}).items():
            said = given.take(key, value)
            if said != value:
                raise given.refused(key, said)
        return _Read(Activation(activation=name), (given.tensor(),))

    return read


_UNTOLD: Mapping[str, Mapping[str, Any]] = {
    **{name: {"negative_slope": 1.0} for name in ("elu", "celu")},
    **{name: {"axis": -1} for name in ("glu", "log_softmax", "sparsemax")},
    **{name: {"threshold": 0.5} for name in ("hard_shrink", "soft_shrink")},
    "squareplus": {"y": 4},  # it is called b, and so are second tensors
}


def _function(name: Any) -> _Reader:
    return lambda given: _Read(MathFunction(function=name), (given.tensor(),))


def _identity(given: Arguments) -> _Read:
    return _Read(Identity(), (given.tensor(),))


def _softmax(given: Arguments) -> _Read:
    return _Read(Softmax(axis=given.take("axis", -1)), (given.tensor(),))


def _leaky(given: Arguments) -> _Read:
    return _Read(LeakyReLU(negative_slope=given.take("negative_slope", 0.2)), (given.tensor(),))


def _gelu(given: Arguments) -> _Read:
    if given.take("approximate", False):
        return _Read(MathFunction(function="gelu_tanh"), (given.tensor(),))
    return _Read(Activation(activation="gelu"), (given.tensor(),))


def _clip(given: Arguments) -> _Read:
    low = given.take("x_min", given.take("clip_value_min"))
    high = given.take("x_max", given.take("clip_value_max"))
    for name, end in (("x_min", low), ("x_max", high)):
        if type(end) not in (int, float):
            raise given.refused(name, end)
    layer = ReLU(max_value=high) if low == 0 and high > 0 else Clip(low=low, high=high)
    return _Read(layer, (given.tensor(),))


def _concatenate(given: Arguments) -> _Read:
    return _Read(Concatenate(axis=given.take("axis", -1)), _tensors(given))


def _tensors(given: Arguments) -> tuple[Tensor, ...]:
    tensors = given.take("x")
    if not isinstance(tensors, list) or not all(isinstance(item, Tensor) for item in tensors):
        raise given.refused("x", tensors)
    return tuple(tensors)


def _stack(given: Arguments) -> _Read:
    return _Read(Stack(axis=given.take("axis", 0)), _tensors(given))


def _split(given: Arguments) -> _Read:
    """Into equal parts, at places (Keras), or into parts of said sizes (TensorFlow)."""
    axis, sizes = given.take("axis", 0), given.take("num_or_size_splits")
    sections = given.take("indices_or_sections")
    if isinstance(sizes, list) and all(type(size) is int and size > 0 for size in sizes):
        sections = list(accumulate(sizes[:-1]))
    elif sizes is not None:
        sections = sizes
    return _Read(Part(axis=axis, sections=sections), (given.tensor(),))


def _unstack(given: Arguments) -> _Read:
    given.take("num")  # the size of the axis, which is known
    layer = Part(axis=given.take("axis", 0), sections=None, keepdims=False)
    return _Read(layer, (given.tensor(),))


def _tile(given: Arguments) -> _Read:
    repeats = given.take("repeats")
    if not isinstance(repeats, list) or repeats[:1] != [1]:
        raise given.refused("repeats", repeats)
    return _Read(Tile(repeats=repeats[1:]), (given.tensor(),))  # type: ignore[arg-type]  # the record makes it a tuple


def _repeat(given: Arguments) -> _Read:
    repeats, axis = given.take("repeats"), given.take("axis")
    if isinstance(repeats, list) and len(repeats) == 1:
        (repeats,) = repeats
    return _Read(Repeat(repeats=repeats, axis=axis), (given.tensor(),))


def _flip(given: Arguments) -> _Read:
    axis = given.take("axis")
    axes = axis if isinstance(axis, list) else [axis]
    if len(axes) != 1 or not _is_axis(axes[0]):
        raise given.refused("axis", axis)
    return _Read(GetItem(parts=_at(axes[0], "::-1")), (given.tensor(),))


def _swapped(given: Arguments) -> _Read:
    axes = {"source": given.take("axis1"), "destination": given.take("axis2")}
    return _Read(MoveAxis(**axes, swap=True), (given.tensor(),))


def _moved(given: Arguments) -> _Read:
    axes = {name: given.take(name) for name in ("source", "destination")}
    plain = {n: a[0] if isinstance(a, list) and len(a) == 1 else a for n, a in axes.items()}
    return _Read(MoveAxis(**plain), (given.tensor(),))


def _matmul(given: Arguments) -> _Read:
    first, second = (bool(given.take(f"transpose_{name}", False)) for name in "ab")
    layer = Matmul(transpose_a=first, transpose_b=second)
    return _Read(layer, (given.tensor(), given.tensor("y")))


def _einsum(given: Arguments) -> _Read:
    return _Read(Einsum(subscripts=given.take("subscripts")), _tensors(given))


def _where(given: Arguments) -> _Read:
    condition = given.tensor("condition")
    values = [given.take("x"), given.take("y")]
    tensors = [value for value in values if isinstance(value, Tensor)]
    yes, no = (_single(given, value) for value in values)
    return _Read(Where(yes=yes, no=no), (condition, *tensors))


def _single(given: Arguments, value: Any) -> float | None:
    """A number; None for a tensor."""
    if isinstance(value, Tensor):
        return None
    number = _number(given, value)
    if isinstance(number, tuple):
        raise given.refused("x", value)
    return number


def _unit_length(given: Arguments) -> _Read:
    axis, epsilon = given.take("axis", -1), given.take("epsilon", 1e-7)
    if given.take("order", 2) != 2:
        raise given.refused("order", "another number")
    axes: Any = axis if isinstance(axis, list) else [axis]
    return _Read(UnitLength(axis=axes, epsilon=epsilon), (given.tensor(),))


def _norm(given: Arguments) -> _Read:
    """The length of vectors; the root of the sum of squares of a matrix."""
    order = given.take("ord", given.take("order"))
    if order not in (None, 2, "euclidean", "fro"):
        raise given.refused("ord", order)
    if order == 2 and type(given.values.get("axis")) is not int:
        raise given.refused("ord", order)  # of a matrix that would be its largest singular value
    return _reduction("norm")(given)


def _reduction(operation: Any) -> _Reader:
    def read(given: Arguments) -> _Read:
        axis = given.take("axis")
        if axis in (None, []):  # every axis, the batch too; or no axis
            raise given.refused("axis", axis)
        axes: Any = [axis] if type(axis) is int else axis
        keepdims = given.take("keepdims", False)
        initial = given.take("initial")  # 0 says something here: no maximum is below it
        if initial is not None:
            raise given.refused("initial", initial)
        return _Read(
            Reduction(operation=operation, axis=axes, keepdims=keepdims), (given.tensor(),)
        )

    return read


def _get_item(given: Arguments) -> _Read:
    key = given.take("key")
    parts = key if isinstance(key, list) else [key]
    return _Read(GetItem(parts=[_part(given, part) for part in parts]), (given.tensor(),))  # type: ignore[arg-type]  # the record makes it a tuple


def _part(given: Arguments, value: Any) -> str:
    """A part of an index: null, a number, or what stands for … and for a slice."""
    if value is None:
        return "new"
    if type(value) is int:
        return str(value)
    if isinstance(value, dict) and value.get("class_name") == "__ellipsis__":
        return "..."
    inner = value.get("config", value) if isinstance(value, dict) else None
    if not isinstance(inner, dict) or not {"start", "stop", "step"} <= set(inner):
        raise given.refused("key", value)
    ends = [inner[name] for name in ("start", "stop", "step")]
    if not all(end is None or type(end) is int for end in ends):
        raise given.refused("key", value)
    start, stop, step = ("" if end is None else str(end) for end in ends)
    return f"{start}:{stop}:{step}" if step else f"{start}:{stop}"


def _is_axis(axis: Any) -> bool:
    """Whether a value is an axis, and not the batch."""
    return type(axis) is int and 0 < abs(axis) <= 8


def _at(axis: int, part: str) -> tuple[str, ...]:
    """An index with one part at an axis, and all of the others."""
    if axis > 0:
        return (*[":"] * axis, part, "...")
    return ("...", part, *[":"] * (-axis - 1))


def _expand(given: Arguments) -> _Read:
    axis = given.take("axis")
    axes = axis if isinstance(axis, list) else [axis]
    if len(axes) != 1 or not _is_axis(axes[0]):
        raise given.refused("axis", axis)
    return _Read(GetItem(parts=_at(axes[0], "new")), (given.tensor(),))


def _squeeze(given: Arguments) -> _Read:
    axis = given.take("axis")
    axes = axis if isinstance(axis, list) else [axis]
    if len(axes) != 1 or not _is_axis(axes[0]):
        raise given.refused("axis", axis)
    return _Read(GetItem(parts=_at(axes[0], "0")), (given.tensor(),))


def _reshape(given: Arguments) -> _Read:
    shape = given.take("shape")
    if not isinstance(shape, list) or len(shape) < 2 or shape[0] not in (-1, None):
        raise given.refused("shape", shape)
    sizes = [-1 if size is None else size for size in shape[1:]]
    return _Read(Reshape(target_shape=sizes), (given.tensor(),))  # type: ignore[arg-type]  # the record makes it a tuple


def _transpose(given: Arguments) -> _Read:
    axes = given.take("axis")
    if not isinstance(axes, list) or axes[:1] != [0]:
        raise given.refused("axes", axes)
    return _Read(Permute(dims=axes[1:]), (given.tensor(),))  # type: ignore[arg-type]  # the record makes it a tuple


def _pad(given: Arguments) -> _Read:
    pads = given.take("pad_width")
    rank = len(pads) - 2 if isinstance(pads, list) else 0
    if rank not in (1, 2, 3) or pads[0] != [0, 0] or pads[-1] != [0, 0]:
        raise given.refused("pad_width", pads)
    kind = (resampling.ZeroPadding1D, resampling.ZeroPadding2D, resampling.ZeroPadding3D)[rank - 1]
    sides = pads[1] if rank == 1 else pads[1:-1]
    return _Read(kind(padding=sides), (given.tensor(),))


def _resize(given: Arguments) -> _Read:
    size = given.take("size")
    if not isinstance(size, list) or len(size) != 2:
        raise given.refused("size", size)
    word = given.take("interpolation", "bilinear")
    switches = ("antialias", "crop_to_aspect_ratio", "pad_to_aspect_ratio")
    settings = {name: given.take(name, False) for name in switches}
    given.take("fill_value")
    layer = resampling.Resizing(height=size[0], width=size[1], interpolation=word, **settings)
    return _Read(layer, (given.tensor(),))


def _cast(given: Arguments) -> _Read:
    """A cast between floats changes nothing but digits that are lost; what is fed is float32."""
    if given.dtype not in _FLOATS:
        raise given.refused("dtype", given.dtype)
    return _identity(given)


def _unit(given: Arguments) -> _Read:
    axis = given.take("axis", -1)
    if given.take("epsilon", 1e-12) != 1e-12:
        raise given.refused("epsilon", "another number")
    return _Read(UnitNormalization(axis=axis), (given.tensor(),))


# --- by which words they go -------------------------------------------------------------------

_PLAIN_ACTIVATIONS = (
    *("relu", "relu6", "elu", "selu", "sigmoid", "tanh", "softplus", "softsign", "silu"),
    *("hard_sigmoid", "hard_silu", "hard_tanh", "log_sigmoid", "log_softmax", "mish"),
    *("tanh_shrink", "celu", "glu", "hard_shrink", "soft_shrink", "squareplus", "sparse_plus"),
    *("sparse_sigmoid", "sparsemax"),
)
_MORE_FUNCTIONS = (
    *("sin", "cos", "tan", "sinh", "cosh", "floor", "ceil", "round", "expm1", "log1p"),
    *("reciprocal", "trunc", "erf", "exp2", "log2", "log10", "arcsin", "arccos", "arctan"),
    *("arcsinh", "arccosh", "arctanh"),
)
_COMPARISONS = ("greater", "greater_equal", "less", "less_equal", "equal", "not_equal")
_MORE_OF_TWO = ("floor_divide", "mod", "arctan2", "logaddexp", "divide_no_nan")
_READERS: Mapping[str, _Reader] = {
    **{
        name: _arithmetic(name)
        for name in ("add", "subtract", "multiply", "divide", "power", "maximum", "minimum")
    },
    **{name: _arithmetic(name) for name in _MORE_OF_TWO},
    **{name: _arithmetic(name, Comparison) for name in _COMPARISONS},
    **{name: _activation(name) for name in _PLAIN_ACTIVATIONS},
    **{
        name: _function(name)
        for name in ("absolute", "square", "sqrt", "rsqrt", "exp", "log", "negative", "sign")
    },
    **{name: _function(name) for name in _MORE_FUNCTIONS},
    **{name: _reduction(name) for name in ("mean", "sum", "prod", "std", "var", "max", "min")},
    "logsumexp": _reduction("logsumexp"),
    "norm": _norm,
    "cast": _cast,
    "clip": _clip,
    "concatenate": _concatenate,
    "einsum": _einsum,
    "expand_dims": _expand,
    "flip": _flip,
    "gelu": _gelu,
    "get_item": _get_item,
    "identity": _identity,
    "leaky_relu": _leaky,
    "matmul": _matmul,
    "move_axis": _moved,
    "pad": _pad,
    "repeat": _repeat,
    "reshape": _reshape,
    "resize": _resize,
    "softmax": _softmax,
    "split": _split,
    "squeeze": _squeeze,
    "stack": _stack,
    "swap_axes": _swapped,
    "tile": _tile,
    "transpose": _transpose,
    "unit": _unit,
    "unit_length": _unit_length,
    "unstack": _unstack,
    "where": _where,
}
# Keras 3's class of an operation → the reader, and what its arguments are called in order.
_ONE, _TWO = ("x",), ("x", "y")
_KERAS3: Mapping[str, tuple[str, tuple[str, ...]]] = {
    **{
        name.title().replace("_", ""): (name, _TWO)
        for name in ("add", "subtract", "multiply", "power", "maximum", "minimum", "divide")
    },
    **{name.title().replace("_", ""): (name, _TWO) for name in (*_COMPARISONS, *_MORE_OF_TWO)},
    **{
        name.title().replace("_", ""): (name, _ONE)
        for name in (*_PLAIN_ACTIVATIONS, "absolute", "square", "sqrt", "rsqrt", "exp", "log")
    },
    **{name.title(): (name, _ONE) for name in ("negative", "sign", *_MORE_FUNCTIONS)},
    **{name.title(): (name, _ONE) for name in ("prod", "std", "var")},
    **{name.title(): (name, _ONE) for name in ("mean", "sum", "max", "min", "gelu", "softmax")},
    **{name.title(): (name, _ONE) for name in ("concatenate", "pad", "transpose", "resize")},
    **{name.title(): (name, _ONE) for name in ("stack", "unstack", "split", "tile", "flip")},
    **{name.title(): (name, _ONE) for name in ("logsumexp", "norm", "repeat")},
    "Abs": ("absolute", _ONE),
    "Amax": ("max", _ONE),
    "Amin": ("min", _ONE),
    "Average": ("mean", _ONE),
    "Cast": ("cast", ("x", "dtype")),
    "Clip": ("clip", ("x", "x_min", "x_max")),
    "Einsum": ("einsum", _ONE),
    "ExpandDims": ("expand_dims", ("x", "axis")),
    "GetItem": ("get_item", ("x", "key")),
    "HardTanh": ("hard_tanh", _ONE),
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
    **{f"math.{name}": name for name in _MORE_FUNCTIONS},
    **{f"math.reduce_{name}": name for name in ("mean", "sum", "prod", "max", "min")},
    **{f"math.{name}": name for name in (*_COMPARISONS, "erf", "divide_no_nan")},
    "math.floordiv": "floor_divide",
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
    "pad": "pad",
    "repeat": "repeat",
    "reshape": "reshape",
    "reverse": "flip",
    "split": "split",
    "squeeze": "squeeze",
    "stack": "stack",
    "stop_gradient": "identity",
    "tile": "tile",
    "transpose": "transpose",
    "unstack": "unstack",
}


def is_operation(entry: Mapping[str, Any]) -> bool:
    """Whether an entry of a graph is an operation and no layer.

    Keras 3 leaves the module out of an HDF5 file, where Add or Softmax may be either: the settings
    of a layer say whether it is trainable.
    """
    kind, module, config = entry.get("class_name"), entry.get("module"), entry.get("config")
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


def check_truths(
    calls: Iterable[tuple[Any, tuple[Reference, ...]]], makers: frozenset[str]
) -> None:
    """Refuse a comparison whose truths are added up or averaged: Keras computes with them otherwise.

    calls: the layer and the tensors of each call. makers: the names of the comparisons.
    Raises: RefusedError call-argument.
    """
    for layer, taken in calls:
        truths = [name in makers for name, _, _ in taken]
        chosen = isinstance(layer, Where) and not any(truths[1:])
        factor = layer == Arithmetic(operation="multiply") and truths.count(True) == 1
        if any(truths) and not (chosen or factor or isinstance(layer, Identity)):
            raise RefusedError(
                "call-argument",
                f"A comparison of tensors goes into a {getattr(layer, 'kind', 'model')}, which "
                "can't be graded yet.",
                hint="Cast it first, or choose with ops.where.",
            )


def _keras2_word(config: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    word = config.get("function")
    if not isinstance(word, str) or word not in _TENSORFLOW:
        raise _unknown(word)
    return _TENSORFLOW[word], _ONE


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


def _read(found: tuple[str, tuple[str, ...]], config: Mapping[str, Any], node: Any) -> _Read:
    word, names = found
    keras3 = isinstance(node, dict)
    return _computed(word, _keras3_values(config, node, names) if keras3 else _keras2_values(node))


def _read_node(config: Mapping[str, Any], node: Any) -> _Read:
    """An operation of TensorFlow 1.15 to 2.3."""
    said = node_def.operation(config)
    if not isinstance(said, str) or said not in node_def.WORDS:
        raise _unknown(said)
    items = [node] if is_reference(node) else node
    tensors = [Tensor(*reference(item)) for item in items] if isinstance(items, list) else []
    word = node_def.WORDS[said]
    return _computed(word, node_def.values(config, word, tensors))


def _computed(word: str, values: Mapping[str, Any]) -> _Read:
    """What an operation with these arguments computes.

    Raises: RefusedError call-argument, and what the record refuses.
    """
    given = Arguments(word, values)
    try:
        read = _READERS[word](given)
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


def _keras2_values(node: Any) -> dict[str, Any]:
    """The four forms of a call: [x, …], with a number as x, with tensors as arguments, a list."""
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
    return {"x": taken if listed else taken[0]} | named


def _keras2_first(item: list[Any]) -> Any:
    if item[0] == "_CONSTANT_VALUE" and item[1] == -1:
        return item[2]
    return Tensor(*reference(item[:3]))


def _keras2_value(value: Any) -> Any:
    return Tensor(*reference(value)) if is_reference(value) and len(value) == 3 else value
