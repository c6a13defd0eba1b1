"""How long an axis is after a window has gone along it: the rules of convolution and pooling.

Source: Keras 3's `compute_conv_output_shape` and `compute_conv_transpose_output_shape`; Dumoulin
and Visin 2016, 'A guide to convolution arithmetic for deep learning', relationships 6 and 14.
"""

from __future__ import annotations

from typing import Literal

from answers.errors import InputError
from answers.layers.base import Dim, Shape

Padding = Literal["valid", "same"]


def extent(kernel: int, dilation: int) -> int:
    """How far a dilated kernel reaches: (k − 1)·d + 1."""
    return (kernel - 1) * dilation + 1


def length(size: Dim, kernel: int, stride: int, dilation: int, padding: Padding) -> Dim:
    """The output length: ceil(n/s) for 'same', floor((n − e)/s) + 1 for 'valid'."""
    if size is None:
        return None
    if padding == "same":
        return -(-size // stride)
    reach = extent(kernel, dilation)
    if size < reach:
        raise InputError(
            "window-too-large",
            f"A window that reaches over {reach} does not fit into an axis of {size}.",
            hint="Use padding 'same', a smaller window, or a larger input.",
        )
    return (size - reach) // stride + 1


def lengths(
    sizes: Shape,
    kernel: tuple[int, ...],
    strides: tuple[int, ...],
    dilation: tuple[int, ...],
    padding: Padding,
) -> Shape:
    """`length` for each axis."""
    return tuple(
        length(n, k, s, d, padding)
        for n, k, s, d in zip(sizes, kernel, strides, dilation, strict=True)
    )


def transposed_length(
    size: Dim, kernel: int, stride: int, padding: Padding, output_padding: int | None
) -> Dim:
    """The output length of a transposed convolution, whose kernel reaches over `kernel`.

    Without output_padding: n·s for 'same', (n − 1)·s + max(k, s) for 'valid'.
    With it: (n − 1)·s + k + p − (2·floor(k/2) for 'same').
    """
    if size is None:
        return None
    if output_padding is None:
        same = padding == "same"
        return size * stride if same else (size - 1) * stride + max(kernel, stride)
    cut = 2 * (kernel // 2) if padding == "same" else 0
    out = (size - 1) * stride + kernel + output_padding - cut
    if out < 1:
        raise InputError("window-too-large", f"Nothing is left of an axis of {size}.")
    return out
