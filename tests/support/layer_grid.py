"""A grid of layers with their settings and input shapes, odd and even: what both engines are asked."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any, get_args

import numpy as np
from one_layer import Array, made

from answers.layers import core
from answers.layers.activation import Function
from answers.layers.catalogue import LAYERS

# the only function that has no form in ONNX
WITHOUT_FORM = ("sparsemax",)
DOES_NOTHING = {
    name for name, kind in LAYERS.items() if issubclass(kind, core.TrainingOnly | core.Identity)
}

Case = tuple[str, tuple[tuple[int, ...], ...], dict[str, Any]]


def case(kind: str, *shapes: tuple[int, ...], **settings: Any) -> Case:
    return kind, shapes, settings


def square(size: int) -> tuple[int, int]:
    return size, size


def windows() -> Iterator[Case]:
    for k, s, padding, d, n in product(
        (1, 2, 3, 5), (1, 2, 3), ("same", "valid"), (1, 2), (11, 12)
    ):
        if s > 1 and d > 1:  # Keras refuses both at once
            continue
        two: dict[str, Any] = {
            "kernel_size": square(k), "strides": square(s), "padding": padding,
            "dilation_rate": square(d),
        }  # fmt: skip
        row: dict[str, Any] = {
            "kernel_size": (k,), "strides": (s,), "padding": padding, "dilation_rate": (d,),
        }  # fmt: skip
        yield case("Conv2D", (n, n + 1, 3), filters=4, **two)
        yield case("DepthwiseConv2D", (n, n, 3), depth_multiplier=2, **two)
        yield case("Conv1D", (n, 3), filters=4, **row)
        if d == 1:
            pool = {"pool_size": square(k), "strides": square(s), "padding": padding}
            yield case("SeparableConv2D", (n, n, 3), filters=4, **two)
            yield case("MaxPooling2D", (n, n + 1, 3), **pool)
            yield case("AveragePooling2D", (n, n + 1, 3), **pool)


def transposed() -> Iterator[Case]:
    for k, s, padding, n in product((1, 2, 3, 4, 5), (1, 2, 3, 4), ("same", "valid"), (4, 5)):
        two = {"kernel_size": square(k), "strides": square(s)}
        row = {"kernel_size": (k,), "strides": (s,)}
        yield case("Conv2DTranspose", (n, n + 1, 3), filters=2, padding=padding, **two)
        yield case("Conv1DTranspose", (n, 3), filters=2, padding=padding, **row)
    for k, s, extra, padding in product((1, 2, 3, 4, 5), (2, 3), (0, 1), ("same", "valid")):
        if k % 2 == 0 and padding == "same" and not extra:  # Keras 3 refuses it
            continue
        yield case(
            "Conv2DTranspose", (5, 6, 3), filters=2, kernel_size=square(k), strides=square(s),
            padding=padding, output_padding=square(extra),
        )  # fmt: skip


def other_windows() -> Iterator[Case]:
    yield case("Conv2D", (9, 9, 4), filters=6, kernel_size=square(3), groups=2, padding="same")
    yield case("Conv2D", (9, 9, 4), filters=6, kernel_size=square(3), activation="relu")
    yield case("Conv1D", (9, 4), filters=6, kernel_size=(3,), padding="causal", dilation_rate=(2,))
    yield case("SeparableConv1D", (9, 4), filters=6, kernel_size=(3,), padding="causal")
    yield case("SeparableConv1D", (9, 4), filters=6, kernel_size=(3,), padding="same")
    yield case("DepthwiseConv1D", (9, 4), kernel_size=(3,), padding="same", strides=(2,))
    three = {"filters": 3, "kernel_size": (3, 3, 3), "padding": "same", "strides": (2, 2, 2)}
    yield case("Conv3D", (5, 6, 7, 2), **three)
    yield case("Conv3DTranspose", (3, 4, 5, 2), **three)
    for rank, shape in ((1, (9, 3)), (2, (8, 9, 3)), (3, (5, 6, 7, 2))):
        for keepdims in (True, False):
            yield case(f"GlobalAveragePooling{rank}D", shape, keepdims=keepdims)
            yield case(f"GlobalMaxPooling{rank}D", shape, keepdims=keepdims)
            if rank == 1:
                first: Any = {"data_format": "channels_first", "keepdims": keepdims}
                yield case("GlobalAveragePooling1D", shape, **first)
                yield case("GlobalMaxPooling1D", shape, **first)
        yield case(f"UpSampling{rank}D", shape)
        yield case(f"ZeroPadding{rank}D", shape)
        yield case(f"Cropping{rank}D", shape)
        yield case(f"MaxPooling{rank}D", shape)
        yield case(f"AveragePooling{rank}D", shape, padding="same")


def sizes() -> Iterator[Case]:
    kinds = ("nearest", "bilinear", "bicubic", "lanczos3", "lanczos5")
    for kind, antialias, (height, width) in product(
        kinds, (True, False), ((5, 6), (16, 13), (8, 9))
    ):
        yield case(
            "Resizing", (8, 9, 3), height=height, width=width, interpolation=kind,
            antialias=antialias,
        )  # fmt: skip
    for kind in kinds[:3]:
        yield case("UpSampling2D", (7, 8, 3), size=(2, 3), interpolation=kind)
    yield case("CenterCrop", (9, 8, 3), height=4, width=5)


def functions() -> Iterator[Case]:
    for name in get_args(Function):
        if name not in WITHOUT_FORM:
            yield case("Activation", (4, 6), activation=name)
    yield case("ReLU", (4, 6), max_value=1.0)
    yield case("ReLU", (4, 6), negative_slope=0.1, threshold=0.3, max_value=2.0)
    yield case("ReLU", (4, 6), threshold=0.3)
    yield case("LeakyReLU", (4, 6))
    yield case("ELU", (4, 6), alpha=0.7)
    yield case("ThresholdedReLU", (4, 6), theta=0.4)
    yield case("PReLU", (4, 5, 6))
    yield case("PReLU", (4, 5, 6), shared_axes=(1, 2))
    yield case("Softmax", (4, 6))
    yield case("Softmax", (4, 6), axis=1)
    yield case("Softmax", (4, 5, 6), axis=(1, 3))
    yield case("Softmax", (4, 5, 6), axis=(-1,))
    yield case("Dense", (6,), units=4, activation="glu")


def norms() -> Iterator[Case]:
    for axis in (1, 2, 3, -1):
        yield case("BatchNormalization", (4, 5, 6), axis=axis)
    yield case("BatchNormalization", (4, 5, 6), scale=False)
    yield case("BatchNormalization", (4, 5, 6), center=False, epsilon=1e-5)
    for axes in (-1, (2, 3), (1, 2, 3)):
        yield case("LayerNormalization", (4, 5, 6), axis=axes)
    yield case("LayerNormalization", (4, 5, 6), scale=False, center=False)
    for axes in (1, (1, 3), (2, 1)):
        yield case("LayerNormalization", (4, 5, 6), axis=axes)
    yield case("LayerNormalization", (4, 5, 6), axis=(-1, 2))
    yield case("LayerNormalization", (4, 5, 6), axis=(-1, 1))
    yield case("LayerNormalization", (4, 5, 6), axis=1, scale=False)
    yield case("LayerNormalization", (4, 5, 6), axis=2, center=False)
    yield case("LayerNormalization", (4, 5, 6), axis=(2, 3), rms_scaling=True)
    yield case("GroupNormalization", (4, 5, 6), groups=2, axis=1)
    yield case("GroupNormalization", (4, 5, 6), groups=5, axis=2, scale=False)
    yield case("GroupNormalization", (4, 5, 6), groups=3)
    yield case("GroupNormalization", (4, 5, 6), groups=-1)
    yield case("RMSNormalization", (4, 5, 6))
    yield case("UnitNormalization", (4, 5, 6))
    yield case("UnitNormalization", (4, 5, 6), axis=(1, 2))
    yield case("Rescaling", (4, 5, 3), scale=1 / 127.5, offset=-1.0)
    yield case("Rescaling", (4, 5, 3), scale=(0.1, 0.2, 0.3), offset=(1.0, 2.0, 3.0))
    yield case("Normalization", (4, 5, 3))
    yield case("Normalization", (4, 5, 3), mean=0.3, variance=2.0)
    yield case(
        "Normalization", (4, 5, 3), mean=(0.1, 0.2, 0.3), variance=(1.0, 2.0, 3.0), invert=True
    )
    yield case("LayerScale", (4, 6), init_values=0.1, projection_dim=6)


def shapes() -> Iterator[Case]:
    yield case("Dense", (6,), units=4)
    yield case("Dense", (5, 6), units=4, activation="gelu")
    yield case("Dense", (4, 5, 6), units=4, use_bias=False)
    yield case("Flatten", (4, 5, 6))
    yield case("Reshape", (4, 5, 6), target_shape=(5, -1))
    yield case("Permute", (4, 5, 6), dims=(3, 1, 2))
    yield case("RepeatVector", (6,), n=3)
    for kind in ("Add", "Average", "Maximum", "Minimum", "Multiply"):
        yield case(kind, (4, 6), (4, 6), (4, 6))
    yield case("Subtract", (4, 6), (4, 6))
    yield case("Multiply", (4, 1), (4, 6))
    yield case("Concatenate", (4, 6), (4, 2))
    yield case("Concatenate", (4, 6), (3, 6), axis=1)
    yield case("CustomScaleLayer", (4, 6), (4, 6), scale=0.3)


JOINS = (
    "add", "subtract", "multiply", "divide", "power", "maximum", "minimum", "floor_divide", "mod",
    "logaddexp", "divide_no_nan",
)  # fmt: skip


def arithmetic() -> Iterator[Case]:
    for name in JOINS:
        yield case("Arithmetic", (4, 6), (4, 6), operation=name)
        yield case("Arithmetic", (4, 3), operation=name, number=(1.0, 2.0, 3.0))
        yield case("Arithmetic", (4, 3), operation=name, number=2.0, number_first=True)
    names = (
        "absolute square sqrt rsqrt exp log negative sign sin cos tan sinh cosh floor ceil round"
    )
    more = "expm1 log1p trunc erf exp2 log2 log10 arcsin arccos arctan arcsinh arccosh arctanh"
    for name in (*names.split(), "reciprocal", "gelu_tanh", *more.split()):
        yield case("MathFunction", (4, 6), function=name)
    for name in ("mean", "sum", "prod", "max", "min", "std", "var", "logsumexp", "norm"):
        yield case("Reduction", (4, 6), operation=name)
        yield case("Reduction", (4, 6), operation=name, axis=(1,), keepdims=True)
        yield case("Reduction", (4, 6), operation=name, axis=(-1,))
    for parts in (("...", ":2"), ("...", "1"), ("...", "new"), (":", "1:3", "::-1"), (":", "-1")):
        yield case("GetItem", (4, 6), parts=parts)


def sequences() -> Iterator[Case]:
    for every, back in product((True, False), repeat=2):
        settings: dict[str, Any] = {"units": 4, "return_sequences": every, "go_backwards": back}
        yield case("LSTM", (5, 3), **settings)
        yield case("SimpleRNN", (5, 3), **settings)
        yield case("GRU", (5, 3), reset_after=True, **settings)
        yield case("GRU", (5, 3), reset_after=False, **settings)
    yield case("LSTM", (5, 3), units=4, use_bias=False)


CELLS = ("LSTM", "GRU", "SimpleRNN")
CELL_FUNCTIONS = (
    "linear", "relu", "softsign", "softplus", "elu", "leaky_relu", "hard_sigmoid",
    "hard_sigmoid_keras2",
)  # fmt: skip


def cells() -> Iterator[Case]:
    for kind, name in product(CELLS, CELL_FUNCTIONS):
        yield case(kind, (5, 3), units=4, activation=name)
        # a gate without bounds makes the numbers grow with every step, and rounding with them
        if kind != "SimpleRNN":
            yield case(kind, (2, 3), units=4, recurrent_activation=name)
    for every, back in product((True, False), repeat=2):
        settings: dict[str, Any] = {"units": 4, "return_sequences": every, "go_backwards": back}
        yield case("CuDNNLSTM", (5, 3), **settings)
        yield case("CuDNNGRU", (6, 3), **settings)


def with_states() -> Iterator[Case]:
    """Cells that give their state, begin with one, or both."""
    for kind, every, back, states in product(
        (*CELLS, "CuDNNLSTM", "CuDNNGRU"), (True, False), (True, False), (True, False)
    ):
        ways: dict[str, Any] = {"return_sequences": every, "go_backwards": back}
        cell: Any = made(kind, units=4)
        begin = ((4,),) * cell.state_count
        yield case(kind, (5, 3), units=4, return_state=True, **ways)
        yield case(kind, (5, 3), *begin, units=4, return_state=states, **ways)
    for mode, states, every in product(("concat", None), (True, False), (True, False)):
        for kind in CELLS:
            inner: Any = made(kind, units=4, return_sequences=every, return_state=states)
            begin = ((4,),) * (2 * inner.state_count)
            yield case("Bidirectional", (5, 3), layer=inner, merge_mode=mode)
            yield case("Bidirectional", (5, 3), *begin, layer=inner, merge_mode=mode)
        cells = (made("LSTM", units=4), made("GRU", units=3))
        for cell, begin in (
            (made("StackedRNNCells", cells=cells), ((4,), (4,), (3,))),
            (cells[0], ((4,), (4,))),
            (cells[1], ((3,),)),
        ):
            ways = {"return_sequences": every, "return_state": states, "cell": cell}
            yield case("RNN", (5, 3), **ways)
            yield case("RNN", (5, 3), *begin, go_backwards=states, **ways)


def both_ways() -> Iterator[Case]:
    modes = ("concat", "sum", "mul", "ave")
    for kind, mode, every, steps in product(CELLS, modes, (True, False), (5, 6)):
        inner = made(kind, units=4, return_sequences=every)
        yield case("Bidirectional", (steps, 3), layer=inner, merge_mode=mode)
    back = made("LSTM", units=4, go_backwards=True, recurrent_activation="relu", use_bias=False)
    yield case("Bidirectional", (5, 3), layer=made("GRU", units=4), backward_layer=back)
    yield case("Bidirectional", (5, 3), layer=made("SimpleRNN", units=4, go_backwards=True))


def steps() -> Iterator[Case]:
    window = {"kernel_size": (3, 3), "strides": (2, 2), "padding": "same"}
    for count in (4, 5):
        for inner, step in (
            (made("Dense", units=3, activation="relu"), (6,)),
            (made("Conv2D", filters=3, **window), (5, 6, 2)),
            (made("MaxPooling2D"), (5, 6, 2)),
            (made("BatchNormalization"), (5, 6)),
            (made("LayerNormalization"), (5, 6)),
            (made("Flatten"), (5, 6)),
            (made("Dropout"), (5,)),
            (made("LSTM", units=3, return_sequences=True), (5, 6)),
            (made("Bidirectional", layer=made("GRU", units=3)), (5, 6)),
            (made("TimeDistributed", layer=made("Dense", units=3)), (5, 6)),
        ):
            yield case("TimeDistributed", (count, *step), layer=inner)


def local() -> Iterator[Case]:
    forms = (("valid", 1), ("valid", 2), ("valid", 3), ("same", 2), ("same", 3))
    for k, s, (padding, form), n in product((1, 2, 3), (1, 2), forms, (5, 6)):
        settings: dict[str, Any] = {"filters": 3, "padding": padding, "implementation": form}
        yield case(
            "LocallyConnected2D", (n, n + 1, 2), kernel_size=(k, k + 1), strides=(s, 1), **settings
        )
        yield case("LocallyConnected1D", (n, 2), kernel_size=(k,), strides=(s,), **settings)
    yield case(
        "LocallyConnected1D", (7, 2), filters=2, kernel_size=(3,), use_bias=False, activation="relu"
    )


def heads() -> Iterator[Case]:
    others = (((5, 6),), ((4, 7),), ((4, 7), (4, 3)))
    for bias, gate, taken in product((True, False), (True, False), others):
        settings: dict[str, Any] = {"use_bias": bias, "use_gate": gate}
        yield case("MultiHeadAttention", (5, 6), *taken, num_heads=2, key_dim=3, **settings)
        yield case(
            "MultiHeadAttention", (5, 6), *taken, num_heads=3, key_dim=2, value_dim=5,
            projected_shape=(4,), **settings,
        )  # fmt: skip
    yield case("MultiHeadAttention", (5, 6), (4, 6), num_heads=2, key_dim=3, projected_shape=(4, 2))
    for axes, asked in (
        (None, (4, 3)),
        ((2,), (4, 7)),
        ((1,), (3, 5)),
        ((2, 1), (3, 6)),
        ((-2,), (4, 2)),
    ):
        yield case(
            "MultiHeadAttention",
            (4, 5, 6),
            (*asked, 3),
            num_heads=2,
            key_dim=3,
            attention_axes=axes,
        )
    for bias, gate, (many, few) in product((True, False), (True, False), ((4, 2), (3, 1), (2, 2))):
        yield case(
            "GroupQueryAttention", (5, 6), (4, 6), head_dim=3, num_query_heads=many,
            num_key_value_heads=few, use_bias=bias, use_gate=gate,
        )  # fmt: skip


def scores() -> Iterator[Case]:
    """Attention that looks back only, or gives its weights."""
    rows: tuple[tuple[tuple[int, ...], ...], ...] = (((5, 6), (5, 6)), ((5, 6), (4, 6), (4, 6)))
    for taken, causal, given in product(rows, (True, False), (True, False)):
        said: dict[str, Any] = {"use_causal_mask": causal, "return_attention_scores": given}
        yield case("MultiHeadAttention", *taken, num_heads=2, key_dim=3, **said)
        yield case(
            "GroupQueryAttention", *taken, head_dim=3, num_query_heads=4, num_key_value_heads=2,
            **said,
        )  # fmt: skip
        yield case("Attention", *taken, **said)
        yield case("Attention", *taken, score_mode="concat", **said)
        yield case("AdditiveAttention", *taken, **said)
        yield case("Attention", *((2, *shape) for shape in taken), use_scale=True, **said)
    for axes in (None, (1,), (2,)):
        yield case(
            "MultiHeadAttention", (4, 5, 6), (4, 5, 3), num_heads=2, key_dim=3,
            attention_axes=axes, return_attention_scores=True,
        )  # fmt: skip


def attention() -> Iterator[Case]:
    inputs = (((5, 6), (4, 6)), ((5, 6), (4, 7), (4, 6)), ((2, 5, 6), (2, 4, 6)))
    for taken, scale in product(inputs, (True, False)):
        yield case("Attention", *taken, use_scale=scale)
        yield case("Attention", *taken, use_scale=scale, score_mode="concat")
        yield case("AdditiveAttention", *taken, use_scale=scale)


def cells_of_a_grid() -> Iterator[Case]:
    for kind, n, o in product(("Average", "Max"), (5, 6), (1, 2, 3, 4, 7)):
        yield case(f"Adaptive{kind}Pooling1D", (n, 2), output_size=(o,))
        yield case(f"Adaptive{kind}Pooling2D", (n, n + 1, 2), output_size=(o, 3))
        yield case(f"Adaptive{kind}Pooling3D", (n, 4, n + 1, 2), output_size=(o, 2, 3))


def joined() -> Iterator[Case]:
    for kind in ("Add", "Average", "Maximum", "Minimum", "Multiply"):
        yield case(kind, (4, 5, 6), (6,), (5, 6))
    for axes, normalize in product((-1, 2, (2, 2)), (True, False)):
        yield case("Dot", (4, 6), (5, 6), axes=axes, normalize=normalize)
    yield case("Dot", (6,), (6,), axes=1)
    yield case("Dot", (6, 4), (3, 6), axes=(1, 2))
    yield case("Dot", (6, 4), (6, 3, 2), axes=1)


def operations() -> Iterator[Case]:
    compared = ("greater", "greater_equal", "less", "less_equal", "equal", "not_equal")
    for name in compared:
        yield case("Comparison", (4, 6), (4, 6), operation=name)
        yield case("Comparison", (4, 3), operation=name, number=0.2)
        yield case("Comparison", (4, 3), operation=name, number=0.2, number_first=True)
    yield case("Where", (4, 6), (4, 6), (4, 6))
    yield case("Where", (4, 6), (4, 1), no=0.5)
    yield case("Where", (4, 6), (1, 6), yes=-1.0)
    yield case("Where", (4, 6), yes=1.0, no=2.0)
    yield case("Clip", (4, 6), low=-0.3, high=0.6)
    for axes in ((-1,), (1,), (1, 2)):
        yield case("UnitLength", (4, 6), axis=axes)
    yield case("Arithmetic", (4, 6), (4, 6), operation="squared_difference")
    for axis in (1, 2, -1):
        yield case("Stack", (4, 6), (4, 6), (4, 6), axis=axis)
        yield case("Repeat", (4, 6), repeats=3, axis=axis)
        yield case("Part", (4, 6), axis=axis, sections=2, place=1)
        yield case("Part", (4, 6), axis=axis, sections=None, place=3, keepdims=False)
        yield case("Part", (4, 6), axis=axis, sections=(1, 3), place=1)
    yield case("Tile", (4, 5), repeats=(2, 3))
    yield case("MoveAxis", (3, 4, 5), source=3, destination=1)
    yield case("MoveAxis", (3, 4, 5), source=3, destination=1, swap=True)
    for turn, other in product((True, False), repeat=2):
        first, second = ((5, 4) if turn else (4, 5)), ((6, 5) if other else (5, 6))
        for before, after in (((), ()), ((3,), (3,)), ((3, 1), (1, 2))):
            yield case(
                "Matmul", (*before, *first), (*after, *second), transpose_a=turn, transpose_b=other
            )
    yield case("Einsum", (4, 6), (5, 6), subscripts="bij,bkj->bik")
    yield case("Einsum", (4, 6), (4, 6), subscripts="bij,bij->bi")
    yield case("Einsum", (4, 6), subscripts="bij->bji")
    yield case("Einsum", (4, 6), (6, 5), (5, 2), subscripts="bij,bjk,bkl->bil")


def selections() -> Iterator[Case]:
    for name, axis, kept in product(("argmax", "argmin"), (1, -1), (True, False)):
        yield case("Extreme", (4, 6), operation=name, axis=axis, keepdims=kept)
    for axis, other, way in product((1, 2), (True, False), (True, False)):
        yield case("Sort", (4, 6), axis=axis, descending=other)
        yield case("Cumulative", (4, 6), axis=axis, exclusive=other, reverse=way)
    yield case("Gather", (4, 6), axis=-1, places=(5, 0, 0))
    yield case("Roll", (4, 6), axis=(1, 2), shift=(-1, 9))
    yield case("OneHot", (4, 6), classes=3)
    yield case("WholePart", (4, 6))
    yield case("Filled", (4, 6), value=0.5)
    for name in ("and", "or", "xor"):
        yield case("Logical", (4, 6), (4, 1), operation=name)


def on_pictures() -> Iterator[Case]:
    sides = ((1, 2), (3, 0), (0, 2))
    yield case("Pad", (4, 5, 3), sides=sides, value=0.5)
    for mode in ("constant", "reflect", "symmetric"):
        yield case("Pad", (4, 5, 3), sides=sides, mode=mode)
    yield case("DepthToSpace", (2, 3, 8), block=2)
    yield case("SpaceToDepth", (4, 6, 3), block=2)
    for padding, s, d in product(("valid", "same"), (1, 2, 3), (1, 2)):
        if s == 1 or d == 1:
            yield case(
                "Patches",
                (9, 10, 2),
                size=(3, 2),
                strides=(s, s),
                dilation_rate=(d, d),
                padding=padding,
            )
    yield case("PictureStandardization", (4, 5, 3))
    yield case("Grey", (4, 5, 3))


def equations() -> Iterator[Case]:
    kind = "EinsumDense"
    yield case(kind, (4, 6), equation="abc,cd->abd", output_sizes=(None, 5), bias_axes="d")
    yield case(kind, (4, 6), equation="abc,cd->abd", output_sizes=(4, 5))
    yield case(kind, (4, 6), equation="...x,xy->...y", output_sizes=5, bias_axes="y")
    yield case(
        kind, (4, 6), equation="abc,cde->abde", output_sizes=(None, 2, 3), bias_axes="de",
        activation="relu",
    )  # fmt: skip
    yield case(kind, (4, 6), equation="abc,bd->adc", output_sizes=(3, 6), bias_axes="d")


def held() -> Iterator[Case]:
    """Layers inside others, and cells."""
    dense = made("Dense", units=3, activation="relu")
    conv = made("Conv2D", filters=3, kernel_size=(3, 3))
    yield case("SpectralNormalization", (4, 6), layer=dense)
    yield case("SpectralNormalization", (5, 6, 2), layer=conv)
    for kind, every, back in product(CELLS, (True, False), (True, False)):
        two = made("StackedRNNCells", cells=(made(kind, units=4), made("GRU", units=3)))
        ways: dict[str, Any] = {"return_sequences": every, "go_backwards": back}
        yield case("RNN", (5, 3), cell=made(kind, units=4), **ways)
        yield case("RNN", (6, 3), cell=two, **ways)


def looked_up() -> Iterator[Case]:
    yield case("Embedding", (5,), input_dim=7, output_dim=3)
    yield case("Embedding", (4, 5), input_dim=7, output_dim=3)


def nothing() -> Iterator[Case]:
    """What does nothing at prediction."""
    other = {"SpatialDropout1D": (9, 3), "SpatialDropout3D": (4, 8, 9, 3)}
    for kind in sorted(DOES_NOTHING):
        yield case(kind, other.get(kind, (8, 9, 3)))


FAMILIES = (
    windows, transposed, other_windows, sizes, functions, norms, shapes, arithmetic, sequences,
    cells, both_ways, steps, local, heads, attention, cells_of_a_grid, joined, looked_up, nothing,
    operations, equations, selections, on_pictures, held, with_states, scores,
)  # fmt: skip
CASES = [item for family in FAMILIES for item in family()]


def named(item: Case) -> str:
    """A case in words."""
    kind, taken, settings = item
    return f"{kind}{taken}{settings}"


def inputs_of(item: Case) -> list[Array]:
    """Three samples of each input: of order 1, above 0 where the layer asks for it, or words."""
    kind, taken, settings = item
    random = np.random.default_rng(1)
    if kind == "Embedding":
        return [random.integers(settings["input_dim"], size=(3, *s)).astype("f4") for s in taken]
    drawn = [random.normal(size=(3, *shape)).astype("f4") for shape in taken]
    named_function = {settings.get("function"), settings.get("operation")}
    if named_function & {"sqrt", "rsqrt", "log", "log1p", "log2", "log10", "power", "arccosh"}:
        least = np.float32(1.1 if "arccosh" in named_function else 0.1)
        return [np.abs(values) + least for values in drawn]
    if named_function & {"arcsin", "arccos", "arctanh"}:
        return [np.tanh(values) * np.float32(0.9) for values in drawn]
    return drawn
