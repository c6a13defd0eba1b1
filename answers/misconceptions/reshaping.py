"""Slips about sizes: the shape that a layer is wrongly said to give. All that follows gets it."""

from __future__ import annotations

from dataclasses import replace
from math import prod
from typing import Any

from answers.errors import InputError
from answers.expressions.expression import Ceiling, Expression, Floor, evaluate, names
from answers.expressions.size import Size, surely
from answers.layers.base import Dim, Shape, known
from answers.layers.window import SAME, VALID, extent, length_rule
from answers.misconceptions.counting import family
from answers.misconceptions.use import Reshaping, Use

n, s, e = names("n s e")


def window_of(use: Use) -> tuple[Size, ...] | None:
    """The sides of a window that goes along all axes; None where the layer has none."""
    if not hasattr(use.layer, "strides"):
        return None
    sides = getattr(use.layer, "kernel_size", None) or getattr(use.layer, "pool_size", None)
    # a ConvLSTM's window does not go along the steps
    whole = isinstance(sides, tuple) and len(sides) == len(use.inputs[0]) - 1
    return sides if whole else None


def strides_of(use: Use) -> tuple[Size, ...]:
    """The strides; a pool's are its sides unless said."""
    strides: tuple[Size, ...] | None = getattr(use.layer, "strides", None)
    return strides or window_of(use) or ()


def reaches_of(use: Use) -> tuple[Size, ...]:
    """How far the window reaches along each axis, its dilation counted."""
    sides = window_of(use) or ()
    dilation: tuple[Size, ...] = getattr(use.layer, "dilation_rate", (1,) * len(sides))
    return tuple(extent(k, d) for k, d in zip(sides, dilation, strict=True))


def is_transposed(use: Use) -> bool:
    """Whether the layer enlarges by its strides."""
    return family(use.layer) == "ConvTranspose"


def is_pool(use: Use) -> bool:
    """Whether the layer is a pool with a window."""
    return hasattr(use.layer, "pool_size")


def _with(use: Use, **changes: Any) -> Shape | None:
    """The output of the same layer with other settings."""
    try:
        return replace(use.layer, **changes).output_shape(*use.inputs)
    except InputError:
        return None


def stride_forgotten(use: Use) -> Shape | None:
    """As if every position were kept."""
    sides = window_of(use)
    if sides is None or (is_pool(use) and getattr(use.layer, "strides", None) is None):
        return None
    return _with(use, strides=(1,) * len(sides))


def pool_slides_by_one(use: Use) -> Shape | None:
    """A pool's stride is its size unless said; here it is taken for 1."""
    said = getattr(use.layer, "strides", None) is not None
    return _with(use, strides=(1,) * len(strides_of(use))) if is_pool(use) and not said else None


def padding_forgotten(use: Use) -> Shape | None:
    """'same' taken for 'valid'."""
    same = getattr(use.layer, "padding", "") == "same"
    return _with(use, padding="valid") if same and not is_transposed(use) else None


def padding_assumed(use: Use) -> Shape | None:
    """'valid' taken for 'same'."""
    # by the rule: a locally connected layer can't be given 'same' padding
    return _ruled(use, SAME, reaches_of(use)) if _is_valid(use) else None


def dilation_forgotten(use: Use) -> Shape | None:
    """The kernel without its holes."""
    dilation = getattr(use.layer, "dilation_rate", ())
    return _with(use, dilation_rate=(1,) * len(dilation)) if dilation else None


def _ruled(use: Use, rule: Expression, reaches: tuple[Size, ...]) -> Shape | None:
    """The sizes by another rule, over n, e and s; None where one of them can't be."""
    sizes, strides = use.inputs[0][:-1], strides_of(use)
    axes = zip(sizes, reaches, strides, strict=True)
    out = tuple(
        None if size is None else evaluate(rule, {"n": size, "e": reach, "s": stride})
        for size, reach, stride in axes
    )
    possible = all(size is None or not surely(size < 1) for size in out)
    return (*out, use.output[-1]) if possible else None


def _is_valid(use: Use) -> bool:
    """A window that goes along the axes without padding."""
    plain = window_of(use) is not None and not is_transposed(use)
    return plain and getattr(use.layer, "padding", "") == "valid"


def one_forgotten(use: Use) -> Shape | None:
    """⌊(n − k)/s⌋ without the + 1."""
    return _ruled(use, Floor(n - e, s), reaches_of(use)) if _is_valid(use) else None


