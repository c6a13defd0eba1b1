"""Each layer of the second engine against the Keras engine: a grid of settings, odd and even sizes.

The judge of the written bytes is ONNX's own checker; of the numbers, Keras's layers with the same
weights. Largest difference allowed: 2e-6 of the largest answer (float32 sums in another order).
"""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest
from layer_chain import chain, entry, graph, node
from layer_grid import CASES, WITHOUT_FORM, Case, inputs_of, named
from one_layer import Array, keras_answers, made, network_of, onnx_answers, random_arrays

from answers.network.cost import cost
from answers.network.graph import Network
from checkers.engine.onnx.building import build
from checkers.engine.onnx.coverage import uncovered
from checkers.engine.onnx.graph import Sizes

pytest.importorskip("onnxruntime")

TOLERANCE = 2e-6
EVERY = 5  # of the grid so many are judged without `slow`
JUDGED = [
    pytest.param(item, id=named(item), marks=pytest.mark.slow if number % EVERY else ())
    for number, item in enumerate(CASES)
]


def written(network: Network, *sizes: Sizes) -> bytes:
    built = build(network, iter(random_arrays(network)), list(sizes))
    return built.graph.to_bytes(built.outputs)


def assert_alike(network: Network, inputs: list[Array]) -> None:
    arrays = random_arrays(network)
    wanted = keras_answers(network, arrays, inputs)
    found = onnx_answers(network, arrays, inputs)
    assert found.shape == wanted.shape
    assert np.abs(found - wanted).max() <= TOLERANCE * max(1.0, float(np.abs(wanted).max()))


# older Keras 3 files have it, and Keras still computes it as it did
@pytest.mark.filterwarnings("ignore:You passed `rms_scaling=True`:UserWarning")
@pytest.mark.slow
@pytest.mark.parametrize("item", CASES, ids=named)
def test_a_layer_answers_as_keras_does(item: Case) -> None:
    kind, taken, settings = item
    assert_alike(network_of(made(kind, **settings), *taken), inputs_of(item))


@pytest.mark.parametrize("item", JUDGED)
def test_what_is_written_is_a_valid_model_of_the_shape_that_the_algebra_says(item: Case) -> None:
    onnx = pytest.importorskip("onnx")
    kind, taken, settings = item
    layer = made(kind, **settings)
    network = network_of(layer, *taken)
    built = build(network, iter(random_arrays(network)), list(taken))
    assert [value.shape for value in built.outputs] == list(layer.output_shapes(*taken))
    model = onnx.load_from_string(built.graph.to_bytes(built.outputs))
    onnx.checker.check_model(model, full_check=True)


# --- einsum ------------------------------------------------------------------------------------


@pytest.mark.parametrize("said", ["bi,bj,bi->bj", "bj,bi,bi->bj", "bi,bi,bj->bj"])
def test_three_inputs_are_multiplied_in_the_order_that_needs_least(said: str) -> None:
    sizes = {"i": 50, "j": 70}
    terms = said.partition("->")[0].split(",")
    taken = [(sizes[term[1]],) for term in terms]
    network = network_of(made("Einsum", subscripts=said), *taken)
    assert b"bi,bi,bj->bj" in written(network, *taken)
    random = np.random.default_rng(4)
    values = [random.uniform(-1, 1, (3, *size)).astype("f4") for size in taken]
    by_name = dict(zip(terms, values, strict=True))
    pair = [v for v, size in zip(values, taken, strict=True) if size == (50,)]
    wanted = (pair[0] * pair[1]).sum(1, keepdims=True) * by_name["bj"]
    np.testing.assert_allclose(onnx_answers(network, [], values), wanted, rtol=1e-4, atol=1e-5)


# --- digits ------------------------------------------------------------------------------------

SMALL = (0.0, 1e-12, -1e-12, 3e-8, -3e-8, 1e-5, -1e-5, 0.3, -0.3, 5.0, 60.0)


@pytest.mark.parametrize(
    ("name", "more"),
    [("expm1", [-5.0, -60.0, 88.0, np.inf, -np.inf]), ("log1p", [-1.0, 1e20, np.inf])],
)
def test_a_function_keeps_its_digits_near_nothing_and_at_its_ends(
    name: str, more: list[float]
) -> None:
    values = np.array([[*SMALL, *more]], np.float32)
    network = network_of(made("MathFunction", function=name), values.shape[1:])
    found = onnx_answers(network, [], [values])
    with np.errstate(divide="ignore"):
        wanted = getattr(np, name)(values.astype(np.float64)).astype("f4")
    np.testing.assert_allclose(found, wanted, rtol=5e-7)


