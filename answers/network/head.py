"""What the end of a network says about its answer: probabilities, logits, or neither."""

from __future__ import annotations

from answers.layers.activation import Activation, LeakyReLU, ReLU, Softmax
from answers.layers.base import Layer
from answers.layers.core import Dropout, Flatten, InputLayer, Reshape
from answers.layers.preprocessing import RandomLayer
from answers.layers.resampling import Resizing, UpSampling2D, ZeroPadding2D
from answers.network.graph import Network, Tensor

# They leave each number as it is, or mix numbers of one channel: what came before still holds.
_TRANSPARENT = (Dropout, Flatten, Reshape, RandomLayer, Resizing, UpSampling2D, ZeroPadding2D)
_Frame = tuple[Network, tuple[Tensor, ...]]  # a network, and what it gave to one inside it


def final_activation(network: Network, output: int = 0) -> str:
    """The function that made the numbers of an output: 'softmax', 'sigmoid', 'linear', …

    A network's input counts as 'linear': pictures come as they are.
    """
    tensor, around = network.outputs[output], list[_Frame]()
    while True:
        node = network.by_name[tensor.node]
        if isinstance(node.layer, Network):
            around.append((network, node.calls[tensor.call]))
            network, tensor = node.layer, node.layer.outputs[tensor.output]
        elif isinstance(node.layer, InputLayer) and around:
            place = network.inputs.index(tensor)
            network, taken = around.pop()
            tensor = taken[place]
        elif isinstance(node.layer, _TRANSPARENT):
            tensor = node.calls[tensor.call][0]
        else:
            return _of_layer(node.layer)


def _of_layer(layer: Layer) -> str:
    function = layer.activation if isinstance(layer, Activation) else None
    function = getattr(layer, "activation", "linear") if function is None else function
    if isinstance(layer, Softmax | ReLU | LeakyReLU):
        function = layer
    names = {Softmax: "softmax", ReLU: "relu", LeakyReLU: "leaky_relu"}
    return function if isinstance(function, str) else names[type(function)]
