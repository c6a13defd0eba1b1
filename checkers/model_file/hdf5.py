"""An HDF5 file as plain facts: what lies where, checked before a single array is read.

Only hard links are followed, each object once. h5py's high-level access is never used on a path
from the file, because it would follow links to other files.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import prod
from typing import Any, BinaryIO

import h5py
import numpy as np
from numpy.typing import NDArray

from answers.errors import CompanionError, ModelFileError, RefusedError
from checkers.model_file import limits
from checkers.model_file.sniff import HAND_IN

_FILTERS = {1: "gzip", 2: "shuffle", 3: "Fletcher-32"}


@dataclass(frozen=True)
class Tree:
    """Groups and datasets by their path from the root ('' is the root).

    A backslash in a name (written on Windows) counts as a path separator.
    """

    groups: dict[str, Any] = field(default_factory=dict)
    datasets: dict[str, Any] = field(default_factory=dict)

    def text(self, path: str, name: str) -> str | None:
        """A text attribute of a group, or None where there is none."""
        values = self._attribute(path, name)
        if values is None:
            return None
        if len(values) != 1:
            raise ModelFileError("hdf5-attribute", f"The attribute {name!r} should be one text.")
        return values[0]

    def texts(self, path: str, name: str) -> list[str] | None:
        """A list attribute of a group; long ones are cut into name0, name1, … by Keras."""
        whole = self._attribute(path, name)
        if whole is not None:
            return whole
        parts: list[str] = []
        for number in range(limits.HDF5_PARTS):
            part = self._attribute(path, f"{name}{number}")
            if part is None:
                break
            parts.extend(part)
            _check_amount(parts, name)
        return parts or None

    def array(self, path: str) -> NDArray[np.float32]:
        """A dataset as float32.

        Raises: ModelFileError weights-not-finite, hdf5-damaged.
        """
        dataset = self.datasets[path]
        with _typed(path):
            values = np.empty(dataset.shape, dataset.dtype)
            dataset.read(h5py.h5s.ALL, h5py.h5s.ALL, values)
        with np.errstate(
            over="ignore"
        ):  # a float64 beyond float32 becomes infinite, and is counted
            result = _widened(values) if _is_bfloat16(values.dtype) else values.astype("<f4")
        if not np.isfinite(result).all():
            bad = int(result.size - np.isfinite(result).sum())
            raise ModelFileError(
                "weights-not-finite",
                f"{bad:,} of {result.size:,} weights are not finite.",
                hint="The training has diverged: lower the learning rate and train again.",
                where=path,
            )
        return result

    def shape(self, path: str) -> tuple[int, ...]:
        """The shape of a dataset that is wanted.

        Raises: ModelFileError weights-dtype when it does not hold floating-point numbers (a
        single number may be whole: the count of a Normalization); RefusedError hdf5-bomb when its bytes would grow too much.
        """
        dataset = self.datasets[path]
        with _typed(path):
            shape, dtype = dataset.shape, dataset.dtype
        kinds = "fi" if shape == () else "f"
        plain = dtype.kind in kinds and dtype.itemsize in (2, 4, 8)
        if shape is None or not (plain or _is_bfloat16(dtype)):
            raise ModelFileError("weights-dtype", f"The weights have the type {dtype}.", where=path)
        _check_ratio(prod(shape) * dtype.itemsize, dataset.get_storage_size(), path)
        return tuple(int(size) for size in shape)

    def _attribute(self, path: str, name: str) -> list[str] | None:
        group = self.groups.get(path)
        with _typed(path):
            if group is None or not h5py.h5a.exists(group, name.encode()):
                return None
            return _texts(group, name)


def _is_bfloat16(dtype: np.dtype[Any]) -> bool:
    """Whether an array is of bfloat16, which HDF5 has no type for: Keras 3 writes two bytes."""
    return dtype.kind == "V" and dtype.names is None and dtype.itemsize == 2


def _widened(values: NDArray[Any]) -> NDArray[np.float32]:
    """bfloat16 as float32, whose upper half it is."""
    return (values.view("<u2").astype("<u4") << 16).view("<f4")


def _texts(group: Any, name: str) -> list[str]:
    attribute = h5py.h5a.open(group, name.encode())
    shape, kind = attribute.shape, attribute.get_type().get_class()
    count = prod(shape)
    if count == 0:
        return []
    if count > limits.HDF5_NAMES or attribute.get_storage_size() > limits.HDF5_TEXT_BYTES:
        raise RefusedError("hdf5-bomb", f"The attribute {name!r} holds {count:,} values.")
    if kind != h5py.h5t.STRING:
        raise ModelFileError("hdf5-attribute", f"The attribute {name!r} should hold text.")
    values = np.empty(shape, attribute.dtype)
    attribute.read(values)
    return _decoded(values.reshape(-1).tolist(), name)


def open_tree(file: BinaryIO) -> Tree:
    """Walk an HDF5 file that lies in a seekable binary file.

    Raises: ModelFileError hdf5-damaged; RefusedError hdf5-… for what is whole and not accepted.
    """
    with _typed():
        root = h5py.File(file, "r").id
        _check_end(file)
        tree = Tree({"": h5py.h5g.open(root, b"/")})
        _walk(tree, "", 0, set())
    return tree


@contextmanager
def _typed(where: str = "") -> Iterator[None]:
    """Whatever the HDF5 library says about damaged data becomes an error of ours."""
    try:
        yield
    except CompanionError:
        raise
    except (OSError, RuntimeError, KeyError, ValueError, TypeError, OverflowError) as error:
        raise ModelFileError(
            "hdf5-damaged",
            f"The HDF5 data is damaged or cut off: {error}.",
            hint=HAND_IN,
            where=where,
        ) from None


# Version of the superblock → where it says how long an address is, and where its addresses
# begin: the third one is the end of the file (HDF5 file format, II.A).
_ADDRESSES = {0: (13, 24), 1: (13, 28), 2: (9, 12), 3: (9, 12)}


def _check_end(file: BinaryIO) -> None:
    """Refuse what lies behind the end that the HDF5 data itself states."""
    file.seek(0)
    head = file.read(64)
    where, first = _ADDRESSES[head[8]]
    length = head[where]
    end = int.from_bytes(head[first + 2 * length : first + 3 * length], "little")
    size = file.seek(0, os.SEEK_END)
    if size > end:
        more = size - end
        raise RefusedError(
            "trailing-data",
            f"The file goes on for {more:,} byte{'' if more == 1 else 's'} behind the end of the "
            "HDF5 data.",
        )


def _walk(tree: Tree, path: str, depth: int, seen: set[int]) -> None:
    if depth > limits.HDF5_DEPTH:
        raise RefusedError("hdf5-too-deep", f"Groups lie more than {limits.HDF5_DEPTH} deep.")
    group = tree.groups[path]
    for name in _links(group):
        inner = f"{path}/{name}".lstrip("/").replace("\\", "/")
        if inner in tree.groups or inner in tree.datasets:
            raise RefusedError("hdf5-path", "Two objects have the same path.", where=inner)
        address = h5py.h5o.get_info(group, name.encode()).addr
        if address in seen:
            raise RefusedError(
                "hdf5-link-cycle", "An object is linked from two places.", where=inner
            )
        seen.add(address)
        if len(seen) > limits.HDF5_OBJECTS:
            raise RefusedError(
                "hdf5-too-many-objects",
                f"The file holds more than {limits.HDF5_OBJECTS:,} objects.",
            )
        item = h5py.h5o.open(group, name.encode())
        if isinstance(item, h5py.h5g.GroupID):
            tree.groups[inner] = item
            _walk(tree, inner, depth + 1, seen)
        elif isinstance(item, h5py.h5d.DatasetID):
            _check_dataset(item, inner)
            tree.datasets[inner] = item


def _links(group: Any) -> Iterator[str]:
    if group.get_num_objs() > limits.HDF5_OBJECTS:
        raise RefusedError(
            "hdf5-too-many-objects", f"A group holds {group.get_num_objs():,} objects."
        )
    kinds = {h5py.h5l.TYPE_SOFT: "hdf5-soft-link", h5py.h5l.TYPE_EXTERNAL: "hdf5-external-link"}
    for raw in list(group):
        name = raw.decode("utf-8")
        kind = group.links.get_info(raw).type
        if kind != h5py.h5l.TYPE_HARD:
            raise RefusedError(
                kinds.get(kind, "hdf5-soft-link"),
                "The file points to another place instead of holding the data itself.",
                hint=HAND_IN,
                where=name,
            )
        yield name


def _check_dataset(dataset: Any, path: str) -> None:
    plan = dataset.get_create_plist()
    if plan.get_layout() == h5py.h5d.VIRTUAL:
        raise RefusedError("hdf5-virtual-dataset", "An array is stitched from others.", where=path)
    if plan.get_external_count():
        raise RefusedError("hdf5-external-storage", "An array lies in another file.", where=path)
    filters = [plan.get_filter(number)[0] for number in range(plan.get_nfilters())]
    if len(set(filters)) != len(filters) or not set(filters) <= set(_FILTERS):
        raise RefusedError("hdf5-filter", "An array is packed in an unknown way.", where=path)


def _check_ratio(declared: int, stored: int, path: str) -> None:
    """The slots of an optimizer may be all zeros and pack to nothing: they are never read."""
    if declared > limits.SMALL_BYTES and declared > limits.HDF5_RATIO * stored:
        raise RefusedError(
            "hdf5-bomb",
            f"An array of {stored:,} stored bytes would take {declared:,} in memory.",
            where=path,
        )


def _check_amount(values: list[Any], name: str) -> None:
    total = sum(len(value) for value in values)
    if total > limits.HDF5_TEXT_BYTES or len(values) > limits.HDF5_NAMES:
        raise RefusedError("hdf5-bomb", f"The attribute {name!r} holds {total:,} bytes of text.")


def _decoded(values: list[Any], name: str) -> list[str]:
    _check_amount(values, name)
    try:
        return [v.decode("utf-8") if isinstance(v, bytes) else str(v) for v in values]
    except UnicodeDecodeError:
        raise ModelFileError(
            "hdf5-attribute", f"The attribute {name!r} is no UTF-8 text."
        ) from None
