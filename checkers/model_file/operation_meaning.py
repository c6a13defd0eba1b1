"""What an operation on tensors computes: its arguments by name → a record of ours.

A reader an operation, and the table of the words by which they go. Which operations of Keras and of
TensorFlow these words stand for is said in operations.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import accumulate
from math import sqrt
from typing import Any

from answers.errors import RefusedError
from answers.layers import resampling
from answers.layers.activation import Activation, LeakyReLU, ReLU, Softmax
from answers.layers.arithmetic import Arithmetic, GetItem, MathFunction, Reduction
from answers.layers.base import MOST_AXES, Layer
from answers.layers.core import Flatten, Identity, Permute, Reshape
from answers.layers.merging import Add, Concatenate
from answers.layers.picture_operations import (
    Grey,
    Pad,
    PictureStandardization,
)
from answers.layers.selection import (
    Logical,
    WholePart,
)
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
from checkers.model_file.operation_arguments import (
    FLOATS,
    Arguments,
    Read,
    Reader,
    at,
    is_axis,
    plain,
)
from checkers.model_file.place_meaning import PLACES

# A cast to floats, told by being this very record: any other Identity leaves whole numbers whole.
AS_FLOATS = Identity()


# --- one reader an operation ------------------------------------------------------------------


def _arithmetic(operation: Any, record: Callable[..., Layer] = Arithmetic) -> Reader:
    def read(given: Arguments) -> Read:
        x, y = given.take("x"), given.take("y")
        if isinstance(x, Tensor) and isinstance(y, Tensor):
            return Read(record(operation=operation), (x, y))
        if isinstance(x, Tensor):
            return Read(record(operation=operation, **_numbers(given, y)), (x,))
        if isinstance(y, Tensor):
            numbers = _numbers(given, x)
            return Read(record(operation=operation, number_first=True, **numbers), (y,))
        raise given.refused("x", x)

    return read


def _numbers(given: Arguments, value: Any) -> dict[str, Any]:
    """One number, one a channel, or a table."""
    whole = plain(value)
    inner = whole
    while isinstance(inner, list) and len(inner) == 1:
        inner = inner[0]
    if not isinstance(inner, list) or not inner or not isinstance(inner[0], list):
        return {"number": _number(given, value)}
    row, sizes = whole, list[int]()
    while isinstance(row, list) and row and len(sizes) < MOST_AXES:
        sizes.append(len(row))
        row = row[0]
    flat = whole
    for size in sizes[1:]:
        if not all(isinstance(item, list) and len(item) == size for item in flat):
            raise given.refused("y", value)
        flat = [number for item in flat for number in item]
    if not all(type(number) in (int, float) for number in flat):
        raise given.refused("y", value)
    return {"number": tuple(map(float, flat)), "sizes": tuple(sizes)}


def _number(given: Arguments, value: Any) -> float | tuple[float, ...]:
    """A number, or a vector of one a channel, which may lie in lists of one."""
    value = plain(value)
    while isinstance(value, list) and len(value) == 1:
        value = value[0]
    if type(value) in (int, float):
        return float(value)
    if isinstance(value, list) and value and all(type(item) in (int, float) for item in value):
        return tuple(map(float, value))
    raise given.refused("y", value)


def _activation(name: Any) -> Reader:
    """An activation with the settings that are Keras's own when nobody says any."""

    def read(given: Arguments) -> Read:
        for key, value in _UNTOLD.get(name, {}).items():
            said = given.take(key, value)
            if said != value:
                raise given.refused(key, said)
        return Read(Activation(activation=name), (given.tensor(),))

    return read


_UNTOLD: Mapping[str, Mapping[str, Any]] = {
    **{name: {"negative_slope": 1.0} for name in ("elu", "celu")},
    **{name: {"axis": -1} for name in ("glu", "log_softmax", "sparsemax")},
    **{name: {"threshold": 0.5} for name in ("hard_shrink", "soft_shrink")},
    "squareplus": {"y": 4},  # it is called b, and so are second tensors
}


def _function(name: Any) -> Reader:
    return lambda given: Read(MathFunction(function=name), (given.tensor(),))


def _identity(given: Arguments) -> Read:
    return Read(Identity(), (given.tensor(),))


def _softmax(given: Arguments) -> Read:
    return Read(Softmax(axis=given.take("axis", -1)), (given.tensor(),))


def _leaky(given: Arguments) -> Read:
    return Read(LeakyReLU(negative_slope=given.take("negative_slope", 0.2)), (given.tensor(),))


def _gelu(given: Arguments) -> Read:
    if given.take("approximate", False):
        return Read(MathFunction(function="gelu_tanh"), (given.tensor(),))
    return Read(Activation(activation="gelu"), (given.tensor(),))


