"""Between which numbers an output lies: worked out by hand, and never beside what an engine answers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from layer_grid import CASES, Case, inputs_of, named
from naive_cases import bounded
from one_layer import made, network_of, onnx_answers, random_arrays

from answers.network.bounds import ANY, Interval, bounds
from answers.network.graph import Network, Node, Tensor
from checkers.engine.onnx.coverage import uncovered

NEVER_NEGATIVE = (0.0, math.inf)


def after(*layers: Any) -> Network:
    """A convolution with a sigmoid, and layers one after the other; each takes `again` of the last."""
    nodes = [Node("in", made("InputLayer", shape=(4, 4, 3)), ((),))]
    sigmoid = made("Conv2D", filters=2, kernel_size=(1, 1), activation="sigmoid")
    for number, each in enumerate((sigmoid, *layers)):
        layer, again = each if isinstance(each, tuple) else (each, 1)
        taken = (Tensor(nodes[-1].name),) * again
        nodes.append(Node(f"l{number}", layer, (taken,)))
    last = nodes[-1].name
    return Network("net", "Functional", tuple(nodes), (Tensor("in"),), (Tensor(last),), (last,))


@dataclass(frozen=True)
class Ending:
    name: str
    network: Network
    interval: Interval


ENDINGS = [
    Ending("nothing", after(), (0, 1)),
    Ending("a linear Activation", after(made("Activation", activation="linear")), (0, 1)),
    Ending("one channel of two", after(made("GetItem", parts=("...", "1:2"))), (0, 1)),
    Ending("the mean of two", after((made("Average"), 2)), (0, 1)),
    Ending("the product of two", after((made("Multiply"), 2)), (0, 1)),
    Ending("the sum of three", after((made("Add"), 3)), (0, 3)),
    Ending("a difference", after((made("Subtract"), 2)), (-1, 1)),
    Ending("a pool", after(made("MaxPooling2D", pool_size=(2, 2))), (0, 1)),
    Ending(
        "1 - x", after(made("Arithmetic", operation="subtract", number=1.0, number_first=True)), (0, 1)
    ),
    Ending("x / -2", after(made("Arithmetic", operation="divide", number=-2.0)), (-0.5, 0)),
    Ending("x / 0", after(made("Arithmetic", operation="divide", number=0.0)), ANY),
    Ending("by a number a channel", after(made("Arithmetic", operation="multiply", number=(2.0, -3.0))), (-3, 2)),
    Ending("255 x", after(made("Rescaling", scale=255.0)), (0, 255)),
    Ending("2 x - 1", after(made("Rescaling", scale=2.0, offset=-1.0)), (-1, 1)),
    Ending("rounded", after(made("MathFunction", function="round")), (0, 1)),
    Ending("x > 0.5", after(made("Comparison", operation="greater", number=0.5)), (0, 1)),
    Ending("clipped", after(made("Clip", low=0.1, high=7.0)), (0.1, 1)),
    Ending("zeros around what is never small", after(made("Clip", low=0.5, high=2.0), made("ZeroPadding2D")), (0, 1)),
    Ending("enlarged", after(made("UpSampling2D", interpolation="bilinear")), (0, 1)),
    Ending("enlarged with overshoot", after(made("UpSampling2D", interpolation="bicubic")), ANY),
    Ending("another convolution", after(made("Conv2D", filters=1, kernel_size=(1, 1))), ANY),
    Ending("a normalisation", after(made("BatchNormalization")), ANY),
    Ending("ReLU", after(made("Dense", units=1), made("ReLU")), NEVER_NEGATIVE),
    Ending("ReLU of at most 6", after(made("Dense", units=1), made("ReLU", max_value=6.0)), (0, 6)),
    Ending("relu of a sigmoid", after(made("Activation", activation="relu")), (0, 1)),
    Ending("the square", after(made("Dense", units=1), made("MathFunction", function="square")), NEVER_NEGATIVE),
]  # fmt: skip


@pytest.mark.parametrize("ending", ENDINGS, ids=[ending.name for ending in ENDINGS])
def test_an_ending_has_the_interval_that_follows_by_hand(ending: Ending) -> None:
    assert bounds(ending.network) == (ending.interval,)


def test_a_model_inside_is_gone_through() -> None:
    inner = after((made("Average"), 2))
    nodes = (
        Node("x", made("InputLayer", shape=(4, 4, 3)), ((),)),
        Node("net", inner, ((Tensor("x"),),)),
        Node("more", made("Rescaling", scale=3.0), ((Tensor("net"),),)),
    )
    outer = Network("o", "Functional", nodes, (Tensor("x"),), (Tensor("more"),), ("more",))
    assert bounds(outer) == ((0, 3),)


ONE_INPUT = [item for item in bounded(CASES) if not uncovered(
    network_of(made(item[0], **item[2]), *item[1]), list(item[1])
)]  # fmt: skip


@pytest.mark.parametrize("item", ONE_INPUT, ids=named)
def test_no_answer_lies_beside_its_interval(item: Case) -> None:
    """Every layer with its settings, on drawn numbers and weights, by ONNX Runtime."""
    pytest.importorskip("onnxruntime")
    kind, shapes, settings = item
    network, inputs = network_of(made(kind, **settings), *shapes), inputs_of(item)
    found = bounds(network, [(float(x.min()), float(x.max())) for x in inputs])
    answers = onnx_answers(network, random_arrays(network), inputs)
    low, high = min(ends[0] for ends in found), max(ends[1] for ends in found)
    slack = 1e-5 * max(1.0, float(np.abs(answers).max()))
    assert low - slack <= answers.min()
    assert answers.max() <= high + slack
