"""What an operation on tensors is called with, by name, and what a reader makes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from answers.errors import RefusedError
from answers.layers.base import Layer
from answers.layers.fields import shown
from answers.network.graph import Tensor

FLOATS = ("float16", "float32", "float64", "bfloat16")
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
    **dict.fromkeys(("shift", "begin"), "first"),
    **dict.fromkeys(("depth", "num_classes"), "classes"),
    **dict.fromkeys(("ksize", "pool_size", "sizes"), "window"),
    **dict.fromkeys(("rates",), "dilation_rate"),
}
# What no reader asks for, and the values with which it changes nothing.
_NOTHING: Mapping[str, tuple[Any, ...]] = {
    **dict.fromkeys(("a_is_sparse", "b_is_sparse", "conjugate", "sparse"), (False,)),
    **dict.fromkeys(("batch_dims", "decimals"), (0,)),
    "dtype": FLOATS,
    "dtype_hint": ("float32",),
    "fill_mode": ("constant",),
    "output_type": ("int32", "int64"),
    "preserve_aspect_ratio": (False,),
}


class Arguments:
    """What an operation is called with, by name; each is taken once, and none may be left."""

    def __init__(self, word: str, values: Mapping[str, Any]) -> None:
        self.word = word
        named = {_SAME_ARGUMENT.get(key, key): value for key, value in values.items()}
        self.values = {
            k: v
            for k, v in named.items()
            if v is not None and k != "name" and (k != "dtype" or isinstance(v, str))
        }
        if self.values.pop("data_format", _ROWS[0]) not in _ROWS:
            raise RefusedError(
                "channels-first",
                f"The operation {word} runs with channels first; only channels_last can be graded.",
            )

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
            hint="Use layers of Keras in its place.",
        )

    def end(self) -> None:
        """Refuse what no reader asked for."""
        for name, value in self.values.items():
            if not any(value is one or value == one for one in _NOTHING.get(name, ())):
                raise self.refused(name, value)


@dataclass(frozen=True)
class Read:
    """An operation: what it computes, and on which tensors."""

    layer: Layer
    tensors: tuple[Tensor, ...]


Reader = Callable[[Arguments], Read]


def plain(value: Any) -> Any:
    """What an array of a file holds; any other value as it is."""
    if isinstance(value, dict) and value.get("class_name") in ("__tensor__", "__numpy__"):
        inner = value.get("config")
        return inner.get("value") if isinstance(inner, dict) else None
    return value


def is_axis(axis: Any) -> bool:
    """Whether a value is an axis, and not the batch."""
    return type(axis) is int and 0 < abs(axis) <= 8


def at(axis: int, part: str) -> tuple[str, ...]:
    """An index with one part at an axis, and all of the others."""
    if axis > 0:
        return (*[":"] * axis, part, "...")
    return ("...", part, *[":"] * (-axis - 1))
