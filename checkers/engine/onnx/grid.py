"""Layers that change the grid: zeros around it, cuts, repetition, other sizes, cells."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from answers.layers import pooling, resampling
from checkers.engine import cells
from checkers.engine.onnx.graph import Arrays, Graph, NotCovered, Sizes, Value


def padded(layer: Any, graph: Graph, value: Value, arrays: Arrays) -> Value:  # noqa: ARG001  # all alike
    """ZeroPadding1D to 3D."""
    before, after = zip(*layer.sides, strict=True)
    shape = (*_sums(value.shape, before, after), value.shape[-1])
    return graph.do("Pad", value, graph.whole(0, *before, 0, 0, *after, 0), shape=shape)


def cropped(layer: Any, graph: Graph, value: Value, arrays: Arrays) -> Value:  # noqa: ARG001  # all alike
    """Cropping1D to 3D."""
    before, after = zip(*layer.sides, strict=True)
    return _cut(graph, value, before, after)


def centre(layer: Any, graph: Graph, value: Value, arrays: Arrays) -> Value:  # noqa: ARG001  # all alike
    """CenterCrop of pictures that are large enough; of smaller ones Keras resizes."""
    wanted = (layer.height, layer.width)
    left = [size - kept for size, kept in zip(value.shape, wanted, strict=False)]
    if min(left) < 0:
        raise NotCovered("CenterCrop of a smaller picture")
    before = tuple(rest // 2 for rest in left)
    after = tuple(rest - rest // 2 for rest in left)
    return _cut(graph, value, before, after)


def _cut(graph: Graph, value: Value, before: Sizes, after: Sizes) -> Value:
    ends = tuple(size - cut for size, cut in zip(value.shape, after, strict=False))
    shape = (*(end - start for start, end in zip(before, ends, strict=True)), value.shape[-1])
    axes = graph.whole(*range(1, len(before) + 1))
    return graph.do("Slice", value, graph.whole(*before), graph.whole(*ends), axes, shape=shape)


def _sums(*rows: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(sum(column) for column in zip(*rows, strict=False))


def enlarged(layer: Any, graph: Graph, value: Value, arrays: Arrays) -> Value:  # noqa: ARG001  # all alike
    """UpSampling1D to 3D: each position several times, or straight lines between them."""
    factors = layer.size if isinstance(layer.size, tuple) else (layer.size,)
    target = tuple(size * factor for size, factor in zip(value.shape, factors, strict=False))
    kind = getattr(layer, "interpolation", "nearest")
    if kind == "nearest":
        return _repeated(graph, value, target)
    return _along_both(graph, value, target, kind, antialias=False)


def resized(layer: resampling.Resizing, graph: Graph, value: Value, arrays: Arrays) -> Value:  # noqa: ARG001  # all alike
    """Resizing to a size, each axis by a matrix of weights."""
    if layer.crop_to_aspect_ratio or layer.pad_to_aspect_ratio:
        raise NotCovered("Resizing that keeps the proportions")
    target = (layer.height, layer.width)
    if target == value.shape[:2]:
        return value
    return _along_both(graph, value, target, layer.interpolation, antialias=layer.antialias)


def _repeated(graph: Graph, value: Value, target: Sizes) -> Value:
    for axis, wanted in enumerate(target, start=1):
        value = repeated_positions(graph, value, axis, wanted)
    return value


def repeated_positions(graph: Graph, value: Value, axis: int, wanted: int) -> Value:
    """Each position of an axis so often that there are `wanted`."""
    size = value.shape[axis - 1]
    return _gathered(graph, value, axis, wanted, partial(_of_blocks, size, wanted))


def _gathered(
    graph: Graph, value: Value, axis: int, wanted: int, places: Callable[[], NDArray[Any]]
) -> Value:
    """The old position of each new one; as many as before are the same ones."""
    if wanted == value.shape[axis - 1]:
        return value
    shape = (*value.shape[: axis - 1], wanted, *value.shape[axis:])
    where = graph.constant(places, np.int64)
    return graph.do("Gather", value, where, shape=shape, axis=axis)


def _of_blocks(size: int, wanted: int) -> NDArray[Any]:
    return np.arange(wanted) * size // wanted


def _nearest(size: int, wanted: int) -> NDArray[Any]:
    """By half-pixel centres, in the precision that TensorFlow computes them with."""
    scale = np.float32(size) / np.float32(wanted)
    places = np.floor((np.arange(wanted, dtype=np.float32) + np.float32(0.5)) * scale)
    return np.asarray(np.minimum(places, size - 1), int)


def _along_both(graph: Graph, value: Value, target: Sizes, kind: str, *, antialias: bool) -> Value:
    for axis, wanted in enumerate(target, start=1):
        size = value.shape[axis - 1]
        if kind == "nearest":
            value = _gathered(graph, value, axis, wanted, partial(_nearest, size, wanted))
        elif kind not in (*_REACH, "bilinear_keras2"):
            raise NotCovered(f"interpolation {kind}")
        elif size != wanted:
            matrix = partial(weights, size, wanted, kind, antialias=antialias)
            value = _mixed(graph, value, axis, wanted, matrix)
    return value


def _mixed(
    graph: Graph, value: Value, axis: int, wanted: int, matrix: Callable[[], NDArray[np.float32]]
) -> Value:
    """Each position along an axis as a mean of the old ones: a product with a matrix from left.

    Raises: NotCovered where the matrix would be large.
    """
    _not_too_large(value.shape[axis - 1], wanted)
    last = value.rank - 1
    order = (0, *(a for a in range(1, last + 1) if a != axis), axis)
    back = tuple(order.index(a) for a in range(last + 1))
    turned = graph.transpose(value, order)
    return graph.transpose(graph.linear(turned, lambda: matrix().T, wanted), back)


def _not_too_large(size: int, wanted: int) -> None:
    if size * wanted > _MOST_WEIGHTS:
        raise NotCovered(f"a resize from {size} to {wanted} positions")


# A matrix of weights has a number for each pair of an old and a new position: an axis that is long
# before and after would take more memory than anything that the limits of a network count.
_MOST_WEIGHTS = 4 << 20
_TABLE = 1024  # TensorFlow looks its cubic weights up in a table of so many places
_REACH = {"bilinear": 1.0, "bicubic": 2.0, "lanczos3": 3.0, "lanczos5": 5.0}


def weights(size: int, wanted: int, kind: str, *, antialias: bool) -> NDArray[np.float32]:
    """How much each of `size` old positions counts for each of `wanted` new ones; rows sum to 1.

    Half-pixel centres, as `tf.image.resize` has them.
    """
    centres = (np.arange(wanted) + 0.5) * size / wanted - 0.5
    if kind == "bilinear_keras2":
        return _straight(np.arange(wanted) * size / wanted, size)
    if not antialias and kind == "bilinear":
        return _straight(centres, size)
    if not antialias and kind == "bicubic":
        return _cubic(centres, size)
    width = max(size / wanted, 1.0) if antialias else 1.0
    distance = (np.arange(size) - centres[:, None]) / width
    found = np.where(np.abs(distance) < _REACH[kind], _kernel(distance, kind), 0.0)
    return np.asarray(found / found.sum(1, keepdims=True), np.float32)


def _straight(centres: NDArray[np.float64], size: int) -> NDArray[np.float32]:
    low = np.floor(centres)
    part = centres - low
    found = np.zeros((len(centres), size))
    rows = np.arange(len(centres))
    np.add.at(found, (rows, np.clip(low, 0, size - 1).astype(int)), 1 - part)
    np.add.at(found, (rows, np.clip(low + 1, 0, size - 1).astype(int)), part)
    return found.astype(np.float32)


def _cubic(centres: NDArray[np.float64], size: int) -> NDArray[np.float32]:
    """Keys's kernel at four neighbours; those outside are left out, and the rest sums to 1."""
    low = np.floor(centres)
    part = np.round((centres - low) * _TABLE) / _TABLE
    found = np.zeros((len(centres), size))
    rows = np.arange(len(centres))
    for step in range(-1, 3):
        place = (low + step).astype(int)
        inside = (place >= 0) & (place < size)
        share = np.where(inside, _kernel(step - part, "bicubic"), 0.0)
        np.add.at(found, (rows, np.clip(place, 0, size - 1)), share)
    return np.asarray(found / found.sum(1, keepdims=True), np.float32)


