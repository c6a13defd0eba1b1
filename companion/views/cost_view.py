"""What a network costs, in the terminal."""

from __future__ import annotations

import sys

from answers.derivation.derivation import Derivation, Value
from companion.options import Everywhere
from companion.views.columns import Column, write
from companion.views.derivation_view import draw as draw_derivation
from companion.views.formula_text import FormulaText
from companion.views.paper import Paper

_NAMES = (
    "multiply-accumulates (MACs)",
    "FLOPs, 2 per MAC",
    "memory of the weights",
    "memory of all activations (training)",
    "memory of the largest live set (prediction)",
)
_UNITS = ("B", "KiB", "MiB", "GiB", "TiB")


def draw(found: tuple[Derivation, ...], everywhere: Everywhere, *, layers: bool) -> None:
    """The five numbers of one sample; before them the multiplications layer by layer."""
    words, paper = FormulaText.of(sys.stdout), Paper.of(everywhere)
    if layers:
        draw_derivation(found[0], everywhere, steps=None)
        paper.line()
    rows = [
        (name, _least(item) + words.value(item.value), _readable(item))
        for name, item in zip(_NAMES, found, strict=True)
    ]
    write(paper, (Column("for one sample"), Column("", right=True), Column("")), rows)
    paper.line()
    for note in dict.fromkeys(note for item in found[2:] for note in item.notes):
        paper.line(note, dim=True)


def _least(item: Derivation) -> str:
    return "at least " if item.at_least else ""


def _readable(item: Derivation) -> str:
    return readable_bytes(item.value) if item.unit == "bytes" else ""


def readable_bytes(value: Value) -> str:
    """1,048,576 → bytes = 1.0 MiB; the unit alone for an expression of letters."""
    if value is None:
        return ""
    if type(value) is not int:
        return "bytes"
    power = 0
    while value >= 1024 ** (power + 1) and power < len(_UNITS) - 1:
        power += 1
    # one decimal, rounded half up, in whole numbers: sizes may be larger than any float
    tenths = (20 * value + 1024**power) // (2 * 1024**power)
    return f"bytes = {tenths // 10:,}.{tenths % 10} {_UNITS[power]}" if power else "bytes"
