"""Layers that prepare pictures: a scale, and random changes that act in training only."""

from __future__ import annotations

from dataclasses import dataclass

from answers.layers.base import Layer

Numbers = float | tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class Rescaling(Layer):
    """x·scale + offset; a number for all channels, or one a channel."""

    scale: Numbers = 1.0
    offset: Numbers = 0.0


@dataclass(frozen=True, kw_only=True)
class RandomLayer(Layer):
    """A random change in training; the identity at prediction, so no argument is kept."""


@dataclass(frozen=True, kw_only=True)
class RandomFlip(RandomLayer):
    """Mirrors pictures in training."""


@dataclass(frozen=True, kw_only=True)
class RandomRotation(RandomLayer):
    """Turns pictures in training."""


@dataclass(frozen=True, kw_only=True)
class RandomZoom(RandomLayer):
    """Zooms in and out in training."""


@dataclass(frozen=True, kw_only=True)
class RandomContrast(RandomLayer):
    """Changes the contrast in training."""


@dataclass(frozen=True, kw_only=True)
class RandomTranslation(RandomLayer):
    """Shifts pictures in training."""
