"""Numbers with which a question can't be asked: two of its answers coincide, or a hint tells one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from answers.errors import InputError
from answers.expressions.expression import Expression
from answers.expressions.identity import letters_in
from answers.textbook.asked import Asked, Mistake, same_answer
from answers.textbook.formulas import Value, number, put_in
from answers.textbook.giveaway import formulas_in
from answers.textbook.question import Calculation


class RefusedError(Exception):
    """Why other numbers have to be drawn. It never leaves this room."""


def told_apart(found: Asked, asks: Calculation) -> Asked:
    """The question with those values of its mistakes that are no right answer.

    Raises: RefusedError where the usual value of a mistake is right, or another mistake's as well.
    """
    right = (*found.right, *(value for item in found.accepted for value in item.values))
    mistakes = tuple(_without(mistake, right, asks) for mistake in found.mistakes)
    for mistake in mistakes:
        for other in mistakes:
            if other is not mistake and _holds(other.values, mistake.values[0], asks):
                raise RefusedError(f"{mistake.code} and {other.code} coincide")
    return replace(found, mistakes=mistakes)


def _without(mistake: Mistake, right: tuple[Value, ...], asks: Calculation) -> Mistake:
    if not mistake.values:
        raise RefusedError(f"{mistake.code} can't happen")
    if _holds(right, mistake.values[0], asks):
        raise RefusedError(f"{mistake.code} is right")
    wrong = tuple(value for value in mistake.values if not _holds(right, value, asks))
    return replace(mistake, values=wrong)


def _holds(values: tuple[Value, ...], value: Value, asks: Calculation) -> bool:
    return any(same_answer(value, other, asks) for other in values)


def check_hints(found: Asked) -> None:
    """Raises: RefusedError where a hint before the solution, or a mistake's sentence, tells the answer."""
    for name, text in _readable(found):
        if tells(text, found, letters=name != "formula"):
            raise RefusedError(f"{name} tells the answer")


def _readable(found: Asked) -> Iterator[tuple[str, str]]:
    """What may be read before the solution, with what it is called."""
    yield from zip(("nudge", "formula", "step"), found.hints.steps, strict=True)
    for mistake in found.mistakes:
        yield f"the sentence of {mistake.code or mistake.option}", mistake.sentence


def tells(text: str, found: Asked, *, letters: bool = True) -> bool:
    """Whether a text contains the right answer, in any form.

    letters: whether the drawn numbers are put into the letters of its formulas; the formula of a
    number may well be told in letters.
    """
    asks = found.question.asks
    if isinstance(asks, Calculation):
        parts = {name: number(value) for name, value in found.numbers} if letters else {}
        names = frozenset({*parts, *(draw.letter for draw in asks.letters)})
        formulas = {put_in(formula, parts) for formula in formulas_in(text, names)}
        return any(_is_right(formula, found, asks) for formula in formulas)
    words = {option.name: option.words.rstrip(".") for option in found.options}
    places = [_place(words[name], text) for name in found.order]
    return -1 not in places and places == sorted(places)


def _place(words: str, text: str) -> int:
    """Where whole words stand in a text; -1 where they don't."""
    found = re.search(rf"(?<!\w){re.escape(words)}(?!\w)", text, re.IGNORECASE)
    return found.start() if found else -1


def _is_right(formula: Expression, found: Asked, asks: Calculation) -> bool:
    """Whether a formula is an answer with one part; sizes are never told by a single formula."""
    single = [value[0] for value in found.right if len(value) == 1]
    known = {draw.letter for draw in asks.letters}
    if not single or not set(letters_in(formula)) <= known:
        return False
    try:
        return any(same_answer((formula,), (value,), asks) for value in single)
    except InputError:
        return False
