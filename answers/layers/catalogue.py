"""The layers this house knows, by Keras's class name.

A family's module is imported when a layer of it is asked for: making a hundred records takes longer
than most answers. A test holds that every name stands where the table says.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module

from answers.layers.base import Layer

# family → the classes of its module
FAMILIES: Mapping[str, tuple[str, ...]] = {
    "activation": (
        "Activation",
        "ELU",
        "LeakyReLU",
        "PReLU",
        "ReLU",
        "Softmax",
        "ThresholdedReLU",
    ),
    "arithmetic": (
        "Arithmetic",
        "GetItem",
        "MathFunction",
        "Reduction",
    ),
    "attention": (
        "AdditiveAttention",
        "Attention",
        "GroupQueryAttention",
        "MultiHeadAttention",
    ),
    "convolution": (
        "Conv1D",
        "Conv1DTranspose",
        "Conv2D",
        "Conv2DTranspose",
        "Conv3D",
        "Conv3DTranspose",
        "DepthwiseConv1D",
        "DepthwiseConv2D",
        "SeparableConv1D",
        "SeparableConv2D",
    ),
    "convolved_steps": (
        "ConvLSTM1D",
        "ConvLSTM2D",
        "ConvLSTM3D",
    ),
    "core": (
        "ActivityRegularization",
        "AlphaDropout",
        "Dense",
        "Dropout",
        "Flatten",
        "GaussianDropout",
        "GaussianNoise",
        "Identity",
        "InputLayer",
        "Masking",
        "Permute",
        "RepeatVector",
        "Reshape",
        "SpatialDropout1D",
        "SpatialDropout2D",
        "SpatialDropout3D",
    ),
    "einsum": ("EinsumDense",),
    "embedding": ("Embedding",),
    "locally_connected": (
        "LocallyConnected1D",
        "LocallyConnected2D",
    ),
    "merging": (
        "Add",
        "Average",
        "Concatenate",
        "Dot",
        "Maximum",
        "Minimum",
        "Multiply",
        "Subtract",
    ),
    "normalization": (
        "BatchNormalization",
        "GroupNormalization",
        "LayerNormalization",
        "RMSNormalization",
        "SpectralNormalization",
        "UnitNormalization",
    ),
    "picture_operations": (
        "DepthToSpace",
        "Grey",
        "Pad",
        "Patches",
        "PictureStandardization",
        "SpaceToDepth",
    ),
    "pooling": (
        "AdaptiveAveragePooling1D",
        "AdaptiveAveragePooling2D",
        "AdaptiveAveragePooling3D",
        "AdaptiveMaxPooling1D",
        "AdaptiveMaxPooling2D",
        "AdaptiveMaxPooling3D",
        "AveragePooling1D",
        "AveragePooling2D",
        "AveragePooling3D",
        "GlobalAveragePooling1D",
        "GlobalAveragePooling2D",
        "GlobalAveragePooling3D",
        "GlobalMaxPooling1D",
        "GlobalMaxPooling2D",
        "GlobalMaxPooling3D",
        "MaxPooling1D",
        "MaxPooling2D",
        "MaxPooling3D",
    ),
    "preprocessing": (
        "AugMix",
        "CutMix",
        "MixUp",
        "Normalization",
        "RandAugment",
        "RandomBrightness",
        "RandomColorDegeneration",
        "RandomColorJitter",
        "RandomContrast",
        "RandomCrop",
        "RandomElasticTransform",
        "RandomErasing",
        "RandomFlip",
        "RandomGaussianBlur",
        "RandomGrayscale",
        "RandomHue",
        "RandomInvert",
        "RandomPerspective",
        "RandomPosterization",
        "RandomRotation",
        "RandomSaturation",
        "RandomSharpness",
        "RandomShear",
        "RandomTranslation",
        "RandomZoom",
        "Rescaling",
        "Solarization",
    ),
    "recurrent": (
        "CuDNNGRU",
        "CuDNNLSTM",
        "GRU",
        "LSTM",
        "RNN",
        "SimpleRNN",
        "StackedRNNCells",
    ),
    "resampling": (
        "CenterCrop",
        "Cropping1D",
        "Cropping2D",
        "Cropping3D",
        "Resizing",
        "UpSampling1D",
        "UpSampling2D",
        "UpSampling3D",
        "ZeroPadding1D",
        "ZeroPadding2D",
        "ZeroPadding3D",
    ),
    "scaling": (
        "CustomScaleLayer",
        "LayerScale",
    ),
    "selection": (
        "Cumulative",
        "Extreme",
        "Filled",
        "Gather",
        "Logical",
        "OneHot",
        "Roll",
        "Sort",
        "WholePart",
    ),
    "tensor_operations": (
        "Clip",
        "Comparison",
        "Einsum",
        "Matmul",
        "MoveAxis",
        "Part",
        "Repeat",
        "Stack",
        "Tile",
        "UnitLength",
        "Where",
    ),
    "unknown": ("Unknown",),
    "wrappers": (
        "Bidirectional",
        "TimeDistributed",
    ),
}
_ON_TENSORS = ("arithmetic", "picture_operations", "selection", "tensor_operations")
OPERATIONS = frozenset(name for family in _ON_TENSORS for name in FAMILIES[family])
_FAMILY = {name: family for family, names in FAMILIES.items() for name in names}


class _Catalogue(Mapping[str, type[Layer]]):
    """Keras's class name → our record."""

    def __getitem__(self, name: str) -> type[Layer]:
        found: type[Layer] = getattr(import_module(f"answers.layers.{_FAMILY[name]}"), name)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(_FAMILY))

    def __len__(self) -> int:
        return len(_FAMILY)

    def __contains__(self, name: object) -> bool:
        return name in _FAMILY


LAYERS: Mapping[str, type[Layer]] = _Catalogue()
