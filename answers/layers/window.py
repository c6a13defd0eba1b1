"""How long an axis is after a window has gone along it, and what the window reads there.

The rules are formulas over n (input length), k (kernel), s (stride), d (dilation), p (output
padding) and e = (k − 1)·d + 1, how far the kernel reaches.
Source: Keras 3's `compute_conv_output_shape` and `compute_conv_transpose_output_shape`; Dumoulin
and Visin 2016, 'A guide to convolution arithmetic for deep learning', relationships 6 and 14.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from answers.errors import InputError
from answers.expressions.expression import (
    Ceiling,
    Expression,
    Floor,
    Largest,
    Negative,
    Sum,
    evaluate,
    names,
    written,
)
from answers.expressions.size import Size, is_symbolic, largest_of, surely
from answers.layers.base import Dim, Shape
from answers.layers.taps import MOST_PHASES, AxisTaps, Open, Run, Taps

Padding = Literal["valid", "same"]
CausalPadding = Literal["valid", "same", "causal"]

n, k, s, d, e, p = names("n k s d e p")
REACH = (k - 1) * d + 1
VALID: Expression = Floor(n - e, s) + 1
SAME: Expression = Ceiling(n, s)
TRANSPOSED_VALID: Expression = (n - 1) * s + Largest((e, s))
TRANSPOSED_SAME: Expression = n * s
TRANSPOSED_PADDED_VALID: Expression = Sum(((n - 1) * s, e, p))
TRANSPOSED_PADDED_SAME: Expression = Sum(
    ((n - 1) * s, e, p, Negative(written(2) * Floor(e, written(2))))
)


def length_rule(padding: CausalPadding) -> Expression:
    """The output length of a window, over n, e and s. 'causal' pads the start by e − 1."""
    return VALID if padding == "valid" else SAME


def transposed_rule(padding: Padding, *, output_padding: bool) -> Expression:
    """The output length of a transposed window, over n, e, s and p."""
    if output_padding:
        return TRANSPOSED_PADDED_SAME if padding == "same" else TRANSPOSED_PADDED_VALID
    return TRANSPOSED_SAME if padding == "same" else TRANSPOSED_VALID


def extent(kernel: Size, dilation: Size) -> Size:
    """How far a dilated kernel reaches: (k − 1)·d + 1."""
    return evaluate(REACH, {"k": kernel, "d": dilation})


@lru_cache(maxsize=4096, typed=True)  # typed: 2 and SymPy's 2 are equal, but not the same
def length(size: Dim, kernel: Size, stride: Size, dilation: Size, padding: CausalPadding) -> Dim:
    """The output length: ceil(n/s) for 'same' and 'causal', floor((n − e)/s) + 1 for 'valid'."""
    if size is None:
        return None
    reach = extent(kernel, dilation)
    if padding == "valid" and surely(size < reach):
        raise InputError(
            "window-too-large",
            f"A window that reaches over {reach} does not fit into an axis of {size}.",
            hint="Use padding 'same', a smaller window, or a larger input.",
        )
    return evaluate(length_rule(padding), {"n": size, "e": reach, "s": stride})


def lengths(
    sizes: Shape,
    kernel: tuple[Size, ...],
    strides: tuple[Size, ...],
    dilation: tuple[Size, ...],
    padding: CausalPadding,
) -> Shape:
    """`length` for each axis."""
    return tuple(
        length(*axis, padding) for axis in zip(sizes, kernel, strides, dilation, strict=True)
    )


def transposed_length(
    size: Dim, reach: Size, stride: Size, padding: Padding, output_padding: Size | None
) -> Dim:
    """The output length of a transposed convolution, whose kernel reaches over `reach`.

    Without output_padding: n·s for 'same', (n − 1)·s + max(e, s) for 'valid'.
    With it: (n − 1)·s + e + p − (2·floor(e/2) for 'same').
    """
    if size is None:
        return None
    rule = transposed_rule(padding, output_padding=output_padding is not None)
    out = evaluate(rule, {"n": size, "e": reach, "s": stride, "p": output_padding})
    if surely(out < 1):
        raise InputError("window-too-large", f"Nothing is left of an axis of {size}.")
    return out


def padding_before(
    size: Dim, kernel: Size, stride: Size, dilation: Size, padding: CausalPadding
) -> Size | None:
    """How many zeros stand before the axis; None where that depends on an open size.

    'same' pads max((o − 1)·s + e − n, 0) in all, the smaller half of it before.
    """
    reach = extent(kernel, dilation)
    if padding == "valid":
        return 0
    if padding == "causal":
        return reach - 1
    if type(stride) is int and stride == 1:
        return (reach - 1) // 2
    if size is None or is_symbolic(size):
        return None
    out = length(size, kernel, stride, dilation, padding) or 0
    return largest_of((out - 1) * stride + reach - size, 0) // 2


def window_taps(
    size: Dim, kernel: Size, stride: Size, dilation: Size, padding: CausalPadding
) -> AxisTaps:
    """What output unit i of an axis reads: i·s − before + t·d, t = 0 … k − 1."""
    before = padding_before(size, kernel, stride, dilation, padding)
    if before is None:
        return Open(
            "the padding of 'same' with a stride depends on the input's size", periodic=True
        )
    return Taps(stride, (Run(-before, kernel, dilation),))


def transposed_taps(
    kernel: Size, stride: Size, dilation: Size, padding: Padding, output_padding: Size | None
) -> AxisTaps:
    """What output unit o reads: the inputs i with o = i·s − before + t for a tap t.

    There are s phases; where the kernel is smaller than the stride some of them read nothing.
    """
    if any(map(is_symbolic, (kernel, stride, dilation, output_padding))):
        return Open("a transposed convolution has as many phases as its stride: give it a number")
    if dilation > 1:
        return Open("Keras can't run a transposed convolution with a dilation everywhere")
    if stride > MOST_PHASES:
        return Open(f"a transposed convolution by {stride:,} has more than {MOST_PHASES:,} phases")
    before = 0
    if padding == "same":
        # the gradient of the 'same' convolution that goes from the output to this input; what it
        # crops does not depend on n
        out = transposed_length(2, kernel, stride, padding, output_padding) or 0
        before = max(stride + kernel - out, 0) // 2
    return Taps(1, tuple(_phase(r + before, kernel, stride) for r in range(stride)))


def _phase(place: int, kernel: int, stride: int) -> Run | None:
    """The inputs whose taps cover `place`: i·s ≤ place ≤ i·s + k − 1."""
    first, last = -(-(place - kernel + 1) // stride), place // stride
    return Run(first, last - first + 1) if first <= last else None
