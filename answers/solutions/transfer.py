"""Question 3(d), done right: what MobileNetV2 has learned from a million pictures, for CIFAR-10.

The pictures stay 32 × 32 in memory. The network itself enlarges each batch, so training, validation and
grading see the same pixels, and no split can be forgotten. First only the head learns; then, if
asked, all of it with a small rate, while batch normalisation stays in inference mode.
"""

from __future__ import annotations

from math import prod
from typing import Any

from answers.solutions.memory import FLOAT32, UINT8, Holding
from answers.solutions.pretrained import Weights, mobilenet_v2

SIDE = 32
CLASSES = 10
FEATURES = "features"


def transfer_network(size: int, weights: Weights) -> Any:
    """(32, 32, 3) of 0 to 1 → ten probabilities; the pretrained part is frozen.

    size: the side that pictures are enlarged to, for the features.
    Raises what `mobilenet_v2` raises.
    """
    from keras import Input, Model, layers

    features = mobilenet_v2(size, weights)
    features.trainable = False  # also puts its batch normalisation into inference mode
    picture = Input((SIDE, SIDE, 3), name="picture")
    x = layers.Resizing(size, size, interpolation="bilinear", name="enlarge")(picture)
    x = layers.Rescaling(2.0, offset=-1.0, name="to_symmetric")(x)
    x = layers.GlobalAveragePooling2D()(_named(features)(x))
    x = layers.Dropout(0.2)(x)
    classes = layers.Dense(CLASSES, activation="softmax", name="classes")(x)
    return Model(picture, classes, name="transfer")


def _named(features: Any) -> Any:
    """The pretrained network under a name that does not depend on its size."""
    features.name = FEATURES
    return features


def naive(count: int, size: int) -> Holding:
    """What it would take to enlarge all pictures before training."""
    return Holding(what="all pictures enlarged", shape=(count, size, size, 3), number=FLOAT32)


def needed(count: int, measured: int, size: int, batch: int, model: Any) -> tuple[Holding, ...]:
    """What this program takes instead, while all layers learn (frozen ones take less).

    count: all pictures; measured: those that are measured after each epoch.
    """
    return (
        Holding(what="pictures as they are", shape=(count, SIDE, SIDE, 3), number=UINT8),
        Holding(what="those measured, scaled", shape=(measured, SIDE, SIDE, 3), number=FLOAT32),
        Holding(what="one batch enlarged", shape=(batch, size, size, 3), number=FLOAT32),
        Holding(
            what="outputs of all layers, for one batch",
            shape=(batch, numbers_of(model)),
            number=FLOAT32,
        ),
        Holding(
            what="parameters, their gradients and Adam's two means",
            shape=(4, model.count_params()),
            number=FLOAT32,
        ),
    )


def numbers_of(model: Any) -> int:
    """How many numbers the layers of a network give for one picture, those of nested ones as well.

    All of them are kept for the backward pass where all layers learn; a frozen part keeps none.
    """
    return sum(
        numbers_of(layer) if hasattr(layer, "layers") else prod(layer.output.shape[1:])
        for layer in model.layers
    )