def one_side_only(use: Use) -> Shape | None:
    """The border lost on one side only: n − 1 for n − 2."""
    if not _is_valid(use) or is_pool(use) or any(stride != 1 for stride in strides_of(use)):
        return None
    return _ruled(use, VALID, tuple((reach - 1) // 2 + 1 for reach in reaches_of(use)))


def whole_kernel_twice(use: Use) -> Shape | None:
    """The whole border lost on each side: n − 2·(k − 1)."""
    if not _is_valid(use) or is_pool(use):
        return None
    return _ruled(use, VALID, tuple(2 * (reach - 1) + 1 for reach in reaches_of(use)))


def rounded_up(use: Use) -> Shape | None:
    """'valid' rounded up."""
    return _ruled(use, Ceiling(n - e, s) + 1, reaches_of(use)) if _is_valid(use) else None


def rounded_down(use: Use) -> Shape | None:
    """'same' rounded down."""
    same = window_of(use) is not None and getattr(use.layer, "padding", "") == "same"
    if not same or is_transposed(use):
        return None
    return _ruled(use, Floor(n, s), reaches_of(use))


def transposed_as_convolution(use: Use) -> Shape | None:
    """A transposed convolution that makes smaller."""
    if not is_transposed(use):
        return None
    return _ruled(use, length_rule(getattr(use.layer, "padding", "valid")), reaches_of(use))


def overlap_forgotten(use: Use) -> Shape | None:
    """n·s for a 'valid' transposed convolution, whose last kernel reaches further."""
    valid = getattr(use.layer, "padding", "") == "valid"
    return _ruled(use, n * s, reaches_of(use)) if is_transposed(use) and valid else None


def overlap_counted(use: Use) -> Shape | None:
    """(n − 1)·s + max(k, s) for a 'same' transposed convolution, which is cut off at n·s."""
    same = getattr(use.layer, "padding", "") == "same"
    return _with(use, padding="valid") if is_transposed(use) and same else None


def pooling_forgotten(use: Use) -> Shape | None:
    """A pool that leaves the size."""
    return use.inputs[0] if is_pool(use) else None


def flattened_to_channels(use: Use) -> Shape | None:
    """The channels only, as a global pooling would leave them."""
    return use.inputs[0][-1:] if _flattens(use) else None


def flattened_one_side(use: Use) -> Shape | None:
    """One side times the channels."""
    if not _flattens(use) or len(use.inputs[0]) < 3:
        return None
    return (prod(known(size, "A size") for size in use.inputs[0][1:]),)


def flattened_without_channels(use: Use) -> Shape | None:
    """The positions of one channel."""
    if not _flattens(use):
        return None
    return (prod(known(size, "A size") for size in use.inputs[0][:-1]),)


def _flattens(use: Use) -> bool:
    return use.layer.kind == "Flatten" and len(use.inputs[0]) > 1 and None not in use.inputs[0]


def _channelled(use: Use) -> tuple[Size, Size] | None:
    """Channels in, channels out, of a layer with filters."""
    if family(use.layer) not in ("Conv", "ConvTranspose", "SeparableConv", "LocallyConnected"):
        return None
    given, made = use.inputs[0][-1], use.output[-1]
    return None if given is None or made is None else (given, made)


def channels_kept(use: Use) -> Shape | None:
    """As many channels out as in."""
    pair = _channelled(use)
    return None if pair is None else (*use.output[:-1], pair[0])


def channels_multiplied(use: Use) -> Shape | None:
    """A channel for each filter and each channel of the input."""
    pair = _channelled(use)
    return None if pair is None else (*use.output[:-1], pair[0] * pair[1])


def concatenated_as_sum(use: Use) -> Shape | None:
    """The channels of one branch."""
    return use.inputs[0] if use.layer.kind == "Concatenate" else None


def added_as_concatenation(use: Use) -> Shape | None:
    """The channels of the branches added up."""
    if use.layer.kind != "Add":
        return None
    widths: list[Dim] = [shape[-1] for shape in use.inputs]
    return None if None in widths else (*use.output[:-1], sum(known(w, "A size") for w in widths))


def padded_once(use: Use) -> Shape | None:
    """Zeros on one side of each axis only."""
    if family(use.layer) != "ZeroPadding":
        return None
    sizes = use.inputs[0][:-1]
    grown = zip(sizes, use.output[:-1], strict=True)
    half = (None if a is None or b is None else a + (b - a) // 2 for a, b in grown)
    return (*half, use.output[-1])


RESHAPINGS: dict[str, Reshaping] = {
    "stride-forgotten": stride_forgotten,
    "pool-stride-one": pool_slides_by_one,
    "padding-forgotten": padding_forgotten,
    "padding-assumed": padding_assumed,
    "dilation-forgotten": dilation_forgotten,
    "plus-one-forgotten": one_forgotten,
    "border-one-side": one_side_only,
    "border-doubled": whole_kernel_twice,
    "rounded-up": rounded_up,
    "rounded-down": rounded_down,
    "transposed-as-convolution": transposed_as_convolution,
    "overlap-forgotten": overlap_forgotten,
    "overlap-counted": overlap_counted,
    "pooling-forgotten": pooling_forgotten,
    "flatten-channels-only": flattened_to_channels,
    "flatten-one-side": flattened_one_side,
    "flatten-without-channels": flattened_without_channels,
    "channels-kept": channels_kept,
    "channels-multiplied": channels_multiplied,
    "concatenation-as-sum": concatenated_as_sum,
    "sum-as-concatenation": added_as_concatenation,
    "padding-once": padded_once,
}
