"""What is measured of a deep network: the facts of question 1, bounds, and errors."""

from __future__ import annotations

from math import isfinite, sqrt
from typing import Any

import numpy as np
import pytest

from answers.errors import InputError, RefusedError
from answers.gradient_flow.activations import activation_of
from answers.gradient_flow.flow import Flow, deviation_of, measure, norm_of
from answers.gradient_flow.initialisation import initialisation_of
from answers.gradient_flow.network import Design, Network


def design(**given: Any) -> Design:
    words: dict[str, Any] = {"depth": 50, "width": 32, "activation": "sigmoid", "init": "glorot"}
    words |= given
    return Design(
        activation=activation_of(words.pop("activation")),
        initialisation=initialisation_of(words.pop("init")),
        **words,
    )


FACTS = [
    ("fifty sigmoids vanish", {}, "vanishing"),
    ("three sigmoids only shrink", {"depth": 3}, "shrinking"),
    ("a residual sum carries the gradient through", {"residual": True}, "even"),
    ("fifty tanh with Glorot only shrink", {"activation": "tanh"}, "shrinking"),
    ("ReLU with He stays even", {"activation": "relu", "init": "he"}, "even"),
    ("too small weights vanish", {"activation": "relu", "init": "normal:0.01"}, "vanishing"),
    ("too large weights explode", {"activation": "linear", "init": "normal:1"}, "exploding"),
    ("one layer is even", {"activation": "linear", "init": "lecun", "depth": 1}, "even"),
    (
        "huge weights overflow",
        {"activation": "linear", "init": "normal:1000", "depth": 200},
        "overflow",
    ),
    (
        "normalisation tames large weights of a ReLU",
        {"activation": "relu", "init": "normal:1", "norm": True, "residual": True},
        "even",
    ),
]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("given", "verdict"), [f[1:] for f in FACTS], ids=[f[0] for f in FACTS])
def test_what_happens_to_the_gradient(given: dict[str, Any], verdict: str, seed: int) -> None:
    assert measure(design(**given, seed=seed)).verdict == verdict


def test_a_gradient_below_all_numbers_is_dead() -> None:
    found = measure(design(activation="relu", init="normal:0.000001", depth=200))
    assert found.verdict in {"dead", "vanishing"}
    assert found.ratio == 0 or found.ratio is None or found.ratio < 1e-300


@pytest.mark.parametrize("activation", ["linear", "relu"])
def test_weight_gradients_hide_what_happens_where_signals_scale(activation: str) -> None:
    """Scaling every weight by s scales each weight gradient alike, and the signals' by powers."""
    found = measure(design(activation=activation, init="normal:0.01", depth=30))
    assert found.ratio is not None
    assert found.weight_ratio is not None
    assert found.ratio < 1e-12
    assert 1e-2 < found.weight_ratio < 1e2


def test_the_singular_values_are_those_of_the_weights_multiplied() -> None:
    """In a linear network the Jacobian of all layers is (W_1 … W_L)ᵀ."""
    shape = design(activation="linear", init="lecun", depth=6, width=12)
    whole = np.linalg.multi_dot([layer.weights for layer in Network.of(shape).layers])
    values = np.linalg.svd(whole, compute_uv=False)
    product = measure(shape).products[0]
    assert product.first_layer == 1
    assert product.largest == pytest.approx(values[0], rel=1e-12)
    assert product.median == pytest.approx(np.median(values), rel=1e-9)
    assert product.smallest == pytest.approx(values[-1], rel=1e-6)
    assert product.seen == 12


def test_the_gradient_ratio_lies_within_the_singular_values_of_one_sample() -> None:
    shape = design(activation="tanh", depth=4, width=8)
    made = Network.of(shape)
    slopes = made.backward(made.forward())
    first, last = (np.linalg.norm(slopes.signals[place][0]) for place in (0, -1))
    product = measure(shape).products[0]
    assert product.smallest is not None
    assert product.smallest <= first / last <= product.largest


def test_what_lies_below_rounding_is_not_said() -> None:
    product = measure(design(activation="relu", init="he", width=64)).products[0]
    assert product.seen < 64
    assert product.smallest is None


