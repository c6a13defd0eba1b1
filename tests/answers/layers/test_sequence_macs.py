"""What recurrent and attention layers multiply and read, against loops that do it.

The loops multiply numbers that count how often they are multiplied; nothing of our formulas is
used in them.
"""

from __future__ import annotations

from itertools import product
from math import ceil, prod
from typing import Any, Literal

import pytest

from answers.errors import InputError
from answers.layers.attention import (
    AdditiveAttention,
    Attention,
    GroupQueryAttention,
    MultiHeadAttention,
)
from answers.layers.base import Layer, Shape
from answers.layers.convolution import Conv2D
from answers.layers.convolved_steps import ConvLSTM1D, ConvLSTM2D, ConvLSTM3D
from answers.layers.core import Dense, Flatten
from answers.layers.embedding import Embedding
from answers.layers.normalization import (
    BatchNormalization,
    GroupNormalization,
    LayerNormalization,
    RMSNormalization,
    UnitNormalization,
)
from answers.layers.recurrent import GRU, LSTM, SimpleRNN
from answers.layers.taps import EVERYTHING, ITSELF, UNRULED, Everything, Taps
from answers.layers.wrappers import Bidirectional, TimeDistributed

Matrix = list[list[float]]


class Counter:
    """A multiplier of matrices that counts."""

    def __init__(self) -> None:
        self.used = 0

    def product(self, a: Matrix, b: Matrix) -> Matrix:
        result = [[0.0] * len(b[0]) for _ in a]
        for i, row in enumerate(a):
            for j, _ in enumerate(b[0]):
                for k, value in enumerate(row):
                    self.used += 1
                    result[i][j] += value * b[k][j]
        return result


def ones(rows: int, columns: int) -> Matrix:
    return [[1.0] * columns for _ in range(rows)]


def transposed(matrix: Matrix) -> Matrix:
    return [list(column) for column in zip(*matrix, strict=True)]


def cell(steps: int, channels: int, units: int, gates: int) -> int:
    """Each gate multiplies the step's numbers and the state by matrices of its own."""
    times, state = Counter(), ones(1, units)
    for _, _ in product(range(steps), range(gates)):
        times.product(ones(1, channels), ones(channels, units))
        times.product(state, ones(units, units))
    return times.used


SIZES = [(1, 1, 1), (5, 3, 4), (4, 6, 2)]


@pytest.mark.parametrize(("steps", "channels", "units"), SIZES)
@pytest.mark.parametrize("sequences", [True, False])
def test_recurrent_layers_multiply_as_often_as_their_loops(
    steps: int, channels: int, units: int, sequences: bool
) -> None:
    for kind, gates in ((SimpleRNN, 1), (GRU, 3), (LSTM, 4)):
        layer = kind(units=units, return_sequences=sequences)
        once = cell(steps, channels, units, gates)
        assert layer.macs((steps, channels)) == once
        assert Bidirectional(layer=layer).macs((steps, channels)) == 2 * once
        other = Bidirectional(
            layer=layer,
            backward_layer=LSTM(units=units, return_sequences=sequences, go_backwards=True),
        )
        assert other.macs((steps, channels)) == once + cell(steps, channels, units, 4)


@pytest.mark.parametrize("padding", ["valid", "same"])
def test_a_convolutional_lstm_multiplies_as_often_as_its_loop(
    padding: Literal["valid", "same"],
) -> None:
    settings: dict[str, Any] = {"filters": 3, "padding": padding}
    cases: list[tuple[Layer, Shape, int]] = [
        (ConvLSTM1D(kernel_size=(3,), strides=(2,), **settings), (4, 7, 2), 2),
        (ConvLSTM2D(kernel_size=(2, 3), **settings), (3, 5, 6, 2), 1),
        (ConvLSTM3D(kernel_size=(2, 1, 2), **settings), (2, 3, 4, 3, 1), 1),
    ]
    for layer, shape, stride in cases:
        kernel: tuple[int, ...] = layer.kernel_size  # type: ignore[attr-defined]  # of all three
        sizes = list(zip(shape[1:-1], kernel, strict=True))
        fits = padding == "valid"
        out = [len(range(0, n - k + 1, stride)) if fits else ceil(n / stride) for n, k in sizes]  # type: ignore[operator]  # sizes are known
        used = 0
        for _ in product(*map(range, (shape[0], *out, 4, 3))):  # type: ignore[arg-type]  # as above
            used += prod(kernel) * (shape[-1] + 3)  # type: ignore[operator]  # as above
        assert layer.macs(shape) == used


