"""MobileNetV2 as Keras ships it, with the weights of ImageNet where they can be had.

It was trained on pictures scaled to [-1, 1]: whoever feeds it 0 to 1 gets features of a grey fog.
Source: Sandler et al. 2018, arXiv:1801.04381.
"""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from typing import Any, Literal

from answers.errors import InputError, MissingError

Weights = Literal["imagenet", "none"]

SIZES = (96, 128, 160, 192, 224)
"""The sizes of pictures that ImageNet weights exist for."""

STEP = 32
"""Five strides of 2: a side has to be a multiple of this, or up-sampling misses the skips."""

_SECONDS = 60.0


def mobilenet_v2(size: int, weights: Weights) -> Any:
    """MobileNetV2 without its classifier: (size, size, 3) in [-1, 1] → (size/32, size/32, 1280).

    Raises InputError (size-unfit), MissingError (pretrained-weights-missing) where Keras can neither
    find nor fetch the weights.
    """
    from keras.applications import MobileNetV2

    check_size(size, weights)
    wanted = None if weights == "none" else weights
    # Keras tells of its download on stdout, which holds the answer alone
    with _patience(_SECONDS), redirect_stdout(sys.stderr):
        try:
            return MobileNetV2(input_shape=(size, size, 3), include_top=False, weights=wanted)
        except Exception as error:
            if weights == "none":
                raise
            raise _missing(error) from error  # Keras raises a bare Exception for a failed download


def unfreeze(pretrained: Any) -> None:
    """Let a frozen model learn, but for its batch normalisation; compile anew after it.

    Normalisation stays in inference mode: the few pictures of a batch would spoil the means that a
    million pictures gave. `pretrained(x, training=False)` is not enough: Keras 3 (measured: 3.15)
    hands the training=True of `fit` to nested models all the same (keras issue 20285). A
    normalisation that is not trainable runs in inference mode in Keras 2 and 3.
    """
    from keras.layers import BatchNormalization

    pretrained.trainable = True
    for layer in pretrained.layers:
        if isinstance(layer, BatchNormalization):
            layer.trainable = False


def check_size(size: int, weights: Weights) -> None:
    """Refuse a side that the network, or its weights, don't fit. Raises InputError (size-unfit)."""
    if weights == "imagenet" and size not in SIZES:
        raise InputError(
            "size-unfit",
            f"There are no ImageNet weights for pictures of {size} × {size} pixels.",
            hint=f"Use one of {', '.join(map(str, SIZES))}.",
            where="--size",
        )
    if not STEP <= size <= 1024 or size % STEP:
        raise InputError(
            "size-unfit",
            f"A side of {size} pixels can't be halved five times.",
            hint=f"Use a multiple of {STEP} up to 1024, for example 128.",
            where="--size",
        )


def _missing(error: Exception) -> MissingError:
    return MissingError(
        "pretrained-weights-missing",
        f"Keras could not get the ImageNet weights of MobileNetV2: {error!s:.200}",
        hint="Keras fetches them once, and keeps them in its folder (~/.keras/models): try again with "
        "a network, or copy that file from another machine. Without them: --weights none "
        "(random features, to try the program), or for masks train unet --small.",
        where="--weights",
    )


@contextmanager
def _patience(seconds: float) -> Iterator[None]:
    """Let no connection stand still for longer; Keras's download has no limit of its own."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(seconds)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)