def _clip(given: Arguments) -> Read:
    low = given.take("x_min", given.take("clip_value_min"))
    high = given.take("x_max", given.take("clip_value_max"))
    for name, end in (("x_min", low), ("x_max", high)):
        if type(end) not in (int, float):
            raise given.refused(name, end)
    layer = ReLU(max_value=high) if low == 0 and high > 0 else Clip(low=low, high=high)
    return Read(layer, (given.tensor(),))


def _concatenate(given: Arguments) -> Read:
    return Read(Concatenate(axis=given.take("axis", -1)), _tensors(given))


def _tensors(given: Arguments) -> tuple[Tensor, ...]:
    tensors = given.take("x")
    if not isinstance(tensors, list) or not all(isinstance(item, Tensor) for item in tensors):
        raise given.refused("x", tensors)
    return tuple(tensors)


def _stack(given: Arguments) -> Read:
    return Read(Stack(axis=given.take("axis", 0)), _tensors(given))


def _split(given: Arguments) -> Read:
    """Into equal parts, at places (Keras), or into parts of said sizes (TensorFlow)."""
    axis, sizes = given.take("axis", 0), given.take("num_or_size_splits")
    sections = given.take("indices_or_sections")
    if isinstance(sizes, list) and all(type(size) is int and size > 0 for size in sizes):
        sections = list(accumulate(sizes[:-1]))
    elif sizes is not None:
        sections = sizes
    return Read(Part(axis=axis, sections=sections), (given.tensor(),))


def _unstack(given: Arguments) -> Read:
    given.take("num")  # the size of the axis, which is known
    layer = Part(axis=given.take("axis", 0), sections=None, keepdims=False)
    return Read(layer, (given.tensor(),))


def _tile(given: Arguments) -> Read:
    repeats = given.take("repeats")
    if not isinstance(repeats, list) or repeats[:1] != [1]:
        raise given.refused("repeats", repeats)
    return Read(Tile(repeats=repeats[1:]), (given.tensor(),))  # type: ignore[arg-type]  # the record makes it a tuple


def _repeat(given: Arguments) -> Read:
    repeats, axis = given.take("repeats"), given.take("axis")
    if isinstance(repeats, list) and len(repeats) == 1:
        (repeats,) = repeats
    return Read(Repeat(repeats=repeats, axis=axis), (given.tensor(),))


def _flip(given: Arguments) -> Read:
    axis = given.take("axis")
    axes = axis if isinstance(axis, list) else [axis]
    if len(axes) != 1 or not is_axis(axes[0]):
        raise given.refused("axis", axis)
    return Read(GetItem(parts=at(axes[0], "::-1")), (given.tensor(),))


def _swapped(given: Arguments) -> Read:
    axes = {"source": given.take("axis1"), "destination": given.take("axis2")}
    return Read(MoveAxis(**axes, swap=True), (given.tensor(),))


def _moved(given: Arguments) -> Read:
    axes = {name: given.take(name) for name in ("source", "destination")}
    plain = {n: a[0] if isinstance(a, list) and len(a) == 1 else a for n, a in axes.items()}
    return Read(MoveAxis(**plain), (given.tensor(),))


def _matmul(given: Arguments) -> Read:
    first, second = (bool(given.take(f"transpose_{name}", False)) for name in "ab")
    layer = Matmul(transpose_a=first, transpose_b=second)
    return Read(layer, (given.tensor(), given.tensor("y")))


def _einsum(given: Arguments) -> Read:
    return Read(Einsum(subscripts=given.take("subscripts")), _tensors(given))


def _where(given: Arguments) -> Read:
    condition = given.tensor("condition")
    values = [given.take("x"), given.take("y")]
    tensors = [value for value in values if isinstance(value, Tensor)]
    yes, no = (_single(given, value) for value in values)
    return Read(Where(yes=yes, no=no), (condition, *tensors))


def _single(given: Arguments, value: Any) -> float | None:
    """A number; None for a tensor."""
    if isinstance(value, Tensor):
        return None
    number = _number(given, value)
    if isinstance(number, tuple):
        raise given.refused("x", value)
    return number


def _unit_length(given: Arguments) -> Read:
    axis, epsilon = given.take("axis", -1), given.take("epsilon", 1e-7)
    if given.take("order", 2) != 2:
        raise given.refused("order", "another number")
    axes: Any = axis if isinstance(axis, list) else [axis]
    return Read(UnitLength(axis=axes, epsilon=epsilon), (given.tensor(),))


def _norm(given: Arguments) -> Read:
    """The length of vectors; the root of the sum of squares of a matrix."""
    order = given.take("ord", given.take("order"))
    if order not in (None, 2, "euclidean", "fro"):
        raise given.refused("ord", order)
    if order == 2 and type(given.values.get("axis")) is not int:
        raise given.refused("ord", order)  # of a matrix that would be its largest singular value
    return _reduction("norm")(given)


