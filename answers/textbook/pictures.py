"""What a text asks to be drawn: a record for each kind of picture."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import TypeAlias

from answers.record import record
from answers.textbook.requests import Gradients, NetworkText, gradients, network_text, same_shape
from answers.textbook.table import Table

CURVES = ("sigmoid", "tanh", "relu", "leaky-relu", "elu", "gelu", "softplus", "swish", "linear")
MOST_PIXELS = 1024
_Rows = tuple[tuple[Fraction, ...], ...]


@record(kw_only=True)
class FieldPicture:
    """How the receptive field of a network grows."""

    network: NetworkText
    caption: str


@record(kw_only=True)
class CurvePicture:
    """Functions of one number, and their slopes (with a prime), between two ends."""

    functions: tuple[str, ...]
    start: Fraction
    end: Fraction
    caption: str


@record(kw_only=True)
class GradientPicture:
    """The gradient of each layer of a deep network."""

    gradients: Gradients
    caption: str


@record(kw_only=True)
class MaskPicture:
    """A mask beside the probabilities that a network gives."""

    mask: _Rows
    probabilities: _Rows
    caption: str


@record(kw_only=True)
class BarsPicture:
    """Values as bars, each with its words."""

    bars: tuple[tuple[str, str], ...]
    caption: str


@record(kw_only=True)
class PrCurvePicture:
    """The precision-recall curve of scores; labels are 0 or 1."""

    scores: tuple[Fraction, ...]
    labels: tuple[int, ...]
    caption: str


@record(kw_only=True)
class TextPicture:
    """A drawing of the author's own."""

    lines: tuple[str, ...]
    caption: str


Picture: TypeAlias = (
    FieldPicture
    | CurvePicture
    | GradientPicture
    | MaskPicture
    | BarsPicture
    | PrCurvePicture
    | TextPicture
)


def read_picture(table: Table) -> Picture:
    """The picture that a table asks for.

    Raises: Fault `textbook-value`.
    """
    kind = table.word("draw", _READERS)
    found = _READERS[kind](table, table.text("caption", ""))
    table.done()
    return found


def _field(table: Table, caption: str) -> Picture:
    return FieldPicture(network=network_text(table), caption=caption)


def _curve(table: Table, caption: str) -> Picture:
    names = table.texts("functions")
    for name in names:
        if name.removesuffix("'") not in CURVES:
            raise table.fault(
                f"{name!r:.40} is no curve; there are {', '.join(CURVES)}, and with ' their slopes."
            )
    start, end = table.number("from", Fraction(-4)), table.number("to", Fraction(4))
    if not names or start >= end:
        raise table.fault("A curve needs functions, and a 'from' below its 'to'.")
    return CurvePicture(functions=names, start=start, end=end, caption=caption)


def _gradient_flow(table: Table, caption: str) -> Picture:
    """The chain stands in a table of its own, or its keys stand beside `draw`."""
    of_its_own = table.has("gradient_flow")
    found = gradients(table.table("gradient_flow") if of_its_own else table)
    return GradientPicture(gradients=found, caption=caption)


def _mask(table: Table, caption: str) -> Picture:
    mask, chances = table.rows("mask"), table.rows("probabilities")
    same_shape(table, mask, chances)
    if len(mask) * len(mask[0]) > MOST_PIXELS:
        raise table.fault(f"A drawn mask has at most {MOST_PIXELS:,} pixels.")
    return MaskPicture(mask=mask, probabilities=chances, caption=caption)


def _bars(table: Table, caption: str) -> Picture:
    bars = table.table("bars")
    found = tuple((words, bars.text(words)) for words in bars.keys())  # noqa: SIM118  # not a dict
    if not found:
        raise table.fault('bars names at least one value: bars = { "words" = "name" }.')
    return BarsPicture(bars=found, caption=caption)


def _pr_curve(table: Table, caption: str) -> Picture:
    scores, labels = table.numbers("scores"), table.numbers("labels")
    if len(scores) != len(labels) or set(labels) != {Fraction(0), Fraction(1)}:
        raise table.fault("As many labels as scores are needed, of 0 and 1, both among them.")
    return PrCurvePicture(scores=scores, labels=tuple(map(int, labels)), caption=caption)


def _text(table: Table, caption: str) -> Picture:
    return TextPicture(lines=table.texts("lines"), caption=caption)


_READERS: dict[str, Callable[[Table, str], Picture]] = {
    "field": _field,
    "curve": _curve,
    "gradient-flow": _gradient_flow,
    "mask": _mask,
    "bars": _bars,
    "pr-curve": _pr_curve,
    "text": _text,
}
