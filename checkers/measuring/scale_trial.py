"""Which scale a model was trained on, told by what it scores under each on some pictures.

A diagnosis for who wonders at a low score, never a grade: the assignment says what is fed.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import chain, islice

from answers.data.input_contract import SCALE_WORDS, Scale
from answers.data.split import Task
from answers.metrics.intervals import FEWEST_PICTURES
from checkers.measuring.input_scale import FAR, ScaleDistance, closest
from checkers.measuring.rows import Fed
from checkers.model_file.record import Finding
from checkers.report import Score

_MOST_PICTURES = 1_024
_ONE_IN = 4  # four scales on one picture in four are a run more
# A picture that is right or wrong says less than a mask with all its pixels.
_FEWEST: dict[Task, int] = {"classification": 512, "segmentation": FEWEST_PICTURES}
_MUCH_NEARER = 2
_MOST_BYTES = 64 << 20
_NAMES = {"accuracy": "accuracy", "dice": "Dice", "iou": "IoU"}


def worth_it(distances: Sequence[ScaleDistance], *, low: bool) -> bool:
    """Whether other scales are to be tried.

    distances: what the model's own statistics say, the scale in use first. Where they are those of
    training, and no other scale brings much nearer ones, it is fed as it was trained, however low
    the score. low: whether a score misses a check.
    """
    if distances:
        here, nearest = distances[0].distance, min(each.distance for each in distances)
        if here <= FAR and here <= _MUCH_NEARER * nearest:
            return False
    return low or closest(distances) is not None


def scales(in_use: Scale) -> tuple[Scale, ...]:
    """The scales to try, the one in use first."""
    return (in_use, *(Scale(word) for word in SCALE_WORDS if word != in_use.kind))


def some(rows: Iterable[Fed], task: Task, count: int, *, seed: int) -> tuple[Fed, ...]:
    """Some pictures of a split of `count`, drawn by a seed: it may lie there class by class."""
    reading = iter(rows)
    first = next(reading, None)
    if first is None:
        return ()
    room = max(1, _MOST_BYTES // max(1, first.bytes))
    wanted = min(count, room, _MOST_PICTURES, max(_FEWEST[task], count // _ONE_IN))
    chosen = set(random.Random(f"trial {seed}").sample(range(count), wanted))  # noqa: S311  # no secret but the seed
    every = enumerate(chain((first,), reading))
    return tuple(islice((row for place, row in every if place in chosen), wanted))


def better(
    tried: Sequence[Scale], scored: Sequence[Score | None], chance: Fraction
) -> Scale | None:
    """The scale that surely scores more than the one in use, which is the first; None without.

    scored: what the same pictures score under each; None where the answers are no scores.
    chance: what a model gets that looks at nothing.
    """
    here, *others = zip(tried, scored, strict=True)
    found = [(score.value, scale, score) for scale, score in others if score and score.value]
    if not found:
        return None
    value, scale, score = max(found, key=lambda each: each[0])
    least = max(chance, score.constant.value if score.constant else chance)
    if value <= least or not _apart(here[1], score):
        return None
    return scale


def _apart(low: Score | None, high: Score) -> bool:
    """Whether two scores differ by more than chance: their 95 % intervals don't meet."""
    if high.interval is None or (low is not None and low.interval is None):
        return False
    ends_at = low.interval.high if low is not None and low.interval is not None else 0.0
    return ends_at < high.interval.low


def remark(
    fed: Scale, best: Scale, graded: Score | None, whole: Score, distances: Sequence[ScaleDistance]
) -> Finding | None:
    """What is said of the better scale; None where it is no better on the whole split.

    graded: the score as it is fed, None where the answers are no scores. whole: with the better
        scale. distances: what the model's own statistics say, where it keeps any.
    """
    if whole.value is None or (graded and graded.value and graded.value >= whole.value):
        return None
    now = "can't be measured" if graded is None else f"is {float(graded.value or 0):.3f}"
    return Finding(
        "input-scale",
        f"The model seems to be trained on pictures scaled as '{best.kind}', but it is fed "
        f"'{fed.kind}': its {_NAMES[whole.measure]} {now}, and would be {float(whole.value):.3f} with "
        f"--feed {best.kind}.{_statistics(fed, best, distances)}",
    )


def _statistics(fed: Scale, best: Scale, distances: Sequence[ScaleDistance]) -> str:
    far = {each.scale: each.distance for each in distances}
    here, there = far.get(fed), far.get(best)
    if here is None or there is None or there >= here:
        return ""
    return (
        f" What reaches its first batch normalisation is {here:.1f} away from what training stored "
        f"there, and {there:.1f} with '{best.kind}'."
    )