def _kernel(x: NDArray[np.float64], kind: str) -> NDArray[np.float64]:
    x = np.abs(x)
    if kind == "bilinear":
        return np.maximum(1 - x, 0)
    if kind == "bicubic":
        near, far = 1.5 * x**3 - 2.5 * x**2 + 1, -0.5 * x**3 + 2.5 * x**2 - 4 * x + 2
        return np.where(x <= 1, near, np.where(x < _REACH[kind], far, 0.0))
    return np.sinc(x) * np.sinc(x / _REACH[kind])


def adaptive_mean(layer: Any, graph: Graph, value: Value, arrays: Arrays) -> Value:  # noqa: ARG001  # all alike
    """AdaptiveAveragePooling1D to 3D: the mean of a cell is a mean of means, axis by axis."""
    for axis, wanted in enumerate(layer.output_size, start=1):
        value = _mixed(graph, value, axis, wanted, partial(_shares, value.shape[axis - 1], wanted))
    return value


def adaptive_largest(layer: Any, graph: Graph, value: Value, arrays: Arrays) -> Value:  # noqa: ARG001  # all alike
    """AdaptiveMaxPooling1D to 3D: the positions of each cell side by side, and the largest."""
    for axis, wanted in enumerate(layer.output_size, start=1):
        size = value.shape[axis - 1]
        _not_too_large(size, wanted)
        longest = cells.longest(size, wanted)
        before, after = value.shape[: axis - 1], value.shape[axis:]
        gathered = graph.do(
            "Gather",
            value,
            graph.constant(partial(cells.members, size, wanted), np.int64),
            shape=(*before, wanted, longest, *after),
            axis=axis,
        )
        found = graph.over("ReduceMax", gathered, [axis + 1])
        value = graph.reshape(found, (*before, wanted, *after))
    return value


def _shares(size: int, wanted: int) -> NDArray[np.float32]:
    """How much each old position counts in the mean of each cell."""
    starts, ends = cells.starts(size, wanted)[:, None], cells.ends(size, wanted)[:, None]
    places = np.arange(size)
    inside = (places >= starts) & (places < ends)
    return np.asarray(inside / (ends - starts), np.float32)


GRID: dict[type, Any] = {
    resampling.ZeroPadding1D: padded,
    resampling.ZeroPadding2D: padded,
    resampling.ZeroPadding3D: padded,
    resampling.Cropping1D: cropped,
    resampling.Cropping2D: cropped,
    resampling.Cropping3D: cropped,
    resampling.CenterCrop: centre,
    resampling.UpSampling1D: enlarged,
    resampling.UpSampling2D: enlarged,
    resampling.UpSampling3D: enlarged,
    resampling.Resizing: resized,
    pooling.AdaptiveAveragePooling1D: adaptive_mean,
    pooling.AdaptiveAveragePooling2D: adaptive_mean,
    pooling.AdaptiveAveragePooling3D: adaptive_mean,
    pooling.AdaptiveMaxPooling1D: adaptive_largest,
    pooling.AdaptiveMaxPooling2D: adaptive_largest,
    pooling.AdaptiveMaxPooling3D: adaptive_largest,
}
