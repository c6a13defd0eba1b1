"""What an operation means that chooses, orders, counts or lays out numbers: arguments → a record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from answers.layers import pooling
from answers.layers.arithmetic import GetItem
from answers.layers.base import Layer
from answers.layers.picture_operations import DepthToSpace, Patches, SpaceToDepth
from answers.layers.selection import Cumulative, Extreme, Filled, Gather, OneHot, Roll, Sort
from checkers.model_file.operation_arguments import (
    FLOATS,
    Arguments,
    Read,
    Reader,
    at,
    is_axis,
    plain,
)


def _extreme(operation: Any) -> Reader:
    def read(given: Arguments) -> Read:
        axis = given.take("axis")
        if type(axis) is not int:  # all numbers of a batch in one row
            raise given.refused("axis", axis)
        keepdims = given.take("keepdims", False)
        layer = Extreme(operation=operation, axis=axis, keepdims=keepdims)
        return Read(layer, (given.tensor(),))

    return read


def _so_far(operation: Any) -> Reader:
    def read(given: Arguments) -> Read:
        axis = given.take("axis")
        if type(axis) is not int:
            raise given.refused("axis", axis)
        ways = {name: given.take(name, False) for name in ("exclusive", "reverse")}
        layer = Cumulative(operation=operation, axis=axis, **ways)
        return Read(layer, (given.tensor(),))

    return read


def _sort(given: Arguments) -> Read:
    way = given.take("direction", "ASCENDING")
    if way not in ("ASCENDING", "DESCENDING"):
        raise given.refused("direction", way)
    layer = Sort(axis=given.take("axis", -1), descending=way == "DESCENDING")
    return Read(layer, (given.tensor(),))


def _roll(given: Arguments) -> Read:
    shift, axis = given.take("first"), given.take("axis")
    if axis is None:  # all numbers of a batch in one row
        raise given.refused("axis", axis)
    rows: Any = [value if isinstance(value, list) else [value] for value in (shift, axis)]
    return Read(Roll(shift=rows[0], axis=rows[1]), (given.tensor(),))


def _one_hot(given: Arguments) -> Read:
    values = (given.take("on_value", 1), given.take("off_value", 0), given.take("axis", -1))
    if values != (1, 0, -1):
        raise given.refused("on_value, off_value and axis", list(values))
    dtype = given.take("dtype", "float32")
    if dtype not in (*FLOATS, "int32", "int64"):
        raise given.refused("dtype", dtype)
    return Read(OneHot(classes=given.take("classes")), (given.tensor(),))


def _gather(given: Arguments) -> Read:
    """Places that stand in the file: one, which ends its axis, or a row of them."""
    places, axis = plain(given.take("indices")), given.take("axis", 0)
    if type(places) is int and is_axis(axis):
        return Read(GetItem(parts=at(axis, str(places))), (given.tensor(),))
    row = isinstance(places, list) and all(type(n) is int and n >= 0 for n in places)
    if not row or not is_axis(axis):
        raise given.refused("indices", places)
    return Read(Gather(axis=axis, places=places), (given.tensor(),))


def _filled(value: float | None) -> Reader:
    def read(given: Arguments) -> Read:
        number = given.take("fill_value") if value is None else value
        dtype = given.take("dtype")
        if dtype not in (None, "float32"):
            raise given.refused("dtype", dtype)
        return Read(Filled(value=number), (given.tensor(),))

    return read


def _cells(record: Callable[..., Layer]) -> Reader:
    return lambda given: Read(record(block=given.take("block_size")), (given.tensor(),))


def _pair(given: Arguments, name: str, default: Any = None) -> Any:
    """Two numbers; TensorFlow may write one for the batch and one for the channels around them."""
    value = given.take(name, default)
    if isinstance(value, list) and len(value) == 4 and value[0] == value[3] == 1:
        return value[1:3]
    if isinstance(value, list) and len(value) == 1:
        return value * 2
    return value


def _padding(given: Arguments) -> Any:
    word = given.take("padding", "valid")
    return word.lower() if isinstance(word, str) else word


def _patches(given: Arguments) -> Read:
    size = _pair(given, "window", given.take("size"))
    layer = Patches(
        size=size,
        strides=_pair(given, "strides", size),
        dilation_rate=_pair(given, "dilation_rate", 1),
        padding=_padding(given),
    )
    return Read(layer, (given.tensor(),))


def _pooled(record: Callable[..., Layer]) -> Reader:
    def read(given: Arguments) -> Read:
        size = _pair(given, "window")
        strides = _pair(given, "strides", size)
        layer = record(pool_size=size, strides=strides, padding=_padding(given))
        return Read(layer, (given.tensor(),))

    return read


def _box(given: Arguments) -> Read:
    """A rectangle of a picture."""
    ends = []
    for side in ("height", "width"):
        start, size = given.take(f"offset_{side}"), given.take(f"target_{side}")
        if type(start) is not int or type(size) is not int or start < 0 or size < 1:
            raise given.refused(f"target_{side}", size)
        ends.append(f"{start}:{start + size}")
    return Read(GetItem(parts=("...", *ends, ":")), (given.tensor(),))


def _slice(given: Arguments) -> Read:
    """From a place on each axis so many, all for -1; the batch whole."""
    begin, size = given.take("first"), given.take("size")
    rows = (begin, size)
    if not all(isinstance(row, list) and all(type(n) is int for n in row) for row in rows):
        raise given.refused("begin", begin)
    if len(begin) != len(size) or (begin[:1], size[:1]) != ([0], [-1]):
        raise given.refused("size", size)
    pairs = zip(begin, size, strict=True)
    parts = [f"{start}:" if n == -1 else f"{start}:{start + n}" for start, n in pairs]
    return Read(GetItem(parts=(":", *parts[1:])), (given.tensor(),))


PLACES: Mapping[str, Reader] = {
    "argmax": _extreme("argmax"),
    "argmin": _extreme("argmin"),
    "average_pool": _pooled(pooling.AveragePooling2D),
    "box": _box,
    "cumprod": _so_far("prod"),
    "cumsum": _so_far("sum"),
    "depth_to_space": _cells(DepthToSpace),
    "full_like": _filled(None),
    "gather": _gather,
    "max_pool": _pooled(pooling.MaxPooling2D),
    "one_hot": _one_hot,
    "ones_like": _filled(1.0),
    "patches": _patches,
    "roll": _roll,
    "slice": _slice,
    "sort": _sort,
    "space_to_depth": _cells(SpaceToDepth),
    "zeros_like": _filled(0.0),
}
