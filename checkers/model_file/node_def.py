"""Operations of TensorFlow 1.15 to 2.3 in a graph: a TensorFlowOpLayer holds a NodeDef.

Its constants stand by the number of the input that they are; the tensors are the other inputs, in
order. (Source: `TensorFlowOpLayer` in TensorFlow 2.1, and files that it wrote.)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from answers.errors import ModelFileError, RefusedError
from checkers.model_file.strict_json import parse

KIND = "TensorFlowOpLayer"
_MOST_INPUTS = 1_000
_MOST_AXES = 32
# What TensorFlow calls an operation → our word for it.
WORDS: Mapping[str, str] = {
    **{name: name.lower() for name in ("Elu", "Relu", "Relu6", "Selu", "Sigmoid", "Softmax")},
    **{name: name.lower() for name in ("Softplus", "Softsign", "Tanh", "Identity", "Cast")},
    **{name: name.lower() for name in ("Sin", "Cos", "Tan", "Sinh", "Cosh", "Floor", "Ceil")},
    **{name: name.lower() for name in ("Exp", "Expm1", "Log", "Log1p", "Reciprocal", "Sign")},
    **{name: name.lower() for name in ("Maximum", "Minimum", "Pad", "Reshape", "Rsqrt", "Sqrt")},
    **{name: name.lower() for name in ("Square", "Squeeze", "Transpose", "Mean", "Sum", "Prod")},
    **{name: name.lower() for name in ("Max", "Min")},
    **dict.fromkeys(("Add", "AddV2", "BiasAdd"), "add"),
    **dict.fromkeys(("Div", "RealDiv"), "divide"),
    **dict.fromkeys(("BatchMatMul", "BatchMatMulV2", "MatMul"), "matmul"),
    "Abs": "absolute",
    "Erf": "erf",
    "FloorDiv": "floor_divide",
    "FloorMod": "mod",
    "Greater": "greater",
    "GreaterEqual": "greater_equal",
    "Less": "less",
    "LessEqual": "less_equal",
    "Pack": "stack",
    "ReverseV2": "flip",
    "StridedSlice": "get_item",
    "Tile": "tile",
    "ConcatV2": "concatenate",
    "ExpandDims": "expand_dims",
    "LeakyRelu": "leaky_relu",
    "LogSoftmax": "log_softmax",
    "Mul": "multiply",
    "Neg": "negative",
    "Pow": "power",
    "Round": "round",
    "StopGradient": "identity",
    "Sub": "subtract",
}
# What the second input of an operation is, where it is no second number.
_SECOND = {
    **dict.fromkeys(("mean", "sum", "prod", "max", "min", "expand_dims", "transpose"), "axis"),
    "flip": "axis",
    "tile": "repeats",
    "pad": "pad_width",
    "reshape": "shape",
}
_FLOATS = {"DT_FLOAT": "float32", "DT_HALF": "float16", "DT_DOUBLE": "float64"}
_ROWS = "TkhXQw=="  # "NHWC" as JSON keeps bytes


def operation(config: Mapping[str, Any]) -> Any:
    """The operation that a layer's settings name.

    Raises: ModelFileError json-structure.
    """
    return _node(config).get("op")


def values(config: Mapping[str, Any], word: str, tensors: list[Any]) -> dict[str, Any]:
    """What an operation is called with, by name.

    Raises: ModelFileError json-structure; RefusedError call-argument, channels-first.
    """
    node = _node(config)
    given = _in_their_places(config.get("constants"), tensors)
    settings = _settings(_attributes(node))
    if word == "concatenate":
        return {"x": given[:-1], "axis": given[-1] if given else None}
    if word == "stack":
        return {"x": given, "axis": _whole(_of(_attributes(node), "axis", "i"))}
    if word == "get_item":
        return {"x": given[0] if given else None, "key": _index(given[1:], _attributes(node))}
    if len(given) > 2:
        raise RefusedError("call-argument", f"An operation is called on {len(given)} things.")
    return dict(zip(("x", _SECOND.get(word, "y")), given, strict=False)) | settings


def _node(config: Mapping[str, Any]) -> Mapping[str, Any]:
    node = config.get("node_def")
    if isinstance(node, str):  # TensorFlow 2.0 to 2.3 keep it as a text in the text
        node = parse(node, "NodeDef of an operation")
    if not isinstance(node, dict):
        raise ModelFileError("json-structure", "An operation of TensorFlow has no NodeDef.")
    return node


def _in_their_places(constants: Any, tensors: list[Any]) -> list[Any]:
    """Tensors and constants as the inputs that they are."""
    known = constants if isinstance(constants, dict) else {}
    count = len(known) + len(tensors)
    places = {str(number) for number in range(min(count, _MOST_INPUTS))}
    if count > _MOST_INPUTS or not known.keys() <= places:
        raise ModelFileError("json-structure", "The constants of an operation have no place.")
    left = iter(tensors)
    return [known[key] if (key := str(n)) in known else next(left) for n in range(count)]


def _attributes(node: Mapping[str, Any]) -> Mapping[str, Any]:
    given = node.get("attr")
    return given if isinstance(given, dict) else {}


def _index(ends: list[Any], attributes: Mapping[str, Any]) -> list[Any]:
    """The parts of a StridedSlice, as Keras writes an index.

    Bits of its masks say what each part is: a place, a new axis, the axes between, an open end.
    """
    short = all(isinstance(end, list) and len(end) <= _MOST_AXES for end in ends)
    if len(ends) != 3 or not short or len(set(map(len, ends))) != 1:
        raise RefusedError("call-argument", "A tensor is cut at places that are computed.")
    words = ("begin", "end", "ellipsis", "new_axis", "shrink_axis")
    bits = {word: _whole(_of(attributes, f"{word}_mask", "i")) or 0 for word in words}
    return [
        _part(start, stop, step, {word for word, mask in bits.items() if mask >> place & 1})
        for place, (start, stop, step) in enumerate(zip(*ends, strict=True))
    ]


def _part(start: Any, stop: Any, step: Any, said: set[str]) -> Any:
    if "ellipsis" in said:
        return {"class_name": "__ellipsis__"}
    if "new_axis" in said:
        return None
    if "shrink_axis" in said:
        return start
    ends = {"start": None if "begin" in said else start, "stop": None if "end" in said else stop}
    return ends | {"step": None if step == 1 else step}


def _whole(value: Any) -> int | None:
    """A whole number, which a NodeDef keeps as a text."""
    if type(value) is int and abs(value) < 1 << 31:
        return value
    return int(value) if _is_place(value) else None


def _settings(given: Mapping[str, Any]) -> dict[str, Any]:
    """The attributes that change what is computed, as arguments."""
    if _of(given, "data_format", "s") not in (None, _ROWS):
        raise RefusedError(
            "channels-first",
            "An operation runs with channels first; only channels_last can be graded.",
        )
    sizes = _of(given, "squeeze_dims", "list")
    squeezed = sizes.get("i") if isinstance(sizes, dict) else None
    found = {
        "axis": [int(n) for n in squeezed if _is_place(n)] if isinstance(squeezed, list) else None,
        "dtype": _FLOATS.get(str(cast := _of(given, "DstT", "type")), cast),
        "keepdims": _of(given, "keep_dims", "b"),
        "negative_slope": _of(given, "alpha", "f"),
        "transpose_a": _of(given, "adj_x", "b") or _of(given, "transpose_a", "b"),
        "transpose_b": _of(given, "adj_y", "b") or _of(given, "transpose_b", "b"),
    }
    return {name: value for name, value in found.items() if value is not None}


def _is_place(value: Any) -> bool:
    return isinstance(value, str) and value.lstrip("-").isdigit() and len(value) < 3


def _of(attributes: Mapping[str, Any], name: str, kind: str) -> Any:
    value = attributes.get(name)
    return value.get(kind) if isinstance(value, dict) else None
