"""How many equal layers until a unit sees far enough."""

from __future__ import annotations

from answers.derivation.derivation import Step, worked_out
from answers.expressions.expression import Expression, names, written
from answers.layers.window import extent
from answers.solving.reach import reach_step
from answers.solving.solved import Near, Solved, Span, at_least

r, e, j, layers = names("r e j L")
_SOURCE = (
    "Araujo, Norris, Sim 2019, 'Computing Receptive Fields of Convolutional Neural Networks', eq. 2"
)
_MOST_SHOWN = 12
_UNKNOWN = "number of layers"


def layers_for_field(wanted: int, kernel: int, *, stride: int = 1, dilation: int = 1) -> Solved:
    """The fewest k x k layers in a row whose receptive field reaches `wanted` along an axis.

    solutions: that number; none for a kernel of 1, which never sees more than one position.
    below: one layer less, above: what that number gives, where it is more.
    """
    at_least(wanted, 1, "receptive field")
    for value, what in ((kernel, "kernel"), (stride, "stride"), (dilation, "dilation")):
        at_least(value, 1, what)
    reach = extent(kernel, dilation)
    if reach == 1 and wanted > 1:
        return Solved(
            unknown=_UNKNOWN,
            solutions=(),
            answer=f"None: layers of 1x1 see one position, however many there are, never {wanted:,}.",
            steps=(reach_step(kernel, dilation),),
        )
    count = _fewest(wanted, reach, stride)
    gives = field_of(count, reach, stride)
    steps = (reach_step(kernel, dilation), *_growth(count, reach, stride))
    return Solved(
        unknown=_UNKNOWN,
        solutions=(Span(count, count),),
        answer=_answer(count, gives, wanted),
        steps=steps,
        below=Near(count - 1, field_of(count - 1, reach, stride)) if count else None,
        above=None if gives == wanted else Near(count, gives),
    )


def field_of(count: int, reach: int, stride: int) -> int:
    """1 + (e − 1)·(1 + s + … + s^(L − 1))."""
    jumps = count if stride == 1 else (stride**count - 1) // (stride - 1)
    return 1 + (reach - 1) * jumps


def _fewest(wanted: int, reach: int, stride: int) -> int:
    if wanted <= 1:
        return 0
    if stride == 1:
        return -(-(wanted - 1) // (reach - 1))
    count = 1
    while field_of(count, reach, stride) < wanted:  # it doubles at least
        count += 1
    return count


def _answer(count: int, gives: int, wanted: int) -> str:
    if not count:
        return "None: a unit of the input sees itself."
    many = f"{count:,} layer{'' if count == 1 else 's'}"
    verb = "sees" if count == 1 else "see"
    if gives == wanted:
        return f"{many} {verb} {wanted:,} positions exactly."
    return (
        f"{many}: {'it' if count == 1 else 'they'} {verb} {gives:,}, which is more than {wanted:,}."
    )


def _growth(count: int, reach: int, stride: int) -> tuple[Step, ...]:
    """The field layer by layer, or in one formula where there are many."""
    if stride == 1 and count > _MOST_SHOWN:
        formula: Expression = written(1) + layers * (e - 1)
        values = {"L": count, "e": reach}
        rule = "Each layer adds e − 1 positions to the 1 of the input."
        return (worked_out(rule, formula, values, unit="positions", source=_SOURCE),)
    found = []
    for layer in range(max(0, count - _MOST_SHOWN), count):
        values = {"r": field_of(layer, reach, stride), "e": reach, "j": stride**layer}
        rule = f"Layer {layer + 1} adds e − 1 steps of the jump j before it."
        step = worked_out(rule, r + (e - 1) * j, values, unit="positions", source=_SOURCE)
        found.append(step)
    return tuple(found)
