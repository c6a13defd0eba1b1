"""What a layer can't take, in the words that a person reads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from answers.errors import InputError
from answers.layers.activation import Activation, PReLU, ReLU, Softmax
from answers.layers.attention import MultiHeadAttention
from answers.layers.base import MOST_AXES, Shape, axis_of, possible, text
from answers.layers.convolution import Conv2D, Conv2DTranspose, DepthwiseConv2D
from answers.layers.core import Dense, Flatten, InputLayer, Permute, RepeatVector, Reshape
from answers.layers.locally_connected import LocallyConnected1D
from answers.layers.merging import Add, Concatenate, Dot, Subtract
from answers.layers.normalization import BatchNormalization
from answers.layers.pooling import GlobalMaxPooling2D, MaxPooling2D
from answers.layers.preprocessing import Normalization
from answers.layers.recurrent import GRU, LSTM
from answers.layers.resampling import Cropping2D, Resizing, UpSampling2D, ZeroPadding2D
from answers.layers.scaling import LayerScale
from answers.layers.unknown import Unknown
from answers.layers.wrappers import Bidirectional, TimeDistributed


def conv(kernel: int, filters: int = 8, groups: int = 1, dilation: int = 1) -> Conv2D:
    return Conv2D(
        filters=filters,
        kernel_size=(kernel, kernel),
        groups=groups,
        dilation_rate=(dilation, dilation),
    )


@dataclass(frozen=True)
class Case:
    name: str
    run: Callable[[], object]
    code: str
    words: str


CASES = [
    Case(
        "window larger than the picture",
        lambda: conv(5).output_shape((4, 9, 3)),
        "window-too-large",
        "A window that reaches over 5 does not fit into an axis of 4",
    ),
    Case(
        "dilated window larger than the picture",
        lambda: conv(3, dilation=3).output_shape((9, 6, 3)),
        "window-too-large",
        "A window that reaches over 7 does not fit into an axis of 6",
    ),
    Case(
        "pool larger than the picture",
        lambda: MaxPooling2D().output_shape((1, 4, 3)),
        "window-too-large",
        "reaches over 2 does not fit into an axis of 1",
    ),
    Case(
        "transposed convolution to nothing",
        lambda: Conv2DTranspose(
            filters=1, kernel_size=(4, 4), strides=(2, 2), padding="same", output_padding=(0, 0)
        ).output_shape((1, 5, 3)),
        "window-too-large",
        "Nothing is left of an axis of 1",
    ),
    Case(
        "output_padding as large as the stride",
        lambda: Conv2DTranspose(
            filters=1, kernel_size=(3, 3), strides=(2, 2), output_padding=(1, 2)
        ),
        "output-padding",
        r"output_padding \(1, 2\) must be smaller than strides \(2, 2\)",
    ),
    Case(
        "stride and dilation",
        lambda: Conv2D(filters=1, kernel_size=(3, 3), strides=(1, 2), dilation_rate=(2, 1)),
        "stride-and-dilation",
        r"Conv2D can't have strides \(1, 2\) and dilation_rate \(2, 1\) together",
    ),
    Case(
        "groups and channels",
        lambda: conv(3, filters=6, groups=2).output_shape((9, 9, 3)),
        "groups-do-not-divide",
        "2 groups must divide the 3 channels and the 6 filters",
    ),
    Case(
        "groups and filters",
        lambda: conv(3, filters=3, groups=2).weights((9, 9, 4)),
        "groups-do-not-divide",
        "2 groups must divide the 4 channels and the 3 filters",
    ),
    Case(
        "half a state",
        lambda: LSTM(units=4).output_shape((5, 3), (4,)),
        "input-count",
        "LSTM takes its steps, and perhaps a state of 2: it gets 2 inputs",
    ),
    Case(
        "a state of another size",
        lambda: GRU(units=4).output_shape((5, 3), (3,)),
        "shapes-differ",
        "GRU begins with a state of 4, not of 3",
    ),
    Case(
        "a state of another size for the way back",
        lambda: Bidirectional(layer=GRU(units=4)).output_shape((5, 3), (4,), (3,)),
        "shapes-differ",
        "GRU begins with a state of 4, not of 3",
    ),
    Case(
        "one state for two directions",
        lambda: Bidirectional(layer=GRU(units=4)).output_shape((5, 3), (4,)),
        "input-count",
        "Bidirectional takes its steps, and perhaps a state of 2: it gets 2 inputs",
    ),
    Case(
        "a state from one direction alone",
        lambda: Bidirectional(
            layer=GRU(units=4, return_state=True),
            backward_layer=GRU(units=4, go_backwards=True),
        ),
        "config-value",
        "must have the same return_state",
    ),
    Case(
        "states at each step",
        lambda: TimeDistributed(layer=GRU(units=4, return_state=True)),
        "config-value",
        "A TimeDistributed around a GRU with several outputs has no meaning",
    ),
    Case(
        "looking back in pictures",
        lambda: MultiHeadAttention(num_heads=1, key_dim=2, use_causal_mask=True).output_shape(
            (4, 5, 6), (4, 5, 6)
        ),
        "config-value",
        "use_causal_mask needs a row of positions",
    ),
    Case(
        "a vector for a convolution",
        lambda: conv(3).output_shape((128,)),
        "input-rank",
        "The layer takes 2 spatial sizes and channels, but its input is 128",
    ),
    Case(
        "a video for a pooling",
        lambda: GlobalMaxPooling2D().output_shape((3, 32, 32, 3)),
        "input-rank",
        "but its input is 3x32x32x3",
    ),
    Case(
        "a single number for a pooling",
        lambda: MaxPooling2D().output_shape(()),
        "input-rank",
        "but its input is a single number",
    ),
    Case(
        "open channels",
        lambda: conv(3).weights((32, 32, None)),
        "size-unknown",
        r"The number of channels is left open, but",
    ),
    Case(
        "dense on open features",
        lambda: Dense(units=3).output_shape((None,)),
        "size-unknown",
        "The last size of the input of a Dense layer is left open",
    ),
    Case("dense on nothing", lambda: Dense(units=3).output_shape(()), "input-rank", "an axis"),
    Case(
        "two inputs",
        lambda: ReLU().output_shape((3,), (3,)),
        "input-count",
        "The layer takes one input, but it gets 2",
    ),
    Case(
        "an input layer that is called",
        lambda: InputLayer(shape=(3,)).output_shape((3,)),
        "input-count",
        "An InputLayer takes no input",
    ),
    Case(
        "numbers that do not fit",
        lambda: Reshape(target_shape=(4, 5)).output_shape((3, 7)),
        "reshape",
        "3x7 holds 21 numbers, which do not fit into 4x5",
    ),
    Case(
        "numbers that leave a rest",
        lambda: Reshape(target_shape=(-1, 5)).output_shape((3, 7)),
        "reshape",
        r"3x7 holds 21 numbers, which do not fit into \?x5",
    ),
    Case(
        "one input to add",
        lambda: Add().output_shape((3,)),
        "input-count",
        "The layer joins inputs, but it gets 1",
    ),
    Case(
        "one input to join",
        lambda: Concatenate().output_shape((3,)),
        "input-count",
        "The layer joins inputs, but it gets 1",
    ),
    Case(
        "sum of other heights",
        lambda: Add().output_shape((30, 30, 64), (16, 16, 64)),
        "shapes-differ",
        "The inputs can't be joined: their shapes are 30x30x64, 16x16x64",
    ),
    Case(
        "sum of other ranks",
        lambda: Add().output_shape((8, 8, 3), (4,)),
        "shapes-differ",
        "their shapes are 8x8x3, 4",
    ),
    Case(
        "skip of another height",
        lambda: Concatenate().output_shape((30, 30, 64), (16, 16, 192)),
        "shapes-differ",
        "their shapes are 30x30x64, 16x16x192",
    ),
    Case(
        "join of other ranks",
        lambda: Concatenate().output_shape((8, 8, 3), (8, 8)),
        "shapes-differ",
        "their shapes are 8x8x3, 8x8",
    ),
    Case(
        "join along an axis that is not there",
        lambda: Concatenate(axis=4).output_shape((8, 8, 3), (8, 8, 3)),
        "input-rank",
        "The input 8x8x3 has no axis 4",
    ),
    Case(
        "join along the batch",
        lambda: Concatenate(axis=-4).output_shape((8, 8, 3), (8, 8, 3)),
        "batch-axis",
        "Axis -4 of the input 8x8x3 is the batch",
    ),
    Case("join along axis 0", lambda: Concatenate(axis=0), "batch-axis", "would mix the pictures"),
    Case("softmax over axis 0", lambda: Softmax(axis=0), "batch-axis", "would mix the pictures"),
    Case(
        "softmax over the batch",
        lambda: Softmax(axis=-2).output_shape((10,)),
        "batch-axis",
        "Axis -2 of the input 10 is the batch",
    ),
    Case(
        "softmax over an axis that is not there",
        lambda: Softmax(axis=3).output_shape((10,)),
        "input-rank",
        "The input 10 has no axis 3",
    ),
    Case(
        "normalisation over axis 0",
        lambda: BatchNormalization(axis=0),
        "batch-axis",
        "would mix the pictures",
    ),
    Case(
        "normalisation over the batch",
        lambda: BatchNormalization(axis=-4).weights((8, 8, 3)),
        "batch-axis",
        "Axis -4 of the input 8x8x3 is the batch",
    ),
    Case(
        "normalisation over an axis that is not there",
        lambda: BatchNormalization(axis=4).weights((8, 8, 3)),
        "input-rank",
        "The input 8x8x3 has no axis 4",
    ),
    Case(
        "cropped to nothing",
        lambda: Cropping2D(cropping=((2, 2), (0, 0))).output_shape((4, 9, 3)),
        "window-too-large",
        r"Cropping2D takes 2 \+ 2 positions away from an axis of 4: nothing is left",
    ),
    Case(
        "three inputs to subtract",
        lambda: Subtract().output_shape((3,), (3,), (3,)),
        "input-count",
        "Subtract joins two inputs, but it gets 3",
    ),
    Case(
        "dot over other lengths",
        lambda: Dot(axes=2).output_shape((4, 5), (4, 6)),
        "shapes-differ",
        "Dot sums over 5 numbers of 4x5 and 6 of 4x6",
    ),
    Case(
        "order of too few axes",
        lambda: Permute(dims=(2, 1)).output_shape((4, 5, 3)),
        "input-rank",
        "The layer takes 2 axes, but its input is 4x5x3",
    ),
    Case(
        "order that names an axis twice",
        lambda: Permute(dims=(1, 1)),
        "config-value",
        r"Permute.dims \(1, 1\) must name each axis from 1 on once",
    ),
    Case(
        "a picture repeated",
        lambda: RepeatVector(n=2).output_shape((4, 5)),
        "input-rank",
        "The layer takes a vector, but its input is 4x5",
    ),
    Case(
        "a slope shared along the batch",
        lambda: PReLU(shared_axes=(0, 1)),
        "config-value",
        r"PReLU.shared_axes \(0, 1\) must count the axes from 1",
    ),
    Case(
        "a slope shared along an axis that is not there",
        lambda: PReLU(shared_axes=3).weights((4, 5)),
        "input-rank",
        "The input 4x5 has no axis 3",
    ),
    Case(
        "slopes for an open size",
        lambda: PReLU().weights((None, 5)),
        "size-unknown",
        "A size of the input of a PReLU is left open",
    ),
    Case(
        "half of odd channels",
        lambda: Activation(activation="glu").output_shape((4, 5)),
        "activation-shape",
        "'glu' halves the channels, but those of 4x5 are odd",
    ),
    Case(
        "half of an odd number of filters",
        lambda: Conv2D(filters=5, kernel_size=(3, 3), activation="glu").output_shape((6, 6, 3)),
        "activation-shape",
        "'glu' halves the channels, but those of 4x4x5 are odd",
    ),
    Case(
        "half of an odd number of locally connected filters",
        lambda: LocallyConnected1D(filters=5, kernel_size=(3,), activation="glu").output_shape(
            (6, 3)
        ),
        "activation-shape",
        "'glu' halves the channels, but those of 4x5 are odd",
    ),
    Case(
        "means for other channels",
        lambda: Normalization(mean=(0.5, 0.5), variance=(1.0, 1.0)).output_shape((4, 4, 3)),
        "shapes-differ",
        "A Normalization with 2 means can't work on 4x4x3",
    ),
    Case(
        "a mean without a variance",
        lambda: Normalization(mean=0.5),
        "config-value",
        "both a mean and a variance, or neither",
    ),
    Case(
        "cropped and padded at once",
        lambda: Resizing(height=2, width=2, crop_to_aspect_ratio=True, pad_to_aspect_ratio=True),
        "config-value",
        "can't have crop_to_aspect_ratio and pad_to_aspect_ratio together",
    ),
    Case(
        "factors for other channels",
        lambda: LayerScale(init_values=0.1, projection_dim=4).output_shape((4, 4, 3)),
        "shapes-differ",
        "A LayerScale of 4 factors can't scale 4x4x3",
    ),
    Case(
        "the shape of a layer without a rule",
        lambda: Unknown(class_name="Mystery").output_shape((4, 4, 3)),
        "layer-unknown",
        "There is no rule for the shape of a Mystery layer",
    ),
    Case(
        "the parameters of a layer without a rule",
        lambda: Unknown(class_name="Mystery").weights((4, 4, 3)),
        "layer-unknown",
        "There is no rule for the parameters of a Mystery layer",
    ),
    Case(
        "the cost of a layer without a rule",
        lambda: Unknown(class_name="Mystery").macs((4, 4, 3)),
        "layer-unknown",
        "There is no rule for the multiplications of a Mystery layer",
    ),
    Case(
        "negative epsilon",
        lambda: BatchNormalization(epsilon=-0.1),
        "config-value",
        "epsilon must not be negative: -0.1",
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_does_not_fit_is_said_with_the_values(case: Case) -> None:
    with pytest.raises(InputError, match=case.words) as caught:
        case.run()
    assert caught.value.code == case.code


@pytest.mark.parametrize("shapes", [((14, 14, 3), (14, 14, 256)), ((14, 14, 256), (14, 14, 3))])
def test_a_residual_sum_of_other_channels_names_both_ways_out(shapes: tuple[Shape, ...]) -> None:
    with pytest.raises(InputError, match="14x14x3") as caught:
        Add().output_shape(*shapes)
    assert "a 1x1 convolution with 256 filters on the input that has 3 channels" in (
        caught.value.hint
    )
    assert "3 filters in the last convolution of the branch that has 256" in caught.value.hint


def test_a_sum_with_a_single_channel_is_stretched_as_keras_does() -> None:
    assert Add().output_shape((14, 14, 1), (14, 14, 256)) == (14, 14, 256)


def test_strides_and_dilation_may_meet_in_a_depthwise_convolution() -> None:
    layer = DepthwiseConv2D(kernel_size=(3, 3), strides=(2, 2), dilation_rate=(2, 2))
    assert layer.output_shape((9, 9, 4)) == (3, 3, 4)


OPEN: list[tuple[str, Shape, Shape]] = [
    ("conv", conv(3).output_shape((None, 9, 3)), (None, 7, 8)),
    ("pool", MaxPooling2D().output_shape((9, None, 3)), (4, None, 3)),
    ("global pool", GlobalMaxPooling2D().output_shape((None, None, 3)), (3,)),
    (
        "transposed",
        Conv2DTranspose(filters=2, kernel_size=(3, 3)).output_shape((None, 4, 3)),
        (None, 6, 2),
    ),
    ("padding", ZeroPadding2D().output_shape((None, 4, 3)), (None, 6, 3)),
    ("up-sampling", UpSampling2D().output_shape((None, 4, 3)), (None, 8, 3)),
    ("resizing", Resizing(height=4, width=5).output_shape((None, None, 3)), (4, 5, 3)),
    ("flatten", Flatten().output_shape((None, 4, 3)), (None,)),
    ("reshape", Reshape(target_shape=(-1, 3)).output_shape((None, 4, 3)), (None, 3)),
    ("dense", Dense(units=2).output_shape((None, 4)), (None, 2)),
    ("sum with an open size", Add().output_shape((None, 4), (8, 4)), (8, 4)),
    ("sum with a stretched size", Add().output_shape((None, 4), (1, 4)), (None, 4)),
    ("join of an open size", Concatenate().output_shape((None, 4), (8, 4)), (8, 8)),
    ("join along an open size", Concatenate(axis=1).output_shape((None, 4), (8, 4)), (None, 4)),
]


@pytest.mark.parametrize(("name", "made", "shape"), OPEN, ids=[case[0] for case in OPEN])
def test_an_open_size_stays_open_unless_something_settles_it(
    name: str, made: Shape, shape: Shape
) -> None:
    assert made == shape, name


@pytest.mark.parametrize(("axis", "place"), [(1, 0), (2, 1), (3, 2), (-1, 2), (-2, 1), (-3, 0)])
def test_an_axis_is_counted_with_the_batch(axis: int, place: int) -> None:
    assert axis_of(axis, (5, 6, 7)) == place


@pytest.mark.parametrize(
    ("shape", "code", "words"),
    [
        ((2**62, 3), "tensor-too-large", "The output is too large: 4611686018427387904x3"),
        (
            (None, 2**32, 2**32),
            "tensor-too-large",
            r"The output is too large: \?x4294967296x4294967296",
        ),
        ((1,) * (MOST_AXES + 1), "too-many-axes", "The output has 33 axes; the limit is 32"),
    ],
    ids=["numbers", "numbers beside an open size", "axes"],
)
def test_a_shape_that_no_array_can_have_is_refused(shape: Shape, code: str, words: str) -> None:
    with pytest.raises(InputError, match=words) as caught:
        possible(shape)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("shape", "words"), [((32, 32, 3), "32x32x3"), ((None, 3), "?x3"), ((), "a single number")]
)
def test_a_shape_is_written_for_people(shape: Shape, words: str) -> None:
    assert text(shape) == words
    assert possible(shape) == shape
