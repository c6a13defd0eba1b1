"""What topic.toml asks the engine to compute: a record for each kind of value."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from typing import TypeAlias

from answers.record import record
from answers.textbook.table import Table

TAKES = (
    "parameters", "trainable", "macs", "flops", "memory", "activations", "live",
    "field", "jump", "output",
)  # fmt: skip
LOSSES = ("bce", "soft-dice", "soft-iou", "dice", "iou")
_NAME = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")


@record(kw_only=True)
class NetworkText:
    """A network: its notation, or the name of a file in networks/."""

    notation: str = ""
    file: str = ""


@record(kw_only=True)
class OfNetwork:
    """Something that the layer algebra knows of a network, or of one layer of it.

    at: numbers in the places of letters.
    """

    network: NetworkText
    take: str
    layer: str
    at: tuple[tuple[str, int], ...]
    unit: str = ""


@record(kw_only=True)
class Given:
    """A fact from outside. Either a source is named, or a sentence says why."""

    value: Fraction
    source: str
    because: str
    unit: str = ""


@record(kw_only=True)
class FromFormula:
    """A formula of whole numbers and other values."""

    formula: str
    at: tuple[tuple[str, int], ...]
    unit: str = ""


@record(kw_only=True)
class Counts:
    """How often a binary classifier was right and wrong."""

    tp: int
    fp: int
    fn: int
    tn: int


@record(kw_only=True)
class Rate:
    """A rate of counts. beta: of F-beta alone."""

    measure: str
    counts: Counts
    beta: Fraction
    unit: str = ""


@record(kw_only=True)
class Loss:
    """A loss of a small mask; rows of numbers from 0 to 1. score: the overlap, not 1 minus it."""

    loss: str
    score: bool
    mask: tuple[tuple[Fraction, ...], ...]
    probabilities: tuple[tuple[Fraction, ...], ...]
    unit: str = ""


@record(kw_only=True)
class Gradients:
    """The chain of layers whose gradients are looked at."""

    depth: int
    activation: str
    init: str
    residual: bool = False
    norm: bool = False
    clip: Fraction | None = None
    seed: int = 0


@record(kw_only=True)
class GradientFlow:
    """A figure of a deep network's gradients."""

    gradients: Gradients
    take: str
    unit: str = ""


Request: TypeAlias = OfNetwork | Given | FromFormula | Rate | Loss | GradientFlow


def read_request(name: str, table: Table) -> Request:
    """The request of a table [values.NAME].

    Raises: Fault `textbook-value`.
    """
    if not _NAME.fullmatch(name) or len(name) > 40:
        raise table.fault(
            f"{name!r:.60} is no name of a value.",
            hint="Names are of small letters, digits and _, at most 40 characters.",
        )
    kinds = [reader for key, reader in _READERS.items() if table.has(key)]
    if len(kinds) != 1 and not (table.has("network") and table.has("network_file")):
        raise table.fault(f"A value has exactly one of {', '.join(_READERS)}.")
    found = kinds[0](table)
    table.done()
    return found


def network_text(table: Table) -> NetworkText:
    """`network` or `network_file`, not both."""
    notation, file = table.text("network", ""), table.text("network_file", "")
    if bool(notation) == bool(file):
        raise table.fault("Either network or network_file is needed, and not both.")
    return NetworkText(notation=notation, file=file)


def gradients(table: Table) -> Gradients:
    """A chain of layers, from a table of its own."""
    found = Gradients(
        depth=table.whole("depth"),
        activation=table.text("activation"),
        init=table.text("init"),
        residual=table.flag("residual"),
        norm=table.flag("norm"),
        clip=table.number("clip") if table.has("clip") else None,
        seed=table.whole("seed", 0),
    )
    table.done()
    return found


def _of_network(table: Table) -> Request:
    return OfNetwork(
        network=network_text(table),
        take=table.word("take", TAKES),
        layer=table.text("layer", ""),
        at=_numbers(table.table("at")),
        unit=table.text("unit", ""),
    )


def _numbers(table: Table) -> tuple[tuple[str, int], ...]:
    return tuple((key, table.whole(key)) for key in table.keys())  # noqa: SIM118  # not a dict


def _given(table: Table) -> Request:
    found = Given(
        value=table.number("given"),
        source=table.text("source", ""),
        because=table.text("because", ""),
        unit=table.text("unit", ""),
    )
    if not (found.source or found.because):
        raise table.fault(
            "A given number needs its source.",
            hint='Write source = "a key of sources.toml", or because = "why it is so".',
        )
    return found


def _formula(table: Table) -> Request:
    return FromFormula(
        formula=table.text("formula"), at=_numbers(table.table("at")), unit=table.text("unit", "")
    )


def _rate(table: Table) -> Request:
    counts = table.table("counts")
    found = Counts(
        tp=counts.whole("tp"),
        fp=counts.whole("fp"),
        fn=counts.whole("fn"),
        tn=counts.whole("tn", 0),
    )
    counts.done()
    return Rate(
        measure=table.text("measure"),
        counts=found,
        beta=table.number("beta", Fraction(1)),
        unit=table.text("unit", ""),
    )


def _loss(table: Table) -> Request:
    found = Loss(
        loss=table.word("loss", LOSSES),
        score=table.word("take", ("loss", "score"), "loss") == "score",
        mask=table.rows("mask"),
        probabilities=table.rows("probabilities"),
        unit=table.text("unit", ""),
    )
    same_shape(table, found.mask, found.probabilities)
    return found


def same_shape(
    table: Table, mask: tuple[tuple[Fraction, ...], ...], chances: tuple[tuple[Fraction, ...], ...]
) -> None:
    """Raises: Fault where a mask and its probabilities differ in shape, or leave 0 to 1."""
    if (len(mask), len(mask[0])) != (len(chances), len(chances[0])):
        raise table.fault("mask and probabilities must have the same rows and columns.")
    if any(not 0 <= item <= 1 for rows in (mask, chances) for row in rows for item in row):
        raise table.fault("mask and probabilities hold numbers from 0 to 1.")


def _gradient_flow(table: Table) -> Request:
    return GradientFlow(
        gradients=gradients(table.table("gradient_flow")),
        take=table.text("take"),
        unit=table.text("unit", ""),
    )


_READERS: dict[str, Callable[[Table], Request]] = {
    "network": _of_network,
    "network_file": _of_network,
    "given": _given,
    "formula": _formula,
    "measure": _rate,
    "loss": _loss,
    "gradient_flow": _gradient_flow,
}
