"""Windows by loops: convolutions, pools, locally connected layers, of one sample in float64.

Where a window lies is said once, in `windows`: output o reads o·s − before + t·d for each tap t.
With 'same' there are ceil(n/s) outputs, and max((out − 1)·s + reach − n, 0) zeros, the smaller half
of them before (TensorFlow's guide, 'Notes on padding').
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import numpy as np
from naive_functions import Array, activated

Places = tuple[int, ...]
Seen = list[tuple[int, int]]  # tap and place on the input


def windows(n: int, k: int, s: int, d: int, padding: str) -> list[Seen]:
    """What each output of an axis reads of its n places; zeros around them are left out."""
    reach = (k - 1) * d + 1
    if padding == "valid":
        count, before = len([start for start in range(0, n, s) if start + reach <= n]), 0
    else:
        count = len(range(0, n, s))
        around = max((count - 1) * s + reach - n, 0)
        before = reach - 1 if padding == "causal" else around // 2
    return [
        [(t, o * s - before + t * d) for t in range(k) if 0 <= o * s - before + t * d < n]
        for o in range(count)
    ]


def places(axes: list[list[Seen]]) -> Iterator[tuple[Places, list[tuple[Places, Places]]]]:
    """Each place of the output with the pairs (tap, place on the input) that it reads."""
    for out in product(*(range(len(axis)) for axis in axes)):
        around = product(*(axis[o] for axis, o in zip(axes, out, strict=True)))
        yield out, [(tuple(t for t, _ in pairs), tuple(i for _, i in pairs)) for pairs in around]


def axes_of(x: Array, kernel: Places, strides: Places, dilation: Places, padding: str) -> Any:
    rows = zip(x.shape, kernel, strides, dilation, strict=False)
    return [windows(*row, padding) for row in rows]


def convolved(
    x: Array, kernel: Array, strides: Places, dilation: Places, padding: str, groups: int = 1
) -> Array:
    """Σ over taps and the channels of the group; the kernel is (k…, c_in/groups, filters)."""
    few, filters = kernel.shape[-2:]
    each = filters // groups
    axes = axes_of(x, kernel.shape[:-2], strides, dilation, padding)
    out = np.zeros((*map(len, axes), filters))
    for place, seen in places(axes):
        for (tap, source), g in product(seen, range(groups)):
            mine = slice(g * each, (g + 1) * each)
            out[place][mine] += x[source][g * few : (g + 1) * few] @ kernel[tap][:, mine]
    return out


def channel_by_channel(layer: Any, kernel: Array, x: Array) -> Array:
    """Each channel c with its own kernels m: the output's channel c·multiplier + m."""
    *size, channels, many = kernel.shape
    axes = axes_of(x, tuple(size), layer.strides, layer.dilation_rate, layer.padding)
    out = np.zeros((*map(len, axes), channels * many))
    for place, seen in places(axes):
        for (tap, source), c, m in product(seen, range(channels), range(many)):
            out[place][c * many + m] += x[source][c] * kernel[tap][c, m]
    return out


def finished(layer: Any, out: Array, bias: list[Array]) -> Array:
    """With the bias, where there is one, and the function."""
    return activated(layer.activation, out + bias[0] if bias else out)


def convolution(layer: Any, weights: list[Array], x: Array) -> Array:
    kernel, *bias = weights
    window = layer.strides, layer.dilation_rate, layer.padding
    return finished(layer, convolved(x, kernel, *window, layer.groups), bias)


def depthwise(layer: Any, weights: list[Array], x: Array) -> Array:
    kernel, *bias = weights
    return finished(layer, channel_by_channel(layer, kernel, x), bias)


def separable(layer: Any, weights: list[Array], x: Array) -> Array:
    first, second, *bias = weights
    inner = channel_by_channel(layer, first, x)
    return finished(layer, inner @ second.reshape(second.shape[-2:]), bias)


