"""Layers that prepare pictures: a scale, and random changes that act in training only."""

from __future__ import annotations

from answers.errors import InputError
from answers.expressions.expression import Expression, Name, Number, Product, Values
from answers.layers.activation import Places, size_names, sizes_by_name
from answers.layers.base import Layer, Shape, Weight, axis_of, known, one, spatial, text
from answers.layers.core import TrainingOnly
from answers.layers.fields import Count
from answers.layers.taps import UNRULED, InputTaps
from answers.record import record

Numbers = float | tuple[float, ...]


@record(kw_only=True)
class Rescaling(Layer):
    """x·scale + offset; a number for all channels, or one a channel."""

    scale: Numbers = 1.0
    offset: Numbers = 0.0


@record(kw_only=True)
class Normalization(Layer):
    """(x − mean) / √variance, with numbers that were measured on the data or are given.

    axis: the axes with numbers of their own, counted with the batch axis; none: one for all.
    mean, variance: given numbers; without them the layer holds measured ones as weights.
    invert: back from normalised numbers to those of the data.
    """

    axis: Places = -1
    mean: Numbers | None = None
    variance: Numbers | None = None
    invert: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        if (self.mean is None) != (self.variance is None):
            raise InputError(
                "config-value", "Normalization needs both a mean and a variance, or neither."
            )
        if _length(self.mean) != _length(self.variance):
            raise InputError(
                "config-value", "The mean and the variance of a Normalization must be equally many."
            )

    def output_shape(self, *inputs: Shape) -> Shape:
        """The input's shape; given numbers must be one for all, or one a place of the last axis."""
        shape, count = one(inputs), _length(self.mean)
        kept = self._kept(shape)
        size = shape[kept[-1]] if kept else 1
        if count not in (None, 0, 1) and size is not None and count != size:
            raise InputError(
                "shapes-differ",
                f"A Normalization with {count} means can't work on {text(shape)}.",
            )
        return shape

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        """Mean and variance (the sizes of the axes), and count (a single number)."""
        shape = self.output_shape(*inputs)
        if self.mean is not None:
            return ()
        kept = self._kept(shape)
        sizes = tuple(known(shape[place], "A size that is normalised") for place in kept)
        own = tuple(Name(size_names(len(shape))[place]) for place in kept)
        count: Expression = Product(own) if own else Number(1)
        return (
            Weight("mean", sizes, trainable=False, count=count),
            Weight("variance", sizes, trainable=False, count=count),
            Weight("count", (), trainable=False, count=Number(1)),
        )

    def letters(self, *inputs: Shape) -> Values:
        """The sizes of the input."""
        return sizes_by_name(one(inputs))

    def _kept(self, shape: Shape) -> list[int]:
        axes = self.axis if isinstance(self.axis, tuple) else (self.axis,)
        return sorted({axis_of(axis, shape) for axis in axes})


def _length(numbers: Numbers | None) -> int | None:
    """How many numbers a list holds, 0 for a single number."""
    if numbers is None:
        return None
    return len(numbers) if isinstance(numbers, tuple) else 0


class RandomLayer(TrainingOnly):
    """A random change in training; the identity at prediction, so no argument is kept."""


class AugMix(RandomLayer):
    """Mixes chains of random changes in training (Hendrycks et al. 2020)."""


class CutMix(RandomLayer):
    """Puts a part of one picture into another in training (Yun et al. 2019)."""


class MixUp(RandomLayer):
    """Mixes pairs of pictures in training (Zhang et al. 2018)."""


class RandAugment(RandomLayer):
    """Some random changes out of many in training (Cubuk et al. 2020)."""


class RandomBrightness(RandomLayer):
    """Changes the brightness in training."""


class RandomColorDegeneration(RandomLayer):
    """Fades colours in training."""


class RandomColorJitter(RandomLayer):
    """Changes brightness, contrast, saturation and hue in training."""


class RandomContrast(RandomLayer):
    """Changes the contrast in training."""


class RandomElasticTransform(RandomLayer):
    """Bends pictures in training."""


class RandomErasing(RandomLayer):
    """Covers a part of the picture in training."""


class RandomFlip(RandomLayer):
    """Mirrors pictures in training."""


class RandomGaussianBlur(RandomLayer):
    """Blurs pictures in training."""


class RandomGrayscale(RandomLayer):
    """Takes the colours away in training."""


class RandomHue(RandomLayer):
    """Turns the colours in training."""


class RandomInvert(RandomLayer):
    """Inverts pictures in training."""


class RandomPerspective(RandomLayer):
    """Changes the perspective in training."""


class RandomPosterization(RandomLayer):
    """Takes grey levels away in training."""


class RandomRotation(RandomLayer):
    """Turns pictures in training."""


class RandomSaturation(RandomLayer):
    """Changes the saturation in training."""


class RandomSharpness(RandomLayer):
    """Changes the sharpness in training."""


class RandomShear(RandomLayer):
    """Shears pictures in training."""


class RandomTranslation(RandomLayer):
    """Shifts pictures in training."""


class RandomZoom(RandomLayer):
    """Zooms in and out in training."""


class Solarization(RandomLayer):
    """Inverts bright pixels in training."""


@record(kw_only=True)
class RandomCrop(Layer):
    """A random part of the picture in training.

    At prediction Keras 2 resizes the middle of the picture; Keras 3.15 leaves the picture as it
    is, although it says the size of the part. So nobody can say what it reads.
    """

    height: Count
    width: Count

    def output_shape(self, *inputs: Shape) -> Shape:
        """(height, width, channels), as Keras says."""
        _, channels = spatial(one(inputs), 2)
        return (self.height, self.width, channels)

    def taps(self, *inputs: Shape) -> tuple[InputTaps, ...]:
        """Not to be said."""
        spatial(one(inputs), 2)
        return (UNRULED,)
