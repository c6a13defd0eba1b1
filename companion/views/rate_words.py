"""What the rates of a yes-or-no question are called, and what they say in words."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from importlib.resources import files

from answers.metrics.rates import BinaryCounts
from companion.views.numbers import plain


@dataclass(frozen=True)
class RateWords:
    """name: of the rate. also: its other names. says, undefined: sentences with {places}."""

    name: str
    says: str
    also: str = ""
    undefined: str = ""

    @property
    def title(self) -> str:
        """The name, the others in brackets."""
        return f"{self.name} ({self.also})" if self.also else self.name

    def sentence(self, places: Mapping[str, str], *, defined: bool) -> str:
        """What the rate says, or why it is undefined."""
        return (self.says if defined else self.undefined).format_map(places)


def words_of(code: str) -> RateWords:
    """The words of a rate."""
    return _all()[code]


def places_of(counts: BinaryCounts, beta: Fraction | None = None) -> dict[str, str]:
    """The numbers that stand in the sentences."""
    letters = {name.lower(): count for name, count in counts.letters.items()}
    numbers = letters | {"right": counts.true_positives + counts.true_negatives}
    groups = {
        "positives_are": (counts.positives, "is", "are"),
        "negatives_are": (counts.negatives, "is", "are"),
        "called_positive_were": (counts.called_positive, "was", "were"),
        "called_negative_were": (counts.called_negative, "was", "were"),
    }
    return {
        **{name: plain(count) for name, count in letters.items()},
        **{f"{name}_are": _with(count, "is", "are") for name, count in numbers.items()},
        **{f"{name}_were": _with(count, "was", "were") for name, count in numbers.items()},
        **{
            name: _with(n, f"that {one}", f"that {many}") for name, (n, one, many) in groups.items()
        },
        "total": plain(counts.total),
        "positives": plain(counts.positives),
        "union": plain(counts.total - counts.true_negatives),
        "beta": "" if beta is None else plain(beta),
    }


def _with(count: int, one: str, many: str) -> str:
    return f"{plain(count)} {one if count == 1 else many}"


@cache
def _all() -> dict[str, RateWords]:
    source = files("companion.views").joinpath("rate_words.toml").read_text("utf-8")
    return {code: RateWords(**table) for code, table in tomllib.loads(source).items()}
