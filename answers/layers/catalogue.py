"""The layers this house knows, by Keras's class name."""

from __future__ import annotations

from answers.layers.activation import Activation, LeakyReLU, ReLU, Softmax
from answers.layers.base import Layer
from answers.layers.convolution import Conv2D, Conv2DTranspose, DepthwiseConv2D, SeparableConv2D
from answers.layers.core import Dense, Dropout, Flatten, InputLayer, Reshape
from answers.layers.merging import Add, Concatenate
from answers.layers.normalization import BatchNormalization
from answers.layers.pooling import (
    AveragePooling2D,
    GlobalAveragePooling2D,
    GlobalMaxPooling2D,
    MaxPooling2D,
)
from answers.layers.preprocessing import (
    RandomContrast,
    RandomFlip,
    RandomRotation,
    RandomTranslation,
    RandomZoom,
    Rescaling,
)
from answers.layers.resampling import Resizing, UpSampling2D, ZeroPadding2D

LAYERS: dict[str, type[Layer]] = {
    layer.__name__: layer
    for layer in (
        Activation,
        Add,
        AveragePooling2D,
        BatchNormalization,
        Concatenate,
        Conv2D,
        Conv2DTranspose,
        Dense,
        DepthwiseConv2D,
        Dropout,
        Flatten,
        GlobalAveragePooling2D,
        GlobalMaxPooling2D,
        InputLayer,
        LeakyReLU,
        MaxPooling2D,
        RandomContrast,
        RandomFlip,
        RandomRotation,
        RandomTranslation,
        RandomZoom,
        ReLU,
        Rescaling,
        Reshape,
        Resizing,
        SeparableConv2D,
        Softmax,
        UpSampling2D,
        ZeroPadding2D,
    )
}
