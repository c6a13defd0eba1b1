"""The engine's slips against an answer that no listed mistake of a question gives."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from answers.errors import InputError
from answers.expressions.expression import Expression
from answers.expressions.identity import Ranges, exact_number, identical
from answers.misconceptions.recognise import WrongNumber, recognise, wrong_numbers
from answers.misconceptions.slip import Quantity, slips
from answers.network.graph import Network
from answers.textbook.asked import Mistake
from answers.textbook.counting import forms, quantity, read
from answers.textbook.formulas import Counted


def slips_that_give(rule: Counted, parts: tuple[Expression, ...], ranges: Ranges) -> list[Mistake]:
    """Every slip that gives an answer; where there are several, none of them can be named.

    rule: the network with its numbers. parts: the answer, a formula or sizes. ranges: of its
    letters; a formula of a student is compared at points, and never handed to a computer algebra,
    which may take forever.
    """
    known = quantity(rule.take)
    if known is None:
        return []
    network = read(rule.network)
    if not ranges:
        return _of_numbers(known, network, tuple(map(exact_number, parts)))
    return list(_of_formulas(rule, known, network, parts, ranges))


def _of_numbers(known: Quantity, network: Network, numbers: tuple[Fraction, ...]) -> list[Mistake]:
    whole = tuple(item.numerator for item in numbers if item.denominator == 1)
    if len(whole) < len(numbers):
        return []
    found = recognise(known, network, whole if len(whole) > 1 else whole[0])
    codes = [item.slip.code for item in found.slips]
    wrong = wrong_numbers(known, network, codes)
    return [Mistake(code=code, sentence=wrong[code][0].sentence) for code in codes]


def _of_formulas(
    rule: Counted,
    known: Quantity,
    network: Network,
    parts: tuple[Expression, ...],
    ranges: Ranges,
) -> Iterator[Mistake]:
    codes = [slip.code for slip in slips() if known in slip.quantities]
    for code, numbers in wrong_numbers(known, network, codes).items():
        fitting = (item for item in numbers if _gives(rule, item, parts, ranges))
        found = next(fitting, None)
        if found is not None:
            yield Mistake(code=code, sentence=found.sentence)


def _gives(
    rule: Counted, wrong: WrongNumber, parts: tuple[Expression, ...], ranges: Ranges
) -> bool:
    try:
        return any(
            len(form) == len(parts)
            and all(identical(mine, part, ranges) for mine, part in zip(parts, form, strict=True))
            for form in forms(rule.take, wrong.value)
        )
    except InputError:  # a wrong number that is no formula of these letters
        return False
