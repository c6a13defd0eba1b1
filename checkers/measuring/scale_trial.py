"""Which scale a model was trained on, told by what it scores under each on some pictures.

A diagnosis for who wonders at a low score, never a grade: the assignment says what is fed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from answers.data.input_contract import SCALE_WORDS, Scale
from answers.metrics.intervals import FEWEST_PICTURES
from checkers.measuring.input_scale import ScaleDistance, closest
from checkers.measuring.rows import Fed
from checkers.model_file.record import Finding
from checkers.report import Score

_MOST_PICTURES = 256
_ONE_IN = 8  # four scales on one picture in eight are half a run
_MOST_BYTES = 64 << 20


def scales(in_use: Scale) -> tuple[Scale, ...]:
    """The scales to try, the one in use first."""
    return (in_use, *(Scale(word) for word in SCALE_WORDS if word != in_use.kind))


def some(rows: Iterable[Fed], count: int) -> tuple[Fed, ...]:
    """Pictures from everywhere in a split of `count`: it may lie there class by class."""
    wanted = min(count, _MOST_PICTURES, max(FEWEST_PICTURES, count // _ONE_IN))
    spread = (
        row
        for place, row in enumerate(rows)
        if place * wanted // count > (place - 1) * wanted // count
    )
    return tuple(_within(spread, _MOST_BYTES))


def _within(rows: Iterable[Fed], room: int) -> Iterator[Fed]:
    for row in rows:
        room -= row.bytes
        if room < 0:
            return
        yield row


@dataclass(frozen=True)
class Trial:
    """What the pictures score under a scale."""

    scale: Scale
    score: Score
    value: Fraction


@dataclass(frozen=True)
class Found:
    """A scale with which the model surely scores more than as it is fed.

    distances: what the model's own statistics say, where it keeps any.
    """

    in_use: Trial
    best: Trial
    distances: tuple[ScaleDistance, ...]

    def remark(self, pictures: int) -> Finding:
        """What is said of it. pictures: how many were tried."""
        best, fed = self.best, self.in_use
        return Finding(
            "input-scale",
            f"The model seems to be trained on pictures scaled as '{best.scale.kind}', but it is "
            f"fed '{fed.scale.kind}': on {pictures} pictures of the split its {best.score.measure} "
            f"is {float(best.value):.3f} with '{best.scale.kind}', and {float(fed.value):.3f} as "
            f"it is fed.{self._statistics}",
        )

    @property
    def _statistics(self) -> str:
        far = {each.scale: each.distance for each in self.distances}
        here, there = far.get(self.in_use.scale), far.get(self.best.scale)
        if here is None or there is None or there >= here:
            return ""
        return (
            f" What reaches its first batch normalisation is {here:.1f} away from what training "
            f"stored there, and {there:.1f} with '{self.best.scale.kind}'."
        )


def found(
    tried: Sequence[Scale], scored: Sequence[Score | None], distances: Sequence[ScaleDistance]
) -> Found | None:
    """The scale that surely scores more than the one in use, which is the first; None without.

    scored: what the same pictures score under each; None where the answers are no scores.
    """
    trials = [
        Trial(scale, score, score.value)
        for scale, score in zip(tried, scored, strict=True)
        if score is not None and score.value is not None
    ]
    if len(trials) < 2 or trials[0].scale != tried[0]:
        return None
    here, *others = trials
    best = max(others, key=lambda trial: trial.value)
    pointed_to = closest(distances)
    surely = pointed_to is not None and pointed_to.scale == best.scale
    if best.value <= here.value or not (surely or _apart(here.score, best.score)):
        return None
    return Found(here, best, tuple(distances))


def _apart(low: Score, high: Score) -> bool:
    """Whether two scores differ by more than chance: their 95 % intervals don't meet."""
    if low.interval is None or high.interval is None:
        return False
    return low.interval.high < high.interval.low
