"""Sizes that the outer network leaves open and a nested one asks for."""

from __future__ import annotations

from answers.layers.convolution import Conv2D
from answers.layers.core import InputLayer
from answers.network.graph import Network, Node, Tensor
from answers.receptive_field.unfolded import unfold


def _network(layer: Conv2D | Network, *shape: int | None) -> Network:
    return Network(
        name="net",
        kind="Functional",
        nodes=(
            Node("in", InputLayer(shape=shape), ((),)),
            Node("one", layer, ((Tensor("in"),),)),
        ),
        inputs=(Tensor("in"),),
        outputs=(Tensor("one"),),
        output_names=("one",),
    )


def test_a_nested_network_settles_what_the_outer_one_leaves_open() -> None:
    conv = Conv2D(filters=4, kernel_size=(3, 3), strides=(2, 2), padding="same")
    outer = _network(_network(conv, 32, 32, 3), None, None, 3)
    step = unfold(outer).steps[-1]
    assert step.taken == ((32, 32, 3),)
    assert step.shape == (16, 16, 4)
