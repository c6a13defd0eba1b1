"""What layers read, against loops that walk the windows and against Keras on one-hot inputs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain, product
from math import ceil, floor
from typing import Any

import pytest

from answers.layers.activation import Activation, PReLU, ReLU, Softmax
from answers.layers.base import Dim, Layer, Shape
from answers.layers.catalogue import LAYERS
from answers.layers.convolution import Conv1D
from answers.layers.core import Dense, Dropout, Flatten, Permute, RepeatVector, Reshape
from answers.layers.locally_connected import LocallyConnected1D, LocallyConnected2D
from answers.layers.merging import Add, Concatenate, Dot, Multiply
from answers.layers.preprocessing import RandomCrop, Rescaling
from answers.layers.resampling import (
    CenterCrop,
    Interpolation,
    Resizing,
    UpSampling1D,
    UpSampling2D,
    resized,
)
from answers.layers.taps import (
    EVERYTHING,
    ITSELF,
    MOST_PHASES,
    REARRANGED,
    UNRULED,
    AxisTaps,
    Everything,
    Open,
    Taps,
)
from answers.layers.unknown import Unknown

Sets = list[set[int]]  # for each output position the input positions that it reads
WAYS: tuple[Interpolation, ...] = ("nearest", "bilinear", "bicubic", "lanczos3", "lanczos5")


def layer_of(kind: str, **settings: Any) -> Layer:
    return LAYERS[kind](**settings)


def read(taps: AxisTaps, n: int, out: int) -> Sets:
    """The positions by the definition: unit q·m + r reads q·step + run r, the padding apart."""
    if isinstance(taps, Everything):
        return [set(range(n))] * out
    assert isinstance(taps, Taps)
    found: Sets = []
    for unit in range(out):
        q, r = divmod(unit, len(taps.runs))
        run = taps.runs[r]
        places = [] if run is None else [run.first + j * run.spacing for j in range(run.count)]
        found.append({at for p in places if 0 <= (at := q * taps.step + p) < n})
    return found


def first_axis(layer: Layer, *shapes: Shape) -> list[Sets]:
    """What the units of the first axis read of each input."""
    out = layer.output_shape(*shapes)[0] or 0
    found: list[Sets] = []
    for taps, shape in zip(layer.taps(*shapes), shapes, strict=True):
        axis = taps[0] if isinstance(taps, tuple) else taps
        assert isinstance(axis, Taps | Everything)
        found.append(read(axis, shape[0] or 0, out))
    return found


def one_hot_reads(layer: Any, shape: tuple[int, ...], out: int) -> Sets:
    """What a Keras layer's first output axis reads: an input of 1 that shows is read."""
    import numpy as np

    found: Sets = [set() for _ in range(out)]
    for at in range(shape[0]):
        picture = np.zeros((1, *shape), "float32")
        picture[0, at] = 1
        answer = np.abs(np.asarray(layer(picture)))
        strong = answer.reshape(out, -1).max(axis=1) > 1e-6
        for unit in np.flatnonzero(strong):
            found[unit].add(at)
    return found


