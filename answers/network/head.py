"""What the end of a network says about its answer: probabilities, logits, or neither."""

from __future__ import annotations

from answers.layers.activation import (
    ELU,
    Activation,
    LeakyReLU,
    PReLU,
    ReLU,
    Softmax,
    ThresholdedReLU,
)
from answers.layers.base import Layer
from answers.layers.core import (
    Flatten,
    Identity,
    InputLayer,
    Permute,
    RepeatVector,
    Reshape,
    TrainingOnly,
)
from answers.layers.resampling import (
    CenterCrop,
    Cropping1D,
    Cropping2D,
    Cropping3D,
    Resizing,
    UpSampling1D,
    UpSampling2D,
    UpSampling3D,
    ZeroPadding1D,
    ZeroPadding2D,
    ZeroPadding3D,
)
from answers.network.graph import Network, Tensor

# They leave each number as it is, or mix numbers of one channel: what came before still holds.
_TRANSPARENT = (
    *(CenterCrop, Cropping1D, Cropping2D, Cropping3D, Flatten, Identity, Permute, RepeatVector),
    *(Reshape, Resizing, TrainingOnly, UpSampling1D, UpSampling2D, UpSampling3D),
    *(ZeroPadding1D, ZeroPadding2D, ZeroPadding3D),
)
_NAMES = {
    ELU: "elu",
    LeakyReLU: "leaky_relu",
    PReLU: "prelu",
    ReLU: "relu",
    Softmax: "softmax",
    ThresholdedReLU: "thresholded_relu",
}
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
        elif isinstance(node.layer, _TRANSPARENT) or _does_nothing(node.layer):
            tensor = node.calls[tensor.call][0]
        else:
            return _of_layer(node.layer)


def _does_nothing(layer: Layer) -> bool:
    """An Activation('linear'), by which Keras says the type of an output."""
    return isinstance(layer, Activation) and layer.activation == "linear"


def _of_layer(layer: Layer) -> str:
    if type(layer) in _NAMES:
        return _NAMES[type(layer)]
    function = getattr(layer, "activation", "linear")
    return function if isinstance(function, str) else _NAMES[type(function)]
