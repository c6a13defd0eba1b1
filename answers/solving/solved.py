"""What every question that is solved gets for an answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from answers.derivation.derivation import Step
from answers.errors import InputError

MOST_BITS = 4096


@dataclass(frozen=True)
class Span:
    """Whole numbers from first to last, both included; last None: without end."""

    first: int
    last: int | None

    def __contains__(self, value: int) -> bool:
        return self.first <= value and (self.last is None or value <= self.last)

    def __str__(self) -> str:
        if self.first == self.last:
            return f"{self.first:,}"
        return f"{self.first:,} to {self.last:,}" if self.last is not None else f"{self.first:,} on"


@dataclass(frozen=True)
class Near:
    """A setting that does not give the wanted number, and what it gives instead."""

    value: int
    gives: int


@dataclass(frozen=True, kw_only=True)
class Solved:
    """The answer to one question.

    unknown: what was asked for, in words. solutions: all whole ones, none where there is none.
    below, above: where there is none, the settings whose numbers come next to the wanted one.
    answer: whole sentences. steps: how it was found.
    """

    unknown: str
    solutions: tuple[Span, ...]
    answer: str
    steps: tuple[Step, ...]
    below: Near | None = None
    above: Near | None = None

    @property
    def only(self) -> int | None:
        """The solution, where there is exactly one."""
        spans = self.solutions
        return spans[0].first if len(spans) == 1 and spans[0].first == spans[0].last else None


def at_least(value: int, low: int, what: str) -> int:
    """A number that a person gave.

    Raises: InputError `number-too-small` below `low`, `number-too-large` beyond 2^4096.
    """
    if value.bit_length() > MOST_BITS:
        raise InputError("number-too-large", f"The {what} is larger than 2^{MOST_BITS}.")
    if value < low:
        raise InputError(
            "number-too-small", f"The {what} must be at least {low}, but it is {value}."
        )
    return value


def largest_up_to(function: Callable[[int], int], wanted: int) -> int:
    """The largest whole x ≥ 0 with function(x) ≤ wanted, for a function that grows from 0 on.

    Doubles, then halves: some thousand steps for the largest numbers that are accepted.
    """
    low, high = 0, 1
    while function(high) <= wanted:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if function(middle) <= wanted else (low, middle)
    return low