def attend(times: Counter, query: Matrix, key: Matrix, value: Matrix) -> Matrix:
    return times.product(times.product(query, transposed(key)), value)


def many_heads(
    queries: int,
    values: int,
    channels: tuple[int, int, int],
    heads: tuple[int, int],
    widths: tuple[int, int],
    out: int,
) -> int:
    """Projects, attends head by head, joins the heads, projects again."""
    times = Counter()
    (q, v, k), (many, few), (key_dim, value_dim) = channels, heads, widths
    of_query = [times.product(ones(queries, q), ones(q, key_dim)) for _ in range(many)]
    of_key = [times.product(ones(values, k), ones(k, key_dim)) for _ in range(few)]
    of_value = [times.product(ones(values, v), ones(v, value_dim)) for _ in range(few)]
    for head in range(many):
        shared = head * few // many
        attend(times, of_query[head], of_key[shared], of_value[shared])
    times.product(ones(queries, many * value_dim), ones(many * value_dim, out))
    return times.used


def test_attention_with_heads_multiplies_as_often_as_its_loop() -> None:
    for heads, key, value, bias in product((1, 2, 3), (1, 4), (None, 5), (True, False)):
        layer = MultiHeadAttention(num_heads=heads, key_dim=key, value_dim=value, use_bias=bias)
        widths = key, value or key
        loop = many_heads(5, 4, (8, 6, 7), (heads, heads), widths, 8)
        assert layer.macs((5, 8), (4, 6), (4, 7)) == loop
    shared = GroupQueryAttention(head_dim=3, num_query_heads=4, num_key_value_heads=2)
    assert shared.macs((5, 8), (6, 8)) == many_heads(5, 6, (8, 8, 8), (4, 2), (3, 3), 8)


def test_attention_over_one_axis_is_done_for_each_row_of_the_others() -> None:
    layer = MultiHeadAttention(num_heads=2, key_dim=3, attention_axes=(2,))
    once = many_heads(5, 5, (8, 8, 8), (2, 2), (3, 3), 8)
    assert layer.macs((3, 5, 8), (3, 5, 8)) == 3 * once
    whole = MultiHeadAttention(num_heads=2, key_dim=3)
    assert whole.macs((3, 5, 8), (3, 5, 8)) == many_heads(15, 15, (8, 8, 8), (2, 2), (3, 3), 8)
    wide = MultiHeadAttention(num_heads=2, key_dim=3, projected_shape=(2, 5))
    assert wide.macs((5, 8), (5, 8)) == many_heads(5, 5, (8, 8, 8), (2, 2), (3, 3), 10)


def test_plain_attention_multiplies_as_often_as_its_loop() -> None:
    times = Counter()
    attend(times, ones(5, 8), ones(4, 8), ones(4, 6))
    assert Attention().macs((5, 8), (4, 6), (4, 8)) == times.used
    means = Counter()
    means.product(ones(5, 4), ones(4, 6))
    assert Attention(score_mode="concat").macs((5, 8), (4, 6), (4, 8)) == means.used
    assert AdditiveAttention(use_scale=False).macs((5, 8), (4, 6), (4, 8)) == means.used
    scored = means.used + 5 * 4 * 8  # each pair: a vector of 8 times the scale, summed up
    assert AdditiveAttention().macs((5, 8), (4, 6), (4, 8)) == scored
    assert Attention().macs((3, 5, 8), (3, 4, 6), (3, 4, 8)) == 3 * times.used


