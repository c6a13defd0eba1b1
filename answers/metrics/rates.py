"""The rates of a yes-or-no question, each made from one formula over the four counts.

TP, FP, FN, TN: called positive and it is, called positive and it isn't, called negative and it is,
called negative and it isn't. A rate that comes to 0/0 is undefined (None), never 0. Sources: van
Rijsbergen 1979 for F-beta, Matthews 1975 for his coefficient, Youden 1950 for informedness.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import isqrt, sqrt
from typing import Literal

from answers.errors import InputError
from answers.expressions.expression import (
    Expression,
    Negative,
    Number,
    Power,
    Product,
    Quotient,
    Sum,
    evaluate,
    names,
    substitute,
)
from answers.expressions.value import exact_value
from answers.metrics.exact import ratio

MOST_CASES = 10**15
MOST_BETA = 1_000

Constant = Literal["positive", "negative"]

_TP, _FP, _FN, _TN = names("TP FP FN TN")
_BETA, _RECALL_TOP, _ALL = names("beta")[0], _TP + _FN, _TP + _FP + _FN + _TN
_SQUARE = Power(_BETA, 2)


@dataclass(frozen=True, kw_only=True)
class BinaryCounts:
    """The four counts, each 0 to 10^15, at least one case in all.

    Raises InputError `count-out-of-range`, `nothing-to-measure`.
    """

    true_positives: int
    false_positives: int
    false_negatives: int
    true_negatives: int

    def __post_init__(self) -> None:
        for name, count in self.letters.items():
            if not 0 <= count <= MOST_CASES:
                raise InputError(
                    "count-out-of-range",
                    f"{name} is {count}; a count is a whole number from 0 to 10^15.",
                    hint="Say how many cases there are.",
                )
        if not self.total:
            raise InputError(
                "nothing-to-measure",
                "All four counts are 0: a rate of nothing is 0/0.",
                hint="Say at least one case, such as --tp 8.",
            )

    @property
    def letters(self) -> dict[str, int]:
        """The counts by the letters that formulas use."""
        return {
            "TP": self.true_positives,
            "FP": self.false_positives,
            "FN": self.false_negatives,
            "TN": self.true_negatives,
        }

    @property
    def total(self) -> int:
        """All cases."""
        return sum(self.letters.values())

    @property
    def positives(self) -> int:
        """Cases that are positive: TP + FN."""
        return self.true_positives + self.false_negatives

    @property
    def negatives(self) -> int:
        """Cases that are negative: FP + TN."""
        return self.false_positives + self.true_negatives

    @property
    def called_positive(self) -> int:
        """Cases that were called positive: TP + FP."""
        return self.true_positives + self.false_positives

    @property
    def called_negative(self) -> int:
        """Cases that were called negative: FN + TN."""
        return self.false_negatives + self.true_negatives

    def of_constant(self, answer: Constant) -> BinaryCounts:
        """The counts of an answer that is the same for every case, on the same truth."""
        always = answer == "positive"
        return BinaryCounts(
            true_positives=self.positives if always else 0,
            false_positives=self.negatives if always else 0,
            false_negatives=0 if always else self.positives,
            true_negatives=0 if always else self.negatives,
        )

    @property
    def best_constant(self) -> Constant:
        """The constant answer that is right more often; negative where both are."""
        return "positive" if self.positives > self.negatives else "negative"

    @property
    def accuracy(self) -> Fraction:
        """(TP + TN) / all."""
        return Fraction(self.true_positives + self.true_negatives, self.total)


@dataclass(frozen=True, kw_only=True)
class Rate:
    """A rate: its formula, the formula with the counts put in, and what it comes to.

    value: exact; None where it is 0/0.
    """

    code: str
    formula: Expression
    substitution: Expression
    value: Fraction | None


@dataclass(frozen=True, kw_only=True)
class Matthews:
    """The correlation of truth and answer, top / √under_root, between −1 and 1.

    top, under_root: with the counts put in. numerator: TP·TN − FP·FN. square: the product of the
    four margins.
    """

    top: Expression
    under_root: Expression
    numerator: int
    square: int

    @classmethod
    def of(cls, counts: BinaryCounts) -> Matthews:
        """The coefficient of the counts."""
        margins = (
            counts.called_positive,
            counts.positives,
            counts.negatives,
            counts.called_negative,
        )
        return cls(
            top=substitute(MATTHEWS_TOP, _numbers(counts)),
            under_root=Product(tuple(map(Number, margins))),
            numerator=evaluate(MATTHEWS_TOP, counts.letters),
            square=evaluate(MATTHEWS_UNDER_ROOT, counts.letters),
        )

    @property
    def exact(self) -> Fraction | None:
        """The value as a fraction, where it is one."""
        root = isqrt(self.square)
        return ratio(self.numerator, root) if root * root == self.square else None

    @property
    def value(self) -> float | None:
        """The value; None where a margin is 0: 0/0."""
        return self.numerator / sqrt(self.square) if self.square else None


MATTHEWS_TOP = Sum((Product((_TP, _TN)), Negative(Product((_FP, _FN)))))
MATTHEWS_UNDER_ROOT = Product((_TP + _FP, _TP + _FN, _TN + _FP, _TN + _FN))
FORMULAS: dict[str, Expression] = {
    "accuracy": Quotient(_TP + _TN, _ALL),
    "precision": Quotient(_TP, _TP + _FP),
    "recall": Quotient(_TP, _TP + _FN),
    "specificity": Quotient(_TN, _TN + _FP),
    "negative-predictive-value": Quotient(_TN, _TN + _FN),
    "false-positive-rate": Quotient(_FP, _FP + _TN),
    "false-negative-rate": Quotient(_FN, _FN + _TP),
    "false-discovery-rate": Quotient(_FP, _FP + _TP),
    "false-omission-rate": Quotient(_FN, _FN + _TN),
    "prevalence": Quotient(_TP + _FN, _ALL),
    "f1": Quotient(2 * _TP, 2 * _TP + _FP + _FN),
    "iou": Quotient(_TP, _TP + _FP + _FN),
    "balanced-accuracy": Quotient(
        Sum((Quotient(_TP, _TP + _FN), Quotient(_TN, _TN + _FP))), Number(2)
    ),
    "informedness": Sum((Quotient(_TP, _TP + _FN), Quotient(_TN, _TN + _FP), Negative(Number(1)))),
}
"""A formula for each rate, by its code; `f1` is also the Dice score of two masks."""

_F_BETA = Quotient(
    Product((Number(1) + _SQUARE, _TP)),
    Sum((Product((Number(1) + _SQUARE, _TP)), Product((_SQUARE, _FN)), _FP)),
)


def rates(counts: BinaryCounts) -> tuple[Rate, ...]:
    """Every rate of the counts that needs no further number."""
    return tuple(_rate(code, formula, counts) for code, formula in FORMULAS.items())


def f_beta(counts: BinaryCounts, beta: Fraction) -> Rate:
    """(1 + β²) TP / ((1 + β²) TP + β² FN + FP): recall counts β times as much as precision.

    Raises InputError `beta-out-of-range` outside 0 to 1,000.
    """
    require_beta(beta)
    return _rate("f-beta", _F_BETA, counts, {"beta": _written(beta)})


def require_beta(beta: Fraction) -> None:
    """A beta that means something: 0 (precision alone) to 1,000 (nearly recall alone)."""
    if not 0 <= beta <= MOST_BETA or beta.denominator > MOST_CASES:
        raise InputError(
            "beta-out-of-range",
            f"beta is {float(beta):g}; it lies between 0 and {MOST_BETA:,}.",
            hint="2 weighs recall twice as much as precision, 0.5 half as much.",
        )


def _rate(
    code: str,
    formula: Expression,
    counts: BinaryCounts,
    further: dict[str, Expression] | None = None,
) -> Rate:
    substitution = substitute(formula, _numbers(counts) | (further or {}))
    return Rate(code=code, formula=formula, substitution=substitution, value=_value(substitution))


def _numbers(counts: BinaryCounts) -> dict[str, Expression]:
    return {name: Number(count) for name, count in counts.letters.items()}


def _value(substitution: Expression) -> Fraction | None:
    try:
        return Fraction(exact_value(substitution))
    except InputError as error:
        if error.code != "formula-divides-by-zero":
            raise
        return None


def _written(value: Fraction) -> Expression:
    top = Number(value.numerator)
    return top if value.denominator == 1 else Quotient(top, Number(value.denominator))