@pytest.mark.slow
@pytest.mark.parametrize("size", [1e-5, 1e-7, 1e-8, 1e-14, 0.0])
def test_short_vectors_get_the_length_that_keras_gives_them(size: float) -> None:
    """Each layer has its own least length: 1e-12, 1e-7 and what the record says."""
    random = np.random.default_rng(6)
    values = (size * random.uniform(0.1, 1, (2, 4, 6))).astype("f4")
    assert_alike(network_of(made("UnitNormalization"), (4, 6)), [values])
    assert_alike(network_of(made("UnitLength"), (4, 6)), [values])
    dot = made("Dot", axes=(2, 2), normalize=True)
    assert_alike(network_of(dot, (4, 6), (4, 6)), [values, values[::-1]])


# --- what is left to Keras ---------------------------------------------------------------------


def left_out(kind: str, *taken: Sizes, **settings: Any) -> Any:
    return pytest.param(made(kind, **settings), taken, id=f"{kind} {settings or ''}")


CELL = made("ConvLSTM1D", filters=2, kernel_size=(2,))
LEFT_TO_KERAS = [
    *(left_out("Activation", (4, 6), activation=name) for name in WITHOUT_FORM),
    left_out("Dense", (4,), units=2, activation="sparsemax"),
    left_out("Dense", (4,), units=2, dtype="mixed_float16"),
    left_out("LSTM", (4, 3), units=2, recurrent_activation="gelu"),
    left_out("GRU", (4, 3), units=2, activation=made("ReLU")),
    left_out("SimpleRNN", (4, 3), units=2, activation="softmax"),
    left_out("Bidirectional", (4, 5, 3), layer=CELL),
    left_out("Bidirectional", (4, 3), layer=made("LSTM", units=2, dtype="float64")),
    left_out("TimeDistributed", (4, 3), layer=made("Masking")),
    left_out("TimeDistributed", (4, 3), layer=made("Dense", units=2, dtype="float64")),
    left_out("ConvLSTM1D", (4, 5, 3), filters=2, kernel_size=(2,)),
    left_out("RNN", (4, 3), cell=made("StackedRNNCells", cells=(made("LSTM", units=2),), dtype="mixed_float16")),
    left_out("ConvLSTM2D", (4, 5, 6, 3), filters=2, kernel_size=(2, 2)),
    left_out("ConvLSTM3D", (4, 5, 6, 7, 3), filters=2, kernel_size=(2, 2, 2)),
    left_out("Masking", (4, 3)),
    left_out("Embedding", (4,), input_dim=5, output_dim=2, mask_zero=True),
    left_out("CenterCrop", (4, 5, 3), height=6, width=3),
    left_out("Resizing", (4, 6, 3), height=5, width=5, crop_to_aspect_ratio=True),
    left_out("Resizing", (4, 6, 3), height=5, width=5, pad_to_aspect_ratio=True),
    left_out("AdaptiveMaxPooling1D", (3000, 1), output_size=(2000,)),
    left_out("MultiHeadAttention", (4, 6), (5, 3, 6), num_heads=1, key_dim=2),
    left_out("CustomScaleLayer", (4, 6), (6,), scale=0.5),
    left_out(
        "LocallyConnected1D", (3, 2), filters=900, kernel_size=(3000,), padding="same",
        implementation=3,
    ),
]  # fmt: skip


@pytest.mark.parametrize(("layer", "taken"), LEFT_TO_KERAS)
def test_what_has_no_exact_form_is_left_to_keras(layer: Any, taken: tuple[Sizes, ...]) -> None:
    reason = uncovered(network_of(layer, *taken), list(taken))
    assert reason.startswith("layer: ")
    assert len(reason) > len("layer: ")


# --- what comes in -----------------------------------------------------------------------------


def typed(cast: str, *layers: Any, size: Sizes = (5,)) -> Network:
    """A chain whose input has a type of its own."""
    nodes = [node(f"n{i}", layer, f"n{i - 1}" if i else "in") for i, layer in enumerate(layers)]
    return graph(node("in", made("InputLayer", shape=size, cast=cast), ""), *nodes)


