"""Which padding gives a size."""

from __future__ import annotations

from answers.derivation.derivation import worked_out
from answers.expressions.expression import Expression, names
from answers.layers.window import extent
from answers.solving.reach import reach_step
from answers.solving.solved import Solved, Span, at_least

n, s, e, m = names("n s e m")
_SOURCE = "Dumoulin and Visin 2016, 'A guide to convolution arithmetic for deep learning', eq. 6"
FEWEST: Expression = (m - 1) * s + e - n


def padding_that_keeps(
    kernel: int, *, dilation: int = 1, stride: int = 1, size: int | None = None
) -> Solved:
    """How many zeros, both ends of an axis together, keep its size.

    size: of the input; without it the padding must do for every size, which no padding does when
    there is a stride. Of an odd number of zeros one end gets one more (Keras: the end).
    """
    _checked(kernel, dilation, stride)
    if size is not None:
        return padding_for(size, size, kernel=kernel, dilation=dilation, stride=stride)
    reach = extent(kernel, dilation)
    first = reach_step(kernel, dilation)
    if stride > 1:
        return Solved(
            unknown="padding",
            solutions=(),
            answer=f"No padding keeps every size: a stride of {stride:,} keeps one position of "
            f"{stride:,}. With 'same' the output is n/{stride:,}, rounded up.",
            steps=(first,),
        )
    total = reach - 1
    step = worked_out(
        "The output n + p − e + 1 must be n again.",
        e - 1,
        {"e": reach},
        unit="zeros",
        source=_SOURCE,
    )
    return Solved(
        unknown="padding",
        solutions=(Span(total, total),),
        answer=f"{_zeros(total)} in all: {_sides(total, reach)}",
        steps=(first, step),
    )


def padding_for(
    size: int, output: int, *, kernel: int, dilation: int = 1, stride: int = 1
) -> Solved:
    """How many zeros, both ends together, make an axis of `size` one of `output`.

    ⌊(n + p − e)/s⌋ + 1 = m holds for the s paddings from (m − 1)·s + e − n on.
    """
    _checked(kernel, dilation, stride)
    at_least(size, 1, "size")
    at_least(output, 1, "output size")
    reach = extent(kernel, dilation)
    letters = {"n": size, "e": reach, "s": stride, "m": output}
    fewest = (output - 1) * stride + reach - size
    step = worked_out(
        "The last of m windows must fit: ⌊(n + p − e)/s⌋ + 1 = m.",
        FEWEST,
        letters,
        unit="zeros at least",
        source=_SOURCE,
    )
    steps, most = (reach_step(kernel, dilation), step), fewest + stride - 1
    if most < 0:
        return Solved(
            unknown="padding",
            solutions=(),
            answer=f"None: without any padding the output is already longer than {output:,}.",
            steps=steps,
        )
    span = Span(max(fewest, 0), most)
    which = f"{_zeros(span.first)} in all: {_sides(span.first, reach, most)}"
    more = f" Up to {most:,} give the same size." if most > span.first else ""
    return Solved(unknown="padding", solutions=(span,), answer=which + more, steps=steps)


def _checked(kernel: int, dilation: int, stride: int) -> None:
    for value, what in ((kernel, "kernel"), (dilation, "dilation"), (stride, "stride")):
        at_least(value, 1, what)


def _zeros(total: int) -> str:
    return f"{total:,} zero{'' if total == 1 else 's'}"


def _sides(total: int, reach: int, most: int = 0) -> str:
    """most: how many zeros give the same size; one more makes the ends equal."""
    half = total // 2
    if total % 2 == 0:
        return f"{half:,} at each end."
    if most > total:
        return (
            f"{half:,} before and {half + 1:,} after, as Keras does it, or {half + 1:,} at each "
            "end."
        )
    other = "even" if reach % 2 else "odd"
    return (
        f"{half:,} before and {half + 1:,} after, as Keras does it. The ends can't be equal: "
        f"that needs a kernel that reaches over an {other} number of positions."
    )