def test_a_layer_on_each_step_multiplies_once_a_step() -> None:
    dense, conv = Dense(units=4), Conv2D(filters=4, kernel_size=(3, 3))
    assert TimeDistributed(layer=dense).macs((5, 6)) == 5 * dense.macs((6,))
    assert TimeDistributed(layer=conv).macs((5, 9, 8, 3)) == 5 * conv.macs((9, 8, 3))
    inside = LSTM(units=4)
    assert TimeDistributed(layer=inside).macs((3, 5, 6)) == 3 * inside.macs((5, 6))
    twice = TimeDistributed(layer=TimeDistributed(layer=dense))
    assert twice.macs((3, 5, 6)) == 15 * dense.macs((6,))
    assert TimeDistributed(layer=Flatten()).macs((3, 5, 6)) == 0


NOTHING: list[tuple[Layer, Shape]] = [
    (BatchNormalization(), (4, 6)),
    (LayerNormalization(axis=(1, 2)), (4, 6)),
    (GroupNormalization(groups=2), (4, 6)),
    (RMSNormalization(), (4, 6)),
    (UnitNormalization(), (4, 6)),
    (Embedding(input_dim=50, output_dim=6), (4,)),
]


@pytest.mark.parametrize(("layer", "shape"), NOTHING, ids=lambda item: str(item)[:20])
def test_normalising_and_looking_up_count_nothing(layer: Layer, shape: Shape) -> None:
    assert layer.macs(shape) == 0


def test_the_cost_of_an_open_number_of_steps_says_what_is_open() -> None:
    with pytest.raises(InputError, match="t is left open"):
        LSTM(units=4).macs((None, 3))


# --- symbols --------------------------------------------------------------------------------

SYMBOLIC: list[tuple[Layer, tuple[Shape, ...]]] = [
    (LSTM(units=5, return_sequences=True), ((7, 3),)),
    (GRU(units=5), ((7, 3),)),
    (Bidirectional(layer=SimpleRNN(units=5)), ((7, 3),)),
    (ConvLSTM2D(filters=4, kernel_size=(3, 3)), ((7, 9, 8, 3),)),
    (TimeDistributed(layer=Dense(units=5)), ((7, 3),)),
    (MultiHeadAttention(num_heads=2, key_dim=4), ((7, 3), (6, 5))),
    (GroupQueryAttention(head_dim=2, num_query_heads=4, num_key_value_heads=2), ((7, 3), (6, 3))),
    (Attention(), ((7, 3), (6, 3))),
    (LayerNormalization(axis=(1, 2)), ((7, 3),)),
    (GroupNormalization(groups=3), ((7, 6),)),
    (Embedding(input_dim=50, output_dim=4), ((7,),)),
]


@pytest.mark.parametrize(("layer", "shapes"), SYMBOLIC, ids=lambda item: str(item)[:24])
def test_with_symbols_for_the_sizes_the_same_comes_out(
    layer: Layer, shapes: tuple[Shape, ...]
) -> None:
    import sympy

    sizes = sorted({size for shape in shapes for size in shape if size is not None})
    symbols = {n: sympy.Symbol(f"s{n}", integer=True, positive=True) for n in sizes}
    back = {symbol: n for n, symbol in symbols.items()}
    written = tuple(tuple(symbols[size] for size in shape if size) for shape in shapes)

    def number(value: Any) -> Any:
        return sympy.sympify(value).subs(back)

    assert tuple(map(number, layer.output_shape(*written))) == layer.output_shape(*shapes)
    assert number(layer.macs(*written)) == layer.macs(*shapes)
    counted = [number(weight.size) for weight in layer.weights(*written)]
    assert counted == [weight.size for weight in layer.weights(*shapes)]


