"""Where a locally connected layer keeps its numbers: as matrices of taps x filters, a position each.

Whatever the form of its kernel, each output position p has a matrix K[p] of taps x filters; the
output is patch[p] · K[p] + bias[p]. Forms 2 and 3 are read through an index, and a mask that is
zero where a tap lies outside the input. NumPy alone: both engines need it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def margins(record: Any, sizes: tuple[int, ...], out: tuple[int, ...]) -> list[tuple[int, int]]:
    """The padding of 'same' as Keras 2 has it here: floor(k/2) before, whatever the size."""
    axes = zip(sizes, record.kernel_size, record.strides, out, strict=True)
    return [(k // 2, max((o - 1) * s - k // 2 + k - n, 0)) for n, k, s, o in axes]


def index(
    record: Any, sizes: tuple[int, ...], channels: int, out: tuple[int, ...]
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Where the stored kernel holds K[p, tap, filter], and 1 where the tap lies on the input."""
    place, inside = places(record, sizes, out)  # (positions, window)
    place = (place[:, :, None] * channels + np.arange(channels)).reshape(len(place), -1)
    inside = np.repeat(inside, channels, axis=1)
    filters = np.arange(record.filters)
    if record.implementation == 2:
        row = np.arange(len(place))[:, None] + place * len(place)
        found = row[:, :, None] * record.filters + filters
    else:
        count = inside.sum(1)
        first = np.concatenate([[0], np.cumsum(count)[:-1]]) * record.filters
        rank = np.cumsum(inside, axis=1) - 1
        found = first[:, None, None] + count[:, None, None] * filters + rank[:, :, None]
    mask = inside[:, :, None].astype("float32")
    return np.where(inside[:, :, None], found, 0).astype("int32"), mask


def places(
    record: Any, sizes: tuple[int, ...], out: tuple[int, ...]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """For each output position and tap of the window its place on the input, and if it is there."""
    before = [k // 2 if record.padding == "same" else 0 for k in record.kernel_size]
    units = np.indices(out).reshape(len(out), -1, 1)
    taps = np.indices(record.kernel_size).reshape(len(out), 1, -1)
    strides = np.reshape(record.strides, (-1, 1, 1))
    at = units * strides - np.reshape(before, (-1, 1, 1)) + taps
    inside = np.all((at >= 0) & (at < np.reshape(sizes, (-1, 1, 1))), axis=0)
    place = np.ravel_multi_index(tuple(at), sizes, mode="clip")
    return place, inside
