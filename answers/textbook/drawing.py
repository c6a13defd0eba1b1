"""Fresh numbers for a question: what can be drawn, and the conditions that hold between them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction

from answers.errors import InputError
from answers.expressions.dice import Dice
from answers.expressions.expression import Expression
from answers.expressions.identity import exact_number
from answers.expressions.parse import parse_expression
from answers.record import record
from answers.textbook.formulas import number, put_in

MOST_VALUES = 1_000_000
Numbers = Mapping[str, Fraction]
_RANGE = re.compile(r"(-?[0-9]{1,9})\.\.(-?[0-9]{1,9})(?: step ([1-9][0-9]{0,8}))?")
_COMPARED = re.compile(r"(.+?)\s*(<=|>=|==|!=|<|>)\s*(.+)")


@record()
class Draw:
    """A letter and the whole numbers that it can be."""

    letter: str
    values: Sequence[int]


@record()
class Condition:
    """Two formulas of drawn numbers that are compared. text: as the author wrote it."""

    text: str
    left: Expression
    sign: str
    right: Expression


def numbers_of(word: str) -> range:
    """The numbers of "5..60" or "10..100 step 10", both ends included.

    Raises: InputError `question-draw`.
    """
    found = _RANGE.fullmatch(word.strip())
    if found is None:
        raise InputError(
            "question-draw",
            f"{word!r:.60} is no range of numbers.",
            hint='Write "5..60", "10..100 step 10" or a list such as [3, 5, 7].',
        )
    first, last, step = int(found[1]), int(found[2]), int(found[3] or 1)
    if not 0 < len(range(first, last + 1, step)) <= MOST_VALUES:
        raise InputError(
            "question-draw", f"{word!r:.60} holds no number, or more than {MOST_VALUES:,}."
        )
    return range(first, last + 1, step)


def condition(text: str) -> Condition:
    """What "fp < tp" demands.

    Raises: InputError `question-condition`, or of a formula.
    """
    found = _COMPARED.fullmatch(text.strip())
    if found is None:
        raise InputError(
            "question-condition",
            f"{text!r:.60} compares nothing.",
            hint='Write two formulas with <, <=, ==, !=, >= or > between them: "fp < tp".',
        )
    left, sign, right = found.groups()
    return Condition(text, parse_expression(left), sign, parse_expression(right))


def drawn(draws: Sequence[Draw], dice: Dice) -> dict[str, Fraction]:
    """A number for each letter, in the order of their names, so that moving a line changes nothing."""
    in_order = sorted(draws, key=lambda draw: draw.letter)
    return {draw.letter: Fraction(dice.one_of(draw.values)) for draw in in_order}


def holds(demand: Condition, numbers: Numbers) -> bool:
    """Whether a condition holds of drawn numbers.

    Raises: InputError of a formula that can't be worked out.
    """
    left, right = (
        exact_number(put_in(side, {name: number(value) for name, value in numbers.items()}))
        for side in (demand.left, demand.right)
    )
    return _compared(left, demand.sign, right)


def _compared(left: Fraction, sign: str, right: Fraction) -> bool:
    order = (left > right) - (left < right)
    return (
        order
        in {"<": (-1,), "<=": (-1, 0), "==": (0,), "!=": (-1, 1), ">=": (0, 1), ">": (1,)}[sign]
    )
