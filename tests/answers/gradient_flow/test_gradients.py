"""The gradients and Jacobians of the deep network: finite differences and Keras as oracles."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from numpy.typing import NDArray

from answers.gradient_flow.activations import ACTIVATIONS, activation_of
from answers.gradient_flow.initialisation import initialisation_of
from answers.gradient_flow.network import Design, Network

STEP = 1e-6
SHAPES = [
    pytest.param(
        activation, residual, norm, id=f"{activation}{' residual' * residual}{' norm' * norm}"
    )
    for activation, residual, norm in product(ACTIVATIONS, (False, True), (False, True))
]


def network(activation: str, *, residual: bool = False, norm: bool = False) -> Network:
    design = Design(
        depth=4,
        width=6,
        activation=activation_of(activation),
        initialisation=initialisation_of("glorot"),
        residual=residual,
        norm=norm,
        seed=3,
    )
    made = Network.of(design)
    for number, layer in enumerate(made.layers):  # biases that matter
        layer.biases[:] = np.linspace(-0.3, 0.4, 6) + 0.05 * number
    return made


def difference(of: Network, array: NDArray[np.float64]) -> NDArray[np.float64]:
    """The slope of the loss by each number of an array that the network uses, by moving it."""
    slopes = np.zeros_like(array)
    for place in np.ndindex(array.shape):
        kept = array[place]
        array[place] = kept + STEP
        above = of.forward().loss
        array[place] = kept - STEP
        slopes[place] = (above - of.forward().loss) / (2 * STEP)
        array[place] = kept
    return slopes


@pytest.mark.parametrize(("activation", "residual", "norm"), SHAPES)
def test_every_gradient_is_the_finite_difference(
    activation: str, residual: bool, norm: bool
) -> None:
    made = network(activation, residual=residual, norm=norm)
    found = made.backward(made.forward())
    for number, layer in enumerate(made.layers):
        np.testing.assert_allclose(
            found.weights[number], difference(made, layer.weights), rtol=1e-5, atol=2e-8
        )
        np.testing.assert_allclose(
            found.biases[number], difference(made, layer.biases), rtol=1e-5, atol=2e-8
        )
    np.testing.assert_allclose(
        found.signals[0], difference(made, made.inputs), rtol=1e-5, atol=2e-8
    )


@pytest.mark.parametrize(("activation", "residual", "norm"), SHAPES)
def test_the_product_of_jacobians_is_how_the_last_layer_moves_with_the_input(
    activation: str, residual: bool, norm: bool
) -> None:
    made = network(activation, residual=residual, norm=norm)
    done = made.forward()
    for sample in (0, 5):
        jacobian = np.eye(6)
        for place in range(4):
            jacobian = made.jacobian(done, place, sample) @ jacobian
        measured = np.zeros((6, 6))
        for unit in range(6):
            ends = []
            for shift in (STEP, -STEP):
                made.inputs[sample, unit] += shift
                ends.append(made.forward().signals[-1][sample])
                made.inputs[sample, unit] -= shift
            measured[:, unit] = (ends[0] - ends[1]) / (2 * STEP)
        np.testing.assert_allclose(jacobian, measured, rtol=1e-5, atol=1e-8)


@pytest.mark.parametrize(("activation", "residual", "norm"), SHAPES)
def test_the_gradient_of_a_sample_is_the_jacobian_product_transposed(
    activation: str, residual: bool, norm: bool
) -> None:
    # dL/dh_0 = J_1ᵀ … J_Lᵀ dL/dh_L, the formula of question 1
    made = network(activation, residual=residual, norm=norm)
    done = made.forward()
    back = made.backward(done)
    slope = back.signals[-1][7]
    for place in reversed(range(4)):
        slope = made.jacobian(done, place, 7).T @ slope
    np.testing.assert_allclose(slope, back.signals[0][7], rtol=1e-10, atol=1e-18)


@pytest.mark.slow
@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu", "elu"])
@pytest.mark.parametrize(("residual", "norm"), [(False, False), (True, True)])
def test_keras_gets_the_same_gradients(activation: str, residual: bool, norm: bool) -> None:
    import keras
    import tensorflow as tf

    made = network(activation, residual=residual, norm=norm)
    found = made.backward(made.forward())
    function = keras.activations.get(activation)
    kernels = [tf.Variable(layer.weights) for layer in made.layers]
    with tf.GradientTape() as tape:
        h = tf.constant(made.inputs)
        for kernel, layer in zip(kernels, made.layers, strict=True):
            z = h @ kernel + layer.biases
            if norm:
                z = keras.layers.LayerNormalization(
                    epsilon=1e-5, center=False, scale=False, dtype="float64"
                )(z)
            h = h + function(z) if residual else function(z)
        logits = h @ made.head.weights + made.head.biases
        losses = keras.losses.sparse_categorical_crossentropy(
            tf.constant(made.labels), logits, from_logits=True
        )
        loss = tf.reduce_mean(losses)
    for ours, theirs in zip(found.weights, tape.gradient(loss, kernels), strict=True):
        np.testing.assert_allclose(ours, theirs.numpy(), rtol=1e-6, atol=1e-12)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_slope_of_an_activation_is_its_finite_difference(name: str) -> None:
    found = activation_of(name)
    z = np.array([-30.0, -3.2, -0.7, -1e-3, 1e-3, 0.5, 2.9, 31.0])
    measured = (found.of(z + 1e-7) - found.of(z - 1e-7)) / 2e-7
    np.testing.assert_allclose(found.slope(z), measured, rtol=1e-6, atol=1e-8)
    assert (found.slope(np.linspace(-9, 9, 1001)) <= found.steepest + 1e-15).all()


def test_small_slopes_far_out_keep_their_digits() -> None:
    # 1 − tanh(20)² is 0 in float64; 4 exp(−40) is what it is
    assert activation_of("tanh").slope(np.array([20.0]))[0] == pytest.approx(4 * np.exp(-40.0))
    assert activation_of("sigmoid").slope(np.array([-700.0]))[0] == pytest.approx(np.exp(-700.0))
