"""Operations on tensors, as the engine computes them, against NumPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from answers.layers.arithmetic import Arithmetic, GetItem, MathFunction, Reduction
from answers.layers.base import Layer
from answers.layers.core import InputLayer
from answers.layers.preprocessing import Rescaling
from answers.network.graph import Network, Node, Tensor

X = np.random.default_rng(1).uniform(0.5, 2.0, (3, 4, 5, 2)).astype(np.float32)
Law = Callable[[Any], Any]
CASES: list[tuple[Layer, Law]] = [
    (Arithmetic(operation="add", number=3.0), lambda x: x + 3),
    (Arithmetic(operation="subtract", number=1.0, number_first=True), lambda x: 1 - x),
    (Arithmetic(operation="multiply", number=(2.0, 3.0)), lambda x: x * [2, 3]),
    (Arithmetic(operation="divide", number=2.0, number_first=True), lambda x: 2 / x),
    (Arithmetic(operation="power", number=2.0), lambda x: x**2),
    (Arithmetic(operation="maximum", number=1.0), lambda x: np.maximum(x, 1)),
    (Arithmetic(operation="minimum", number=1.0), lambda x: np.minimum(x, 1)),
    (Arithmetic(operation="divide"), lambda x: x / x),
    (MathFunction(function="absolute"), np.abs),
    (MathFunction(function="square"), np.square),
    (MathFunction(function="sqrt"), np.sqrt),
    (MathFunction(function="rsqrt"), lambda x: 1 / np.sqrt(x)),
    (MathFunction(function="exp"), np.exp),
    (MathFunction(function="log"), np.log),
    (MathFunction(function="negative"), np.negative),
    (MathFunction(function="sign"), np.sign),
    (MathFunction(function="sin"), np.sin),
    (MathFunction(function="cos"), np.cos),
    *(
        (MathFunction(function=name), getattr(np, name))
        for name in ("expm1", "log1p", "tan", "sinh", "cosh", "floor", "ceil", "round")
    ),
    (MathFunction(function="reciprocal"), np.reciprocal),
    (Reduction(operation="prod", axis=(1,)), lambda x: x.prod(1)),
    (Reduction(operation="std", axis=(1, 2)), lambda x: x.std((1, 2))),
    (Reduction(operation="var", axis=(-1,)), lambda x: x.var(-1)),
    (Reduction(operation="mean", axis=(1, 2)), lambda x: x.mean((1, 2))),
    (Reduction(operation="sum", axis=(-1,), keepdims=True), lambda x: x.sum(-1, keepdims=True)),
    (Reduction(operation="max"), lambda x: x.max((1, 2, 3))),
    (Reduction(operation="min", axis=(2,)), lambda x: x.min(2)),
    (GetItem(parts=("...", "::-1")), lambda x: x[..., ::-1]),
    (GetItem(parts=(":", "1:3", "...", "0")), lambda x: x[:, 1:3, ..., 0]),
    (GetItem(parts=(":", "-1", "new", "::2")), lambda x: x[:, -1, None, ::2]),
]


@pytest.mark.slow
@pytest.mark.parametrize(("layer", "law"), CASES, ids=[repr(row[0])[:70] for row in CASES])
def test_an_operation_computes_what_numpy_does(layer: Layer, law: Law) -> None:
    import keras

    from checkers.engine.keras_builder import build

    both = isinstance(layer, Arithmetic) and layer.number is None
    taken = (Tensor("x"),) * (2 if both else 1)
    nodes = (Node("x", InputLayer(shape=X.shape[1:]), ((),)), Node("y", layer, (taken,)))
    network = Network("n", "Functional", nodes, (Tensor("x"),), (Tensor("y"),), ("y",))
    built = build(network)
    found = np.asarray(keras.Model(built.inputs, built.outputs[0])([X]))
    assert found.shape[1:] == layer.output_shape(*(X.shape[1:],) * len(taken))
    np.testing.assert_allclose(found, law(X), rtol=1e-5, atol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("cast", ["uint8", "int32", "float16", "float32"])
def test_an_input_casts_what_comes_in_as_keras_does(cast: Any) -> None:
    import keras

    from checkers.engine.keras_builder import build

    given = np.array([[0.7, 1.0, 200.4]], "float32")
    x = keras.Input((3,), dtype=cast)
    wanted = keras.Model(x, keras.layers.Rescaling(2.0)(x)).predict(given, verbose=0)
    nodes = (
        Node("x", InputLayer(shape=(3,), cast=cast), ((),)),
        Node("y", Rescaling(scale=2.0), ((Tensor("x"),),)),
    )
    built = build(Network("n", "Functional", nodes, (Tensor("x"),), (Tensor("y"),), ("y",)))
    found = keras.Model(built.inputs, built.outputs[0]).predict(given, verbose=0)
    assert np.array_equal(found, wanted)
    assert (found[0, 0] == 0) == ("int" in cast)
