"""Question 5: a U-Net. What a pixel is, is seen from far away; where its edge runs, from near by.

The encoder makes the picture smaller and says *what*; the decoder makes it large again. At each size
the decoder is joined with what the encoder saw there (the skip), which still knows *where*.

Both networks take pictures (size, size, 3) of 0 to 1, and answer (size, size, 1): the probability that
a pixel is object. Sources: Ronneberger et al. 2015, arXiv:1505.04597; TensorFlow's tutorial on
image segmentation for the decoder on MobileNetV2.
"""

from __future__ import annotations

from typing import Any

from answers.errors import InputError
from answers.solutions.pretrained import Weights, mobilenet_v2

SKIPS = (
    "block_1_expand_relu",  # 1/2 of the side
    "block_3_expand_relu",  # 1/4
    "block_6_expand_relu",  # 1/8
    "block_13_expand_relu",  # 1/16
)
BOTTOM = "block_16_project"  # 1/32
UP_FILTERS = (512, 256, 128, 64)

ENCODER = "encoder"
WIDEST = 16
"""The most `width` of the small U-Net: 1,945,521 parameters, the next one has over 2 million."""


def mobilenet_unet(size: int, weights: Weights) -> Any:
    """The homework's network: a frozen MobileNetV2, and four up-sampling blocks that are trained.

    With 128 × 128: 6,501,345 parameters, 4,657,441 of them trainable.
    Raises what `mobilenet_v2` raises.
    """
    from keras import Input, Model, layers

    picture = Input((size, size, 3), name="picture")
    symmetric = layers.Rescaling(2.0, offset=-1.0, name="to_symmetric")(picture)
    *skips, x = mobilenet_encoder(size, weights)(symmetric)
    for filters, skip in zip(UP_FILTERS, reversed(skips), strict=True):
        x = layers.Concatenate()([_doubled(x, filters), skip])
    mask = layers.Conv2DTranspose(
        1, 3, strides=2, padding="same", activation="sigmoid", name="mask"
    )(x)
    return Model(picture, mask, name="mobilenet_unet")


def mobilenet_encoder(size: int, weights: Weights) -> Any:
    """MobileNetV2 cut at five layers, largest first, and frozen."""
    from keras import Model

    whole = mobilenet_v2(size, weights)
    outputs = [whole.get_layer(name).output for name in (*SKIPS, BOTTOM)]
    encoder = Model(whole.input, outputs, name=ENCODER)
    encoder.trainable = False
    return encoder


def _doubled(x: Any, filters: int) -> Any:
    """Twice as high and wide: transposed convolution, batch normalisation, ReLU."""
    from keras import layers

    x = layers.Conv2DTranspose(filters, 3, strides=2, padding="same", use_bias=False)(x)
    return layers.ReLU()(layers.BatchNormalization()(x))


def small_unet(size: int, width: int) -> Any:
    """A U-Net for machines without a GPU, trained from scratch: `width` filters at full size.

    Each of four steps down halves the sides and doubles the filters.
    Raises InputError (width-unfit, size-unfit).
    """
    from keras import Input, Model, layers

    check_small(size, width)
    picture = Input((size, size, 3), name="picture")
    x, skips = layers.Rescaling(2.0, offset=-1.0, name="to_symmetric")(picture), []
    for step in range(4):
        skips.append(_two_convolutions(x, width << step))
        x = layers.MaxPooling2D()(skips[-1])
    x = _two_convolutions(x, width << 4)
    for step in reversed(range(4)):
        larger = layers.Conv2DTranspose(width << step, 2, strides=2)(x)
        x = _two_convolutions(layers.Concatenate()([larger, skips[step]]), width << step)
    mask = layers.Conv2D(1, 1, activation="sigmoid", name="mask")(x)
    return Model(picture, mask, name="small_unet")


def _two_convolutions(x: Any, filters: int) -> Any:
    from keras import layers

    for _ in range(2):
        x = layers.Conv2D(
            filters, 3, padding="same", use_bias=False, kernel_initializer="he_normal"
        )(x)
        # a moving mean over about ten batches: an epoch has few, and validation uses it at once
        x = layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x))
    return x


def check_small(size: int, width: int) -> None:
    """Refuse a small U-Net that can't be. Raises InputError (width-unfit, size-unfit)."""
    if not 1 <= width <= WIDEST:
        raise InputError(
            "width-unfit",
            f"A small U-Net has a width of 1 to {WIDEST}, not {width}.",
            hint="With 16 it has 1,945,521 parameters; the large one is trained without --small.",
            where="--width",
        )
    if not 16 <= size <= 1024 or size % 16:
        raise InputError(
            "size-unfit",
            f"A side of {size} pixels can't be halved four times.",
            hint="Use a multiple of 16 up to 1024, for example 128.",
            where="--size",
        )
