"""What made the numbers of an output."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from answers.layers.activation import Activation, LeakyReLU, ReLU, Softmax
from answers.layers.base import Layer
from answers.layers.convolution import Conv2D
from answers.layers.core import Dense, Dropout, Flatten, InputLayer, Reshape
from answers.layers.merging import Add
from answers.layers.normalization import BatchNormalization
from answers.layers.preprocessing import RandomFlip, Rescaling
from answers.layers.resampling import Resizing
from answers.network.graph import Network, Node, Tensor
from answers.network.head import final_activation


def chain(*layers: Layer | Network, shape: tuple[int, ...] = (4, 4, 3)) -> Network:
    """Layers one after the other."""
    nodes = [Node("in", InputLayer(shape=shape), ((),))]
    for number, layer in enumerate(layers):
        nodes.append(Node(f"l{number}", layer, ((Tensor(nodes[-1].name),),)))
    last = nodes[-1].name
    return Network("net", "Sequential", tuple(nodes), (Tensor("in"),), (Tensor(last),), (last,))


SIGMOID = Conv2D(filters=1, kernel_size=(1, 1), activation="sigmoid")
SOFTMAX = Dense(units=10, activation="softmax")


@dataclass(frozen=True)
class Case:
    name: str
    network: Network
    function: str


CASES = [
    Case("a convolution's own", chain(SIGMOID), "sigmoid"),
    Case("a dense layer's own", chain(Flatten(), SOFTMAX), "softmax"),
    Case("none", chain(Dense(units=10)), "linear"),
    Case("only an input", chain(), "linear"),
    Case("Softmax layer", chain(Dense(units=10), Softmax()), "softmax"),
    Case("ReLU layer", chain(Dense(units=10), ReLU(max_value=6.0)), "relu"),
    Case("LeakyReLU layer", chain(Dense(units=10), LeakyReLU()), "leaky_relu"),
    Case("Activation layer", chain(Dense(units=10), Activation(activation="tanh")), "tanh"),
    Case(
        "Activation layer with a layer inside",
        chain(Dense(units=10), Activation(activation=Softmax())),
        "softmax",
    ),
    Case(
        "LeakyReLU as an activation",
        chain(Dense(units=10, activation=LeakyReLU(negative_slope=0.1))),
        "leaky_relu",
    ),
    Case(
        "through layers that leave the numbers alone",
        chain(SIGMOID, Resizing(height=8, width=8), RandomFlip(), Flatten(), Dropout()),
        "sigmoid",
    ),
    Case("through Reshape", chain(SOFTMAX, Reshape(target_shape=(-1, 10))), "softmax"),
    Case("not through Rescaling", chain(SIGMOID, Rescaling(scale=255.0)), "linear"),
    Case("not through a normalisation", chain(SIGMOID, BatchNormalization()), "linear"),
    Case("nested", chain(chain(chain(SIGMOID), Flatten())), "sigmoid"),
    Case("nested, then a layer", chain(chain(SIGMOID), Dense(units=3)), "linear"),
    Case("before a nested one that only drops", chain(SIGMOID, chain(Dropout())), "sigmoid"),
    Case(
        "before two nested ones that only drop",
        chain(SIGMOID, chain(Dropout(), chain(Flatten())), chain(Dropout())),
        "sigmoid",
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_function_at_the_end_is_found(case: Case) -> None:
    assert final_activation(case.network) == case.function


def test_each_output_and_each_input_of_a_nested_network_is_followed_to_its_own_end() -> None:
    inner = Network(
        name="swap",
        kind="Functional",
        nodes=(
            Node("a", InputLayer(shape=(3,)), ((),)),
            Node("b", InputLayer(shape=(3,)), ((),)),
            Node("drop", Dropout(), ((Tensor("a"),), (Tensor("b"),))),
            Node("sum", Add(), ((Tensor("a"), Tensor("b")),)),
        ),
        inputs=(Tensor("a"), Tensor("b")),
        outputs=(Tensor("drop", 1), Tensor("drop", 0), Tensor("sum")),
        output_names=("b", "a", "sum"),
    )
    outer = Network(
        name="net",
        kind="Functional",
        nodes=(
            Node("in", InputLayer(shape=(3,)), ((),)),
            Node("soft", Dense(units=3, activation="softmax"), ((Tensor("in"),),)),
            Node("sig", Dense(units=3, activation="sigmoid"), ((Tensor("in"),),)),
            Node("swap", inner, ((Tensor("soft"), Tensor("sig")),)),
        ),
        inputs=(Tensor("in"),),
        outputs=tuple(Tensor("swap", 0, number) for number in range(3)),
        output_names=("b", "a", "sum"),
    )
    found = [final_activation(outer, number) for number in range(3)]
    assert found == ["sigmoid", "softmax", "linear"]


def test_a_long_tail_of_dropouts_is_followed_without_recursion() -> None:
    assert final_activation(chain(SIGMOID, *[Dropout()] * 3_000)) == "sigmoid"