def _reduction(operation: Any) -> Reader:
    def read(given: Arguments) -> Read:
        axis = given.take("axis")
        if axis is None:
            raise _over_all(given.word)
        if axis == []:
            raise given.refused("axis", axis)
        axes: Any = [axis] if type(axis) is int else axis
        keepdims = given.take("keepdims", False)
        initial = given.take("initial")  # 0 says something here: no maximum is below it
        if initial is not None:
            raise given.refused("initial", initial)
        return Read(Reduction(operation=operation, axis=axes, keepdims=keepdims), (given.tensor(),))

    return read


def _over_all(word: str) -> RefusedError:
    return RefusedError(
        "call-argument",
        f"The operation {word} goes over all samples of a batch at once (axis = None), so that the "
        "answer for one depends on the others.",
        hint="Say the axes of one sample, for example axis=-1.",
    )


def _get_item(given: Arguments) -> Read:
    key = given.take("key")
    parts = key if isinstance(key, list) else [key]
    return Read(GetItem(parts=[_part(given, part) for part in parts]), (given.tensor(),))  # type: ignore[arg-type]  # the record makes it a tuple


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


def _at_one_axis(part: str) -> Reader:
    """An axis of size 1 that comes ('new'), or goes ('0')."""

    def read(given: Arguments) -> Read:
        axis = given.take("axis")
        axes = axis if isinstance(axis, list) else [axis]
        if len(axes) != 1 or not is_axis(axes[0]):
            raise given.refused("axis", axis)
        return Read(GetItem(parts=at(axes[0], part)), (given.tensor(),))

    return read


def _reshape(given: Arguments) -> Read:
    shape = given.take("shape")
    if not isinstance(shape, list) or len(shape) < 2 or shape[0] not in (-1, None):
        raise given.refused("shape", shape)
    sizes = [-1 if size is None else size for size in shape[1:]]
    return Read(Reshape(target_shape=sizes), (given.tensor(),))  # type: ignore[arg-type]  # the record makes it a tuple


def _transpose(given: Arguments) -> Read:
    axes = given.take("axis")
    if not isinstance(axes, list) or axes[:1] != [0]:
        raise given.refused("axes", axes)
    return Read(Permute(dims=axes[1:]), (given.tensor(),))  # type: ignore[arg-type]  # the record makes it a tuple


def _pad(given: Arguments) -> Read:
    pads, mode = given.take("pad_width"), given.take("mode", "constant")
    value = given.take("constant_values", 0)
    if not isinstance(pads, list) or pads[:1] != [[0, 0]] or len(pads) < 2:
        raise given.refused("pad_width", pads)
    word = mode.lower() if isinstance(mode, str) else mode
    if word not in ("constant", "reflect", "symmetric"):
        raise given.refused("mode", mode)
    rank = len(pads) - 2
    if (word, value) != ("constant", 0) or rank not in (1, 2, 3) or pads[-1] != [0, 0]:
        return Read(Pad(sides=pads[1:], mode=word, value=value), (given.tensor(),))  # type: ignore[arg-type]  # the record makes pairs
    kind = (resampling.ZeroPadding1D, resampling.ZeroPadding2D, resampling.ZeroPadding3D)[rank - 1]
    sides: Any = pads[1] if rank == 1 else pads[1:-1]
    return Read(kind(padding=sides), (given.tensor(),))


def _resize(given: Arguments) -> Read:
    size = given.take("size")
    if not isinstance(size, list) or len(size) != 2:
        raise given.refused("size", size)
    word = given.take("interpolation", "bilinear")
    switches = ("antialias", "crop_to_aspect_ratio", "pad_to_aspect_ratio")
    settings = {name: given.take(name, False) for name in switches}
    given.take("fill_value")
    layer = resampling.Resizing(height=size[0], width=size[1], interpolation=word, **settings)
    return Read(layer, (given.tensor(),))


def _cast(given: Arguments) -> Read:
    """A cast between floats changes nothing but digits that are lost; what is fed is float32."""
    dtype = given.take("dtype")
    if dtype in ("int32", "int64"):
        return Read(WholePart(), (given.tensor(),))
    if dtype == "bool":
        return _not_zero(given)
    if dtype not in FLOATS:
        raise given.refused("dtype", dtype)
    return Read(AS_FLOATS, (given.tensor(),))


def _not_zero(given: Arguments) -> Read:
    return Read(Comparison(operation="not_equal", number=0.0), (given.tensor(),))


def _not(given: Arguments) -> Read:
    return Read(Comparison(operation="equal", number=0.0), (given.tensor(),))


