"""Where two expressions of one letter are equal, and which is smaller in between.

Exact for polynomials: their real roots lie in intervals narrower than 1, and the signs at the whole
numbers around them are computed exactly. Roundings of strides are polynomials within each residue
class of the letter, so they are solved class by class. Whatever else is tried number by number.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from math import lcm
from typing import Any, Literal

from answers.errors import InputError
from answers.expressions.size import Size, is_symbolic
from answers.expressions.symbolic import symbols_of

MOST_SCANNED = 1_000
SHOWN_TURNS = 200
MOST_CLASSES = 64
MOST_DEGREE = 64
Smaller = Literal["first", "second", "neither"]
_SIGNS: tuple[Smaller, ...] = ("neither", "second", "first")  # of first − second: 0, +1, −1


@dataclass(frozen=True)
class Stretch:
    """Whole numbers from first to last (None: without end) where the same one is smaller."""

    first: int
    last: int | None
    smaller: Smaller


@dataclass(frozen=True)
class Crossing:
    """Which of two numbers is smaller, for every whole value of a letter.

    equal_at: where they are equal; empty where that is everywhere or never. stretches: from the
    first possible value on. searched_to: None where the answer holds for all values; else the
    last stretch ends there.
    """

    letter: str
    start: int
    equal_at: tuple[int, ...]
    stretches: tuple[Stretch, ...]
    searched_to: int | None

    @property
    def always_equal(self) -> bool:
        """Whether they are equal everywhere."""
        return len(self.stretches) == 1 and self.stretches[0].smaller == "neither"

    def sentence(self, first: str = "the first", second: str = "the second") -> str:
        """The answer in words."""
        end = f" (tried up to {self.letter} = {self.searched_to:,})" if self.searched_to else ""
        if self.always_equal:
            return f"They are equal for every {self.letter}{end}."
        names = {"first": first, "second": second}
        after = self._afterwards(names)
        if self.equal_at:
            shown = _first_of([f"{value:,}" for value in self.equal_at])
            return f"They are equal at {self.letter} = {shown}{end}.{after}"
        turns = [turn.first for turn in self.stretches[1:]]
        if turns:
            where = _first_of([f"between {turn - 1:,} and {turn:,}" for turn in turns])
            return f"They are equal for no whole {self.letter}; they cross {where}{end}.{after}"
        smaller = names[self.stretches[0].smaller]
        return (
            f"They are never equal: {smaller} is smaller from {self.letter} = {self.start:,} "
            f"on{end}."
        )

    def _afterwards(self, names: dict[str, str]) -> str:
        """Which is smaller in the end; empty where that is not known, or they stay equal."""
        last = self.stretches[-1]
        if last.last is not None or last.smaller == "neither":
            return ""
        return f" From {self.letter} = {last.first:,} on {names[last.smaller]} is smaller."


def _first_of(words: list[str]) -> str:
    return ", ".join([*words[:8], *(["…"] if len(words) > 8 else [])])


def crossing(first: Size, second: Size, *, start: int = 1) -> Crossing:
    """Compare two expressions of one letter at every whole number from `start` on.

    Raises: InputError `one-letter` where there is none, or more than one; `formula-too-large` for
    degrees above MOST_DEGREE.
    """
    letters = sorted({*symbols_of(first), *symbols_of(second)})
    if len(letters) != 1:
        there = f"there are {', '.join(letters)}" if letters else "there is none"
        raise InputError(
            "one-letter",
            f"Where two networks cross can be said for one letter, but {there}.",
            hint="Give the other letters numbers." if letters else "Write a size as a letter.",
        )
    return _Difference(letters[0], _expanded(first, second), start).crossing()


def _expanded(first: Size, second: Size) -> Any:
    import sympy

    difference: Any = sympy.sympify(first) - second
    if not is_symbolic(difference) or sympy.count_ops(difference) > 10_000:
        raise InputError("formula-too-large", "The formulas are too long to be compared.")
    return sympy.expand(difference)


@dataclass(frozen=True)
class _Difference:
    """first − second as a function of one letter."""

    letter: str
    value: Any
    start: int

    @cached_property
    def symbol(self) -> Any:
        import sympy

        return sympy.Symbol(self.letter, integer=True, positive=True)

    def crossing(self) -> Crossing:
        classes = self._classes()
        if classes is None:
            return self._scanned(self.start + MOST_SCANNED, complete=False)
        if len(classes) == 1:
            return self._polynomial(classes[0])
        return self._periodic(classes)

    def sign(self, at: int) -> int:
        found = self.value.subs(self.symbol, at)
        return int(bool(found > 0)) - int(bool(found < 0))

    # --- one polynomial

    def _polynomial(self, polynomial: Any) -> Crossing:
        marks = sorted({mark for mark in _around_roots(polynomial) if mark >= self.start})
        values = [(at, _sign_at(polynomial, at)) for at in self._borders(marks)]
        return self._built(values, None)

    def _borders(self, marks: list[int]) -> list[int]:
        """The first value, every mark, and what comes after it: in between no sign changes."""
        return sorted({self.start, *marks, *(mark + 1 for mark in marks)})

    def _built(self, values: list[tuple[int, int]], searched_to: int | None) -> Crossing:
        """From signs, each holding until the next value, to stretches."""
        runs = [(sign, next(group)[0]) for sign, group in groupby(values, key=lambda v: v[1])]
        ends = [*(first - 1 for _, first in runs[1:]), searched_to]
        stretches = tuple(
            Stretch(first, end, _SIGNS[sign]) for (sign, first), end in zip(runs, ends, strict=True)
        )
        equal = tuple(at for at, sign in values if sign == 0) if len(stretches) > 1 else ()
        return Crossing(self.letter, self.start, equal, stretches, searched_to)

    # --- a polynomial for each rest

    def _classes(self) -> tuple[Any, ...] | None:
        """The polynomial of t in each class n = p·t + rest; None where there are none such."""
        import sympy

        base = lcm(*(int(number.q) for number in self.value.atoms(sympy.Rational)), *self._moduli())
        period = 1
        while period <= MOST_CLASSES:
            found = [self._class(period, rest) for rest in range(period)]
            if all(item is not None for item in found):
                return tuple(found)
            if base == 1:
                return None
            period *= base
        return None

    def _moduli(self) -> Iterator[int]:
        import sympy

        for part in self.value.atoms(sympy.Mod):
            if part.args[1].is_Integer:
                yield int(part.args[1])

    def _class(self, period: int, rest: int) -> Any:
        import sympy

        place = sympy.Symbol("t", integer=True, nonnegative=True)
        inner = self.value if period == 1 else self.value.subs(self.symbol, period * place + rest)
        inner = sympy.expand(inner)
        letter = self.symbol if period == 1 else place
        if not inner.is_polynomial(letter):
            return None
        polynomial = sympy.Poly(inner, letter)
        if polynomial.degree() > MOST_DEGREE:
            raise InputError("formula-too-large", f"The degree is above {MOST_DEGREE}.")
        return polynomial

    def _periodic(self, classes: tuple[Any, ...]) -> Crossing:
        """The last root of all classes; up to it number by number, beyond it class by class."""
        period = len(classes)
        marks = [
            period * mark + rest
            for rest, polynomial in enumerate(classes)
            for mark in _around_roots(polynomial)
        ]
        last = max([self.start, *marks]) + period
        beyond = {_sign_at(polynomial, last // period + 1) for polynomial in classes}
        if last - self.start > MOST_SCANNED:
            return self._scanned(self.start + MOST_SCANNED, complete=False)
        if len(beyond) > 1:  # it goes on for ever; a few turns show how
            return self._scanned(max(last, self.start + SHOWN_TURNS), complete=False)
        return self._scanned(last, complete=True)

    def _scanned(self, last: int, *, complete: bool) -> Crossing:
        values = [(at, self.sign(at)) for at in range(self.start, last + 1)]
        return self._built(values, None if complete else last)


def _around_roots(polynomial: Any) -> Iterator[int]:
    """Whole numbers around each real root."""
    from sympy import Rational, ceiling, floor

    if polynomial.degree() < 1:
        return
    for (low, high), _ in polynomial.intervals(eps=Rational(1, 4)):
        yield from range(int(floor(low)), int(ceiling(high)) + 1)


def _sign_at(polynomial: Any, at: int) -> int:
    found = polynomial.eval(at)
    return int(bool(found > 0)) - int(bool(found < 0))
