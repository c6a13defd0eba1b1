"""Layers that change the grid of a sample, place by place: margins, cuts, other sizes, patches."""

from __future__ import annotations

from collections.abc import Callable
from math import floor, pi, sin
from typing import Any

import numpy as np
from naive_functions import Array
from naive_windows import axes_of, places

Arrays = list[Array]


def padded(layer: Any, weights: Arrays, x: Array) -> Array:  # noqa: ARG001  # all alike
    """Zeros before and after."""
    sides = _sides(layer.padding)
    sizes = [n + before + after for n, (before, after) in zip(x.shape, sides, strict=False)]
    out = np.zeros((*sizes, x.shape[-1]))
    for source in np.ndindex(x.shape[:-1]):
        out[tuple(i + before for i, (before, _) in zip(source, sides, strict=True))] = x[source]
    return out


def cropped(layer: Any, weights: Arrays, x: Array) -> Array:  # noqa: ARG001  # all alike
    """What is left without so many places before and after."""
    rows = zip(x.shape, _sides(layer.cropping), strict=False)
    return x[tuple(slice(before, n - after) for n, (before, after) in rows)]


def _sides(said: Any) -> tuple[tuple[int, int], ...]:
    return said if isinstance(said[0], tuple) else (said,)


def enlarged(layer: Any, weights: Arrays, x: Array) -> Array:  # noqa: ARG001  # all alike
    """Each place becomes a block of equal ones; or in between, as a resize has it."""
    factors = layer.size if isinstance(layer.size, tuple) else (layer.size,)
    target = tuple(n * f for n, f in zip(x.shape, factors, strict=False))
    return resized(x, target, getattr(layer, "interpolation", "nearest"))


# --- sizes -------------------------------------------------------------------------------------


def triangle(t: float) -> float:
    return max(0.0, 1 - abs(t))


def keys(t: float) -> float:
    """Keys 1981, 'Cubic convolution interpolation', with a = −1/2."""
    a, t = -0.5, abs(t)
    if t < 1:
        return (a + 2) * t**3 - (a + 3) * t**2 + 1
    return a * t**3 - 5 * a * t**2 + 8 * a * t - 4 * a if t < 2 else 0.0


def lanczos(radius: int) -> Callable[[float], float]:
    """sinc(t)·sinc(t/radius) within the radius."""

    def kernel(t: float) -> float:
        if t == 0:
            return 1.0
        inside = radius * sin(pi * t) * sin(pi * t / radius) / (pi * t) ** 2
        return inside if abs(t) < radius else 0.0

    return kernel


KERNELS = {"bilinear": triangle, "bicubic": keys, "lanczos3": lanczos(3), "lanczos5": lanczos(5)}


