"""What both engines are asked beside a naive judge: a bounded part of the grid, and what it lacks."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

from layer_grid import Case, case
from one_layer import made

ODD_AND_EVEN = (7, 8)


def bounded(cases: list[Case]) -> list[Case]:
    """Of each class so many cases that every value of every setting is there, odd and even sizes,
    and every number of inputs and axes."""
    seen: set[tuple[Any, ...]] = set()
    kept = []
    for item in cases:
        facts = set(_facts(item))
        if facts - seen:
            kept.append(item)
            seen |= facts
    return kept


def _facts(item: Case) -> Iterator[tuple[Any, ...]]:
    kind, taken, settings = item
    yield kind, "inputs", len(taken), len(taken[0])
    yield from ((kind, name, repr(value)) for name, value in settings.items())
    yield from ((kind, axis, size % 2) for axis, size in enumerate(taken[0][:-1]))


def convolutions() -> Iterator[Case]:
    """What is asymmetric, grouped, without a bias, with a function; each padding of each rank."""
    bare: dict[str, Any] = {"use_bias": False, "activation": "tanh"}
    for n, padding in product(ODD_AND_EVEN, ("valid", "same")):
        both = {"padding": padding}
        for s, d in ((1, 1), (2, 1), (1, 2)):
            row = {"kernel_size": (3,), "strides": (s,), "dilation_rate": (d,)}
            yield case("Conv1D", (n, 4), filters=6, groups=2, **both, **row, **bare)
            yield case("Conv1D", (n, 2), filters=3, **row, padding="causal")
            yield case("DepthwiseConv1D", (n, 2), depth_multiplier=3, **both, **row, **bare)
            yield case("SeparableConv1D", (n, 2), filters=3, depth_multiplier=2, **both, **row)
            three = {"kernel_size": (2, 3, 1), "strides": (s,) * 3, "dilation_rate": (d,) * 3}
            yield case("Conv3D", (n, 6, n - 2, 2), filters=2, **both, **three, **bare)
        for channels in (1, 2, 3, 4, 5):  # a few of them are read as they lie
            strided = {"filters": 3, "kernel_size": (2, 5), "strides": (3, 2)}
            yield case("Conv2D", (n, n + 1, channels), **strided, **both, **bare)
            dilated = {"filters": 2, "kernel_size": (3, 2), "dilation_rate": (2, 1)}
            yield case("Conv2D", (n, 9, channels), activation="relu", **dilated, **both)
        yield case("Conv2D", (n, 9, 2), filters=3, kernel_size=(3, 2), dilation_rate=(1, 3), **both)
        yield case("Conv2D", (n, 9, 6), filters=3, groups=3, kernel_size=(3, 2), **both)
        yield case("Conv3D", (n, 3, 4, 4), filters=6, groups=2, kernel_size=(2, 2, 3), **both)
        yield case("DepthwiseConv1D", (n, 2), kernel_size=(4,), **both)
        for kind in ("DepthwiseConv2D", "SeparableConv2D"):
            more = {"filters": 3} if kind == "SeparableConv2D" else {}
            wide = {"kernel_size": (2, 3), "depth_multiplier": 2, **both, **more}
            yield case(kind, (n, n + 1, 2), dilation_rate=(2, 2), **wide)
            yield case(kind, (n, n + 1, 2), strides=(2, 2), **wide, **bare)
    yield case("SeparableConv1D", (7, 2), filters=2, kernel_size=(2,), **bare)


def transposed() -> Iterator[Case]:
    for n, padding in product((3, 4), ("valid", "same")):
        both: dict[str, Any] = {"padding": padding, "filters": n}
        yield case(
            "Conv1DTranspose", (n, 2), kernel_size=(3,), strides=(2,), output_padding=(1,), **both
        )
        yield case(
            "Conv1DTranspose", (n, 2), kernel_size=(5,), strides=(3,), output_padding=(0,), **both
        )
        yield case(
            "Conv1DTranspose", (n, 2), kernel_size=(2,), strides=(3,), use_bias=False,
            activation="tanh", **both,
        )  # fmt: skip
        yield case("Conv2DTranspose", (n, n + 1, 2), kernel_size=(2, 3), strides=(3, 2), **both)
        yield case(
            "Conv2DTranspose", (n, n + 1, 2), kernel_size=(5, 3), strides=(2, 3), use_bias=False,
            activation="tanh", output_padding=(1, 2), **both,
        )  # fmt: skip
        yield case(
            "Conv3DTranspose", (n, 2, n + 1, 2), kernel_size=(2, 3, 1), strides=(2, 3, 2), **both
        )
        yield case(
            "Conv3DTranspose", (n, 2, 3, 2), kernel_size=(3, 3, 5), strides=(2, 2, 3), use_bias=False,
            activation="tanh", output_padding=(1, 0, 2), **both,
        )  # fmt: skip


def pools() -> Iterator[Case]:
    for kind, n, padding in product(("Max", "Average"), ODD_AND_EVEN, ("valid", "same")):
        both = {"padding": padding}
        yield case(f"{kind}Pooling1D", (n, 2), pool_size=(3,), strides=(2,), **both)
        yield case(f"{kind}Pooling1D", (n, 2), pool_size=(2,), strides=(3,), **both)
        yield case(f"{kind}Pooling2D", (n, n + 1, 2), pool_size=(2, 3), strides=(3, 1), **both)
        yield case(f"{kind}Pooling2D", (n, n + 1, 2), pool_size=(3, 4), **both)
        yield case(f"{kind}Pooling3D", (n, 5, 4, 2), pool_size=(3, 2, 1), strides=(2, 1, 3), **both)


def sides() -> Iterator[Case]:
    for n in ODD_AND_EVEN:
        for kind, name in (("ZeroPadding", "padding"), ("Cropping", "cropping")):
            yield case(f"{kind}1D", (n, 2), **{name: (2, 1)})
            yield case(f"{kind}2D", (n, n + 1, 2), **{name: ((0, 2), (3, 1))})
            yield case(f"{kind}3D", (n, 5, n + 1, 2), **{name: ((1, 0), (0, 2), (2, 3))})
        yield case("UpSampling1D", (n, 2), size=3)
        yield case("UpSampling3D", (n, 2, 3, 2), size=(1, 3, 2))
        for way in ("lanczos3", "lanczos5", "bilinear", "bicubic"):
            yield case("UpSampling2D", (n, n - 2, 2), size=(3, 2), interpolation=way)
        yield case("UpSampling2D", (n, n - 2, 2), size=(3, 2), interpolation="bilinear_keras2")
        yield case("CenterCrop", (n, n + 1, 2), height=n, width=3)
        yield case("CenterCrop", (n, n + 1, 2), height=2, width=4)
    yield case("Pad", (3, 4, 2), sides=((0, 1), (2, 0), (0, 0)))
    yield case("DepthToSpace", (3, 2, 18), block=3)
    yield case("SpaceToDepth", (6, 9, 2), block=3)
    yield case("Patches", (7, 8, 2), size=(2, 3), strides=(1, 2), padding="same")


def norms() -> Iterator[Case]:
    yield case("BatchNormalization", (5, 4, 6), renorm=True)
    yield case("GroupNormalization", (5, 4, 6), groups=3, center=False, epsilon=0.1)
    yield case("LayerNormalization", (5, 4, 6), epsilon=0.1)
    yield case("RMSNormalization", (5, 4, 6), axis=(3, 2), epsilon=0.1)
    yield case("RMSNormalization", (6, 4, 6), axis=1)
    yield case("RMSNormalization", (5, 5, 4), axis=(-2, 1, 3))
    yield case("RMSNormalization", (4, 5, 5), axis=-2)
    yield case("UnitNormalization", (5, 4, 6), least=9.0)
    yield case("UnitLength", (5, 4), epsilon=9.0)
    for axes in ((), (1,), (2, 3), (-2, 1), (1, 2, 3)):
        yield case("Normalization", (5, 4, 3), axis=axes)
    yield case("Normalization", (5, 4, 3), axis=(1, 3), invert=True)
    yield case("LayerScale", (5, 3), init_values=0.5, projection_dim=3)


def cells() -> Iterator[Case]:
    for kind, every in product(("LSTM", "GRU", "SimpleRNN"), (True, False)):
        yield case(kind, (4, 2), units=3, use_bias=False, return_sequences=every)
    yield case("GRU", (4, 2), units=3, use_bias=False, reset_after=False)
    for kind in ("CuDNNLSTM", "CuDNNGRU"):
        yield case(kind, (4, 5), units=2)
        cell: Any = made(kind, units=2)
        yield case(kind, (4, 5), *((2,),) * cell.state_count, units=2)


def local() -> Iterator[Case]:
    bare: dict[str, Any] = {"use_bias": False, "activation": "tanh", "filters": 2}
    for n, form in product((5, 6), (1, 2, 3)):
        yield case(
            "LocallyConnected2D", (n, 4, 2), kernel_size=(2, 3), strides=(2, 1), implementation=form,
            **bare,
        )  # fmt: skip


def operations() -> Iterator[Case]:
    numbers = tuple(number / 4 for number in range(1, 13))
    for name in ("subtract", "power"):
        yield case("Arithmetic", (4, 3), operation=name, number=numbers, sizes=(4, 3))
        yield case(
            "Arithmetic", (4, 3), operation=name, number=numbers, sizes=(1, 4, 3), number_first=True
        )
    yield case("Arithmetic", (4, 3), operation="add", number=numbers[:4], sizes=(4, 1))
    yield case("Comparison", (4, 3), operation="less", number=numbers, sizes=(4, 3))
    yield case("Clip", (4, 6), low=0.1, high=0.2)
    yield case("Filled", (4, 6), value=-2.0)
    yield case("Gather", (4, 5), axis=1, places=(3, 1))
    yield case("MoveAxis", (3, 4, 5), source=1, destination=-1)
    yield case("OneHot", (4,), classes=2)
    yield case("Repeat", (5, 2), repeats=2, axis=1)
    yield case("Roll", (5, 4), axis=(-1,), shift=(3,))
    yield case("Tile", (3, 2, 5), repeats=(1, 3, 2))


def others() -> Iterator[Case]:
    yield case("Dense", (5, 3), units=7, use_bias=False, activation="softmax")
    yield case("Embedding", (6,), input_dim=9, output_dim=2)
    yield case("LeakyReLU", (4, 6), negative_slope=0.1)
    yield case("Permute", (3, 4), dims=(2, 1))
    yield case("RepeatVector", (3,), n=4)
    yield case("Reshape", (3, 4), target_shape=(2, 2, 3))
    yield case("CustomScaleLayer", (3, 4), (3, 4), scale=-1.5)
    yield case(
        "GroupQueryAttention", (3, 4), (5, 4), head_dim=2, num_query_heads=6, num_key_value_heads=2
    )
    yield case("EinsumDense", (3, 4, 5), equation="...x,xy->...y", output_sizes=2, bias_axes="y")
    yield case("SpectralNormalization", (6,), layer=made("Dense", units=2, use_bias=False))
    yield case("ReLU", (4, 6), negative_slope=0.2)


FAMILIES = (convolutions, transposed, pools, sides, norms, cells, local, operations, others)
MORE = [item for family in FAMILIES for item in family()]


def convolving() -> Iterator[Case]:
    for n, every, back in product((5, 6), (True, False), (True, False)):
        ways = {"return_sequences": every, "go_backwards": back, "filters": 2}
        yield case("ConvLSTM1D", (3, n, 2), kernel_size=(3,), padding="same", strides=(2,), **ways)
        yield case("ConvLSTM1D", (3, n, 2), kernel_size=(2,), dilation_rate=(2,), **ways)
        yield case("ConvLSTM2D", (2, n, 4, 2), kernel_size=(2, 3), padding="same", **ways)
        yield case(
            "ConvLSTM1D", (3, n, 2), *((n, 2),) * 2, kernel_size=(2,), padding="same", **ways,
            return_state=True,
        )  # fmt: skip
    bare: dict[str, Any] = {
        "use_bias": False,
        "activation": "relu",
        "recurrent_activation": "hard_sigmoid",
    }
    yield case("ConvLSTM1D", (3, 5, 2), filters=3, kernel_size=(2,), **bare)
    yield case("ConvLSTM2D", (2, 5, 4, 2), filters=3, kernel_size=(2, 3), strides=(2, 2), **bare)
    yield case("ConvLSTM2D", (2, 5, 4, 2), filters=3, kernel_size=(2, 1), dilation_rate=(2, 2))
    three: dict[str, Any] = {"kernel_size": (2, 3, 2)}
    yield case("ConvLSTM3D", (2, 3, 4, 3, 2), filters=1, **three, return_sequences=True)
    yield case("ConvLSTM3D", (2, 3, 4, 3, 2), filters=1, **three, return_state=True)
    yield case("ConvLSTM2D", (2, 5, 4, 2), filters=2, kernel_size=(2, 1), return_state=True)
    yield case("ConvLSTM3D", (2, 3, 4, 3, 2), filters=2, **three, padding="same", go_backwards=True)
    yield case("ConvLSTM3D", (2, 4, 3, 4, 2), filters=1, **three, strides=(2, 1, 2), **bare)
    yield case(
        "ConvLSTM3D", (2, 4, 3, 5, 2), filters=1, kernel_size=(2, 1, 3), dilation_rate=(2, 2, 2)
    )


def of_keras_alone() -> Iterator[Case]:
    """What has no exact form in ONNX."""
    yield from convolving()
    yield case("Masking", (5, 3))
    yield case("Masking", (5, 3), mask_value=0.5)
    yield case("Embedding", (5,), input_dim=7, output_dim=3, mask_zero=True)
    yield case("Activation", (4, 6), activation="sparsemax")
    yield case("Dense", (4, 6), units=5, activation="sparsemax")
    yield case("Arithmetic", (4, 6), (4, 6), operation="arctan2")
    yield case("Arithmetic", (4, 6), operation="arctan2", number=-0.5, number_first=True)
    for other, way in product((True, False), repeat=2):
        yield case("Cumulative", (4, 5), axis=1, operation="prod", exclusive=other, reverse=way)
    for n, (high, wide) in product(ODD_AND_EVEN, ((5, 10), (9, 4), (16, 16))):
        for name in ("crop_to_aspect_ratio", "pad_to_aspect_ratio"):
            yield case("Resizing", (n, n + 1, 2), height=high, width=wide, **{name: True})
            yield case(
                "Resizing", (n, n + 2, 2), height=high, width=wide, interpolation="nearest",
                **{name: True},
            )  # fmt: skip
        yield case("CenterCrop", (n, n + 1, 2), height=high, width=wide)
    for name in ("gelu", "selu", "silu", "softmax", "mish"):
        yield case("LSTM", (4, 3), units=2, activation=name)
        yield case("GRU", (4, 3), units=2, activation=name)
        yield case("SimpleRNN", (4, 3), units=2, activation=name)
    yield case("LSTM", (4, 3), units=2, recurrent_activation="gelu")
    yield case("GRU", (4, 3), units=2, activation=made("ReLU", max_value=1.0))


KERAS_ALONE = list(of_keras_alone())


def of_onnx_alone() -> Iterator[Case]:
    """What TensorFlow on a CPU can't run, or runs otherwise than 'same' is defined.

    It refuses dilated transposed convolutions. Its windows over volumes begin a place too late
    where 'same' would need less than no zeros: at strides of 3 and more over narrow windows, where
    the definition, its own other windows and other backends of Keras begin at the first place.
    """
    for n, padding in product((4, 5), ("valid", "same")):
        both: dict[str, Any] = {"padding": padding, "filters": 3}
        yield case("Conv1DTranspose", (n, 2), kernel_size=(3,), dilation_rate=(2,), **both)
        yield case("Conv2DTranspose", (n, 3, 2), kernel_size=(2, 3), dilation_rate=(3, 2), **both)
        yield case(
            "Conv3DTranspose", (n, 3, 2, 2), kernel_size=(2, 3, 1), dilation_rate=(2, 1, 3), **both
        )
    narrow: dict[str, Any] = {"strides": (3, 4, 3), "padding": "same"}
    yield case("Conv3D", (6, 8, 5, 2), filters=2, kernel_size=(1, 2, 1), **narrow)
    yield case("MaxPooling3D", (6, 8, 5, 2), pool_size=(1, 2, 1), **narrow)
    yield case("AveragePooling3D", (6, 8, 5, 2), pool_size=(1, 2, 1), **narrow)


ONNX_ALONE = list(of_onnx_alone())
