"""The input of a Sequential that its file does not say, as far as the stored arrays tell it.

Keras 2.2.4 to 2.3.1 leaves the InputLayer of a Sequential out; where it was a layer of its own, no
other layer says the shape. The first kernel holds the channels, and the first Dense behind a
Flatten the sizes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from typing import Any

from answers.errors import CompanionError
from answers.layers.base import Layer, Shape, text
from checkers.model_file.hdf5 import Tree
from checkers.model_file.layer_config import class_of_today, read_layer
from checkers.model_file.record import Finding

_MOST_SIDE = 1_024  # of a picture whose size is looked for
_MOST_LAYERS = 128
# Layers that leave the channels as they are, or only the numbers.
_KEEPS_CHANNELS = re.compile(
    r"Activation|ActivityRegularization|(Alpha|Gaussian|Spatial)?Dropout(\dD)?|GaussianNoise|"
    r"(Global)?(Max|Average)Pooling\dD|(ZeroPadding|Cropping|UpSampling)\dD|"
    r"(Leaky|Thresholded)?ReLU|ELU|Softmax"
)
# Classes with a kernel → the axis of it that counts the channels of the input.
_KERNEL_AXIS = {
    **dict.fromkeys(("Conv1D", "Conv2D", "Conv3D", "DepthwiseConv2D"), -2),
    **dict.fromkeys(("SeparableConv1D", "SeparableConv2D", "ConvLSTM2D", "Dense"), -2),
    **dict.fromkeys(("LSTM", "GRU", "SimpleRNN", "CuDNNLSTM", "CuDNNGRU", "Bidirectional"), -2),
    **dict.fromkeys(("BatchNormalization", "Conv2DTranspose", "Conv3DTranspose"), -1),
}
_STEPS = ("LSTM", "GRU", "SimpleRNN", "CuDNNLSTM", "CuDNNGRU", "Bidirectional")
_RANK = re.compile(r"(\d)D(Transpose)?$")


@dataclass(frozen=True)
class FoundInput:
    """The shape of an input, and how it was found."""

    shape: Shape
    finding: Finding


@dataclass(frozen=True)
class _Entry:
    """A layer of the file: its class, its settings, and the shapes of its arrays."""

    kind: str
    config: dict[str, Any]
    arrays: tuple[tuple[int, ...], ...]

    def layer(self) -> Layer:
        return read_layer(self.kind, self.config)


def find_input(
    layers: list[Any], tree: Tree, root: str, size: tuple[int, int] | None = None
) -> FoundInput | None:
    """The input of a Sequential with these entries; None where the arrays can't tell it.

    root: the group of the arrays. size: (height, width) that the assignment feeds; where several
        sizes have the same arrays it settles which one is taken.
    Raises: ModelFileError, RefusedError of the arrays.
    """
    entries = list(_entries(layers, tree, root))
    channels, rank = _channels(entries), _rank(entries)
    if channels is None or rank is None:
        return None
    wanted = _flat_size(entries)
    if wanted is None:
        shape: Shape = (*(None,) * rank, channels)
        return FoundInput(shape, _finding(shape, ()))
    fitting = _fitting(entries, rank, channels, wanted, size)
    if not fitting:
        return None
    sides = size if size in fitting else max(fitting, key=lambda sides: sides[0] & -sides[0])
    shape = (*sides, channels)
    return FoundInput(shape, _finding(shape, tuple(each[0] for each in fitting)))


def _entries(layers: list[Any], tree: Tree, root: str) -> Iterator[_Entry]:
    for item in layers[:_MOST_LAYERS]:
        config = item.get("config") if isinstance(item, dict) else None
        if not isinstance(config, dict) or not isinstance(item.get("class_name"), str):
            return
        group = f"{root}/{config.get('name')}"
        paths = [f"{group}/{name}" for name in tree.texts(group, "weight_names") or []]
        arrays = tuple(tree.shape(path) for path in paths if path in tree.datasets)
        yield _Entry(class_of_today(item["class_name"]), config, arrays)


def _channels(entries: list[_Entry]) -> int | None:
    """The channels that the first layer with a kernel takes, where nothing before it mixes axes."""
    for entry in entries:
        axis = _KERNEL_AXIS.get(entry.kind)
        if axis is not None:
            kernel = entry.arrays[0] if entry.arrays else ()
            return kernel[axis] if len(kernel) >= -axis else None
        if not _KEEPS_CHANNELS.fullmatch(entry.kind):
            return None
    return None


def _rank(entries: list[_Entry]) -> int | None:
    """How many axes the input has beside the channels, said by the first class that knows it."""
    for entry in entries:
        numbered = _RANK.search(entry.kind)
        if numbered is not None:
            return int(numbered[1]) + (entry.kind == "ConvLSTM2D")
        if entry.kind in _STEPS:
            return 1
        if entry.kind == "Dense":
            return 0
    return None


def _flat_size(entries: list[_Entry]) -> int | None:
    """How many numbers the first Dense behind a Flatten takes; None where there is none."""
    behind = False
    for entry in entries:
        behind = behind or entry.kind == "Flatten"
        if behind and entry.kind in ("Dense", "BatchNormalization"):
            axis = _KERNEL_AXIS[entry.kind]
            return entry.arrays[0][axis] if entry.arrays and entry.arrays[0] else None
    return None


def _fitting(
    entries: list[_Entry], rank: int, channels: int, wanted: int, size: tuple[int, int] | None
) -> list[tuple[int, ...]]:
    """The sizes with which the Flatten gives as many numbers as are wanted; squares, and `size`."""
    try:
        front = [entry.layer() for entry in entries[: _flatten(entries)]]
    except CompanionError:
        return []  # what is wrong with a layer is said when the network is read
    sizes: list[tuple[int, ...]] = [(side,) * rank for side in range(1, _MOST_SIDE + 1)]
    found = []
    for sides in sizes if rank else ():
        count = _numbers(front, (*sides, channels))
        if count == wanted:
            found.append(sides)
        elif count is not None and count > wanted:
            break
    if size is not None and rank == len(size) and size not in found:
        found += [size] if _numbers(front, (*size, channels)) == wanted else []
    return found


def _flatten(entries: list[_Entry]) -> int:
    return next(number for number, entry in enumerate(entries) if entry.kind == "Flatten")


def _numbers(front: list[Layer], shape: Shape) -> int | None:
    """How many numbers come out of the layers in front; None where the size is too small."""
    try:
        for layer in front:
            shape = layer.output_shape(shape)
    except CompanionError:
        return None
    known = [size for size in shape if isinstance(size, int)]
    return prod(known) if len(known) == len(shape) else None


def _finding(shape: Shape, sides: tuple[int, ...]) -> Finding:
    others = ""
    if len(sides) > 1:
        others = f" The sizes {min(sides)} to {max(sides)} have the same arrays."
    elif None in shape:
        others = " Its size stays open."
    return Finding(
        "input-deduced",
        "The file does not say the shape of its input, as Keras 2.2.4 to 2.3.1 leaves it out; the "
        f"stored arrays take {text(shape)}.{others}",
    )