CASTS = [
    ("float64", made("Dense", units=3)),
    ("float16", made("Dense", units=3)),
    ("bfloat16", made("Dense", units=3)),
    ("int32", made("Embedding", input_dim=9, output_dim=2)),
    ("int64", made("Embedding", input_dim=9, output_dim=2)),
    ("int32", made("Rescaling", scale=0.5)),
    ("int64", made("Rescaling", scale=0.5, offset=1.0)),
]


@pytest.mark.slow
@pytest.mark.parametrize(("cast", "layer"), CASTS, ids=lambda item: getattr(item, "kind", item))
def test_an_input_is_cast_as_keras_casts_it(cast: str, layer: Any) -> None:
    values = np.array([[0.0, 1.9, 2.1, 7.999, 8.0], [1.0001, 2.5, 3.5, 0.1, 0.9]], np.float32)
    assert_alike(typed(cast, layer), [values])


@pytest.mark.parametrize(
    ("cast", "layers"),
    [
        ("uint8", [made("Rescaling", scale=0.5)]),
        ("int32", [made("Flatten")]),
        ("float64", [made("Arithmetic", number=2.0)]),
        ("float16", [made("Clip", low=0.0, high=1.0)]),
        ("float16", [made("Comparison", number=0.5)]),
        ("float64", [made("Tile", repeats=(2,))]),
        ("float16", [made("Dropout"), made("Dense", units=2)]),
        ("float64", [made("Dense", units=2, dtype="float64")]),
        ("float64", []),
    ],
)
def test_an_input_whose_type_a_layer_would_compute_in_is_left_to_keras(
    cast: str, layers: list[Any]
) -> None:
    assert uncovered(typed(cast, *layers), [(5,)]) == f"an input of {cast}"


# --- memory ------------------------------------------------------------------------------------


def test_the_weights_of_a_layer_that_is_called_again_stand_there_once() -> None:
    layer = made("Dense", units=64)
    once = graph(entry(64), node("d", layer, "in"))
    thrice = graph(entry(64), node("d", layer, "in", "d", "d/1"))
    sizes = [len(written(network, (64,))) for network in (once, thrice)]
    assert sizes[0] > 4 * 64 * 64
    assert sizes[1] - sizes[0] < 4 * 64


def test_a_network_of_few_numbers_can_not_ask_for_a_large_matrix() -> None:
    long = chain(
        (32, 32, 3),
        made("Reshape", target_shape=(3072, 1, 1)),
        made("Resizing", height=60_000, width=1),
    )
    assert cost(long).live < 100_000
    tracemalloc.start()
    try:
        assert "a resize from 3072 to 60000 positions" in uncovered(long, [(32, 32, 3)])
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()


SAME = {"padding": "same", "implementation": 3}
HEAVY = [
    left_out("LSTM", (5, 3000), units=2000),
    left_out("Bidirectional", (5, 3000), layer=made("GRU", units=2000)),
    left_out("CuDNNLSTM", (5, 3000), units=2000),
    left_out("DepthwiseConv2D", (64, 64, 9000), kernel_size=(30, 30)),
    left_out("SeparableConv2D", (64, 64, 9000), filters=900, kernel_size=(3, 3)),
    left_out("Conv2DTranspose", (4, 4, 3000), filters=3000, kernel_size=(3, 3)),
    left_out("Dense", (9000,), units=9000),
    left_out("Embedding", (5,), input_dim=900_000, output_dim=90),
    left_out("BatchNormalization", (8_000_000,)),
    left_out("LayerNormalization", (900, 900, 9), axis=(1, 2, 3), scale=False),
    left_out("Normalization", (8_000_000,)),
    left_out("PReLU", (900, 900, 9)),
    left_out("LocallyConnected2D", (90, 90, 9), filters=90, kernel_size=(3, 3), **SAME),
    left_out("UpSampling1D", (10, 1), size=8_000_000),
    left_out("MultiHeadAttention", (5, 3000), (5, 3000), num_heads=30, key_dim=300),
    left_out("Resizing", (2000, 1, 1), height=2000, width=2000, interpolation="bicubic"),
]


@pytest.mark.parametrize(("layer", "taken"), HEAVY)
def test_what_is_covered_is_said_without_an_array_as_large_as_the_weights(
    layer: Any, taken: tuple[Sizes, ...]
) -> None:
    network = network_of(layer, *taken)
    tracemalloc.start()
    try:
        assert uncovered(network, list(taken)) == ""
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()
