"""Every question that is solved, against loops over all small numbers."""

from __future__ import annotations

import time
from typing import Any

import pytest
import sympy
from layer_chain import conv

from answers.errors import InputError
from answers.expressions.expression import evaluate
from answers.layers.base import Layer
from answers.layers.convolution import Conv1D, Conv3D, DepthwiseConv2D
from answers.layers.core import Dense, Flatten
from answers.solving.depth import layers_for_field
from answers.solving.padding import padding_for, padding_that_keeps
from answers.solving.parameters import Unknown, setting_for_parameters
from answers.solving.solved import Near, Solved, Span
from answers.solving.stride import stride_for

MUCH = 10**30


def values(solved: Solved, limit: int) -> list[int]:
    return [value for value in range(limit) if any(value in span for span in solved.solutions)]


# --- parameters: by the textbook's formula (k·k·c/g + 1)·f


def parameters_by_hand(k: int, c: int, f: int, g: int, *, bias: bool) -> int:
    return k * k * (c // g) * f + (f if bias else 0)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize(("c", "f"), [(1, 1), (3, 2), (4, 7)])
def test_a_kernel_is_found_for_every_number_that_has_one(c: int, f: int, bias: bool) -> None:
    by_count = {parameters_by_hand(k, c, f, 1, bias=bias): k for k in range(1, 40)}
    for wanted in range(1, 1000):
        found = setting_for_parameters(wanted, "kernel", conv(f, 1, use_bias=bias), (None, None, c))
        assert found.only == by_count.get(wanted)


@pytest.mark.parametrize("groups", [1, 2, 3])
@pytest.mark.parametrize("bias", [True, False])
def test_filters_and_channels_are_found_as_multiples_of_the_groups(groups: int, bias: bool) -> None:
    layer = conv(groups, 3, groups=groups, use_bias=bias)
    sides = range(groups, 400, groups)
    filters = {parameters_by_hand(3, 2 * groups, f, groups, bias=bias): f for f in sides}
    channels = {parameters_by_hand(3, c, groups, groups, bias=bias): c for c in sides}
    for wanted in range(1, 600):
        shape = (None, None, 2 * groups)
        assert setting_for_parameters(wanted, "filters", layer, shape).only == filters.get(wanted)
        assert setting_for_parameters(wanted, "channels", layer, shape).only == channels.get(wanted)


def test_the_next_settings_are_said_where_there_is_none() -> None:
    found = setting_for_parameters(4641, "filters", conv(1), (None, None, 16))
    assert found.solutions == ()
    assert (found.below, found.above) == (Near(32, 4640), Near(33, 4785))
    assert "32 filters give 4,640, 33 filters give 4,785" in found.answer


def test_fewer_parameters_than_one_filter_has_have_nothing_below() -> None:
    found = setting_for_parameters(3, "filters", conv(1), (None, None, 16))
    assert (found.below, found.above) == (None, Near(1, 145))


LAYERS: list[tuple[Unknown, Layer, tuple[Any, ...], int, int, str]] = [
    ("kernel", conv(32, 1), (None, None, 16), 4640, 3, "A kernel of 3x3 gives 4,640"),
    ("filters", conv(1), (32, 32, 3), 448, 16, "16 filters give 448"),
    ("channels", conv(32), (None, None, 1), 4640, 16, "16 input channels give 4,640"),
    ("filters", Dense(units=1), (1024,), 131_200, 128, "128 units give 131,200"),
    ("channels", Dense(units=128), (1,), 131_200, 1024, "1,024 input channels give"),
    ("kernel", Conv1D(filters=4, kernel_size=(1,)), (None, 2), 5 * 8 + 4, 5, "A kernel of 5 gives"),
    ("kernel", Conv3D(filters=4, kernel_size=(1, 1, 1)), (None, None, None, 2), 27 * 8 + 4, 3, "3x3x3"),
    ("channels", DepthwiseConv2D(kernel_size=(3, 3)), (None, None, 1), 160, 16, "16 input channels"),
]  # fmt: skip


@pytest.mark.parametrize("case", LAYERS, ids=lambda case: f"{case[0]} {case[1].kind}")
def test_the_setting_of_any_layer_with_a_formula_is_found(case: Any) -> None:
    unknown, layer, shape, wanted, value, words = case
    found = setting_for_parameters(wanted, unknown, layer, shape)
    assert found.only == value
    assert words in found.answer
    step = found.steps[-1]
    assert step.substitution is not None
    assert evaluate(step.substitution, {}) == step.value == wanted


@pytest.mark.parametrize(
    ("unknown", "layer", "shape", "words"),
    [
        ("filters", DepthwiseConv2D(kernel_size=(3, 3)), (None, None, 4), "has no number"),
        ("kernel", Dense(units=3), (4,), "has no kernel size"),
        ("channels", Flatten(), (4, 4, 3), "don't depend on"),
    ],
)
def test_a_setting_that_does_not_matter_is_no_question(
    unknown: Unknown, layer: Layer, shape: Any, words: str
) -> None:
    with pytest.raises(InputError, match=words):
        setting_for_parameters(7, unknown, layer, shape)


def test_letters_must_be_numbers_first() -> None:
    letter: Any = sympy.Symbol("c", integer=True, positive=True)
    with pytest.raises(InputError, match="Give every letter a number"):
        setting_for_parameters(7, "kernel", conv(3, 1), (None, None, letter))


# --- padding, stride: by counting windows


def windows(length: int, reach: int, stride: int) -> int:
    """How many starts 0, s, 2s … leave room for the window."""
    return sum(1 for start in range(0, length, stride) if start + reach <= length)


@pytest.mark.parametrize("kernel", range(1, 6))
@pytest.mark.parametrize("dilation", [1, 2])
@pytest.mark.parametrize("stride", [1, 2, 3])
def test_paddings_are_all_that_give_the_size(kernel: int, dilation: int, stride: int) -> None:
    reach = (kernel - 1) * dilation + 1
    for size in range(1, 9):
        for output in range(1, 9):
            right = [p for p in range(40) if windows(size + p, reach, stride) == output]
            settings = {"kernel": kernel, "dilation": dilation, "stride": stride}
            assert values(padding_for(size, output, **settings), 40) == right


@pytest.mark.parametrize("kernel", range(1, 8))
@pytest.mark.parametrize("dilation", [1, 2, 3])
def test_the_padding_that_keeps_a_size_keeps_all_of_them(kernel: int, dilation: int) -> None:
    reach = (kernel - 1) * dilation + 1
    total = padding_that_keeps(kernel, dilation=dilation).only
    assert total is not None
    assert all(windows(size + total, reach, 1) == size for size in range(1, 20))


def test_an_even_kernel_needs_unequal_ends() -> None:
    assert "1 before and 2 after" in padding_that_keeps(4).answer
    assert "can't be equal" in padding_that_keeps(4).answer
    assert "1 at each end" in padding_that_keeps(3).answer


@pytest.mark.parametrize("kernel", range(1, 6))
@pytest.mark.parametrize("stride", [1, 2, 3])
def test_the_ends_are_called_unequal_only_where_no_even_number_of_zeros_will_do(
    kernel: int, stride: int
) -> None:
    for size in range(1, 9):
        for output in range(1, 9):
            right = [p for p in range(60) if windows(size + p, kernel, stride) == output]
            found = padding_for(size, output, kernel=kernel, stride=stride)
            assert ("can't be equal" in found.answer) == (
                bool(right) and all(zeros % 2 for zeros in right)
            )


def test_the_kernel_that_would_make_equal_ends_is_named_rightly() -> None:
    assert "over an odd number" in padding_for(8, 8, kernel=4).answer
    assert "over an even number" in padding_for(5, 4, kernel=3).answer
    assert padding_for(5, 4, kernel=4).only == 2


def test_no_padding_keeps_every_size_when_there_is_a_stride() -> None:
    found = padding_that_keeps(3, stride=2)
    assert found.solutions == ()
    assert "n/2, rounded up" in found.answer
    assert values(padding_that_keeps(3, stride=2, size=8), 60) == [9, 10]


@pytest.mark.parametrize("kernel", range(1, 5))
@pytest.mark.parametrize("dilation", [1, 2])
def test_strides_are_all_that_give_the_size(kernel: int, dilation: int) -> None:
    reach = (kernel - 1) * dilation + 1
    for size in range(reach, 16):
        for output in range(1, 17):
            right = [s for s in range(1, 40) if windows(size, reach, s) == output]
            found = stride_for(size, output, kernel=kernel, dilation=dilation)
            assert values(found, 40) == right
            if not right and found.below and found.above:
                assert found.below.gives < output < found.above.gives


def test_strides_of_same_padding_are_all_that_give_the_size() -> None:
    for size in range(1, 30):
        for output in range(1, 31):
            right = [s for s in range(1, 40) if -(-size // s) == output]
            assert values(stride_for(size, output, padding="same"), 40) == right


def test_a_kernel_that_does_not_fit_has_no_stride() -> None:
    assert "does not fit into 3 positions" in stride_for(3, 1, kernel=5).answer


STRIDES = [
    (stride_for(32, 15, kernel=3), "A stride of 2 gives 15 positions."),
    (stride_for(32, 1, kernel=3), "Strides of 30 on give 1 position."),
    (stride_for(32, 12, kernel=3), "No stride gives 12 positions. A stride of 2 gives 15, one of 3 gives 10."),
    (stride_for(32, 40, kernel=3), "No stride gives 40 positions: a stride of 1 gives 30 only."),
]  # fmt: skip


@pytest.mark.parametrize(("found", "answer"), STRIDES)
def test_strides_are_answered_in_whole_sentences(found: Solved, answer: str) -> None:
    assert found.answer == answer


# --- how many layers: the field grows by (e − 1)·(product of the strides before)


@pytest.mark.parametrize("kernel", range(2, 6))
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("dilation", [1, 2])
def test_the_number_of_layers_is_the_first_whose_field_is_large_enough(
    kernel: int, stride: int, dilation: int
) -> None:
    for wanted in range(1, 120):
        field, jump, count = 1, 1, 0
        while field < wanted:
            field, jump, count = field + (kernel - 1) * dilation * jump, jump * stride, count + 1
        found = layers_for_field(wanted, kernel, stride=stride, dilation=dilation)
        assert found.only == count
        assert found.above == (None if field == wanted else Near(count, field))
        assert found.steps[-1].value == (field if count else (kernel - 1) * dilation + 1)


def test_layers_of_one_pixel_never_see_more() -> None:
    found = layers_for_field(3, 1, stride=2)
    assert found.solutions == ()
    assert "never 3" in found.answer
    assert layers_for_field(1, 1).only == 0


# --- bounds


@pytest.mark.parametrize(
    "question",
    [
        lambda: setting_for_parameters(MUCH, "kernel", conv(32, 1), (None, None, 16)),
        lambda: setting_for_parameters(2**4000, "filters", conv(1), (None, None, 16)),
        lambda: stride_for(MUCH, 7, kernel=3),
        lambda: stride_for(MUCH, MUCH // 3, kernel=MUCH // 7),
        lambda: padding_for(MUCH, MUCH, kernel=3, stride=MUCH),
        lambda: layers_for_field(MUCH, 3),
        lambda: layers_for_field(2**4000, 3, stride=2),
    ],
)
def test_absurd_numbers_are_answered_at_once(question: Any) -> None:
    before = time.process_time()
    assert question().answer
    assert time.process_time() - before < 3


@pytest.mark.parametrize(
    ("question", "words"),
    [
        (lambda: setting_for_parameters(0, "kernel", conv(1, 1), (1, 1, 1)), "at least 1, but it is 0"),
        (lambda: stride_for(-3, 2), "size must be at least 1, but it is -3"),
        (lambda: padding_that_keeps(0), "kernel must be at least 1"),
        (lambda: layers_for_field(5, 3, stride=0), "stride must be at least 1"),
        (lambda: layers_for_field(2**5000, 3), "larger than 2\\^4096"),
    ],
)  # fmt: skip
def test_numbers_that_mean_nothing_are_refused(question: Any, words: str) -> None:
    with pytest.raises(InputError, match=words):
        question()


def test_a_span_is_read_as_people_say_it() -> None:
    assert [str(Span(1, 1)), str(Span(2, 5)), str(Span(30, None))] == ["1", "2 to 5", "30 on"]