def test_units_and_heads_may_be_symbols_too() -> None:
    import sympy

    u, h, k = (sympy.Symbol(name, integer=True, positive=True) for name in "uhk")
    lstm = sum(weight.size for weight in LSTM(units=u).weights((7, 3)))
    assert sympy.expand(lstm - 4 * (u * (u + 3) + u)) == 0
    layer = MultiHeadAttention(num_heads=h, key_dim=k)
    heads = sum(weight.size for weight in layer.weights((7, 3), (7, 3)))
    assert sympy.expand(heads - (3 * h * k * (3 + 1) + 3 * (h * k + 1))) == 0


# --- what is read ---------------------------------------------------------------------------


def read(taps: Any, unit: int, size: int) -> set[int]:
    """The positions that a unit reads, as `taps` says."""
    if isinstance(taps, Everything):
        return set(range(size))
    assert isinstance(taps, Taps)
    turn, phase = divmod(unit, len(taps.runs))
    run = taps.runs[phase]
    assert run is not None
    start = turn * taps.step + run.first
    return {p for p in range(start, start + run.count * run.spacing, run.spacing) if 0 <= p < size}


def test_a_sequence_reads_what_came_before() -> None:
    forth = LSTM(units=2, return_sequences=True).taps((6, 3))[0]
    back = LSTM(units=2, return_sequences=True, go_backwards=True).taps((6, 3))[0]
    for unit in range(6):
        assert read(forth[0], unit, 6) == set(range(unit + 1))  # type: ignore[index]  # an axis
        assert read(back[0], unit, 6) == set(range(5 - unit, 6))  # type: ignore[index]  # an axis


def test_a_group_of_rows_reads_itself() -> None:
    (taps,) = GroupNormalization(groups=2, axis=1).taps((6, 3))
    for unit in range(6):
        assert read(taps[0], unit, 6) == ({0, 1, 2} if unit < 3 else {3, 4, 5})  # type: ignore[index]  # an axis


READS: list[tuple[str, Layer, tuple[Shape, ...], Any]] = [
    ("batch norm", BatchNormalization(), ((4, 5, 6),), ((ITSELF, ITSELF),)),
    ("layer norm", LayerNormalization(), ((4, 5, 6),), ((ITSELF, ITSELF),)),
    ("rows", LayerNormalization(axis=(1, 3)), ((4, 5, 6),), ((EVERYTHING, ITSELF),)),
    ("rms", RMSNormalization(axis=2), ((4, 5, 6),), ((ITSELF, EVERYTHING),)),
    ("unit norm", UnitNormalization(), ((4, 5, 6),), ((ITSELF, ITSELF),)),
    ("groups", GroupNormalization(groups=3), ((4, 5, 6),), ((EVERYTHING, EVERYTHING),)),
    ("embedding", Embedding(input_dim=9, output_dim=2), ((4,),), ((ITSELF,),)),
    ("last state", GRU(units=2), ((4, 3),), (EVERYTHING,)),
    ("open steps", GRU(units=2, return_sequences=True), ((None, 3),), ((EVERYTHING,),)),
    ("many steps", GRU(units=2, return_sequences=True), ((10**9, 3),), ((EVERYTHING,),)),
    (
        "both ways",
        Bidirectional(layer=GRU(units=2, return_sequences=True)),
        ((4, 3),),
        ((EVERYTHING,),),
    ),
    ("both last", Bidirectional(layer=GRU(units=2)), ((4, 3),), (EVERYTHING,)),
    ("steps", TimeDistributed(layer=Dense(units=2)), ((4, 3),), ((ITSELF,),)),
    ("flattened", TimeDistributed(layer=Flatten()), ((4, 3, 2),), (UNRULED,)),
    ("convolutional", ConvLSTM1D(filters=2, kernel_size=(3,)), ((4, 5, 2),), (UNRULED,)),
    (
        "heads",
        MultiHeadAttention(num_heads=2, key_dim=2),
        ((4, 3), (5, 3)),
        ((ITSELF,), (EVERYTHING,)),
    ),
    (
        "one axis",
        MultiHeadAttention(num_heads=2, key_dim=2, attention_axes=(1,)),
        ((4, 5, 3), (4, 5, 3), (4, 5, 3)),
        ((ITSELF, ITSELF), (EVERYTHING, ITSELF), (EVERYTHING, ITSELF)),
    ),
    ("plain", Attention(), ((4, 5, 3), (4, 6, 3)), ((ITSELF, ITSELF), (ITSELF, EVERYTHING))),
]


