"""Which rules stand behind which slip. Each slip of the table has at least one."""

from __future__ import annotations

from dataclasses import dataclass

from answers.misconceptions.counting import COUNTS, CountRule
from answers.misconceptions.field import FIELDS, FieldSlip
from answers.misconceptions.reshaping import RESHAPINGS
from answers.misconceptions.total import TOTALS, TotalRule
from answers.misconceptions.use import Reshaping


@dataclass(frozen=True)
class Rules:
    """All the ways in which one slip is made; the first that gives the number explains it.

    total: of the sum. count: of a layer's own numbers. reshaping: of a size, and all that follows.
    fields: of the growth of a receptive field.
    """

    total: TotalRule | None
    count: CountRule | None
    reshaping: Reshaping | None
    fields: tuple[FieldSlip, ...]


def rules_of(code: str) -> Rules:
    """The rules of a slip."""
    return Rules(TOTALS.get(code), COUNTS.get(code), RESHAPINGS.get(code), FIELDS.get(code, ()))


def coded() -> set[str]:
    """Every slip that has a rule."""
    return {*TOTALS, *COUNTS, *RESHAPINGS, *FIELDS}