def walked(n: int, k: int, s: int, padding: str) -> Sets:
    """A window that walks along the axis, built up pixel by pixel."""
    if padding == "same":
        units = ceil(n / s)
        total = max((units - 1) * s + k - n, 0)
        padded = [None] * (total // 2) + [*range(n)] + [None] * (total - total // 2)
    else:
        padded = [*range(n)]
    found: Sets = []
    start = 0
    while start + k <= len(padded):
        found.append({at for at in padded[start : start + k] if at is not None})
        start += s
    return found


WINDOWS = [
    (n, k, s, padding)
    for n, k, s, padding in product(range(1, 13), range(1, 6), range(1, 5), ("valid", "same"))
    if padding == "same" or k <= n
]


@pytest.mark.parametrize("kind", ["MaxPooling1D", "AveragePooling1D"])
def test_a_pool_reads_what_a_walking_window_covers(kind: str) -> None:
    wrong = []
    for n, k, s, padding in WINDOWS:
        layer = layer_of(kind, pool_size=(k,), strides=(s,), padding=padding)
        (found,) = first_axis(layer, (n, 3))
        if found != walked(n, k, s, padding):
            wrong.append((n, k, s, padding))
    assert wrong == []


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_the_stride_of_a_pool_is_its_window_unless_said(rank: int) -> None:
    layer = layer_of(f"MaxPooling{rank}D", pool_size=3)
    said = layer_of(f"MaxPooling{rank}D", pool_size=3, strides=3)
    shape = (*(12, 7, 9)[:rank], 2)
    assert layer.taps(shape) == said.taps(shape)
    assert layer.output_shape(shape) == said.output_shape(shape)


def test_the_axes_of_a_pool_have_their_own_windows() -> None:
    layer = layer_of("AveragePooling3D", pool_size=(1, 2, 3), strides=(1, 2, 1), padding="same")
    (axes,) = layer.taps((4, 6, 8, 1))
    assert isinstance(axes, tuple)
    expected = [walked(4, 1, 1, "same"), walked(6, 2, 2, "same"), walked(8, 3, 1, "same")]
    found = [read(axis, n, n // s) for axis, n, s in zip(axes, (4, 6, 8), (1, 2, 1), strict=True)]
    assert found == expected


def local_same(n: int, k: int, s: int) -> Sets:
    """tf.keras's own rule for locally connected windows: k//2 to the left, also for even k."""
    found: Sets = []
    for unit in range(ceil(n / s)):
        centre = unit * s
        found.append({at for at in range(centre - k // 2, centre - k // 2 + k) if 0 <= at < n})
    return found


def test_a_locally_connected_layer_reads_its_windows() -> None:
    wrong = []
    for n, k, s, padding in WINDOWS:
        settings = {"kernel_size": k, "strides": s, "padding": padding, "implementation": 3}
        layer = layer_of("LocallyConnected1D", filters=1, **settings)
        expected = local_same(n, k, s) if padding == "same" else walked(n, k, s, padding)
        if first_axis(layer, (n, 3)) != [expected]:
            wrong.append((n, k, s, padding))
    assert wrong == []


@pytest.mark.parametrize("keep", [True, False])
@pytest.mark.parametrize("rank", [1, 2, 3])
def test_a_global_pool_reads_everything(rank: int, *, keep: bool) -> None:
    layer = layer_of(f"GlobalMaxPooling{rank}D", keepdims=keep)
    (taps,) = layer.taps((*(4, 5, 6)[:rank], 2))
    assert taps == ((EVERYTHING,) * rank if keep else EVERYTHING)


def test_a_global_pool_of_channels_first_leaves_each_step_to_itself() -> None:
    first = {"data_format": "channels_first"}
    assert layer_of("GlobalMaxPooling1D", keepdims=True, **first).taps((4, 2)) == ((ITSELF,),)
    assert layer_of("GlobalAveragePooling1D", **first).taps((4, 2)) == (REARRANGED,)


def shared_out(n: int, o: int) -> Sets:
    """Input pixel j lies in cell i when the stretches [j, j+1) and [i·n/o, (i+1)·n/o) meet."""
    return [{j for j in range(n) if j * o < (i + 1) * n and (j + 1) * o > i * n} for i in range(o)]


@pytest.mark.parametrize("o", range(1, 14))
def test_the_cells_of_an_adaptive_pool_share_the_input(o: int) -> None:
    for n in range(1, 14):
        layer = layer_of("AdaptiveMaxPooling1D", output_size=o)
        assert first_axis(layer, (n, 2)) == [shared_out(n, o)], n


GRIDS: list[tuple[str, dict[str, Any], int, Callable[[list[Dim]], list[Dim]]]] = [
    ("ZeroPadding1D", {"padding": (2, 1)}, 5, lambda x: [None, None, *x, None]),
    ("ZeroPadding1D", {"padding": 0}, 5, lambda x: x),
    ("Cropping1D", {"cropping": (2, 1)}, 5, lambda x: x[2:-1]),
    ("Cropping1D", {"cropping": (0, 3)}, 5, lambda x: x[:2]),
    ("UpSampling1D", {"size": 3}, 4, lambda x: [item for item in x for _ in range(3)]),
]


@pytest.mark.parametrize(
    ("kind", "settings", "n", "move"),
    GRIDS,
    ids=[f"{kind} {settings}" for kind, settings, *_ in GRIDS],
)
def test_padding_cropping_and_repeating_move_positions(
    kind: str, settings: dict[str, Any], n: int, move: Callable[[list[Dim]], list[Dim]]
) -> None:
    expected = [set() if at is None else {at} for at in move([*range(n)])]
    assert first_axis(layer_of(kind, **settings), (n, 2)) == [expected]


def test_the_sides_of_two_and_three_axes_are_their_own() -> None:
    padding = layer_of("ZeroPadding3D", padding=((0, 1), (2, 0), (3, 3)))
    assert [axis.runs[0].first for axis in padding.taps((4, 4, 4, 1))[0]] == [0, -2, -3]  # type: ignore[union-attr]  # taps of three axes
    cropping = layer_of("Cropping2D", cropping=(1, 2))
    assert [axis.runs[0].first for axis in cropping.taps((5, 7, 1))[0]] == [1, 2]  # type: ignore[union-attr]  # taps of two axes


RADIUS = {"bilinear": 1.0, "bicubic": 2.0, "lanczos3": 3.0, "lanczos5": 5.0}


def weighed(n: int, o: int, way: str) -> Sets:
    """The kernels as functions of the distance: what has a weight is read."""
    found: Sets = []
    for i in range(o):
        twice = (2 * i + 1) * n  # of the centre of output i, in units of 1/(2·o) input pixels
        if way == "nearest":
            found.append({twice // (2 * o)})
            continue
        distance = {j: abs((2 * j + 1) * o - twice) / (2 * o) for j in range(n)}
        exact = {j for j in range(n) if distance[j] == 0}
        near = {j for j in range(n) if distance[j] < RADIUS[way]}
        on_a_pixel = any((2 * j + 1) * o == twice for j in range(n))
        found.append(exact if on_a_pixel else near)
    return found


@pytest.mark.parametrize("way", WAYS)
def test_a_resize_reads_what_its_kernel_gives_a_weight(way: Interpolation) -> None:
    for n, o in product(range(1, 13), range(1, 13)):
        assert read(resized(n, o, way), n, o) == weighed(n, o, way), (n, o)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("factor", [1, 2, 3, 4, 5])
def test_up_sampling_is_a_resize_by_a_whole_factor(way: Interpolation, factor: int) -> None:
    layer = UpSampling2D(size=(factor, 1), interpolation=way)
    assert first_axis(layer, (6, 2, 1)) == [weighed(6, 6 * factor, way)]


@pytest.mark.parametrize("factor", [1, 2, 3])
def test_up_sampling_of_old_keras_begins_each_block_at_its_pixel(factor: int) -> None:
    layer = UpSampling2D(size=(factor, 1), interpolation="bilinear_keras2")
    blocks = [[{i}, *[{i, min(i + 1, 5)}] * (factor - 1)] for i in range(6)]
    assert first_axis(layer, (6, 2, 1)) == [list(chain.from_iterable(blocks))]


NOTED: list[tuple[str, int, int, Interpolation, Sets]] = [
    ("9 to 3 has holes", 9, 3, "bilinear", [{1}, {4}, {7}]),
    ("nearest 8 to 3", 8, 3, "nearest", [{1}, {4}, {6}]),
    ("twice", 3, 6, "bilinear", [{0}, {0, 1}, {0, 1}, {1, 2}, {1, 2}, {2}]),
    ("three times: the middle reads one", 2, 6, "bilinear", [{0}, {0}, {0, 1}, {0, 1}, {1}, {1}]),
]


@pytest.mark.parametrize(("name", "n", "o", "way", "expected"), NOTED, ids=[c[0] for c in NOTED])
def test_a_resize_reads_what_was_measured(
    name: str, n: int, o: int, way: Interpolation, expected: Sets
) -> None:
    assert read(resized(n, o, way), n, o) == expected, name


@pytest.mark.parametrize(("way", "count"), [("bicubic", 4), ("lanczos3", 6), ("lanczos5", 10)])
def test_wide_kernels_read_this_many_inputs_in_the_interior(way: Interpolation, count: int) -> None:
    assert {len(units) for units in read(resized(20, 40, way), 20, 40)[12:-12]} == {count}


CROPS = [(9, 9, 4, 5), (9, 4, 4, 5), (3, 12, 5, 4), (4, 4, 6, 6), (7, 7, 7, 7), (12, 5, 3, 7)]


def keras_reads(kind: str, settings: dict[str, Any], shape: tuple[int, ...]) -> Sets:
    import keras

    layer = getattr(keras.layers, kind)(**settings)
    out = layer.compute_output_shape((None, *shape))[1]
    return one_hot_reads(layer, shape, out)


def in_keras() -> Iterator[tuple[str, dict[str, Any], tuple[int, ...]]]:
    for height, width, high, wide in CROPS:
        size = {"height": high, "width": wide}
        yield "CenterCrop", size, (height, width, 1)
        for way, how in product(("bilinear", "bicubic"), ("crop", "pad")):
            settings = {**size, f"{how}_to_aspect_ratio": True, "interpolation": way}
            yield "Resizing", settings, (height, width, 1)
    for n, o, way in product((3, 7, 10), (2, 5, 9), WAYS):
        settings = {"height": o, "width": 1, "interpolation": way}
        yield "Resizing", settings, (n, 1, 1)
        if way == "bilinear":
            yield "Resizing", settings | {"antialias": True}, (n, 1, 1)
    for factor, way in product((1, 2, 3), WAYS):
        yield "UpSampling2D", {"size": (factor, 1), "interpolation": way}, (6, 1, 1)
    yield "UpSampling1D", {"size": 3}, (4, 1)
    for n, o, kind in product((5, 8), (2, 3, 7), ("Max", "Average")):
        yield f"Adaptive{kind}Pooling1D", {"output_size": o}, (n, 1)
        yield f"{kind}Pooling1D", {"pool_size": 3, "strides": 2, "padding": "same"}, (n, 1)
        yield f"{kind}Pooling2D", {"pool_size": (2, 1), "padding": "valid"}, (n, 2, 1)
    yield "Cropping2D", {"cropping": ((1, 2), (0, 1))}, (7, 3, 1)
    yield "ZeroPadding3D", {"padding": ((2, 1), (0, 1), (1, 0))}, (5, 1, 1, 1)


@pytest.mark.slow
def test_keras_reads_the_same_positions() -> None:
    wrong = [
        (kind, settings, shape)
        for kind, settings, shape in in_keras()
        if first_axis(layer_of(kind, **settings), shape)[0] != keras_reads(kind, settings, shape)
    ]
    assert wrong == []


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
def test_with_antialiasing_all_that_keras_reads_lies_in_the_run_and_its_ends_are_read(
    way: Interpolation,
) -> None:
    for n, o in product((5, 9, 12), (2, 3, 7)):
        settings: Any = {"height": o, "width": 1, "interpolation": way, "antialias": True}
        (ours,) = first_axis(layer_of("Resizing", **settings), (n, 1, 1))
        for run, measured in zip(ours, keras_reads("Resizing", settings, (n, 1, 1)), strict=True):
            assert measured <= run
            assert (min(measured), max(measured)) == (min(run), max(run))


JOINS: list[tuple[str, Layer, tuple[Shape, ...], list[Any]]] = [
    ("sum", Add(), ((4, 5, 3), (4, 5, 3)), [(ITSELF, ITSELF)] * 2),
    ("gate", Multiply(), ((4, 5, 3), (1, 1, 3)), [(ITSELF, ITSELF), (Taps(0, ITSELF.runs),) * 2]),
    ("vector", Multiply(), ((4, 5, 3), (3,)), [(ITSELF, ITSELF), EVERYTHING]),
    ("row", Add(), ((4, 5, 3), (5, 3)), [(ITSELF, ITSELF), REARRANGED]),
    ("channels", Concatenate(), ((4, 5, 3), (4, 5, 2)), [(ITSELF, ITSELF)] * 2),
    ("scores", Dot(axes=2), ((4, 5), (6, 5)), [(ITSELF,), EVERYTHING]),
    ("over time", Dot(axes=1), ((4, 5), (4, 6)), [EVERYTHING, EVERYTHING]),
    ("vectors", Dot(axes=1), ((5,), (5,)), [EVERYTHING, EVERYTHING]),
    ("pictures", Dot(axes=3), ((4, 5, 3), (4, 5, 3)), [REARRANGED, REARRANGED]),
]


@pytest.mark.parametrize(("name", "layer", "shapes", "taps"), JOINS, ids=[c[0] for c in JOINS])
def test_a_join_reads_of_each_input(
    name: str, layer: Layer, shapes: tuple[Shape, ...], taps: list[Any]
) -> None:
    assert list(layer.taps(*shapes)) == taps, name


def test_a_join_along_an_axis_reads_one_input_after_the_other() -> None:
    layer = Concatenate(axis=1)
    shapes: tuple[Shape, ...] = ((2, 3, 1), (3, 3, 1), (1, 3, 1))
    nothing: Sets = [set()]
    assert first_axis(layer, *shapes) == [
        [{0}, {1}, *nothing * 4],
        [*nothing * 2, {0}, {1}, {2}, *nothing],
        [*nothing * 5, {0}],
    ]
    assert [taps[1] for taps in layer.taps(*shapes) if isinstance(taps, tuple)] == [ITSELF] * 3


def test_a_position_of_an_axis_of_one_is_read_everywhere() -> None:
    shapes: tuple[Shape, ...] = ((1, 3), (4, 3))
    assert first_axis(Add(), *shapes) == [[{0}] * 4, [{0}, {1}, {2}, {3}]]


MOVES: list[tuple[str, Layer, Shape, Any]] = [
    ("flatten", Flatten(), (4, 4, 3), REARRANGED),
    ("flatten of one position", Flatten(), (1, 1, 3), EVERYTHING),
    ("flatten of a vector", Flatten(), (5,), ()),
    ("reshape", Reshape(target_shape=(16, 3)), (4, 4, 3), REARRANGED),
    ("reshape to itself", Reshape(target_shape=(4, -1, 3)), (4, 4, 3), (ITSELF, ITSELF)),
    ("a vector for each position", Reshape(target_shape=(1, 1, 3)), (3,), EVERYTHING),
    ("permute", Permute(dims=(2, 1, 3)), (4, 4, 3), REARRANGED),
    ("permute to itself", Permute(dims=(1, 2, 3)), (4, 4, 3), (ITSELF, ITSELF)),
    ("repeat", RepeatVector(n=4), (3,), EVERYTHING),
    ("dense", Dense(units=2), (4, 4, 3), (ITSELF, ITSELF)),
    ("relu", ReLU(), (4, 4, 3), (ITSELF, ITSELF)),
    ("prelu", PReLU(), (4, 3), (ITSELF,)),
    ("dropout", Dropout(), (4, 3), (ITSELF,)),
    ("rescaling", Rescaling(scale=0.5), (4, 4, 3), (ITSELF, ITSELF)),
    ("activation", Activation(activation="softmax"), (4, 3), (ITSELF,)),
    ("softmax of channels", Softmax(), (4, 4, 3), (ITSELF, ITSELF)),
    ("softmax over a side", Softmax(axis=1), (4, 4, 3), (EVERYTHING, ITSELF)),
    ("softmax over a map", Softmax(axis=(1, 2)), (4, 4, 3), (EVERYTHING, EVERYTHING)),
    ("random crop", RandomCrop(height=2, width=2), (4, 4, 3), UNRULED),
    ("unknown", Unknown(class_name="Mystery"), (4, 4, 3), UNRULED),
]


@pytest.mark.parametrize(("name", "layer", "shape", "taps"), MOVES, ids=[c[0] for c in MOVES])
def test_a_layer_without_a_window_reads(name: str, layer: Layer, shape: Shape, taps: Any) -> None:
    assert layer.taps(shape) == (taps,), name


OPEN: list[tuple[str, Layer, tuple[Shape, ...]]] = [
    ("resize of an open size", Resizing(height=4, width=4), ((None, 8, 3),)),
    ("middle of an open size", CenterCrop(height=4, width=4), ((8, None, 3),)),
    ("cells of an open size", layer_of("AdaptiveMaxPooling1D", output_size=3), ((None, 2),)),
    ("too many phases", UpSampling1D(size=MOST_PHASES + 1), ((4, 3),)),
    ("too many outputs", Resizing(height=10**12, width=1), ((7, 1, 3),)),
    ("join after an open size", Concatenate(axis=1), ((None, 3), (4, 3))),
    ("pool of an open size", layer_of("MaxPooling1D", padding="same"), ((None, 3),)),
]


@pytest.mark.parametrize(("name", "layer", "shapes"), OPEN, ids=[case[0] for case in OPEN])
def test_what_depends_on_an_open_size_says_what_it_needs(
    name: str, layer: Layer, shapes: tuple[Shape, ...]
) -> None:
    axes = [axis for taps in layer.taps(*shapes) if isinstance(taps, tuple) for axis in taps]
    needs = [axis.needs for axis in axes if isinstance(axis, Open)]
    assert needs, name
    assert all(len(words.split()) > 5 for words in needs)


def test_the_windows_of_a_convolution_and_of_a_locally_connected_layer_are_the_same() -> None:
    shape: Shape = (9, 3)
    local = LocallyConnected1D(filters=2, kernel_size=(3,), strides=(2,))
    shared = Conv1D(filters=2, kernel_size=(3,), strides=(2,))
    assert local.taps(shape) == shared.taps(shape)
    both = LocallyConnected2D(filters=2, kernel_size=(3, 3))
    assert both.output_shape((9, 8, 3)) == (7, 6, 2)


def test_a_transposed_convolution_writes_where_it_reads() -> None:
    """Each input goes to k outputs from i·s − before on; turned round, that is what is read."""
    wrong = []
    for m, k, s, padding in product(range(1, 6), range(1, 6), range(1, 5), ("valid", "same")):
        settings = {"filters": 1, "kernel_size": k, "strides": s, "padding": padding}
        layer = layer_of("Conv1DTranspose", **settings)
        out = layer.output_shape((m, 1))[0] or 0
        before = floor(max((m - 1) * s + k - out, 0) / 2) if padding == "same" else 0
        written: Sets = [set() for _ in range(out)]
        for i, t in product(range(m), range(k)):
            if 0 <= (place := i * s - before + t) < out:
                written[place].add(i)
        if first_axis(layer, (m, 1)) != [written]:
            wrong.append((m, k, s, padding))
    assert wrong == []
