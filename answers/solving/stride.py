"""Which stride gives a size."""

from __future__ import annotations

from collections.abc import Callable

from answers.derivation.derivation import Step, worked_out
from answers.expressions.expression import Ceiling, Expression, Floor, names
from answers.layers.window import SAME, VALID, Padding, extent
from answers.solving.reach import reach_step
from answers.solving.solved import Near, Solved, Span, at_least

n, e, m = names("n e m")
_SOURCE = "Keras, compute_conv_output_shape"


def stride_for(
    size: int, output: int, *, kernel: int = 1, dilation: int = 1, padding: Padding = "valid"
) -> Solved:
    """Every stride that makes an axis of `size` one of `output`."""
    for value, what in ((size, "size"), (output, "output size"), (kernel, "kernel")):
        at_least(value, 1, what)
    reach = extent(kernel, at_least(dilation, 1, "dilation"))
    if padding == "valid" and reach > size:
        return _no_window(size, kernel, dilation, reach)
    length = _length(size, reach, padding)
    span = _same_span(size, output) if padding == "same" else _valid_span(size - reach, output)
    steps = _steps(size, output, kernel, dilation, padding, span)
    if span is not None:
        return Solved(
            unknown="stride",
            solutions=(span,),
            answer=_answer(span, output),
            steps=steps,
        )
    return _nearest(length, output, steps)


def _answer(span: Span, output: int) -> str:
    one = span.first == span.last
    subject = f"A stride of {span} gives" if one else f"Strides of {span} give"
    return f"{subject} {output:,} position{'' if output == 1 else 's'}."


def _length(size: int, reach: int, padding: Padding) -> Callable[[int], int]:
    if padding == "same":
        return lambda stride: -(-size // stride)
    return lambda stride: (size - reach) // stride + 1


def _valid_span(room: int, output: int) -> Span | None:
    """⌊r/s⌋ = m − 1, where r = n − e is the room for steps."""
    steps = output - 1
    if steps == 0:
        return Span(room + 1, None)
    span = Span(room // (steps + 1) + 1, room // steps)
    return span if span.last is not None and 1 <= span.first <= span.last else None


def _same_span(size: int, output: int) -> Span | None:
    """⌈n/s⌉ = m."""
    first = -(-size // output)
    if output == 1:
        return Span(first, None)
    span = Span(first, -(-size // (output - 1)) - 1)
    return span if span.last is not None and span.first <= span.last else None


def _nearest(length: Callable[[int], int], output: int, steps: tuple[Step, ...]) -> Solved:
    """The strides around the gap; lengths fall as strides grow."""
    if length(1) < output:
        return Solved(
            unknown="stride",
            solutions=(),
            answer=f"No stride gives {output:,} positions: a stride of 1 gives {length(1):,} only.",
            steps=steps,
            below=Near(1, length(1)),
        )
    low, high = 1, 2
    while length(high) > output:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if length(middle) > output else (low, middle)
    above, below = Near(low, length(low)), Near(high, length(high))
    return Solved(
        unknown="stride",
        solutions=(),
        answer=f"No stride gives {output:,} positions. A stride of {low:,} gives "
        f"{above.gives:,}, one of {high:,} gives {below.gives:,}.",
        steps=steps,
        below=below,
        above=above,
    )


def _no_window(size: int, kernel: int, dilation: int, reach: int) -> Solved:
    return Solved(
        unknown="stride",
        solutions=(),
        answer=f"None: a kernel that reaches over {reach:,} does not fit into {size:,} positions.",
        steps=(reach_step(kernel, dilation),),
    )


def _steps(
    size: int, output: int, kernel: int, dilation: int, padding: Padding, span: Span | None
) -> tuple[Step, ...]:
    """The smallest stride that can do, and what it gives."""
    reach = extent(kernel, dilation)
    bound: Expression = Ceiling(n, m) if padding == "same" else Floor(n - e, m) + 1
    words = "⌈n/s⌉ = m" if padding == "same" else "⌊(n − e)/s⌋ + 1 = m"
    letters = {"n": size, "e": reach, "m": output}
    first = worked_out(
        f"From {words}: the stride is at least this.", bound, letters, unit="positions a step"
    )
    before = () if padding == "same" else (reach_step(kernel, dilation),)
    if span is None:
        return (*before, first)
    rule = SAME if padding == "same" else VALID
    put_in = {"n": size, "e": reach, "s": span.first}
    tried = worked_out(
        f"Put in s = {span.first:,}.", rule, put_in, unit="positions", source=_SOURCE
    )
    return (*before, first, tried)