def _tensor_of(given: Arguments) -> Read:
    """A conversion without a type, or to float32, which every number is here."""
    dtype = given.take("dtype")
    if dtype not in (None, "float32"):
        raise given.refused("dtype", dtype)
    return _identity(given) if dtype is None else Read(AS_FLOATS, (given.tensor(),))


def _ensured(given: Arguments) -> Read:
    """A shape that is only said: each tensor's is known here."""
    given.take("shape")
    return _identity(given)


def _logical(operation: Any) -> Reader:
    return lambda given: Read(Logical(operation=operation), (given.tensor(), given.tensor("y")))


def _plainly(layer: Layer) -> Reader:
    """What has no settings."""
    return lambda given: Read(layer, (given.tensor(),))


def _summed(given: Arguments) -> Read:
    return Read(Add(), _tensors(given))


def _brighter(given: Arguments) -> Read:
    number = _number(given, given.take("delta"))
    return Read(Arithmetic(operation="add", number=number), (given.tensor(),))


def _unit(given: Arguments) -> Read:
    """TensorFlow's l2_normalize: epsilon bounds the sum of the squares, not its root."""
    axis, epsilon = given.take("axis"), given.take("epsilon", 1e-12)
    if axis is None:  # all numbers of a batch together
        raise given.refused("axis", axis)
    if type(epsilon) not in (int, float) or not epsilon > 0:
        raise given.refused("epsilon", epsilon)
    axes: Any = axis if isinstance(axis, list) else [axis]
    return Read(UnitLength(axis=axes, epsilon=sqrt(epsilon)), (given.tensor(),))


# --- by which words they go -------------------------------------------------------------------

PLAIN_ACTIVATIONS = (
    *("relu", "relu6", "elu", "selu", "sigmoid", "tanh", "softplus", "softsign", "silu"),
    *("hard_sigmoid", "hard_silu", "hard_tanh", "log_sigmoid", "log_softmax", "mish"),
    *("tanh_shrink", "celu", "glu", "hard_shrink", "soft_shrink", "squareplus", "sparse_plus"),
    *("sparse_sigmoid", "sparsemax"),
)
MORE_FUNCTIONS = (
    *("sin", "cos", "tan", "sinh", "cosh", "floor", "ceil", "round", "expm1", "log1p"),
    *("reciprocal", "trunc", "erf", "exp2", "log2", "log10", "arcsin", "arccos", "arctan"),
    *("arcsinh", "arccosh", "arctanh"),
)
COMPARISONS = ("greater", "greater_equal", "less", "less_equal", "equal", "not_equal")
MORE_OF_TWO = ("floor_divide", "mod", "arctan2", "logaddexp", "divide_no_nan")
TRUTHS = ("and", "or", "xor")
READERS: Mapping[str, Reader] = {
    **{
        name: _arithmetic(name)
        for name in ("add", "subtract", "multiply", "divide", "power", "maximum", "minimum")
    },
    **{name: _arithmetic(name) for name in MORE_OF_TWO},
    **{name: _arithmetic(name, Comparison) for name in COMPARISONS},
    **{name: _activation(name) for name in PLAIN_ACTIVATIONS},
    **{
        name: _function(name)
        for name in ("absolute", "square", "sqrt", "rsqrt", "exp", "log", "negative", "sign")
    },
    **{name: _function(name) for name in MORE_FUNCTIONS},
    **{name: _reduction(name) for name in ("mean", "sum", "prod", "std", "var", "max", "min")},
    **{f"logical_{name}": _logical(name) for name in TRUTHS},
    **PLACES,
    "add_n": _summed,
    "brighter": _brighter,
    "flatten": _plainly(Flatten()),
    "flip_left_right": _plainly(GetItem(parts=("...", "::-1", ":"))),
    "flip_up_down": _plainly(GetItem(parts=("...", "::-1", ":", ":"))),
    "grayscale_to_rgb": _plainly(Repeat(repeats=3, axis=-1)),
    "logical_not": _not,
    "logsumexp": _reduction("logsumexp"),
    "matrix_transpose": _plainly(MoveAxis(source=-1, destination=-2, swap=True)),
    "per_image_standardization": _plainly(PictureStandardization()),
    "rgb_to_grayscale": _plainly(Grey()),
    "side_by_side": lambda given: Read(Concatenate(axis=1), _tensors(given)),
    "squared_difference": _arithmetic("squared_difference"),
    "tensor": _tensor_of,
    "norm": _norm,
    "cast": _cast,
    "clip": _clip,
    "concatenate": _concatenate,
    "einsum": _einsum,
    "ensured": _ensured,
    "expand_dims": _at_one_axis("new"),
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
    "squeeze": _at_one_axis("0"),
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
