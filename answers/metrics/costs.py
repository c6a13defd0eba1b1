"""What wrong answers cost, and from which probability on it pays to say yes."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from answers.errors import InputError
from answers.metrics.rates import BinaryCounts

MOST = 10**12


@dataclass(frozen=True, kw_only=True)
class Costs:
    """What a miss (FN) and a false alarm (FP) cost; right answers cost nothing.

    Raises InputError `cost-out-of-range`: below 0, above 10^12, or both 0.
    """

    miss: Fraction
    alarm: Fraction

    def __post_init__(self) -> None:
        for name, cost in (("miss", self.miss), ("false alarm", self.alarm)):
            if not 0 <= cost <= MOST:
                raise InputError(
                    "cost-out-of-range",
                    f"A {name} costs {float(cost):g}; a cost lies between 0 and 10^12.",
                    hint="Say what one such mistake costs, in any unit.",
                )
        if not self.miss + self.alarm:
            raise InputError(
                "cost-out-of-range",
                "Neither a miss nor a false alarm costs anything: every answer is the best one.",
                hint="Say what one of the mistakes costs: --cost-miss 10 --cost-alarm 1.",
            )

    def of(self, counts: BinaryCounts) -> Fraction:
        """What these answers cost together."""
        return self.together(counts.false_negatives, counts.false_positives)

    def together(self, misses: int, alarms: int) -> Fraction:
        """What so many misses and false alarms cost."""
        return self.miss * misses + self.alarm * alarms

    def expected(self, counts: BinaryCounts) -> Fraction:
        """What these answers cost for one case, on average."""
        return self.of(counts) / counts.total

    @property
    def probability_to_act(self) -> Fraction:
        """The probability from which on saying yes is the cheaper answer: alarm / (alarm + miss).

        It holds for probabilities that are honest (calibrated). Elkan 2001, 'The foundations of
        cost-sensitive learning', eq. 2, for right answers that cost nothing.
        """
        return self.alarm / (self.alarm + self.miss)
