"""The table of slips: what each is called and how it is explained, from `slips.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal, get_args

Quantity = Literal["parameters", "macs", "flops", "memory", "shape", "receptive-field"]
QUANTITIES: tuple[Quantity, ...] = get_args(Quantity)


MIXED = "mixed"  # several families at once, one of them with a sentence of its own


@dataclass(frozen=True)
class OwnSentence:
    """What is said where a slip was made in layers of one family, or in MIXED ones."""

    family: str
    sentence: str


@dataclass(frozen=True)
class Slip:
    """A usual mistake.

    code: in words with hyphens. name: in a few words. sentence: what is done wrongly, and what is
    right; whole sentences. quantities: what it can be met in. scope: whether it is made at all
    layers alike, at one alone, or either. own: sentences for families where `sentence` is not true.
    """

    code: str
    name: str
    sentence: str
    quantities: tuple[Quantity, ...]
    scope: Literal["everywhere", "one", "both"] = "both"
    own: tuple[OwnSentence, ...] = ()

    def sentence_for(self, families: set[str]) -> str:
        """What is true of all these families of layers."""
        own = {item.family: item.sentence for item in self.own}
        if not families & set(own):
            return self.sentence
        return own[next(iter(families)) if len(families) == 1 else MIXED]


@dataclass(frozen=True)
class Frames:
    """Sentences around a slip. They name {layers} or {layer}, {claimed}, {right} and the parts."""

    whole: str
    every: str
    one: str


@cache
def slips() -> tuple[Slip, ...]:
    """All slips, the most plausible first."""
    return tuple(_slip(code, row) for code, row in _table()["slip"].items())


@cache
def frames() -> Frames:
    """What stands around a slip's sentence."""
    return Frames(**_table()["frame"])


def _slip(code: str, row: dict[str, Any]) -> Slip:
    own = tuple(OwnSentence(*item) for item in row.get("own", {}).items())
    return Slip(code=code, **row | {"quantities": tuple(row["quantities"]), "own": own})


@cache
def _table() -> dict[str, dict[str, Any]]:
    source = files("answers.misconceptions").joinpath("slips.toml").read_text("utf-8")
    return tomllib.loads(source)
