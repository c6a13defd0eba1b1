"""How weights are drawn at the start, and the variance that each scheme gives them.

Glorot and Bengio 2010 (eq. 16, uniform, as Keras' default), He et al. 2015 (eq. 10, normal),
LeCun et al. 1998 (normal), or a normal distribution of a given deviation.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from answers.errors import InputError

MOST_DEVIATION = 1_000.0
_NORMAL = re.compile(r"normal:(\d{1,6}(\.\d{1,12})?|\.\d{1,12})")


@dataclass(frozen=True)
class Initialisation:
    """A scheme: glorot, he, lecun or normal; deviation: of normal alone."""

    name: str
    deviation: float = 0.0

    @property
    def text(self) -> str:
        """As it is written: glorot, normal:0.01."""
        return f"normal:{self.deviation:g}" if self.name == "normal" else self.name

    def variance(self, n_in: int, n_out: int) -> float:
        """The variance of a weight of a layer with so many inputs and outputs."""
        if self.name == "normal":
            return self.deviation**2
        return {"glorot": 2 / (n_in + n_out), "he": 2 / n_in, "lecun": 1 / n_in}[self.name]

    def draw(self, random: np.random.Generator, n_in: int, n_out: int) -> NDArray[np.float64]:
        """Weights (n_in, n_out)."""
        deviation = sqrt(self.variance(n_in, n_out))
        if self.name == "glorot":
            limit = sqrt(3) * deviation
            return random.uniform(-limit, limit, (n_in, n_out))
        return random.normal(0.0, deviation, (n_in, n_out))


def initialisation_of(word: str) -> Initialisation:
    """The scheme of a word: glorot, he, lecun, normal:0.01.

    Raises: InputError `initialisation-unknown`.
    """
    if word in {"glorot", "he", "lecun"}:
        return Initialisation(word)
    found = _NORMAL.fullmatch(word)
    if found is not None and 0 < float(found[1]) <= MOST_DEVIATION:
        return Initialisation("normal", float(found[1]))
    if word.startswith("normal:"):
        raise InputError(
            "initialisation-unknown",
            f"{word.removeprefix('normal:')!r:.40} is no deviation above 0 and up to "
            f"{MOST_DEVIATION:,.0f}.",
            hint="Write a decimal number, as in normal:0.01.",
        )
    raise InputError(
        "initialisation-unknown",
        f"There is no initialisation {word!r:.40} here.",
        hint="Known are glorot, he, lecun, and normal with its deviation, as in normal:0.01.",
    )
