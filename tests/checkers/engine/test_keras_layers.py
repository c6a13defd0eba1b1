"""Layers of our own for the engine against loops in NumPy, and every class that is rebuilt."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from answers.layers.base import Layer, Shape
from answers.layers.catalogue import LAYERS
from answers.network.graph import Network, Node, Tensor
from answers.network.parameters import leaves

pytestmark = pytest.mark.slow

Array = NDArray[np.float32]


def make(kind: str, **settings: Any) -> Layer:
    return LAYERS[kind](**settings)


def network_of(layer: Layer, *shapes: Shape) -> Network:
    """A network of one layer."""
    inputs = [
        Node(f"in{i}", make("InputLayer", shape=shape), ((),)) for i, shape in enumerate(shapes)
    ]
    taken = tuple(Tensor(node.name) for node in inputs)
    return Network(
        name="net",
        kind="Functional",
        nodes=(*inputs, Node("layer", layer, (taken,))),
        inputs=taken,
        outputs=(Tensor("layer"),),
        output_names=("layer",),
    )


def answers(layer: Layer, arrays: list[Array], *inputs: Array) -> Array:
    """What the engine's layer answers with these weights."""
    import keras

    from checkers.engine.keras_builder import build, put_weights

    network = network_of(layer, *(values.shape[1:] for values in inputs))
    built = build(network)
    put_weights(built, network, iter(arrays))
    model = keras.Model(built.inputs, built.outputs)
    return np.asarray(model(list(inputs), training=False))


def random_arrays(layer: Layer, *shapes: Shape) -> list[Array]:
    random = np.random.default_rng(7)
    (leaf,) = [leaf for leaf in leaves(network_of(layer, *shapes)) if leaf.path == ("layer",)]
    return [random.normal(size=weight.shape).astype("float32") for weight in leaf.weights]


def windows(n: int, k: int, s: int, padding: str) -> list[range]:
    """tf.keras's conv_connected_inputs: floor(k/2) to the left for 'same'."""
    out = -(-n // s) if padding == "same" else (n - k) // s + 1
    left = k // 2 if padding == "same" else 0
    return [range(max(0, o * s - left), min(n, o * s - left + k)) for o in range(out)]


def connected(
    layer: Any, size: tuple[int, ...], channels: int
) -> Iterator[tuple[tuple[int, ...], int, tuple[int, ...], int]]:
    """Output place and filter, input place and channel of each pair, in sorted order."""
    axes = [
        windows(*axis, layer.padding)
        for axis in zip(size, layer.kernel_size, layer.strides, strict=True)
    ]
    for place in product(*(range(len(axis)) for axis in axes)):
        around = [axis[at] for axis, at in zip(axes, place, strict=True)]
        for filter_ in range(layer.filters):
            for source in product(*around):
                for channel in range(channels):
                    yield place, filter_, source, channel


def local_loop(layer: Any, arrays: list[Array], picture: Array) -> Array:
    """The sum over connected pairs, from the stored form of the kernel."""
    kernel = arrays[0]
    *size, channels = picture.shape[1:]
    shape = layer.output_shape(picture.shape[1:])
    found = np.zeros((len(picture), *shape), "float64")
    taps = [*product(*map(range, layer.kernel_size))]
    for number, (place, filter_, source, channel) in enumerate(
        connected(layer, tuple(size), channels)
    ):
        if layer.implementation == 1:
            position = np.ravel_multi_index(place, shape[:-1])
            steps = zip(source, place, layer.strides, strict=True)
            tap = taps.index(tuple(at - o * s for at, o, s in steps))
            weight = kernel[position, tap * channels + channel, filter_]
        elif layer.implementation == 2:
            weight = kernel[(*source, channel, *place, filter_)]
        else:
            weight = kernel[number]
        target: Any = (slice(None), *place, filter_)
        read: Any = (slice(None), *source, channel)
        found[target] += weight * picture[read]
    return (found + arrays[1]).astype("float32") if layer.use_bias else found.astype("float32")


LOCAL = [
    (rank, size, kernel, strides, padding, form)
    for (rank, size, kernel, strides) in [
        (1, (9,), (3,), (2,)),
        (1, (5,), (4,), (1,)),
        (2, (5, 4), (3, 2), (1, 1)),
        (2, (6, 7), (2, 4), (2, 3)),
    ]
    for padding, form in [("valid", 1), ("valid", 2), ("valid", 3), ("same", 2), ("same", 3)]
]


@pytest.mark.parametrize(("rank", "size", "kernel", "strides", "padding", "form"), LOCAL)
@pytest.mark.parametrize("bias", [True, False])
def test_a_locally_connected_layer_is_the_sum_over_its_connected_pairs(
    rank: int, size: Any, kernel: Any, strides: Any, padding: str, form: int, *, bias: bool
) -> None:
    layer = make(
        f"LocallyConnected{rank}D",
        filters=3,
        kernel_size=kernel,
        strides=strides,
        padding=padding,
        implementation=form,
        use_bias=bias,
    )
    picture = np.random.default_rng(3).normal(size=(2, *size, 2)).astype("float32")
    arrays = random_arrays(layer, (*size, 2))
    expected = local_loop(layer, arrays, picture)
    np.testing.assert_allclose(answers(layer, arrays, picture), expected, rtol=0, atol=1e-5)


def test_a_thresholded_relu_keeps_what_lies_above_theta() -> None:
    values = np.array([[-1.0, 0.5, 1.0, 1.5]], "float32")
    found = answers(make("ThresholdedReLU", theta=1.0), [], values)
    assert found.tolist() == [[0.0, 0.0, 0.0, 1.5]]


def test_a_causal_separable_convolution_looks_back_only() -> None:
    settings: dict[str, Any] = {"filters": 2, "kernel_size": 3, "dilation_rate": 2}
    causal = make("SeparableConv1D", padding="causal", **settings)
    valid = make("SeparableConv1D", padding="valid", **settings)
    sequence = np.random.default_rng(5).normal(size=(2, 9, 3)).astype("float32")
    arrays = random_arrays(causal, (9, 3))
    padded = np.pad(sequence, [(0, 0), (4, 0), (0, 0)])
    found = answers(causal, arrays, sequence)
    np.testing.assert_allclose(found, answers(valid, arrays, padded), rtol=0, atol=1e-6)
    assert found.shape == (2, 9, 2)


def test_a_layer_scale_and_a_scaled_sum_are_what_their_formulas_say() -> None:
    values = np.random.default_rng(2).normal(size=(2, 4, 3)).astype("float32")
    gamma = np.array([1.0, 2.0, 4.0], "float32")
    scale = make("LayerScale", init_values=0.1, projection_dim=3)
    np.testing.assert_array_equal(answers(scale, [gamma], values), values * gamma)
    both = make("CustomScaleLayer", scale=0.5)
    np.testing.assert_array_equal(answers(both, [], values, 2 * values), values * 2)


@pytest.mark.parametrize("given", [None, 0.25])
def test_a_normalization_takes_mean_and_variance_away(given: float | None) -> None:
    values = np.random.default_rng(4).normal(size=(2, 4, 3)).astype("float32")
    numbers = np.array([0.5, 0.25, 0.125], "float32")
    layer = make("Normalization", mean=given, variance=given)
    arrays = [] if given else [numbers, numbers**2, np.array(8.0, "float32")]
    expected = (values - 0.25) / 0.5 if given else (values - numbers) / numbers
    np.testing.assert_allclose(answers(layer, arrays, values), expected, rtol=1e-6)
