"""Soft Dice, IoU and Tversky: overlap scores of probabilities, and the losses 1 − score.

Same name, other numbers: the answer depends on where the smoothing stands and on whether the
denominator is squared, so each is named here. Exact: floats are fractions, and stay so.
Sources: V-Net (Milletari 2016) for the squared denominator, Salehi 2017 for Tversky.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import ArrayLike

from answers.errors import InputError
from answers.metrics import inputs
from answers.metrics.exact import ZERO, exact_sum, ratio

MOST_PIXELS = 1_000_000


@dataclass(frozen=True)
class Smoothing:
    """What is added to numerator and denominator of a soft score."""

    numerator: Fraction
    denominator: Fraction


NO_SMOOTHING = Smoothing(ZERO, ZERO)
SMOOTH_ONE = Smoothing(Fraction(1), Fraction(1))
SMOOTH_SMALL = Smoothing(Fraction(1, 100_000), Fraction(1, 100_000))
"""1e-5 in both places: MONAI, segmentation_models."""
EPSILON_BELOW = Smoothing(ZERO, Fraction(1, 10_000_000))
"""1e-7 in the denominator alone: Keras. Both masks empty then cost 1."""


@dataclass(frozen=True, kw_only=True)
class SoftOverlap:
    """The sums of a picture, or of a batch when added: Σ p t, Σ p, Σ t, Σ p², Σ t².

    A score is 1 for a perfect answer; the loss is 1 − score. A score is None where it is 0/0.
    """

    intersection: Fraction
    predicted: Fraction
    truth: Fraction
    predicted_squares: Fraction
    truth_squares: Fraction

    @classmethod
    def of(cls, probabilities: ArrayLike, truth: ArrayLike) -> SoftOverlap:
        """Sum arrays of equal shape with values in [0, 1]; at most a million values.

        Raises InputError: `shapes-differ`, `nothing-to-measure`, `not-a-probability`,
        `probabilities-not-finite`, `too-many-pixels`.
        """
        chances = inputs.number_array(probabilities, "probabilities")
        targets = inputs.number_array(truth, "truths")
        inputs.require_same_shape(chances.shape, targets.shape)
        inputs.require_some(chances.size)
        _require_at_most(chances.size)
        inputs.require_probabilities(chances)
        inputs.require_probabilities(targets, "truths")
        return cls.of_fractions(_fractions(chances), _fractions(targets))

    @classmethod
    def of_fractions(cls, p: Sequence[Fraction], t: Sequence[Fraction]) -> SoftOverlap:
        """Sum exact probabilities and truths that are known to be equally many and in [0, 1]."""
        return cls(
            intersection=exact_sum(a * b for a, b in zip(p, t, strict=True)),
            predicted=exact_sum(p),
            truth=exact_sum(t),
            predicted_squares=exact_sum(a * a for a in p),
            truth_squares=exact_sum(b * b for b in t),
        )

    def __add__(self, other: SoftOverlap) -> SoftOverlap:
        return SoftOverlap(
            intersection=self.intersection + other.intersection,
            predicted=self.predicted + other.predicted,
            truth=self.truth + other.truth,
            predicted_squares=self.predicted_squares + other.predicted_squares,
            truth_squares=self.truth_squares + other.truth_squares,
        )

    def dice(self, smoothing: Smoothing = NO_SMOOTHING) -> Fraction | None:
        """(2 Σpt + s) / (Σp + Σt + s)."""
        return ratio(
            2 * self.intersection + smoothing.numerator,
            self.predicted + self.truth + smoothing.denominator,
        )

    def iou(self, smoothing: Smoothing = NO_SMOOTHING) -> Fraction | None:
        """(Σpt + s) / (Σp + Σt − Σpt + s); MONAI's `jaccard=True` adds half as much."""
        return ratio(
            self.intersection + smoothing.numerator,
            self.predicted + self.truth - self.intersection + smoothing.denominator,
        )

    def squared_dice(self, smoothing: Smoothing = NO_SMOOTHING) -> Fraction | None:
        """(2 Σpt + s) / (Σp² + Σt² + s), the V-Net form."""
        return ratio(
            2 * self.intersection + smoothing.numerator,
            self.predicted_squares + self.truth_squares + smoothing.denominator,
        )

    def tversky(
        self, false_alarms: Fraction, misses: Fraction, smoothing: Smoothing = NO_SMOOTHING
    ) -> Fraction | None:
        """(Σpt + s) / (Σpt + a Σp(1−t) + b Σ(1−p)t + s) with the weights a and b.

        a = b = 1/2 is Dice (with half the smoothing), a = b = 1 is IoU.
        Keras 3.15 calls a 'alpha' in its words, and weighs the misses by it in its code.
        """
        alarm = self.predicted - self.intersection
        miss = self.truth - self.intersection
        weighed = self.intersection + false_alarms * alarm + misses * miss
        return ratio(self.intersection + smoothing.numerator, weighed + smoothing.denominator)

    def dice_loss_gradient(
        self, truth: ArrayLike, smoothing: Smoothing = NO_SMOOTHING
    ) -> tuple[Fraction, ...]:
        """The slope of 1 − dice by each probability, flat: (N − 2 t D) / D² for dice = N / D.

        Raises InputError `score-undefined` where dice is 0/0.
        """
        return self.dice_slopes(_targets(truth), smoothing)

    def dice_slopes(
        self, targets: Sequence[Fraction], smoothing: Smoothing = NO_SMOOTHING
    ) -> tuple[Fraction, ...]:
        """As `dice_loss_gradient`, of exact targets."""
        top = 2 * self.intersection + smoothing.numerator
        bottom = self.predicted + self.truth + smoothing.denominator
        inputs.require_defined(bottom)
        slope = {t: (top - 2 * t * bottom) / bottom**2 for t in set(targets)}
        return tuple(slope[t] for t in targets)

    def iou_loss_gradient(
        self, truth: ArrayLike, smoothing: Smoothing = NO_SMOOTHING
    ) -> tuple[Fraction, ...]:
        """The slope of 1 − iou by each probability, flat: ((1 − t) N − t D) / D² for iou = N / D.

        Raises InputError `score-undefined` where iou is 0/0.
        """
        return self.iou_slopes(_targets(truth), smoothing)

    def iou_slopes(
        self, targets: Sequence[Fraction], smoothing: Smoothing = NO_SMOOTHING
    ) -> tuple[Fraction, ...]:
        """As `iou_loss_gradient`, of exact targets."""
        top = self.intersection + smoothing.numerator
        bottom = self.predicted + self.truth - self.intersection + smoothing.denominator
        inputs.require_defined(bottom)
        slope = {t: ((1 - t) * top - t * bottom) / bottom**2 for t in set(targets)}
        return tuple(slope[t] for t in targets)


def loss_of(score: Fraction | None) -> Fraction | None:
    """1 − score, undefined where the score is."""
    return None if score is None else 1 - score


def _targets(truth: ArrayLike) -> list[Fraction]:
    targets = inputs.number_array(truth, "truths")
    inputs.require_probabilities(targets, "truths")
    return _fractions(targets)


def _fractions(values: np.ndarray[tuple[int, ...], np.dtype[np.floating]]) -> list[Fraction]:
    return [Fraction(value) for value in values.ravel().tolist()]


def _require_at_most(size: int) -> None:
    if size > MOST_PIXELS:
        raise InputError(
            "too-many-pixels",
            f"There are {size} values; exact soft scores are made of at most {MOST_PIXELS}.",
            hint="Measure picture by picture and add the sums.",
        )