def mixture(n: int, o: int, way: str, *, antialias: bool) -> Array:
    """How much each of n places counts for each of o: (o, n), with half-pixel centres.

    Output i stands at (i + 1/2)·n/o − 1/2. With antialiasing the kernel grows with n/o where the
    axis shrinks. What lies outside the picture drops out, and the rest is brought to a sum of 1.
    """
    if way == "nearest":
        return np.array(
            [[float(j == (2 * i + 1) * n // (2 * o)) for j in range(n)] for i in range(o)]
        )
    if way == "bilinear_keras2":  # Keras 2 puts output i at i·n/o
        way, centres = "bilinear", [min(i * n / o, n - 1) for i in range(o)]
    else:
        centres = [(i + 0.5) * n / o - 0.5 for i in range(o)]
    if way == "bicubic" and not antialias:  # TensorFlow has a table of Keys's kernel, 1024 a unit
        centres = [floor(c) + round((c - floor(c)) * 1024) / 1024 for c in centres]
    wide = max(n / o, 1.0) if antialias else 1.0
    rows = np.array([[KERNELS[way]((j - c) / wide) for j in range(n)] for c in centres])
    return np.asarray(rows / rows.sum(axis=1, keepdims=True))


def resized(x: Array, target: tuple[int, ...], way: str, *, antialias: bool = False) -> Array:
    """Each axis in turn: the kernels of both are multiplied."""
    for axis, (n, o) in enumerate(zip(x.shape[:-1], target, strict=True)):
        matrix = mixture(n, o, way, antialias=antialias)
        turned = np.moveaxis(x, axis, 0)
        rows = [sum(matrix[i, j] * turned[j] for j in range(n)) for i in range(o)]
        x = np.moveaxis(np.array(rows), 0, axis)
    return x


def resizing(layer: Any, weights: Arrays, x: Array) -> Array:  # noqa: ARG001  # all alike
    """Of the picture, of its largest middle part with the target's proportions, or of it in zeros."""
    target = (layer.height, layer.width)
    if layer.crop_to_aspect_ratio:
        x = middle(x, _with_proportions(x, target, min))
    if layer.pad_to_aspect_ratio:
        x = _in_zeros(x, _with_proportions(x, target, max))
    return resized(x, target, layer.interpolation, antialias=layer.antialias)


def _with_proportions(
    x: Array, target: tuple[int, int], choose: Callable[[int, int], int]
) -> tuple[int, int]:
    high, wide, _ = x.shape
    height, width = target
    return choose(high, wide * height // width), choose(wide, high * width // height)


def middle(x: Array, sizes: tuple[int, ...]) -> Array:
    """The part in the middle; of an odd rest the smaller half lies before."""
    starts = [(n - size) // 2 for n, size in zip(x.shape, sizes, strict=False)]
    return x[tuple(slice(a, a + size) for a, size in zip(starts, sizes, strict=True))]


def _in_zeros(x: Array, sizes: tuple[int, int]) -> Array:
    """As many zeros before as after: of an odd rest one is left out, as Keras does."""
    around = [(size - n) // 2 for n, size in zip(x.shape, sizes, strict=False)]
    return np.pad(x, [(m, m) for m in around] + [(0, 0)])


def centre(layer: Any, weights: Arrays, x: Array) -> Array:  # noqa: ARG001  # all alike
    """The middle; a picture that is too small is resized from its part with the proportions."""
    target = (layer.height, layer.width)
    if all(n >= size for n, size in zip(x.shape, target, strict=False)):
        return middle(x, target)
    return resized(middle(x, _with_proportions(x, target, min)), target, "bilinear")


# --- operations on pictures --------------------------------------------------------------------


def pad(layer: Any, weights: Arrays, x: Array) -> Array:  # noqa: ARG001  # all alike
    """A number around, or the picture mirrored at its border."""
    if layer.mode == "constant":
        return np.pad(x, layer.sides, constant_values=layer.value)
    return np.pad(x, layer.sides, mode=layer.mode)


def depth_to_space(layer: Any, weights: Arrays, x: Array) -> Array:  # noqa: ARG001  # all alike
    """Channel (i·b + j)·c + k goes to pixel (i, j) of its cell, channel k."""
    b = layer.block
    high, wide, depth = x.shape
    out = np.zeros((high * b, wide * b, depth // b**2))
    for y, z, k in np.ndindex(*out.shape):
        out[y, z, k] = x[y // b, z // b, (y % b * b + z % b) * out.shape[-1] + k]
    return out


def space_to_depth(layer: Any, weights: Arrays, x: Array) -> Array:  # noqa: ARG001  # all alike
    """The way back of `depth_to_space`."""
    b = layer.block
    high, wide, depth = x.shape
    out = np.zeros((high // b, wide // b, depth * b**2))
    for y, z, k in np.ndindex(*x.shape):
        out[y // b, z // b, (y % b * b + z % b) * depth + k] = x[y, z, k]
    return out


def patches(layer: Any, weights: Arrays, x: Array) -> Array:  # noqa: ARG001  # all alike
    """What each window sees, row by row, channels last; zeros outside."""
    axes = axes_of(x, layer.size, layer.strides, layer.dilation_rate, layer.padding)
    out = np.zeros((*map(len, axes), *layer.size, x.shape[-1]))
    for place, seen in places(axes):
        for tap, source in seen:
            out[(*place, *tap)] = x[source]
    return out.reshape(*out.shape[:2], -1)


def standardised(layer: Any, weights: Arrays, x: Array) -> Array:  # noqa: ARG001  # all alike
    """tf.image.per_image_standardization: (x − mean) / max(spread, 1/√n)."""
    spread = np.sqrt(((x - x.mean()) ** 2).mean())
    return np.asarray((x - x.mean()) / max(spread, 1 / np.sqrt(x.size)))


def grey(layer: Any, weights: Arrays, x: Array) -> Array:  # noqa: ARG001  # all alike
    """0.2989·red + 0.587·green + 0.114·blue (ITU-R BT.601)."""
    return np.asarray(x[..., :1] * 0.2989 + x[..., 1:2] * 0.587 + x[..., 2:] * 0.114)