def spread(n: int, k: int, s: int, padding: str, extra: int | None) -> tuple[int, int]:
    """How long a transposed convolution's axis becomes, and how much of its front is cut; k: reach.

    It is the gradient of a convolution from the output to this input: what was padding there is
    cut here. The length with output_padding: (n − 1)·s + k − 2·floor(k/2) + extra for 'same', as
    Keras documents it.
    """
    if extra is not None:
        length = (n - 1) * s + k + extra - (2 * (k // 2) if padding == "same" else 0)
    else:
        length = n * s if padding == "same" else (n - 1) * s + max(k, s)
    around = max((n - 1) * s + k - length, 0)
    return length, around // 2 if padding == "same" else 0


def transposed(layer: Any, weights: list[Array], x: Array) -> Array:
    """Each place of the input adds its numbers times the kernel to i·s − cut + t·d."""
    kernel, *bias = weights  # (k…, filters, c_in)
    size, dilation = kernel.shape[:-2], layer.dilation_rate
    reach = [(k - 1) * d + 1 for k, d in zip(size, dilation, strict=True)]
    extra = layer.output_padding or (None,) * len(size)
    axes = zip(x.shape, reach, layer.strides, extra, strict=False)
    sizes, cuts = zip(*(spread(n, k, s, layer.padding, p) for n, k, s, p in axes), strict=True)
    out = np.zeros((*sizes, kernel.shape[-2]))
    for source, tap in product(np.ndindex(x.shape[:-1]), np.ndindex(size)):
        along = zip(source, layer.strides, cuts, tap, dilation, strict=True)
        place = tuple(i * s - cut + t * d for i, s, cut, t, d in along)
        if all(0 <= at < length for at, length in zip(place, sizes, strict=True)):
            out[place] += kernel[tap] @ x[source]
    return finished(layer, out, bias)


# --- pools -------------------------------------------------------------------------------------


def pool(join: Callable[..., Any]) -> Callable[[Any, list[Array], Array], Array]:
    """The largest number or the mean of what lies in the picture: padding is left out."""

    def judge(layer: Any, weights: list[Array], x: Array) -> Array:  # noqa: ARG001  # all alike
        strides = layer.pool_size if layer.strides is None else layer.strides
        ones = (1,) * len(layer.pool_size)
        axes = axes_of(x, layer.pool_size, strides, ones, layer.padding)
        out = np.zeros((*map(len, axes), x.shape[-1]))
        for place, seen in places(axes):
            out[place] = join([x[source] for _, source in seen], axis=0)
        return out

    return judge


def global_pool(join: Callable[..., Any]) -> Callable[[Any, list[Array], Array], Array]:
    def judge(layer: Any, weights: list[Array], x: Array) -> Array:  # noqa: ARG001  # all alike
        if getattr(layer, "data_format", "") == "channels_first":
            found = np.asarray([join([*row]) for row in x])
            return found[:, None] if layer.keepdims else found
        found = join([x[place] for place in np.ndindex(x.shape[:-1])], axis=0)
        return found.reshape((1,) * (x.ndim - 1) + (-1,)) if layer.keepdims else np.asarray(found)

    return judge


def adaptive_pool(join: Callable[..., Any]) -> Callable[[Any, list[Array], Array], Array]:
    """Cell i of o goes from floor(i·n/o) up to ceil((i + 1)·n/o)."""

    def judge(layer: Any, weights: list[Array], x: Array) -> Array:  # noqa: ARG001  # all alike
        out = np.zeros((*layer.output_size, x.shape[-1]))
        for place in np.ndindex(*layer.output_size):
            rows = zip(place, x.shape, layer.output_size, strict=False)
            cell = [range(i * n // o, -((i + 1) * n // -o)) for i, n, o in rows]
            out[place] = join([x[source] for source in product(*cell)], axis=0)
        return out

    return judge


# --- locally connected -------------------------------------------------------------------------


def own_windows(n: int, k: int, s: int, padding: str) -> list[Seen]:
    """tf.keras's conv_connected_inputs: floor(k/2) of the window before the centre.

    The centre is o·s with 'same', o·s + floor(k/2) with 'valid'.
    """
    count = len(range(0, n, s)) if padding == "same" else (n - k) // s + 1
    left = k // 2 if padding == "same" else 0
    return [
        [(t, o * s - left + t) for t in range(k) if 0 <= o * s - left + t < n] for o in range(count)
    ]


def locally_connected(layer: Any, weights: list[Array], x: Array) -> Array:
    """The sum over the pairs of an output and an input that its window holds.

    The kernel as tf.keras keeps it: 1: (place, tap and channel, filter); 2: (input…, output…);
    3: a number a pair, by the output's place and filter, then by the input's place and channel.
    """
    kernel, *bias = weights
    rows = zip(x.shape, layer.kernel_size, layer.strides, strict=False)
    axes = [own_windows(*row, layer.padding) for row in rows]
    out = np.zeros((*map(len, axes), layer.filters))
    pairs = iter(kernel) if layer.implementation == 3 else iter(())
    for number, (place, seen) in enumerate(places(axes)):
        for f, (tap, source), c in product(range(layer.filters), seen, range(x.shape[-1])):
            if layer.implementation == 1:
                row = int(np.ravel_multi_index(tap, layer.kernel_size)) * x.shape[-1] + c
                weight = kernel[number, row, f]
            elif layer.implementation == 2:
                weight = kernel[(*source, c, *place, f)]
            else:
                weight = next(pairs)
            out[place][f] += weight * x[source][c]
    return finished(layer, out, bias)
