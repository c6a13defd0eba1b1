"""How far a measured score can be trusted: 95 % intervals.

Accuracy: Wilson 1927 without continuity correction (recommended by Brown, Cai, DasGupta 2001).
Mean or pooled overlap: the percentile bootstrap (Efron 1979) over pictures, not pixels, with
linear quantiles (Hyndman and Fan type 7, NumPy's default) and numbers drawn by splitmix64, so
that the same pictures are drawn on every machine (the ends may differ in their last binary digit).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray

from answers.errors import InputError
from answers.metrics import inputs, splitmix
from answers.metrics.segmentation import Average, Measure, Overlaps

Z_95 = 1.959963984540054
RESAMPLES = 10_000
SEED = 1
FEWEST_PICTURES = 10
MOST_PICTURES = 100_000

_DRAWS_AT_ONCE = 1 << 18
_TAILS = (0.025, 0.975)

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Interval:
    """A 95 % interval, both ends included."""

    low: float
    high: float


def wilson(successes: int, trials: int) -> Interval:
    """The Wilson interval of a proportion: low is exactly 0 at 0, high exactly 1 at all.

    Raises InputError: `nothing-to-measure`, `successes-out-of-range`.
    """
    inputs.require_some(trials)
    if not 0 <= successes <= trials:
        raise InputError(
            "successes-out-of-range",
            f"There are {successes} successes of {trials} trials; 0 to {trials} are possible.",
            hint="Check which number is which.",
        )
    share, spread = successes / trials, Z_95**2 / trials
    middle = (share + spread / 2) / (1 + spread)
    half = sqrt(spread * (share * (1 - share) + spread / 4)) / (1 + spread)
    return Interval(
        low=middle - half if successes else 0.0,
        high=middle + half if successes < trials else 1.0,
    )


def bootstrap_mean(
    values: Sequence[Fraction] | Sequence[float], *, resamples: int = RESAMPLES, seed: int = SEED
) -> Interval:
    """The interval of a mean over pictures, resampled `resamples` times.

    values: one finite score for each picture.
    Raises InputError `too-few-pictures` for fewer than 10: the interval would be far too narrow.
    """
    require_enough_pictures(len(values))
    return percentile_interval(resampled_means(values, resamples=resamples, seed=seed))


def bootstrap_ratio(
    numerators: Sequence[int],
    denominators: Sequence[int],
    *,
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> Interval:
    """The interval of Σ numerators / Σ denominators, the pictures resampled together.

    A resample that is 0/0 (only empty pictures drawn) has no score and is left out.
    Raises InputError: `too-few-pictures`, `score-undefined` where every resample is 0/0.
    """
    inputs.require_same_length(len(denominators), len(numerators))
    require_enough_pictures(len(numerators))
    columns = np.array([numerators, denominators], dtype=np.float64).T
    top, bottom = resampled_sums(columns, resamples=resamples, seed=seed).T
    defined = bottom > 0
    inputs.require_defined(bottom.max())
    return percentile_interval(top[defined] / bottom[defined])


def overlap_interval(
    overlaps: Overlaps,
    measure: Measure,
    average: Average,
    *,
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> Interval:
    """The interval of `overlaps.value(measure, average)`: the pictures that count, resampled.

    Raises InputError as `bootstrap_mean` and `bootstrap_ratio` do.
    """
    if average != "pooled":
        values = overlaps.values(measure, average)
        return bootstrap_mean(values, resamples=resamples, seed=seed)
    pictures = overlaps.pictures
    if measure == "dice":
        tops = [2 * picture.intersection for picture in pictures]
        bottoms = [picture.predicted + picture.truth for picture in pictures]
    else:
        tops = [picture.intersection for picture in pictures]
        bottoms = [picture.union for picture in pictures]
    return bootstrap_ratio(tops, bottoms, resamples=resamples, seed=seed)


def require_enough_pictures(count: int) -> None:
    """At least 10 pictures, and no more than 100,000."""
    if count < FEWEST_PICTURES:
        raise InputError(
            "too-few-pictures",
            f"An interval of {count} pictures would mean nothing; "
            f"at least {FEWEST_PICTURES} are needed.",
            hint="Measure more pictures, or leave the interval out.",
        )
    if count > MOST_PICTURES:
        raise InputError(
            "too-many-pictures",
            f"There are {count} pictures; at most {MOST_PICTURES} are resampled.",
            hint="Leave the interval out: with so many pictures it is very narrow.",
        )


def resampled_means(
    values: Sequence[Fraction] | Sequence[float], *, resamples: int = RESAMPLES, seed: int = SEED
) -> Floats:
    """The mean of each resample, in the order drawn: (resamples,)."""
    column = np.array([float(value) for value in values])
    inputs.require_some(column.size)
    inputs.require_finite(column, "scores-not-finite", "values")
    return resampled_sums(column[:, np.newaxis], resamples=resamples, seed=seed)[:, 0] / column.size


def resampled_sums(columns: Floats, *, resamples: int = RESAMPLES, seed: int = SEED) -> Floats:
    """Sums over each resample of the rows of (n, columns): (resamples, columns).

    Resample r draws n rows with the words r n … r n + n − 1 of splitmix64(seed), each an index
    (word × n) >> 64. Sums of whole numbers below 2^53 are exact. Memory does not grow with
    resamples × n.
    """
    sums = [counts @ columns for counts in _draw_counts(len(columns), resamples, seed)]
    return np.concatenate(sums)


def percentile_interval(statistics: ArrayLike) -> Interval:
    """The 2.5 and 97.5 percent quantiles, linear between neighbours."""
    low, high = np.quantile(np.asarray(statistics), _TAILS)
    return Interval(low=float(low), high=float(high))


def _draw_counts(n: int, resamples: int, seed: int) -> Iterator[Floats]:
    """How often each row is drawn in each resample, some resamples at a time: (some, n)."""
    at_once = max(1, _DRAWS_AT_ONCE // n)
    for first in range(0, resamples, at_once):
        rows = min(at_once, resamples - first)
        drawn = splitmix.indices(splitmix.words(seed, first * n, rows * n), n)
        drawn += np.repeat(np.arange(rows) * n, n)
        yield np.bincount(drawn, minlength=rows * n).reshape(rows, n).astype(np.float64)