@pytest.mark.parametrize(
    ("layer", "shapes", "taps"), [r[1:] for r in READS], ids=[r[0] for r in READS]
)
def test_what_a_layer_reads(layer: Layer, shapes: tuple[Shape, ...], taps: Any) -> None:
    assert layer.taps(*shapes) == taps


# --- what can't be --------------------------------------------------------------------------

WRONG: list[tuple[str, Any, str]] = [
    ("epsilon", lambda: LayerNormalization(epsilon=-1.0), "must not be negative"),
    ("the batch", lambda: UnitNormalization(axis=(0, 1)), "would mix the pictures"),
    ("twice", lambda: LayerNormalization(axis=(1, -2)).weights((4, 5)), "each once"),
    ("groups 0", lambda: GroupNormalization(groups=0), "at least 1, or -1, not 0"),
    ("groups", lambda: GroupNormalization(groups=4).weights((4, 6)), "4 groups must divide the 6"),
    ("no rows", lambda: LSTM(units=2).output_shape((4,)), "takes 1 spatial sizes"),
    ("units 0", lambda: LSTM(units=0), "at least 1"),
    (
        "same way",
        lambda: Bidirectional(layer=GRU(units=2), backward_layer=GRU(units=2)),
        "must go in different directions",
    ),
    (
        "sequences",
        lambda: Bidirectional(
            layer=GRU(units=2),
            backward_layer=GRU(units=2, go_backwards=True, return_sequences=True),
        ),
        "the same return_sequences",
    ),
    (
        "sizes",
        lambda: Bidirectional(
            layer=GRU(units=2), backward_layer=GRU(units=3, go_backwards=True)
        ).output_shape((4, 5)),
        "must have the same sizes",
    ),
    ("no layer", lambda: Bidirectional(layer=Dense(units=2)), "Bidirectional.layer"),  # type: ignore[arg-type]  # that is the fault
    ("no steps", lambda: TimeDistributed(layer=Dense(units=2)).output_shape((4,)), "steps"),
    ("one input", lambda: Attention().output_shape((4, 5)), "but it gets 1"),
    ("flat", lambda: Attention().output_shape((5,), (5,)), "positions and channels"),
    ("values", lambda: Attention().output_shape((4, 5), (4, 5), (3, 5)), "the same positions"),
    (
        "axes",
        lambda: MultiHeadAttention(num_heads=1, key_dim=2, attention_axes=(2,)).output_shape(
            (4, 5), (4, 5)
        ),
        "must name positions",
    ),
    (
        "shared heads",
        lambda: GroupQueryAttention(head_dim=2, num_query_heads=4, num_key_value_heads=3),
        "3 key and value heads must divide the 4",
    ),
    (
        "stride",
        lambda: ConvLSTM1D(filters=2, kernel_size=(3,), strides=(2,), dilation_rate=(2,)),
        "one of them must be 1",
    ),
]


@pytest.mark.parametrize(("make", "words"), [w[1:] for w in WRONG], ids=[w[0] for w in WRONG])
def test_what_can_not_be_is_said(make: Any, words: str) -> None:
    with pytest.raises(InputError, match=words):
        make()