def test_clipping_multiplies_every_gradient_by_one_number() -> None:
    shape = design(activation="relu", init="he", residual=True, depth=20)
    free, clipped = measure(shape), measure(shape, clip=1.0)
    slopes = Network.of(shape).backward(Network.of(shape).forward())
    whole = sqrt(sum(float((s**2).sum()) for s in (*slopes.weights, *slopes.biases)))
    assert clipped.clipping is not None
    assert clipped.clipping.norm == pytest.approx(whole)
    assert clipped.clipping.factor == pytest.approx(1 / whole)
    for before, after in zip(free.layers, clipped.layers, strict=True):
        assert after.clipped == pytest.approx(before.weight_gradient / whole)
    assert clipped.ratio == free.ratio


def test_clipping_never_makes_a_gradient_larger() -> None:
    found = measure(design(), clip=1000.0)
    assert found.clipping is not None
    assert found.clipping.factor == 1
    assert [layer.clipped for layer in found.layers] == [
        layer.weight_gradient for layer in found.layers
    ]


def same(a: Flow, b: Flow) -> bool:
    return [layer.weight_gradient for layer in a.layers] == [
        layer.weight_gradient for layer in b.layers
    ]


def test_a_seed_gives_the_same_network_again_and_another_seed_another() -> None:
    assert same(measure(design(seed=5)), measure(design(seed=5)))
    assert not same(measure(design(seed=5)), measure(design(seed=6)))


@pytest.mark.parametrize(
    ("word", "variance"),
    [("glorot", 2 / 300), ("he", 2 / 100), ("lecun", 1 / 100), ("normal:0.05", 0.0025)],
)
def test_drawn_weights_have_the_variance_of_their_scheme(word: str, variance: float) -> None:
    found = initialisation_of(word)
    weights = found.draw(np.random.default_rng(0), 100, 200)
    assert found.variance(100, 200) == pytest.approx(variance)
    assert weights.shape == (100, 200)
    assert weights.var() == pytest.approx(variance, rel=0.03)
    assert abs(weights.mean()) < 4 * sqrt(variance / weights.size)
    if word == "glorot":  # uniform within √(6/(n_in + n_out)), eq. 16
        assert 0.99 * sqrt(6 / 300) < np.abs(weights).max() <= sqrt(6 / 300)


@pytest.mark.parametrize("scale", [1e-200, 1.0, 1e200])
def test_norms_neither_overflow_nor_vanish(scale: float) -> None:
    values = np.array([[3.0, -4.0], [0.0, 12.0]]) * scale
    assert norm_of(values) == pytest.approx(13 * scale)
    assert deviation_of(values) == pytest.approx(np.array([3.0, -4.0, 0.0, 12.0]).std() * scale)
    assert norm_of(np.zeros(3)) == deviation_of(np.zeros(3)) == 0


def test_the_largest_network_that_is_allowed_is_measured() -> None:
    found = measure(design(depth=200, width=32, activation="tanh"))
    assert len(found.layers) == 200
    assert all(isfinite(layer.weight_gradient) for layer in found.layers)
    assert len(found.products) <= 27


BAD = [
    ("no depth", {"depth": 0}, "The depth is 0; it lies between 1 and 200"),
    ("too deep", {"depth": 201}, "The depth is 201"),
    ("too narrow", {"width": 1}, "The width is 1; it lies between 2 and 256"),
    ("a negative seed", {"seed": -1}, "The seed is -1"),
    ("an unknown activation", {"activation": "swish2"}, "no activation 'swish2'"),
    ("an unknown initialisation", {"init": "xavier"}, "no initialisation 'xavier'"),
    ("a deviation of 0", {"init": "normal:0"}, "'0' is no deviation above 0"),
    ("no deviation", {"init": "normal"}, "no initialisation 'normal'"),
    ("an exponent", {"init": "normal:1e9"}, "'1e9' is no deviation"),
]


@pytest.mark.parametrize(("given", "words"), [b[1:] for b in BAD], ids=[b[0] for b in BAD])
def test_what_can_not_be_built_is_an_error(given: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        design(**given)


def test_too_much_work_is_refused() -> None:
    with pytest.raises(RefusedError, match="depth of 200 with a width of 256 is too much work"):
        design(depth=200, width=256)


@pytest.mark.parametrize("clip", [0.0, -1.0, float("inf"), float("nan")])
def test_a_clip_that_is_no_length_is_an_error(clip: float) -> None:
    with pytest.raises(InputError, match="it lies above 0"):
        measure(design(depth=2), clip)
