"""A question as it is asked once: with its numbers, its words, and all answers that are known."""

from __future__ import annotations

from fractions import Fraction

from answers.expressions.identity import exact_number, identical, letters_in
from answers.record import record
from answers.textbook.formulas import Value
from answers.textbook.question import Calculation, Question


@record(kw_only=True)
class Option:
    """An option, or a thing to be ordered. letter: how a person calls it."""

    letter: str
    name: str
    words: str


@record(kw_only=True)
class Convention:
    """Another convention, which is right as well. remark: what is said of it."""

    code: str
    values: tuple[Value, ...]
    remark: str


@record(kw_only=True)
class Mistake:
    """A known mistake.

    code: of its misconception; empty where a wrong option is only explained. values: the answers
    that it leads to, the most usual first. option: the wrong option that it leads to.
    """

    code: str
    sentence: str
    values: tuple[Value, ...] = ()
    option: str = ""


@record(kw_only=True)
class Hints:
    """Each tells more than the one before."""

    nudge: str
    formula: str
    step: str
    solution: str

    @property
    def steps(self) -> tuple[str, str, str]:
        """What may be read before the solution."""
        return self.nudge, self.formula, self.step


NO_HINTS = Hints(nudge="", formula="", step="", solution="")


@record(kw_only=True)
class Asked:
    """A question with the numbers of one seed.

    numbers: what was drawn, by letter. network: the notation of what is asked about; may be empty.
    right: the ways of writing the right answer. options: in the order in which they are shown.
    order: the names of the right option, or of all things in their right order.
    """

    question: Question
    seed: int
    text: str
    numbers: tuple[tuple[str, Fraction], ...]
    network: str
    hints: Hints = NO_HINTS
    right: tuple[Value, ...] = ()
    accepted: tuple[Convention, ...] = ()
    mistakes: tuple[Mistake, ...] = ()
    options: tuple[Option, ...] = ()
    order: tuple[str, ...] = ()


def same_answer(a: Value, b: Value, calculation: Calculation) -> bool:
    """Whether two answers can't be told apart: equal, or equal as far as decimals are asked for.

    Raises: InputError of a formula that can't be worked out.
    """
    if len(a) != len(b):
        return False
    ranges = calculation.ranges
    if any(letters_in(part) for part in (*a, *b)):
        return all(identical(one, other, ranges) for one, other in zip(a, b, strict=True))
    pairs = zip(map(exact_number, a), map(exact_number, b), strict=True)
    return all(_near(one, other, calculation.places) for one, other in pairs)


def _near(one: Fraction, other: Fraction, places: int) -> bool:
    if one.denominator == other.denominator == 1:
        return one == other
    return abs(one - other) <= Fraction(1, 10**places)
